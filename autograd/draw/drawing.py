"""`draw`, and the `Drawing` it returns: DOT text that can render, save and show itself."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain, count
from os import R_OK, access
from os.path import lexists
from pathlib import Path
from typing import Any, Final, final, get_args

from autograd.draw.arguments import Direction, digits, one_of
from autograd.draw.dot.pictures import inline, size_of
from autograd.draw.dot.render import Format, png, render
from autograd.draw.dot.writer import to_dot
from autograd.draw.scene.numbers import (
    Numbers,
    measure,
    numbers_now,
    numbers_of_backward,
    numbers_of_values,
)
from autograd.draw.scene.parts import Scene
from autograd.draw.scene.plan import MAX_NODES, Choice, plan
from autograd.draw.showing import HEIGHT, Cell, framed, show
from autograd.errors import RenderError
from autograd.files import AnyPath, as_path, write_whole
from autograd.number import as_integer, describe
from autograd.scopes import Scope, Scopes, is_module, record_scopes
from autograd.value import Value

HTML, PNG, SVG = "text/html", "image/png", "image/svg+xml"
SCREEN = 96  # pixels an inch in CSS
TEXT_SUFFIXES = (".dot", ".gv")
PAGE_SUFFIX = ".html"
SUFFIXES = (*TEXT_SUFFIXES, *(f".{format}" for format in get_args(Format)), PAGE_SUFFIX)


def draw(
    *values: Value | Callable[[], Value],
    model: Any = None,
    scopes: Scopes | None = None,
    detail: Choice = "auto",
    unfold: bool = False,
    direction: Direction = "LR",
    precision: int = 4,
    gradients: bool = True,
    max_nodes: int = MAX_NODES,
    legend: bool = False,
) -> Drawing:
    """Draw the graph that the values were computed by, with its current numbers.

    An operation is a circle; inputs, parameters, constants, intermediate Values and outputs (the
    values given here) differ in shape and colour, which `legend` explains. Where the order of
    operands matters, the edges are numbered. In SVG, the tooltip of a node has its full label and
    all digits of its numbers.

    The *scopes* of a graph are boxes: each call of a module, each block of `autograd.scope`. They
    are known of what is computed in a `record_scopes` block, and by a function given here in place
    of its result. Else boxes are guessed, by the operations that read the parameters of the model.

    The *detail* of a drawing is one of these:

    - `"nodes"`: every Value, operation and number is a node. With a model, parameters have their
      paths, and each neuron and layer is a box; with scopes, each of them.
    - `"neurons"`: parts of the graph with the same shape, such as those of the samples of a batch,
      are drawn once, with their count and the range of their numbers. Each neuron of the model, or
      innermost scope, is one node. Chains of additions are one sum.
    - `"layers"`: each layer of the model is one node, and so are all its inputs; without a model,
      rows of neurons with the same shape are one node.
    - `"auto"`: the finest of these with at most `max_nodes` nodes and twice as many edges. Where
      even layers are more, or there are over a million operands, a summary: at most a dozen
      consecutive stretches of the graph, with the operations in each.

    Plain numbers given to several neurons are drawn as one input if they are the same to the last
    bit in the same use of a layer, or, without a model, in the same row of a dot product.

    Args:
        values: the outputs, one or more: Values, or functions without arguments that compute them.
        model: the owner of the parameters: anything with a method `named_parameters()` that gives
            a path, such as `layers.0.neurons.2.bias`, and a Value for each, as `nn.Module`. By
            default the module that was called, where scopes are known.
        scopes: what `record_scopes` recorded while the values were computed.
        detail: `"nodes"`, `"neurons"`, `"layers"` or `"auto"`.
        unfold: replace each dot product by its products and their sum. (`detail="nodes"` is what
            draws a graph that was folded node by node.)
        direction: where the computation goes: `"LR"` from left to right, `"RL"`, `"TB"` from top
            to bottom, or `"BT"`.
        precision: the number of significant digits to show, from 1 to 17.
        gradients: show the gradients.
        max_nodes: the largest number of nodes that `detail="auto"` may draw. (A summary has at
            least four, which show leaves, a stretch and the outputs.)
        legend: explain the shapes and colours beside the graph.

    Returns:
        The drawing. In a notebook it shows itself; elsewhere, `save` or `show` it.

    Raises:
        ValueError: there are no values, or `detail`, `direction`, `precision` or `max_nodes` is
            not one of these.
        TypeError: something given is not a Value and computes none, the model has no
            `named_parameters`, `scopes` are none, or `precision` or `max_nodes` is not an integer.

    >>> a = Value(2.0, "a")
    >>> b = a * 3
    >>> c = b * b
    >>> c.backward()
    >>> drawing = draw(c)
    >>> drawing.render("svg")[:5]
    b'<?xml'

    >>> from nn import MLP
    >>> network = MLP(2, [3, 1], rng=0)
    >>> drawing = draw(lambda: network([1.0, 0.0]))  # with a box for each neuron and layer
    """
    one_of("draw: direction", direction, get_args(Direction))
    precision = digits("draw: precision", precision)
    outputs, known = _computed(values, scopes)
    made = plan(outputs, model, detail, unfold, max_nodes, scopes=known)
    order = made.structure.order
    if made.scene.detail == "summary":
        now = of_page = numbers_of_values(order)
    else:
        of_page = numbers_of_backward(order, *(order[i] for i in made.outputs))
        now = numbers_now(order, of_page)
    labels = [value.label for value in outputs if value.label]
    source = to_dot(
        made.scene,
        measure(made.scene, now),
        direction=direction,
        precision=precision,
        gradients=gradients,
        legend=legend,
    )
    title = ", ".join(labels) or "Computation graph"
    return Drawing(source, partial(_page, made.scene, of_page, title, direction, precision))


def _computed(
    values: Iterable[Any], scopes: Scopes | None
) -> tuple[list[Value], dict[Value, Scope]]:
    """The values, with those that functions compute, and the scopes of both."""
    if scopes is not None and not isinstance(scopes, Scopes):
        raise TypeError(
            f"draw: scopes must be what record_scopes() gives, got {describe(scopes)}"
            " (with record_scopes() as scopes: loss = ...)"
        )
    known = {} if scopes is None else dict(scopes.of)
    computed = []
    for value in values:
        if is_module(value):
            raise TypeError(
                f"draw: expected a Value or a function without arguments, got {describe(value)}:"
                " write draw(lambda: model(row)), or draw_model(model) for the network itself"
            )
        if callable(value):
            with record_scopes() as found:
                value = value()
            known |= found.of
        computed.append(value)
    return computed, known


def _page(scene: Scene, numbers: Numbers, title: str, direction: Direction, precision: int) -> str:
    from autograd.draw.page.html import Frame, page

    frame = Frame.of(scene, numbers)
    return page(scene, [frame], title=title, direction=direction, precision=precision)


@final
class Drawing:
    """A drawing of a graph: `draw` makes it, a notebook shows it.

    Args:
        source: the drawing in the DOT language.
        page: makes the text of a web page that steps through the graph, if there is one.

    Attributes:
        source: the drawing in the DOT language, the input of Graphviz.

    >>> drawing = draw(Value(2.0, "a") + 1)
    >>> drawing.source.startswith("digraph")
    True
    """

    __slots__ = ("_page", "source")

    source: Final[str]

    def __init__(self, source: str, page: Callable[[], str] | None = None) -> None:
        self.source = source
        self._page = page

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

        >>> draw(Value(2.0)).render("png")[1:4]
        b'PNG'
        """
        return render(self.source, format)

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
            picture = render(self.source, suffix[1:])
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
        height = as_integer(height, "Drawing.show: height", 1)
        if self._page is None:
            show("Drawing.show", "graph.svg", self.render("svg"), self)
        else:
            page = self._page()
            show("Drawing.show", "graph.html", page, Cell(page, repr(self), height))

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, str | bytes], dict[str, dict[str, int]]]:
        """What a notebook shows: the picture; without Graphviz, the page and the reason.

        Args:
            include: the MIME types that are wanted; all by default.
            exclude: the MIME types that are not wanted.

        Returns:
            The content of each MIME type, and what is said of it: the width of the PNG, in which
            it has as many inches as the SVG.
        """
        left_out = set(exclude or ())
        kinds = ("text/plain", SVG, PNG, HTML) if include is None else include
        wanted = [kind for kind in kinds if kind not in left_out]
        bundle: dict[str, str | bytes] = {}
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
        return bundle, said

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
