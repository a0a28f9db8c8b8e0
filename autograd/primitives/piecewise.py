"""Functions with corners or steps, as primitives.

At a corner the derivative is the one stated here: 0 for `abs` and `relu` at 0, an even split for
equal operands of `minimum` and `maximum`. A step has the derivative 0 everywhere.
"""

import math
from typing import Any

from autograd.primitives.definition import primitive, select
from autograd.primitives.zero import SYMBOLIC_ZERO

__all__ = [
    "ceil", "copysign", "fabs", "floor", "fmod", "maximum", "minimum", "remainder", "rint",
    "sign", "trunc",
]  # fmt: skip


@primitive(lambda g, out, x: SYMBOLIC_ZERO, facts="total finite exact unsigned jumps")
def sign(x: float) -> float:
    """-1, 0 or 1, as `x` is below, at or above 0. Derivative: 0.

    >>> sign(-3.0), sign(0.0)
    (-1.0, 0.0)
    """
    return float((x > 0) - (x < 0)) if x == x else x


@primitive(
    lambda g, out, x: g * sign(x), name="abs", facts="total propagates finite exact unsigned"
)
def fabs(x: float) -> float:
    """The absolute value. Derivative: the sign of `x`, 0 at 0.

    >>> fabs(-3.0)
    3.0
    """
    return abs(x)


@primitive(lambda g, out, x: SYMBOLIC_ZERO, facts="propagates finite exact unsigned jumps")
def floor(x: float) -> float:
    """The largest whole number not above `x`, as a float. Derivative: 0.

    >>> floor(-1.5)
    -2.0
    """
    return float(math.floor(x))


@primitive(lambda g, out, x: SYMBOLIC_ZERO, facts="propagates finite exact unsigned jumps")
def ceil(x: float) -> float:
    """The smallest whole number not below `x`, as a float. Derivative: 0.

    >>> ceil(1.5)
    2.0
    """
    return float(math.ceil(x))


@primitive(lambda g, out, x: SYMBOLIC_ZERO, facts="propagates finite exact unsigned jumps")
def trunc(x: float) -> float:
    """`x` without its fraction, as a float. Derivative: 0.

    >>> trunc(-1.5)
    -1.0
    """
    return float(math.trunc(x))


@primitive(lambda g, out, x: SYMBOLIC_ZERO, facts="propagates finite exact jumps")
def rint(x: float) -> float:
    """The nearest whole number, the even one of two equally near, as a float. Derivative: 0.

    >>> rint(2.5), rint(-0.4)
    (2.0, -0.0)
    """
    return math.copysign(round(x), x)


@primitive(
    lambda g, out, x, y: (g * (sign(x) * copysign(1.0, y)), SYMBOLIC_ZERO),  # type: ignore[has-type]
    facts="total finite exact tells",
)
def copysign(x: float, y: float) -> float:
    """The size of `x` with the sign of `y`, which a zero has too.

    Derivative in `x`: that of its size, 0 at 0, with the sign of `y`; in `y`: 0.

    >>> copysign(3.0, -0.0)
    -3.0
    """
    return math.copysign(x, y)


@primitive(
    lambda g, out, a, b: (g, -g * (sign(a) * sign(b) * (fabs(a) // fabs(b)))), facts="exact jumps"
)
def fmod(a: float, b: float) -> float:
    """The remainder of the division that cuts off fractions, with the sign of `a`, as in C.

    Its derivatives are 1 and minus the quotient without its fraction, at the jumps too. Raises
    ValueError for `b = 0` and for an infinite `a`.

    >>> fmod(7.5, 2.0), fmod(-7.5, 2.0)
    (1.5, -1.5)
    """
    return math.fmod(a, b)


@primitive(lambda g, out, a, b: (g, -g * rint(a / b - out / b)), facts="exact jumps")
def remainder(a: float, b: float) -> float:
    """The difference of `a` and the nearest multiple of `b`, by IEEE 754: from -b/2 to b/2.

    Half way between two multiples it is the even one. The derivatives are 1 and minus the multiple,
    at the jumps too. Raises ValueError for `b = 0` and for an infinite `a`.

    >>> remainder(7.5, 2.0), remainder(5.0, 2.0)
    (-0.5, 1.0)
    """
    return math.remainder(a, b)


@primitive(
    lambda g, out, x, y: (_to_larger(g, x, y), _to_larger(g, y, x)),
    facts="total finite exact",
    neutral=-math.inf,
)
def maximum(x: float, y: float) -> float:
    """The larger of two numbers; NaN if either is.

    Derivative: 1 for the larger, 0 for the other, 0.5 for each when they are equal.

    >>> maximum(1.0, 2.0)
    2.0
    """
    return y if x < y or y != y else x


@primitive(
    lambda g, out, x, y: (_to_larger(g, y, x), _to_larger(g, x, y)),
    facts="total finite exact",
    neutral=math.inf,
)
def minimum(x: float, y: float) -> float:
    """The smaller of two numbers; NaN if either is.

    Derivative: 1 for the smaller, 0 for the other, 0.5 for each when they are equal.

    >>> minimum(1.0, 2.0)
    1.0
    """
    return y if y < x or y != y else x


@primitive(
    lambda g, out, condition, x, y: (
        SYMBOLIC_ZERO,
        select(condition, g, SYMBOLIC_ZERO),
        select(condition, SYMBOLIC_ZERO, g),
    ),
    facts="total finite exact jumps",
)
def where(condition: float, x: float, y: float) -> float:
    """`x` where the condition holds (is not 0), else `y`.

    Nothing flows back to the condition or to the side not taken. Both sides are computed before
    the choice, so both must be computable.

    >>> where(2.0 > 1.0, 10.0, 20.0)
    10.0
    """
    return x if condition else y


def _to_larger(g: Any, x: Any, y: Any) -> Any:
    """The share of `g` for `x`: all if it is above `y`, half if they are equal, else none."""
    return select(x > y, g, select(x == y, 0.5 * g, SYMBOLIC_ZERO))
