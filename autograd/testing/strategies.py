"""Hypothesis strategies: numbers, points, programs, networks, rows of data and graphs.

This module needs Hypothesis, which the test extra installs; it is imported when first used.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count, pairwise
from sys import float_info
from typing import NamedTuple

from hypothesis import note
from hypothesis import strategies as st

from autograd.primitives import TABLE
from autograd.testing.domains import DOMAINS, intervals
from autograd.testing.programs.expressions import Expression
from autograd.testing.programs.generation import grow
from autograd.testing.programs.graphs import SHAPES, Graph
from autograd.testing.programs.perceptron import ACTIVATIONS, Perceptron
from autograd.value import Value

INTERESTING = (
    *(0.0, -0.0, 1.0, -1.0, 0.5, 0.1, 1 / 3, math.pi, -math.e, 1e-8, 1e8),
    *(1 + float_info.epsilon, 1 - float_info.epsilon / 2, 2.0**53, 2.0**53 + 2),
    *(float_info.min, math.ulp(0.0), float_info.max, -float_info.max, math.sqrt(float_info.max)),
)
"""Floats at which arithmetic is special: halves, thirds, neighbours of 1, both ends."""

LEAST = 1e-40
"""The least size, except 0, of one of many operands: a product of four is still a normal float."""


GOLDEN = (math.sqrt(5) - 1) / 2


@st.composite
def values(
    draw: st.DrawFn,
    min_value: float | None = None,
    max_value: float | None = None,
    labels: st.SearchStrategy[str] | None = None,
) -> Value:
    """Values with finite data, interesting floats among them.

    Args:
        draw: supplied by Hypothesis.
        min_value: the least data.
        max_value: the largest data.
        labels: a strategy for the labels; by default there are none.

    >>> from hypothesis import find
    >>> find(values(min_value=2), lambda x: x > 3, random=random.Random(0))
    Value(data=4.0, grad=0.0)
    """
    low = -math.inf if min_value is None else min_value
    high = math.inf if max_value is None else max_value
    fitting = [x for x in INTERESTING if low <= x <= high]
    ordinary = st.floats(min_value, max_value, allow_nan=False, allow_infinity=False)
    data = draw(ordinary | st.sampled_from(fitting) if fitting else ordinary)
    return Value(data, draw(labels) if labels is not None else "")


@cache
def points(name: str) -> st.SearchStrategy[list[float]]:
    """Operands at which a primitive may be tested: in its domain, away from its corners.

    Where a primitive takes any number of operands there are two or four, none so near to 0 that
    their product, or its derivative, would be subnormal.

    Args:
        name: the primitive's name in the table.

    >>> from hypothesis import find
    >>> find(points("maximum"), lambda at: at[0] < at[1], random=random.Random(0))
    [-1.0, 0.0]
    """
    arity = TABLE[name].arity
    if arity is not None:
        return _points(name, arity)
    return _points(name, 2) | _points(name, 4)  # halves, for `dot`


def _points(name: str, count: int) -> st.SearchStrategy[list[float]]:
    numbers = [st.floats(low, high, exclude_min=True) for low, high in intervals(name, count)]
    return st.tuples(*numbers).map(lambda xs: away_from_corners(name, xs))


def away_from_corners(name: str, xs: Sequence[float]) -> list[float]:
    """Operands at which a primitive may be tested: these, or the first suitable ones after them.

    Points near a corner are not rejected, since they are not rare: corners are at the floats that
    Hypothesis prefers, 0, 1 and equal ones, and its health check fails a test that rejects most of
    its draws.
    """
    if TABLE[name].arity is None:
        xs = [x if abs(x) >= LEAST else 0.0 for x in xs]
    way = on_from(xs, intervals(name, len(xs)))
    return next(at for at in way if not DOMAINS[name].near_corner(*at))


def on_from(xs: Sequence[float], within: Sequence[tuple[float, float]]) -> Iterator[list[float]]:
    """A point, then further points of the same box, spread evenly: an infinite iterator.

    Each coordinate moves through its interval by another share; the fractional parts of multiples
    of the golden ratio lie far apart (H. Weyl, 1916).

    >>> on = on_from([0.0, 0.0], [(-1.0, 1.0), (0.0, 8.0)])
    >>> [[round(x, 2) for x in next(on)] for _ in range(3)]
    [[0.0, 0.0], [0.76, 6.11], [-0.47, 4.22]]
    """
    yield list(xs)
    for turn in count(1):
        yield [
            high - (high - x + (high - low) * GOLDEN * (j + 1) * turn) % (high - low)
            for j, (x, (low, high)) in enumerate(zip(xs, within, strict=True))
        ]


@st.composite
def _together(draw: st.DrawFn, make: Callable[[], int]) -> int:
    """The result of `make`, whose choices shrink together."""
    draw(st.none())
    return make()


@st.composite
def expressions(
    draw: st.DrawFn,
    inputs: int = 2,
    max_operations: int = 8,
    operations: Sequence[str] | None = None,
    smooth: bool = False,
    outputs: int = 1,
    within: float = 2.0,
) -> Expression:
    """Random programs over the table of primitives, safe to run and to differentiate.

    They shrink to fewer operations, and to those that come first in the table. The source of a
    failing one is printed, to paste into a test. A program that has steps with corners may be too
    near one at some point; `Expression.is_smooth_at` says whether it is.

    Args:
        draw: supplied by Hypothesis.
        inputs: the number of inputs of a program.
        max_operations: the largest number of operations, not counting those that bring an operand
            into the domain of the next.
        operations: the primitives to choose from, by name, simple ones first; by default all.
        smooth: choose only from those that have derivatives of every order.
        outputs: the number of results.
        within: it is safe for inputs from `-within` to `within`.

    >>> from hypothesis import find
    >>> def takes_a_logarithm(f):
    ...     return any(step.operation == "log" for step in f.steps)
    >>> print(find(expressions(), takes_a_logarithm, random=random.Random(0)))
    from autograd import log, sin
    <BLANKLINE>
    <BLANKLINE>
    def f(x0, x1):
        return log((sin(x0) * 1.5) + 2.0)
    """
    expression = grow(
        lambda count: draw(st.integers(0, count - 1)),
        lambda make: draw(_together(make)),
        inputs,
        max_operations,
        operations,
        smooth,
        outputs,
        within,
    )
    note(f"{expression}\n")
    return expression


@st.composite
def mlps(
    draw: st.DrawFn,
    max_layers: int = 3,
    max_size: int = 4,
    activations: Sequence[str] = ACTIVATIONS,
    inputs: int | None = None,
    outputs: int | None = None,
) -> Perceptron:
    """Small multilayer perceptrons with their parameters, as plain functions.

    Args:
        draw: supplied by Hypothesis.
        max_layers: the largest number of layers.
        max_size: the largest size of a row or a layer.
        activations: names of primitives of one number.
        inputs: the length of a row; by default any up to `max_size`.
        outputs: the number of outputs; by default any up to `max_size`.

    >>> from hypothesis import find
    >>> f = find(mlps(outputs=1), lambda f: len(f.sizes) > 2, random=random.Random(0))
    >>> f.sizes, f.activations, f.parameters
    ((1, 1, 1), ('identity', 'identity'), [[[[0.0]], [0.0]], [[[0.0]], [0.0]]])
    """
    size = st.integers(1, max_size)
    first = inputs if inputs is not None else draw(size)
    hidden = draw(st.lists(size, max_size=max_layers - 1))
    last = outputs if outputs is not None else draw(size)
    sizes = (first, *hidden, last)
    weight = st.floats(-2, 2, width=16)

    def numbers(count: int) -> list[float]:
        return draw(st.lists(weight, min_size=count, max_size=count))

    parameters = [
        [[numbers(before) for _ in range(here)], numbers(here)] for before, here in pairwise(sizes)
    ]
    names = tuple(draw(st.sampled_from(activations)) for _ in sizes[1:])
    return Perceptron(sizes, names, parameters)


class Dataset(NamedTuple):
    """Rows and their targets.

    Attributes:
        rows: lists of numbers, all of one length.
        targets: for each row a number (regression) or a class from 0 (classification).
    """

    rows: list[list[float]]
    targets: list[float] | list[int]


@st.composite
def datasets(
    draw: st.DrawFn,
    kind: str = "regression",
    inputs: int | None = None,
    min_rows: int = 1,
    max_rows: int = 12,
    classes: int = 2,
    separable: bool | None = None,
) -> Dataset:
    """Rows and targets.

    Args:
        draw: supplied by Hypothesis.
        kind: `"regression"` for targets that are numbers, `"classification"` for classes.
        inputs: the length of a row; by default 1 to 4.
        min_rows: the smallest number of rows; a set that is not separable has at least 2.
        max_rows: the largest number of rows.
        classes: the number of classes.
        separable: whether one linear function for each class, the largest of which wins, can
            separate them: `True` for rows in parallel bands with a gap of 1 between them, `False`
            for the same row in two classes, `None` for any classes.

    Raises:
        ValueError: `kind` is unknown.

    >>> from hypothesis import find
    >>> find(datasets("classification", inputs=1, separable=True), lambda data: len(data.rows) > 1)
    Dataset(rows=[[0.0], [0.0]], targets=[0, 0])
    """
    if kind not in ("regression", "classification"):
        raise ValueError(f"datasets: kind must be 'regression' or 'classification', got {kind!r}")
    width = inputs if inputs is not None else draw(st.integers(1, 4))
    number = st.floats(-4, 4, width=16)
    row = st.lists(number, min_size=width, max_size=width)
    rows = draw(st.lists(row, min_size=min_rows, max_size=max_rows))
    if kind == "regression":
        return Dataset(rows, [draw(number) for _ in rows])
    some = st.integers(0, classes - 1)
    targets = [draw(some) for _ in rows]
    if separable:
        across = draw(st.integers(0, width - 1))
        tilt = [0.0 if i == across else draw(st.integers(-2, 2)) / 2 for i in range(width)]
        for one, target in zip(rows, targets, strict=True):
            place = 2 * target + draw(st.floats(0, 1, width=16))
            one[across] = place - sum(t * x for t, x in zip(tilt, one, strict=True))
    elif separable is False:
        rows = [*rows[: max_rows - 1], list(rows[0])]
        targets = [*targets[: max_rows - 1], (targets[0] + 1) % classes]
    return Dataset(rows, targets)


@st.composite
def graphs(draw: st.DrawFn, shapes: Sequence[str] = tuple(SHAPES), max_size: int = 4000) -> Graph:
    """Graphs of Values in various shapes, with their exact gradients where known.

    Args:
        draw: supplied by Hypothesis.
        shapes: names of shapes, keys of `SHAPES`.
        max_size: the largest number of operations, about.

    >>> from hypothesis import find
    >>> find(graphs(["fan_in"]), lambda graph: len(graph.leaves) == 3, random=random.Random(0))
    <fan_in of 3 leaves [3.0, 0.0, 3.0]>
    """
    shape = draw(st.sampled_from(shapes))
    size = draw(st.integers(1, 30) | st.integers(1, max_size))
    return SHAPES[shape](size, random.Random(draw(st.integers(0, 2**16))))
