"""What is in its order on the page: neurons of a layer, outputs, boxes side by side, operands.

Graphviz puts nodes where edges cross least, and neurons that the whole next layer reads may come in
any order. In a row, joined by invisible edges, they keep their order. `writer` adds the rows to the
boxes of layers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from autograd.draw.arguments import Direction
from autograd.draw.dot.digraph import Digraph
from autograd.draw.scene.parts import Edge, Role, Scene, UnitNode, ValueNode
from autograd.draw.scene.paths import steps, without_digits
from autograd.draw.scene.ranks import ranks_of

MOST_ORDERED = 16  # neurons in a row; more only cost time


def rows_of(scene: Scene) -> Mapping[str | None, list[list[str]]]:
    """The names of the neurons in each row, by their box, and of the outputs.

    Neurons of different ranks depend on each other, as the steps of a recurrent layer do, and
    cannot be in one row.

    >>> nodes = [UnitNode(f"u{i}", f"layer.neurons.{i}", (), (i,), box="b") for i in (10, 9)]
    >>> rows_of(Scene("neurons", tuple(nodes), ()))["b"]
    [['u9', 'u10']]
    """
    ranks, frames = ranks_of(scene), frames_of(scene)
    rows: dict[tuple[str | None, int, type], list[UnitNode | ValueNode]] = {}
    for node in scene.nodes:
        is_output = isinstance(node, ValueNode) and node.role is Role.OUTPUT
        is_neuron = isinstance(node, UnitNode) and frames[node.name] is not None
        if isinstance(node, UnitNode | ValueNode) and (is_output or is_neuron):
            rows.setdefault((node.box, ranks[node.name], type(node)), []).append(node)
    found: defaultdict[str | None, list[list[str]]] = defaultdict(list)
    for (box, *_), nodes in rows.items():
        if 1 < len(nodes) <= MOST_ORDERED:
            nodes.sort(key=_place)
            found[box].append([node.name for node in nodes])
    return found


def _place(node: UnitNode | ValueNode) -> tuple[int, str]:
    """The sort key in a row: of units the index in the last step of the path."""
    if isinstance(node, ValueNode):
        return node.members[0], ""
    index = steps(node.title)[-1].rpartition(".")[2]
    return (int(index) if index.isdecimal() else 0, node.title)


def frames_of(scene: Scene) -> dict[str, str | None]:
    """The innermost box that each node is in; a row of the picture is none."""
    rows = {box.name for box in scene.boxes if box.is_row}
    return {node.name: None if node.box in rows else node.box for node in scene.nodes}


def heads_of_own(scene: Scene) -> set[str]:
    """The nodes that alone read what they read: Graphviz is asked for its order.

    In a tree all of them have it. Where others read it too, or boxes are around, it would make
    lines cross.
    """
    boxes = frames_of(scene)
    readers = Counter(edge.tail for edge in scene.edges)
    shared = {e.head for e in scene.edges if readers[e.tail] > 1 or boxes[e.tail] or boxes[e.head]}
    return {edge.head for edge in scene.edges} - shared


def boxes_of(scene: Scene) -> Mapping[str | None, list[dict[str, str]]]:
    """The last node of each of the boxes that are side by side, by what is around them.

    >>> from autograd.draw.scene.parts import Box
    >>> nodes = [ValueNode(f"n{i}", Role.OUTPUT, "", "", (i,), box=f"b{i}") for i in (1, 2)]
    >>> boxes_of(Scene("nodes", tuple(nodes), (), (Box("b1", "one"), Box("b2", "two"))))[None]
    [{'b1': 'n1', 'b2': 'n2'}]
    """
    parents = {box.name: box.parent for box in scene.boxes}
    last: dict[str, str] = {}
    for node in scene.nodes:
        box = node.box
        while box is not None:
            last[box] = node.name
            box = parents[box]
    ranks = ranks_of(scene)
    rows: dict[tuple[str | None, int], dict[str, str]] = {}
    for box, parent in parents.items():
        if box in last:
            rows.setdefault((parent, ranks[last[box]]), {})[box] = last[box]
    found: defaultdict[str | None, list[dict[str, str]]] = defaultdict(list)
    lines = {box.name for box in scene.boxes if box.is_row}
    for (parent, _), row in rows.items():
        if lines.isdisjoint(row) and 1 < len(row) <= MOST_ORDERED:
            found[parent].append(row)
    return found


def edges_out_of_rows(scene: Scene) -> set[Edge]:
    """The edges that leave a box whose place among others is told by its number.

    >>> from autograd.draw.scene.parts import Box
    >>> from dataclasses import replace
    >>> nodes = [ValueNode(f"n{i}", Role.OUTPUT, "", "", (i,), box=f"b{i}") for i in (1, 2)]
    >>> edges = (Edge("n1", "n3", "", ((3, 0),)),)
    >>> nodes.append(ValueNode("n3", Role.OUTPUT, "", "", (3,)))
    >>> scene = Scene("nodes", tuple(nodes), edges)
    >>> len(edges_out_of_rows(replace(scene, boxes=(Box("b1", "h1"), Box("b2", "h2")))))
    1
    >>> edges_out_of_rows(replace(scene, boxes=(Box("b1", "sin"), Box("b2", "cos"))))
    set()
    """
    titles = {box.name: box.title for box in scene.boxes}
    in_rows: set[str] = set()
    for rows in boxes_of(scene).values():
        for row in rows:
            alike: defaultdict[str, set[str]] = defaultdict(set)
            for box in row:
                alike[without_digits(titles[box])].add(titles[box])
            in_rows.update(box for box in row if len(alike[without_digits(titles[box])]) > 1)
    inside: dict[str | None, set[str]] = {None: set()}
    for one in scene.boxes:  # parents come first
        inside[one.name] = inside[one.parent] | ({one.name} & in_rows)
    around = {node.name: inside[node.box] for node in scene.nodes}
    return {edge for edge in scene.edges if not around[edge.tail] <= around[edge.head]}


def add_boxes(
    cluster: Digraph, last: Mapping[str, str], direction: Direction, inside: bool
) -> None:
    """Keep boxes in their order, given the last node of each: what follows it is in a row.

    Nothing follows but an invisible point. Graphviz's versions differ in the order that boxes have
    by themselves.
    """
    for box, name in last.items():
        point = f"after_{box}"
        cluster.node(point, shape="point", style="invis", width="0", height="0", label="")
        cluster.edge(name, point, style="invis", weight="8")
    add_row(cluster, [f"after_{box}" for box in last], direction, inside)


def add_row(cluster: Digraph, names: Sequence[str], direction: Direction, inside: bool) -> None:
    """Add a row of nodes: the first is at the left, or at the top.

    Args:
        cluster: what the nodes are in.
        names: theirs.
        direction: of the picture.
        inside: whether it is a box, which Graphviz fills from below if nodes are in columns.
    """
    row = Digraph("", {"rank": "same"})
    upwards = inside and direction in ("LR", "RL")
    for one, other in pairwise(reversed(names) if upwards else names):
        row.edge(one, other, style="invis")
    cluster.subgraph(row)
