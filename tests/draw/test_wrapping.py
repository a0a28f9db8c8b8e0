"""Long pictures are wrapped into rows: nothing is lost, and each row can be read by itself."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured import Area, Measured
from scenes import assert_ordered
from strength import examples, slowly
from test_pictures import in_scopes

from autograd import Value, exp, scope, sin
from autograd.draw import draw, drawing, sizes
from autograd.draw.arguments import Direction
from autograd.draw.dot.lengths import POINTS
from autograd.draw.scene.joined import joined
from autograd.draw.scene.parts import Edge, Role, Scene, UnitNode, ValueNode
from autograd.draw.scene.plan import plan
from autograd.draw.scene.ranks import ranks_of
from autograd.draw.scene.wrapping import CONTINUED, fitted_cuts, wrapped
from autograd.scopes import record_scopes
from nn import MLP

pytestmark = pytest.mark.usefixtures("without_process")

NARROW = 7.0  # inches


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows so short that small graphs are wrapped."""
    monkeypatch.setattr(drawing, "ROW", NARROW)


def row_of(source: str) -> dict[str, int]:
    """The row of each node of a drawing."""
    rows: dict[str, int] = {}
    row: int | None = None
    for line in source.splitlines():
        if found := re.match(r"\tsubgraph cluster_(?:row_(\d+))?", line):
            row = int(found[1]) if found[1] else None  # that of the legend
        elif row is not None and (found := re.match(r"\t\t+(?!graph|after_)(\w+) \[label=", line)):
            rows[found[1]] = row
    return rows


def extents(source: str, picture: Measured) -> dict[int, Area]:
    """What each row covers."""
    found: dict[int, list[Area]] = {}
    for name, row in row_of(source).items():
        found.setdefault(row, []).append(picture.nodes[name])
    return {
        row: Area(
            min(area.left for area in areas),
            min(area.top for area in areas),
            max(area.right for area in areas),
            max(area.bottom for area in areas),
        )
        for row, areas in sorted(found.items())
    }


# What is drawn


def scene_of(seed: int) -> Scene:
    with record_scopes() as scopes:
        value = in_scopes(random.Random(seed))
    return joined(plan([value], scopes=scopes.of, detail="nodes").scene)


def boxes_around(scene: Scene, box: str | None) -> list[str]:
    """The titles of the boxes around a node, from the inside, without rows."""
    boxes = {box.name: box for box in scene.boxes}
    titles = []
    while box is not None:
        titles += [boxes[box].title] * (not boxes[box].is_row)
        box = boxes[box].parent
    return titles


@given(st.integers(0, 10**6), st.data())
def test_a_scene_in_rows_is_the_scene(seed: int, data: st.DataObject) -> None:
    scene = scene_of(seed)
    last = max(ranks_of(scene).values())
    cuts = sorted(data.draw(st.sets(st.integers(2, max(2, last - 1)), max_size=5)))
    cuts = [cut for cut in cuts if cut < last]
    rows = wrapped(scene, cuts)
    if not cuts:
        assert rows is scene
        return
    assert_ordered(rows)
    nodes = {node.name: node for node in rows.nodes}
    tops = {box.name: box for box in rows.boxes if box.is_row}
    assert list(tops) == [f"row_{i}" for i in range(len(cuts) + 1)]
    parents = {box.name: box.parent for box in rows.boxes}

    def row(name: str) -> str:
        box = nodes[name].box
        while box not in tops:
            assert box is not None
            box = parents[box]
        return box

    # No edge leads from row to row; without the marks, all edges are as they were.
    assert all(row(edge.tail) == row(edge.head) for edge in rows.edges)
    number = {name: mark.number for name, mark in rows.marks.items()}
    left = {number[e.head]: e for e in rows.edges if e.head in number}
    assert len(left) == sum(not mark.is_entry for mark in rows.marks.values())
    restored = []
    for edge in rows.edges:
        if edge.head in number:
            continue
        tail = edge.tail
        if mark := rows.marks.get(tail):
            source = left[mark.number]
            assert mark.is_entry
            assert row(source.tail) == f"row_{mark.row - 1}" < row(tail)
            assert set(edge.members) <= set(source.members)
            assert nodes[tail].members == nodes[source.tail].members
            tail = source.tail
        restored.append((tail, edge.head, edge.operand, edge.members))
    assert Counter(restored) == Counter(
        (edge.tail, edge.head, edge.operand, edge.members) for edge in scene.edges
    )
    # Each node is in its boxes; of a box in several rows, all but the first go on.
    for node in scene.nodes:
        assert boxes_around(rows, nodes[node.name].box) == boxes_around(scene, node.box)
    pieces: dict[str, list[str]] = {}
    for box in rows.boxes:
        if not box.is_row:
            pieces.setdefault(box.name.rpartition("_")[0], []).append(box.use)
    assert pieces.keys() == {box.name for box in scene.boxes}
    for uses in pieces.values():
        assert [use.endswith(CONTINUED) for use in uses] == [k > 0 for k in range(len(uses))]


# Where a row ends


@st.composite
def chains(draw: Any) -> tuple[Scene, dict[str, float], float]:
    """A chain of nodes, with more edges between any of them, and the length of a row."""
    count = draw(st.integers(1, 9))
    nodes = [ValueNode(f"n{i}", Role.INTERMEDIATE, "", "", (i,)) for i in range(count)]
    pairs = {(i, i + 1) for i in range(count - 1)}
    pairs |= draw(st.sets(st.sampled_from(list(combinations(range(count), 2))))) if pairs else set()
    edges = [Edge(f"n{i}", f"n{k}", "", ((k, i),)) for i, k in sorted(pairs)]
    lengths = {node.name: float(draw(st.integers(1, 9))) for node in nodes}
    return Scene("nodes", tuple(nodes), tuple(edges)), lengths, float(draw(st.integers(3, 30)))


@given(chains())
def test_rows_are_as_few_as_can_be(case: tuple[Scene, Mapping[str, float], float]) -> None:
    scene, lengths, most = case
    each = list(lengths.values())
    count = len(each)

    def rows(cuts: tuple[int, ...]) -> list[list[float]]:
        return [each[i:k] for i, k in pairwise((0, *cuts, count))]

    def fit(cuts: tuple[int, ...]) -> bool:
        """Whether rows are short; one rank always is one, and leaves with the next."""
        return all(
            sum(row) <= most or len(row) == 1 or (i == 0 and len(row) == 2)
            for i, row in enumerate(rows(cuts))
        )

    found = tuple(fitted_cuts(scene, lengths, most))
    if sum(each) <= most or count < 3:
        assert found == ()
        return
    ways = [cuts for n in range(count) for cuts in combinations(range(2, count), n) if fit(cuts)]
    assert fit(found)
    assert 1 not in found
    assert len(found) == min(map(len, ways))


@given(st.integers(5, 9))
def test_a_row_ends_where_fewest_edges_are_cut(before: int) -> None:
    """Two parts in which each node reads all before it, by one edge; halves cut many."""
    count = 2 * before - 2
    pairs = {(i, k) for i, k in combinations(range(count), 2) if (i < before) == (k < before)}
    edges = [Edge(f"n{i}", f"n{k}", "", ((k, i),)) for i, k in sorted(pairs)]
    nodes = [ValueNode(f"n{i}", Role.INPUT, "", "", (i,)) for i in range(count)]
    edges.append(Edge(f"n{before - 1}", f"n{before}", "", ((before, 1),)))
    scene = Scene("nodes", tuple(nodes), tuple(edges))
    assert fitted_cuts(scene, dict.fromkeys(ranks_of(scene), 1.0), before + 0.5) == [before]


# How it looks


@pytest.mark.usefixtures("engine", "narrow")
@pytest.mark.parametrize("direction", ["LR", slowly("RL")])
def test_rows_of_a_random_program_can_be_read(direction: Direction) -> None:
    count = 0
    for seed in range(examples(30, 8)):
        made = draw(partial(in_scopes, random.Random(seed)), direction=direction)
        picture = Measured(made.render("svg"))
        assert picture.crossings() == []
        assert picture.collisions() == []
        rows = extents(made.source, picture)
        count += len(rows) > 1
        for one, other in pairwise(rows.values()):
            assert one.bottom < other.top
            start = "left" if direction == "LR" else "right"
            assert abs(getattr(one, start) - getattr(other, start)) < 60  # points: margins of boxes
    assert count > 3


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("direction", ["TB", slowly("BT")])
def test_a_slide_has_its_rows_side_by_side(direction: Direction) -> None:
    x = Value(0.5, "x")
    for _ in range(25):
        x = sin(x)
    made = draw(x, detail="nodes", direction=direction, size="16:9")
    rows = extents(made.source, Measured(made.render("svg")))
    assert len(rows) > 1
    assert all(one.right < other.left for one, other in pairwise(rows.values()))
    start = "top" if direction == "TB" else "bottom"
    assert all(
        getattr(rows[0], start) == pytest.approx(getattr(row, start), abs=60)
        for row in rows.values()
    )
    assert "row_" not in draw(x, detail="nodes", direction=direction).source  # one scrolls down


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("precision", [4, slowly(17)])
@pytest.mark.parametrize("name", ["h", slowly("a rather long name of ")])
def test_a_row_is_no_longer_than_it_may_be(name: str, precision: int) -> None:
    x = Value(0.3, "x")
    for k in range(40):
        x = exp(-x) / 3 - sin(x)
        x.label = f"{name}{k}"
    x.backward()
    made = draw(x, detail="nodes", precision=precision)
    picture = Measured(made.render("svg"))
    assert 0.6 * sizes.ROW < picture.width / POINTS < 1.1 * sizes.ROW
    assert len(extents(made.source, picture)) > 3


def test_what_fits_is_not_wrapped() -> None:
    model = MLP(2, [1], activation="tanh", rng=0)
    for made in (draw(Value(1.0)), draw(lambda: model([1.0, 2.0])), draw(Value(1.0, "x") * 2 + 1)):
        assert not re.search("row_|pack", made.source)


@pytest.mark.usefixtures("engine", "narrow")
@pytest.mark.parametrize("direction", ["LR", slowly("RL")])
def test_neurons_keep_their_order_in_rows(direction: Direction) -> None:
    model = MLP(2, [6, 6, 1], activation="tanh", rng=0)
    made = draw(model([0.5, 1.0]), model=model, detail="neurons", direction=direction)
    picture = Measured(made.render("svg"))
    assert len(extents(made.source, picture)) > 1
    for layer in range(2):
        tops = [picture.described[f"layers.{layer}.neurons.{k}"].top for k in range(6)]
        assert tops == sorted(tops)


@pytest.mark.usefixtures("engine", "narrow")
def test_marks_say_what_they_stand_for() -> None:
    x, named = Value(0.5, "x"), Value(0.0)
    with scope("long"):
        for k in range(12):
            x = sin(x) - 0.25 * k
            if k == 2:
                named = x
                named.label = "kept"
    loss = x * named
    loss.backward()
    made = draw(loss, detail="nodes", legend=True)
    assert "goes on in another row" in made.source
    picture = Measured(made.render("svg"))
    told = [text for text in picture.described if re.match(r"\d+: ", text)]
    assert all(re.fullmatch(r"\d+: (goes on in|comes from) row \d+", text) for text in told)
    numbers = {text.partition(":")[0] for text in told}
    for number in numbers:
        assert len([text for text in told if text.startswith(f"{number}: goes")]) == 1
        assert len([text for text in told if text.startswith(f"{number}: comes")]) >= 1
    entries = re.findall(r"\tenter_\w+ \[label=.*", made.source)
    assert any("<TD>kept</TD>" in text for text in entries)
    assert all(re.search(r"data = -?\d", text) for text in entries)
    legend = [area for name, area in picture.nodes.items() if name.startswith("legend")]
    rows = extents(made.source, picture)
    assert min(area.top for area in legend) > max(area.bottom for area in rows.values())


def test_a_unit_is_named_at_its_mark() -> None:
    nodes = (
        ValueNode("n0", Role.INPUT, "x", "", (0,)),
        UnitNode("n1", "layers.0", ("tanh",), (1,)),
        UnitNode("n2", "layers.1", ("tanh",), (2,)),
    )
    edges = tuple(Edge(f"n{i}", f"n{i + 1}", "", ((i + 1, 0),)) for i in range(2))
    (entry,) = (n for n in wrapped(Scene("layers", nodes, edges), [2]).nodes if "enter" in n.name)
    assert isinstance(entry, ValueNode)
    assert entry.label == "layers.0"
