"""The rounding error in a function's values, estimated from the values.

A smooth function at equally spaced points, close together, has differences that vanish quickly
with their order; those of rounding errors do not. The differences of order `k` of independent
errors with the standard deviation `s` have the mean square `s**2 (2k)! / (k!)**2`, which gives
`s`. Source: Hamming, *Introduction to Applied Numerical Analysis* (1971), chapter 6; Moré and Wild,
"Estimating computational noise" (2011), section 3, from whom also the rule to space the points
wider where most of the values are equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, product
from sys import float_info

EPSILON = float_info.epsilon
SPACINGS = (2.0**-46, 2.0**-39, 2.0**-32, 2.0**-25, 2.0**-19)
"""Relative to the size of each number; where that shows nothing, to the larger of 1 and it."""

POINTS = 8
GOLDEN = 0.6180339887498949  # its multiples are incommensurable speeds
ORDINARY = 16 * EPSILON  # of the values: the rounding of any few operations
OTHERS = (1.382, 1.73, 2.618)
WIDE = 1.27 * 2.0**20  # for rounding in a part of the function that changes slowly
ORDERS = range(4, 7)
MARGIN = 16.0
"""Times the standard deviation, a bound that no error exceeds: evenly spread errors reach sqrt(3)
of it, an estimate from a few may be four times too small once in a hundred times, and errors a step
away may be twice as large."""

LARGEST = MARGIN**-4
"""Relative to the values: the largest noise where points are so far apart that they may miss waves.
If a wave's differences do not fall by `MARGIN` from the fourth order to the sixth, it is larger."""


def noise_of(
    f: Callable[[Sequence[float]], list[float] | None], at: Sequence[float], here: Sequence[float]
) -> list[float]:
    """A bound on the rounding errors of each output of a function near a point.

    All numbers move at once, each at another speed, so that the cost does not depend on their
    number. Values that are all equal until the points are far apart are multiples of something;
    since the points may be in step with that, three more spacings are tried.

    Args:
        f: a function of a list of numbers that returns a list of numbers, or `None` where it has
            no value.
        at: the point.
        here: its numbers there.

    Returns:
        For each output sixteen standard deviations of its errors; 0 where these are no larger than
        the last few bits of the values, or cannot be seen, because the output does not change or is
        not defined around the point.

    >>> [small, large] = noise_of(lambda x: [x[0], (x[0] + 1e8) - 1e8], [0.3], [0.3, 0.3])
    >>> small == 0 < 1e-9 < large < 1e-6
    True
    """
    speeds = [0.5 + math.modf((i + 1) * GOLDEN)[0] for i in range(len(at))]
    sizes = [[abs(x) for x in at], [max(1.0, abs(x)) for x in at]]
    rungs = [
        (spacing, size) for size in sizes[: 1 + (sizes[0] != sizes[1])] for spacing in SPACINGS
    ]
    found = [0.0] * len(here)
    waiting = set(range(len(here)))
    for rung, (spacing, size) in enumerate(rungs):
        if not waiting:
            break
        steps = [spacing * s * (x or 1.0) for s, x in zip(speeds, size, strict=True)]
        far = f([x + POINTS // 2 * step for x, step in zip(at, steps, strict=True)])
        if far is not None and all(far[i] == here[i] for i in waiting):
            continue
        rows = _values_along(f, at, steps)
        seen = {i for i in waiting if _is_seen([row[i] for row in rows])}
        waiting -= seen
        samples: dict[float, list[list[float]]] = {1.0: rows}
        for k in (OTHERS if rung else (WIDE,)) if seen else ():
            samples[k] = _values_along(f, at, [k * s for s in steps])
        for i, k in product(seen, samples):
            values = [row[i] for row in samples[k]]
            bound = noise_in(values, is_wide=k == WIDE)
            largest = max((abs(y) for y in values), default=0.0)
            if ORDINARY * largest < bound < (LARGEST * largest if k == WIDE else math.inf):
                found[i] = max(found[i], bound)
    return found


def _is_seen(values: Sequence[float]) -> bool:
    """Whether the points are far enough apart for most values to differ."""
    return len(set(values)) > POINTS // 2 and all(map(math.isfinite, values))


def _values_along(
    f: Callable[[Sequence[float]], list[float] | None], at: Sequence[float], steps: Sequence[float]
) -> list[list[float]]:
    """The values at equally spaced points around `at`, or to one side of it at an edge."""
    for first in (-(POINTS // 2), 0, 1 - POINTS):
        rows = []
        for k in range(first, first + POINTS):
            row = f([x + k * step for x, step in zip(at, steps, strict=True)])
            if row is None:
                break
            rows.append(row)
        else:
            return rows
    return []


def noise_in(values: Sequence[float], *, is_wide: bool = False) -> float:
    """A bound on the errors in equally spaced values of a smooth function.

    Args:
        values: as many as `POINTS`; of fewer, or any that are not finite, nothing is known.
        is_wide: whether the points are so far apart that what falls with the order is no error.
    """
    if len(values) < POINTS or not all(map(math.isfinite, values)):
        return 0.0
    found = []
    differences = list(values)
    for order in range(1, min(ORDERS.stop, len(values))):
        differences = [b - a for a, b in pairwise(differences)]
        if order in ORDERS:
            size = math.hypot(*differences) / math.sqrt(len(differences))
            found.append(size / math.sqrt(math.comb(2 * order, order)))
    # Differences that fall with the order belong to the smooth function, not to noise.
    if found[-1] > found[0] / MARGIN:
        return MARGIN * max(found)
    return 0.0 if is_wide else MARGIN * found[-1]
