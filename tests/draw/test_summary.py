"""Graphs too large for anything but a summary."""

import builtins
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import assert_sound

from autograd import Value, cos, exp, log, sin, tanh
from autograd.draw import draw
from autograd.draw.scene.limits import Limits
from autograd.draw.scene.numbers import measure
from autograd.draw.scene.parts import RESULT, UnitNode, ValueNode
from autograd.draw.scene.paths import Names
from autograd.draw.scene.plan import Plan, Rewrites
from autograd.draw.scene.ranks import length_of
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.summary import MOST_STRETCHES, summary
from autograd.draw.scene.words import counted
from autograd.graph import topological_order
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions
from nn import MLP


def planned(root: Value, most: int) -> Plan:
    structure = Structure.of([root])
    return Plan(
        summary(structure, Limits.of(most)),
        structure,
        structure.outputs,
        Names(),
        Rewrites(True, False, True),
    )


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
    assert stretches[0].title == "depth 1 to 100"
    assert stretches[-1].title == "depth 1,101 to 1,200"


def test_rare_operations_are_counted_together_by_the_names_people_know() -> None:
    x = Value(0.5)
    several = [x**2, 2**x, x**x, sin(x), sin(x), tanh(x), tanh(x), exp(x), exp(x)]
    for rare, said in ((1, "1 other"), (2, "2 others")):
        structure = Structure.of([*several, *(f(x) for f in (cos, log)[:rare])])
        lines = counted(structure, range(len(structure.order)))
        assert lines == ["3 pow", "2 sin", "2 tanh", "2 exp", said]


@given(expressions(smooth=True), st.data())
def test_labels_are_kept(program: Expression, data: st.DataObject) -> None:
    root = program(Value(0.5), Value(-0.5))
    order = topological_order(root)
    names = st.lists(st.sampled_from(["", "x", "y"]), min_size=len(order), max_size=len(order))
    for value, label in zip(order, data.draw(names), strict=True):
        value.label = label
    made = planned(root, 60)
    assert_sound(made)
    drawn = [n for n in made.scene.nodes if isinstance(n, ValueNode)]
    members = [(n.label, i) for n in drawn if n.label for i in n.members]
    assert sorted(members) == sorted((v.label, i) for i, v in enumerate(order) if v.label)
    assert_sound(planned(root, 4))


def test_labels_share_a_node_where_there_is_no_room_for_all() -> None:
    x = Value(1.0, "x")
    y = x
    for k in range(100):
        y = y * Value(1.5, f"w{k}")
    y.label = "y"
    nodes = [n for n in planned(y, 20).scene.nodes if isinstance(n, ValueNode)]
    assert [(n.label, len(n.members)) for n in nodes] == [("x", 1), ("w0 … w99", 100), ("y", 1)]
    small = planned(y, 4).scene.nodes
    assert len(small) <= 4
    assert [n.label for n in small if isinstance(n, ValueNode)] == ["x, w0, w1, w2, w3, …", "y"]


@given(st.integers(0, 9), st.integers(1, 24), st.integers(2, 8))
def test_a_name_is_drawn_or_listed(seed: int, most: int, length: int) -> None:
    """However little room there is, inputs and results are named."""
    root, names = named_operations(seed)
    scene = summary(Structure.of([root]), Limits(most, length))
    said = " ".join(
        " ".join((n.title, *n.lines)) if isinstance(n, UnitNode) else n.label
        for n in scene.nodes
        if isinstance(n, UnitNode | ValueNode)
    )
    assert [name for name in names if name not in said] == []
    assert length_of(scene) <= length


def named_operations(seed: int) -> tuple[Value, list[str]]:
    random = Random(seed)
    pool = [Value(random.random(), name) for name in "abcd"]
    for k in range(60):
        pool.append(sin(random.choice(pool[-8:])) * random.choice(pool[-8:]))
        if k % 20 == 10:
            pool[-1].label = f"mid{'pqr'[k // 20]}"
    root = builtins.sum(pool, Value(0.5))
    root.label = "root"
    names = [str(v.label) for v in topological_order(root) if v.label]
    return root, names


@given(expressions(smooth=True), st.integers(1, 12))
def test_a_summary_has_a_backward_pass(program: Expression, most: int) -> None:
    x, y = Value(0.5, "x"), Value(-0.5, "y")
    root = program(x, y) + x * y
    made = planned(root, most)
    reading = measure(made.scene, made.numbers(made.structure.order))
    assert all(edge.flow is not None for edge in reading.edges)
    root.backward()
    for node, numbers in zip(made.scene.nodes, reading.nodes, strict=True):
        if isinstance(node, ValueNode):
            grads = [made.structure.order[i].grad for i in node.members]
            assert numbers.grad == (min(grads), max(grads))


@given(st.integers(0, 9), st.integers(1, 24))
def test_what_is_read_in_its_own_stretch_is_told_from_an_output(seed: int, most: int) -> None:
    """The page takes a node that nothing reads for an output, unless it is told."""
    made = planned(named_operations(seed)[0], most)
    read = {edge.tail for edge in made.scene.edges}
    ends = [n for n in made.scene.nodes if isinstance(n, ValueNode) and n.name not in read]
    assert [n.label for n in ends if not n.is_inner] == ["root"]


def test_what_flows_back_is_said_only_where_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    y = builtins.sum(sin(a) * a for a in map(Value, (1.0, 2.0, 3.0))) / 3
    known = draw(y, max_nodes=1)
    assert "flows back: " in known.source
    monkeypatch.setattr("autograd.draw.scene.plan.MOST_FLOWS", 1)
    unknown = draw(y, max_nodes=1)
    assert "what flows back is not known" in unknown.source
    assert "flows back: none" not in unknown.source


def test_parameters_are_told_from_other_leaves() -> None:
    model = MLP(2, [3, 1], rng=0)
    result = model([Value(1.0), Value(2.0)])
    structure = Structure.of([result], Names({p: path for path, p in model.named_parameters()}))
    leaves = [n for n in summary(structure, Limits.of(20)).nodes if isinstance(n, ValueNode)]
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
def test_a_graph_of_40_000_values_is_drawn(shape: str) -> None:
    x = Value(1.0)
    if shape == "chain":
        for _ in range(20_000):
            x = x * 1.0 + 0.0
    elif shape == "sum":
        x = builtins.sum((Value(1.0) for _ in range(20_000)), x)
    else:
        level = [Value(1.0) for _ in range(20_000)]
        while len(level) > 1:
            level = [a * b for a, b in zip(level[::2], level[1::2], strict=False)]
        [x] = level
    source = draw(x).source
    assert source.startswith("digraph")
    assert len(source) < 100_000
