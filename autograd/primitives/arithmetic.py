"""The primitives behind the operators of `Value`: `+ - * / // % **`, unary `+` and `-`.

`Value` has the value rules of the most common ones inline, for speed; the derivative rules are only
here.
"""

import math
from typing import Any

from autograd.primitives.definition import POSITIVE, REAL, primitive, select
from autograd.primitives.elementary import log
from autograd.primitives.zero import SYMBOLIC_ZERO


@primitive(lambda g, out, a: g, facts="total propagates finite exact follows")
def identity(a: float) -> float:
    """The number itself, as a new node: unary `+`.

    >>> identity(2.0)
    2.0
    """
    return 0.0 if a is SYMBOLIC_ZERO else a


@primitive(lambda g, out, a: -g, symbol="-", facts="total propagates finite exact")
def neg(a: float) -> float:
    """Minus `a`.

    >>> neg(2.0)
    -2.0
    """
    return -a


@primitive(
    lambda g, out, a, b: (g, g),
    symbol="+",
    facts="total propagates commutative rounded follows bilinear",
    neutral=-0.0,
)
def add(a: float, b: float) -> float:
    """The sum `a + b`.

    >>> add(2.0, 3.0)
    5.0
    """
    return a + b


@primitive(
    lambda g, out, a, b: (g, -g), symbol="-", facts="total propagates rounded follows", neutral=0.0
)
def sub(a: float, b: float) -> float:
    """The difference `a - b`.

    >>> sub(2.0, 3.0)
    -1.0
    """
    return a - b


@primitive(
    lambda g, out, a, b: (g * b, g * a),
    symbol="*",
    is_product=True,
    facts="total propagates commutative rounded bilinear",
    neutral=1.0,
)
def mul(a: float, b: float) -> float:
    """The product `a * b`.

    >>> mul(2.0, 3.0)
    6.0
    """
    return a * b


@primitive(
    lambda g, out, a, b: (g / b, -g * (a if a is SYMBOLIC_ZERO else out) / b),
    symbol="/",
    is_product=True,
    facts="rounded",
    neutral=1.0,
)
def div(a: float, b: float) -> float:
    """The quotient `a / b`. Raises ZeroDivisionError for `b = 0`.

    >>> div(3.0, 2.0)
    1.5
    """
    return a / b


@primitive(lambda g, out, a, b: (SYMBOLIC_ZERO, SYMBOLIC_ZERO), symbol="//", facts="exact jumps")
def floordiv(a: float, b: float) -> float:
    """The floor of `a / b`; its derivative is 0, at the jumps too.

    >>> floordiv(7.5, 2.0)
    3.0
    """
    return a // b


@primitive(lambda g, out, a, b: (g, -g * (a // b)), symbol="%", facts="rounded jumps")
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
    """`g` times the derivatives of `a ** b` in both, on floats or Values."""
    if a > 0 and a != math.inf:
        return _slopes_by_root(g, a, b, log(a))
    if a == 0:
        return _slopes_at_zero(g, out, a, b)
    in_exponent = g * (out * (log(a) if a > 0 else math.nan))
    return g * (_whole_slope(out, a, b) if b else out - 1.0), in_exponent


def _slopes_by_root(g: Any, a: Any, b: Any, log_a: Any) -> tuple[Any, Any]:
    """The same for `a > 0`, by the square root of the power, which does not underflow."""
    root = a ** (0.5 * b)
    lift = select(a < 1e-290, 2.0**60, 1.0)  # the root over a tiny base might overflow
    return g * (root / (a * lift)) * b * (root * lift), g * log_a * root * root


def _slopes_at_zero(g: Any, out: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The same for `a = 0` and so `b >= 0`.

    Each is written so that its derivatives are right, or not finite where they do not exist: that
    in the exponent, `a ** b * log(a)`, tends to 0 like a power with a slightly smaller exponent.
    """
    if b > 0:
        near = b * (1 - 2.0**-53)
        in_exponent = 0.0 - a**near
        if b >= 1:
            return g * b * a ** (b - 1), g * in_exponent
        return g * ((2.0 - b) * math.inf - a ** (0.5 * b)), g * in_exponent
    return g * (out - 1.0), g * (out * math.nan)  # 0 ** b is 1 here, and 0 for all b beyond


def _whole_slope(out: Any, a: Any, b: Any) -> Any:
    """`b * a ** (b - 1)` with a whole `b`, or another form of it where `b - 1` might be rounded."""
    return b * a ** (b - 1) if -(2.0**53) < b < 2.0**53 else b * out / a


@primitive(_slopes_of_power, name="pow", symbol="**", domain=[POSITIVE, REAL])
def power(a: float, b: float) -> float:
    """`a ** b`, differentiated in both.

    The derivative in the base is `b * a ** (b - 1)`, and infinite at `a = 0` for `0 < b < 1`. That
    in the exponent is `a ** b * log(a)`, which at `a = 0` is 0 for `b > 0`. It does not exist for
    `a < 0`, nor for `0 ** 0`: there the exponent gets NaN, and the base its derivative.

    >>> power(2.0, 3.0)
    8.0
    >>> from autograd import Value
    >>> x, n = Value(-3.0), Value(2.0)
    >>> power(x, n).backward()
    >>> x.grad, n.grad
    (-6.0, nan)
    """
    return real_power(a, b)


@primitive(
    lambda g, out, a, b: (
        g * b * a ** (b - 1) if 0.5 <= b < 2.0**53 else g * b * out / a if b else SYMBOLIC_ZERO,
        SYMBOLIC_ZERO,
    ),
    name="pow_number",
    symbol="**",
)
def power_number(a: float, b: float) -> float:
    """`a ** b` with a plain number `b`, differentiated in `a`: `b * a ** (b - 1)`,
    computed as `b * a ** b / a` where `b - 1` might be rounded (below 0.5 and beyond 2**53).

    At `a = 0` this raises ZeroDivisionError for `b < 1`, except for `b = 0`, where it is 0.

    >>> power_number(-2.0, 3.0)
    -8.0
    """
    return real_power(a, b)


@primitive(
    lambda g, out, a, b: (SYMBOLIC_ZERO, _slope_in_exponent(g, a, b)),
    name="number_pow",
    symbol="**",
)
def number_power(a: float, b: float) -> float:
    """`a ** b` with a plain number `a`, differentiated in `b`: `a ** b * log(a)`.

    For `a = 0` that is 0 where `b > 0`. It does not exist for `a < 0`, nor at `0 ** 0`, and the
    backward pass raises ValueError.

    >>> number_power(2.0, 3.0)
    8.0
    """
    return real_power(a, b)


def _slope_in_exponent(g: Any, a: float, b: Any) -> Any:
    """`g` times the derivative of `a ** b` in `b`, on floats or Values."""
    if a > 0:
        return _slopes_by_root(g, a, b, log(a))[1]
    if a == 0 and b > 0:
        return SYMBOLIC_ZERO
    raise ValueError("the derivative in the exponent needs a base above 0")
