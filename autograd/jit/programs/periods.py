"""Periods: where the operations of a program repeat, turn after turn.

A Python loop leaves the same operations again and again. A turn is a stretch of operations; leaves
are not counted. A *region* is a number of turns, one after the other, of the same operations, such
that each operand, in all turns, is

- the result at a place of the same turn;
- the result at a place of the turn before, or some turns before (*carried*; the first turns, which
  have none before them, read what was there before the region);
- a number from before the region: the same in all turns, or one for each (a *row*).

Every operand of every turn is compared, so a region is no guess. Which lengths of turns are worth
a look is guessed: those at which short runs of operations come again, and those at which regions
do: units of a layer are alike, and the layer comes again in each turn of a loop around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

LEAST_TURNS = 3
"""Fewer are no region."""

MOST_BACK = 4
"""The number of turns from which a result is carried."""

_RUNS = (3, 12, 48)  # lengths of the runs that are looked for again
_CANDIDATES = 12  # of periods, for each length of runs


class Before(NamedTuple):
    """An operand from before the region: what each turn reads."""

    nodes: tuple[int, ...]


class Own(NamedTuple):
    """An operand that is the result at a place of the same turn."""

    place: int


class Carried(NamedTuple):
    """An operand from an earlier turn: the place there, and what the first turns read instead."""

    place: int
    first: tuple[int, ...]


Operand = Before | Own | Carried


class Region(NamedTuple):
    """Turns of the same operations.

    Attributes:
        start: the first operation, counted without leaves.
        period: the number of operations of a turn.
        turns: the number of turns.
        operands: those of each operation of a turn.
    """

    start: int
    period: int
    turns: int
    operands: list[list[Operand]]

    @property
    def stop(self) -> int:
        """The operation after the last."""
        return self.start + self.period * self.turns

    @property
    def saved(self) -> int:
        """How many operations a program has less by it."""
        return self.period * (self.turns - 1)


class Line(NamedTuple):
    """The operations of a program, one after the other.

    Attributes:
        nodes: their nodes.
        kinds: a number for each, equal where they are the same operation.
        operands: their operands: the place of an operation, or -1 - node for a leaf.
        wholes: the places of rows and loops, which are no numbers: they stay within a turn.
    """

    nodes: list[int]
    kinds: list[int]
    operands: list[tuple[int, ...]]
    wholes: set[int]


def regions(program: Line, least: int = 1, part: float = 0.0) -> list[Region]:
    """The best regions: all of one period, which save most operations.

    Args:
        program: where to look.
        least: the least period.
        part: how much of the program the turns are at least.
    """
    best: list[Region] = []
    most = 0
    pending = _candidates(program.kinds)
    seen = {0, *(period for _, period, _ in pending)}
    while pending:
        bound, period, runs = pending.pop(0)
        if bound <= most or bound + period < part * len(program.kinds):
            break
        if period < least:
            continue
        found = [x for start, stop in runs for x in _within(program, period, start, stop)]
        saved = sum(x.saved for x in found)
        if saved > most:
            best, most = found, saved
        outer = _distance(found)
        if outer not in seen:
            seen.add(outer)
            pending = sorted(pending + _bounded(program.kinds, [outer]), key=_worth)
    return best


def _distance(found: Sequence[Region]) -> int:
    """How far regions are apart, most often: the period of a loop around that of alike turns."""
    counts = Counter(b.start - a.start for a, b in pairwise(found))
    return max(counts, key=lambda x: (counts[x], -x), default=0)


def _worth(candidate: tuple[int, int, list[tuple[int, int]]]) -> tuple[int, int]:
    """The best first, then the shortest."""
    bound, period, _ = candidate
    return -bound, period


def _candidates(kinds: Sequence[int]) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """Periods, with a bound of what they save and where; the best first, then the shortest."""
    periods: dict[int, None] = {}
    for length in _RUNS:
        last: dict[tuple[int, ...], int] = {}
        distances = Counter[int]()
        for i in range(len(kinds) - length + 1):
            run = tuple(kinds[i : i + length])
            if run in last:
                distances[i - last[run]] += 1
            last[run] = i
        worth = sorted(distances, key=lambda d: (-d * distances[d], d))
        periods |= dict.fromkeys(worth[:_CANDIDATES])
    return sorted(_bounded(kinds, periods), key=_worth)


def _bounded(
    kinds: Sequence[int], periods: Iterable[int]
) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """Those of the periods that may save something, each with a bound of how much, and where."""
    found = []
    for period in periods:
        runs = [
            (start, stop)
            for start, stop in _alike(kinds, period)
            if stop - start >= LEAST_TURNS * period
        ]
        if runs:
            bound = sum((stop - start) // period * period - period for start, stop in runs)
            found.append((bound, period, runs))
    return found


def _alike(kinds: Sequence[int], period: int) -> Iterator[tuple[int, int]]:
    """The stretches in which each kind comes again after a period."""
    start, count = 0, len(kinds) - period
    while start < count:
        i = start
        while i < count and kinds[i] == kinds[i + period]:
            i += 1
        if i > start:
            yield start, i + period
        start = i + 1


def _within(program: Line, period: int, start: int, stop: int) -> list[Region]:
    """The regions in a stretch of alike operations."""
    found: list[Region] = []
    at = start
    while stop - at >= LEAST_TURNS * period:
        first = at + (_cut(program, period, at, stop) if at == start else 0)
        if stop - first < LEAST_TURNS * period:
            first = at
        region, turns = None, LEAST_TURNS
        while True:  # most end soon: few turns are compared first, then many times as many
            longer = _compared(program, period, first, min(first + turns * period, stop))
            region = longer or region
            if longer is None or longer.turns < turns:
                break
            turns *= 8
        if region is None:
            at = first + period
        else:
            found.append(region)
            at = region.stop
    return found


def _cut(program: Line, period: int, start: int, stop: int) -> int:
    """Where a turn begins: as few numbers as possible are carried, and as many turns as can be.

    It is looked for in the middle, where nothing comes from before the stretch any more.
    """
    middle = start + (stop - start) // period // 2 * period
    last: dict[int, int] = {}
    for i in range(middle, min(middle + 2 * period, stop)):
        for x in program.operands[i]:
            if x >= middle - period:
                last[x] = i
    crossing = [0] * (period + 1)
    for made, used in last.items():
        for cut in range(made + 1, min(used, made + period) + 1):
            if middle <= cut < middle + period:
                crossing[cut - middle] += len(last) if made in program.wholes else 1
    turns = [(stop - start - i) // period for i in range(period)]
    few = min(crossing[:period])
    return max(range(period), key=lambda i: (crossing[i] == few, turns[i], -i))


def _compared(program: Line, period: int, start: int, stop: int) -> Region | None:
    """The region that begins here, as far as turns do the same; None if it is too short."""
    operands = program.operands
    turns = (stop - start) // period
    read: list[list[list[int]]] = []
    for place in range(period):
        count = len(operands[start + place])
        columns: list[list[int]] = [[] for _ in range(count)]
        for turn in range(turns):
            for column, x in zip(columns, operands[start + turn * period + place], strict=True):
                column.append(x)
        read.append(columns)
        turns = min([turns, *(_agreeing(column, start, period, place) for column in columns)])
        if turns < LEAST_TURNS:
            return None
    made = [
        [_operand(program, column[:turns], start, period) for column in columns] for columns in read
    ]
    region = Region(start, period, turns, made)
    return None if program.wholes and _is_torn(program, region, read) else region


def _is_torn(program: Line, region: Region, read: Sequence[Sequence[Sequence[int]]]) -> bool:
    """Whether a row or a loop is read across the border of a turn."""
    for columns, row in zip(read, region.operands, strict=True):
        for column, x in zip(columns, row, strict=True):
            if x.__class__ is not Own and not program.wholes.isdisjoint(column[: region.turns]):
                return True
    inside = range(region.start, region.stop)
    mine = program.wholes.intersection(inside)
    return bool(mine) and any(
        not mine.isdisjoint(at) for i, at in enumerate(program.operands) if i not in inside
    )


def _agreeing(column: Sequence[int], start: int, period: int, place: int) -> int:
    """The number of turns, from the first, in which an operand is of one sort."""
    first = column[0]
    if first >= start:  # of the same turn
        for turn, x in enumerate(column):
            if x != first + turn * period:
                return turn
        return len(column)
    back = -1
    for turn, x in enumerate(column):
        if x < start:
            if back >= 0:
                return turn
        elif back < 0:
            if turn > MOST_BACK or x >= start + period:
                return turn
            back, first = turn, x
        elif x != first + (turn - back) * period:
            return turn
    return len(column)


def _operand(program: Line, column: Sequence[int], start: int, period: int) -> Operand:
    """What an operand is, of which the turns agree."""
    if column[0] >= start:
        return Own(column[0] - start)
    nodes = [program.nodes[x] if x >= 0 else -1 - x for x in column if x < start]
    if len(nodes) == len(column):
        return Before(tuple(nodes))
    return Carried(column[len(nodes)] - start, tuple(nodes))
