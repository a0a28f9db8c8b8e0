"""Units: which parts of a graph are folded into one node, and their descriptions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from autograd.cached import cached_property
from autograd.draw.scene.assembly import Unit
from autograd.draw.scene.paths import Box
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.uses import Uses
from autograd.draw.scene.words import word

Folded: TypeAlias = Literal["neurons", "layers"]


@dataclass(frozen=True)
class Folding:
    """The uses of a model's boxes that are folded; uses with the same content share one unit.

    Attributes:
        structure: the graph.
        uses: the uses of the boxes in it.
        kinds: for each use its kind: uses of one kind are repetitions.
        boxes: the boxes that are folded.
        dissolved: kinds of uses that cannot be folded.
    """

    structure: Structure
    uses: Uses
    kinds: Sequence[int]
    boxes: frozenset[Box]
    dissolved: frozenset[int] = frozenset()

    @staticmethod
    def of(
        structure: Structure,
        uses: Uses,
        kinds: Sequence[int],
        detail: Folded,
    ) -> Folding:
        """Fold every neuron, or every layer, given the kinds of the Values."""
        kinds_of_uses = _kinds_of_uses(uses, kinds)
        boxes = unit_boxes((use.box for use in uses.uses), detail)
        return Folding(structure, uses, kinds_of_uses, frozenset(boxes))

    def without(self, members: Iterable[int]) -> Folding:
        """The same, without the units that these Values are in."""
        units = {unit for i in members if (unit := self.units[i]) is not None}
        return replace(self, dissolved=self.dissolved | units)

    @cached_property
    def target(self) -> list[int | None]:
        """For each use, the use that it is folded into: itself, one around it, or `None`."""
        return [
            next(
                (
                    around
                    for around in self.uses.around(use)
                    if self.uses.uses[around].box in self.boxes
                    and self.kinds[around] not in self.dissolved
                ),
                None,
            )
            for use in range(len(self.uses.uses))
        ]

    @cached_property
    def units(self) -> list[int | None]:
        """For each Value, the unit it is in: the kind of the use that is folded."""
        units = [
            None if use is None or (target := self.target[use]) is None else self.kinds[target]
            for use in self.uses.of
        ]
        for i in self.structure.paths:
            readers = self.structure.readers[i]
            if units[i] is None and readers and all(units[j] is not None for j, _ in readers):
                units[i] = units[min(j for j, _ in readers)]
        return units

    @cached_property
    def built_in(self) -> frozenset[int]:
        """The parameters that only units read."""
        return frozenset(i for i in self.structure.paths if self.units[i] is not None)

    @cached_property
    def hidden(self) -> frozenset[int]:
        """The uses that are folded, and so have no box."""
        return frozenset(use for use, target in enumerate(self.target) if target is not None)

    def box_around(self, i: int) -> int | None:
        """The use whose box a Value is drawn in, or the unit that it is in."""
        return next((u for u in self.uses.around(self.uses.of[i]) if u not in self.hidden), None)

    @cached_property
    def _uses_of_units(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for use, target in enumerate(self.target):
            if use == target:
                found.setdefault(self.kinds[use], []).append(use)
        return found

    @cached_property
    def _members(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for i, use in enumerate(self.uses.of):
            target = None if use is None else self.target[use]
            if target is not None:
                found.setdefault(target, []).append(i)
        return found

    def describe(self, unit: int) -> Unit:
        """The description of a unit: its path, its content, and how many times it occurs."""
        repeats = self._uses_of_units[unit]
        first = repeats[0]
        members = self._members[first]
        folded = self.uses.uses[first]
        within = [self.uses.uses[use] for i in members if (use := self.uses.of[i]) is not None]
        inner = [use for use in within if len(use.box) > len(folded.box)]
        read = {p for i in members for p in (*self.uses.reads[i], *self.structure.tails[i])}
        parameters = read & self.structure.paths.keys()
        counts = (
            (len({use.box for use in inner}), "neuron" if all(u.reads for u in inner) else "part"),
            (len(parameters), "parameter"),
        )
        said = ", ".join(f"{n} {noun}" + "s" * (n > 1) for n, noun in counts if n)
        primitives = [self.structure.primitives[i] for i in members]
        operations = dict.fromkeys(word(p) for p in primitives if p is not None)
        lines = (said, ", ".join(operations)) if said else (", ".join(operations),)
        return Unit(folded.title, lines, len(repeats))


def _kinds_of_uses(uses: Uses, kinds: Sequence[int]) -> list[int]:
    """The kind of each use: those of the same box with the same content are repetitions."""
    inside: list[set[int]] = [set() for _ in uses.uses]
    for i, use in enumerate(uses.of):
        for around in uses.around(use):
            inside[around].add(kinds[i])
    known: dict[Hashable, int] = {}
    return [
        known.setdefault((use.box, frozenset(within)), len(known))
        for use, within in zip(uses.uses, inside, strict=True)
    ]


def unit_boxes(boxes: Iterable[Box], detail: Folded) -> set[Box]:
    """Those that are folded: boxes without boxes inside are neurons, those around are layers.

    A box that holds neurons and layers is neither, and its neurons count as layers.
    """
    named = set(boxes) - {()}
    around = {box[:end] for box in named for end in range(1, len(box))}
    neurons = named - around
    if detail == "neurons":
        return neurons
    mixed = {box[:-1] for box in around}
    return {box[:-1] if box[:-1] and box[:-1] not in mixed else box for box in neurons}
