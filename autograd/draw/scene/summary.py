"""The summary of a huge graph: a few stretches of it, one after the other.

The *depth* of a Value is the number of operations on the longest path from a leaf to it. A stretch
has the Values between two depths: it counts their operations by name, and the picture shows the
ranges of the data and gradients of its results. It takes linear time and draws at most a dozen
stretches. What has a label stays a node beside them, if need be beside fewer of them; where there
is no room even so, the stretch, or the node of the leaves, lists the names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from autograd.draw.scene.limits import Limits
from autograd.draw.scene.parts import RESULT, Edge, Node, Place, Role, Scene, UnitNode, ValueNode
from autograd.draw.scene.paths import without_digits
from autograd.draw.scene.ranks import length_of
from autograd.draw.scene.repeats import heights_of
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.words import counted
from autograd.text import visible

MOST_STRETCHES = 12
FEW_STRETCHES = 3  # before there are fewer, labels that differ by their digits share a node
LEAVES = 2  # nodes at most of what has no label: parameters, and other leaves
OUTPUTS = "outputs"  # the node of those without a label
ENDS = 2  # ranks beside those of the stretches: leaves and results
LONGEST_LIST = 20  # characters of the names in a box
LISTED = 2  # lines of them


def summary(structure: Structure, limits: Limits) -> Scene:
    """The scene of a summary.

    Args:
        structure: the graph.
        limits: how large it may be, though there is always one stretch, and, if a path may have
            three nodes, those of the leaves and the outputs.

    >>> from autograd import Value
    >>> x = Value(1.0)
    >>> for _ in range(1000):
    ...     x = x * 1.5
    >>> scene = summary(Structure.of([x]), Limits.of(80))
    >>> [node.title for node in scene.nodes[1:3]], scene.nodes[1].lines
    (['depth 1 to 84', 'depth 85 to 167'], ('84 mul',))
    """
    depths = heights_of(structure)
    most = max(1, min(MOST_STRETCHES, limits.nodes - LEAVES - 1))
    if limits.is_strict:
        most = max(1, min(most, limits.length - ENDS))
    few = min(FEW_STRETCHES, most)
    has_leaves = limits.length > ENDS or not limits.is_strict
    tried = [(count, name) for name in NAMINGS for count in range(most, few - 1, -1)]
    tried += [(count, name) for name in NAMINGS for count in range(few - 1, 0, -1)]
    for count, name in tried:
        units = _units(depths, count, has_leaves)
        named = _named(structure, units, has_leaves, name)
        if len(named) + count + has_leaves * LEAVES + 1 > limits.nodes:
            continue
        scene = _Summary(structure, depths, units, named).scene()
        if not limits.is_strict or length_of(scene) <= limits.length:
            return scene
    units = _units(depths, few, has_leaves)
    named = sorted(_named(structure, units, has_leaves, without_digits), key=_importance)
    room = max(0, limits.nodes - few - has_leaves * LEAVES - 1)
    return _Summary(structure, depths, units, named[:room]).scene()


class _Name(NamedTuple):
    """Values of one label that are one node beside the stretches."""

    is_inner: bool
    members: list[int]


def _importance(name: _Name) -> tuple[bool, int]:
    """Inputs, parameters and outputs are named first, then what stands for the fewest Values."""
    return name.is_inner, len(name.members)


def _in_order(label: str) -> tuple[int, str]:
    """`x2` comes before `x10`."""
    return len(label), label


NAMINGS: tuple[Callable[[str], str], ...] = (str, without_digits)


def _units(depths: Sequence[int], count: int, has_leaves: bool) -> list[str]:
    """The stretch that each Value is in, by the name of its node; empty for a leaf outside."""
    stretches = _stretches(depths, count)
    if not has_leaves and len(stretches) > 1:
        stretches[0] = stretches[1]
    return [f"u{stretches[depth]}" if depth or not has_leaves else "" for depth in depths]


def _named(
    structure: Structure, units: Sequence[str], has_leaves: bool, name: Callable[[str], str]
) -> list[_Name]:
    """What has a label, in each stretch; leaves that are in a stretch only if they are outputs."""
    outputs = set(structure.outputs)
    groups: dict[object, _Name] = {}
    for i, unit in enumerate(units):
        is_output, is_leaf = i in outputs, structure.primitives[i] is None
        label = str(structure.order[i].label)
        if label and (has_leaves or is_output or not is_leaf):
            kind = (unit, is_output, i in structure.paths, name(label))
            groups.setdefault(kind, _Name(not is_output and not is_leaf, [])).members.append(i)
    return list(groups.values())


class _Summary:
    """A summary being made, given the stretches, and what is named beside them."""

    def __init__(
        self,
        structure: Structure,
        depths: Sequence[int],
        units: Sequence[str],
        named: Iterable[_Name],
    ) -> None:
        self.structure, self.depths, self.units = structure, depths, units
        outputs = set(structure.outputs)
        self.shown = [  # the node of each Value that is drawn beside the stretches
            (OUTPUTS if i in outputs else "")
            if unit
            else ("parameters" if i in structure.paths else "leaves")
            for i, unit in enumerate(units)
        ]
        for _, those in named:
            for i in those:
                self.shown[i] = f"n{those[0]}"
        self.inside: dict[str, list[int]] = {}
        self.members: dict[str, list[int]] = {}
        for i, (unit, name) in enumerate(zip(units, self.shown, strict=True)):
            if unit:
                self.inside.setdefault(unit, []).append(i)
            if name:
                self.members.setdefault(name, []).append(i)

    def scene(self) -> Scene:
        nodes: list[Node] = [
            self.value(name) for name, those in self.members.items() if not self.units[those[0]]
        ]
        leaving: dict[tuple[str, str], list[Place]] = {}
        for unit in sorted(self.inside, key=lambda unit: int(unit[1:])):
            nodes.append(self.stretch(unit))
            for i in self.inside[unit]:
                if self.shown[i]:
                    leaving.setdefault((unit, self.shown[i]), []).append((i, RESULT))
            nodes += [self.value(name) for at, name in leaving if at == unit and name != OUTPUTS]
        if OUTPUTS in self.members:
            nodes.append(self.value(OUTPUTS))
        edges = [*_edges(self.structure, self.units, self.shown)]
        edges += [Edge(unit, name, "", tuple(places)) for (unit, name), places in leaving.items()]
        return Scene("summary", tuple(nodes), tuple(edges))

    def value(self, name: str) -> ValueNode:
        those = self.members[name]
        structure, first = self.structure, those[0]
        if self.units[first] and first in structure.outputs:
            role = Role.OUTPUT
        elif structure.primitives[first] is not None:
            role = Role.INTERMEDIATE
        else:
            role = Role.PARAMETER if first in structure.paths else Role.INPUT
        label = structure.label(those) or next(self.names(those, 1), "")
        is_inner = bool(self.units[first]) and any(
            self.units[reader] == self.units[i] for i in those for reader, _ in structure.readers[i]
        )
        return ValueNode(name, role, label, "", tuple(those), is_inner=is_inner)

    def stretch(self, unit: str) -> UnitNode:
        those = self.inside[unit]
        depths = [self.depths[i] for i in those]
        hidden = [i for i in those if not self.shown[i]]
        lines = (*self.names(hidden, LISTED), *counted(self.structure, those))
        results = tuple(i for i in those if self.shown[i] or self.is_read_outside(i))
        inside = tuple(sorted(set(those).difference(results)))
        title = _title(min(depths), max(depths))
        return UnitNode(unit, title, lines, results, inside=inside)

    def is_read_outside(self, i: int) -> bool:
        unit = self.units[i]
        return any(self.units[reader] != unit for reader, _ in self.structure.readers[i])

    def names(self, members: Iterable[int], lines: int) -> Iterator[str]:
        """The labels of Values in so many lines, as many as there is room for."""
        order = self.structure.order
        labels = [
            (self.structure.primitives[i] is not None, visible(label))
            for i in members
            if (label := order[i].label)
        ]
        leaves = sorted((label for is_inner, label in labels if not is_inner), key=_in_order)
        rest = list(dict.fromkeys([*leaves, *(label for is_inner, label in labels if is_inner)]))
        for left in range(lines - 1, -1, -1):
            taken, length = 0, 0
            while taken < len(rest) and (not taken or length + len(rest[taken]) <= LONGEST_LIST):
                length += len(rest[taken]) + len(", ")
                taken += 1
            if not taken:
                return
            line, rest = ", ".join(rest[:taken]), rest[taken:]
            yield line + ("," if left else ", …") * bool(rest)


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
