"""Random draws in machine code: blocks of Threefry on vectors of whole numbers of 32 bits.

What is drawn of a block is computed by the functions of `primitives.threefry`, on vectors in place
of single numbers. Operators of vectors are never contracted, so that each operation rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from math import nan
from typing import Any

from autograd.jit.native.code import Code
from autograd.jit.native.simd import Lanes, Mask, lanes
from autograd.jit.native.vector_math import called_for_one
from autograd.primitives.definition import Primitive
from autograd.primitives.threefry import MASK, OF_WORDS, Functions, OfWords, block

_SHIFT = 2.0**52
"""Added to a word, as a float, this has the word in its last bits."""


class Words:
    """Words that are computed together, with the operators that a block needs.

    Args:
        code: where its operators write.
        name: what the value is called there.
        width: how many there are.
    """

    __slots__ = ("code", "name", "width")

    def __init__(self, code: Code, name: str, width: int) -> None:
        self.code = code
        self.name = name
        self.width = width

    def _binary(self, operation: str, other: Words | int) -> Words:
        kind = lanes(self.width, "i32")
        if isinstance(other, Words):
            operand = other.name
        else:
            operand = str(other) if self.width == 1 else f"splat (i32 {other})"
        text = f"{operation} {kind} {self.name}, {operand}"
        return Words(self.code, self.code.value(text), self.width)

    def __add__(self, other: Words | int) -> Words:
        return self._binary("add", other)

    def __xor__(self, other: Words | int) -> Words:
        return self._binary("xor", other)

    def __or__(self, other: Words | int) -> Words:
        return self._binary("or", other)

    def __lshift__(self, places: int) -> Words:
        return self._binary("shl", places)

    def __rshift__(self, places: int) -> Words:
        return self._binary("lshr", places)

    def __and__(self, mask: int) -> Words:
        assert mask == MASK  # which is all of them
        return self

    def __mul__(self, factor: float) -> Lanes:
        """The words as floats, times a number."""
        kind, double = lanes(self.width, "i32"), lanes(self.width)
        number = self.code.value(f"uitofp {kind} {self.name} to {double}")
        return Lanes(self.code, number, self.width) * factor


def _words(x: Lanes) -> tuple[Words, list[Mask]]:
    """The words that numbers are, and where these are words."""
    shifted = x + _SHIFT
    kinds = lanes(x.width, "i64"), lanes(x.width, "i32")
    words = Words(x.code, x.code.value(f"trunc {kinds[0]} {shifted.bits()} to {kinds[1]}"), x.width)
    return words, [x >= 0.0, x.compared("ole", float(MASK)), x.compared("oeq", shifted - _SHIFT)]


def _frexp(x: Lanes) -> tuple[Lanes, Lanes]:
    """The fraction, from 0.5 to 1, and the exponent of normal positive numbers."""
    code, kind = x.code, lanes(x.width, "i64")

    def constant(number: int) -> str:
        return str(number) if x.width == 1 else f"splat (i64 {number})"

    bits = x.bits()
    own = code.value(f"and {kind} {bits}, {constant(0x000FFFFFFFFFFFFF)}")
    fraction = code.value(f"or {kind} {own}, {constant(0x3FE0000000000000)}")
    biased = code.value(f"lshr {kind} {bits}, {constant(52)}")
    exponent = code.value(f"or {kind} {biased}, {constant(0x4330000000000000)}")
    fractions, exponents = (x.made(f"bitcast {kind} {y} to {x.kind}") for y in (fraction, exponent))
    return fractions, exponents - (_SHIFT + 1022.0)


_FUNCTIONS = Functions(
    lambda x: x.intrinsic("sqrt"), _frexp, lambda condition, x, y: x.where(condition, y)
)


def _draw(name: str, of_words: OfWords) -> Callable[..., Lanes]:
    """A draw as a formula; NaN where an operand is no word, which a run notices."""

    def formula(*operands: Lanes) -> Lanes:
        words, masks = zip(*map(_words, operands), strict=True)
        drawn: Any = of_words(*block(*words), _FUNCTIONS)
        code, kind = drawn.code, lanes(drawn.width, "i1")
        are_words = reduce(
            lambda a, b: Mask(code.value(f"and {kind} {a}, {b}")), [y for x in masks for y in x]
        )
        return drawn.where(are_words, nan)  # type: ignore[no-any-return]

    formula.__name__ = name
    return called_for_one(formula)


DRAWS: dict[Primitive, Callable[..., Lanes]] = {
    made: _draw(made.name, of_words) for made, of_words in OF_WORDS.items()
}
"""Each draw as a formula."""
