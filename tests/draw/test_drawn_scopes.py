"""Recorded scopes as boxes: what a drawing knows, it does not guess."""

import builtins
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, dot, mean, record_scopes, scope, softmax, tanh
from autograd import sum as total
from autograd.draw import draw
from autograd.draw.page.frames import Frame
from autograd.draw.page.page_data import page_data
from autograd.draw.scene.graph_rewrites import gather_sums, unfold_dots
from autograd.draw.scene.numbers import numbers_of_backward
from autograd.draw.scene.parts import NumberNode, OperationNode, UnitNode, ValueNode
from autograd.draw.scene.plan import Plan, plan
from autograd.graph import topological_order
from nn import MLP, GRUCell, Layer, LSTMCell, Module, RNNCell
from tests.draw.scenes import assert_sound

DETAILS = ["nodes", "neurons", "layers"]


class Attention(Module):
    """One head of attention from the last row to all rows."""

    def __init__(self) -> None:
        self.query, self.key, self.value = (
            Layer(2, 2, nonlin=False, bias=False, rng=seed) for seed in range(3)
        )

    def __call__(self, rows: Sequence[Sequence[float]]) -> list[Value]:
        query = self.query(rows[-1])
        with scope("scores"):
            scores = [dot(query, self.key(row)) for row in rows]
        with scope("weights"):
            weights = softmax(scores)
        values = [self.value(row) for row in rows]
        with scope("mixture"):
            return [dot(weights, column) for column in zip(*values, strict=True)]


ROWS = [[1.0, 0.5], [-0.5, 2.0]]


def recorded(function: Callable[[], Any], **options: Any) -> Plan:
    with record_scopes() as scopes:
        found = function()
    values = [found] if isinstance(found, Value) else list(found)
    made = plan(values, scopes=scopes.of, **options)
    assert_sound(made)
    return made


def boxes_of(made: Plan) -> set[tuple[str, ...]]:
    """The titles of each box and of those around it, from the outside in."""
    titles: dict[str, tuple[str, ...]] = {}
    for box in made.scene.boxes:
        around = titles[box.parent] if box.parent else ()
        titles[box.name] = (*around, f"{box.title} {box.use}".strip())
    return set(titles.values())


# The guess and the record agree where the guess can know


def networks(least: int, activations: list[str]) -> st.SearchStrategy[MLP]:
    return st.builds(
        MLP,
        st.integers(1, 3),
        st.lists(st.integers(least, 3), min_size=1, max_size=3),
        activation=st.sampled_from(activations),
        output_activation=st.sampled_from(["identity", "sigmoid"]),
        bias=st.booleans(),
        rng=st.integers(0, 9),
    )


NETWORKS = networks(1, ["tanh", "relu", "silu"]) | networks(2, ["softmax"])
"""The softmax of a single neuron could be that neuron's, or what the layer does with it."""


@given(NETWORKS, st.integers(1, 3), st.sampled_from(DETAILS), st.booleans(), st.booleans())
def test_networks_are_drawn_as_without_recording(
    network: MLP, samples: int, detail: str, unfold: bool, penalty: bool
) -> None:
    nin = len(network.layers[0].neurons[0].weights)

    def loss() -> Value:
        outputs = (network([n + 0.5 * k for k in range(nin)]) for n in range(samples))
        rows = [[y] if isinstance(y, Value) else y for y in outputs]
        total = mean([builtins.sum((y - 1.0) ** 2 for y in row) for row in rows])
        squares = builtins.sum(p * p for p in network.parameters())
        return total + 0.1 * squares if penalty else total

    with record_scopes() as scopes:
        value = loss()
    known = plan([value], detail=detail, unfold=unfold, scopes=scopes.of)
    assert known.scene == plan([value], network, detail, unfold).scene
    assert known.scene == plan([value], network, detail, unfold, scopes=scopes.of).scene


# What only a record can know


def test_scopes_are_boxes_in_each_other() -> None:
    made = recorded(lambda: Attention()(ROWS), detail="nodes")
    keys = [("scores", f"key {k} of 2") for k in (1, 2)]
    layers = [("query",), *keys, *((f"value {k} of 2",) for k in (1, 2))]
    neurons = [(*box, f"{box[-1].split()[0]}.neurons.{n}") for box in layers for n in (0, 1)]
    blocks = [("scores",), ("weights",), ("mixture",)]
    assert boxes_of(made) == {*layers, *neurons, *blocks}
    names = {box.name: box.title for box in made.scene.boxes}
    parameters = {
        n.path: names[n.box]
        for n in made.scene.nodes
        if isinstance(n, ValueNode) and n.path and n.box
    }
    assert parameters["query.neurons.0.weights.1"] == "query.neurons.0"
    assert parameters["key.neurons.0.weights.1"] == "scores"  # both of its uses are in there


@pytest.mark.parametrize("detail", DETAILS[1:])
def test_scopes_fold(detail: str) -> None:
    made = recorded(lambda: Attention()(ROWS), detail=detail)
    units = {n.title: (n.repeats, n.lines) for n in made.scene.nodes if isinstance(n, UnitNode)}
    assert units["mixture"] == (1, ("dot",))
    assert units["weights"] == (1, ("sub, exp, sum, div",))
    if detail == "layers":
        assert units["key"] == (2, ("2 neurons, 4 parameters", "dot"))
    else:
        assert units["key.neurons.1"] == (2, ("2 parameters", "dot"))


def test_an_equal_computation_in_another_scope_is_another_box() -> None:
    x = Value(2.0)

    def two() -> Value:
        with scope("a"):
            a = x.exp() * 2.0
        with scope("b"):
            b = x.exp() * 2.0
        return a - b

    for detail in DETAILS[1:]:
        made = recorded(two, detail=detail)
        assert [n.title for n in made.scene.nodes if isinstance(n, UnitNode)] == ["a", "b"]


def test_runs_of_one_scope_are_numbered_or_drawn_once() -> None:
    def samples() -> Value:
        losses = []
        for x in (1.0, 2.0, 3.0):
            with scope("loss"):
                losses.append((Value(x) - 1.0) ** 2)
        return mean(losses)

    boxes = boxes_of(recorded(samples, detail="nodes"))
    assert boxes == {(f"loss {n} of 3",) for n in (1, 2, 3)}
    [unit] = [n for n in recorded(samples, detail="neurons").scene.nodes if isinstance(n, UnitNode)]
    assert (unit.title, unit.repeats) == ("loss", 3)


def test_modules_called_side_by_side_have_their_classes_as_names() -> None:
    first, second, network = Layer(1, 2, rng=0), Layer(2, 1, rng=1), MLP(1, [1], rng=2)
    made = recorded(lambda: second(first([1.0])) + network([2.0]), detail="nodes")
    titles = boxes_of(made)
    assert {("Layer 1",), ("Layer 2",), ("MLP",), ("MLP", "MLP.layers.0")} <= titles
    assert "Layer 1.neurons.0.bias" in {
        n.path for n in made.scene.nodes if isinstance(n, ValueNode)
    }


def test_the_model_given_names_the_modules_that_were_called() -> None:
    class Pair(Module):
        def __init__(self) -> None:
            self.parts = {"left": Layer(1, 2, rng=0), "right": Layer(1, 2, rng=1)}

    pair = Pair()
    other = Layer(4, 1, rng=2)
    made = recorded(
        lambda: other([*pair.parts["left"]([1.0]), *pair.parts["right"]([1.0])]),
        model=pair,
        detail="nodes",
    )
    titles = boxes_of(made)
    assert {("parts.left",), ("parts.right",), ("Layer",)} <= titles
    assert ("parts.left", "parts.left.neurons.1") in titles


def test_modules_of_one_shape_are_not_one() -> None:
    layers = [Layer(1, 2, rng=seed) for seed in (0, 1)]
    for detail in DETAILS:
        made = recorded(lambda: [y for layer in layers for y in layer([1.0])], detail=detail)
        titles = {node.title for node in made.scene.nodes if isinstance(node, UnitNode)}
        titles |= {box.title for box in made.scene.boxes}
        assert {"Layer 1", "Layer 2"} <= titles
        assert all(n.repeats == 1 for n in made.scene.nodes if isinstance(n, UnitNode))


def test_a_graph_built_without_recording_is_guessed() -> None:
    network = MLP(2, [2, 1], rng=0)
    with record_scopes() as scopes:
        network([1.0, 0.0])
    other = network([1.0, 0.0])
    options: dict[str, Any] = {"model": network, "detail": "nodes"}
    assert plan([other], scopes=scopes.of, **options).scene == plan([other], **options).scene


# Rewrites carry scopes across


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1, max_size=4),
    st.booleans(),
)
def test_rewrites_carry_scopes_across(blocks: list[list[int]], unfold: bool) -> None:
    x = [Value(float(k)) for k in range(1, 4)]

    def operations() -> Value:
        total = x[0]
        for number, kinds in enumerate(blocks):
            with scope(f"part {number}"):
                for kind in kinds:
                    total = [
                        lambda t: t + x[1],
                        lambda t: t + x[1] + x[2] + 1.0,
                        lambda t: dot([t, x[2]], x[:2]),
                        lambda t: t * x[1],
                    ][kind](total)
        return total

    with record_scopes() as found:
        root = operations()
    scopes = dict(found.of)
    roots: Sequence[Value] = [root]
    if unfold:
        roots = unfold_dots(roots, scopes)
    roots = gather_sums(roots, {}, scopes)
    assert roots[0].data == pytest.approx(root.data)
    order = topological_order(*roots)
    results = [v for v in order if v.primitive is not None]
    assert {scopes[v] for v in results} == set(found.of.values())
    for value in results:  # the parts follow each other
        for operand in value.operands:
            if isinstance(operand, Value) and operand.primitive is not None:
                step = int(scopes[value].name[5:]) - int(scopes[operand].name[5:])
                assert step in (0, 1)


def test_sums_stay_in_their_scopes() -> None:
    x = [Value(float(k)) for k in range(4)]

    def sums() -> Value:
        with scope("inner"):
            part = x[0] + x[1] + x[2]
        return part + x[3] + 1.0

    made = recorded(sums, detail="neurons")
    [unit] = [n for n in made.scene.nodes if isinstance(n, UnitNode)]
    assert (unit.title, unit.lines) == ("inner", ("sum",))
    [outer] = [n for n in made.scene.nodes if isinstance(n, OperationNode)]
    edges = [edge for edge in made.scene.edges if edge.head == outer.name]
    assert {edge.tail for edge in edges} > {unit.name}
    assert sum(len(edge.members) for edge in edges) == 3


# `draw`


def test_draw_of_a_function_shows_its_scopes() -> None:
    network = MLP(2, [2, 1], rng=0)

    def loss() -> Value:
        y = network([1.0, 0.0])
        with scope("squared error"):
            value = (y - 1.0) ** 2
        value.backward()
        return value

    source = draw(loss).source
    assert "squared error" in source
    assert "layers.0" in source
    with record_scopes() as scopes:
        value = loss()
    again = draw(value, scopes=scopes).source
    boxes = [len(re.findall("subgraph cluster_(?!row)", one)) for one in (again, source)]
    assert boxes == [6, 6]
    assert draw(value, loss, scopes=scopes).source.count("=<squared error") == 2
    assert "squared error" not in draw(value, model=network).source


def test_a_page_folds_scopes() -> None:
    made = recorded(lambda: Attention()(ROWS), detail="nodes")
    order = made.structure.order
    numbers = numbers_of_backward(order, *(order[i] for i in made.outputs))
    frame = Frame.of(made.scene, numbers)
    data = page_data(made.scene, [frame], title="", direction="LR", precision=4)
    titles = [box["title"] for box in data["boxes"]]
    [scores] = [b for b, title in enumerate(titles) if title == "scores"]
    inside = [node for node in data["nodes"] if node["box"] == scores]
    assert [node["symbol"] for node in inside if node["kind"] == "operation"] == ["dot", "dot"]
    assert [box["parent"] for box in data["boxes"] if box["title"] == "key"] == [scores, scores]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([Value(1.0)], {"scopes": {}}), r"draw: scopes must be what record_scopes\(\) gives"),
        (([Value(1.0)], {"scopes": record_scopes}), r"with record_scopes\(\) as scopes"),
        (([MLP(1, [1], rng=0)], {}), r"draw\(lambda: model\(row\)\), or draw_model\(model\)"),
        (([lambda: 3.0], {}), "draw: expected Values, got float 3.0"),
    ],
)
def test_what_is_not_drawn(arguments: tuple[list[Any], dict[str, Any]], message: str) -> None:
    values, options = arguments
    with pytest.raises(TypeError, match=message):
        draw(*values, **options)


# Loops of scopes


NAMES = ["step", "step {}", "{}", "t={}.5", "block[{}]", "layer {} of 40"]


def looped(name: str, turns: int, inner: bool = False) -> Callable[[], Value]:
    def compute() -> Value:
        w, h = Value(0.5, "w"), Value(1.0, "x")
        for i in range(turns):
            with scope(name.format(i)):
                if inner:
                    with scope("product"):
                        h = w * h
                    with scope("rest"):
                        h = tanh(h + 0.1)
                else:
                    h = tanh(w * h + 0.1)
        h.label = "h"
        return h

    return compute


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("turns", [35, 70])
@pytest.mark.parametrize("inner", [False, True])
def test_turns_whose_scopes_differ_in_digits_are_one_step(
    name: str, turns: int, inner: bool
) -> None:
    made = recorded(looped(name, turns, inner))
    units = [(n.title, n.repeats) for n in made.scene.nodes if isinstance(n, UnitNode)]
    titles = {"t={}.5": "t", "block[{}]": "block", "layer {} of 40": "layer of"}
    assert units == [(titles.get(name, "step"), turns - 1)]
    assert name.format(turns - 1) in [box.title for box in made.scene.boxes]  # can be opened
    labels = {n.label for n in made.scene.nodes if isinstance(n, ValueNode)}
    assert {"w", "x", "h"} <= labels


def test_turns_of_scopes_begin_where_the_scopes_do() -> None:
    """Though as many results go on from each operation."""
    made = recorded(looped("step {}", 30))
    [unit] = [n for n in made.scene.nodes if isinstance(n, UnitNode)]
    assert len(unit.members) + len(unit.inside) == 3 * 29
    [box] = made.scene.boxes
    assert sum(n.box == box.name for n in made.scene.nodes if isinstance(n, OperationNode)) == 3


def test_scopes_of_other_names_are_no_turns() -> None:
    def compute() -> Value:
        h = Value(1.0, "x")
        for k in range(20):
            with scope("abcdefghijklmnopqrst"[k]):
                h = tanh(h * 0.5 + 0.1)
        return h

    made = recorded(compute)
    titles = {n.title for n in made.scene.nodes if isinstance(n, UnitNode)}
    assert titles == set("abcdefghijklmnopqrst")


CELLS = (RNNCell, LSTMCell, GRUCell)


def unrolled(cell: Any, steps: int) -> Value:
    """The last output of a cell that is called once for each step."""
    state: Any = None
    for k in range(steps):
        state = cell([0.1 * k - 0.3, 0.7]) if state is None else cell([0.1 * k - 0.3, 0.7], state)
    return total(state[0] if isinstance(state, tuple) else state)


@pytest.mark.parametrize("cell", CELLS)
def test_each_call_of_a_cell_is_a_box_with_its_inputs(cell: Any) -> None:
    made = cell(2, 3, rng=0)
    with record_scopes() as scopes:
        out = unrolled(made, 4)
    scene = plan([out], made, detail="neurons", scopes=scopes.of).scene
    calls = [node for node in scene.nodes if isinstance(node, UnitNode)]
    assert [node.title for node in calls] == [cell.__name__] * 4
    inputs = [node for node in scene.nodes if isinstance(node, NumberNode)]
    assert len(inputs) >= 2 * 4
    for call in calls[1:]:  # the first reads a state of plain numbers too
        read = {edge.tail for edge in scene.edges if edge.head == call.name}
        assert len(read & {node.name for node in inputs}) == 2


def test_a_module_that_is_called_once_has_no_box() -> None:
    cell = RNNCell(2, 3, rng=0)
    with record_scopes() as scopes:
        out = unrolled(cell, 1)
    assert plan([out], cell, detail="nodes", scopes=scopes.of).scene.boxes == ()


def test_many_calls_of_a_cell_are_one_loop() -> None:
    cell = LSTMCell(2, 2, rng=0)
    with record_scopes() as scopes:
        out = unrolled(cell, 40)
    units = [node for node in plan([out], cell, scopes=scopes.of).scene.nodes
             if isinstance(node, UnitNode)]  # fmt: skip
    assert max(node.turns for node in units) > 30
    assert {node.title for node in units} == {"LSTMCell"}
