"""Trials: what stands for a value rule in compiled code is compared with it, before it is used.

A formula or a lowering that is another function would give wrong results silently. So it is tried
at numbers of several sizes, at extreme ones and at zeros of both signs: in what it gives, and in
where it raises.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from itertools import product
from math import copysign, isclose, isfinite
from typing import Any, NamedTuple, TypeAlias, TypeGuard

from autograd.primitives.definition import REAL, Interval, Primitive

_FAILURES = (ArithmeticError, ValueError)
_ROUND = (0.0, -0.0, 1.0, -1.0)  # where a function may be defined by itself
_EXTREME = (5e-324, -1e-300, 1e-20, 37.0, -700.0, 800.0, -1e16, 1e150, -1e300)

Outcome: TypeAlias = float | Exception


class Trial(NamedTuple):
    """Operands, and what the value rule makes of them.

    Attributes:
        at: the operands.
        expected: the result, or what is raised.
        is_special: whether compiled code may raise here instead, which leaves the call to the plain
            function: it may do so for a side of `where` that is not taken.
        rounding: how far another result may be: as far as rounded operands move it.
    """

    at: tuple[float, ...]
    expected: Outcome
    is_special: bool
    rounding: float

    @property
    def is_ordinary(self) -> bool:
        """Whether the result is a number, and compiled code must give it."""
        return not self.is_special and is_finite(self.expected)

    @property
    def is_subnormal(self) -> bool:
        """Whether one of the numbers is below the normal range, and not 0."""
        numbers = (*self.at, self.expected)
        return any(is_finite(x) and 0.0 < abs(x) < sys.float_info.min for x in numbers)

    def difference(self, found: Any, relative: float = 1e-12) -> str | None:
        """How what was found differs from what is expected, with a remedy; None if it does not."""
        expected, why = self.expected, ""
        if not isinstance(found, float | Exception):
            why = "which is no float"
        elif not is_finite(expected):
            if not is_finite(found):
                return None
            why = "let it raise there too, as by `+ 0.0 * sqrt(x)`"
        elif not is_finite(found):
            if self.is_special:
                return None
            if isinstance(found, ArithmeticError | ValueError):
                why = "a choice computes both sides: let each exist, as in `sqrt(maximum(x, 0.0))`"
        elif found == expected == 0.0:
            if copysign(1.0, found) == copysign(1.0, expected):
                return None
            why = "the sign of a zero counts: `y + 0.0` is never -0.0, `copysign` gives it any sign"
        elif isclose(found, expected, rel_tol=relative, abs_tol=self.rounding):
            return None
        where = self.at[0] if len(self.at) == 1 else self.at
        text = f"{said(found)} at {where}, where its value rule {said(expected)}"
        return f"{text} ({why})" if why else text


def is_finite(outcome: Outcome) -> TypeGuard[float]:
    """Whether it is a number that is neither infinite nor NaN."""
    return not isinstance(outcome, Exception) and isfinite(outcome)


def said(outcome: Outcome) -> str:
    """An outcome in words."""
    return f"{'raises' if isinstance(outcome, Exception) else 'gives'} {outcome!r}"


def outcome(rule: Callable[..., float], at: tuple[float, ...]) -> Outcome:
    """What a value rule makes of operands, or raises."""
    try:
        return rule(*at)
    except _FAILURES as error:
        return error


def trials(primitive: Primitive, count: int) -> list[Trial]:
    """The trials for a primitive of so many operands.

    Raises:
        ValueError: its value rule gives a finite number nowhere.
    """
    found = [_trial(primitive.value, *point) for point in _points(primitive, count)]
    if not any(trial.is_ordinary for trial in found):
        raise ValueError("could not be tried: its value rule gives no number")
    return found


def _trial(rule: Callable[..., float], at: tuple[float, ...], is_special: bool) -> Trial:
    expected, rounding = outcome(rule, at), 1e-12 if {*at} & {*_ROUND} else 1e-300
    for factor in (1 - 2.0**-50, 1 + 2.0**-50):
        moved = outcome(rule, tuple(x * factor for x in at))
        if is_finite(expected) and is_finite(moved):
            rounding = max(rounding, abs(moved - expected))
    return Trial(at, expected, is_special, rounding)


def _points(primitive: Primitive, count: int) -> Iterator[tuple[tuple[float, ...], bool]]:
    rng = random.Random(0)
    domain = primitive.domain or ()
    for within in [(REAL,) * count, *[domain] * (len(domain) == count)]:
        for scale in (1.0, 1.0, 3.0, 10.0, 40.0) * 4:
            yield tuple(rng.uniform(*_part(low, high, scale)) for low, high in within), False
    for pool in (_ROUND, _EXTREME):
        every = product(pool, repeat=count) if count <= 2 else ((x,) * count for x in pool)
        yield from ((at, True) for at in every)


def _part(low: float, high: float, scale: float) -> Interval:
    """The numbers of an interval up to some size, or those next to its end."""
    if low < scale and -scale < high:
        return max(low, -scale), min(high, scale)
    return (low, min(high, low + scale)) if low > 0 else (max(low, high - scale), high)
