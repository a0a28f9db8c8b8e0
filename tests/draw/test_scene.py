"""What a drawing contains, number by number."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import assert_sound

from autograd import Value, dot, maximum, primitive, sum, where
from autograd.draw.scene.details import every_number
from autograd.draw.scene.parts import (
    RESULT,
    Box,
    Edge,
    NumberNode,
    OperationNode,
    Role,
    Scene,
    ValueNode,
)
from autograd.draw.scene.plan import plan
from autograd.graph import topological_order
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions


def scene_of(*values: Value) -> Scene:
    return plan(values, detail="nodes").scene


def operands_of(value: Value) -> list[tuple[str, str]]:
    scene = scene_of(value)
    return [(e.tail, e.operand) for e in scene.edges if e.head == scene.edges[-1].tail]


def test_all_of_a_small_graph() -> None:
    a = Value(2.0, "a")
    b = a * 3
    c = b * b
    c.label = "c"
    scene = every_number([a, b, c], [c], {a: "layer.weight"})
    assert scene.boxes == (Box("b0", "layer"),)
    assert scene.nodes == (
        ValueNode("n0", Role.PARAMETER, "a", "layer.weight", (0,), "b0"),
        NumberNode("c1_1", Role.INPUT, ((1, 1),)),
        OperationNode("op1", "*", (1,), "b0"),
        ValueNode("n1", Role.INTERMEDIATE, "", "", (1,), "b0"),
        OperationNode("op2", "*", (2,)),
        ValueNode("n2", Role.OUTPUT, "c", "", (2,)),
    )
    assert scene.edges == (
        Edge("n0", "op1", "", ((1, 0),)),
        Edge("c1_1", "op1", "", ((1, 1),)),
        Edge("op1", "n1", "", ((1, RESULT),)),
        Edge("n1", "op2", "", ((2, 0),)),
        Edge("n1", "op2", "", ((2, 1),)),
        Edge("op2", "n2", "", ((2, RESULT),)),
    )


@given(expressions(smooth=True), st.floats(-2, 2), st.floats(-2, 2))
def test_every_program_is_drawn_in_order_and_whole(program: Expression, x: float, y: float) -> None:
    result = program(Value(x), Value(y))
    made = plan([result], detail="nodes")
    assert_sound(made)
    assert made.structure.order == topological_order(result)
    operations = [n for n in made.scene.nodes if isinstance(n, OperationNode)]
    assert all(a.members < b.members for a, b in pairwise(operations))


def test_an_output_may_be_an_operand_and_may_be_given_twice() -> None:
    x = Value(1.0)
    y = x + 1
    z = y * 2
    values = [n for n in scene_of(z, y, z).nodes if isinstance(n, ValueNode)]
    assert [n.role for n in values] == [Role.INPUT, Role.OUTPUT, Role.OUTPUT]


def test_a_leaf_may_be_an_output() -> None:
    [node] = scene_of(Value(1.0)).nodes
    assert isinstance(node, ValueNode)
    assert node.role is Role.OUTPUT


def test_values_that_are_equal_are_different_nodes() -> None:
    scene = scene_of(Value(1.0) + Value(1.0))
    assert len([n for n in scene.nodes if isinstance(n, ValueNode)]) == 3


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
    assert operands_of(f(y, 5.0, x)) == [("n0", "1"), ("c2_1", "2"), ("n1", "3")]


def test_a_plain_number_given_to_several_dot_products_is_one_input() -> None:
    v, w = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    row = [0.5, math.nan]
    scene = scene_of(dot(v, row) * dot(w, row) - dot(v, [0.5, 0.0]))
    inputs = [n for n in scene.nodes if isinstance(n, NumberNode)]
    assert [n.role for n in inputs] == [Role.INPUT] * 4
    readers = [len([e for e in scene.edges if e.tail == n.name]) for n in inputs]
    assert readers == [2, 2, 1, 1]


def test_the_same_row_read_again_by_the_same_weights_is_another_input() -> None:
    """Two samples of a batch that happen to be equal are two."""
    w = [Value(1.0), Value(2.0)]
    scene = scene_of(dot(w, [0.5, 0.25]) * dot(w, [0.5, 0.25]))
    assert len([n for n in scene.nodes if isinstance(n, NumberNode)]) == 4
