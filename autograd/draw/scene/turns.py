"""Repeated steps in a sequence of operations: the turns of a loop, whatever the loop was.

Nothing says that a loop was run: the operations are a flat list, operands before results. But each
turn of a loop leaves the same operations, which read each other, and the turn before, from the same
distance; what is read from outside is the same in each turn, or a new leaf in each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

NUMBER = -1
"""In `Sequences.tails`, a plain number. A leaf is a smaller number, an operation its position."""

FEWEST = 3  # turns that are a repetition
WINDOWS = (1, 2, 4, 8)  # lengths of the pieces by whose return a period is guessed
GUESSES = 4  # periods tried for each length
MOST_CUTS = 64  # ways to cut a stretch into turns that are compared


class Sequences(NamedTuple):
    """Operations in topological order.

    Attributes:
        kinds: the kind of each operation.
        labels: the label of each, without digits; `None` for an output, which is drawn by itself.
        tails: for each, its operands: positions of operations, `NUMBER`, or leaves.
        leaves: the kind of each leaf.
        shared: the number of boxes that each operation is in together with the one before it.
    """

    kinds: Sequence[Hashable]
    labels: Sequence[str | None]
    tails: Sequence[Sequence[int]]
    leaves: dict[int, Hashable]
    shared: Sequence[int] = ()

    def repeats(self, i: int, period: int) -> bool:
        """Whether an operation is the one that many places later, one turn on."""
        return self.begins(i, period, NUMBER)

    def begins(self, i: int, period: int, start: int) -> bool:
        """The same in the first turn, which reads other things in place of a turn before it."""
        j = i + period
        labels = {self.labels[i], self.labels[j]} - {None}
        if (
            self.kinds[i] != self.kinds[j]
            or len(labels) > 1
            or len(self.tails[i]) != len(self.tails[j])
        ):
            return False
        pairs = zip(self.tails[i], self.tails[j], strict=True)
        return all(a == b or self._follows(a, b, period) or a < start <= b for a, b in pairs)

    def _follows(self, a: int, b: int, period: int) -> bool:
        if a < NUMBER and b < NUMBER:
            return self.leaves[a] == self.leaves[b]
        return a >= 0 and b - a == period


@dataclass(frozen=True, order=True, slots=True)
class Run:
    """Turns that follow each other: `count` of them, of `period` operations each."""

    start: int
    period: int
    count: int

    @property
    def end(self) -> int:
        """The position after the last turn."""
        return self.start + self.period * self.count


def runs_of(given: Sequences) -> list[Run]:
    """The repeated steps, from left to right, none of which overlap.

    Where several are possible, those that hide most are taken, so a short loop inside a long one
    may come first; what is left of the long one repeats when the short ones are single operations.

    >>> tails = [(-2, NUMBER)] + [(i, NUMBER) for i in range(9)]
    >>> runs_of(Sequences(["mul", "add"] * 5, [""] * 10, tails, {-2: "x"}))
    [Run(start=0, period=2, count=5)]
    """
    found: list[Run] = []
    for period in _periods(given.kinds):
        start = 0
        for i in range(len(given.kinds) - period + 1):
            if i < len(given.kinds) - period and given.repeats(i, period):
                continue
            if i - start >= (FEWEST - 2) * period:  # with one more turn at each end
                run = _aligned(given, start, i + period, period)
                if run.count >= FEWEST:
                    found.append(run)
            start = i + 1
    found.sort(key=lambda run: (run.period - (run.end - run.start), run.period, run.start))
    taken = bytearray(len(given.kinds))
    chosen = []
    for run in found:
        if not any(taken[run.start : run.end]):
            taken[run.start : run.end] = b"\1" * (run.end - run.start)
            chosen.append(run)
    return sorted(chosen)


def _periods(kinds: Sequence[Hashable]) -> list[int]:
    """The distances at which pieces of the sequence most often return."""
    numbers: dict[Hashable, int] = {}
    coded = [numbers.setdefault(kind, len(numbers)) for kind in kinds]
    found: set[int] = set()
    for length in WINDOWS:
        last: dict[tuple[int, ...], int] = {}
        distances: Counter[int] = Counter()
        for i in range(len(coded) - length + 1):
            piece = tuple(coded[i : i + length])
            if piece in last:
                distances[i - last[piece]] += 1
            last[piece] = i
        found.update(distance for distance, _ in distances.most_common(GUESSES))
    return sorted(found)


def _aligned(given: Sequences, start: int, end: int, period: int) -> Run:
    """The turns of a stretch that repeats, cut where fewest results go from turn to turn.

    Where boxes end and begin, that says more than the results do.
    """
    last_read = {}
    for i in range(start, min(end, start + 3 * period)):
        for tail in given.tails[i]:
            if tail >= start:
                last_read[tail] = i
    crossing = {}  # how many boxes and results are on both sides of a cut in the second turn
    for cut in range(min(period, MOST_CUTS)):
        at = start + period + cut
        boxes = given.shared[at] if given.shared else 0
        crossing[cut] = boxes, sum(i < at <= reader for i, reader in last_read.items())

    def turns(cut: int) -> Run:
        first = start + cut
        while first >= period and all(
            given.repeats(i, period) for i in range(first - period, first)
        ):
            first -= period
        if first >= period and all(
            given.begins(i, period, first - period) for i in range(first - period, first)
        ):
            first -= period
        return Run(first, period, (end - first) // period)

    best = min(crossing.values())
    found = (turns(cut) for cut, count in crossing.items() if count == best)
    # Of equal ones, a turn ends with what somebody has named: the state.
    return max(found, key=lambda run: (run.count, given.labels[run.end - 1] != "", -run.start))
