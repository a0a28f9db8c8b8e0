"""Random programs of loops over rows and units, for array code to find the arrays in.

A program is a pipeline of *stages* on a table of numbers (a list of rows), and a loss at its end,
all written with loops over single numbers. Some stages read weights from a flat list, as many as
they need. Some are ragged: row `i` looks at the rows up to `i`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from autograd import dot, exp, logsumexp, maximum, mean, relu, sigmoid, softmax, sqrt, tanh, where

Table = list[list[Any]]
Take = Callable[[int], list[Any]]


def dense(activation: Callable[[Any], Any]) -> Callable[[Table, Take, int], Table]:
    """`activation(w . row + b)` for each row and unit."""

    def stage(x: Table, take: Take, units: int) -> Table:
        weights = [take(len(x[0])) for _ in range(units)]
        biases = take(units)
        return [
            [activation(sum(w * v for w, v in zip(ws, row, strict=True)) + b)
             for ws, b in zip(weights, biases, strict=True)]
            for row in x
        ]  # fmt: skip

    return stage


def dense_dot(x: Table, take: Take, units: int) -> Table:
    """The same with `dot`, and one bias for all."""
    weights, (bias,) = [take(len(x[0])) for _ in range(units)], take(1)
    return [[tanh(dot(ws, row) + bias) for ws in weights] for row in x]


def attention(x: Table, take: Take, units: int) -> Table:
    """Each row looks back at those before it, and at itself."""
    found = []
    for i, query in enumerate(x):
        scores = [dot(query, key) / 2 for key in x[: i + 1]]
        weights = softmax(scores)
        found.append([dot(weights, [row[k] for row in x[: i + 1]]) for k in range(len(query))])
    return found


def cumulative(x: Table, take: Take, units: int) -> Table:
    """Each row is the sum of those up to it, shrunk."""
    state, found = [0.0] * len(x[0]), []
    for row in x:
        state = [tanh(s + v) for s, v in zip(state, row, strict=True)]
        found.append(state)
    return found


def normalised(x: Table, take: Take, units: int) -> Table:
    """Rows of mean 0 and variance near 1."""
    found = []
    for row in x:
        centred = [v - mean(row) for v in row]
        size = sqrt(mean([v * v for v in centred]) + 0.1)
        found.append([v / size for v in centred])
    return found


def softmaxed(x: Table, take: Take, units: int) -> Table:
    """A softmax of each row."""
    return [softmax(row) for row in x]


def transposed(x: Table, take: Take, units: int) -> Table:
    """Columns for rows."""
    return [list(column) for column in zip(*x, strict=True)]


def distances(x: Table, take: Take, units: int) -> Table:
    """How far each row is from each other."""
    return [[exp(-sum((a - b) ** 2 for a, b in zip(p, q, strict=True))) for q in x] for p in x]


def bent(x: Table, take: Take, units: int) -> Table:
    """A choice for each number, made in compiled form."""
    return [[where(v > 0, v * 1.5, v * 0.25) for v in row] for row in x]


def branching(x: Table, take: Take, units: int) -> Table:
    """A branch, for one number."""
    return [[-v for v in row] for row in x] if x[0][0] < 0 else x


def pooled(x: Table, take: Take, units: int) -> Table:
    """Neighbours in a row, the larger of each two."""
    return [[maximum(a, b) for a, b in zip(row, [*row[1:], row[0]], strict=True)] for row in x]


def reversed_sums(x: Table, take: Take, units: int) -> Table:
    """Windows of three, from the far end."""
    return [[sum(row[max(0, k - 2) : k + 1]) for k in reversed(range(len(row)))] for row in x]


STAGES: list[Callable[[Table, Take, int], Table]] = [
    dense(tanh),
    dense(relu),
    dense(sigmoid),
    dense(lambda z: z),
    dense_dot,
    attention,
    cumulative,
    normalised,
    softmaxed,
    transposed,
    distances,
    bent,
    branching,
    pooled,
    reversed_sums,
]


def squares(x: Table) -> Any:
    """The mean of the squares."""
    return mean([v * v for row in x for v in row])


def hinge(x: Table) -> Any:
    """`max(0, 1 - v)` with targets that alternate, on the first of each row."""
    return sum(relu(1 - (-1) ** i * row[0]) for i, row in enumerate(x)) / len(x)


def cross_entropy(x: Table) -> Any:
    """Of rows of logits, the class being the number of the row."""
    return mean([logsumexp(row) - row[i % len(row)] for i, row in enumerate(x)])


def everything(x: Table) -> Any:
    """The sum of it all, some of it twice."""
    return sum(map(sum, x)) + sum(row[-1] for row in x)


LOSSES: list[Callable[[Table], Any]] = [squares, hinge, cross_entropy, everything]


@dataclass(frozen=True)
class Layered:
    """A pipeline of stages and a loss, with the size of its input.

    Attributes:
        stages: what is done to the table, each with a number of units.
        end: the loss.
        rows: how many rows there are.
        columns: how long they are.
    """

    stages: tuple[tuple[Callable[[Table, Take, int], Table], int], ...]
    end: Callable[[Table], Any]
    rows: int
    columns: int

    def loss(self, x: Table, weights: Sequence[Any]) -> Any:
        """The loss of a table."""
        position = 0

        def take(count: int) -> list[Any]:
            nonlocal position
            position += count
            return [weights[i % len(weights)] for i in range(position - count, position)]

        for stage, units in self.stages:
            x = stage(x, take, units)
        return self.end(x)

    def arguments(self) -> st.SearchStrategy[tuple[Table, list[float]]]:
        """Tables and weights."""
        number = st.integers(-12, 12).map(lambda k: k / 8)
        row = st.lists(number, min_size=self.columns, max_size=self.columns)
        table = st.lists(row, min_size=self.rows, max_size=self.rows)
        return st.tuples(table, st.lists(number, min_size=24, max_size=24))

    def __repr__(self) -> str:
        names = [f"{getattr(f, '__qualname__', f)}({units})" for f, units in self.stages]
        return f"{' | '.join(names)} | {self.end.__name__} of {self.rows} x {self.columns}"


@st.composite
def layered(draw: st.DrawFn) -> Layered:
    """Random pipelines."""
    stages = st.tuples(st.sampled_from(STAGES), st.integers(1, 4))
    found = Layered(
        tuple(draw(st.lists(stages, min_size=1, max_size=4))),
        draw(st.sampled_from(LOSSES)),
        draw(st.integers(1, 5)),
        draw(st.integers(1, 4)),
    )
    note(repr(found))
    return found
