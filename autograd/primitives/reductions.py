"""Primitives of any number of numbers. `autograd.functions` passes its iterables to them."""

import math
import operator
import sys
from typing import Any

from autograd.primitives.arithmetic import add, mul
from autograd.primitives.definition import primitive, select
from autograd.primitives.elementary import exp
from autograd.primitives.piecewise import maximum, minimum
from autograd.primitives.zero import SYMBOLIC_ZERO

LARGEST = sys.float_info.max


@primitive(
    lambda g, out, *xs: [g] * len(xs),
    name="sum",
    facts="total propagates commutative unsigned bilinear",
    joins=add.primitive,
)
def total(*xs: float) -> float:
    """The sum, added from left to right; 0 for no numbers. Derivative: 1 for each.

    >>> total(1.0, 2.0, 3.0)
    6.0
    """
    return sum(xs, 0.0)


@primitive(
    lambda g, out, *xs: [g * rest for rest in _products_of_others(xs)],
    name="prod",
    is_product=True,
    facts="total propagates commutative",
    joins=mul.primitive,
)
def product(*xs: float) -> float:
    """The product; 1 for no numbers. Derivative in each: the product of all the others.

    >>> product(2.0, 3.0, 4.0)
    24.0
    """
    return math.prod(xs, start=1.0)


@primitive(
    lambda g, out, *ab: [g * x for x in _halves_swapped(ab)],
    name="dot",
    is_product=True,
    facts="total propagates commutative unsigned bilinear",
)
def inner(*ab: float) -> float:
    """The inner product of the first half of the numbers with the second half.

    Derivative in each number: the one it is multiplied by.

    >>> inner(1.0, 2.0, 3.0, 4.0)
    11.0
    """
    half = len(ab) // 2
    return sum(map(operator.mul, ab[:half], ab[half:]), 0.0)


@primitive(
    lambda g, out, *xs: _split_among_ties(g, out, xs),
    name="max",
    facts="total finite commutative exact",
    joins=maximum.primitive,
)
def largest(*xs: float) -> float:
    """The largest number; NaN if any is. Derivative: 1, split evenly among equal largest.

    >>> largest(1.0, 3.0, 2.0)
    3.0
    """
    return math.nan if any(x != x for x in xs) else max(xs)


@primitive(
    lambda g, out, *xs: _split_among_ties(g, out, xs),
    name="min",
    facts="total finite commutative exact",
    joins=minimum.primitive,
)
def smallest(*xs: float) -> float:
    """The smallest number; NaN if any is. Derivative: 1, split evenly among equal smallest.

    >>> smallest(2.0, 1.0, 3.0)
    1.0
    """
    return math.nan if any(x != x for x in xs) else min(xs)


@primitive(lambda g, out, *xs: _softmax(g, out, xs), facts="total finite commutative unsigned")
def logsumexp(*xs: float) -> float:
    """`log(exp(x1) + exp(x2) + ...)` without overflow. Derivative: the softmax of the numbers.

    The largest is subtracted first, so that no exponential exceeds 1: Blanchard, Higham
    and Higham, "Accurately computing the log-sum-exp and softmax functions" (2021), eq. 1.3.

    >>> logsumexp(1000.0, 1000.0) == 1000 + math.log(2)
    True
    """
    top = max(xs)
    if math.isinf(top):
        return top
    rest = list(xs)
    rest.remove(top)
    return top + math.log1p(sum([math.exp(x - top) for x in rest], 0.0))


def _halves_swapped(ab: tuple[Any, ...]) -> tuple[Any, ...]:
    half = len(ab) // 2
    return ab[half:] + ab[:half]


def _products_of_others(xs: Any) -> list[Any]:
    """For each number the product of the others, by running products: right where some are 0."""
    others = [1.0] * len(xs)
    before = after = 1.0
    for i in range(len(xs)):
        others[i], before = others[i] * before, before * xs[i]
    for i in reversed(range(len(xs))):
        others[i], after = others[i] * after, after * xs[i]
    return others


def _softmax(g: Any, out: Any, xs: Any) -> list[Any]:
    """`g` times `exp(x - logsumexp)`, divided by the sum of these: it is 1 but for the rounding of
    the logsumexp, which for large numbers may be rounding by any factor.

    Nothing flows where all numbers are -inf: a sum of zeros has no shares.
    """
    g = select(out < -LARGEST, SYMBOLIC_ZERO, g)
    weights = [exp(x - out) for x in xs]
    share = g / sum(weights[1:], weights[0])
    return [share * weight for weight in weights]


def _split_among_ties(g: Any, out: Any, xs: Any) -> list[Any]:
    hits = [x == out for x in xs]
    share = g / total(*[select(hit, 1.0, 0.0) for hit in hits])
    return [select(hit, share, SYMBOLIC_ZERO) for hit in hits]
