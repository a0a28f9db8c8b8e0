"""What is true of every turn of a loop, or of every one of several parts beside each other.

A turn reads what the one before it has left. So the first is no example of the others: it reads
the start, and a formula that goes on from there would be that of many turns. What is *carried* from
turn to turn stands by its name, or is left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from autograd.draw.scene.blocks import Blocks
from autograd.draw.scene.formulas import formula, shortened
from autograd.draw.scene.parts import Place


class EveryTurn:
    """Turns, each with its blocks in the same order.

    Args:
        blocks: of the graph.
        turns: two or more.
    """

    def __init__(self, blocks: Blocks, turns: Sequence[Sequence[Hashable]]) -> None:
        self.blocks, self.turns = blocks, turns
        self.turn_of = {group: t for t, turn in enumerate(turns) for group in turn}
        self.column_of = {group: j for turn in turns for j, group in enumerate(turn)}
        self.names = [self.blocks.common_name(self._column(j)) for j in range(len(turns[0]))]

    @property
    def is_loop(self) -> bool:
        """Whether some turn reads what an earlier one has computed."""
        return any(
            self.turn_of.get(tail, t) < t
            for t, turn in enumerate(self.turns)
            for group in turn
            for tail in self.blocks.tails(group, self.blocks.members[group])
            if tail is not None
        )

    def lines(self, constants: bool) -> list[str]:
        """An equation for each result that has a name in every turn."""
        return [
            f"{shortened(name)} = {self.formula(j, constants)}"
            for j, (name, group) in enumerate(zip(self.names, self.turns[0], strict=True))
            if name and not self.blocks.is_unit(group)
        ]

    def formula(self, j: int, constants: bool) -> str:
        """The formula of a block of the turns: that of one turn."""
        return formula(self.blocks.structure, self._column(j), self._name, constants)

    def _column(self, j: int) -> list[int]:
        """The Values of the same block of each turn."""
        return [i for turn in self.turns for i in self.blocks.members[turn[j]]]

    def _name(self, places: Sequence[Place]) -> str | None:
        """The name of what is read at some places: that of what is carried, but for the start."""
        structure, group_of = self.blocks.structure, self.blocks.grouping.groups
        turns = [self.turn_of.get(group_of[i], 0) for i, _ in places]
        tails = [structure.tails[i][k] for i, k in places]
        read = [tail for tail in tails if tail is not None]
        groups = [None if tail is None else group_of[tail] for tail in tails]
        columns = {self.column_of[group] for group in groups if group in self.column_of}
        pairs = zip(groups, turns, strict=True)
        if any(self.turn_of.get(group, t) < t for group, t in pairs):
            return self.names[columns.pop()] or None if len(columns) == 1 else None
        if self._begins(tails, turns):  # of what another loop carries
            later = zip(tails, turns, strict=True)
            return self.blocks.common_name(tail for tail, t in later if t > 0) or None
        if len(read) < len(tails):
            return None
        if any(self.blocks.is_unit(group) for group in groups):
            return self.blocks.common_name(read) or None
        if len(columns) == 1 and self.turn_of.keys() >= set(groups):
            return self.names[columns.pop()]
        return self.blocks.common_name(read)

    def _begins(self, tails: Sequence[int | None], turns: Sequence[int]) -> bool:
        """Whether the first turn reads a leaf or a number where the others read results."""
        made = self.blocks.structure.primitives
        is_result = [tail is not None and made[tail] is not None for tail in tails]
        pairs = list(zip(is_result, turns, strict=True))
        return len(set(is_result)) > 1 and all(result == (t > 0) for result, t in pairs)
