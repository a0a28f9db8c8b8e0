"""`draw`: from Values to the `Drawing` of their graph."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import inf
from typing import Any, get_args

from autograd.draw.arguments import Direction, check_computes, digits, integer, one_of
from autograd.draw.dot.lengths import lengths_of
from autograd.draw.dot.writer import to_dot
from autograd.draw.picture import Drawing
from autograd.draw.scene.changes import CHANGED, change_in
from autograd.draw.scene.joined import joined
from autograd.draw.scene.limits import Limits
from autograd.draw.scene.numbers import (
    Numbers,
    Reading,
    measure,
    numbers_now,
)
from autograd.draw.scene.parts import NumberNode, Scene
from autograd.draw.scene.plan import MAX_NODES, Choice, Plan, Planner
from autograd.draw.scene.wrapping import fitted_cuts, wrapped
from autograd.draw.sizes import ROW, Size, fitted, room_of
from autograd.graph import topological_order
from autograd.number import as_flag, describe
from autograd.scopes import Scope, Scopes, is_module, record_scopes
from autograd.text import called
from autograd.value import Value


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
    size: Size = None,
) -> Drawing:
    """Draw the graph that the values were computed by, with its current numbers.

    An operation is in the node of its result (in a page, a circle before it); inputs, parameters,
    constants, intermediate Values and outputs (the values given here) differ in shape and colour,
    which `legend` explains. Where the order of operands matters, the edges are numbered. In SVG,
    the tooltip of a node has its full label and all digits of its numbers.

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
      all are more, the turns of a loop become one step, with their count and the last one beside
      it; then operations without a label become formulas of what has one. Labels, inputs,
      parameters and outputs stay; only names that differ in their digits, `h1` and `h2`, may share
      a node. If that is still more, or there are over a million operands, a summary: at most a
      dozen consecutive stretches of the graph, with the operations in each, and labels as long as
      there is room. Turns and parts that are alike are folded as well where half of `max_nodes`
      would be in a row, or side by side; those whose scopes have names that differ in their digits,
      `step 1` and `step 2`, are of one loop.

    A picture from left to right, or back, that would be longer than 20 inches (1,920 pixels) is
    wrapped into *rows* like a text; the page is not. Where an edge is cut, both ends have the same
    number in a dark field, and the second says what comes from there.

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
        max_nodes: the largest number of nodes that `detail="auto"` may draw in a picture. (A
            summary has at least four, which show leaves, a stretch and the outputs.)
        legend: explain the shapes and colours beside the graph.
        size: of the picture: `"16:9"`, or another shape, for a slide that is 1,920 pixels wide; or
            the largest width in inches. Numbers are at least 12 pixels high there, 96 pixels an
            inch, and all other text 10: the graph is wrapped into rows if need be (at a width in
            inches no higher than a page of paper), else, with `detail="auto"`, folded; a warning
            tells if that is not enough.

    Returns:
        The drawing. In a notebook it shows itself; elsewhere, `save` or `show` it.

    Warns:
        RuntimeWarning: numbers have changed since the graph was computed from them, as by the step
            of an optimiser: what is drawn mixes two moments.

    Raises:
        ValueError: there are no values, or `detail`, `direction`, `precision`, `max_nodes` or
            `size` is not one of these.
        RenderError: a size is given, and Graphviz is missing, or failed.
        TypeError: something given is not a Value and computes none, the model has no
            `named_parameters`, `scopes` are none, `precision` or `max_nodes` is not an integer,
            `unfold`, `gradients` or `legend` is not true or false, `size` is something else, or a
            label is not a string.

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
    gradients, legend = as_flag(gradients, "draw: gradients"), as_flag(legend, "draw: legend")
    room = room_of("draw: size", size)
    outputs, known = _computed(values, scopes)
    most = integer("draw: max_nodes", max_nodes, 1)
    planner = Planner.of(outputs, model, detail, unfold, "draw", known)
    if change := change_in(topological_order(*outputs)):
        warnings.warn(
            f"draw: {CHANGED}: {change}. What is drawn mixes two moments: draw before the step of"
            " the optimiser, or compute it again",
            RuntimeWarning,
            stacklevel=2,
        )

    known_numbers: dict[tuple[int, bool], tuple[Numbers, Numbers]] = {}

    def read(made: Plan) -> tuple[Numbers, Numbers]:
        """The numbers of a backward pass, and those that there are now."""
        key = id(made.structure), made.has_backward
        if key not in known_numbers:
            order = made.structure.order
            of_page = made.numbers(order)
            now = numbers_now(order, of_page) if made.has_backward else of_page
            known_numbers[key] = of_page, now
        return known_numbers[key]

    options = {"direction": direction, "gradients": gradients, "legend": legend, "size": room}

    def drawn(limits: Limits, row: float) -> tuple[Callable[[], Scene], Drawing]:
        """What is in a picture, and the drawing."""
        made = planner.plan(limits)
        of_page, now = read(made)
        reading = measure(made.scene, now)
        shown = direction, precision, gradients
        picture = partial(_picture, made.scene, reading, now, row, *shown)
        source = partial(_source, picture, now, precision, **options)
        labels = [x.label.replace("\n", " ") for x in outputs if called(x.label)]
        title = ", ".join(labels) or "Computation graph"
        page = partial(_page, made, outputs, of_page, reading, title, direction, precision, change)
        return picture, Drawing(source, page)

    if size is None:
        return drawn(Limits.of(most), ROW if direction in ("LR", "RL") else inf)[1]

    def pictured(limits: Limits, row: float) -> tuple[Scene, Drawing]:
        picture, drawing = drawn(limits, row)
        return picture(), drawing

    return fitted(pictured, most, room, direction, detail)


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
            check_computes("draw", value)
            with record_scopes() as found:
                value = value()
            known |= found.of
        computed.append(value)
    return computed, known


def _written(scene: Scene, reading: Reading, precision: int) -> dict[str, str]:
    """The plain numbers that a picture shows, by the names of their nodes; no ranges."""
    return {
        node.name: f"{numbers.data.low:.{precision}g}"
        for node, numbers in zip(scene.nodes, reading.nodes, strict=True)
        if isinstance(node, NumberNode) and numbers.data and numbers.data.low == numbers.data.high
    }


def _picture(
    scene: Scene,
    reading: Reading,
    now: Numbers,
    row: float,
    direction: Direction,
    precision: int,
    gradients: bool,
) -> Scene:
    """What is in a picture, where an operation is in the node of its result, in rows."""
    scene = joined(scene, _written(scene, reading, precision))
    lengths = lengths_of(scene, measure(scene, now), direction, precision, gradients)
    return wrapped(scene, fitted_cuts(scene, lengths, row))


def _source(picture: Callable[[], Scene], now: Numbers, precision: int, **options: Any) -> str:
    """The picture in DOT, which takes as long to write as a page, where nobody asks for it."""
    scene = picture()
    return to_dot(scene, measure(scene, now), precision=precision, **options)


def _page(
    made: Plan,
    outputs: Sequence[Value],
    numbers: Numbers,
    now: Reading,
    title: str,
    direction: Direction,
    precision: int,
    change: str | None,
) -> str:
    from autograd.draw.page.frames import Frame
    from autograd.draw.page.html import page
    from autograd.draw.page.nudges import nudges
    from autograd.draw.page.page_data import page_data
    from autograd.draw.page.parameters import Parameters
    from autograd.draw.page.samples import samples_of

    scene, structure = made.scene, made.structure
    parameters = Parameters(made) if made.has_backward else None
    samples = samples_of(structure, scene)
    frame = Frame.of(scene, numbers, samples=samples, parameters=parameters)
    data = page_data(
        scene,
        [frame],
        title=title,
        direction=direction,
        precision=precision,
        parameters=parameters,
        samples=samples,
        now=now,
        change=change,
        nudges=nudges(scene, structure.order, numbers, outputs),
        has_backward=made.has_backward,
    )
    return page(data)
