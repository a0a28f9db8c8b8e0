"""The functions users call: the names of the `math` module, on floats or Values.

Given floats a function returns a float; given a Value anywhere, it returns a Value. Most are
primitives; here are those that take several numbers as a list, or have options.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any, TypeAlias, TypeVar, overload

from autograd.modes import current_tape
from autograd.number import as_integer, describe, is_number
from autograd.primitives import (
    activations,
    arithmetic,
    elementary,
    gammas,
    norms,
    piecewise,
    reductions,
    special,
    tracing,
)
from autograd.primitives.activations import *  # noqa: F403
from autograd.primitives.activations import softplus
from autograd.primitives.elementary import *  # noqa: F403
from autograd.primitives.elementary import exp, log1p
from autograd.primitives.gammas import *  # noqa: F403
from autograd.primitives.piecewise import *  # noqa: F403
from autograd.primitives.piecewise import copysign, fabs, fmod, maximum, minimum, trunc
from autograd.primitives.special import *  # noqa: F403
from autograd.primitives.tracing import whole
from autograd.value import Value, constant

__all__ = [
    "clip", "dist", "dot", "elu", "gelu", "hypot", "isclose", "isfinite", "isinf", "isnan",
    "leaky_relu", "log", "log_sigmoid", "log_softmax", "logaddexp", "logit", "logsumexp", "max",
    "mean", "min", "modf", "polygamma", "pow", "prod", "softmax", "stop_gradient", "sum",
    "sumprod", "take", "where",
]  # fmt: skip
__all__ += activations.__all__
__all__ += elementary.__all__
__all__ += gammas.__all__
__all__ += piecewise.__all__
__all__ += special.__all__

Number: TypeAlias = Value | float
"""A number as functions take it; integers and NumPy scalars are floats here."""

N = TypeVar("N", float, Value, Number)


def where(condition: Number, x: N, y: N) -> N:
    """`x` where the condition holds (is true, or not 0), else `y`.

    Nothing flows back to the condition or to the side not taken. Both sides are computed before
    the choice, so both must be computable: `where(x > 0, log(x), 0.0)` raises at 0.

    >>> where(2.0 > 1.0, 10.0, 20.0)
    10.0
    """
    return piecewise.where(condition, x, y)  # type: ignore[no-any-return]


def take(rows: Sequence[Any], index: Number) -> Any:
    """`rows[index]`, where the index may be an input of a compiled function.

    Args:
        rows: numbers, or structures of numbers of one shape, such as the rows of a table.
        index: a whole number, counted from the end if it is negative. Nothing flows back to it.

    Raises:
        ValueError: the index is not whole; or, while a function is traced, the rows differ in
            shape.
        IndexError: there is no such row.

    >>> take([[1.0, 2.0], [3.0, 4.0]], 1)
    [3.0, 4.0]
    """
    tape = current_tape()
    if not tape or not tape.varies(index):
        return rows[whole(index)]
    from autograd import tree

    first, *others = list(rows)
    return tree.map_leaves(lambda *column: tracing.take(index, *column), first, *others)


S = TypeVar("S")


def stop_gradient(x: S) -> S:
    """The same number, or nested lists, tuples, dicts and arrays of them, through which no gradient
    flows: a constant to every derivative, of any order.

    >>> from autograd import grad
    >>> grad(lambda x: stop_gradient(x) * x)(3.0)
    3.0
    """
    from autograd import tree  # when first used: importing the package does not need it

    stopped: S = tree.map_leaves(_stopped, x, path="stop_gradient")
    return stopped


def _stopped(x: Any) -> Any:
    if isinstance(x, Value) and current_tape() is None:
        return x.detach()
    return constant(x, "stop_gradient")  # in a trace, a Value that stands for the number


@overload
def log(x: float, base: float | None = None) -> float: ...
@overload
def log(x: Value, base: Number | None = None) -> Value: ...
@overload
def log(x: Number, base: Value) -> Value: ...
@overload
def log(x: Number, base: Number | None = None) -> Number: ...
def log(x: Number, base: Number | None = None) -> Number:
    """The natural logarithm, or, with a base, its quotient by that of the base.

    Derivatives: `1 / x`, or `1 / (x log(base))` and `-log(x) / (base log(base) ** 2)`.

    Raises:
        ValueError: `x` or the base is not above 0.
        ZeroDivisionError: the base is 1.

    >>> log(1.0), log(8.0, 2.0)
    (0.0, 3.0)
    """
    natural: Number = _LOG(x)
    return natural if base is None else natural / _LOG(base)


_LOG = elementary.log.primitive


@overload
def pow(x: float, y: float) -> float: ...
@overload
def pow(x: Value, y: Number) -> Value: ...
@overload
def pow(x: Number, y: Value) -> Value: ...
@overload
def pow(x: Number, y: Number) -> Number: ...
def pow(x: Number, y: Number) -> Number:
    """`x ** y`, with the derivatives of that operator of Values.

    Raises:
        ValueError: a negative number to a fractional power is not real.
        ZeroDivisionError: 0 to a negative power.

    >>> pow(2.0, 3.0)
    8.0
    """
    if isinstance(x, Value) or isinstance(y, Value):
        return x**y
    return arithmetic.power(x, y)


def logaddexp(x: N, y: N) -> N:
    """`log(exp(x) + exp(y))`, without overflow. Derivatives: the softmax of the two.

    >>> logaddexp(1000.0, -1000.0)
    1000.0
    """
    return reductions.logsumexp(x, y)  # type: ignore[no-any-return]


def log_sigmoid(x: N) -> N:
    """`log(sigmoid(x))`, right where the sigmoid is too small. Derivative: `sigmoid(-x)`.

    >>> log_sigmoid(-1000.0)
    -1000.0
    """
    return -softplus(-x)


def logit(p: N) -> N:
    """The inverse of `sigmoid`: `log(p / (1 - p))`. Derivative: `1 / (p (1 - p))`.

    Raises ValueError unless `0 < p < 1`.

    >>> logit(0.5)
    0.0
    """
    return _LOG(p) - log1p(-p)  # type: ignore[no-any-return]


@overload
def polygamma(n: int, x: float) -> float: ...
@overload
def polygamma(n: int, x: Value) -> Value: ...
def polygamma(n: int, x: Number) -> Number:
    """The derivative of order `n` of `digamma`, itself for 0. Derivative: that of order `n + 1`.

    Args:
        n: the order.
        x: where; neither 0 nor a negative whole number.

    Raises:
        TypeError: the order is not an integer.
        ValueError: it is negative, or `x` is a pole.

    >>> polygamma(1, 1.0), polygamma(2, Value(1.0)).data
    (1.6449340668482264, -2.4041138063191885)
    """
    return gammas.polygamma(as_integer(n, "polygamma: the order", 0))(x)


def modf(x: N) -> tuple[N, N]:
    """The fraction of a number and its whole part, both with its sign. Derivatives: 1, and 0.

    >>> modf(-2.75), modf(float("inf"))
    ((-0.75, -2.0), (0.0, inf))
    """
    if isfinite(x):
        return fmod(x, 1.0), copysign(trunc(x), x)
    return (x if isnan(x) else copysign(0.0, x)), stop_gradient(x)


def isfinite(x: Number) -> bool:
    """Whether a number is neither infinite nor NaN.

    While a function is compiled this, as any comparison, is a guard.

    >>> isfinite(1.0), isfinite(Value(float("inf")))
    (True, False)
    """
    return bool(-inf < x) and bool(x < inf)


def isinf(x: Number) -> bool:
    """Whether a number is infinite.

    >>> isinf(Value(float("-inf"))), isinf(1.0)
    (True, False)
    """
    return bool(x == inf) or bool(x == -inf)


def isnan(x: Number) -> bool:
    """Whether a number is NaN.

    >>> isnan(Value(float("nan"))), isnan(1.0)
    (True, False)
    """
    return bool(x != x)


def isclose(a: Number, b: Number, *, rel_tol: float = 1e-09, abs_tol: float = 0.0) -> bool:
    """Whether two numbers are nearly equal, as `math.isclose` defines it.

    Args:
        a: a number.
        b: another.
        rel_tol: the largest difference, relative to the larger of their sizes.
        abs_tol: the largest difference that is always allowed.

    Raises:
        ValueError: a tolerance is negative.

    >>> isclose(Value(1.0), 1.0 + 1e-12), isclose(1.0, 1.1)
    (True, False)
    """
    if rel_tol < 0 or abs_tol < 0:
        raise ValueError(
            f"isclose: the tolerances must not be negative, got {rel_tol} and {abs_tol}"
        )
    if a == b:
        return True
    if isinf(a) or isinf(b):
        return False
    difference, size = fabs(a - b), maximum(fabs(a), fabs(b))
    return bool(difference <= rel_tol * size) or bool(difference <= abs_tol)


@overload
def clip(x: float, low: float, high: float) -> float: ...
@overload
def clip(x: Value, low: Number, high: Number) -> Value: ...
@overload
def clip(x: Number, low: Number, high: Number) -> Number: ...
def clip(x: Number, low: Number, high: Number) -> Number:
    """`x` limited to the range from `low` to `high`.

    Derivative in `x`: 1 inside, 0 outside, 0.5 at the two ends (as for any tie of `minimum` and
    `maximum`, by which it is defined).

    Raises:
        ValueError: `low` is above `high`.

    >>> clip(5.0, 0.0, 1.0)
    1.0
    """
    if low > high:
        raise ValueError(f"clip: low must not be above high, got low={low!r} and high={high!r}")
    return minimum(maximum(x, low), high)


@overload
def leaky_relu(x: float, slope: float = 0.01) -> float: ...
@overload
def leaky_relu(x: Value, slope: Number = 0.01) -> Value: ...
@overload
def leaky_relu(x: Number, slope: Number = 0.01) -> Number: ...
def leaky_relu(x: Number, slope: Number = 0.01) -> Number:
    """`x` above 0, else `slope * x`. Derivative: 1 above 0, else `slope` (at 0 too).

    A Value for the slope makes it trainable. Source: Maas, Hannun and Ng, "Rectifier
    nonlinearities improve neural network acoustic models" (2013); trainable: He et al. (2015).

    >>> leaky_relu(-2.0), leaky_relu(-2.0, slope=0.5)
    (-0.02, -1.0)
    """
    return activations.leaky_relu(x, slope)


@overload
def elu(x: float, alpha: float = 1.0) -> float: ...
@overload
def elu(x: Value, alpha: Number = 1.0) -> Value: ...
@overload
def elu(x: Number, alpha: Number = 1.0) -> Number: ...
def elu(x: Number, alpha: Number = 1.0) -> Number:
    """`x` above 0, else `alpha * (exp(x) - 1)`. Derivative: 1 above 0, else `alpha * exp(x)`.

    Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
    exponential linear units" (2015).

    >>> elu(2.0), elu(-1000.0)
    (2.0, -1.0)
    """
    return activations.elu(x, alpha)


@overload
def gelu(x: float, approximate: str = "none") -> float: ...
@overload
def gelu(x: Value, approximate: str = "none") -> Value: ...
def gelu(x: Number, approximate: str = "none") -> Number:
    """The Gaussian error linear unit: `x` times the normal distribution function at `x`.

    Args:
        x: the number.
        approximate: `"none"` for the exact form, `"tanh"` for the approximation of the paper.

    Raises:
        ValueError: `approximate` is neither.

    Source: Hendrycks and Gimpel, "Gaussian error linear units" (2016).

    >>> round(gelu(1.0), 6), round(gelu(1.0, approximate="tanh"), 6)
    (0.841345, 0.841192)
    """
    return activations.gelu_form(approximate)(x)


# Several numbers at once


def sum(numbers: Iterable[N], start: Number = 0.0) -> N:
    """The sum of `start` and the numbers, as one node.

    >>> sum([1.0, 2.0, 3.0])
    6.0
    """
    terms: list[Number] = _listed("sum", numbers)
    if isinstance(start, Value) or start != 0:
        terms.insert(0, start)
    return reductions.total(*terms)  # type: ignore[no-any-return]


def mean(numbers: Iterable[N]) -> N:
    """The arithmetic mean. Raises ValueError for no numbers.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    terms = _at_least_one("mean", numbers)
    return reductions.total(*terms) / len(terms)  # type: ignore[no-any-return]


def prod(numbers: Iterable[N]) -> N:
    """The product of the numbers, as one node; 1 for none.

    The derivative is right where some of the numbers are 0.

    >>> prod([2.0, 3.0, 4.0])
    24.0
    """
    return reductions.product(*_listed("prod", numbers))  # type: ignore[no-any-return]


def dot(a: Iterable[N], b: Iterable[Number]) -> N:
    """The inner product `a[0] * b[0] + a[1] * b[1] + ...`, as one node.

    Raises:
        ValueError: the two have different lengths.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    try:
        left, right = list(a), list(b)
    except TypeError:
        for numbers in (a, b):
            _listed("dot", numbers)
        raise
    if len(left) != len(right):
        raise ValueError(f"dot: expected equal lengths, got {len(left)} and {len(right)}")
    return _DOT(*left, *right)  # type: ignore[no-any-return]


_DOT = reductions.inner.primitive


def sumprod(p: Iterable[N], q: Iterable[Number]) -> N:
    """The sum of products: `dot` under the name of the `math` module.

    Raises:
        ValueError: the two have different lengths.

    >>> sumprod([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    return dot(p, q)


def hypot(*coordinates: N) -> N:
    """The length of a vector, `sqrt(x * x + y * y + ...)`, without overflow on the way.

    Derivative in each coordinate: the coordinate over the length. At the origin there is none, and
    the backward pass raises ZeroDivisionError; for a single number it is that of `abs`, 0.

    >>> hypot(3.0, 4.0), hypot(2.0, 3.0, 6.0)
    (5.0, 7.0)
    """
    if len(coordinates) == 2:
        return _HYPOT(*coordinates)  # type: ignore[no-any-return]
    if len(coordinates) == 1:
        return fabs(coordinates[0])
    return norms.norm(*coordinates)  # type: ignore[no-any-return]


_HYPOT = elementary.hypot.primitive


def dist(p: Iterable[N], q: Iterable[N]) -> N:
    """The distance of two points, given by their coordinates.

    Derivative in each coordinate: its difference over the distance. Where the points are equal
    there is none, as for `hypot`.

    Raises:
        ValueError: the two have different numbers of coordinates.

    >>> dist([1.0, 1.0], [4.0, 5.0])
    5.0
    """
    left, right = _listed("dist", p), _listed("dist", q)
    if len(left) != len(right):
        raise ValueError(f"dist: expected equal lengths, got {len(left)} and {len(right)}")
    differences: list[Any] = [x - y for x, y in zip(left, right, strict=True)]
    return hypot(*differences)  # type: ignore[no-any-return]


@overload
def max(numbers: Iterable[N], /) -> N: ...
@overload
def max(*numbers: N) -> N: ...
def max(*numbers: Any) -> Any:
    """The largest of the numbers, given one by one or as one iterable; NaN if any is NaN.

    Derivative: 1 for the largest, split evenly among equal ones. Raises ValueError for no numbers.

    >>> max([1.0, 3.0, 2.0]), max(1.0, 2.0)
    (3.0, 2.0)
    """
    return reductions.largest(*_at_least_one("max", _spread(numbers)))


@overload
def min(numbers: Iterable[N], /) -> N: ...
@overload
def min(*numbers: N) -> N: ...
def min(*numbers: Any) -> Any:
    """The smallest of the numbers, given one by one or as one iterable; NaN if any is NaN.

    Derivative: 1 for the smallest, split evenly among equal ones. Raises ValueError for no numbers.

    >>> min([2.0, 1.0, 3.0]), min(1.0, 2.0)
    (1.0, 1.0)
    """
    return reductions.smallest(*_at_least_one("min", _spread(numbers)))


def logsumexp(numbers: Iterable[N]) -> N:
    """`log(exp(x1) + exp(x2) + ...)`, without overflow. Raises ValueError for no numbers.

    Source: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax
    functions" (2021).

    >>> logsumexp([-1000.0, 0.0, -1000.0])
    0.0
    """
    return reductions.logsumexp(*_at_least_one("logsumexp", numbers))  # type: ignore[no-any-return]


def softmax(numbers: Iterable[N]) -> list[N]:
    """`exp(x)` of each number, divided by the sum of them all, without overflow.

    Raises ValueError for no numbers.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    powers: list[Any] = [exp(x) for x in _shifted("softmax", numbers)]
    total = reductions.total(*powers)
    return [power / total for power in powers]


def log_softmax(numbers: Iterable[N]) -> list[N]:
    """The logarithm of each entry of the softmax, right where that is too small for a float.

    Raises ValueError for no numbers.

    >>> log_softmax([0.0, 1000.0])
    [-1000.0, 0.0]
    """
    shifted = _shifted("log_softmax", numbers)
    total = reductions.logsumexp(*shifted)
    return [x - total for x in shifted]


def _shifted(name: str, numbers: Iterable[N]) -> list[Any]:
    """The numbers less the largest: a constant, since it cancels from a softmax."""
    logits = _at_least_one(name, numbers)
    top = reductions.largest(*[constant(x, name) for x in logits])
    return [x - top for x in logits]


def _at_least_one(name: str, numbers: Iterable[N]) -> list[N]:
    found = _listed(name, numbers)
    if not found:
        raise ValueError(f"{name}: expected at least one number, got none")
    return found


def _listed(name: str, numbers: Iterable[Any]) -> list[Any]:
    try:
        return list(numbers)
    except TypeError:
        if isinstance(numbers, Iterable):  # the error came from inside the iterable
            raise
        raise TypeError(
            f"{name}: expected numbers in a list, got {describe(numbers)}; write"
            f" {name}([x, y, ...])"
        ) from None


def _spread(numbers: tuple[Any, ...]) -> Iterable[Any]:
    return numbers[0] if len(numbers) == 1 and not is_number(numbers[0]) else numbers
