"""Sparse matrices as others have them: `scipy.sparse` arrays of a pattern and its entries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from autograd.containers import array_of
from autograd.pattern import Pattern


def as_array(data: Sequence[Any]) -> Any:
    """Numbers as an array; as a list where NumPy is not installed."""
    try:
        return array_of(data, (len(data),))
    except ImportError:
        return data


def matrix(pattern: Pattern, data: Any) -> Any:
    """A `scipy.sparse.csr_array`; the triple of entries, rows and columns where there is no SciPy.

    Args:
        pattern: where the entries are.
        data: the entries by rows, an array or a list; the matrix holds the array itself.

    >>> matrix(Pattern(2, [[0], [0, 1]]), [1.0, 2.0, 3.0]).toarray()
    array([[1., 0.],
           [2., 3.]])
    """
    try:
        known = _template(pattern)
    except ImportError:
        rows = [i for i, _ in pattern]
        return data, as_array(rows), as_array(pattern.indices)
    import numpy as np

    made = object.__new__(type(known))  # its constructor takes longer than a small Jacobian
    vars(made).update(vars(known))
    made.data = np.asarray(data)
    made.indices, made.indptr = known.indices.copy(), known.indptr.copy()
    return made


@lru_cache(maxsize=64)
def _template(pattern: Pattern) -> Any:
    """The matrix of ones.

    Raises:
        ImportError: SciPy is not installed.
    """
    import numpy as np
    from scipy.sparse import csr_array

    parts = np.ones(pattern.nnz), np.array(pattern.indices, np.int32), np.array(pattern.indptr)
    return csr_array(parts, shape=pattern.shape)


def placed(data: Any, pattern: Pattern, wider: Pattern) -> Any:
    """The entries of a wider pattern: these, and zeros."""
    places = _places(pattern, wider)
    if not hasattr(data, "dtype"):
        found = [0.0] * wider.nnz
        for place, x in zip(places, data, strict=True):
            found[place] = x
        return found
    import numpy as np

    array = np.zeros(wider.nnz, data.dtype)
    array[list(places)] = data
    return array


@lru_cache(maxsize=64)
def _places(pattern: Pattern, wider: Pattern) -> tuple[int, ...]:
    """The place of each entry among those of a wider pattern."""
    known = {place: k for k, place in enumerate(wider)}
    return tuple([known[place] for place in pattern])
