"""The decision boundary of a network of two inputs, at each moment of a training.

`Plane` evaluates the network on a grid around the points that it learns, when `recording` says so;
`page` paints the outputs.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from autograd.draw.page.html import Boundary
from autograd.modes import no_grad
from autograd.number import as_float, as_integer, describe, is_number

Predict: TypeAlias = Callable[[Sequence[float]], Any]
"""From a row of two numbers to the network's output, a number or Value."""

MARGIN = 0.25
"""How far the plane extends beyond the outermost points, as a share of their range."""

Grid: TypeAlias = list["array[float]"]
"""The network's output at each place, row by row from the top."""


class Plane:
    """The part of the plane around some points, as a grid of places to evaluate a network at.

    Args:
        predict: a network, or any function of a row of two numbers that returns one number.
        rows: the points; each two numbers.
        targets: the target at each point, one number.
        size: the number of places in each direction.

    Raises:
        ValueError: there are no points, another number of targets, or a row is not two numbers.
        TypeError: something is not a number, or `predict` cannot be called.

    >>> plane = Plane(lambda row: row[0] + row[1], [(0, 0), (1, 1)], [0, 1], size=2)
    >>> plane.x, [list(row) for row in plane.sample()]
    ((-0.25, 1.25), [[1.0, 1.75], [0.25, 1.0]])
    """

    predict: Final[Predict]
    x: Final[tuple[float, float]]
    y: Final[tuple[float, float]]
    points: Final[tuple[tuple[float, float, float], ...]]

    def __init__(
        self, predict: Predict, rows: Iterable[Any], targets: Iterable[Any], size: int
    ) -> None:
        if not callable(predict):
            raise TypeError(
                "record: boundary: expected a function of a row of two numbers,"
                f" got {describe(predict)}"
            )
        self.predict = predict
        self.size = as_integer(size, "record: boundary_size", 2)
        self.points = _points(list(rows), list(targets))
        self.x = _range([x for x, _, _ in self.points])
        self.y = _range([y for _, y, _ in self.points])

    def sample(self) -> Grid:
        """The network's current output at each place; NaN where it fails."""
        xs = _centres(*self.x, self.size)
        ys = _centres(*self.y, self.size)
        with no_grad():
            return [array("d", (self._ask([x, y]) for x in xs)) for y in reversed(ys)]

    def boundary(self, grids: Sequence[Grid]) -> Boundary:
        """The samples of all frames, for a page."""
        return Boundary(grids=grids, x=self.x, y=self.y, points=self.points)

    def _ask(self, row: list[float]) -> float:
        try:
            output = self.predict(row)
        except ArithmeticError:  # such as an overflow, in a training that diverges
            return math.nan
        if not is_number(output):
            raise TypeError(
                f"record: boundary: expected one number for the row {row}, got {describe(output)}"
                " (choose one of several outputs: lambda row: network(row)[0])"
            )
        return float(output)


def plane_of(boundary: Any, size: int) -> Plane:
    """The plane for `(predict, rows, targets)`, the `boundary` of `record`."""
    if not isinstance(boundary, tuple | list) or len(boundary) != 3:
        raise TypeError(
            f"record: boundary must be (predict, rows, targets), got {describe(boundary)}"
        )
    predict, rows, targets = boundary
    return Plane(predict, rows, targets, size)


def _points(rows: Sequence[Any], targets: Sequence[Any]) -> tuple[tuple[float, float, float], ...]:
    if not rows:
        raise ValueError("record: boundary: expected at least one row, got none")
    if len(rows) != len(targets):
        raise ValueError(
            f"record: boundary: expected as many targets as rows, got {len(targets)}"
            f" targets and {len(rows)} rows"
        )
    points = []
    for i, (row, target) in enumerate(zip(rows, targets, strict=True)):
        numbers = list(row) if hasattr(row, "__iter__") and not isinstance(row, str) else [row]
        if len(numbers) != 2:
            raise ValueError(
                f"record: boundary: rows[{i}]: expected two numbers, got {describe(row)}"
            )
        x, y = (as_float(number, f"record: boundary: rows[{i}]") for number in numbers)
        points.append((x, y, as_float(target, f"record: boundary: targets[{i}]")))
        if not all(map(math.isfinite, points[-1])):
            raise ValueError(
                f"record: boundary: expected finite numbers, got {row!r} with the target {target!r}"
            )
    return tuple(points)


def _range(numbers: Sequence[float]) -> tuple[float, float]:
    low, high = min(numbers), max(numbers)
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def _centres(low: float, high: float, size: int) -> list[float]:
    """The middles of equal parts of a range.

    >>> _centres(0.0, 1.0, 2)
    [0.25, 0.75]
    """
    return [low + (high - low) * (i + 0.5) / size for i in range(size)]
