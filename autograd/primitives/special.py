"""Functions of statistics that `math` has not: of the normal distribution, and of entropies.

They follow JAX and SciPy at 0 and at infinity. Each has a formula, so that array code and machine
code compute it.
"""

import math
from collections.abc import Sequence
from typing import Any

from autograd.primitives.activations import INV_SQRT_2, INV_SQRT_2PI, gelu
from autograd.primitives.definition import POSITIVE, REAL, UNIT, primitive, select
from autograd.primitives.elementary import TWO_BY_SQRT_PI, bell, erfc, exp, log, log1p, sqrt
from autograd.primitives.piecewise import copysign, fabs, maximum, minimum, where
from autograd.primitives.zero import SYMBOLIC_ZERO

__all__ = ["erfinv", "log_ndtr", "xlogy"]

LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)


def _rows(text: str) -> list[list[float]]:
    return [[*map(float, row.split())] for row in text.split("/")]


# Rational functions for the quantile of the normal distribution: M. J. Wichura, "Algorithm AS 241:
# the percentage points of the normal distribution" (1988), the highest coefficient first.
MIDDLE = _rows(
    """
    2509.0809287301227 33430.57558358813 67265.7709270087 45921.95393154987 13731.69376550946
    1971.5909503065513 133.14166789178438 3.3871328727963665 /
    5226.495278852854 28729.085735721943 39307.89580009271 21213.794301586597 5394.196021424751
    687.1870074920579 42.31333070160091 1.0
    """
)
TAIL = _rows(
    """
    0.0007745450142783414 0.022723844989269184 0.2417807251774506 1.2704582524523684
    3.6478483247632045 5.769497221460691 4.630337846156546 1.4234371107496835 /
    1.0507500716444169e-09 0.0005475938084995345 0.015198666563616457 0.14810397642748008
    0.6897673349851 1.6763848301838038 2.053191626637759 1.0
    """
)
FAR_TAIL = _rows(
    """
    2.0103343992922881e-07 2.7115555687434876e-05 0.0012426609473880784 0.026532189526576124
    0.29656057182850487 1.7848265399172913 5.463784911164114 6.657904643501103 /
    2.0442631033899397e-15 1.421511758316446e-07 1.8463183175100548e-05 0.0007868691311456133
    0.014875361290850615 0.1369298809227358 0.599832206555888 1.0
    """
)


def ratio(r: Any, polynomials: Sequence[Sequence[float]]) -> Any:
    """The quotient of two polynomials, on floats or Values (Horner's scheme)."""
    results = []
    for first, *others in polynomials:
        found: Any = first
        for coefficient in others:
            found = found * r + coefficient
        results.append(found)
    return results[0] / results[1]


def _of_middle(x: Any) -> Any:
    return x * (0.5 * INV_SQRT_2 * ratio(0.180625 - 0.25 * x * x, MIDDLE))


def _formula_of_erfinv(x: Any) -> Any:
    size = fabs(x)
    is_middle = size <= 0.85
    r = sqrt(-log(where(is_middle, 0.5, 0.5 * (1.0 - size))))
    near, far = ratio(minimum(r, 5.0) - 1.6, TAIL), ratio(maximum(r, 5.0) - 5.0, FAR_TAIL)
    tail = copysign(INV_SQRT_2 * where(r <= 5.0, near, where(r < 40.0, far, r)), x)
    return where(is_middle, _of_middle(maximum(minimum(x, 0.85), -0.85)), tail)


@primitive(
    lambda g, out, x: g / bell(TWO_BY_SQRT_PI, out),
    facts="propagates follows",
    formula=_formula_of_erfinv,
    domain=[UNIT],
)
def erfinv(x: float) -> float:
    """The inverse of `erf`: infinite at -1 and 1. Raises ValueError beyond.

    Derivative: `sqrt(pi) / 2 * exp(erfinv(x) ** 2)`; at -1 and 1 the backward pass raises
    ZeroDivisionError.

    >>> erfinv(0.0), erfinv(1.0), round(erfinv(0.5), 6)
    (0.0, inf, 0.476936)
    """
    size = abs(x)
    if size == 1:
        return math.copysign(math.inf, x)
    if size <= 0.85:
        found = _of_middle(size)
        beyond = math.erf(found) - size
    else:
        r = math.sqrt(-math.log(0.5 * (1.0 - size)))
        found = INV_SQRT_2 * (ratio(r - 1.6, TAIL) if r <= 5.0 else ratio(r - 5.0, FAR_TAIL))
        beyond = (1.0 - size) - math.erfc(found)
    found -= beyond * math.exp(found * found) / TWO_BY_SQRT_PI  # Newton's step
    return math.copysign(found, x)


_FAR = 5.0
"""Beyond so many standard deviations the density over the tail is a continued fraction."""


def _hazard_far(t: Any) -> Any:
    """The density at `-t` over the distribution function there, on floats or Values, for large `t`.

    Source: Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964), 26.2.14.
    """
    found = t
    for k in range(24, 0, -1):
        found = t + k / found
    return found


def _hazard(out: Any, x: Any) -> Any:
    """The derivative of `log_ndtr`, on floats or Values."""
    is_far = x < -_FAR
    near = bell(INV_SQRT_2PI, x, 0.5) * exp(-select(is_far, 0.0, out))
    return select(is_far, _hazard_far(select(is_far, -x, _FAR)), near)


def _formula_of_log_ndtr(x: Any) -> Any:
    t, low = maximum(fabs(x), _FAR), minimum(x, 0.0)
    hazard = _hazard_far(t)
    far_below = -0.5 * low * low - (LOG_SQRT_2PI + log(hazard))
    below = log(0.5 * erfc(-INV_SQRT_2 * maximum(low, -_FAR)))
    tail = bell(INV_SQRT_2PI, minimum(t, 40.0), 0.5) / hazard
    above = log1p(-where(x > _FAR, tail, 0.5 * erfc(INV_SQRT_2 * fabs(x))))
    return where(x < -_FAR, far_below, where(x < 0.0, below, above))


@primitive(
    lambda g, out, x: g * _hazard(out, x),
    facts="total",
    formula=_formula_of_log_ndtr,
)
def log_ndtr(x: float) -> float:
    """The logarithm of the standard normal distribution function, right in both tails.

    Derivative: the density over the distribution function.

    >>> log_ndtr(0.0) == math.log(0.5), round(log_ndtr(-40.0), 6), log_ndtr(40.0)
    (True, -804.608442, -0.0)
    """
    if x > _FAR:
        return math.log1p(-bell(INV_SQRT_2PI, x, 0.5) / _hazard_far(x))
    if x > 1:
        return math.log1p(gelu(-x) / x)
    if x > 0:
        return math.log1p(-0.5 * math.erfc(INV_SQRT_2 * x))
    if x >= -1:
        return math.log(0.5 * math.erfc(-INV_SQRT_2 * x))
    if x >= -_FAR:
        return math.log(gelu(x) / x)
    return float(-0.5 * x * x - (LOG_SQRT_2PI + math.log(_hazard_far(-x))))


def _slopes_of_xlogy(g: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """`g` times the derivatives of `xlogy`, on floats or Values."""
    if y > 0:
        return g * log(y), g * x / y
    return math.nan, SYMBOLIC_ZERO  # here `x` is 0, and so is the function for all `y`


@primitive(
    lambda g, out, x, y: _slopes_of_xlogy(g, x, y),
    formula=lambda x, y: where(x == 0, 0.0, x * log(where(x == 0, 1.0, y))),
    domain=[REAL, POSITIVE],
)
def xlogy(x: float, y: float) -> float:
    """`x * log(y)`, and 0 for `x = 0`, whatever `y` is. Raises ValueError for other `y <= 0`.

    Derivatives: `log(y)`, which is NaN for `y <= 0`, and `x / y`.

    >>> xlogy(2.0, 1.0), xlogy(0.0, 0.0)
    (0.0, 0.0)
    """
    return x * math.log(y) if x else 0.0
