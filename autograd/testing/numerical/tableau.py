"""Neville's scheme: extrapolating differences at ever smaller steps to the step 0.

The difference of neighbouring entries estimates their error. Beyond the classical scheme:

- The rounding of the function is propagated through it with the weights of its entries, so that an
  entry that is precise by chance is not taken for a reliable one.
- The error of an estimate is at least its difference from the one before.
- An estimate counts only if all finer steps confirm it: their estimates agree with it, and their
  plain differences are no farther from it than the wider one's was, except for rounding. If wide
  steps have missed waves of the function, those differences move away from it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from autograd.testing.numerical.estimates import PRECISION

AGREEING = 3  # the number of steps in a row that have to agree
COLUMNS = 8
ENOUGH = 1e-10  # the relative error below which more steps gain nothing


class Best(NamedTuple):
    """The estimate of a scheme.

    Attributes:
        value: the limit at the step 0.
        error: its estimated error.
        agreeing: how many of the finest steps agree.
    """

    value: float
    error: float
    agreeing: int


class Row(NamedTuple):
    """A row of the scheme: the entries of one step, and the best of them.

    Attributes:
        h: the step.
        entries: extrapolated through 0, 1, 2, ... of the steps before.
        rounding: the rounding error that each may have.
        value: the best of the entries.
        error: its estimated error.
    """

    h: float
    entries: list[float]
    rounding: list[float]
    value: float
    error: float


class Tableau:
    """Neville's scheme over differences at ever smaller steps.

    Args:
        power: the errors of the differences are in powers of `h ** power`: 2 for central ones, 1
            for one-sided ones.

    >>> scheme = Tableau(power=2)
    >>> for h in (0.4, 0.2, 0.1, 0.05):
    ...     scheme.add(h, (math.exp(h) - math.exp(-h)) / (2 * h), 1e-16 / h)
    >>> abs(scheme.best().value - 1) < scheme.best().error < 1e-4
    True
    """

    def __init__(self, power: int) -> None:
        self.power = power
        self.rows: list[Row] = []
        self._best: Best | None = None

    def add(self, h: float, difference: float, rounding: float) -> None:
        """Add the difference at a smaller step, with a bound on its rounding error."""
        self._best = None
        entries, roundings = [difference], [rounding]
        value, error = difference, math.inf
        before = self.rows[-1] if self.rows else None
        for m in range(1, min(len(self.rows), COLUMNS) + 1):
            assert before is not None
            weight = min(self.rows[-m].h / h, 1e100) ** self.power - 1
            entry = entries[-1] + (entries[-1] - before.entries[m - 1]) / weight
            spread = max(abs(entry - entries[-1]), abs(entry - before.entries[m - 1]))
            off = ((weight + 1) * roundings[-1] + before.rounding[m - 1]) / weight
            entries.append(entry)
            roundings.append(off)
            if spread + off < error:
                value, error = entry, spread + off
        if before is not None:
            error = max(error, abs(value - before.value))
        self.rows.append(Row(h, entries, roundings, value, error))

    def best(self) -> Best:
        """The estimate with the smallest error among those that all finer steps confirm."""
        if self._best is None:
            self._best = self._find()
        return self._best

    def _find(self) -> Best:
        low, high = -math.inf, math.inf  # the interval that the estimates of finer steps allow
        least, most = math.inf, -math.inf  # of their plain differences, but for rounding
        found, agreeing = Best(math.nan, math.inf, 0), 0
        finer: list[Row] = []
        for row in reversed(self.rows):
            if not (row.value - row.error <= high and low <= row.value + row.error):
                break
            reach = abs(row.entries[0] - row.value) + row.error
            if not (most - reach <= row.value <= least + reach):
                break
            low, high = max(low, row.value - row.error), min(high, row.value + row.error)
            least = min(least, row.entries[0] + row.rounding[0])
            most = max(most, row.entries[0] - row.rounding[0])
            agreeing += row.error < math.inf
            # The rounding of finer estimates is larger, by the ratio of the steps.
            apart = [abs(row.value - other.value) * other.h / row.h for other in finer]
            error = max([row.error, *apart])
            finer.append(row)
            if error < found.error:
                found = Best(row.value, error, agreeing)
        return found._replace(agreeing=agreeing)

    def is_settled(self) -> bool:
        """Whether a smaller step would not improve the estimate noticeably."""
        if not self.is_sound():
            return False
        best = self.best()
        return best.error <= ENOUGH * abs(best.value) or self.rows[-1].rounding[0] >= best.error / 2

    def is_sound(self) -> bool:
        """Whether the estimate is that of a derivative, not an accident of wild differences.

        Bounded values have small differences at wide steps, whatever they do between. So the error
        of an estimate has to be much smaller than the newest difference, unless that is rounding,
        or the error is the rounding of the difference before: both may fall with the step.
        """
        best = self.best()
        if best.agreeing < AGREEING:
            return False
        before, newest = self.rows[-2:]
        size = abs(newest.entries[0])
        return (
            best.error <= max(PRECISION * max(size, abs(best.value)), before.rounding[0])
            or size <= 4 * newest.rounding[0]
        )

    def is_far(self) -> bool:
        """Whether the steps are still too wide to show anything."""
        best = self.best()
        return not best.error < abs(best.value) / 2
