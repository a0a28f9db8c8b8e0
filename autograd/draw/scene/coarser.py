"""A coarser grouping: what is still too large is folded from the inside out, and keeps its names.

`steps` folds the turns of a loop into one unit, and parts that follow each other but read nothing
of each other; `formulas` what is read by one operation alone into that operation. Labels, leaves,
parameters and outputs are never folded by a formula; in a loop, names that differ by their digits
only, `h1`, `h2`, are one name.

Both keep the order of a graph, so no two groups read each other: the operations of the turns are
consecutive in a topological order, and a formula has one result.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from math import inf

from autograd.draw.scene.assembly import Grouping, Unit
from autograd.draw.scene.blocks import Blocks
from autograd.draw.scene.every_turn import EveryTurn
from autograd.draw.scene.formulas import formula
from autograd.draw.scene.parts import Box, Place
from autograd.draw.scene.structure import ANY_TURN, Structure
from autograd.draw.scene.turns import NUMBER, Run, runs_of
from autograd.draw.scene.words import counted

MOST_LINES = 4  # formulas that a unit shows
WORDS = {True: ANY_TURN, False: "part"}  # a turn of a loop, and what is beside others like it
DEEPEST_LOOPS = 3


def steps(structure: Structure, grouping: Grouping, opened: bool, constants: bool) -> Grouping:
    """The grouping in which the turns of each loop are one unit; the last is left, if `opened`.

    The same grouping, if nothing is repeated.
    """
    for level in range(DEEPEST_LOOPS):
        blocks = Blocks(structure, grouping)
        runs = runs_of(blocks.sequences)
        if not runs:
            break
        grouping = _Turns(blocks, level, opened, constants).folded(runs)
    return grouping


class _Turns:
    """Runs of blocks being folded."""

    def __init__(self, blocks: Blocks, level: int, opened: bool, constants: bool) -> None:
        self.blocks, self.grouping = blocks, blocks.grouping
        self.level, self.opened, self.constants = level, opened, constants
        self.renamed: dict[Hashable, Hashable] = {}
        self.numbers: dict[Hashable, Hashable] = {}
        self.units = dict(self.grouping.units)
        self.box_of = dict(self.grouping.box_of)
        self.boxes = list(self.grouping.boxes)

    def folded(self, runs: Sequence[Run]) -> Grouping:
        kinds: dict[Hashable, dict[Hashable, Place]] = {}
        grouping, structure = self.grouping, self.blocks.structure
        for place, kind in grouping.numbers.items():
            if place in grouping.inputs:
                kinds.setdefault(grouping.groups[place[0]], {}).setdefault(kind, place)
        for n, run in enumerate(runs):
            self.fold((self.level, n), run, kinds)
        groups = [self.renamed.get(group, group) for group in grouping.groups]
        numbers = {
            place: self.numbers.get(kind, kind)
            for place, kind in grouping.numbers.items()
            if place in grouping.inputs or groups[place[0]] not in self.units
        }
        assert len(groups) == len(structure.order)
        return replace(
            grouping,
            groups=groups,
            numbers=numbers,
            units={group: unit for group, unit in self.units.items() if group not in self.renamed},
            box_of=self.box_of,
            boxes=tuple(self.boxes),
        )

    def fold(self, n: Hashable, run: Run, kinds: dict[Hashable, dict[Hashable, Place]]) -> None:
        blocks = self.blocks
        turns = [
            blocks.order[start : start + run.period]
            for start in range(run.start, run.end, run.period)
        ]
        is_loop = EveryTurn(blocks, turns).is_loop
        if self.opened:
            self.open(turns.pop(), run.count, is_loop)
        step = ("step", n)
        self.units[step] = self.describe(EveryTurn(blocks, turns), is_loop)
        for turn in turns:
            self.renamed.update(dict.fromkeys(turn, step))
        box = self.around([group for turn in turns for group in turn])
        if box is not None:
            self.box_of[step] = box
        sequences = blocks.sequences
        for j in range(run.period):
            at = [run.start + t * run.period + j for t in range(len(turns))]
            for k, tails in enumerate(zip(*(sequences.tails[i] for i in at), strict=True)):
                leaves = {blocks.leaves[-2 - tail] for tail in tails if tail < NUMBER}
                if len(leaves) > 1 and leaves.isdisjoint(self.renamed):
                    self.renamed.update(dict.fromkeys(leaves, ("leaf", n, j, k)))
            for turn in turns:
                for k, kind in enumerate(kinds.get(turn[j], ())):
                    self.numbers.setdefault(kind, ("number", n, j, k))

    def open(self, turn: Sequence[Hashable], count: int, is_loop: bool) -> None:
        """Draw a box around a turn that stays, unless parts of it are in boxes already."""
        if len(turn) > 1 and not any(group in self.box_of for group in turn):
            name = f"turn{len(self.boxes)}"
            self.boxes.append(Box(name, WORDS[is_loop], None, f"{count:,} of {count:,}"))
            self.box_of.update(dict.fromkeys(turn, name))

    def around(self, groups: Sequence[Hashable]) -> str | None:
        """The innermost box around all of these groups."""
        parents = {box.name: box.parent for box in self.boxes}
        chains = []
        for name in {self.box_of.get(group) for group in groups}:
            chain: list[str] = []
            while name is not None:
                chain.insert(0, name)
                name = parents[name]
            chains.append(chain)
        common = [x[0] for x in zip(*chains, strict=False) if len(set(x)) == 1]
        return common[-1] if common else None

    def describe(self, every: EveryTurn, is_loop: bool) -> Unit:
        """What stands for turns: the formula of one operation, or of what has a name, or counts."""
        blocks, turn, count = self.blocks, every.turns[0], len(every.turns)
        turns = count if is_loop else 1
        if len(turn) == 1 and blocks.is_unit(turn[0]):
            unit = self.grouping.units[turn[0]]
            title = self.blocks.title(unit.title)
            repeats = unit.repeats * count
            return replace(unit, title=title, repeats=repeats, turns=unit.turns * turns)
        if len(turn) == 1:
            return Unit(every.formula(0, self.constants), (), count, turns)
        lines = every.lines(self.constants)
        if not lines or len(lines) > MOST_LINES:
            lines = counted(blocks.structure, [i for g in turn for i in blocks.members[g]])
        return Unit(self.title(every.turns) or WORDS[is_loop], tuple(lines), count, turns)

    def title(self, turns: Sequence[Sequence[Hashable]]) -> str:
        """The title of the box that each turn has of its own, or an empty one."""
        around = self.around(turns[0])
        if around is None or around == self.around(turns[1]):
            return ""
        return next(self.blocks.title(box.title) for box in self.boxes if box.name == around)


def formulas(blocks: Blocks, deepest: float, constants: bool, most: float = inf) -> Grouping:
    """The grouping in which an operation without a label is part of the only one that reads it.

    Args:
        blocks: the graph, and how it is grouped.
        deepest: the most operations in each other that become one; 1 leaves an operation with its
            result.
        constants: whether plain numbers are written in the formulas.
        most: the number of groups beyond which nobody reads the formulas, so none are written.
    """
    structure, grouping = blocks.structure, blocks.grouping
    root: dict[Hashable, Hashable] = {}
    depth: dict[Hashable, int] = {}
    for group in reversed(blocks.order):  # what reads a group has its root already
        if blocks.is_unit(group):
            continue
        root[group], depth[group] = group, 1
        above = blocks.readers.get(group, set())
        roots = {root.get(reader) for reader in above}
        members = blocks.members[group]
        if len(roots) == 1 and None not in roots and _is_free(blocks, group):
            [top] = roots
            deeper = 1 + max(depth[reader] for reader in above)
            alike = len(blocks.members[top]) == len(members)
            same_box = grouping.box_of.get(top) == grouping.box_of.get(group)
            if deeper <= deepest and alike and same_box:
                root[group], depth[group] = top, deeper
    groups = [root.get(group, group) for group in grouping.groups]
    if len(set(groups)) > most:
        return replace(grouping, groups=groups)

    def name(places: Sequence[Place]) -> str | None:
        tails = [structure.tails[i][k] for i, k in places]
        groups = {None if tail is None else grouping.groups[tail] for tail in tails}
        if len(groups) > 1 or None in groups:
            return structure.operand_label(places) or None
        [group] = groups
        return blocks.common_name(tails) or (None if blocks.is_unit(group) else "")

    units = dict(grouping.units)
    for top in dict.fromkeys(root.values()):
        members = blocks.members[top]
        text = formula(structure, members, name, constants)
        label = structure.label(members)
        is_shown = not label or members[0] in blocks.outputs  # which is drawn beside it
        units[top] = Unit(text if is_shown else label, () if is_shown else (text,), len(members))
    numbers = {
        place: kind
        for place, kind in grouping.numbers.items()
        if place in grouping.inputs or groups[place[0]] not in units
    }
    return replace(grouping, groups=groups, numbers=numbers, units=units)


def _is_free(blocks: Blocks, group: Hashable) -> bool:
    """Whether nobody named anything in a group, and none of it is an output."""
    order = blocks.structure.order
    return not any(order[i].label or i in blocks.outputs for i in blocks.members[group])
