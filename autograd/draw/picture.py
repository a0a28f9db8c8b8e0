"""A `Drawing`: DOT text that renders, saves and shows itself."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from itertools import chain, count
from os import R_OK, access
from os.path import lexists
from pathlib import Path
from typing import final, get_args

from autograd.draw.arguments import integer
from autograd.draw.dot.pictures import inline, size_of
from autograd.draw.dot.render import Format, png, render
from autograd.draw.showing import HEIGHT, Cell, framed, show
from autograd.errors import RenderError
from autograd.files import AnyPath, as_path, write_whole
from autograd.number import describe

Bundle = dict[str, str | bytes]
HTML, PNG, SVG = "text/html", "image/png", "image/svg+xml"
SCREEN = 96  # pixels an inch in CSS
SMALLER = 'draw(..., size="16:9")'
TEXT_SUFFIXES = (".dot", ".gv")
PAGE_SUFFIX = ".html"
SUFFIXES = (*TEXT_SUFFIXES, *(f".{format}" for format in get_args(Format)), PAGE_SUFFIX)


@final
class Drawing:
    """A drawing of a graph: `draw` makes it, a notebook shows it.

    Args:
        source: the drawing in the DOT language, or what writes it when it is first asked for.
        page: makes the text of a web page that steps through the graph, if there is one.

    >>> from autograd import Value, draw
    >>> drawing = draw(Value(2.0, "a") + 1)
    >>> drawing.source.startswith("digraph")
    True
    """

    __slots__ = ("_page", "_source", "_svg")

    def __init__(
        self, source: str | Callable[[], str], page: Callable[[], str] | None = None
    ) -> None:
        if not isinstance(source, str) and not callable(source):
            raise TypeError(f"Drawing: expected the text of a graph in DOT, got {describe(source)}")
        if page is not None and not callable(page):
            raise TypeError(f"Drawing: page must be a function, got {describe(page)}")
        self._source = source
        self._page = page
        self._svg = b""  # once it was made

    @property
    def source(self) -> str:
        """The drawing in the DOT language, the input of Graphviz."""
        if not isinstance(self._source, str):
            self._source = self._source()
        return self._source

    @property
    def _smaller(self) -> str:
        """What makes it smaller: only graphs, which have a page, can be folded."""
        return SMALLER if self._page else ""

    def __repr__(self) -> str:
        page = ", .save('graph.html') or .show()" if self._page else " or .show()"
        return f"<Drawing: a notebook shows it; elsewhere, .save('graph.svg'){page}>"

    def __str__(self) -> str:
        return self.source

    def render(self, format: Format) -> bytes:  # noqa: A002  the word of Graphviz
        """The drawing as a picture.

        SVG is light or dark, as its reader prefers. PNG has 192 pixels an inch, twice as many as a
        screen, and says so; it is at most 8,064 pixels wide and high, and a warning tells where
        this is fewer an inch.

        Args:
            format: `"svg"`, `"png"` or `"pdf"`.

        Returns:
            The content of a file in that format.

        Raises:
            ValueError: the format is not one of these.
            RenderError: Graphviz is missing, or failed; the message says what to do.

        >>> from autograd import Value, draw
        >>> draw(Value(2.0)).render("png")[1:4]
        b'PNG'
        """
        if format != "svg":
            return render(self.source, format, self._smaller)
        self._svg = self._svg or render(self.source, format)
        return self._svg

    def save(self, path: AnyPath) -> Path:
        """Write the drawing to a file, all of it or nothing.

        If it cannot be rendered, its DOT text is saved beside it, with the suffix `.dot`,
        or `-2.dot` and so on where another file has that name.

        Args:
            path: the file. Its suffix names the format: `.svg`, `.png` or `.pdf`; `.html` for a web
                page that steps through the graph, in one self-contained file; or `.dot` or `.gv`
                for the DOT text.

        Returns:
            The path.

        Raises:
            ValueError: the suffix is not one of these, or it is `.html` and the drawing is not of
                a graph of Values.
            RenderError: Graphviz is missing, or failed; the message says what to do, and where
                the DOT text is.
            OSError: the file cannot be written.

        >>> from autograd import Value, draw
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     draw(Value(2.0)).save(f"{folder}/graph.svg").name
        'graph.svg'
        """
        path = as_path(path, "Drawing.save")
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(
                f"Drawing.save: the name must end in one of {', '.join(SUFFIXES)},"
                f" got {path.name!r}"
            )
        if suffix == PAGE_SUFFIX:
            if self._page is None:
                raise ValueError(
                    f"Drawing.save: a page steps through a graph of Values, and this"
                    f" drawing is not of one: expected one of {', '.join(SUFFIXES[:-1])},"
                    f" got {path.name!r}"
                )
            return write_whole(path, self._page().encode())
        text = self.source.encode()
        if suffix in TEXT_SUFFIXES:
            return write_whole(path, text)
        try:
            picture = (
                self.render("svg")
                if suffix == ".svg"
                else render(self.source, suffix[1:], self._smaller)
            )
        except RenderError as error:
            beside = write_whole(_free(path.with_suffix(".dot"), text), text)
            raise RenderError(f"{error}\nThe DOT text is saved in {beside}") from error
        return write_whole(path, picture)

    def show(self, *, height: int = HEIGHT) -> None:
        """Show the page that steps through the graph: in a notebook's cell, else in the browser.

        Neither needs Graphviz. A drawing that is not of a graph of Values is shown as a picture.

        Args:
            height: of the page in a notebook, in pixels. It is as wide as the cell.

        Raises:
            RenderError: there is no browser; for a picture, or there is no Graphviz.
            TypeError: the height is not an integer.
            ValueError: it is less than 1.
        """
        height = integer("Drawing.show: height", height, 1)
        if self._page is None:
            show("Drawing.show", "graph.svg", self.render("svg"), self)
        else:
            page = self._page()
            show("Drawing.show", "graph.html", page, Cell(page, repr(self), height))

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> Bundle | tuple[Bundle, dict[str, dict[str, int]]]:
        """What a notebook shows: the picture; without Graphviz, the page and the reason.

        Args:
            include: the MIME types that are wanted; all by default.
            exclude: the MIME types that are not wanted.

        Returns:
            The content of each MIME type; with a PNG, also what is said of it: the width in which
            it has as many inches as the SVG.
        """
        left_out = set(exclude or ())
        kinds = ("text/plain", SVG, PNG, HTML) if include is None else include
        wanted = [kind for kind in kinds if kind not in left_out]
        bundle: Bundle = {}
        said: dict[str, dict[str, int]] = {}
        if "text/plain" in wanted:
            bundle["text/plain"] = repr(self)
        try:
            if SVG in wanted:
                bundle[SVG] = inline(self.render("svg"))
            if PNG in wanted:
                picture, dpi = png(self.source)
                bundle[PNG] = picture
                said[PNG] = {"width": round(size_of(picture)[0] * SCREEN / dpi)}
        except RenderError as error:
            if HTML in wanted:
                bundle[HTML] = self._without_picture(error)
        return (bundle, said) if said else bundle

    def _without_picture(self, error: RenderError) -> str:
        """The reason, and the page."""
        why = f'<pre style="white-space: pre-wrap">{html.escape(str(error))}</pre>'
        return why if self._page is None else why + framed(self._page())


def _free(path: Path, text: bytes) -> Path:
    """This path, or one like it, at which there is nothing yet but perhaps the same text."""
    names = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in count(2))
    return next(
        x
        for x in chain([path], names)
        if not lexists(x) or (x.is_file() and access(x, R_OK) and x.read_bytes() == text)
    )
