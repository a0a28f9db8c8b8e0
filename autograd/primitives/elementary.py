"""The smooth functions of the `math` module, as primitives.

A derivative is written in the form that keeps its accuracy over the whole domain: `1 - x * x` near
`x = 1`, for instance, loses digits that `(1 - x) * (1 + x)` keeps. The formulas are those of
Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964), chapters 4 and 7.
"""

import math
from typing import Any

from autograd.primitives.definition import POSITIVE, UNIT, primitive, select

__all__ = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh",
    "degrees", "erf", "erfc", "exp", "exp2", "expm1", "log1p", "log2", "log10", "radians",
    "sigmoid", "sin", "sinh", "sqrt", "tan", "tanh",
]  # fmt: skip

LN2 = math.log(2)
LOG2_E = 1 / LN2
LOG10_E = 1 / math.log(10)
EXP_MINUS_64 = math.exp(-64)
TWO_BY_SQRT_PI = 2 / math.sqrt(math.pi)


@primitive(lambda g, out, x: g * out, facts="unsigned")
def exp(x: float) -> float:
    """`e ** x`. Raises OverflowError above about 709.78. Derivative: `exp(x)`.

    >>> exp(0.0)
    1.0
    """
    return math.exp(x)


@primitive(lambda g, out, x: g * out * LN2, facts="unsigned")
def exp2(x: float) -> float:
    """`2 ** x`. Raises OverflowError from 1024. Derivative: `2 ** x * log(2)`.

    >>> exp2(10.0)
    1024.0
    """
    return math.exp2(x)


@primitive(lambda g, out, x: g * exp(x), facts="follows")
def expm1(x: float) -> float:
    """`exp(x) - 1`, accurate near 0. Derivative: `exp(x)`.

    >>> expm1(1e-20)
    1e-20
    """
    return math.expm1(x)


@primitive(lambda g, out, x: g / x, facts="propagates unsigned", domain=[POSITIVE])
def log(x: float) -> float:
    """The natural logarithm. Raises ValueError for `x <= 0`. Derivative: `1 / x`.

    >>> log(1.0)
    0.0
    """
    return math.log(x)


@primitive(lambda g, out, x: g * LOG2_E / x, facts="propagates unsigned", domain=[POSITIVE])
def log2(x: float) -> float:
    """The logarithm to base 2. Raises ValueError for `x <= 0`. Derivative: `1 / (x log 2)`.

    >>> log2(8.0)
    3.0
    """
    return math.log2(x)


@primitive(lambda g, out, x: g * LOG10_E / x, facts="propagates unsigned", domain=[POSITIVE])
def log10(x: float) -> float:
    """The logarithm to base 10. Raises ValueError for `x <= 0`. Derivative: `1 / (x log 10)`.

    >>> log10(1000.0)
    3.0
    """
    return math.log10(x)


@primitive(lambda g, out, x: g / (1 + x), facts="propagates follows", domain=[(-1.0, math.inf)])
def log1p(x: float) -> float:
    """`log(1 + x)`, accurate near 0. Raises ValueError for `x <= -1`. Derivative: `1 / (1 + x)`.

    >>> log1p(1e-20)
    1e-20
    """
    return math.log1p(x)


@primitive(lambda g, out, x: g / (2 * out), facts="propagates rounded follows", domain=[POSITIVE])
def sqrt(x: float) -> float:
    """The square root. Raises ValueError for `x < 0`.

    Derivative: `1 / (2 sqrt(x))`; at 0 it is infinite, and the backward pass raises
    ZeroDivisionError.

    >>> sqrt(9.0)
    3.0
    """
    return math.sqrt(x)


@primitive(lambda g, out, x: g * (out / x / 3), facts="total propagates finite follows")
def cbrt(x: float) -> float:
    """The cube root, of negative numbers too.

    Derivative: `1 / (3 cbrt(x) ** 2)`, computed as `cbrt(x) / 3x`, where the error of the root
    enters once; at 0 it is infinite, and the backward pass raises ZeroDivisionError.

    >>> cbrt(-8.0)
    -2.0
    """
    root = math.cbrt(x)
    if root == 0 or not math.isfinite(root):
        return root
    return (
        root - (root - x / (root * root)) / 3
    )  # a Newton step: the root of a C library may be 3 ulp off


@primitive(lambda g, out, x: g * cos(x), facts="propagates finite follows")  # type: ignore[has-type]
def sin(x: float) -> float:
    """The sine of `x` radians. Derivative: `cos(x)`.

    >>> sin(0.0)
    0.0
    """
    return math.sin(x)


@primitive(lambda g, out, x: -g * sin(x), facts="propagates finite unsigned")
def cos(x: float) -> float:
    """The cosine of `x` radians. Derivative: `-sin(x)`.

    >>> cos(0.0)
    1.0
    """
    return math.cos(x)


@primitive(lambda g, out, x: g * (1 + out * out), facts="propagates finite follows")
def tan(x: float) -> float:
    """The tangent of `x` radians. Derivative: 1 plus its square.

    >>> tan(0.0)
    0.0
    """
    return math.tan(x)


@primitive(lambda g, out, x: g / sqrt((1 - x) * (1 + x)), facts="propagates follows", domain=[UNIT])
def asin(x: float) -> float:
    """The arc sine, in radians. Raises ValueError outside [-1, 1].

    Derivative: `1 / sqrt(1 - x ** 2)`; at -1 and 1 the backward pass raises ZeroDivisionError.

    >>> asin(0.0)
    0.0
    """
    return math.asin(x)


@primitive(
    lambda g, out, x: -g / sqrt((1 - x) * (1 + x)),
    facts="propagates unsigned",
    domain=[UNIT],
)
def acos(x: float) -> float:
    """The arc cosine, in radians. Raises ValueError outside [-1, 1].

    Derivative: `-1 / sqrt(1 - x ** 2)`; at -1 and 1 the backward pass raises ZeroDivisionError.

    >>> acos(1.0)
    0.0
    """
    return math.acos(x)


@primitive(lambda g, out, x: _over_one_plus_square(g, x), facts="total finite follows")
def atan(x: float) -> float:
    """The arc tangent, in radians. Derivative: `1 / (1 + x ** 2)`.

    >>> atan(0.0)
    0.0
    """
    return math.atan(x)


@primitive(
    lambda g, out, y, x: (g * _over_square(x, y, x), -g * _over_square(y, y, x)),
    facts="total finite tells",
)
def atan2(y: float, x: float) -> float:
    """The angle of the point `(x, y)`, in radians, from -pi to pi.

    Derivatives: `x / (x ** 2 + y ** 2)` in `y` and `-y / (x ** 2 + y ** 2)` in `x`; at the origin
    the backward pass raises ZeroDivisionError.

    >>> atan2(0.0, 1.0)
    0.0
    """
    return math.atan2(y, x)


@primitive(
    lambda g, out, x, y: _direction(g, out, x, y), facts="total propagates commutative unsigned"
)
def hypot(x: float, y: float) -> float:
    """`sqrt(x ** 2 + y ** 2)` without overflow on the way.

    Derivatives: `x / hypot` and `y / hypot`; at the origin the backward pass raises
    ZeroDivisionError.

    >>> hypot(3.0, 4.0)
    5.0
    """
    return math.hypot(x, y)


@primitive(lambda g, out, x: g * cosh(x), facts="propagates follows")  # type: ignore[has-type]
def sinh(x: float) -> float:
    """The hyperbolic sine. Raises OverflowError beyond about 710. Derivative: `cosh(x)`.

    >>> sinh(0.0)
    0.0
    """
    return math.sinh(x)


@primitive(lambda g, out, x: g * sinh(x), facts="propagates unsigned")
def cosh(x: float) -> float:
    """The hyperbolic cosine. Raises OverflowError beyond about 710. Derivative: `sinh(x)`.

    >>> cosh(0.0)
    1.0
    """
    return math.cosh(x)


@primitive(lambda g, out, x: g * out * sigmoid(-x), facts="total finite unsigned")  # type: ignore[has-type]
def sigmoid(x: float) -> float:
    """The logistic function `1 / (1 + exp(-x))`, without overflow for any `x`.

    Derivative: `sigmoid(x) * (1 - sigmoid(x))`, with the second factor computed as `sigmoid(-x)`,
    the same number without the cancellation.

    >>> sigmoid(0.0), sigmoid(1000.0), sigmoid(-1000.0)
    (0.5, 1.0, 0.0)
    """
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    tail = math.exp(x)
    return tail / (1 + tail)


@primitive(lambda g, out, x: 4 * g * sigmoid(2 * x) * sigmoid(-2 * x), facts="total finite follows")
def tanh(x: float) -> float:
    """The hyperbolic tangent.

    Derivative: `1 - tanh(x) ** 2`, computed as `4 sigmoid(2x) sigmoid(-2x)`, the same number
    without the cancellation that the subtraction suffers far from 0.

    >>> tanh(0.0)
    0.0
    """
    return math.tanh(x)


@primitive(lambda g, out, x: g / hypot(1.0, x), facts="total propagates finite follows")
def asinh(x: float) -> float:
    """The inverse hyperbolic sine. Derivative: `1 / sqrt(1 + x ** 2)`.

    >>> asinh(0.0)
    0.0
    """
    return math.asinh(x)


@primitive(
    lambda g, out, x: g / (sqrt(x - 1) * sqrt(x + 1)),
    facts="propagates unsigned",
    domain=[(1.0, math.inf)],
)
def acosh(x: float) -> float:
    """The inverse hyperbolic cosine. Raises ValueError for `x < 1`.

    Derivative: `1 / sqrt(x ** 2 - 1)`; at 1 the backward pass raises ZeroDivisionError.

    >>> acosh(1.0)
    0.0
    """
    return math.acosh(x)


@primitive(lambda g, out, x: g / ((1 - x) * (1 + x)), facts="propagates follows", domain=[UNIT])
def atanh(x: float) -> float:
    """The inverse hyperbolic tangent. Raises ValueError outside (-1, 1).

    Derivative: `1 / (1 - x ** 2)`.

    >>> atanh(0.0)
    0.0
    """
    return math.atanh(x)


@primitive(lambda g, out, x: bell(g * TWO_BY_SQRT_PI, x), facts="total finite follows")
def erf(x: float) -> float:
    """The error function. Derivative: `2 / sqrt(pi) * exp(-x ** 2)`.

    >>> erf(0.0)
    0.0
    """
    return math.erf(x)


@primitive(lambda g, out, x: bell(-g * TWO_BY_SQRT_PI, x), facts="total finite unsigned")
def erfc(x: float) -> float:
    """`1 - erf(x)`, accurate where that is tiny. Derivative: `-2 / sqrt(pi) * exp(-x ** 2)`.

    >>> erfc(0.0)
    1.0
    """
    return math.erfc(x)


@primitive(lambda g, out, x: g * (180 / math.pi), facts="total propagates follows")
def degrees(x: float) -> float:
    """Radians to degrees. Derivative: `180 / pi`.

    >>> degrees(math.pi)
    180.0
    """
    return math.degrees(x)


@primitive(lambda g, out, x: g * (math.pi / 180), facts="total propagates finite")
def radians(x: float) -> float:
    """Degrees to radians. Derivative: `pi / 180`.

    >>> radians(180.0) == math.pi
    True
    """
    return math.radians(x)


def _over_one_plus_square(g: Any, x: Any) -> Any:
    """`g / (1 + x ** 2)` without overflow on the way, on floats or Values."""
    lower = select(x * x > 1e300, 2.0**-600, 1.0)
    return g * lower / (lower * lower + lower * x * (lower * x)) * lower


def _over_square(z: Any, y: Any, x: Any) -> Any:
    """`z / (x ** 2 + y ** 2)` without overflow or underflow on the way, on floats or Values."""
    size = x * x + y * y
    low = select(size > 1, 0.5, 1.0)
    high = select(size > 1, 1.0, select(size > 1e-300, 2.0**200, 1.0))
    radius = hypot(low * x, low * y)
    return z * high / radius * (low * low) / radius / high


def _direction(g: Any, radius: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """`g` times the unit vector from the origin to `(x, y)`, on floats or Values."""
    lift = select(radius < 1e-290, 2.0**100, 1.0)  # a subnormal radius has lost its digits
    x, y = x * lift, y * lift
    radius = hypot(x, y)
    return g * (x / radius), g * (y / radius)


def bell(factor: Any, x: Any, rate: float = 1.0) -> Any:
    """`factor * exp(-rate * x ** 2)`, on floats or Values, with `rate` a power of 2.

    The exponential would magnify the rounding of `x ** 2` by the size of `x ** 2`. So the leading
    half of the digits of `x` is squared exactly (Dekker, "A floating-point technique for extending
    the available precision", 1971), and the small rest has a separate exponential. Far out the
    large one is computed `e ** 64` times too large, so that it is not subnormal before the factor
    is applied.

    >>> bell(1.0, 0.0), bell(1.0, 1e300)
    (1.0, 0.0)
    """
    x = select(x * x > 1e6, 1e3, x)  # further out the result is 0, but the split overflows
    scaled = (2.0**27 + 1) * x
    high = scaled - (scaled - x)
    is_far = x * x > 600
    lift, lower = select(is_far, 64.0, 0.0), select(is_far, EXP_MINUS_64, 1.0)
    return factor * exp(lift - rate * (high * high)) * exp(rate * ((high - x) * (high + x))) * lower
