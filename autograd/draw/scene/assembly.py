"""From groups of Values to a scene: the nodes, the edges, and their order.

A `Grouping` says which Values are drawn together, by giving each a group. `assemble` makes a scene
of it: for most groups an operation and its result, for a folded group one unit.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograd.draw.scene.operands import operand_names
from autograd.draw.scene.parts import (
    RESULT,
    Box,
    Detail,
    Edge,
    Node,
    NumberNode,
    OperationNode,
    Place,
    Role,
    Scene,
    UnitNode,
    ValueNode,
)
from autograd.draw.scene.paths import pattern
from autograd.draw.scene.structure import Structure


@dataclass(frozen=True, slots=True)
class Unit:
    """The description of a group that is folded into one node, as in `UnitNode`."""

    title: str
    lines: tuple[str, ...]
    repeats: int
    turns: int = 1


@dataclass(frozen=True)
class Grouping:
    """Which Values are drawn together.

    Attributes:
        groups: the group of each Value.
        numbers: the group of each plain number among the operands.
        inputs: for each number that is an input, the first place where it is read.
        units: the groups that are folded into one node.
        built_in: Values that are part of every unit that reads them, as parameters are: no edge
            leads from them to a unit.
        box_of: the box of a group, by name.
        boxes: the boxes, parents first.
        each_operand: whether every operand has a separate edge.
    """

    groups: Sequence[Hashable]
    numbers: Mapping[Place, Hashable]
    inputs: Mapping[Place, Place]
    units: Mapping[Hashable, Unit] = field(default_factory=dict)
    built_in: frozenset[int] = frozenset()
    box_of: Mapping[Hashable, str] = field(default_factory=dict)
    boxes: tuple[Box, ...] = ()
    each_operand: bool = False


def ordered(structure: Structure, grouping: Grouping) -> list[Hashable] | set[Hashable]:
    """The groups in topological order: those that are read before those that read them.

    Of several possible groups, the one with the earliest member is next. Where groups read each
    other in a cycle, which only units can cause, there is no order: then the set of the groups on
    cycles is returned.
    """
    groups, units = grouping.groups, grouping.units
    nothing: frozenset[int] = frozenset()
    first: dict[Hashable, int] = {}
    below: dict[Hashable, set[Hashable]] = {}
    above: dict[Hashable, set[Hashable]] = {}
    for i, tails in enumerate(structure.tails):
        group = groups[i]
        first.setdefault(group, i)
        reads = below.setdefault(group, set())
        hidden = grouping.built_in if group in units else nothing
        for tail in tails:
            if tail is None or tail in hidden:
                continue
            read = groups[tail]
            if read != group and read not in reads:
                reads.add(read)
                above.setdefault(read, set()).add(group)
    missing = {group: len(reads) for group, reads in below.items()}
    ready = [(i, group) for group, i in first.items() if not missing[group]]
    heap = [i for i, _ in ready]
    heapq.heapify(heap)
    order: list[Hashable] = []
    while heap:
        group = groups[heapq.heappop(heap)]
        order.append(group)
        for reader in above.get(group, ()):
            missing[reader] -= 1
            if not missing[reader]:
                heapq.heappush(heap, first[reader])
    if len(order) == len(first):
        return order
    rest = set(first).difference(order)
    while True:  # a group that only reads a cycle is not on one
        ends = {group for group in rest if rest.isdisjoint(above.get(group, ()))}
        if not ends:
            return rest
        rest -= ends


def assemble(
    structure: Structure, grouping: Grouping, order: Sequence[Hashable], detail: Detail
) -> Scene:
    """The scene in which every group is drawn once."""
    maker = _Maker(structure, grouping)
    for group in order:
        maker.add(group)
    return Scene(detail, tuple(maker.nodes), tuple(maker.edges), _inhabited(maker, grouping.boxes))


def _inhabited(maker: _Maker, boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The boxes that something is in."""
    wanted = {node.box for node in maker.nodes}
    for box in reversed(boxes):  # parents come first
        if box.name in wanted:
            wanted.add(box.parent)
    return tuple(box for box in boxes if box.name in wanted)


class _Maker:
    """A scene being made."""

    def __init__(self, structure: Structure, grouping: Grouping) -> None:
        self.structure = structure
        self.grouping = grouping
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.members: dict[Hashable, list[int]] = {}
        for i, group in enumerate(grouping.groups):
            self.members.setdefault(group, []).append(i)
        self.places: dict[Hashable, list[Place]] = {}
        for place, kind in grouping.numbers.items():
            first = self.places.setdefault(kind, [])
            if grouping.inputs.get(place, place) == place:
                first.append(place)
        self.names: dict[int, str] = {}  # of the node each Value leaves from
        self.number_names: dict[Hashable, str] = {}
        self.outputs = frozenset(structure.outputs)

    def add(self, group: Hashable) -> None:
        members = self.members[group]
        unit = self.grouping.units.get(group)
        box = self.grouping.box_of.get(group)
        if unit is not None:
            self.add_unit(group, unit, members, box)
        else:
            if self.structure.primitives[members[0]] is not None:
                self.add_operation(members, box)
            self.add_value(f"n{members[0]}", members, box)

    def add_unit(
        self, group: Hashable, unit: Unit, members: Sequence[int], box: str | None
    ) -> None:
        name = f"u{members[0]}"
        self.join(name, members, group)
        leaving = [i for i in members if self.leaves(i, group)]
        inside = sorted(set(members).difference(leaving))
        said = (name, unit.title, unit.lines, tuple(leaving), unit.repeats)
        self.nodes.append(UnitNode(*said, box, tuple(inside), unit.turns))
        self.names.update(dict.fromkeys(members, name))
        drawn: dict[Hashable, list[int]] = {}
        for i in leaving:
            if i in self.outputs:
                drawn.setdefault(self.structure.order[i].label, []).append(i)
        for outputs in drawn.values():
            value = f"n{outputs[0]}"
            self.edges.append(Edge(name, value, "", tuple((i, RESULT) for i in outputs)))
            self.add_value(value, outputs, None)

    def leaves(self, i: int, group: Hashable) -> bool:
        """Whether a Value is read outside the unit that it is in, or is an output."""
        if i in self.outputs:
            return True
        groups, units = self.grouping.groups, self.grouping.units
        is_built_in = i in self.grouping.built_in
        for reader, _ in self.structure.readers[i]:
            other = groups[reader]
            if other != group and not (is_built_in and other in units):
                return True
        return False

    def add_operation(self, members: Sequence[int], box: str | None) -> None:
        i = members[0]
        name = f"op{i}"
        primitive = self.structure.primitives[i]
        assert primitive is not None
        self.join(name, members, self.grouping.groups[i])
        self.nodes.append(OperationNode(name, primitive.symbol, tuple(members), box))
        self.edges.append(Edge(name, f"n{i}", "", tuple((i, RESULT) for i in members)))

    def add_value(self, name: str, members: Sequence[int], box: str | None) -> None:
        structure = self.structure
        i = members[0]
        if i in self.outputs:
            role = Role.OUTPUT
        elif structure.primitives[i] is not None:
            role = Role.INTERMEDIATE
        else:
            role = Role.PARAMETER if i in structure.paths else Role.INPUT
        label = structure.label(members)
        paths = [structure.paths.get(i, "") for i in members]
        groups = self.grouping.groups
        is_inner = any(groups[at] == groups[i] for i in members for at, _ in structure.readers[i])
        value = ValueNode(name, role, label, pattern(paths), tuple(members), box, "", is_inner)
        self.nodes.append(value)
        self.names.update(dict.fromkeys(members, name))

    def join(self, head: str, members: Sequence[int], group: Hashable) -> None:
        """Add the edges that lead to a node, and the plain numbers at their tails."""
        structure, groups = self.structure, self.grouping.groups
        is_unit = group in self.grouping.units
        hidden = self.grouping.built_in if is_unit else frozenset[int]()
        found: dict[Hashable, tuple[str, set[str], list[Place]]] = {}
        for i in members:
            primitive, tails = structure.primitives[i], structure.tails[i]
            if primitive is None:
                continue
            for k, tail in enumerate(tails):
                if tail is None:
                    start = self.number(i, k)
                    if start is None:
                        continue
                elif groups[tail] == group or tail in hidden:
                    continue
                else:
                    start = self.names[tail]
                key = (i, k) if self.grouping.each_operand else start
                edge = found.get(key)
                if edge is None:
                    edge = found[key] = start, set(), []
                if not is_unit:
                    edge[1].add(operand_names(primitive, len(tails))[k])
                edge[2].append((i, k))
        for start, names, places in found.values():
            said = min(names) if len(names) == 1 else ""
            is_one = is_unit or len(places) <= len(members) or self.reads_one(places)
            self.edges.append(Edge(start, head, said, tuple(places), is_one))

    def reads_one(self, places: Iterable[Place]) -> bool:
        """Whether each Value is computed from one operand in all of these places."""
        read: dict[int, Hashable] = {}
        for i, k in places:
            tail = self.structure.tails[i][k]
            operand = repr(self.structure.order[i].operands[k]) if tail is None else tail
            if read.setdefault(i, operand) != operand:
                return False
        return True

    def number(self, i: int, k: int) -> str | None:
        """The name of the node of a plain number, which is added if it is missing."""
        kind = self.grouping.numbers.get((i, k))
        if kind is None:
            return None
        if kind not in self.number_names:
            name = f"c{i}_{k}"
            role = Role.INPUT if (i, k) in self.grouping.inputs else Role.CONSTANT
            self.number_names[kind] = name
            box = self.grouping.box_of.get(self.grouping.groups[i])
            self.nodes.append(
                NumberNode(
                    name,
                    role,
                    tuple(self.places[kind]),
                    box if role is Role.CONSTANT else None,
                )
            )
        return self.number_names[kind]
