"""Graphs too large for anything but a summary."""

import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import assert_sound

from autograd import Value
from autograd.draw import draw
from autograd.draw.scene.parts import RESULT, UnitNode, ValueNode
from autograd.draw.scene.paths import Names
from autograd.draw.scene.plan import Plan
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.summary import MOST_STRETCHES, summary
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions
from nn import MLP


def planned(root: Value, most: int) -> Plan:
    structure = Structure.of([root])
    return Plan(summary(structure, most), structure, structure.outputs, {}, False, True)


@given(expressions(smooth=True), st.integers(1, 40))
def test_a_summary_has_everything_in_it(program: Expression, most: int) -> None:
    made = planned(program(Value(0.5), Value(-0.5)), most)
    assert_sound(made)
    assert len(made.scene.nodes) <= max(most, 4)


def test_operations_are_counted() -> None:
    x = Value(1.0)
    for _ in range(600):
        x = x * 1.5 + 0.5
    stretches = [n for n in planned(x, 80).scene.nodes if isinstance(n, UnitNode)]
    assert len(stretches) == MOST_STRETCHES
    assert {n.lines for n in stretches} == {("50 mul", "50 add")}
    assert stretches[0].title == "operations 1 to 100"
    assert stretches[-1].title == "operations 1101 to 1200"


def test_a_label_is_kept_where_it_is_the_only_one() -> None:
    y = Value(1.0, "x")
    for _ in range(100):
        y = y * 1.5
    y.label = "y"
    nodes = planned(y, 20).scene.nodes
    assert [n.label for n in nodes if isinstance(n, ValueNode)] == ["x", "y"]
    z = y * Value(2.0, "w")
    leaves = planned(z, 20).scene.nodes[0]
    assert isinstance(leaves, ValueNode)
    assert (leaves.label, len(leaves.members)) == ("", 2)


def test_parameters_are_told_from_other_leaves() -> None:
    model = MLP(2, [3, 1], rng=0)
    result = model([Value(1.0), Value(2.0)])
    structure = Structure.of([result], Names({p: path for path, p in model.named_parameters()}))
    leaves = [n for n in summary(structure, 20).nodes if isinstance(n, ValueNode)]
    assert [len(n.members) for n in leaves] == [13, 2, 1]


def test_edges_hold_every_operand_that_crosses() -> None:
    x = Value(1.0)
    y = x * x + x
    scene = planned(y, 20).scene
    assert sorted(m for e in scene.edges for m in e.members if m[1] != RESULT) == [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["chain", "sum", "tree"])
def test_a_graph_of_100_000_values_is_drawn(shape: str) -> None:
    x = Value(1.0)
    if shape == "chain":
        for _ in range(50_000):
            x = x * 1.0 + 0.0
    elif shape == "sum":
        x = builtins.sum((Value(1.0) for _ in range(50_000)), x)
    else:
        level = [Value(1.0) for _ in range(50_000)]
        while len(level) > 1:
            level = [a * b for a, b in zip(level[::2], level[1::2], strict=False)]
        [x] = level
    source = draw(x).source
    assert source.startswith("digraph")
    assert len(source) < 100_000
