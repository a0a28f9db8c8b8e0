"""`draw`, and the `Drawing` it returns: DOT text that can render, save and show itself."""

from __future__ import annotations

import contextlib
import operator
import os
from pathlib import Path
from typing import Any, Final, final, get_args

from autograd.draw.dot import Direction, to_dot
from autograd.draw.render import Format, render
from autograd.draw.scene import scene_of
from autograd.errors import RenderError
from autograd.files import write_whole
from autograd.number import describe
from autograd.value import Value

TEXT_SUFFIXES = (".dot", ".gv")
SUFFIXES = (*TEXT_SUFFIXES, *(f".{format}" for format in get_args(Format)))
MOST_DIGITS = 17  # no float needs more to be told from all others


def draw(
    *values: Value,
    direction: Direction = "LR",
    precision: int = 4,
    gradients: bool = True,
) -> Drawing:
    """Draw everything that the values were made from, as it is now.

    A Value is a record of its label, data and gradient; an operation is a circle; a plain number
    among the operands is a small box without a border. Leaves are blue with square corners, outputs
    (the values given here) orange with a thick border, what lies between is grey. Where the order
    of operands matters, the edges are numbered. In SVG, a node tells its full label and all digits
    of its numbers when pointed at.

    Args:
        values: the outputs, one or more.
        direction: where the computation goes: `"LR"` from left to right, `"RL"`, `"TB"` from top
            to bottom, or `"BT"`.
        precision: how many significant digits to show, from 1 to 17.
        gradients: show the gradients.

    Returns:
        The drawing. In a notebook it shows itself; elsewhere, `save` it.

    Raises:
        ValueError: there are no values, or `direction` or `precision` is none of the above.
        TypeError: something given is not a Value, or `precision` is not an integer.
        RenderError: the package `graphviz` is not installed.

    >>> a = Value(2.0, "a")
    >>> b = a * 3
    >>> c = b * b
    >>> c.backward()
    >>> drawing = draw(c)
    >>> drawing.render("svg")[:5]
    b'<?xml'
    """
    if not values:
        raise ValueError("draw: expected at least one Value, got none")
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"draw: expected Values, got {describe(value)}")
    if direction not in get_args(Direction):
        raise ValueError(
            f"draw: direction must be one of {', '.join(get_args(Direction))}, got {direction!r}"
        )
    try:
        digits = operator.index(precision)
    except TypeError:
        raise TypeError(f"draw: precision must be an integer, got {describe(precision)}") from None
    if not 1 <= digits <= MOST_DIGITS:
        raise ValueError(f"draw: precision must be from 1 to {MOST_DIGITS}, got {digits}")
    return Drawing(
        to_dot(scene_of(*values), direction=direction, precision=digits, gradients=gradients)
    )


@final
class Drawing:
    """A drawing of a graph: `draw` makes it, a notebook shows it.

    Attributes:
        source: the drawing in the DOT language, the input of Graphviz.

    >>> drawing = draw(Value(2.0, "a") + 1)
    >>> drawing.source.startswith("digraph")
    True
    """

    __slots__ = ("source",)

    source: Final[str]

    def __init__(self, source: str) -> None:
        self.source = source

    def __repr__(self) -> str:
        return "<Drawing: a notebook shows it; elsewhere, .save('graph.svg')>"

    def __str__(self) -> str:
        return self.source

    def render(self, format: Format) -> bytes:  # noqa: A002  the word of Graphviz
        """The drawing as a picture.

        Args:
            format: `"svg"`, `"png"` or `"pdf"`.

        Returns:
            The content of a file in that format.

        Raises:
            ValueError: the format is none of the above.
            RenderError: Graphviz is missing, or failed; the message says what to do.

        >>> draw(Value(2.0)).render("png")[1:4]
        b'PNG'
        """
        return render(self.source, format)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to a file, wholly or not at all.

        If it cannot be rendered, its DOT text is saved beside, in a file with the suffix `.dot`.

        Args:
            path: where to. The suffix says the format: `.svg`, `.png` or `.pdf`, or, for the DOT
                text itself, `.dot` or `.gv`.

        Returns:
            The path.

        Raises:
            ValueError: the suffix is none of the above.
            RenderError: Graphviz is missing, or failed; the message says what to do, and where
                the DOT text is.
            OSError: the file cannot be written.

        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     draw(Value(2.0)).save(f"{folder}/graph.svg").name
        'graph.svg'
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(
                f"Drawing.save: the name must end in one of {', '.join(SUFFIXES)},"
                f" got {path.name!r}"
            )
        text = self.source.encode()
        if suffix in TEXT_SUFFIXES:
            return write_whole(path, text)
        try:
            picture = render(self.source, suffix[1:])
        except RenderError as error:
            beside = path.with_suffix(".dot")
            write_whole(beside, text)
            raise RenderError(f"{error}\nThe DOT text is saved in {beside}") from error
        return write_whole(path, picture)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture, or the DOT text if there can be none."""
        bundle = {"text/plain": self.source}
        with contextlib.suppress(RenderError):  # then the text is all there is to show
            bundle["image/svg+xml"] = self.render("svg").decode()
        return bundle
