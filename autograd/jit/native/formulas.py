"""Formulas: each primitive on vectors of numbers, as machine code.

They follow the value rules in `autograd.primitives`. Where a rule raises, a formula gives infinity
or NaN, which a run notices. A primitive without one is computed by its value rule, number by
number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from math import inf
from operator import mul
from typing import TypeAlias

from autograd.jit.native.simd import Lanes, Mask
from autograd.jit.native.vector_math import exp, log, log1p, sigmoid, tanh
from autograd.jit.native.words import DRAWS
from autograd.jit.programs.one_exponential import EXP_MINUS_ABS, SIGMOID_BY
from autograd.jit.programs.rewrites import BUILT_IN, CHOICES
from autograd.jit.tuning import MOST_FACTORS
from autograd.primitives import TABLE
from autograd.primitives import activations as act
from autograd.primitives.definition import Primitive

ADD, MAXIMUM, MINIMUM = TABLE["add"], TABLE["maximum"], TABLE["minimum"]

Formula: TypeAlias = Callable[..., Lanes]
Row: TypeAlias = Callable[..., Lanes]
"""A row of numbers, given what joins two of them, and perhaps a formula to take of each first."""

_RELATIONS = {"less": "olt", "less_equal": "ole", "equal": "oeq", "not_equal": "une"}
"""The comparisons, and what LLVM calls them."""


def _intrinsic(name: str) -> Formula:
    return lambda x: x.intrinsic(name)


def _library(name: str) -> Formula:
    """A function of the C library."""
    return lambda x, *others: x.each(name, *others)


def _rounding(name: str) -> Formula:
    """A whole number; 0.0 rather than -0.0, as for Python's integers."""
    return lambda x: x.intrinsic(name) + 0.0


def smaller(x: Lanes, y: Lanes | float) -> Lanes:
    """The smaller of each two numbers, of which none is NaN; of two zeros the first."""
    return x.where(x.compared("ole", y), y)


def larger(x: Lanes, y: Lanes | float) -> Lanes:
    """The larger of each two numbers, of which none is NaN; of two zeros the first."""
    return x.where(x.compared("oge", y), y)


def sign_of_zero(x: Lanes) -> Lanes:
    """1 for 0.0, -1 for -0.0, and 0 for any other number."""
    return x.like(1.0).intrinsic("copysign", x).where(x.compared("oeq", 0.0), 0.0)


def doubt(found: Lanes, least: Lanes, most: Lanes) -> Lanes:
    """Infinity where a largest or smallest number is one of two zeros: which came first?

    Args:
        found: the largest or smallest of some numbers.
        least: the smallest `sign_of_zero` among them.
        most: the largest.
    """
    both = found.like(inf).where((least * most).compared("olt", 0.0), 0.0)
    return both.where(found.compared("oeq", 0.0), 0.0)


def _comparison(relation: str) -> Formula:
    return lambda a, b: a.like(1.0).where(a.compared(relation, b), 0.0)


def _choice(relation: str) -> Formula:
    """`where(a < b, x, y)`, or another comparison."""
    return lambda a, b, x, y: x.where(a.compared(relation, b), y)


def _sign(x: Lanes) -> Lanes:
    return x.like(1.0).where(x > 0.0, x.like(-1.0).where(x < 0.0, 0.0))


def _remainder(a: Lanes, b: Lanes) -> tuple[Lanes, Mask, Lanes]:
    """What a truncated division leaves, where its sign is not the divisor's, and this sign."""
    rest, sign = a.each("fmod", b), a.like(1.0).intrinsic("copysign", b)
    return rest, rest * sign < 0.0, sign


def _mod(a: Lanes, b: Lanes) -> Lanes:
    """The remainder with the sign of the divisor, as Python has it."""
    rest, has_other_sign, sign = _remainder(a, b)
    moved = (rest + b).where(has_other_sign, rest)
    return (sign * 0.0).where(moved.compared("oeq", 0.0), moved)


def _floordiv(a: Lanes, b: Lanes) -> Lanes:
    """The floor of a quotient: of the quotient without the remainder, so as not to round up."""
    rest, has_other_sign, _ = _remainder(a, b)
    quotient = (a - rest) / b
    quotient = (quotient - 1.0).where(has_other_sign, quotient)
    floor = quotient.intrinsic("floor")
    floor = (floor + 1.0).where(quotient - floor > 0.5, floor)
    return (a / b * 0.0).where(quotient.compared("oeq", 0.0), floor)


def _power(x: Lanes, exponent: Lanes) -> Lanes:
    """A power; a product, if the exponent is a small whole constant.

    If it is negative, a product of inverses: where the product itself is too large, its inverse is
    0, and the power a subnormal number.
    """
    constant = exponent.constant or 0.0
    if not constant.is_integer() or not 1 <= abs(constant) <= MOST_FACTORS:
        return x.each("pow", exponent)
    return reduce(mul, [x if constant > 0 else 1.0 / x] * int(abs(constant)))


def _softplus(x: Lanes) -> Lanes:
    return larger(x, 0.0) + log1p(exp(-abs(x)))


def _silu(x: Lanes) -> Lanes:
    """`x * root * root / (1 + exp(-|x|))`, with a root that is not subnormal where `exp(x)` is."""
    root = exp(smaller(x, 0.0) * 0.5)
    return x / (exp(-abs(x)) + 1.0) * root * root


def _gelu_tanh(x: Lanes) -> Lanes:
    return x * sigmoid((x * x * act.GELU_CUBIC + 1.0) * x * act.GELU_SCALE)


def _joined(join: Primitive | None) -> Formula:
    return lambda row: row(join)


def _logsumexp(row: Row) -> Lanes:
    """The largest aside, the others relative to it."""
    top = row(MAXIMUM)

    def other(x: Lanes) -> Lanes:
        beside = top.spread(x.width)
        return x.like(0.0).where(x.compared("oeq", beside), exp(x - beside))

    def is_top(x: Lanes) -> Lanes:
        return x.like(1.0).where(x.compared("oeq", top.spread(x.width)), 0.0)

    others, tops = row(ADD, other), row(ADD, is_top)
    return top + log1p(others + (tops - 1.0))


_BUILT_IN: dict[str, Formula] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "floordiv": _floordiv,
    "mod": _mod,
    "neg": lambda x: -x,
    **dict.fromkeys(("identity", "stop_gradient", "finite"), lambda x: x),
    **dict.fromkeys(("pow", "pow_number", "number_pow"), _power),
    "abs": abs,
    "sign": _sign,
    **{name: _rounding(name) for name in ("floor", "ceil", "trunc")},
    "rint": _intrinsic("rint"),
    "copysign": lambda x, y: x.intrinsic("copysign", y),
    "fmod": _library("fmod"),
    "remainder": _library("remainder"),
    "maximum": larger,
    "minimum": smaller,
    "where": lambda condition, x, y: x.where(condition.compared("une", 0.0), y),
    **{name: _comparison(relation) for name, relation in _RELATIONS.items()},
    "exp": exp,
    "log": log,
    "log1p": log1p,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "sqrt": _intrinsic("sqrt"),
    **{
        name: _library(name)
        for name in (
            *("exp2", "expm1", "log2", "log10", "cbrt", "hypot", "atan2"),
            *("sin", "cos", "tan", "asin", "acos", "atan"),
            *("sinh", "cosh", "asinh", "acosh", "atanh", "erf", "erfc"),
        )
    },
    "degrees": lambda x: x * (180.0 / math.pi),
    "radians": lambda x: x * (math.pi / 180.0),
    "relu": lambda x: x.like(0.0).where(x < 0.0, x),
    "leaky_relu": lambda x, slope: x.where(x > 0.0, x * slope),
    "elu": lambda x, alpha: x.where(x > 0.0, smaller(x, 0.0).each("expm1") * alpha),
    "silu": _silu,
    "softplus": _softplus,
    "softsign": lambda x: x / (abs(x) + 1.0),
    "gelu_tanh": _gelu_tanh,
    **{name: _joined(TABLE[name].joins) for name in ("sum", "prod", "max", "min")},
    "logsumexp": _logsumexp,
}
"""The lowering of each built-in operation, by name."""

NATIVE: dict[Primitive, Formula] = {
    **{BUILT_IN[name]: formula for name, formula in _BUILT_IN.items()},
    **{made: _choice(_RELATIONS[x.name]) for x, made in CHOICES.items()},
    **DRAWS,
    EXP_MINUS_ABS: lambda x: exp(-abs(x)),
    SIGMOID_BY: lambda x, e: x.like(1.0).where(x >= 0.0, e) / (e + 1.0),
}
"""The lowering of each operation: of its operands; of any number of these, of a `Row`.

Inner products are matrix products (`matmul`) or sums of products (`scalars`), and numbers taken by
an index are separate steps too (`indexes`).
"""


def of_lanes(formula: Formula) -> Formula:
    """The lowering of a user's primitive."""

    def checked(*xs: Lanes) -> Lanes:
        found = formula(*xs)
        if not isinstance(found, Lanes):
            raise TypeError(f"expected Lanes, got {found!r} (a constant is `x.like(1.0)`)")
        return found

    return checked


def joining(join: Primitive) -> tuple[float, Formula]:
    """What numbers that are joined two by two begin with, and what joins them."""
    assert join.neutral is not None
    return join.neutral, NATIVE[join]
