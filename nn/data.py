"""Rows of data on their way to a model: shuffled, cut into mini-batches, split, encoded, scaled.

Inputs and targets are anything with rows: lists, tuples, NumPy arrays, DataFrames. The results
are plain lists and Python numbers, with which a network of Values is fastest. All
randomness comes from the generator given, and is drawn at the call, not while the rows go by.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from autograd.number import as_integer, describe
from nn.initializers import generator
from nn.ranges import as_ranged

Rows: TypeAlias = Iterable[Any]


def batches(
    inputs: Rows,
    targets: Rows,
    size: int | None = None,
    *,
    rng: random.Random | int | None = None,
    shuffle: bool = True,
    replace: bool = False,
    drop_last: bool = False,
) -> Iterator[tuple[list[Any], list[Any]]]:
    """Cut the rows into mini-batches, in random order.

    Args:
        inputs: n rows.
        targets: n targets.
        size: how many rows make a batch; `None` for all. The last batch may have fewer.
        rng: a `random.Random`, a seed, or `None` for the generator of the module `random`.
        shuffle: whether the order is random; `False` keeps the rows as they are.
        replace: draw n rows with replacement: some occur several times, others not at all. By
            default each row occurs once.
        drop_last: leave out the last batch if it has fewer than `size` rows.

    Returns:
        An iterator over pairs of inputs and targets, each a list.

    Raises:
        ValueError: there are no rows, or another number of targets, the size is not positive,
            `replace` without `shuffle`, or dropping the last batch leaves none.
        TypeError: an argument is of the wrong kind.

    Source: Bottou, "Stochastic gradient descent tricks" (2012), for shuffling again each epoch.

    >>> for x, t in batches([[0.0], [1.0], [2.0]], [0, 1, 2], 2, rng=1):
    ...     print(x, t)
    [[1.0], [2.0]] [1, 2]
    [[0.0]] [0]
    """
    xs, ts = paired("batches", inputs, targets)
    count = len(xs)
    length = count if size is None else as_integer(size, "batches: size", 1)
    if drop_last and length > count:
        raise ValueError(
            f"batches: drop_last leaves no batch: size is {length}, and there are {count} rows"
        )
    if replace and not shuffle:
        raise ValueError("batches: drawing with replacement is random; leave shuffle=True")
    order = list(range(count))
    rng = generator(rng)
    if replace:
        order = rng.choices(order, k=count)
    elif shuffle:
        rng.shuffle(order)
    end = count - count % length if drop_last else count
    return in_batches(xs, ts, order[:end], length)


def in_batches(
    inputs: list[Any], targets: list[Any], order: list[int], size: int
) -> Iterator[tuple[list[Any], list[Any]]]:
    """The rows with these indexes, in that order, cut into batches."""
    for start in range(0, len(order), size):
        picked = order[start : start + size]
        yield [inputs[i] for i in picked], [targets[i] for i in picked]


def order_of_epoch(
    rows: int, batch: int | None, drawn: int | None, rng: random.Random
) -> list[int]:
    """The indexes of the rows of an epoch, in their order.

    Args:
        rows: how many there are.
        batch: how many make a step; `None` for all, as they are.
        drawn: how many of the rows are drawn, none twice; `None` for all.
        rng: draws and shuffles them.
    """
    order = list(range(rows)) if drawn is None else rng.sample(range(rows), drawn)
    if batch is not None:
        rng.shuffle(order)
    return order


def train_test_split(
    inputs: Rows,
    targets: Rows,
    test_share: float = 0.25,
    *,
    rng: random.Random | int | None = None,
) -> tuple[tuple[list[Any], list[Any]], tuple[list[Any], list[Any]]]:
    """Hold out a random share of the rows.

    Args:
        inputs: n rows, at least 2.
        targets: n targets.
        test_share: the share of the rows held out, between 0 and 1. It is rounded to whole rows,
            at least one on either side.
        rng: a `random.Random`, a seed, or `None` for the generator of the module `random`.

    Returns:
        Two pairs of inputs and targets, `(train, test)`, as `fit` takes them.

    Raises:
        ValueError: there are fewer than 2 rows, or another number of targets, or the share is not
            between 0 and 1.
        TypeError: an argument is of the wrong kind.

    >>> train, test = train_test_split([[0], [1], [2], [3]], [0, 1, 2, 3], rng=0)
    >>> train
    ([[2], [0], [1]], [2, 0, 1])
    >>> test
    ([[3]], [3])
    """
    xs, ts = paired("train_test_split", inputs, targets)
    share = as_ranged(test_share, "train_test_split: test_share", "above 0 and below 1")
    count = len(xs)
    if count < 2:
        raise ValueError("train_test_split: expected at least two rows, got one")
    order = list(range(count))
    generator(rng).shuffle(order)
    cut = count - min(max(round(share * count), 1), count - 1)
    train, test = order[:cut], order[cut:]
    return ([xs[i] for i in train], [ts[i] for i in train]), (
        [xs[i] for i in test],
        [ts[i] for i in test],
    )


def one_hot(label: int, classes: int) -> list[float]:
    """A class as a list of probabilities: 1 at its index, 0 elsewhere.

    Args:
        label: the index of the class, from 0.
        classes: how many classes there are.

    Raises:
        ValueError: there is no class of that index.
        TypeError: an argument is not an integer.

    >>> one_hot(1, 3)
    [0.0, 1.0, 0.0]
    """
    length = as_integer(classes, "one_hot: classes", 1)
    right = as_integer(label, "one_hot: label", 0)
    if right >= length:
        raise ValueError(f"one_hot: label must be from 0 to {length - 1}, got {right}")
    return [1.0 if k == right else 0.0 for k in range(length)]


class Standardizer:
    """Bring each column to mean 0 and standard deviation 1, as measured on the training rows.

    A column that has one value in all training rows is only shifted, so that value becomes 0.

    Args:
        rows: the training rows: rows of numbers, all of one length.

    Attributes:
        means: the mean of each column.
        deviations: the standard deviation of each column (that of a population: divided by n);
            0.0 where all values are equal.

    Raises:
        ValueError: there are no rows or no columns, rows differ in length, or a number is infinite
            or NaN.
        OverflowError: the numbers of a column add up to more than a float can hold.
        TypeError: something is not a row of numbers.

    Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998), section 4.3.

    >>> standardizer = Standardizer([[1.0, 5.0], [3.0, 5.0]])
    >>> standardizer.means, standardizer.deviations
    ([2.0, 5.0], [1.0, 0.0])
    >>> standardizer([[4.0, 6.0]])
    [[2.0, 1.0]]
    """

    def __init__(self, rows: Rows) -> None:
        table = _table(rows)
        if not table:
            raise ValueError("Standardizer: expected at least one row, got none")
        if not table[0]:
            raise ValueError("Standardizer: expected at least one column, got none")
        statistics = [_statistics(column) for column in zip(*table, strict=True)]
        self.means = [mean for mean, _ in statistics]
        self.deviations = [deviation for _, deviation in statistics]

    def __call__(self, rows: Rows) -> list[list[float]]:
        """The rows, standardised with the statistics of the training rows.

        Args:
            rows: rows of as many numbers as the training rows had.

        Raises:
            ValueError: a row has another length, or a number is infinite or NaN.
            TypeError: something is not a row of numbers.
        """
        return [
            [
                (x - mean) / (deviation or 1.0)
                for x, mean, deviation in zip(row, self.means, self.deviations, strict=True)
            ]
            for row in _table(rows, len(self.means))
        ]

    def __repr__(self) -> str:
        return f"<Standardizer of {len(self.means)} columns>"


def as_rows(rows: Rows, role: str) -> list[Any]:
    """The rows as a list; arrays, whole or as rows, become lists of Python numbers.

    Args:
        rows: a sequence, an iterator, an array or a DataFrame.
        role: what they are, for the error message.

    Raises:
        TypeError: it has no rows.

    >>> as_rows(((1, 2), (3, 4)), "rows")
    [(1, 2), (3, 4)]
    """
    if hasattr(rows, "to_numpy"):  # a DataFrame iterates over the names of its columns
        rows = rows.to_numpy()
    if (
        isinstance(rows, str | bytes | dict | set | frozenset)
        or not hasattr(rows, "__iter__")
        or getattr(rows, "ndim", 1) == 0
    ):
        raise TypeError(f"{role}: expected rows, as a list or an array, got {describe(rows)}")
    if hasattr(rows, "tolist"):
        whole: list[Any] = rows.tolist()
        return whole
    return [row.tolist() if hasattr(row, "tolist") else row for row in rows]


def paired(owner: str, inputs: Rows, targets: Rows) -> tuple[list[Any], list[Any]]:
    """Inputs and targets as lists of one length, at least 1.

    Args:
        owner: what they were given to, for the error message.
        inputs: n rows.
        targets: n targets.

    Raises:
        ValueError: there are none, or the two have different lengths.
        TypeError: one of them has no rows.

    >>> paired("fit", [[0.0]], [1.0, 2.0])
    Traceback (most recent call last):
    ValueError: fit: expected a target for each row of inputs, got 1 rows and 2 targets
    """
    xs, ts = as_rows(inputs, f"{owner}: inputs"), as_rows(targets, f"{owner}: targets")
    if len(xs) != len(ts):
        raise ValueError(
            f"{owner}: expected a target for each row of inputs,"
            f" got {len(xs)} rows and {len(ts)} targets"
        )
    if not xs:
        raise ValueError(f"{owner}: expected at least one row, got none")
    return xs, ts


def _table(rows: Rows, width: int | None = None) -> list[list[float]]:
    """The rows as lists of finite floats, all of one length: by default, that of the first."""
    table: list[list[float]] = []
    for i, row in enumerate(as_rows(rows, "Standardizer: rows")):
        where = f"Standardizer: rows[{i}]"
        if isinstance(row, str | bytes) or not hasattr(row, "__iter__"):
            raise TypeError(f"{where}: expected a row of numbers, got {describe(row)}")
        table.append([as_ranged(x, f"{where}[{j}]", "finite") for j, x in enumerate(row)])
        width = len(table[0]) if width is None else width
        if len(table[i]) != width:
            raise ValueError(f"{where}: expected {width} numbers, got {len(table[i])}")
    return table


def _statistics(column: tuple[float, ...]) -> tuple[float, float]:
    """The mean and the standard deviation."""
    if min(column) == max(column):  # exact: a mean of rounded sums may be off by one bit
        return column[0], 0.0
    mean = math.fsum(column) / len(column)
    return mean, math.hypot(*(x - mean for x in column)) / math.sqrt(len(column))
