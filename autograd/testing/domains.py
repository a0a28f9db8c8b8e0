"""Where each built-in primitive may be tested: an entry for every primitive of the table.

The test suite fails for a primitive without one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autograd.primitives import TABLE

Interval = tuple[float, float]


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
UNIT = (-0.95, 0.95)

ABOVE_ZERO = (0.5, 3.5)
ABOVE_MINUS_ONE = (-0.5, 2.5)
ABOVE_ONE = (1.5, 4.5)
WITHIN_ONE = (-0.75, 0.75)
WITHIN_RIGHT_ANGLE = (-1.0, 1.0)


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


DOMAINS: dict[str, Domain] = {
    # arithmetic
    "identity": Domain((REAL,)),
    "neg": Domain((REAL,)),
    "add": Domain((REAL, REAL)),
    "sub": Domain((REAL, REAL)),
    "mul": Domain((REAL, REAL)),
    "div": Domain((REAL, REAL), near_corner=lambda a, b: abs(b) < 0.1, inner=(None, ABOVE_ZERO)),
    "floordiv": Domain(
        (REAL, REAL),
        smooth=False,
        near_corner=_near_jump_of_quotient,
        inner=(None, ABOVE_ZERO),
        distinct=True,
    ),
    "mod": Domain(
        (REAL, REAL),
        smooth=False,
        near_corner=_near_jump_of_quotient,
        inner=(None, ABOVE_ZERO),
        distinct=True,
    ),
    "pow": Domain((POSITIVE, REAL), inner=(ABOVE_ZERO, None)),
    "pow_number": Domain((POSITIVE, REAL), constant=1, inner=(ABOVE_ZERO, None)),
    "number_pow": Domain((POSITIVE, REAL), constant=0, inner=(ABOVE_ZERO, None)),
    # elementary
    "exp": Domain((REAL,)),
    "exp2": Domain((REAL,)),
    "expm1": Domain((REAL,)),
    "log": Domain((POSITIVE,), inner=(ABOVE_ZERO,)),
    "log2": Domain((POSITIVE,), inner=(ABOVE_ZERO,)),
    "log10": Domain((POSITIVE,), inner=(ABOVE_ZERO,)),
    "log1p": Domain(((-0.95, 8.0),), inner=(ABOVE_MINUS_ONE,)),
    "sqrt": Domain((POSITIVE,), inner=(ABOVE_ZERO,)),
    "cbrt": Domain((REAL,), near_corner=_near_zero, inner=(ABOVE_ZERO,)),
    "sin": Domain((REAL,)),
    "cos": Domain((REAL,)),
    "tan": Domain((REAL,), near_corner=_near_pole_of_tan, inner=(WITHIN_RIGHT_ANGLE,)),
    "asin": Domain((UNIT,), inner=(WITHIN_ONE,)),
    "acos": Domain((UNIT,), inner=(WITHIN_ONE,)),
    "atan": Domain((REAL,)),
    "atan2": Domain(
        (REAL, REAL),
        near_corner=lambda y, x: _near_origin(x, y) or x < 0.1 > abs(y),
        inner=(None, ABOVE_ZERO),
    ),
    "hypot": Domain((REAL, REAL), near_corner=_near_origin, inner=(None, ABOVE_ZERO)),
    "sinh": Domain((REAL,)),
    "cosh": Domain((REAL,)),
    "tanh": Domain((REAL,)),
    "asinh": Domain((REAL,)),
    "acosh": Domain(((1.05, 8.0),), inner=(ABOVE_ONE,)),
    "atanh": Domain((UNIT,), inner=(WITHIN_ONE,)),
    "erf": Domain((REAL,)),
    "erfc": Domain((REAL,)),
    "degrees": Domain((REAL,)),
    "radians": Domain((REAL,)),
    "sigmoid": Domain((REAL,)),
    # gammas
    "gamma": Domain(((0.3, 8.0),), inner=(ABOVE_ONE,)),
    "lgamma": Domain((POSITIVE,), inner=(ABOVE_ZERO,)),
    "digamma": Domain((POSITIVE,), inner=(ABOVE_ZERO,)),
    "trigamma": Domain((POSITIVE,), inner=(ABOVE_ZERO,)),
    # piecewise
    "sign": Domain((REAL,), smooth=False, near_corner=_near_zero),
    "abs": Domain((REAL,), smooth=False, near_corner=_near_zero),
    "floor": Domain((REAL,), smooth=False, near_corner=_near_whole),
    "ceil": Domain((REAL,), smooth=False, near_corner=_near_whole),
    "trunc": Domain((REAL,), smooth=False, near_corner=_near_whole),
    "rint": Domain((REAL,), smooth=False, near_corner=lambda x: _near_whole(x - 0.5)),
    "copysign": Domain(
        (REAL, REAL), smooth=False, near_corner=lambda x, y: _near_zero(x) or _near_zero(y)
    ),
    "fmod": Domain(
        (REAL, REAL),
        smooth=False,
        near_corner=_near_jump_of_quotient,
        inner=(None, ABOVE_ZERO),
        distinct=True,
    ),
    "remainder": Domain(
        (REAL, REAL),
        smooth=False,
        near_corner=lambda a, b: _near_jump_of_quotient(a - 0.5 * b, b),
        inner=(None, ABOVE_ZERO),
        distinct=True,
    ),
    "maximum": Domain((REAL, REAL), smooth=False, near_corner=_near_tie, distinct=True),
    "minimum": Domain((REAL, REAL), smooth=False, near_corner=_near_tie, distinct=True),
    "where": Domain((REAL, REAL, REAL), smooth=False, near_corner=_near_zero),
    # activations
    "relu": Domain((REAL,), smooth=False, near_corner=_near_zero),
    "leaky_relu": Domain((REAL, REAL), smooth=False, near_corner=_near_zero),
    "elu": Domain((REAL, REAL), smooth=False, near_corner=_near_zero),
    "gelu": Domain((REAL,)),
    "gelu_tanh": Domain((REAL,)),
    "silu": Domain((REAL,)),
    "softplus": Domain((REAL,)),
    "softsign": Domain((REAL,), smooth=False, near_corner=_near_zero),
    # special
    "erfinv": Domain((UNIT,), inner=(WITHIN_ONE,)),
    "log_ndtr": Domain((REAL,)),
    "xlogy": Domain((REAL, POSITIVE), inner=(None, ABOVE_ZERO)),
    # reductions
    "sum": Domain((REAL,)),
    "prod": Domain((REAL,)),
    "dot": Domain((REAL,)),
    "max": Domain((REAL,), smooth=False, near_corner=_near_tie, distinct=True),
    "min": Domain((REAL,), smooth=False, near_corner=_near_tie, distinct=True),
    "logsumexp": Domain((REAL,)),
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
