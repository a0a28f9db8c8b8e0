"""How fine a drawing is."""

import builtins
import random
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import assert_ordered, assert_sound

from autograd import Value, dot, exp
from autograd import sum as total
from autograd.draw.scene.joined import joined
from autograd.draw.scene.numbers import measure, numbers_of_backward
from autograd.draw.scene.parts import Node, NumberNode, OperationNode, Role, UnitNode, ValueNode
from autograd.draw.scene.plan import Plan, plan
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions
from nn import MLP, Layer, Module
from nn.losses import binary_cross_entropy, cross_entropy

DETAILS = ("nodes", "neurons", "layers")
NUMBERS = st.floats(-2, 2)


def rows(count: int, width: int = 2) -> list[list[float]]:
    rng = random.Random(1)
    return [[rng.gauss(0, 1) for _ in range(width)] for _ in range(count)]


def batch_loss(model: MLP, count: int, values: bool = False) -> Value:
    given = [[Value(x) for x in row] if values else row for row in rows(count)]
    loss = builtins.sum((model(row) - 1.0) ** 2 for row in given) / count
    assert isinstance(loss, Value)
    return loss


def of_kind(made: Plan, kind: type[Node]) -> list[Node]:
    return [node for node in made.scene.nodes if isinstance(node, kind)]


def units(made: Plan) -> list[tuple[str, int]]:
    return [(n.title, n.repeats) for n in made.scene.nodes if isinstance(n, UnitNode)]


# What holds of every graph at every detail


@given(
    expressions(smooth=True),
    st.sampled_from(DETAILS),
    st.booleans(),
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=3),
)
def test_every_value_is_drawn_once(
    program: Expression, detail: str, unfold: bool, samples: list[tuple[float, float]]
) -> None:
    w = Value(0.5)
    results = [program(Value(x), w * y) for x, y in samples]
    made = plan([builtins.sum(results)], detail=detail, unfold=unfold)
    assert_sound(made)


@given(expressions(inputs=3, smooth=True), st.integers(1, 60), NUMBERS, NUMBERS)
def test_auto_never_draws_more_nodes_than_it_may(
    program: Expression, most: int, x: float, y: float
) -> None:
    made = plan([program(Value(x), Value(y), Value(1.0))], max_nodes=most)
    assert_ordered(made.scene)
    drawn = len(joined(made.scene).nodes)
    assert drawn <= (max(most, 4) if made.scene.detail == "summary" else most)


@pytest.mark.parametrize(
    ("detail", "unfold", "values"), [*product(DETAILS, (False, True), (False, True))]
)
def test_networks_are_drawn_whole(detail: str, unfold: bool, values: bool) -> None:
    model = MLP(2, [3, 2, 1], activation="tanh", rng=0)
    loss = batch_loss(model, 3, values) + 0.1 * total([p * p for p in model.parameters()])
    assert_sound(plan([loss], model=model, detail=detail, unfold=unfold))
    assert_sound(plan([loss], detail=detail, unfold=unfold))


def test_spans_cover_all_members() -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    loss = batch_loss(model, 20)
    made = plan([loss], model=model, detail="neurons")
    order = made.structure.order
    numbers = numbers_of_backward(order, *(order[i] for i in made.outputs))
    for node, shown in zip(made.scene.nodes, measure(made.scene, numbers).nodes, strict=True):
        if isinstance(node, ValueNode | UnitNode):
            data = [order[i].data for i in node.members]
            assert shown.data == (min(data), max(data))
    assert any(len(n.members) == 20 for n in made.scene.nodes)


# Boxes and inputs


def test_each_neuron_is_a_box_in_the_box_of_its_layer() -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    made = plan([model([0.5, -1.0])], model=model, detail="nodes")
    boxes = {box.name: box for box in made.scene.boxes}
    inner = [box for box in made.scene.boxes if box.parent is not None]
    assert [box.title for box in inner] == [
        "layers.0.neurons.0",
        "layers.0.neurons.1",
        "layers.0.neurons.2",
        "layers.1.neurons.0",
    ]
    assert {boxes[box.parent or ""].title for box in inner} == {"layers.0", "layers.1"}
    for node in made.scene.nodes:
        if isinstance(node, ValueNode) and node.path:
            assert node.box is not None
            assert node.path.startswith(boxes[node.box].title + ".")
    inputs = [n for n in made.scene.nodes if isinstance(n, NumberNode)]
    assert [(n.role, n.box) for n in inputs] == [(Role.INPUT, None)] * 2
    for node in inputs:
        assert len([e for e in made.scene.edges if e.tail == node.name]) == 3


@pytest.mark.parametrize("unfold", [False, True])
def test_inputs_that_are_equal_are_told_apart_by_the_weights_they_meet(unfold: bool) -> None:
    model = MLP(2, [3, 1], rng=0)
    made = plan([model([1.0, 1.0])], model=model, detail="nodes", unfold=unfold)
    assert len(of_kind(made, NumberNode)) == 2


def test_what_comes_after_the_last_layer_is_in_no_box() -> None:
    model = MLP(2, [2], activation="tanh", output_activation="identity", rng=0)
    loss = cross_entropy(model([0.5, 1.0]), 1)
    made = plan([loss], model=model, detail="nodes")
    boxed = {n.symbol for n in made.scene.nodes if isinstance(n, OperationNode) and n.box}
    assert boxed == {"dot", "+"}


def test_an_activation_belongs_to_its_neuron() -> None:
    """One of several steps too, and that of the last layer."""
    model = MLP(1, [2, 1], activation=lambda x: x * exp(x), output_activation="tanh", rng=0)
    made = plan([model([1.0])], model=model, detail="neurons")
    assert {n.lines for n in made.scene.nodes if isinstance(n, UnitNode)} == {
        ("2 parameters", "dot, add, exp, mul"),
        ("3 parameters", "dot, add, tanh"),
    }


def test_an_activation_of_the_whole_layer_belongs_to_the_layer() -> None:
    model = MLP(2, [3, 1], activation="softmax", rng=0)
    made = plan([model([0.5, 1.0])], model=model, detail="neurons")
    boxes = {box.name: box.title for box in made.scene.boxes}
    soft = [n for n in made.scene.nodes if isinstance(n, OperationNode)]
    assert {n.symbol for n in soft} == {"-", "exp", "sum", "/"}
    assert {boxes[n.box or ""] for n in soft} == {"layers.0"}
    folded = plan([model([0.5, 1.0])], model=model, detail="layers")
    assert units(folded) == [("layers.0", 1), ("layers.1", 1)]
    assert not of_kind(folded, OperationNode)


# Batches and repeated use


@pytest.mark.parametrize("values", [False, True])
def test_a_batch_is_drawn_once(values: bool) -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    made = plan([batch_loss(model, 50, values)], model=model, detail="neurons")
    neurons = [f"layers.0.neurons.{i}" for i in range(3)]
    assert sorted(units(made)) == [*((name, 50) for name in neurons), ("layers.1.neurons.0", 50)]
    leaves = [n for n in made.scene.nodes if isinstance(n, NumberNode | ValueNode)]
    inputs = [n for n in leaves if n.role is Role.INPUT]
    assert [len(n.members) for n in inputs] == [50, 50]
    for node in inputs:
        edges = [e for e in made.scene.edges if e.tail == node.name]
        assert [len(e.members) for e in edges] == [50] * 3
    assert {len(n.members) for n in of_kind(made, OperationNode)} == {50, 1}


def test_each_layer_of_a_batch_is_one_unit() -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    made = plan([batch_loss(model, 50)], model=model, detail="layers")
    assert units(made) == [("layers.0", 50), ("layers.1", 50)]
    [inputs] = [n for n in of_kind(made, NumberNode) if n.role is Role.INPUT]
    assert len(inputs.members) == 100
    [first] = [n for n in made.scene.nodes if isinstance(n, UnitNode) and n.title == "layers.0"]
    assert first.lines == ("3 neurons, 9 parameters", "dot, add, tanh")
    assert len(first.members) == 150


def test_without_a_model_rows_of_equal_neurons_become_one() -> None:
    model = MLP(2, [16, 16, 1], activation="tanh", rng=0)
    made = plan([batch_loss(model, 30)], detail="layers")
    counts = [len(n.members) for n in of_kind(made, OperationNode)]
    assert counts == [480] * 6 + [30] * 4 + [1, 1]


def test_without_a_model_parameters_are_told_from_inputs() -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    made = plan([batch_loss(model, 30, values=True)], detail="neurons")
    leaves = [n for n in made.scene.nodes if isinstance(n, ValueNode) and n.role is Role.INPUT]
    assert sorted(len(n.members) for n in leaves) == [1] * 13 + [30] * 2


class Recurrent(Module):
    def __init__(self) -> None:
        self.cell = Layer(3, 2, activation="tanh", rng=1)
        self.head = Layer(2, 1, nonlin=False, rng=2)

    def __call__(self, xs: list[float]) -> Value:
        h: list[Value | float] = [0.0, 0.0]
        for x in xs:
            h = self.cell([x, *h])
        result = self.head(h)
        assert isinstance(result, Value)
        return result


@pytest.mark.parametrize("detail", DETAILS)
def test_each_step_of_a_recurrent_network_has_a_box_of_its_own(detail: str) -> None:
    model = Recurrent()
    made = plan([model([0.1, 0.2, 0.3])], model=model, detail=detail)
    assert_sound(made)
    if detail == "layers":
        assert units(made) == [("cell", 1), ("cell", 1), ("cell", 1), ("head", 1)]
    else:
        titles = [box.title for box in made.scene.boxes]
        assert (titles.count("cell"), titles.count("head")) == (3, 1)


def different_losses() -> tuple[Any, Value]:
    model = MLP(2, [3, 1], activation="tanh", output_activation="sigmoid", rng=0)
    return model, binary_cross_entropy([model(row) for row in rows(20)], [0.0, 1.0] * 10)


def outputs_added_before_the_next_output() -> tuple[Any, Value]:
    model = MLP(2, [4, 2], activation="tanh", rng=0)
    outputs = [model(row) for row in rows(3)]
    return model, total([total([row[k] for row in outputs]) ** 2 for k in range(2)])


def equal_samples() -> tuple[Any, Value]:
    model = MLP(2, [1], rng=0)
    return model, total([model([1.0, 2.0]), model([1.0, 2.0])])


def batch_of_sequences() -> tuple[Any, Value]:
    model = Recurrent()
    return model, total([model([x, x + 1]) ** 2 for x in (0.1, 0.2, 0.3)])


class Named:
    def __init__(self, **parameters: Value) -> None:
        self.named_parameters = lambda: [(f"cell.{x}", y) for x, y in parameters.items()]


def linear_recurrence() -> tuple[Any, Value]:
    w, b, h = Value(0.5), Value(1.0), Value(1.0)
    for _ in range(3):
        h = w * h + b
    return Named(w=w, b=b), h


def units_that_would_read_each_other() -> tuple[Any, Value]:
    a, b = Value(1.0), Value(2.0)
    through = exp(Value(3.0) * a)
    return Named(a=a, b=b), (Value(2.0) * a + through * 2) * b + through


def a_dot_product_of_numbers_alone() -> tuple[Any, Value]:
    numbers: list[Any] = [Value(1.0), 2.0]
    return None, dot(numbers, [3.0, 4.0])


@pytest.mark.parametrize(
    ("made", "detail", "expected"),
    [
        (different_losses, "layers", [("layers.0", 20), ("layers.1", 20)]),
        (outputs_added_before_the_next_output, "layers", [("layers.0", 3), ("layers.1", 3)]),
        (equal_samples, "neurons", [("layers.0.neurons.0", 2)]),
        (batch_of_sequences, "layers", [("cell", 3), ("cell", 3), ("head", 3)]),
        (linear_recurrence, "neurons", [("cell", 1)] * 3),
        (units_that_would_read_each_other, "neurons", None),
        (a_dot_product_of_numbers_alone, "nodes", []),
    ],
)
def test_units(made: Callable[[], Any], detail: str, expected: list[tuple[str, int]]) -> None:
    model, loss = made()
    drawn = plan([loss], model=model, detail=detail, unfold=model is None)
    assert_sound(drawn)
    assert expected is None or units(drawn) == expected


@pytest.mark.parametrize("detail", DETAILS)
def test_an_output_is_not_merged_with_what_is_none(detail: str) -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    weights = model.parameters()
    squares = [p * p for p in weights]
    loss = batch_loss(model, 3) + total(squares)
    assert_sound(plan([loss, weights[1], squares[2]], model=model, detail=detail))
    a, b = exp(Value(1.0)), exp(Value(2.0))
    assert_sound(plan([a + b, a], detail=detail))


# Labels and repetition


def test_values_with_different_labels_are_told_apart_until_layers_are_drawn() -> None:
    def loss() -> Value:
        a, b = Value(1.0, "a"), Value(2.0, "b")
        return exp(a) + exp(b)

    named = plan([loss()], detail="neurons")
    labels = [n.label for n in named.scene.nodes if isinstance(n, ValueNode)]
    assert labels == ["a", "", "b", "", ""]
    merged = plan([loss()], detail="layers")
    assert [len(n.members) for n in of_kind(merged, ValueNode)] == [2, 2, 1]


def test_auto_takes_the_finest_detail_that_can_be_read() -> None:
    small, large = MLP(2, [3, 1], rng=0), MLP(2, [16, 16, 1], rng=0)
    assert plan([small([1.0, 2.0])], model=small).scene.detail == "nodes"
    assert plan([batch_loss(small, 10)], model=small).scene.detail == "neurons"
    assert plan([batch_loss(large, 10)], model=large).scene.detail == "layers"
    assert plan([batch_loss(large, 10)], model=large, max_nodes=5).scene.detail == "summary"


def test_order_lists_a_later_graph_for_the_same_scene() -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    first, second = batch_loss(model, 5), batch_loss(model, 5)
    made = plan([first], model=model, unfold=True)
    order = made.order(second)
    assert [v.data for v in order] == [v.data for v in made.structure.order]
    assert order[made.outputs[0]].data == second.data
    with pytest.raises(ValueError, match="another shape: it had"):
        made.order(batch_loss(model, 6))
    with pytest.raises(ValueError, match="another shape"):
        made.order(batch_loss(model, 5) * 1.0)
