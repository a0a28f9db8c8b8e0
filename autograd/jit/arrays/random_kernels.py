"""Random draws on arrays: blocks of Threefry on whole numbers of 32 bits.

What is drawn of a block is computed by the functions of `primitives.threefry`, on arrays in place
of single numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.jit.arrays.views import Numbers
from autograd.primitives.definition import Primitive
from autograd.primitives.threefry import MASK, OF_WORDS, Functions, OfWords, block

_FUNCTIONS = Functions(np.sqrt, np.frexp, np.where)


def _words(x: Numbers) -> Any:
    """The words that floats are."""
    words = x.astype(np.int64)
    if (words != x).any() or (words & ~MASK).any():
        raise ValueError("a word is a whole number from 0 to 2**32 - 1")
    return words.astype(np.uint32)


def _draw(of_words: OfWords, *operands: Numbers) -> Any:
    return of_words(*block(*map(_words, operands)), _FUNCTIONS)


DRAWS: dict[Primitive, Callable[..., Any]] = {
    made: partial(_draw, of_words) for made, of_words in OF_WORDS.items()
}
"""Each draw as a function of arrays of one dimension and one length."""
