"""Which primitives may be off by more than 4 units in the last place, where, and why.

Each reason names an intermediate result whose rounding a later step magnifies, and gives the
condition number of that step, which `measure` checks. An infinite one says that the intermediate
result is not a normal float. A primitive without an entry must be within 4 units everywhere.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from sys import float_info
from typing import Any

import mpmath  # type: ignore[import-untyped, unused-ignore]
from mpmath import mpf  # type: ignore[import-untyped, unused-ignore]

from autograd.testing.accuracy import references as exact


@dataclass(frozen=True)
class Reason:
    """Why the values, or the derivatives, of a primitive may be off by more than the limit.

    Attributes:
        text: the reason, for the table.
        condition: the condition number, a function of the operands and, for a derivative, of the
            index of its operand before them. The limit is multiplied by it, if it is above 1.
    """

    text: str
    condition: Callable[..., Any]


def _of_sum(*terms: Any) -> Any:
    """The condition number of a sum, infinite if a partial sum may overflow."""
    size, result = sum(abs(mpf(x)) for x in terms), abs(exact.total([mpf(x) for x in terms]))
    return size / result if result and size <= float_info.max else math.inf


def _of_inner_product(*ab: float) -> Any:
    half = len(ab) // 2
    terms = [exact.inner_product([mpf(a)], [b]) for a, b in zip(ab[:half], ab[half:], strict=True)]
    return _of_sum(*terms)


def _of_partial_products(factors: Sequence[float]) -> float:
    """Infinite if a product of the first few is not a normal float, else 1."""
    sizes = [abs(x) for x in accumulate(map(mpf, factors), lambda x, y: x * y)]
    is_normal = all(float_info.min <= x <= float_info.max for x in sizes if x)
    return 1.0 if is_normal else math.inf


def _of_products_of_others(i: int, *factors: float) -> float:
    before, after = factors[:i], factors[:i:-1]
    together = _of_partial_products([math.prod(map(mpf, before)), math.prod(map(mpf, after))])
    return max(_of_partial_products(before), _of_partial_products(after), together)


def _of_quotient(i: int, a: float, b: float) -> float:
    return 1 + 1 / abs(b) if abs(a / b) < float_info.min else 1.0


def _of_power(i: int, a: float, b: float) -> float:
    least = min(abs(mpf(a)) ** mpf(b), abs(mpf(a)) ** (mpf(b) - 1))
    return 1 + abs(b) if least < float_info.min else 1.0


def _up_to_zero(x: float) -> list[Any]:
    """The numbers from a negative one up to 0, in steps of 1."""
    return [mpf(x) + k for k in range(math.ceil(-x))]


def _of_lgamma(x: float) -> Any:
    if x > 0:
        return 1.0
    terms = mpmath.log(mpmath.pi), mpmath.log(abs(mpmath.sinpi(x))), mpmath.log(-mpf(x))
    rest = exact.REFERENCES["lgamma"](-mpf(x))
    sizes = sum(map(abs, terms)) + abs(rest) + 1  # for the sine, which is rounded too
    return sizes / abs(exact.REFERENCES["lgamma"](mpf(x)))


def _of_digamma(x: float) -> Any:
    steps = _up_to_zero(x)
    rest = mpmath.digamma(mpf(x) + len(steps))
    return (sum(1 / abs(y) for y in steps) + abs(rest)) / abs(mpmath.digamma(mpf(x)))


def _of_trigamma_slope(i: int, x: float) -> Any:
    steps = _up_to_zero(x)
    rest = mpmath.psi(2, mpf(x) + len(steps))
    return (sum(2 / abs(y) ** 3 for y in steps) + abs(rest)) / abs(mpmath.psi(2, mpf(x)))


def _of_gelu_slope(i: int, x: float) -> Any:
    return _of_sum(exact.normal_cdf(mpf(x)), mpf(x) * exact.normal_density(mpf(x)))


def _of_gelu_logit(x: float) -> Any:
    return 1 + abs(exact.gelu_logit(mpf(x)))


def _of_gelu_tanh_slope(i: int, x: float) -> Any:
    bump = mpf(x) * exact.gelu_rate(mpf(x)) * exact.sigmoid(-exact.gelu_logit(mpf(x)))
    return _of_gelu_logit(x) * _of_sum(1, bump)


def _of_silu_slope(i: int, x: float) -> Any:
    return _of_sum(1, mpf(x) * exact.sigmoid(-mpf(x)))


def _of_logsumexp(*xs: float) -> Any:
    top = mpf(max(xs))
    distances = [top - x for x in xs]
    rest = exact.REFERENCES["logsumexp"](*(-d for d in distances))
    moved = sum(
        d * share for d, share in zip(distances, exact.SLOPES["logsumexp"](*xs), strict=True)
    )
    return _of_sum(top, rest) * (1 + moved / rest) if rest else 1.0


def _of_erfinv_slope(i: int, x: float) -> Any:
    return 1 + 2 * exact.REFERENCES["erfinv"](mpf(x)) ** 2


def _of_hazard(i: int, x: float) -> Any:
    return 1 - exact.REFERENCES["log_ndtr"](mpf(x)) if x >= -5 else 1.0


def _of_softmax(i: int, *xs: float) -> Any:
    return 1 + abs(mpf(xs[i]) - max(xs))


_LANCZOS = 2.5
"""CPython promises ten units in the last place for `math.gamma`."""

VALUE_REASONS = {
    "gamma": Reason(
        "outside of 0 to 8 it is CPython's sum of fractions, of which each is rounded; k = 2.5",
        lambda x: _LANCZOS,
    ),
    "lgamma": Reason(
        "zeros between the poles, where logarithms cancel; k = sum of the sizes / size of the sum",
        _of_lgamma,
    ),
    "digamma": Reason(
        "zeros between the poles, where inverses 1 / (x + k) cancel;"
        " k = sum of the sizes / size of the sum",
        _of_digamma,
    ),
    "log_ndtr": Reason(
        "far right it is the density, a product of six rounded factors; k = 1.5",
        lambda x: 1.5 if x > 24 else 1.0,
    ),
    "sum": Reason(
        "the terms cancel, or a partial sum overflows: added from left to right;"
        " k = sum of the sizes / size of the sum",
        _of_sum,
    ),
    "dot": Reason(
        "the products cancel, or a partial sum overflows: added from left to right;"
        " k = sum of the products' sizes / size of the sum",
        _of_inner_product,
    ),
    "prod": Reason(
        "a partial product overflows or gets subnormal: multiplied from left to right",
        lambda *xs: _of_partial_products(xs),
    ),
    "gelu_tanh": Reason(
        "the argument t of its sigmoid is rounded; k = 1 + abs(t), up to 760 before all is 0",
        _of_gelu_logit,
    ),
    "logsumexp": Reason(
        "the result is near 0, where the largest operand and the logarithm of the rest cancel;"
        " k = sum of the two sizes / size of the sum, times 1 + the mean of the distances to the"
        " largest operand, which are rounded, in units of that logarithm",
        _of_logsumexp,
    ),
}
"""By primitive, for its value."""

SLOPE_REASONS = {
    "erfinv": Reason("the value w is rounded; k = 1 + 2 * w ** 2", _of_erfinv_slope),
    "log_ndtr": Reason(
        "the value w is rounded, down to x = -5; k = 1 + abs(w), up to 16", _of_hazard
    ),
    "gamma": Reason(
        "as the value, and as that of the digamma", lambda i, x: _LANCZOS * _of_digamma(x)
    ),
    "lgamma": Reason("the digamma, with its reason", lambda i, x: _of_digamma(x)),
    "trigamma": Reason(
        "zeros between the poles, where inverse cubes cancel;"
        " k = sum of the sizes / size of the sum",
        _of_trigamma_slope,
    ),
    "div": Reason(
        "the quotient is subnormal, and its rounding is divided by b; k = 1 + 1 / abs(b)",
        _of_quotient,
    ),
    "pow_number": Reason(
        "the power is subnormal, and its rounding is multiplied by b; k = 1 + abs(b)", _of_power
    ),
    "prod": Reason(
        "a partial product overflows or gets subnormal: multiplied from both ends",
        _of_products_of_others,
    ),
    "gelu": Reason(
        "a zero at -0.7518, where distribution and x times density cancel;"
        " k = sum of the two sizes / size of the sum",
        _of_gelu_slope,
    ),
    "gelu_tanh": Reason(
        "as the value, and a zero at -0.7525 where two terms cancel;"
        " k = (1 + abs(t)) times sum of the sizes / size of the sum",
        _of_gelu_tanh_slope,
    ),
    "silu": Reason(
        "a zero at -1.2785, where 1 and x times a sigmoid cancel;"
        " k = sum of the two sizes / size of the sum",
        _of_silu_slope,
    ),
    "logsumexp": Reason(
        "the distance d to the largest operand is rounded; k = 1 + d, up to 746 before all is 0",
        _of_softmax,
    ),
}
"""By primitive, for its derivatives."""
