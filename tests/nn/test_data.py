"""Rows of data: batches hold every row once, splits lose none, columns are scaled."""

import math
import random
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data import Standardizer, as_rows, batches, one_hot, train_test_split

untyped: Any = nn.data
ROWS = [[float(i), -float(i)] for i in range(10)]
TARGETS = list(range(10))


@given(count=st.integers(1, 30), size=st.integers(1, 40), seed=st.integers(0, 9))
def test_every_row_comes_once_with_its_target(count: int, size: int, seed: int) -> None:
    rows = [[float(i)] for i in range(count)]
    cut = list(batches(rows, range(count), size, rng=seed))
    assert [len(x) for x, _ in cut[:-1]] == [size] * (len(cut) - 1)
    assert 1 <= len(cut[-1][0]) <= size
    seen = [t for _, ts in cut for t in ts]
    assert sorted(seen) == list(range(count))
    assert [x for xs, _ in cut for x in xs] == [[float(t)] for t in seen]


def test_the_same_seed_gives_the_same_batches() -> None:
    first = list(batches(ROWS, TARGETS, 3, rng=1))
    assert first == list(batches(ROWS, TARGETS, 3, rng=random.Random(1)))
    assert first != list(batches(ROWS, TARGETS, 3, rng=2))
    rng = random.Random(1)
    assert list(batches(ROWS, TARGETS, 3, rng=rng)) != list(batches(ROWS, TARGETS, 3, rng=rng))


def test_the_order_is_drawn_at_the_call() -> None:
    rng = random.Random(1)
    late = batches(ROWS, TARGETS, 3, rng=rng)
    rng.random()
    assert list(late) == list(batches(ROWS, TARGETS, 3, rng=1))


def test_without_shuffling() -> None:
    rng = random.Random(0)
    state = rng.getstate()
    assert list(batches(ROWS, TARGETS, shuffle=False, rng=rng)) == [(ROWS, TARGETS)]
    assert rng.getstate() == state
    assert [t for _, t in batches(ROWS, TARGETS, 4, shuffle=False)] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
    ]


def test_drop_last() -> None:
    sizes = [len(x) for x, _ in batches(ROWS, TARGETS, 4, rng=0, drop_last=True)]
    assert sizes == [4, 4]
    assert len(list(batches(ROWS, TARGETS, 5, rng=0, drop_last=True))) == 2


def test_with_replacement() -> None:
    counts = [0] * 10
    for seed in range(200):
        for _, targets in batches(ROWS, TARGETS, 3, rng=seed, replace=True):
            for target in targets:
                counts[target] += 1
    assert sum(counts) == 2000
    assert all(abs(count - 200) < 5 * math.sqrt(200) for count in counts)
    _, once = next(batches(ROWS, TARGETS, rng=0, replace=True))
    assert len(once) == 10 > len(set(once))


@pytest.mark.parametrize(
    "rows",
    [tuple(ROWS), iter(ROWS), np.array(ROWS), list(np.array(ROWS)), np.array(ROWS, np.float32)],
    ids=["tuple", "iterator", "array", "list of arrays", "float32"],
)
def test_rows_of_any_kind_become_python_numbers(rows: Any) -> None:
    ((xs, ts),) = batches(rows, np.arange(10), shuffle=False)
    assert xs == ROWS
    assert {type(x) for row in xs for x in row} == {float}
    assert {type(t) for t in ts} == {int}


class Frame:
    """As much of a DataFrame as matters: iterating gives the names of the columns."""

    def __iter__(self) -> Any:
        return iter(["a", "b"])

    def to_numpy(self) -> Any:
        return np.array([[1.0, 2.0]])


def test_a_frame_has_rows() -> None:
    assert as_rows(Frame(), "rows") == [[1.0, 2.0]]


def test_a_split_loses_nothing() -> None:
    (xs, ts), (test_xs, test_ts) = train_test_split(ROWS, TARGETS, 0.3, rng=0)
    assert (len(xs), len(test_xs)) == (7, 3)
    assert sorted(ts + test_ts) == TARGETS
    assert xs + test_xs == [ROWS[t] for t in ts + test_ts]
    assert train_test_split(ROWS, TARGETS, 0.3, rng=0)[1] == (test_xs, test_ts)
    assert train_test_split(ROWS, TARGETS, 0.3, rng=1)[1] != (test_xs, test_ts)


@pytest.mark.parametrize(("share", "expected"), [(0.001, 1), (0.999, 9), (0.25, 2), (0.5, 5)])
def test_both_sides_of_a_split_get_a_row(share: float, expected: int) -> None:
    assert len(train_test_split(ROWS, TARGETS, share, rng=0)[1][0]) == expected


def test_one_hot() -> None:
    assert [one_hot(i, 2) for i in (0, np.int64(1))] == [[1.0, 0.0], [0.0, 1.0]]  # type: ignore[arg-type]


columns = st.integers(2, 20).flatmap(
    lambda n: st.lists(
        st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=n, max_size=n
    )
)


@given(rows=columns)
def test_statistics_are_those_of_the_column(rows: list[list[float]]) -> None:
    standardizer = Standardizer(rows)
    for column, mean, deviation in zip(
        zip(*rows, strict=True), standardizer.means, standardizer.deviations, strict=True
    ):
        assert mean == pytest.approx(statistics.fmean(column), rel=1e-12, abs=1e-300)
        expected = statistics.pstdev(column)
        assert deviation == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_standardized_columns_have_mean_0_and_deviation_1() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal([5, -3], [0.1, 1000], (200, 2))
    scaled = np.array(Standardizer(rows)(rows))
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(scaled, (rows - rows.mean(axis=0)) / rows.std(axis=0), rtol=1e-9)


def test_constant_and_tiny_columns() -> None:
    standardizer = Standardizer([[0.1, 1e-200], [0.1, 3e-200], [0.1, 2e-200]])
    assert standardizer.deviations[0] == 0.0
    assert standardizer([[0.1, 2e-200], [1.1, 2e-200]]) == [[0.0, 0.0], [1.0, 0.0]]
    assert 0 < standardizer.deviations[1] < 1e-199


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: batches([], [], 1), ValueError, "batches: expected at least one row, got none"),
        (lambda: batches(ROWS, [1], 1), ValueError, "got 10 rows and 1 targets"),
        (lambda: batches(ROWS, TARGETS, 0), ValueError, "size must be at least 1, got 0"),
        (lambda: untyped.batches(ROWS, TARGETS, 2.0), TypeError, "size must be .*, got float 2.0"),
        (
            lambda: batches(ROWS, TARGETS, 11, drop_last=True),
            ValueError,
            "drop_last leaves no batch: size is 11, and there are 10 rows",
        ),
        (
            lambda: batches(ROWS, TARGETS, 2, shuffle=False, replace=True),
            ValueError,
            "drawing with replacement is random",
        ),
        (lambda: untyped.batches(3, TARGETS), TypeError, "inputs: expected rows, .* got int 3"),
        (lambda: batches("ab", [0, 1]), TypeError, "inputs: expected rows, .* got str 'ab'"),
        (lambda: batches(ROWS, np.array(3.0)), TypeError, "batches: targets: expected rows"),
        (lambda: train_test_split([1], [1]), ValueError, "at least two rows, got one"),
        (lambda: train_test_split(ROWS, TARGETS, 1.0), ValueError, "above 0 and below 1, got 1.0"),
        (lambda: train_test_split(ROWS, TARGETS, math.nan), ValueError, "got nan"),
        (lambda: one_hot(3, 3), ValueError, "label must be from 0 to 2, got 3"),
        (lambda: one_hot(-1, 3), ValueError, "got -1"),
        (lambda: one_hot(0, 0), ValueError, "classes must be at least 1, got 0"),
        (lambda: untyped.one_hot(1.0, 3), TypeError, "label must be an integer, got float 1.0"),
        (lambda: Standardizer([]), ValueError, "at least one row, got none"),
        (lambda: Standardizer([[]]), ValueError, "at least one column, got none"),
        (lambda: Standardizer([[1], [1, 2]]), ValueError, r"rows\[1\]: expected 1 numbers, got 2"),
        (lambda: Standardizer([[1, math.inf]]), ValueError, r"rows\[0\]\[1\] must be finite, got"),
        (lambda: Standardizer([["a"]]), TypeError, r"rows\[0\]\[0\]: expected a number, got str"),
        (lambda: Standardizer([1.0]), TypeError, r"rows\[0\]: expected a row of numbers"),
        (lambda: Standardizer([[1, 2]])([[1]]), ValueError, "expected 2 numbers, got 1"),
        (lambda: Standardizer([[1e308], [-1e307], [1.7e308]]), OverflowError, "overflow"),
    ],
)
def test_arguments_refused(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_repr() -> None:
    assert repr(Standardizer([[1, 2]])) == "<Standardizer of 2 columns>"
