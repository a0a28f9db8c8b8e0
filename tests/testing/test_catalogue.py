"""Numerical derivatives are as near to the truth as they say, or say why they are not."""

import math
import random
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from catalogue import CATALOGUE, is_well_behaved, points, truth, value
from strength import slowly

from autograd.testing.numerical.differences import differentiate
from autograd.testing.numerical.estimates import Estimate


class Cell(NamedTuple):
    """A function at a point: its derivative, and what differences say of it."""

    name: str
    x: float
    truth: float
    estimate: Estimate
    calls: int

    @property
    def is_honest(self) -> bool:
        gap = abs(self.estimate.value - self.truth)
        rounded = sys.float_info.epsilon * abs(self.truth)
        return self.estimate.reason is not None or gap <= self.estimate.error + rounded

    @property
    def is_precise(self) -> bool:
        return self.estimate.reason is None and self.estimate.error <= 1e-7 * abs(self.truth)


def cells(name: str, seed: int, count: int) -> Iterator[Cell]:
    """A function at points of every size, where it and its derivative are finite."""
    case = CATALOGUE[name]
    for x in points(random.Random(f"{name} {seed}"), count):
        if math.isnan(value(case, x)):
            continue
        calls: list[float] = []

        def f(t: float, calls: list[float] = calls) -> float:
            calls.append(t)
            return float(case.formula(t, math))

        slope = truth(case, x)
        if math.isfinite(slope):
            yield Cell(name, x, slope, differentiate(f, (x,)).rows[0][0], len(calls))


@pytest.mark.parametrize(
    "name", [slowly(name) if "sum of 1000" in name else name for name in CATALOGUE]
)
def test_honest_everywhere_and_precise_where_nothing_stands_in_the_way(name: str) -> None:
    case = CATALOGUE[name]
    found = list(cells(name, 0, 8))
    assert len(found) >= 4
    assert [cell for cell in found if not (cell.is_honest or case.is_hopeless(cell.x))] == []
    well = [cell for cell in found if is_well_behaved(case, cell.x, cell.truth)]
    assert [cell for cell in well if not cell.is_precise] == []


@pytest.mark.slow
def test_most_of_the_catalogue_is_judged() -> None:
    smooth = [n for n, case in CATALOGUE.items() if case.length is not None]
    found = [cell for name in smooth for cell in cells(name, 1, 4)]
    well = [c for c in found if is_well_behaved(CATALOGUE[c.name], c.x, c.truth)]
    assert len(well) > len(found) / 3
    assert sum(c.calls for c in well) / len(well) < 45
