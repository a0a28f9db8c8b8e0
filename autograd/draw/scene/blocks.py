"""The groups of a grouping as a graph: what `coarser` folds further."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from autograd.cached import cached_property
from autograd.draw.scene.assembly import Grouping, ordered
from autograd.draw.scene.paths import common_name, without_digits
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.turns import NUMBER, Sequences


class Blocks:
    """The groups with operations, in topological order, and what they read."""

    def __init__(self, structure: Structure, grouping: Grouping) -> None:
        order = ordered(structure, grouping)
        assert isinstance(order, list)
        self.structure, self.grouping = structure, grouping
        self.members: dict[Hashable, list[int]] = {group: [] for group in order}
        for i, group in enumerate(grouping.groups):
            self.members[group].append(i)
        self.leaves = [
            group for group in order if not self.is_unit(group) and not self.makes(group)
        ]
        self.order = self._deepest_first(order)
        self.position = {group: n for n, group in enumerate(self.order)}
        self.outputs = frozenset(structure.outputs)

    def _deepest_first(self, order: Sequence[Hashable]) -> list[Hashable]:
        """The operations, each right after the operand with the longest path to it.

        So the turns of a loop follow each other, whatever a turn computes of its own inputs first.
        """
        leaves: set[Hashable] = {*self.leaves, None}
        first = {group: n for n, group in enumerate(order)}
        # What each turn reads is not as deep as what one alone does: it is no beginning of a loop.
        readers = {
            g: sum(len(self.structure.readers[i]) for i in self.members[g]) for g in self.leaves
        }
        height: dict[Hashable, float] = {None: 0.0}
        height |= {group: 1 / (1 + count) for group, count in readers.items()}
        tails: dict[Hashable, list[Hashable]] = {}
        for group in order:
            if group not in leaves:
                known = self.read[group]
                read = known - leaves
                tails[group] = sorted(read, key=lambda tail: (height[tail], -first[tail]))
                height[group] = 1 + max((height[tail] for tail in known), default=0)
        read_ones = {tail for those in tails.values() for tail in those}
        listed: dict[Hashable, None] = {}
        stack = [(group, False) for group in reversed(list(tails)) if group not in read_ones]
        while stack:
            group, is_ready = stack.pop()
            if is_ready:
                listed[group] = None
            elif group not in listed:
                stack.append((group, True))
                stack += [(tail, False) for tail in tails[group] if tail not in listed]
        return list(listed)

    @cached_property
    def read(self) -> dict[Hashable, set[Hashable | None]]:
        """The groups that each group reads, `None` for a number."""
        return {group: set(self.tails(group, of)) for group, of in self.members.items()}

    @cached_property
    def readers(self) -> dict[Hashable, set[Hashable]]:
        """The operations that read each group."""
        readers: dict[Hashable, set[Hashable]] = {}
        for group in self.order:
            for tail in self.read[group]:
                readers.setdefault(tail, set()).add(group)
        return readers

    def is_unit(self, group: Hashable) -> bool:
        """Whether a group is one node already."""
        return group in self.grouping.units

    def makes(self, group: Hashable) -> bool:
        """Whether a group has operations."""
        return self.structure.primitives[self.members[group][0]] is not None

    def label(self, group: Hashable) -> str:
        """The label of its members; those of a leaf without one have paths."""
        i = self.members[group][0]
        return self.structure.label(self.members[group]) or self.structure.paths.get(i, "")

    def common_name(self, members: Iterable[int | None]) -> str:
        """What is common to the labels, or paths, of some Values."""
        order, paths = self.structure.order, self.structure.paths
        known = dict.fromkeys(i for i in members if i is not None)
        return common_name([str(order[i].label) or paths.get(i, "") for i in known])

    def tails(self, group: Hashable, members: Sequence[int]) -> list[Hashable | None]:
        """The groups that members read, `None` for a number, in order."""
        groups, tails = self.grouping.groups, self.structure.tails
        if not self.is_unit(group):
            return [None if t is None else groups[t] for i in members for t in tails[i]]
        hidden = self.grouping.built_in
        read = {
            groups[t]: None for i in members for t in tails[i] if t is not None and t not in hidden
        }
        read.pop(group, None)
        return list(read)

    @cached_property
    def sequences(self) -> Sequences:
        """What `runs_of` reads."""
        codes = {group: -2 - n for n, group in enumerate(self.leaves)} | self.position
        return Sequences(
            [self._kind(group) for group in self.order],
            [
                None if self._is_output(group) else without_digits(self.label(group))
                for group in self.order
            ],
            [
                [
                    NUMBER if tail is None else codes[tail]
                    for tail in self.tails(group, self.members[group][: self._length(group)])
                ]
                for group in self.order
            ],
            {
                codes[group]: (
                    self._kind(group),
                    group if self._is_output(group) else without_digits(self.label(group)),
                )
                for group in self.leaves
            },
            self._shared_boxes(),
        )

    def _shared_boxes(self) -> list[int]:
        """The number of boxes that each operation is in together with the one before it."""
        parents = {box.name: box.parent for box in self.grouping.boxes}
        around: dict[str | None, frozenset[str]] = {None: frozenset()}
        for name, parent in parents.items():  # parents come first
            around[name] = around[parent] | {name}
        inside = [around[self.grouping.box_of.get(group)] for group in self.order]
        return [len(a & b) for a, b in zip([frozenset[str](), *inside], inside, strict=False)]

    def _length(self, group: Hashable) -> int | None:
        return None if self.is_unit(group) else 1

    @cached_property
    def _titles(self) -> dict[str, str]:
        return {box.name: self.title(box.title) for box in self.grouping.boxes}

    def title(self, title: str) -> str:
        """The title of a box or a unit in a loop: that of a scope is without its digits."""
        return self.structure.turn_titles.get(title, title)

    def _kind(self, group: Hashable) -> Hashable:
        members = self.members[group]
        if group in self.grouping.units:
            unit = self.grouping.units[group]
            what: Hashable = replace(unit, title=self.title(unit.title))
        else:
            what = (self.structure.primitives[members[0]], len(members))
        return what, self._titles.get(self.grouping.box_of.get(group, ""))

    def _is_output(self, group: Hashable) -> bool:
        return not self.outputs.isdisjoint(self.members[group])
