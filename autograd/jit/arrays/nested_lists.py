"""Numbers in nested lists and tuples as one array.

The module `marshal` writes them down in C: a letter for each class, lengths, and the eight bytes of
each float. The bytes of two structures that differ in their floats alone differ there alone.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.jit.programs.program import GuardFailure

_HEAD, _FLOAT = 5, 9  # bytes: a letter and a length; a letter and a number


def array_reader(levels: Sequence[tuple[type, int]]) -> Callable[[Any], Any]:
    """The function that puts the numbers of nested lists and tuples into one array.

    Args:
        levels: their class and length (not 0), from the outermost to those of floats.

    Returns:
        The function, which raises GuardFailure or ValueError for anything else.

    >>> array_reader([(list, 2), (tuple, 1)])([(1.0,), (2.0,)])
    array([1., 2.])
    """
    sample: Any = 0.0
    width, strides = _FLOAT, list[int]()
    for kind, length in reversed(levels):
        sample = kind([sample]) * length
        strides.insert(0, width)
        width = _HEAD + length * width
    known, shape = marshal.dumps(sample, 2), [length for _, length in levels]
    start, size, dumps, ndarray = _HEAD * len(levels) + 1, prod(shape), marshal.dumps, np.ndarray

    def read(x: Any) -> Any:
        written = dumps(x, 2)
        if len(written) != len(known):
            raise GuardFailure
        found = np.array(ndarray(shape, "<f8", written, start, strides))
        expected = bytearray(known)
        ndarray(shape, "<f8", expected, start, strides)[...] = found
        if written != expected:
            raise GuardFailure
        return found.reshape(size)

    return read
