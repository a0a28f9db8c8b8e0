"""How large a picture may be, and whether its numbers can be read there.

A slide is as wide as a screen of 1,920 pixels, 96 of them an inch; paper has a width in inches. In
both, no number is smaller than 12 pixels, and no other text smaller than 10: a picture where one
would be is wrapped into rows by `draw`, or folded further.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import partial
from math import inf, isfinite
from typing import NamedTuple, TypeAlias

from autograd.draw.arguments import Direction
from autograd.draw.dot.pictures import unscaled
from autograd.draw.dot.styles import SIZE
from autograd.draw.picture import Drawing
from autograd.draw.scene.limits import Limits
from autograd.draw.scene.parts import Scene
from autograd.draw.scene.ranks import length_of
from autograd.number import describe, is_number

Size: TypeAlias = str | float | None
"""A shape such as `"16:9"`, a width in inches, or any size."""

PIXELS = 96  # an inch, as in CSS
POINTS = 72  # an inch
SLIDE = 1920  # pixels: the width of a slide
ROW = SLIDE / PIXELS  # inches: the longest row of a picture of any size
LEAST = 12  # pixels: the height of a number, alone or in a formula
LEAST_OF_WORDS = 10  # of other texts
SHARES = (SIZE / POINTS * PIXELS / LEAST, 1.1)  # of the room: the longest rows, if estimated well
PAPER = 2**0.5  # the height of a page of its width 1
LARGE = 14.0  # points: a picture without texts
TEXT = re.compile(r'<text [^>]*font-size="([0-9.]+)"[^>]*>([^<]*)')
DIGIT = re.compile(r"\d")
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


class Readable(NamedTuple):
    """How small the texts of a picture are, in the room there is.

    Attributes:
        pixels: the height of its smallest number.
        width: how much wider the picture could be, as a factor, until a text is too small.
        height: how much higher.
    """

    pixels: float
    width: float
    height: float

    @staticmethod
    def of(drawing: Drawing, room: Room) -> Readable:
        """Measure a picture."""
        svg = drawing.render("svg")
        width, height = unscaled(svg)
        sizes = [
            (float(found[1]), LEAST if DIGIT.search(found[2]) else LEAST_OF_WORDS)
            for found in TEXT.finditer(svg.decode())
        ]
        points = min((size * LEAST / least for size, least in sizes), default=LARGE)
        pixels = points / POINTS * PIXELS
        across, down = room.width / width, room.height / height
        enlarged = pixels / LEAST
        return Readable(pixels * min(1.0, across, down), across * enlarged, down * enlarged)


def fitted(
    drawn: Callable[[Limits, float], tuple[Scene, Drawing]],
    most: int,
    room: Room,
    direction: Direction,
    detail: str,
) -> Drawing:
    """The finest drawing whose texts are not too small in the room there is, in rows if need be.

    Args:
        drawn: makes a drawing within some limits, with rows of at most so many inches, and tells
            what is in it.
        most: the number of nodes to begin with.
        room: for the picture.
        direction: of the picture.
        detail: that was asked for, for the warning.

    Raises:
        RenderError: Graphviz is missing, or failed.
    """
    limits = Limits.of(most)
    scene, drawing = drawn(limits, inf)
    while (readable := Readable.of(drawing, room)).pixels < LEAST:
        nodes, length = len(scene.nodes), length_of(scene)
        along, across = readable.width, readable.height
        if direction in ("TB", "BT"):
            along, across = across, along
        if along < 1 and (in_rows := _wrapped(partial(drawn, limits), room, direction)):
            return in_rows
        shorter = Limits(limits.nodes, _smaller(length, along))
        fewer = Limits(_smaller(nodes, min(along, across)), min(limits.length, length))
        for limits in (shorter, fewer) if along <= across else (fewer, shorter):
            coarser, smaller = drawn(limits, inf)
            if len(coarser.nodes) < nodes or length_of(coarser) < length:
                scene, drawing = coarser, smaller
                break
        else:
            advice = [f'direction="{"TB" if direction in ("LR", "RL") else "LR"}"']
            advice += ['detail="auto"'] * (detail != "auto") or ["a larger size"]
            warnings.warn(
                f"draw: numbers are {readable.pixels:.3g} pixels high in place of {LEAST} in this"
                f" size, and the picture cannot be folded further ({' or '.join(advice)} may help)",
                stacklevel=3,
            )
            break
    return drawing


def _wrapped(
    drawn: Callable[[float], tuple[Scene, Drawing]], room: Room, direction: Direction
) -> Drawing | None:
    """The drawing in rows whose texts are not too small, if there is one.

    Without a height, the picture may be as high as a page of paper.
    """
    page = Room(room.width, min(room.height, room.width * PAPER))
    along = page.width if direction in ("LR", "RL") else page.height
    for share in SHARES:
        _, drawing = drawn(along * share)
        if Readable.of(drawing, page).pixels >= LEAST:
            return drawing
    return None


def _smaller(count: int, factor: float) -> int:
    """A smaller number, on the way to one that is so many times smaller."""
    return max(1, min(count - 1, round(count * (1 + min(factor, 1.0)) / 2)))
