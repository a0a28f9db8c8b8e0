"""The primitives behind the operators of `Value`: `+ - * / // % **`, unary `+` and `-`.

`Value` writes the value rules of the commonest ones inline, for speed; the derivative rules stand
here and nowhere else.
"""

import math
from typing import Any

from autograd.primitives.definition import primitive, select
from autograd.primitives.elementary import log, sqrt
from autograd.primitives.zero import SYMBOLIC_ZERO


@primitive(lambda g, out, a: g)
def identity(a: float) -> float:
    """The number itself, as a node of its own: unary `+`.

    >>> identity(2.0)
    2.0
    """
    return 0.0 if a is SYMBOLIC_ZERO else a


@primitive(lambda g, out, a: -g, symbol="-")
def neg(a: float) -> float:
    """Minus `a`.

    >>> neg(2.0)
    -2.0
    """
    return -a


@primitive(lambda g, out, a, b: (g, g), symbol="+")
def add(a: float, b: float) -> float:
    """The sum `a + b`.

    >>> add(2.0, 3.0)
    5.0
    """
    return a + b


@primitive(lambda g, out, a, b: (g, -g), symbol="-")
def sub(a: float, b: float) -> float:
    """The difference `a - b`.

    >>> sub(2.0, 3.0)
    -1.0
    """
    return a - b


@primitive(lambda g, out, a, b: (g * b, g * a), symbol="*")
def mul(a: float, b: float) -> float:
    """The product `a * b`.

    >>> mul(2.0, 3.0)
    6.0
    """
    return a * b


@primitive(lambda g, out, a, b: (g / b, -g * out / b), symbol="/")
def div(a: float, b: float) -> float:
    """The quotient `a / b`. Raises ZeroDivisionError for `b = 0`.

    >>> div(3.0, 2.0)
    1.5
    """
    return a / b


@primitive(lambda g, out, a, b: (SYMBOLIC_ZERO, SYMBOLIC_ZERO), symbol="//")
def floordiv(a: float, b: float) -> float:
    """The floor of `a / b`; its derivative is 0, at the jumps too.

    >>> floordiv(7.5, 2.0)
    3.0
    """
    return a // b


@primitive(lambda g, out, a, b: (g, -g * (a // b)), symbol="%")
def mod(a: float, b: float) -> float:
    """The remainder `a - b * (a // b)`, with the sign of `b`, as in Python.

    Its derivatives are 1 and `-(a // b)`, at the jumps too.

    >>> mod(7.5, 2.0)
    1.5
    """
    return a % b


def real_power(a: float, b: float) -> float:
    """`a ** b` where that is a real number.

    >>> real_power(-2.0, 3.0)
    -8.0
    >>> real_power(-8.0, 0.5)
    Traceback (most recent call last):
    ValueError: a negative number to a fractional power is not real
    """
    result: Any = a**b
    if type(result) is complex:
        raise ValueError("a negative number to a fractional power is not real")
    return float(result)


def _slopes_of_power(g: Any, out: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """`g` times the derivatives of `a ** b`, each for itself: the one may exist without the other.

    Above 0 they come from the square root of the power, which does not underflow.
    """
    if a > 0:
        root = a ** (0.5 * b)
        lift = select(a < 1e-290, 2.0**60, 1.0)  # the root over a tiny base might overflow
        return g * (root / (a * lift)) * b * (root * lift), g * log(a) * root * root
    if a == 0:
        return _slope_in_zero(g, a, b), _slope_over_zero(g, out, a, b)
    return g * b * a ** (b - 1), g * math.nan


def _slope_in_zero(g: Any, a: Any, b: Any) -> Any:
    """`g` times the derivative of `a ** b` in a base of 0."""
    if b >= 1:
        return g * b * a ** (b - 1)
    return g * math.inf if b > 0 else g * b


def _slope_over_zero(g: Any, out: Any, a: Any, b: Any) -> Any:
    """`g` times the derivative of `a ** b` in the exponent over a base of 0: 0, as all powers are.

    Up to an exponent of 1 its own derivative in the base is infinite, as that of the root is; at an
    exponent of 0, where the powers jump from 1 to 0, there is none.
    """
    if b > 0:
        return g * (out if b > 1 else sqrt(a))
    return g * math.nan


@primitive(_slopes_of_power, name="pow", symbol="**")
def power(a: float, b: float) -> float:
    """`a ** b`, differentiated in both.

    The derivative in the exponent is `a ** b * log(a)`. At `a = 0` it is the limit, 0 for `b > 0`.
    Where there is none (at `a < 0`, and at `0 ** 0`) it is NaN, and does not keep the base from
    having its own. That in the base, `b * a ** (b - 1)`, is infinite at `a = 0` for `0 < b < 1`.

    >>> power(2.0, 3.0)
    8.0
    """
    return real_power(a, b)


@primitive(
    lambda g, out, a, b: (
        g * b * a ** (b - 1) if 0.5 <= b < 2.0**53 else (g * b * out / a if b else SYMBOLIC_ZERO),
        SYMBOLIC_ZERO,
    ),
    name="pow_number",
    symbol="**",
)
def power_number(a: float, b: float) -> float:
    """`a ** b` with a plain number `b`, differentiated in `a`: `b * a ** (b - 1)`,
    computed as `b * a ** b / a` where `b - 1` might be rounded (below 0.5 and beyond 2**53).

    At `a = 0` this raises ZeroDivisionError for `b < 1`, save for `b = 0`, where it is 0.

    >>> power_number(-2.0, 3.0)
    -8.0
    """
    return real_power(a, b)


@primitive(
    lambda g, out, a, b: (SYMBOLIC_ZERO, _slope_of_exponential(g, out, a, b)),
    name="number_pow",
    symbol="**",
)
def number_power(a: float, b: float) -> float:
    """`a ** b` with a plain number `a`, differentiated in `b`: `a ** b * log(a)`.

    For `a = 0` that is 0 where `b > 0`; at `0 ** 0` and for `a < 0` it raises ValueError.

    >>> number_power(2.0, 3.0)
    8.0
    """
    return real_power(a, b)


def _slope_of_exponential(g: Any, out: Any, a: Any, b: Any) -> Any:
    """`g` times the derivative of `a ** b` in `b`."""
    if a > 0:
        return _slopes_of_power(g, out, a, b)[1]
    if a == 0 and b > 0:
        return SYMBOLIC_ZERO
    raise ValueError("the derivative in the exponent needs a base above 0")
