"""The caption of a box: its label, or a node in it where edges would cross the label.

Graphviz leads edges around nodes but not around the labels of clusters. An edge that enters a box
may come from above, where the label is, and in a picture from left to right it may pass over the
first column in any slope. A caption that is a node stands beside the first nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd.draw.arguments import Direction
from autograd.draw.dot.digraph import Digraph
from autograd.draw.dot.styles import BOX
from autograd.draw.scene.parts import Scene
from autograd.draw.scene.ranks import ranks_of

ROOM = "0.12,0.04"  # inches around a caption that is a node, which edges keep clear of
ROOM_IN_ROWS = "0.2,0.12"  # where rows are packed, since that moves edges


def beside(scene: Scene) -> Mapping[str, list[str]]:
    """The boxes whose caption is a node, since edges enter them, and the nodes that it is before.

    >>> from autograd import Value
    >>> from autograd.draw.scene.parts import Box, Edge, Role, ValueNode
    >>> nodes = (
    ...     ValueNode("a", Role.INPUT, "", "", (0,)),
    ...     ValueNode("b", Role.OUTPUT, "", "", (1,), box="box"),
    ... )
    >>> boxes = (Box("box", "box"),)
    >>> beside(Scene("nodes", nodes, (Edge("a", "b", "", ((1, 0),)),), boxes))
    {'box': ['b']}
    >>> beside(Scene("nodes", nodes, (), boxes))
    {}
    """
    ranks = ranks_of(scene)
    parents = {box.name: box.parent for box in scene.boxes}
    around: dict[str, list[str]] = {}  # of each node, from the inside
    first: dict[str, list[str]] = {}
    for node in scene.nodes:
        boxes = around[node.name] = []
        box = node.box
        while box is not None:
            boxes.append(box)
            row = first.setdefault(box, [node.name])
            if ranks[node.name] < ranks[row[0]]:
                first[box] = [node.name]
            elif ranks[node.name] == ranks[row[0]] and node.name not in row:
                row.append(node.name)
            box = parents[box]
    entered = {box for e in scene.edges for box in around[e.head] if box not in around[e.tail]}
    return {box: row for box, row in first.items() if box in entered}


def add_caption(
    cluster: Digraph,
    name: str,
    text: Mapping[str, str],
    row: Sequence[str],
    direction: Direction,
    in_rows: bool,
) -> None:
    """Add the caption to a box, before the nodes of a row, or above them."""
    font = {key: BOX[key] for key in ("fontsize", "fontcolor")}
    caption, room = f"caption_{name}", ROOM_IN_ROWS if in_rows else ROOM
    cluster.node(caption, shape="none", width="0", height="0", margin=room, **font, **text)
    # From below upwards, as Graphviz fills the columns of boxes.
    for node in row:
        ends = (caption, node) if direction in ("TB", "BT") else (node, caption)
        cluster.edge(*ends, style="invis", minlen="0", weight="8")
