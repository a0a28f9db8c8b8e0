"""Where each built-in primitive may be tested: inside the domain that it says, off its corners."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from typing import Any

from autograd.primitives import TABLE
from autograd.primitives.definition import Interval, Primitive


def nowhere(*operands: float) -> bool:
    """No point is near a corner.

    >>> nowhere(0.0)
    False
    """
    return False


@dataclass(frozen=True)
class Domain:
    """Where a primitive has a derivative, at a distance from where it has none.

    Attributes:
        operands: an open interval for each operand; of a primitive that takes any number of
            operands, one for all of them.
        smooth: whether it has derivatives of every order there.
        near_corner: whether to leave out a point of these intervals.
        constant: the index of the operand that is always a plain number, if there is one.
        inner: for each operand the interval that a random program keeps it in, `None` for any
            number; well inside the domain, so that floats can resolve the derivatives of a program
            of many steps.
        distinct: whether equal operands are a corner.
    """

    operands: tuple[Interval, ...]
    smooth: bool = True
    near_corner: Callable[..., bool] = nowhere
    constant: int | None = None
    inner: tuple[Interval | None, ...] | None = None
    distinct: bool = False


REAL = (-4.0, 4.0)
POSITIVE = (0.05, 8.0)
ABOVE_ZERO = (0.5, 3.5)


def _near_zero(x: float, *others: float) -> bool:
    return abs(x) < 0.05


def _near_whole(x: float) -> bool:
    return abs(x - round(x)) < 0.05


def _near_pole_of_tan(x: float) -> bool:
    return abs(math.cos(x)) < 0.05


def _near_tie(*xs: float) -> bool:
    ordered = sorted(xs)
    return any(b - a < 0.05 for a, b in pairwise(ordered))


def _near_jump_of_quotient(a: float, b: float) -> bool:
    return abs(b) < 0.5 or _near_whole(a / b)


def _near_origin(x: float, y: float) -> bool:
    return math.hypot(x, y) < 0.1


_QUOTIENT = Domain(
    (REAL, REAL),
    smooth=False,
    near_corner=_near_jump_of_quotient,
    inner=(None, ABOVE_ZERO),
    distinct=True,
)
_TIES = Domain((REAL, REAL), smooth=False, near_corner=_near_tie, distinct=True)
_AT_ZERO = Domain((REAL,), smooth=False, near_corner=_near_zero)
_AT_WHOLE = replace(_AT_ZERO, near_corner=_near_whole)

_WITH_CORNERS: dict[str, Domain] = {
    "div": Domain((REAL, REAL), near_corner=lambda a, b: abs(b) < 0.1, inner=(None, ABOVE_ZERO)),
    **dict.fromkeys(("floordiv", "mod", "fmod"), _QUOTIENT),
    "remainder": replace(
        _QUOTIENT, near_corner=lambda a, b: _near_jump_of_quotient(a - 0.5 * b, b)
    ),
    "pow_number": Domain((POSITIVE, REAL), constant=1, inner=(ABOVE_ZERO, None)),
    "number_pow": Domain((POSITIVE, REAL), constant=0, inner=(ABOVE_ZERO, None)),
    "cbrt": Domain((REAL,), near_corner=_near_zero, inner=(ABOVE_ZERO,)),
    "tan": Domain((REAL,), near_corner=_near_pole_of_tan, inner=((-1.0, 1.0),)),
    "atan2": Domain(
        (REAL, REAL),
        near_corner=lambda y, x: _near_origin(x, y) or x < 0.1 > abs(y),
        inner=(None, ABOVE_ZERO),
    ),
    "hypot": Domain((REAL, REAL), near_corner=_near_origin, inner=(None, ABOVE_ZERO)),
    "gamma": Domain(((0.3, 8.0),), inner=((1.5, 4.5),)),
    **dict.fromkeys(("sign", "abs", "relu", "softsign"), _AT_ZERO),
    **dict.fromkeys(("floor", "ceil", "trunc"), _AT_WHOLE),
    "rint": Domain((REAL,), smooth=False, near_corner=lambda x: _near_whole(x - 0.5)),
    "copysign": Domain(
        (REAL, REAL), smooth=False, near_corner=lambda x, y: _near_zero(x) or _near_zero(y)
    ),
    **dict.fromkeys(("maximum", "minimum"), _TIES),
    **dict.fromkeys(("max", "min"), replace(_TIES, operands=(REAL,))),
    "where": Domain((REAL, REAL, REAL), smooth=False, near_corner=_near_zero),
    **dict.fromkeys(
        ("leaky_relu", "elu"), Domain((REAL, REAL), smooth=False, near_corner=_near_zero)
    ),
}
"""Those that have corners or poles to stay away from, or whose derivatives grow too fast."""


def _of(made: Primitive) -> Domain:
    """Where a primitive that has derivatives of every order may be tested."""
    given = made.domain or ((-inf, inf),) * (made.arity or 1)
    inner = tuple(None if low == -inf else _well_inside(low, high) for low, high in given)
    return Domain(tuple(_inside(*ends) for ends in given), inner=inner if any(inner) else None)


def _inside(low: float, high: float) -> Interval:
    """Everyday numbers of an interval, at a distance from its ends."""
    if low == -inf:
        return REAL
    return low + 0.05, 8.0 if high == inf else high - 0.05


def _well_inside(low: float, high: float) -> Interval:
    return (low + 0.5, low + 3.5) if high == inf else (low + 0.25, high - 0.25)


DOMAINS: dict[str, Domain] = {
    name: _WITH_CORNERS.get(name) or _of(made) for name, made in TABLE.items()
}

SMOOTH = tuple(name for name, domain in DOMAINS.items() if domain.smooth)
"""The primitives that have derivatives of every order."""


def intervals(name: str, count: int) -> tuple[Interval, ...]:
    """The interval of each of `count` operands of a primitive.

    >>> intervals("sum", 2)
    ((-4.0, 4.0), (-4.0, 4.0))
    """
    operands = DOMAINS[name].operands
    return operands if TABLE[name].arity is not None else operands * count


def differentiable(name: str, at: Sequence[float]) -> tuple[Callable[..., Any], list[float]]:
    """A primitive as a function of those of its operands that may be Values.

    Args:
        name: the primitive's name in the table.
        at: a number for each of its operands.

    Returns:
        The function, and the numbers to call it with.

    >>> f, at = differentiable("pow_number", [3.0, 2.0])
    >>> at, f(*at)
    ([3.0], 9.0)
    """
    constant = DOMAINS[name].constant
    primitive = TABLE[name]
    if constant is None:
        return primitive, list(at)
    fixed, free = at[constant], [x for i, x in enumerate(at) if i != constant]
    return (lambda *xs: primitive(*xs[:constant], fixed, *xs[constant:])), free
