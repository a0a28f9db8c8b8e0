"""Each built-in primitive and its derivatives in mpmath: the exact results to measure against.

Two entries for every entry of the primitives' table: `REFERENCES` has the function, `SLOPES` its
derivative in each operand. They share no code with the rules they check, and are written in the
plain form, except where it would cancel more than 50 digits. A test checks that the two tables
agree with each other.

At a corner `SLOPES` follows the documentation of the primitive: 0 for `abs` and `relu` at 0, an
even split among equal operands of `maximum`.

This module needs mpmath, so it is imported only where it is used.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import mpmath  # type: ignore[import-untyped, unused-ignore]
from mpmath import mpf

GELU_CUBIC = 0.044715
"""The constant of `gelu_tanh`, a float by definition."""


def sigmoid(x: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + mpmath.exp(-x))


def _erfc(x: Any) -> Any:
    # mpmath's own overflows out there, where the first term of the asymptotic series is enough.
    return mpmath.erfc(x) if x < 1e60 else mpmath.exp(-x * x) / (x * mpmath.sqrt(mpmath.pi))


def normal_cdf(x: Any) -> Any:
    """The standard normal distribution function."""
    return _erfc(-x / mpmath.sqrt(2)) / 2


def _log_ndtr(x: Any) -> Any:
    return mpmath.log1p(-normal_cdf(-x)) if x > 0 else mpmath.log(normal_cdf(x))


def normal_density(x: Any) -> Any:
    """The density of the standard normal distribution."""
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


def gelu_logit(x: Any) -> Any:
    """Twice the argument of the hyperbolic tangent in `gelu_tanh`."""
    return 2 * mpmath.sqrt(2 / mpmath.pi) * (x + mpf(GELU_CUBIC) * x**3)


def gelu_rate(x: Any) -> Any:
    """The derivative of `gelu_logit`."""
    return 2 * mpmath.sqrt(2 / mpmath.pi) * (1 + 3 * mpf(GELU_CUBIC) * x * x)


def inner_product(a: Iterable[Any], b: Iterable[Any]) -> Any:
    """The inner product of floats, exactly (`mpmath.fdot` drops terms that are far apart)."""
    with mpmath.workprec(4400):  # from the square of the smallest float to that of the largest
        return sum((x * y for x, y in zip(a, b, strict=True)), mpf(0))


def total(terms: Sequence[Any]) -> Any:
    """The sum of floats, exactly."""
    return inner_product(terms, [1] * len(terms))


def _floor_of_quotient(a: Any, b: Any) -> Any:
    return mpmath.nint((a - a % b) / b)  # `%` is exact, however large the quotient


def _exact_quotient(a: Any, b: Any) -> Any:
    """The quotient, with enough digits for its whole part."""
    with mpmath.workprec(4400):
        return +mpf(a) / mpf(b)


def _remainder(a: Any, b: Any) -> Any:
    with mpmath.workprec(4400):
        return a - b * mpmath.nint(_exact_quotient(a, b))


def _cut_quotient(a: Any, b: Any) -> Any:
    quotient = _exact_quotient(a, b)
    return mpmath.sign(quotient) * mpmath.floor(abs(quotient))


def _logsumexp(*xs: Any) -> Any:
    *rest, top = xs
    return top + mpmath.log1p(mpmath.fsum(mpmath.exp(x - top) for x in rest))


REFERENCES: dict[str, Callable[..., Any]] = {
    # arithmetic
    "identity": lambda a: a,
    "neg": lambda a: -a,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "floordiv": _floor_of_quotient,
    "mod": lambda a, b: a % b,
    "pow": lambda a, b: a**b,
    "pow_number": lambda a, b: a**b,
    "number_pow": lambda a, b: a**b,
    # elementary
    "exp": mpmath.exp,
    "exp2": lambda x: mpf(2) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "log1p": mpmath.log1p,
    "sqrt": mpmath.sqrt,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "atan2": mpmath.atan2,
    "hypot": lambda x, y: mpmath.sqrt(x * x + y * y),
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "erf": mpmath.erf,
    "erfc": _erfc,
    "degrees": mpmath.degrees,
    "radians": mpmath.radians,
    "sigmoid": sigmoid,
    # gammas
    "gamma": mpmath.gamma,
    "lgamma": lambda x: mpmath.re(mpmath.loggamma(x)),
    "digamma": mpmath.digamma,
    "trigamma": lambda x: mpmath.psi(1, x),
    # piecewise
    "sign": mpmath.sign,
    "abs": abs,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
    "rint": mpmath.nint,
    "copysign": lambda x, y: abs(x) if y >= 0 else -abs(x),
    "fmod": lambda a, b: mpmath.sign(a) * (abs(a) % abs(b)),
    "remainder": _remainder,
    "maximum": max,
    "minimum": min,
    "where": lambda condition, x, y: x if condition else y,
    # activations
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * mpmath.expm1(x),
    "gelu": lambda x: x * normal_cdf(x),
    "gelu_tanh": lambda x: x * sigmoid(gelu_logit(x)),
    "silu": lambda x: x * sigmoid(x),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    # special
    "erfinv": mpmath.erfinv,
    "log_ndtr": _log_ndtr,
    "xlogy": lambda x, y: x * mpmath.log(y) if x else mpf(0),
    # reductions
    "sum": lambda *xs: total(xs),
    "prod": lambda *xs: mpmath.fprod(xs),
    "dot": lambda *ab: inner_product(ab[: len(ab) // 2], ab[len(ab) // 2 :]),
    "max": lambda *xs: max(xs),
    "min": lambda *xs: min(xs),
    "logsumexp": lambda *xs: _logsumexp(*sorted(xs)),
}


def _gelu_tanh_slope(x: Any) -> Any:
    logit = gelu_logit(x)
    return sigmoid(logit) * (1 + x * gelu_rate(x) * sigmoid(-logit))


def _softmax(*xs: Any) -> list[Any]:
    top = max(xs)
    total = mpmath.fsum(mpmath.exp(x - top) for x in xs)
    return [mpmath.exp(x - top) / total for x in xs]


def _shares(*xs: Any, extreme: Callable[..., Any]) -> list[Any]:
    hits = [x == extreme(xs) for x in xs]
    return [mpf(hit) / sum(hits) for hit in hits]


def _split(x: Any, y: Any) -> Any:
    """The share of `x` in the derivative of the larger of two."""
    return mpf((x > y) - (x < y) + 1) / 2


SLOPES: dict[str, Callable[..., Sequence[Any]]] = {
    # arithmetic
    "identity": lambda a: [mpf(1)],
    "neg": lambda a: [mpf(-1)],
    "add": lambda a, b: [mpf(1), mpf(1)],
    "sub": lambda a, b: [mpf(1), mpf(-1)],
    "mul": lambda a, b: [b, a],
    "div": lambda a, b: [1 / b, -a / b**2],
    "floordiv": lambda a, b: [mpf(0), mpf(0)],
    "mod": lambda a, b: [mpf(1), -_floor_of_quotient(a, b)],
    "pow": lambda a, b: [b * a**b / a, a**b * mpmath.log(a)],
    "pow_number": lambda a, b: [b * a**b / a if b else mpf(0), mpf(0)],
    "number_pow": lambda a, b: [mpf(0), a**b * mpmath.log(a)],
    # elementary
    "exp": lambda x: [mpmath.exp(x)],
    "exp2": lambda x: [mpf(2) ** x * mpmath.log(2)],
    "expm1": lambda x: [mpmath.exp(x)],
    "log": lambda x: [1 / x],
    "log2": lambda x: [1 / (x * mpmath.log(2))],
    "log10": lambda x: [1 / (x * mpmath.log(10))],
    "log1p": lambda x: [1 / (1 + x)],
    "sqrt": lambda x: [1 / (2 * mpmath.sqrt(x))],
    "cbrt": lambda x: [1 / (3 * mpmath.cbrt(abs(x)) ** 2)],
    "sin": lambda x: [mpmath.cos(x)],
    "cos": lambda x: [-mpmath.sin(x)],
    "tan": lambda x: [mpmath.sec(x) ** 2],
    "asin": lambda x: [1 / mpmath.sqrt((1 - x) * (1 + x))],
    "acos": lambda x: [-1 / mpmath.sqrt((1 - x) * (1 + x))],
    "atan": lambda x: [1 / (1 + x * x)],
    "atan2": lambda y, x: [x / (x * x + y * y), -y / (x * x + y * y)],
    "hypot": lambda x, y: [x / mpmath.sqrt(x * x + y * y), y / mpmath.sqrt(x * x + y * y)],
    "sinh": lambda x: [mpmath.cosh(x)],
    "cosh": lambda x: [mpmath.sinh(x)],
    "tanh": lambda x: [mpmath.sech(x) ** 2],
    "asinh": lambda x: [1 / mpmath.sqrt(1 + x * x)],
    "acosh": lambda x: [1 / mpmath.sqrt((x - 1) * (x + 1))],
    "atanh": lambda x: [1 / ((1 - x) * (1 + x))],
    "erf": lambda x: [2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)],
    "erfc": lambda x: [-2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)],
    "degrees": lambda x: [180 / mpmath.pi],
    "radians": lambda x: [mpmath.pi / 180],
    "sigmoid": lambda x: [sigmoid(x) * sigmoid(-x)],
    # gammas
    "gamma": lambda x: [mpmath.gamma(x) * mpmath.digamma(x)],
    "lgamma": lambda x: [mpmath.digamma(x)],
    "digamma": lambda x: [mpmath.psi(1, x)],
    "trigamma": lambda x: [mpmath.psi(2, x)],
    # piecewise
    "sign": lambda x: [mpf(0)],
    "abs": lambda x: [mpmath.sign(x)],
    "floor": lambda x: [mpf(0)],
    "ceil": lambda x: [mpf(0)],
    "trunc": lambda x: [mpf(0)],
    "rint": lambda x: [mpf(0)],
    "copysign": lambda x, y: [mpmath.sign(x) * (1 if y >= 0 else -1), mpf(0)],
    "fmod": lambda a, b: [mpf(1), -_cut_quotient(a, b)],
    "remainder": lambda a, b: [mpf(1), -mpmath.nint(_exact_quotient(a, b))],
    "maximum": lambda x, y: [_split(x, y), _split(y, x)],
    "minimum": lambda x, y: [_split(y, x), _split(x, y)],
    "where": lambda condition, x, y: [mpf(0), mpf(condition != 0), mpf(condition == 0)],
    # activations
    "relu": lambda x: [mpf(x > 0)],
    "leaky_relu": lambda x, slope: [mpf(1), mpf(0)] if x > 0 else [slope, x],
    "elu": lambda x, alpha: [mpf(1), mpf(0)] if x > 0 else [alpha * mpmath.exp(x), mpmath.expm1(x)],
    "gelu": lambda x: [normal_cdf(x) + x * normal_density(x)],
    "gelu_tanh": lambda x: [_gelu_tanh_slope(x)],
    "silu": lambda x: [sigmoid(x) * (1 + x * sigmoid(-x))],
    "softplus": lambda x: [sigmoid(x)],
    "softsign": lambda x: [1 / (1 + abs(x)) ** 2],
    # special
    "erfinv": lambda x: [mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(mpmath.erfinv(x) ** 2)],
    "log_ndtr": lambda x: [normal_density(x) / normal_cdf(x) if x > -1e10 else -x - 1 / x],
    "xlogy": lambda x, y: [mpmath.log(y), x / y],
    # reductions
    "sum": lambda *xs: [mpf(1)] * len(xs),
    "prod": lambda *xs: [mpmath.fprod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))],
    "dot": lambda *ab: [*ab[len(ab) // 2 :], *ab[: len(ab) // 2]],
    "max": lambda *xs: _shares(*xs, extreme=max),
    "min": lambda *xs: _shares(*xs, extreme=min),
    "logsumexp": _softmax,
}
