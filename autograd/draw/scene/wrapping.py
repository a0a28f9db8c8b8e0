"""A scene too long for a picture, wrapped into rows as a text is into lines.

`cuts` says between which ranks a row ends: rows are as few as can be, and of these ways the one
that cuts the fewest edges and boxes. `wrapped` writes the rows into the scene. Where an edge is
cut, both ends have the same *mark*, a number, and the later one says what comes from there: so no
line leads from row to row. A box that is cut has its title in each row, and says that it goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from math import inf

from autograd.draw.scene.parts import (
    Box,
    Edge,
    Mark,
    Node,
    NumberNode,
    Role,
    Scene,
    UnitNode,
    ValueNode,
)
from autograd.draw.scene.ranks import ranks_of

CONTINUED = "continued"
RAGGED = 12.0  # cut edges that a row of twice the usual length is as bad as
CUT_BOX = 2.0  # cut edges that a cut box is as bad as


def fitted_cuts(scene: Scene, lengths: Mapping[str, float], most: float) -> list[int]:
    """The last rank of each row but the last: empty where one row is enough.

    Args:
        scene: what is drawn.
        lengths: of each node, along the ranks, with the room to the next.
        most: the length of a row.

    >>> nodes = tuple(ValueNode(f"n{i}", Role.INPUT, "", "", (i,)) for i in range(4))
    >>> edges = tuple(Edge(f"n{i}", f"n{i + 1}", "", ((i + 1, 0),)) for i in range(3))
    >>> scene = Scene("nodes", nodes, edges)
    >>> lengths = dict.fromkeys(["n0", "n1", "n2", "n3"], 10.0)
    >>> fitted_cuts(scene, lengths, 40), fitted_cuts(scene, lengths, 30)
    ([], [2])
    """
    ranks = ranks_of(scene)
    last = max(ranks.values(), default=0)
    widths = [0.0] * (last + 1)
    for name, rank in ranks.items():
        widths[rank] = max(widths[rank], lengths[name])
    ends = list(accumulate(widths))
    if last < 3 or ends[-1] <= most:
        return []
    costs = _costs(scene, _ends(scene, ranks), last)
    usual = ends[-1] / -(-ends[-1] // most)
    # best[k]: the fewest rows of the ranks up to k, the least cost of so many, the cut before.
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for k in range(1, last + 1):
        found = (last + 1, inf, 0)
        for i in range(k - 1, -1, -1):
            length = ends[k] - ends[i]
            if length > most and found[1] < inf:
                break
            if i == 1:  # leaves alone are no row
                continue
            rows, cost, _ = best[i]
            ragged = RAGGED * (length / usual - 1) ** 2
            found = min(found, (rows + 1, cost + costs[i] + ragged, i))
        best.append(found)
    cut, found_cuts = best[last][2], []
    while cut:
        found_cuts.append(cut)
        cut = best[cut][2]
    return found_cuts[::-1]


def _costs(scene: Scene, ends: Mapping[str, int], last: int) -> list[float]:
    """How bad it is to end a row after each rank."""
    costs = [0.0] * (last + 1)
    final: dict[str, int] = {}
    for edge in scene.edges:
        final[edge.tail] = max(final.get(edge.tail, 0), ends[edge.head])
    for tail, end in final.items():
        for k in range(ends[tail], end):
            costs[k] += 1
    for low, high in _extents(scene, ends).values():
        for k in range(low, high):
            costs[k] += CUT_BOX
    return costs


def _extents(scene: Scene, ranks: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """The first and the last rank of each box."""
    parents = {box.name: box.parent for box in scene.boxes}
    extents: dict[str, tuple[int, int]] = {}
    for node in scene.nodes:
        box, rank = node.box, ranks[node.name]
        while box is not None:
            low, high = extents.get(box, (rank, rank))
            extents[box] = min(low, rank), max(high, rank)
            box = parents[box]
    return extents


def _ends(scene: Scene, ranks: Mapping[str, int]) -> dict[str, int]:
    """The rank that decides on the row of each node: of a leaf, that of its first reader."""
    heads = {edge.head for edge in scene.edges}
    first: dict[str, int] = {}
    for edge in scene.edges:
        rank = ranks[edge.head]
        first[edge.tail] = min(first.get(edge.tail, rank), rank)
    return {name: rank if name in heads else first.get(name, rank) for name, rank in ranks.items()}


def wrapped(scene: Scene, cuts: Sequence[int]) -> Scene:
    """The scene in rows, each a box; a leaf is in the row of what reads it first.

    Args:
        scene: what is drawn.
        cuts: the last rank of each row but the last.

    >>> nodes = tuple(ValueNode(f"n{i}", Role.INPUT, f"x{i}", "", (i,)) for i in range(3))
    >>> edges = tuple(Edge(f"n{i}", f"n{i + 1}", "", ((i + 1, 0),)) for i in range(2))
    >>> rows = wrapped(Scene("nodes", nodes, edges), [2])
    >>> [(edge.tail, edge.head) for edge in rows.edges]
    [('n0', 'n1'), ('n1', 'leave_n1'), ('enter_n1_1', 'n2')]
    >>> rows.marks["enter_n1_1"]
    Mark(number=1, row=1, is_entry=True)
    """
    if not cuts:
        return scene
    rows = _rows(scene, cuts)
    frames = _Frames(scene.boxes, len(cuts) + 1)
    nodes: list[Node] = []
    marks: dict[str, Mark] = {}
    boxes = {node.name: node.box for node in scene.nodes}
    leaving: defaultdict[str, list[Edge]] = defaultdict(list)
    read: defaultdict[int, set[str]] = defaultdict(set)  # boxes that edges leave within a row
    for edge in scene.edges:
        if rows[edge.tail] != rows[edge.head]:
            leaving[edge.tail].append(edge)
        else:
            inside = frames.chain(boxes[edge.head])
            read[rows[edge.head]].update(set(frames.chain(boxes[edge.tail])).difference(inside))
    entries: dict[int, list[Node]] = defaultdict(list)
    exits: dict[int, list[Node]] = defaultdict(list)
    in_order = sorted((n for n in scene.nodes if n.name in leaving), key=lambda n: rows[n.name])
    for number, node in enumerate(in_order, 1):
        row = rows[node.name]
        readers = sorted({rows[edge.head] for edge in leaving[node.name]})
        leave = f"leave_{node.name}"
        marks[leave] = Mark(number, readers[0] + 1, is_entry=False)
        exits[row].append(_mark(node, leave, frames.beyond(node.box, read[row])))
        for reader in readers:
            enter = f"enter_{node.name}_{reader}"
            marks[enter] = Mark(number, row + 1, is_entry=True)
            readers_there = [e.head for e in leaving[node.name] if rows[e.head] == reader]
            box = frames.around([node.box, *(boxes[head] for head in readers_there)])
            entries[reader].append(_mark(node, enter, box))
    for row in range(len(cuts) + 1):
        here = [node for node in scene.nodes if rows[node.name] == row]
        for node in (*entries[row], *here, *exits[row]):
            nodes.append(replace(node, box=frames.of(node.box, row)))
    return replace(
        scene,
        nodes=tuple(nodes),
        edges=tuple(_edges(scene, rows, leaving)),
        boxes=tuple(frames.found.values()),
        marks=marks,
    )


def _rows(scene: Scene, cuts: Sequence[int]) -> dict[str, int]:
    """The row of each node, from 0."""
    ends = _ends(scene, ranks_of(scene))
    return {name: sum(cut < end for cut in cuts) for name, end in ends.items()}


def _edges(
    scene: Scene, rows: Mapping[str, int], leaving: Mapping[str, Sequence[Edge]]
) -> list[Edge]:
    """The edges, each in one row."""
    edges = []
    has_left: set[str] = set()
    for edge in scene.edges:
        row = rows[edge.head]
        if rows[edge.tail] == row:
            edges.append(edge)
            continue
        if edge.tail not in has_left:
            has_left.add(edge.tail)
            members = dict.fromkeys(m for one in leaving[edge.tail] for m in one.members)
            edges.append(Edge(edge.tail, f"leave_{edge.tail}", "", tuple(members)))
        edges.append(replace(edge, tail=f"enter_{edge.tail}_{row}"))
    return edges


def _mark(node: Node, name: str, box: str | None) -> Node:
    """A node that stands for another one, with its numbers."""
    if isinstance(node, NumberNode):
        return replace(node, name=name, box=box)
    label = node.title if isinstance(node, UnitNode) else ""
    path = ""
    if isinstance(node, ValueNode):
        label, path = node.label, node.path
    return ValueNode(name, Role.INTERMEDIATE, label, path, node.members, box)


class _Frames:
    """The rows, and in each the boxes that have nodes there."""

    def __init__(self, boxes: Sequence[Box], count: int) -> None:
        self._boxes = {box.name: box for box in boxes}
        self._begun: set[str] = set()
        names = (self.of(None, row) for row in range(count))
        self.found = {name: Box(name, "", is_row=True) for name in names}

    def chain(self, box: str | None) -> list[str]:
        """A box and those around it, from the inside."""
        chain = []
        while box is not None:
            chain.append(box)
            box = self._boxes[box].parent
        return chain

    def around(self, boxes: Sequence[str | None]) -> str | None:
        """The innermost box that all of these boxes are in."""
        first, *others = map(self.chain, boxes)
        return next((box for box in first if all(box in chain for chain in others)), None)

    def beyond(self, box: str | None, read: Collection[str]) -> str | None:
        """The innermost box around this one that is in none of those which others read.

        A mark in one of these would stand between it and what reads it.
        """
        for one in self.chain(box):
            if one in read:
                box = self._boxes[one].parent
        return box

    def of(self, box: str | None, row: int) -> str:
        """The name of a box in a row, made with what is around it; earlier rows come first."""
        if box is None:
            return f"row_{row}"
        name = f"{box}_{row}"
        if name not in self.found:
            whole = self._boxes[box]
            parent = self.of(whole.parent, row)
            use = [whole.use] * bool(whole.use) + [CONTINUED] * (box in self._begun)
            self._begun.add(box)
            self.found[name] = replace(whole, name=name, parent=parent, use=", ".join(use))
        return name
