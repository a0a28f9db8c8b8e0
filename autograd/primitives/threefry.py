"""Threefry: random bits as a function of a key and a counter, and the numbers made of them.

A *block* turns a key of two words and a counter of two words into two words that look random; a
word is a whole number of 32 bits, which a float holds exactly. There is no state, so a draw can be
compiled, made again, and made in any order. `autograd.random` has what users call.

What is here runs on integers and floats, on arrays (`jit.arrays.random_kernels`) and on vectors of
machine code (`jit.native.words`): the same operations in the same order, each rounded as IEEE 754
says, so that all of them draw the same numbers to the last bit. The logarithm is a series for that
reason: those of C, NumPy and LLVM differ.

Source: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as
1, 2, 3" (2011), section 4.2 and the library Random123: Threefry-2x32 with 20 rounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from autograd.primitives.definition import Primitive, primitive
from autograd.primitives.special import FAR_TAIL, MIDDLE, TAIL, ratio
from autograd.primitives.zero import SYMBOLIC_ZERO

MASK = 0xFFFFFFFF
"""The largest word."""

_ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)
_PARITY = 0x1BD11BDA
"""The third word of a key is this, exclusive-or its other two."""


def block(k0: Any, k1: Any, x0: Any, x1: Any) -> tuple[Any, Any]:
    """The two words for a key and a counter.

    >>> "%x %x" % block(0, 0, 0, 0)
    '6b200159 99ba4efe'
    """
    key = k0, k1, k0 ^ k1 ^ _PARITY
    x0, x1 = (x0 + k0) & MASK, (x1 + k1) & MASK
    for group in range(1, 6):
        for turn in _ROTATIONS[1 - group % 2]:
            x0 = (x0 + x1) & MASK
            x1 = ((x1 << turn) & MASK | (x1 >> (32 - turn))) ^ x0
        x0 = (x0 + key[group % 3]) & MASK
        x1 = (x1 + key[(group + 1) % 3] + group) & MASK
    return x0, x1


class Functions(NamedTuple):
    """Functions that are not operators, for one kind of numbers.

    Attributes:
        sqrt: the square root.
        frexp: from a positive number to a fraction from 0.5 to 1 and the exponent of 2.
        where: `where(condition, x, y)`.
    """

    sqrt: Callable[[Any], Any]
    frexp: Callable[[Any], tuple[Any, Any]]
    where: Callable[[Any, Any, Any], Any]


OfWords: TypeAlias = Callable[[Any, Any, Functions], Any]
"""From the two words of a block, and functions, to a number."""

FLOATS = Functions(math.sqrt, math.frexp, lambda condition, x, y: x if condition else y)


def _fraction(first: Any, second: Any, functions: Functions) -> Any:
    """A number from 0 to 1, without 1: the first 53 of the 64 bits. Exact."""
    return first * 2.0**-32 + (second >> 11) * 2.0**-53


_ROOT_HALF = math.sqrt(0.5)
_LN2 = math.log(2.0)
_SERIES = [2.0 / (2 * k + 1) for k in range(9, -1, -1)]
"""Of `log((1 + t) / (1 - t)) / t`, in the square of t; t is at most 0.172."""


def _minus_log(p: Any, functions: Functions) -> Any:
    """`-log(p)`, for p below 0.5."""
    fraction, exponent = functions.frexp(p)
    t = (fraction - _ROOT_HALF) / (fraction + _ROOT_HALF)
    square, series = t * t, _SERIES[0]
    for coefficient in _SERIES[1:]:
        series = series * square + coefficient
    return (0.5 - exponent) * _LN2 - t * series


def _deviate(first: Any, second: Any, functions: Functions) -> Any:
    """The quantile of the normal distribution at the middle of the 2**-53 that a fraction begins.

    So it is never infinite or 0, and its distribution is symmetric.
    """
    where = functions.where
    q = _fraction(first, second, functions) - (0.5 - 2.0**-54)  # exact, as the next two are
    size = abs(q)
    r = functions.sqrt(_minus_log(0.5 - size, functions))
    tail = where(r > 5.0, ratio(r - 5.0, FAR_TAIL), ratio(r - 1.6, TAIL))
    middle = q * ratio(0.180625 - q * q, MIDDLE)
    return where(size > 0.425, where(q < 0.0, -tail, tail), middle)


def _word(x: float) -> int:
    """A word as an integer."""
    word = int(x)
    if word != x or not 0 <= word <= MASK:
        raise ValueError(f"a word is a whole number from 0 to 2**32 - 1, got {x!r}")
    return word


def _draw(of_words: OfWords, *operands: float) -> float:
    return float(of_words(*block(*map(_word, operands)), FLOATS))


def row(draw: Primitive, k0: float, k1: float, count: int) -> list[float]:
    """The draws for the counters from 0 on, in a third of the time that a call for each takes."""
    key, of_words = (_word(k0), _word(k1)), OF_WORDS[draw]
    return [float(of_words(*block(*key, i >> 32, i & MASK), FLOATS)) for i in range(count)]


def _no_flow(g: Any, out: Any, *operands: Any) -> list[Any]:
    return [SYMBOLIC_ZERO] * 4


@primitive(_no_flow, facts="propagates exact unsigned jumps")
def first_word(k0: float, k1: float, x0: float, x1: float) -> float:
    """The first word of the block for the key `k0, k1` and the counter `x0, x1`. Derivative: 0.

    >>> first_word(0.0, 0.0, 0.0, 0.0) == 0x6B200159
    True
    """
    return _draw(OF_WORDS[first_word.primitive], k0, k1, x0, x1)


@primitive(_no_flow, facts="propagates exact unsigned jumps")
def second_word(k0: float, k1: float, x0: float, x1: float) -> float:
    """The second word. Derivative: 0.

    >>> second_word(0.0, 0.0, 0.0, 0.0) == 0x99BA4EFE
    True
    """
    return _draw(OF_WORDS[second_word.primitive], k0, k1, x0, x1)


@primitive(_no_flow, facts="propagates exact unsigned jumps", name="uniform")
def fraction(k0: float, k1: float, x0: float, x1: float) -> float:
    """A number from 0 to 1, without 1, of 53 bits. Derivative: 0.

    >>> fraction(0.0, 0.0, 0.0, 0.0) == (0x6B20015999BA4EFE >> 11) * 2.0**-53
    True
    """
    return _draw(OF_WORDS[fraction.primitive], k0, k1, x0, x1)


@primitive(_no_flow, facts="propagates unsigned jumps", name="normal")
def deviate(k0: float, k1: float, x0: float, x1: float) -> float:
    """A number with the standard normal distribution. Derivative: 0.

    >>> round(deviate(0.0, 0.0, 0.0, 0.0), 9)
    -0.205842139
    """
    return _draw(OF_WORDS[deviate.primitive], k0, k1, x0, x1)


OF_WORDS: dict[Primitive, OfWords] = {
    first_word.primitive: lambda first, second, functions: first * 1.0,
    second_word.primitive: lambda first, second, functions: second * 1.0,
    fraction.primitive: _fraction,
    deviate.primitive: _deviate,
}
"""Each draw, as a function of the words of its block."""
