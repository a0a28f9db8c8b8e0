"""The pattern of a matrix: where its entries can be other than 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from autograd.cached import cached_property
from autograd.number import describe

MOST_SHOWN = 60
"""Rows and columns that `str` of a pattern draws."""


class Pattern:
    """Where the entries of a matrix can be other than 0, by rows (compressed rows, CSR).

    It never changes, and is equal to another of the same places.

    Args:
        columns: how many columns there are.
        rows: for each row the columns of its entries.

    Attributes:
        shape: how many rows and columns there are.
        rows: for each row the columns of its entries, in order.

    Raises:
        ValueError: there is no such column.

    >>> pattern = Pattern(3, [[0, 1], [2]])
    >>> pattern.nnz, pattern.indptr, pattern.indices
    (3, (0, 2, 3), (0, 1, 2))
    >>> (0, 1) in pattern, (1, 1) in pattern
    (True, False)
    >>> print(pattern)
    # # .
    . . #
    """

    def __init__(self, columns: int, rows: Iterable[Iterable[int]]) -> None:
        self.rows = tuple([tuple(sorted(set(row))) for row in rows])
        self.shape = len(self.rows), columns
        for i, row in enumerate(self.rows):
            if row and not 0 <= row[0] <= row[-1] < columns:
                raise ValueError(
                    f"Pattern: row {i} has an entry in column {row[-1] if row[0] >= 0 else row[0]},"
                    f" and there are {columns} columns"
                )

    @property
    def nnz(self) -> int:
        """How many entries there are."""
        return self.indptr[-1]

    @cached_property
    def indptr(self) -> tuple[int, ...]:
        """Where each row begins among the entries, and where the last one ends."""
        return tuple(accumulate(map(len, self.rows), initial=0))

    @cached_property
    def indices(self) -> tuple[int, ...]:
        """The column of each entry, row by row."""
        return tuple([j for row in self.rows for j in row])

    @cached_property
    def transposed(self) -> Pattern:
        """The pattern of the transposed matrix."""
        rows: list[list[int]] = [[] for _ in range(self.shape[1])]
        for i, j in self:
            rows[j].append(i)
        return Pattern(self.shape[0], rows)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """The row and column of each entry, in order."""
        return ((i, j) for i, row in enumerate(self.rows) for j in row)

    def __len__(self) -> int:
        return self.nnz

    def __contains__(self, place: object) -> bool:
        if not isinstance(place, tuple) or len(place) != 2:
            raise TypeError(f"Pattern: expected a pair (row, column), got {describe(place)}")
        i, j = place
        return 0 <= i < self.shape[0] and j in self.rows[i]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pattern):
            return NotImplemented
        return self is other or (self.shape == other.shape and self.rows == other.rows)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.shape, self.rows))

    def __repr__(self) -> str:
        m, n = self.shape
        return f"<Pattern of {m} x {n}, {self.nnz} {'entry' if self.nnz == 1 else 'entries'}>"

    def __str__(self) -> str:
        """A drawing; of a large pattern, what `repr` says."""
        m, n = self.shape
        if max(m, n) > MOST_SHOWN or not m or not n:
            return repr(self)
        return "\n".join(
            [" ".join(["#" if j in row else "." for j in range(n)]) for row in self.rows]
        )

    def __or__(self, other: Pattern) -> Pattern:
        """The entries of both.

        Raises:
            ValueError: the shapes differ.
        """
        if self.shape != other.shape:
            raise ValueError(f"Pattern: the shapes {self.shape} and {other.shape} differ")
        both = zip(self.rows, other.rows, strict=True)
        return Pattern(self.shape[1], [{*a, *b} for a, b in both])

    def __le__(self, other: Pattern) -> bool:
        """Whether each entry is one of the other pattern too."""
        return self.shape == other.shape and all(
            set(a) <= set(b) for a, b in zip(self.rows, other.rows, strict=True)
        )

    def outside(self, other: Pattern) -> list[tuple[int, int]]:
        """The places of entries that the other pattern does not have."""
        return [(i, j) for i, j in self if (i, j) not in other]


def bits(mask: int) -> list[int]:
    """The places of the bits of an integer, in order.

    >>> bits(0b1101)
    [0, 2, 3]
    """
    if not mask >> 64:
        found = []
        while mask:
            low = mask & -mask
            found.append(low.bit_length() - 1)
            mask ^= low
        return found
    found, text = [], bin(mask)[:1:-1]
    place = text.find("1")
    while place >= 0:
        found.append(place)
        place = text.find("1", place + 1)
    return found
