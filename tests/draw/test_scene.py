"""What a drawing contains."""

import math
from collections.abc import Callable

import pytest

from autograd import Value, dot, maximum, primitive, sum, where
from autograd.draw.scene import ConstantNode, Edge, OperationNode, Role, ValueNode, scene_of


def operands_of(value: Value) -> list[tuple[str, str]]:
    scene = scene_of(value)
    return [(e.tail, e.operand) for e in scene.edges if e.head == scene.edges[-1].tail]


def test_all_of_a_small_graph() -> None:
    a = Value(2.0, "a")
    b = a * 3
    c = b * b
    c.label = "c"
    c.backward()
    scene = scene_of(c)
    assert scene.nodes == (
        ValueNode("n0", Role.LEAF, "a", 2.0, 36.0),
        ConstantNode("c1_2", 3.0),
        OperationNode("op1", "*"),
        ValueNode("n1", Role.INTERMEDIATE, "", 6.0, 12.0),
        OperationNode("op2", "*"),
        ValueNode("n2", Role.OUTPUT, "c", 36.0, 1.0),
    )
    assert scene.edges == (
        Edge("n0", "op1"),
        Edge("c1_2", "op1"),
        Edge("op1", "n1"),
        Edge("n1", "op2"),
        Edge("n1", "op2"),
        Edge("op2", "n2"),
    )


def test_operands_come_before_results() -> None:
    x, y = Value(1.0), Value(2.0)
    scene = scene_of((x + y) * (x - y), x * y)
    position = {node.name: index for index, node in enumerate(scene.nodes)}
    assert len(position) == len(scene.nodes)
    assert all(position[edge.tail] < position[edge.head] for edge in scene.edges)


def test_an_output_may_be_an_operand_and_may_be_given_twice() -> None:
    x = Value(1.0)
    y = x + 1
    z = y * 2
    values = [n for n in scene_of(z, y, z).nodes if isinstance(n, ValueNode)]
    assert [n.role for n in values] == [Role.LEAF, Role.OUTPUT, Role.OUTPUT]


def test_values_that_are_equal_are_different_nodes() -> None:
    scene = scene_of(Value(1.0) + Value(1.0))
    assert sum([1.0 for n in scene.nodes if isinstance(n, ValueNode)]) == 3


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (lambda x, y: x - y, ["1", "2"]),
        (lambda x, y: x / y, ["1", "2"]),
        (lambda x, y: x // y, ["1", "2"]),
        (lambda x, y: x % y, ["1", "2"]),
        (lambda x, y: x**y, ["1", "2"]),
        (lambda x, y: x**2, ["1", "2"]),
        (lambda x, y: 2**x, ["1", "2"]),
        (lambda x, y: where(x, y, 0.5), ["if", "then", "else"]),
        (lambda x, y: dot([x, y, x], [y, y, 2.0]), ["1", "2", "3", "1", "2", "3"]),
        (lambda x, y: dot([x], [y]), ["", ""]),
        (lambda x, y: x + y, ["", ""]),
        (lambda x, y: x * y, ["", ""]),
        (lambda x, y: maximum(x, y), ["", ""]),
        (lambda x, y: sum([x, y, x]), ["", "", ""]),
        (lambda x, y: -x, [""]),
    ],
)
def test_operands_are_told_apart_where_their_order_matters(
    result: Callable[[Value, Value], Value], expected: list[str]
) -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    assert [which for _, which in operands_of(result(x, y))] == expected


def test_operands_of_an_operation_of_the_users_are_in_order() -> None:
    @primitive(lambda g, out, x, y, z: (g, -g, 2 * g), symbol="f")
    def f(x: float, y: float, z: float) -> float:
        return x - y + 2 * z

    x, y = Value(1.0), Value(2.0)
    assert operands_of(f(y, 5.0, x)) == [("n0", "1"), ("c2_2", "2"), ("n1", "3")]


def test_gradients_of_any_kind() -> None:
    x = Value(3.0)
    y = x * x
    y.backward(create_graph=True)
    assert isinstance(x.grad, Value)
    leaf = scene_of(y).nodes[0]
    assert isinstance(leaf, ValueNode)
    assert leaf.grad == 6.0
    assert type(leaf.grad) is float
    for given, expected in [(math.inf, math.inf), (None, None), ("text", None)]:
        x.grad = given
        leaf = scene_of(x).nodes[0]
        assert isinstance(leaf, ValueNode)
        assert leaf.grad == expected


def test_a_scene_does_not_follow_the_graph() -> None:
    x = Value(1.0, "x")
    scene = scene_of(x)
    x.data, x.label, x.grad = 2.0, "y", 3.0
    assert scene.nodes == (ValueNode("n0", Role.LEAF, "x", 1.0, 0.0),)
