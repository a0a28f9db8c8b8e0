"""Colours of patterns: valid for any pattern, and as few as are known to be needed."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.colouring import (
    Colours,
    both_colours,
    column_colours,
    count,
    groups,
    row_colours,
    star_colours,
)
from autograd.pattern import Pattern


@st.composite
def patterns(draw: st.DrawFn, is_symmetric: bool = False) -> Pattern:
    rows = draw(st.integers(0, 12))
    columns = rows if is_symmetric else draw(st.integers(0, 12))
    places = st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1))
    found = draw(st.sets(places, max_size=40)) if rows and columns else set()
    if is_symmetric:
        found |= {(j, i) for i, j in found} | {(i, i) for pair in found for i in pair}
    return Pattern(columns, [[j for j in range(columns) if (i, j) in found] for i in range(rows)])


def is_valid(pattern: Pattern, colours: Colours) -> bool:
    """Whether each entry's column is the only one of its colour in the row."""
    return all(
        colours[j] >= 0 and [colours[k] for k in row].count(colours[j]) == 1
        for row in pattern.rows
        for j in row
    )


@given(patterns())
def test_no_two_columns_of_a_colour_meet_in_a_row(pattern: Pattern) -> None:
    colours = column_colours(pattern)
    assert is_valid(pattern, colours)
    assert [j for j, colour in enumerate(colours) if colour < 0] == [
        j for j, rows in enumerate(pattern.transposed.rows) if not rows
    ]
    fullest = max(map(len, pattern.rows), default=0)
    assert fullest <= count(colours) <= len(pattern.transposed.rows)
    assert sorted(j for group in groups(colours) for j in group) == sorted(
        {j for row in pattern.rows for j in row}
    )
    assert is_valid(pattern.transposed, row_colours(pattern))


@given(patterns(is_symmetric=True))
def test_of_equal_entries_one_is_alone_in_its_row(pattern: Pattern) -> None:
    colours = star_colours(pattern)

    def is_alone(i: int, j: int) -> bool:
        return [colours[k] for k in pattern.rows[i]].count(colours[j]) == 1

    assert all(is_alone(i, j) or is_alone(j, i) for i, j in pattern)
    assert all(is_alone(i, i) for i, row in enumerate(pattern.rows) if row)
    assert count(colours) <= count(column_colours(pattern))


@given(patterns(is_symmetric=True))
def test_no_path_of_four_columns_has_two_colours(pattern: Pattern) -> None:
    colours = star_colours(pattern)
    rows = pattern.rows
    for b, c in pattern:
        if b != c:
            assert colours[b] != colours[c]
            for a, d in product(rows[b], rows[c]):
                if len({a, b, c, d}) == 4:
                    assert len({colours[x] for x in (a, b, c, d)}) > 2


@st.composite
def with_full_rows(draw: st.DrawFn) -> Pattern:
    """A pattern some of whose rows and columns are full."""
    pattern = draw(patterns())
    rows, columns = (range(n) for n in pattern.shape)
    full = [draw(st.sets(st.sampled_from(x), max_size=2)) if x else set() for x in (rows, columns)]
    found = {*pattern, *product(full[0], columns), *product(rows, full[1])}
    return Pattern(len(columns), [[j for j in columns if (i, j) in found] for i in rows])


@given(with_full_rows(), st.integers(2, 12))
def test_by_columns_or_by_rows_each_entry_is_alone(pattern: Pattern, most: int) -> None:
    if found := both_colours(pattern, most):
        columns, rows = found
        assert count(columns) + count(rows) < most
        for i, j in pattern:
            in_row = [columns[k] for k in pattern.rows[i]].count(columns[j])
            in_column = [rows[k] for k in pattern.transposed.rows[j]].count(rows[i])
            assert (columns[j] >= 0 and in_row == 1) or (rows[i] >= 0 and in_column == 1)


def cross(n: int, at: int, width: int = 1) -> Pattern:
    """A diagonal, and full rows and columns."""
    full = range(at, at + width)
    return Pattern(n, [range(n) if i in full else {i, *full} for i in range(n)])


@pytest.mark.parametrize("n", [9, 50, 300])
@pytest.mark.parametrize("at", [0, 4, -1])
@pytest.mark.parametrize("width", [1, 2])
def test_a_cross_takes_no_more_colours_than_it_is_wide(n: int, at: int, width: int) -> None:
    pattern = cross(n, at if at >= 0 else n - width, width)
    assert count(column_colours(pattern)) == count(row_colours(pattern)) == n
    for one in (pattern, pattern.transposed):
        found = both_colours(one, n)
        assert found is not None
        assert sum(map(count, found)) == 2 * width + 1


# Known bounds


def banded(n: int, b: int) -> Pattern:
    return Pattern(n, [range(max(0, i - b), min(n, i + b + 1)) for i in range(n)])


def arrow(n: int) -> Pattern:
    return Pattern(n, [range(n), *([0, i] for i in range(1, n))])


def arrow_down(n: int) -> Pattern:
    return Pattern(n, [*([i, n - 1] for i in range(n - 1)), range(n)])


def blocks(n: int, size: int) -> Pattern:
    return Pattern(n, [[j for j in range(n) if j // size == i // size] for i in range(n)])


def laplace(m: int, n: int) -> Pattern:
    near = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
    rows = []
    for i, j in product(range(m), range(n)):
        at = [(i + a, j + b) for a, b in near]
        rows.append([x * n + y for x, y in at if 0 <= x < m and 0 <= y < n])
    return Pattern(m * n, rows)


def cube(n: int) -> Pattern:
    """Of each point of a grid in three dimensions, and its six neighbours."""
    near = [(0, 0, 0), *(tuple(s * (a == b) for b in range(3)) for a in range(3) for s in (-1, 1))]
    rows = []
    for place in product(range(n), repeat=3):
        at = [[x + d for x, d in zip(place, step, strict=True)] for step in near]
        rows.append([i * n * n + j * n + k for i, j, k in at if {i, j, k} <= {*range(n)}])
    return Pattern(n**3, rows)


def periodic(n: int) -> Pattern:
    return Pattern(n, [[(i + d) % n for d in (-1, 0, 1)] for i in range(n)])


def dense(m: int, n: int) -> Pattern:
    return Pattern(n, [range(n)] * m)


BOUNDS: list[tuple[Pattern, int, Callable[[Pattern], Colours]]] = [
    *((banded(60, b), 2 * b + 1, f) for b in (0, 1, 2, 4) for f in (column_colours, row_colours)),
    *((arrow(n), 2, star_colours) for n in (3, 50)),
    *((arrow_down(n), 2, star_colours) for n in (3, 50)),
    (arrow(50), 50, column_colours),
    (banded(60, 1), 3, star_colours),
    *((blocks(24, k), k, f) for k in (1, 2, 3, 8) for f in (column_colours, star_colours)),
    *((laplace(*at), 5, column_colours) for at in ((5, 5), (4, 11), (13, 13), (7, 20))),
    *((cube(n), 7, f) for n in (3, 4, 5, 10) for f in (column_colours, row_colours)),
    *((periodic(n), 3 if n % 3 == 0 else 4, column_colours) for n in (9, 16, 20, 600, 4000)),
    *((dense(*at), at[1], column_colours) for at in ((3, 9), (9, 3), (1, 1))),
    (dense(3, 9), 3, row_colours),
    (dense(7, 7), 7, star_colours),
    (Pattern(5, []), 0, column_colours),
    (Pattern(0, [[], []]), 0, row_colours),
]


@pytest.mark.parametrize(("pattern", "bound", "colour"), BOUNDS)
def test_known_bounds_are_met(
    pattern: Pattern, bound: int, colour: Callable[[Pattern], Colours]
) -> None:
    assert count(colour(pattern)) == bound


@pytest.mark.parametrize("b", [2, 3, 5])
def test_stars_of_a_band_are_no_more_than_its_columns(b: int) -> None:
    assert b + 1 < count(star_colours(banded(80, b))) <= 2 * b + 1


def test_stars_of_a_grid_are_no_more_than_its_columns() -> None:
    assert count(star_colours(laplace(12, 12))) <= 5


def test_large_patterns_take_no_time_that_grows_with_full_rows() -> None:
    n = 20_000
    assert count(star_colours(arrow(n))) == 2


@pytest.mark.parametrize("pattern", [banded(60, 2), dense(7, 7), dense(3, 9), laplace(5, 5)])
def test_both_modes_are_taken_only_where_that_is_fewer(pattern: Pattern) -> None:
    assert (
        both_colours(pattern, min(count(column_colours(pattern)), count(row_colours(pattern))))
        is None
    )
