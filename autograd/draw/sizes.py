"""How large a picture may be, and whether its numbers can be read there.

A slide is as wide as a screen of 1,920 pixels, 96 of them an inch; paper has a width in inches. In
both, no number is smaller than 12 pixels: a picture that would be is folded further by `draw`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from math import inf, isfinite
from typing import NamedTuple, TypeAlias

from autograd.draw.dot.render import whole_inches
from autograd.draw.dot.styles import NODE
from autograd.draw.picture import Drawing
from autograd.number import describe, is_number

Size: TypeAlias = str | float | None
"""A shape such as `"16:9"`, a width in inches, or any size."""

PIXELS = 96  # an inch, as in CSS
POINTS = 72  # an inch
SLIDE = 1920  # pixels: the width of a slide
LEAST = 12  # pixels: the height of a number
SHAPE = re.compile(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)", re.ASCII)


class Room(NamedTuple):
    """The largest width and height of a picture, in inches."""

    width: float = inf
    height: float = inf


def room_of(name: str, size: Size) -> Room:
    """The room that a size leaves, checked; errors name it.

    >>> room_of("draw: size", "16:9"), room_of("draw: size", 6.5)
    (Room(width=20.0, height=11.25), Room(width=6.5, height=inf))
    >>> room_of("draw: size", "large")
    Traceback (most recent call last):
    ValueError: draw: size must be a shape such as '16:9', or a width in inches, got 'large'
    """
    if size is None:
        return Room()
    if isinstance(size, str):
        if (shape := SHAPE.fullmatch(size)) and all(
            0 < float(side) < inf for side in shape.groups()
        ):
            width = SLIDE / PIXELS
            return Room(width, width * float(shape[2]) / float(shape[1]))
    elif not is_number(size) or isinstance(size, bool):
        raise TypeError(
            f"{name} must be a shape such as '16:9', or a width in inches, got {describe(size)}"
        )
    elif isfinite(size) and size > 0:
        return Room(float(size))
    raise ValueError(f"{name} must be a shape such as '16:9', or a width in inches, got {size!r}")


def fitted(drawn: Callable[[int], tuple[int, Drawing]], most: int, room: Room) -> Drawing:
    """The finest drawing whose numbers are not too small in the room there is.

    Args:
        drawn: makes a drawing of at most so many nodes, and tells how many it has.
        most: the number of nodes to begin with.
        room: for the picture.

    Raises:
        RenderError: Graphviz is missing, or failed.
    """
    nodes, drawing = drawn(most)
    while (pixels := _pixels_of_numbers(drawing.source, room)) < LEAST:
        fewer, coarser = drawn(max(1, min(nodes - 1, int(nodes * pixels / LEAST))))
        if fewer >= nodes:
            warnings.warn(
                f"draw: numbers are {pixels:.3g} pixels high in place of {LEAST} in this size, and"
                ' the picture cannot be folded further (direction="TB" or detail="auto" may help)',
                stacklevel=3,
            )
            break
        nodes, drawing = fewer, coarser
    return drawing


def _pixels_of_numbers(source: str, room: Room) -> float:
    """The height of the numbers of a picture that is scaled down to the room there is."""
    width, height = whole_inches(source)
    scale = min(1.0, room.width / width, room.height / height)
    return float(NODE["fontsize"]) / POINTS * PIXELS * scale
