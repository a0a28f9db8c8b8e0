"""Colours of a pattern: which columns of a matrix may be computed together.

Two columns that have no row in common can be computed by one sweep, since each number of the sum
belongs to one of them (Curtis, Powell and Reid, "On the estimation of sparse Jacobian matrices",
1974). It is a colouring of a graph (Coleman and Moré, "Estimation of sparse Jacobian matrices and
graph coloring problems", 1983). No row can have more entries than there are colours, so where the
fullest row has as many there are no fewer.

A symmetric matrix needs less: each entry is there twice, and one of the two must be alone in its
row (star colouring: Coleman and Moré, 1984; Gebremedhin, Manne and Pothen, "What color is your
Jacobian?", 2005). Fewest colours are hard to find; these are greedy, in several orders, or the
remainders of the columns' numbers, the best of which is taken.

Where a few rows and columns are full, no mode alone has few colours: full rows are computed by
rows, and what is left by columns, or the other way round (Coleman and Verma, "The efficient
computation of sparse Jacobian matrices using automatic differentiation", 1998).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

from autograd.pattern import Pattern, bits

Colours = tuple[int, ...]
"""The colour of each column, from 0; -1 for one without entries."""

MOST_TRIED = 3
"""So many choices of the rows that are full are coloured, those first that may have fewest."""
WORTH = 2 / 3
"""They are, where there may be no more than so many of the colours of one mode."""

MOST_LOOKED_AT = 4_000_000
"""So many pairs of entries in a row are looked at, to choose the next column by its neighbours."""


def count(colours: Colours) -> int:
    """How many colours there are."""
    return max(colours, default=-1) + 1


def groups(colours: Colours) -> list[list[int]]:
    """The columns of each colour."""
    found: list[list[int]] = [[] for _ in range(count(colours))]
    for j, colour in enumerate(colours):
        if colour >= 0:
            found[colour].append(j)
    return found


def column_colours(pattern: Pattern) -> Colours:
    """Colours such that columns of one have no row in common.

    >>> column_colours(Pattern(4, [[0, 1], [1, 2], [2, 3]]))
    (0, 1, 0, 1)
    """
    least = max(map(len, pattern.rows), default=0)
    columns = pattern.transposed.rows
    best: Colours | None = None
    for order in _orders(columns):
        colours = _greedy(pattern, columns, order)
        if best is None or count(colours) < count(best):
            best = colours
        if count(best) <= least:
            return best
    if sum(len(row) ** 2 for row in pattern.rows) <= MOST_LOOKED_AT:
        colours = _by_saturation(pattern, columns)
        if best is None or count(colours) < count(best):
            best = colours
    assert best is not None
    return _by_remainders(pattern, columns, least, count(best)) or best


def row_colours(pattern: Pattern) -> Colours:
    """Colours such that rows of one have no column in common.

    >>> row_colours(Pattern(2, [[0], [1], [0, 1]]))
    (0, 0, 1)
    """
    return column_colours(pattern.transposed)


def both_colours(pattern: Pattern, most: int) -> tuple[Colours, Colours] | None:
    """Colours of columns, and of rows, fewer than `most` together; `None` if none are found.

    A row that has a colour is computed by rows. Of those left, columns of one colour have none in
    common; or it is each column that is computed by one of the two, and rows have none in common.

    >>> cross = Pattern(5, [[0, 1, 2, 3, 4], [0, 1], [0, 2], [0, 3], [0, 4]])
    >>> both_colours(cross, 5)
    ((0, 1, 1, 1, 1), (0, -1, -1, -1, -1))
    >>> both_colours(cross, 3)
    """
    by_rows = _split(pattern, most)
    by_columns = _split(pattern.transposed, sum(map(count, by_rows)) if by_rows else most)
    return (by_columns[1], by_columns[0]) if by_columns else by_rows


def _split(pattern: Pattern, most: int) -> tuple[Colours, Colours] | None:
    """Colours of the columns of all rows but the fullest, and of those."""
    sizes = [len(row) for row in pattern.rows]
    met = [0] * pattern.shape[1]
    bounds: list[tuple[int, int]] = []  # colours that there are at least, and the size left
    fullest, highest = sorted(range(len(sizes)), key=lambda i: -sizes[i]), 0
    for i, following in pairwise(fullest):
        for j in pattern.rows[i]:
            met[j] += 1
            highest = max(highest, met[j])
        if sizes[following] < sizes[i] and sizes[following] + highest <= WORTH * most:
            bounds.append((sizes[following] + highest, sizes[following]))
    best = None
    for bound, left in sorted(bounds)[:MOST_TRIED]:
        if bound < most:
            parts = [
                Pattern(pattern.shape[1], [row if is_in(len(row)) else () for row in pattern.rows])
                for is_in in (left.__ge__, left.__lt__)
            ]
            colours = column_colours(parts[0]), row_colours(parts[1])
            if sum(map(count, colours)) < most:
                best, most = colours, sum(map(count, colours))
    return best


def star_colours(pattern: Pattern) -> Colours:
    """Colours of a symmetric matrix such that of each two equal entries one is alone.

    That is, neighbours have different colours, and no path of four columns has two alone.

    Args:
        pattern: of a symmetric matrix; the diagonal counts as full.

    >>> arrow = Pattern(4, [[0, 1, 2, 3], [0, 1], [0, 2], [0, 3]])
    >>> star_colours(arrow), column_colours(arrow)
    ((0, 1, 1, 1), (0, 1, 2, 3))
    """
    columns = pattern.rows
    neighbours = [[i for i in row if i != j] for j, row in enumerate(columns)]
    best = column_colours(pattern)
    for order in _orders(columns):
        colours = _stars(neighbours, [j for j in order if columns[j]])
        if count(colours) < count(best):
            best = colours
    return best


def _orders(columns: Sequence[Sequence[int]]) -> Iterator[Iterable[int]]:
    """The orders in which columns are coloured: as they are, and the fullest first."""
    yield range(len(columns))
    yield sorted(range(len(columns)), key=lambda j: -len(columns[j]))


def _greedy(pattern: Pattern, columns: Sequence[Sequence[int]], order: Iterable[int]) -> Colours:
    """Each column gets the first colour that none of its rows has yet."""
    used = [0] * pattern.shape[0]
    colours = [-1] * len(columns)
    for j in order:
        if columns[j]:
            taken = 0
            for i in columns[j]:
                taken |= used[i]
            colours[j] = _first_free(taken)
            for i in columns[j]:
                used[i] |= 1 << colours[j]
    return tuple(colours)


def _by_saturation(pattern: Pattern, columns: Sequence[Sequence[int]]) -> Colours:
    """The same, next always the column whose neighbours have the most colours.

    Source: Brélaz, "New methods to color the vertices of a graph" (1979).
    """
    used = [0] * pattern.shape[0]
    taken = [0] * len(columns)
    colours = [-1] * len(columns)
    heap = [(0, -len(rows), j) for j, rows in enumerate(columns) if rows]
    heapify(heap)
    while heap:
        saturation, _, j = heappop(heap)
        if colours[j] >= 0 or -saturation < taken[j].bit_count():
            continue
        colours[j] = _first_free(taken[j])
        bit = 1 << colours[j]
        for i in columns[j]:
            used[i] |= bit
            for k in pattern.rows[i]:
                if colours[k] < 0 and not taken[k] & bit:
                    taken[k] |= bit
                    heappush(heap, (-taken[k].bit_count(), -len(columns[k]), k))
    return tuple(colours)


def _by_remainders(
    pattern: Pattern, columns: Sequence[Sequence[int]], least: int, most: int
) -> Colours | None:
    """Each column gets the remainder of its number, by the first divisor for which that is right.

    In a pattern of equal diagonals, such as that of a periodic band or of a grid in three
    dimensions, there are often fewer than an order gives. None if there are none below `most`.
    """
    for divisor in range(least, most):
        if all(len({j % divisor for j in row}) == len(row) for row in pattern.rows):
            used = sorted({j % divisor for j, rows in enumerate(columns) if rows})
            colour = {remainder: k for k, remainder in enumerate(used)}
            return tuple([colour[j % divisor] if rows else -1 for j, rows in enumerate(columns)])
    return None


def _stars(neighbours: Sequence[Sequence[int]], order: Iterable[int]) -> Colours:
    """Each column gets the first colour with which no path of four columns has two colours.

    Such a path could end in the column, or have it as its second. `around[w]` has the colours of
    the neighbours of `w`, and `ends[w]` those of its neighbours `x` that have another neighbour of
    the colour of `w`: a column beside `w` must not have these, since it would end the path through
    `w` and `x`.
    """
    colours = [-1] * len(neighbours)
    around, ends = [0] * len(neighbours), [0] * len(neighbours)
    twice = [0] * len(neighbours)  # the colours that two neighbours have
    for v in order:
        taken = around[v]
        for w in neighbours[v]:
            if colours[w] >= 0:
                taken |= ends[w]
                if twice[v] >> colours[w] & 1:
                    taken |= around[w]
        colours[v] = _first_free(taken)
        bit = 1 << colours[v]
        for x in neighbours[v]:
            is_second = around[x] & bit and not twice[x] & bit
            if around[x] & bit:
                twice[x] |= bit
            around[x] |= bit
            if colours[x] >= 0 and twice[x] & bit:
                beside = neighbours[x] if is_second else (v,)
                for w in beside:
                    if colours[w] == colours[v]:
                        ends[w] |= 1 << colours[x]
        if twice[v]:
            for w in neighbours[v]:
                if colours[w] >= 0 and twice[v] >> colours[w] & 1:
                    ends[w] |= bit
    return tuple(colours)


def _first_free(taken: int) -> int:
    """The first colour that is not taken."""
    return bits(~taken & (taken + 1))[0]
