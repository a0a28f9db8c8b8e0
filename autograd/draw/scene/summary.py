"""The summary of a huge graph: a few stretches of it, one after the other.

The *depth* of a Value is the number of operations on the longest path from a leaf to it. A stretch
has the Values between two depths: it counts their operations by name, and the picture shows the
ranges of their data and gradients. It takes linear time and draws at most a dozen stretches. What
has a label stays a node beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, groupby

from autograd.draw.scene.coarser import counted
from autograd.draw.scene.parts import RESULT, Edge, Node, Place, Role, Scene, UnitNode, ValueNode
from autograd.draw.scene.paths import without_digits
from autograd.draw.scene.repeats import heights_of
from autograd.draw.scene.structure import Structure

MOST_STRETCHES = 12
LEAVES = 2  # nodes at most of what has no label: parameters, and other leaves
OUTPUTS = "outputs"  # the node of those without a label


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
    (['depth 1 to 84', 'depth 85 to 167'], ('84 mul',))
    """
    depths = heights_of(structure)
    stretches = _stretches(depths, max(1, min(MOST_STRETCHES, most - LEAVES - 1)))
    units = [f"u{stretches[depth]}" if depth else "" for depth in depths]
    shown = _shown(structure, units, most - LEAVES - len(set(stretches[1:])) - 1)
    inside: dict[str, list[int]] = {}
    members: dict[str, list[int]] = {}
    for i, (unit, name) in enumerate(zip(units, shown, strict=True)):
        if unit:
            inside.setdefault(unit, []).append(i)
        if name:
            members.setdefault(name, []).append(i)

    def value(name: str) -> ValueNode:
        those = members[name]
        role = Role.INTERMEDIATE if units[those[0]] else Role.INPUT
        if units[those[0]] and those[0] in structure.outputs:
            role = Role.OUTPUT
        elif those[0] in structure.paths:
            role = Role.PARAMETER
        return ValueNode(name, role, structure.label(those), "", tuple(those))

    nodes: list[Node] = [value(name) for name, those in members.items() if not units[those[0]]]
    edges: list[Edge] = []
    leaving: dict[tuple[str, str], list[Place]] = {}
    for stretch, run in groupby(range(1, len(stretches)), stretches.__getitem__):
        unit, within = f"u{stretch}", list(run)
        title = _title(within[0], within[-1])
        lines = tuple(counted(structure, inside[unit]))
        nodes.append(UnitNode(unit, title, lines, tuple(inside[unit])))
        for i in inside[unit]:
            if shown[i]:
                leaving.setdefault((unit, shown[i]), []).append((i, RESULT))
        nodes += [value(name) for at, name in leaving if at == unit and name != OUTPUTS]
    if OUTPUTS in members:
        nodes.append(value(OUTPUTS))
    edges += _edges(structure, units, shown)
    edges += [Edge(unit, name, "", tuple(places)) for (unit, name), places in leaving.items()]
    return Scene("summary", tuple(nodes), tuple(edges))


def _shown(structure: Structure, units: Sequence[str], room: int) -> list[str]:
    """The node of each Value that is drawn beside the stretches, or an empty name.

    What has a label has a node of its own in each stretch, or shares one with labels that differ by
    their digits if there is no room; those of the fewest Values go first.
    """
    outputs = set(structure.outputs)
    shown: list[str] = []
    labelled: list[tuple[int, tuple[object, ...], str]] = []
    for i, unit in enumerate(units):
        is_output, is_parameter = i in outputs, i in structure.paths
        shown.append("" if unit else "parameters" if is_parameter else "leaves")
        if unit and is_output:
            shown[i] = OUTPUTS
        if label := str(structure.order[i].label):
            labelled.append((i, (unit, is_output, is_parameter), label))
    groups: dict[object, list[int]] = {}
    for shortened in (str, without_digits):
        groups = {}
        for i, kind, label in labelled:
            groups.setdefault((kind, shortened(label)), []).append(i)
        if len(groups) <= room:
            break
    for those in sorted(groups.values(), key=len)[: max(room, 0)]:
        for i in those:
            shown[i] = f"n{those[0]}"
    return shown


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
    return f"depth {first:,}" if first == last else f"depth {first:,} to {last:,}"


def _edges(structure: Structure, units: Sequence[str], shown: Sequence[str]) -> list[Edge]:
    """The operands that a stretch reads from elsewhere, by the node that they come from."""
    between: dict[tuple[str, str], list[Place]] = {}
    for i, tails in enumerate(structure.tails):
        head = units[i]
        for k, tail in enumerate(tails):
            if tail is not None and units[tail] != head:
                is_shown = shown[tail] not in ("", OUTPUTS)
                start = shown[tail] if is_shown else units[tail]
                between.setdefault((head, start), []).append((i, k))
    return [Edge(tail, head, "", tuple(places)) for (head, tail), places in between.items()]
