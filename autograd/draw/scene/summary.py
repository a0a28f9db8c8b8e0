"""The summary of a huge graph: a few stretches of it, one after the other.

The *depth* of a Value is the number of operations on the longest path from a leaf to it. A stretch
has the Values between two depths: it counts their operations by name, and the picture shows the
ranges of their data and gradients. It takes linear time and draws at most a dozen stretches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, groupby

from autograd.draw.scene.parts import RESULT, Edge, Node, Place, Role, Scene, UnitNode, ValueNode
from autograd.draw.scene.repeats import heights_of
from autograd.draw.scene.structure import Structure

MOST_STRETCHES = 12
MOST_OPERATIONS = 4  # operations that a stretch names
LEAVES = 2  # nodes at most: parameters, and other leaves


def summary(structure: Structure, most: int) -> Scene:
    """The scene of a summary.

    Args:
        structure: the graph.
        most: the largest number of nodes, though there are always those of the leaves, one stretch
            and the outputs.

    >>> from autograd import Value
    >>> x = Value(1.0)
    >>> for _ in range(1000):
    ...     x = x * 1.5
    >>> scene = summary(Structure.of([x]), most=80)
    >>> [node.title for node in scene.nodes[1:3]], scene.nodes[1].lines
    (['operations 1 to 84', 'operations 85 to 167'], ('84 mul',))
    """
    depths = heights_of(structure)
    stretches = _stretches(depths, max(1, min(MOST_STRETCHES, most - LEAVES - 1)))
    names: list[str] = []
    members: dict[str, list[int]] = {}
    for i, depth in enumerate(depths):
        if depth:
            name = f"u{stretches[depth]}"
        else:
            name = "parameters" if i in structure.paths else "leaves"
        names.append(name)
        members.setdefault(name, []).append(i)

    nodes: list[Node] = []
    for name, role in (("parameters", Role.PARAMETER), ("leaves", Role.INPUT)):
        if name in members:
            label = structure.label(members[name])
            nodes.append(ValueNode(name, role, label, "", tuple(members[name])))
    for stretch, run in groupby(range(1, len(stretches)), stretches.__getitem__):
        inside = members[f"u{stretch}"]
        within = list(run)
        nodes.append(
            UnitNode(
                f"u{stretch}",
                _title(within[0], within[-1]),
                _lines(structure, inside),
                tuple(inside),
            )
        )
    edges = _edges(structure, names)
    outputs = [i for i in structure.outputs if depths[i]]
    if outputs:
        label = structure.label(outputs)
        nodes.append(ValueNode("outputs", Role.OUTPUT, label, "", tuple(outputs)))
        leaving: dict[str, list[Place]] = {}
        for i in outputs:
            leaving.setdefault(names[i], []).append((i, RESULT))
        edges += [Edge(tail, "outputs", "", tuple(places)) for tail, places in leaving.items()]
    return Scene("summary", tuple(nodes), tuple(edges))


def _stretches(depths: Sequence[int], most: int) -> list[int]:
    """The stretch of each depth, so that all have about as many Values, and none is empty.

    >>> _stretches([0, 1, 2, 2, 2, 2, 3, 4], 2)
    [0, 0, 0, 1, 1]
    """
    counts = [0] * (max(depths) + 1)
    for depth in depths:
        counts[depth] += 1
    if len(counts) - 1 <= most:
        return [0, *range(len(counts) - 1)]
    counts[0] = 0
    total = sum(counts)
    before = [0, *accumulate(counts)]
    return [most * before[depth] // total for depth in range(len(counts))]


def _title(first: int, last: int) -> str:
    return f"operation {first}" if first == last else f"operations {first} to {last}"


def _lines(structure: Structure, members: Sequence[int]) -> tuple[str, ...]:
    """The number of operations of each kind, the most frequent first."""
    counts = Counter(p.name for i in members if (p := structure.primitives[i]) is not None)
    lines = [f"{count:,} {name}" for name, count in counts.most_common(MOST_OPERATIONS)]
    if len(counts) > MOST_OPERATIONS:
        rest = counts.total() - sum(count for _, count in counts.most_common(MOST_OPERATIONS))
        lines.append(f"{rest:,} others")
    return tuple(lines)


def _edges(structure: Structure, names: Sequence[str]) -> list[Edge]:
    between: dict[tuple[str, str], list[Place]] = {}
    for i, tails in enumerate(structure.tails):
        head = names[i]
        for k, tail in enumerate(tails):
            if tail is not None and names[tail] != head:
                between.setdefault((head, names[tail]), []).append((i, k))
    return [Edge(tail, head, "", tuple(places)) for (head, tail), places in between.items()]
