"""The gamma function, its logarithm, and the derivatives of that: digamma, trigamma, and so on.

Source: Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964), chapter 6; the sums of
inverse powers by the formula of Euler and Maclaurin (F. Johansson, "Rigorous high-precision
computation of the Hurwitz zeta function and its derivatives", 2014, section 2).
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from autograd.primitives.definition import POSITIVE, Unary, primitive

__all__ = ["digamma", "gamma", "lgamma", "trigamma"]

LOG_PI = math.log(math.pi)
EULER = 0.57721566490153286
ROOT, ROOT_LOW = 1.4616321449683622, 9.549995429965697e-17
"""Where the digamma is 0, in two floats."""

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
FAR = 12.0
"""From here on, eight terms of an asymptotic series suffice."""

FAR_LEFT = -300.0
"""To the left of this, reflection is faster than the recurrence up to `FAR`."""


@primitive(lambda g, out, x: g * out * digamma(x), facts="propagates")  # type: ignore[has-type]
def gamma(x: float) -> float:
    """The gamma function: `(x - 1)!` for a whole number above 0.

    Raises ValueError at 0 and at negative whole numbers, where its poles are, and OverflowError
    from about 171.6 and next to 0. Derivative: `gamma(x) * digamma(x)`.

    Source: `math.gamma`; from 0 to 8 as `lgamma`, since that is more accurate.

    >>> gamma(5.0)
    24.0
    """
    if not 1e-300 < x < 8:
        return math.gamma(x)
    if x < 0.5:
        return math.exp(_lgamma_by_two(x)) / (x * (1 + x))
    if x < 1.2:
        return math.exp(_lgamma_by_two(x - 1)) / x
    product, x = _down_to_two(x)
    return product * math.exp(_lgamma_by_two(x - 2))


@primitive(lambda g, out, x: g * digamma(x), facts="propagates unsigned", domain=[POSITIVE])  # type: ignore[has-type]
def lgamma(x: float) -> float:
    """The logarithm of the size of the gamma function, accurate near its zeros at 1 and 2.

    Raises ValueError at 0 and at negative whole numbers. Derivative: `digamma(x)`.

    Source: `math.lgamma`; up to 12 Abramowitz and Stegun, 6.1.17 and
    6.1.33.

    >>> lgamma(1.0), round(lgamma(4.0), 6) == round(math.log(6), 6)
    (0.0, True)
    """
    if -math.inf < x < 0 and not x.is_integer():
        sine = math.sin(math.pi * abs(x - round(x)))
        return math.fsum((LOG_PI, -math.log(sine), -math.log(-x), -lgamma(-x)))
    if not 0 < x < FAR:
        return math.lgamma(x)
    if x < 0.5:
        return math.fsum((_lgamma_by_two(x), -math.log(x), -math.log1p(x)))
    if x < 1.2:
        return _lgamma_by_two(x - 1) - math.log1p(x - 1)
    product, x = _down_to_two(x)
    return math.log(product) + _lgamma_by_two(x - 2)


@primitive(lambda g, out, x: g * trigamma(x), facts="propagates unsigned", domain=[POSITIVE])  # type: ignore[has-type]
def digamma(x: float) -> float:
    """The derivative of `lgamma`, also called psi, accurate near its zero at 1.4616.

    Raises ValueError at 0 and at negative whole numbers, where its poles are.
    Derivative: `polygamma(1, x)`.

    Source: Abramowitz and Stegun, 6.3.5 (recurrence), 6.3.7 (reflection), 6.3.18 (asymptotic).

    >>> digamma(1.0) == -EULER
    True
    """
    _check(x)
    if x < FAR_LEFT:
        return digamma(1 - x) - math.pi * _cotangent(x)
    if x >= FAR:
        square = 1 / (x * x)
        tail = sum([b / (2 * k) * square**k for k, b in enumerate(BERNOULLI, 1)][::-1])
        return math.log(x) - (0.5 / x + tail)
    steps = []
    while x < 0:
        steps.append(-1 / x)
        x += 1
    while x > 2.1:
        x -= 1
        steps.append(1 / x)
    if x < 1:
        steps.append(-1 / x)
        distance = x - (ROOT - 1) - ROOT_LOW
    else:
        distance = x - ROOT - ROOT_LOW
    return math.fsum([*steps, distance * _polynomial(_around_root(), -distance)])


def _of_order(n: int) -> Unary:
    """The derivative of order `n` of the digamma, from 1 on."""

    @primitive(
        lambda g, out, x: g * polygamma(n + 1)(x),
        name="trigamma" if n == 1 else f"polygamma{n}",
        facts="unsigned" if n % 2 else "",
        domain=[POSITIVE],
    )
    def value(x: float) -> float:
        return _polygamma(n, x)

    rule: Any = value.primitive.value
    value.__name__ = rule.__name__ = rule.__qualname__ = value.primitive.name
    value.__doc__ = (
        f"The derivative of order {n} of the digamma. Derivative: that of order {n + 1}.\n\n"
        "    Raises ValueError at 0 and at negative whole numbers, where its poles are.\n\n"
        f"    >>> polygamma({n})(math.inf)\n    {0.0 if n % 2 else -0.0}\n    "
    )
    return value


trigamma = _of_order(1)


@cache
def polygamma(n: int) -> Unary:
    """The derivative of order `n` of the digamma, as a function.

    Abramowitz and Stegun, 6.4.7 (reflection) and 6.4.10 (the sum of inverse powers).

    >>> polygamma(1)(1.0) == math.pi**2 / 6
    True
    """
    return (digamma, trigamma)[n] if n < 2 else _of_order(n)


def __getattr__(name: str) -> Unary:
    """`polygamma2` and so on: the names by which their primitives are pickled."""
    order = name.removeprefix("polygamma")
    if order == name or not order.isdecimal():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return polygamma(int(order))


def _polygamma(n: int, x: float) -> float:
    _check(x)
    sign = -1.0 if n % 2 == 0 else 1.0
    if not x < FAR_LEFT:
        return sign * math.factorial(n) * _inverse_powers(n + 1, x)
    mirrored = _polygamma(n, 1 - x)
    return -sign * mirrored - math.pi ** (n + 1) * _polynomial(_of_cotangent(n), _cotangent(x))


def _check(x: float) -> None:
    if x <= 0 and (x == -math.inf or x.is_integer()):
        raise ValueError("math domain error")


def _cotangent(x: float) -> float:
    """`1 / tan(pi * x)`, after subtracting the whole part of `x`, which is exact."""
    rest = x - round(x)
    if abs(rest) > 0.25:
        return math.copysign(math.tan(math.pi * (0.5 - abs(rest))), rest)
    return 1 / math.tan(math.pi * rest)


@cache
def _of_cotangent(n: int) -> Sequence[float]:
    """The coefficients of the derivative of order `n` of the cotangent, in its powers."""
    if n == 0:
        return (0.0, 1.0)
    slope = [k * c for k, c in enumerate(_of_cotangent(n - 1))][1:]
    return [-a - b for a, b in zip([*slope, 0.0, 0.0], [0.0, 0.0, *slope], strict=True)]


def _inverse_powers(s: int, x: float) -> float:
    """The sum of `(x + k) ** -s` over all `k` from 0: the zeta function of Hurwitz, `s > 1`."""
    terms = []
    while x < FAR + s:
        terms.append(x**-s)
        x += 1
    last = x**-s
    terms += [x ** (1 - s) / (s - 1), 0.5 * last]
    factor = s * last / x
    for k, b in enumerate(BERNOULLI, 1):
        terms.append(b / math.factorial(2 * k) * factor)
        factor *= (s + 2 * k - 1) * (s + 2 * k) / (x * x)
    return math.fsum(terms)


@cache
def _around_root() -> Sequence[float]:
    """The digamma over its distance `d` from the root, as a series in `-d`."""
    return [_inverse_powers(k + 2, ROOT) for k in range(50)]


@cache
def _around_two() -> Sequence[float]:
    """`lgamma(2 + z) / z` as a series in `-z`."""
    return [1 - EULER, *(-_inverse_powers(k, 2.0) / k for k in range(2, 48))]


def _lgamma_by_two(z: float) -> float:
    return z * _polynomial(_around_two(), -z)


def _down_to_two(x: float) -> tuple[float, float]:
    """A number `y` near 2, and the factor in `gamma(x) = factor * gamma(y)`."""
    product = 1.0
    while x > 2.5:
        x -= 1
        product *= x
    return product, x


def _polynomial(coefficients: Sequence[float], x: float) -> float:
    result = 0.0
    for c in reversed(coefficients):
        result = result * x + c
    return result
