"""Differences at one step: central, forward and backward.

The error has two parts: truncation, which falls with the step, so that the difference to the
result for twice the step shows it, and rounding, which grows as the step falls. Source: Press et
al., *Numerical Recipes* (2007), section 5.7.
"""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

from autograd.testing.numerical.estimates import Estimate, Inconclusive, judged
from autograd.testing.numerical.lines import EPSILON, Line


class Sides(NamedTuple):
    """The points of a difference, and the default step.

    Attributes:
        up: the steps above the point.
        down: the steps below it.
        step: relative to the larger of 1 and the size of the number; there, truncation and
            rounding are about equal.
    """

    up: float
    down: float
    step: float


SIDES = {
    "central": Sides(1.0, 1.0, EPSILON ** (1 / 3)),
    "forward": Sides(1.0, 0.0, EPSILON ** (1 / 2)),
    "backward": Sides(0.0, 1.0, EPSILON ** (1 / 2)),
}


def one_step(line: Line, h: float | None = None, *, sides: Sides) -> list[Estimate]:
    """The derivatives of each output along a line, by the difference at one step.

    The function is called at one step and at two, on each side that the difference uses.

    Args:
        line: the function along one number.
        h: the step.
        sides: the points of the difference.
    """
    step = h if h is not None else sides.step * max(1.0, abs(line.x))

    def at(steps: float) -> tuple[float, list[float]] | None:
        x = line.x + steps * step
        values = line(x) if steps else line.here
        return None if values is None else (x, values)

    called = [at(n * k) for n in (1, 2) for k in (sides.up, -sides.down)]
    points = [point for point in called if point is not None]
    if len(points) < len(called):
        words = f"the function is not defined within two steps of {line.name} = {line.x:.6g}"
        return [Estimate(math.nan, math.inf, Inconclusive("edge", words))] * len(line.here)
    (x1, up), (x2, down), (x3, far_up), (x4, far_down) = points
    estimates = []
    for i in range(len(line.here)):
        value = (up[i] - down[i]) / (x1 - x2)
        truncation = abs(value - (far_up[i] - far_down[i]) / (x3 - x4))
        rounding = 4 * line.rounding(i, step, up[i], down[i]) / (x1 - x2)
        estimates.append(judged(value, truncation + rounding, rounding, line.name))
    return estimates


central = partial(one_step, sides=SIDES["central"])
