"""The neurons of a layer in a row, in their order.

Graphviz puts nodes where edges cross least, and neurons that the whole next layer reads may come in
any order. In a row, joined by invisible edges, they keep their order. `writer` adds the rows to the
boxes of layers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from autograd.draw.arguments import Direction
from autograd.draw.dot.digraph import Digraph
from autograd.draw.dot.effort import ranks_of
from autograd.draw.scene.parts import Scene, UnitNode
from autograd.draw.scene.paths import steps

MOST_ORDERED = 16  # neurons in a row; more only cost time


def rows_of(scene: Scene) -> Mapping[str | None, list[list[str]]]:
    """The names of the neurons in each row, by their box.

    Neurons of different ranks depend on each other, as the steps of a recurrent layer do, and
    cannot be in one row.

    >>> nodes = [UnitNode(f"u{i}", f"layer.neurons.{i}", (), (i,), box="b") for i in (10, 9)]
    >>> rows_of(Scene("neurons", tuple(nodes), ()))["b"]
    [['u9', 'u10']]
    """
    ranks = ranks_of(scene)
    rows: dict[tuple[str, int], list[UnitNode]] = {}
    for node in scene.nodes:
        if isinstance(node, UnitNode) and node.box is not None:
            rows.setdefault((node.box, ranks[node.name]), []).append(node)
    found: defaultdict[str | None, list[list[str]]] = defaultdict(list)
    for (box, _), units in rows.items():
        if 1 < len(units) <= MOST_ORDERED:
            units.sort(key=_place)
            found[box].append([unit.name for unit in units])
    return found


def _place(unit: UnitNode) -> tuple[int, str]:
    """The sort key of units of one box: the index in the last step of the path."""
    index = steps(unit.title)[-1].rpartition(".")[2]
    return (int(index) if index.isdecimal() else 0, unit.title)


def add_row(cluster: Digraph, names: Sequence[str], direction: Direction) -> None:
    """Add a row to the cluster that the nodes are in; the first is at the left, or at the top."""
    row = Digraph("", {"rank": "same"})
    upwards = direction in ("LR", "RL")  # Graphviz fills a column from below
    for one, other in pairwise(reversed(names) if upwards else names):
        row.edge(one, other, style="invis")
    cluster.subgraph(row)
