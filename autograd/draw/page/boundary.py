"""The plane of a network's two inputs, at each moment of a training.

`Plane` evaluates what the network says, and what each of its units computes, on a grid around the
points that it learns, when `recording` says so; the page paints the outputs.
"""

from __future__ import annotations

import math
import warnings
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple, TypeAlias

from autograd.draw.moment import Asked, holding
from autograd.draw.page.network import Maps, Network
from autograd.draw.page.page_data import Boundary
from autograd.draw.page.places import EveryPlace
from autograd.modes import no_grad
from autograd.number import as_float, describe, is_number
from autograd.value import Value

Predict: TypeAlias = Callable[[Sequence[float]], Any]
"""From a row of two numbers to the network's output, a number or Value."""

MARGIN = 0.25
"""How far the plane extends beyond the outermost points, as a share of their range."""

COARSER = 2
"""The map of a unit has one of so many places of the grid, in each direction."""

FEW = 3
"""Points at which a model is compared with its layers, one after the other."""

OTHER = (
    "record: epoch {}: the boundary is left out{}: there predict gave {!r}, and now, with the"
    " parameters of that epoch, {!r}: it depends on something else that changes (it must be a"
    " function of the row and of the parameters of the model that record is given: model=...)"
)
LOST = (
    "record: epoch {}: the boundary is left out{}: the model has other parameters since (change"
    " their numbers, parameter.data, instead of making new ones)"
)
FAILED = "record: boundary: nothing is shown where predict raises, as for the row {}: {!r}"

UNORDERED = (str, bytes, AbstractSet, Mapping)
"""What can be iterated and is no row of numbers."""

Grid: TypeAlias = list["array[float]"]
"""The network's output at each place, row by row from the top."""


class Sample(NamedTuple):
    """The plane at one moment: what the network says, and what each unit that is shown computes."""

    grid: Grid
    maps: Maps


class Plane:
    """The part of the plane around some points, as a grid of places to evaluate a network at.

    Args:
        predict: a network, or any function of a row of two numbers that returns one number.
        rows: the points; each two numbers.
        targets: the target at each point, one number.
        size: the number of places in each direction.
        network: whose units are evaluated too, if it is one of two inputs, and the model gives
            what its layers give.
        model: whose parameters it depends on.

    Raises:
        ValueError: there are no points, another number of targets, or a row is not two numbers.
        TypeError: something is not a number, or `predict` cannot be called.

    >>> plane = Plane(lambda row: row[0] + row[1], [(0, 0), (1, 1)], [0, 1], size=2)
    >>> plane.x, [list(row) for row in plane.sample(0, plane.ask()).grid]
    ((-0.25, 1.25), [[1.0, 1.75], [0.25, 1.0]])
    """

    predict: Final[Predict]
    x: Final[tuple[float, float]]
    y: Final[tuple[float, float]]
    points: Final[tuple[tuple[float, float, float], ...]]

    def __init__(
        self,
        predict: Predict,
        rows: Iterable[Any],
        targets: Iterable[Any],
        size: int,
        network: Network | None = None,
        model: Any = None,
    ) -> None:
        if not callable(predict):
            raise TypeError(
                "record: boundary: expected a function of a row of two numbers,"
                f" got {describe(predict)}"
            )
        self.predict = predict
        self.size = size
        self.points = _points(_listed("rows", rows), _listed("targets", targets))
        self.x = _range([x for x, _, _ in self.points])
        self.y = _range([y for _, y, _ in self.points])
        self._model = predict if model is None else model
        self._left_out: dict[int, str] = {}
        xs, ys = _centres(*self.x, self.size), _centres(*self.y, self.size)[::-1]
        self._places: Sequence[Sequence[float]] = [[x, y] for y in ys for x in xs]
        self._grid = EveryPlace(lambda row: [predict(row)], self._places, 1)
        self._maps = None
        some = [[x, y] for x, y, _ in self.points[:FEW]]
        if network and network.columns[0].size == 2 and network.is_chain(model, some):
            places = [[x, y] for y in ys[::COARSER] for x in xs[::COARSER]]
            self._maps = EveryPlace(network.outputs, places, network.width)

    def sample(self, epoch: int, asked: Asked) -> Sample:
        """The network's outputs at each place; NaN where it fails.

        Args:
            epoch: whose numbers the leaves have now.
            asked: what `ask` gave in that epoch. If the network does not say the same with the
                same parameters, `complain` tells so.
        """
        parameters, (said, numbers) = self.parameters(), asked
        is_known = said is not None and len(parameters) == len(numbers)
        with holding(parameters, numbers if is_known else [x.data for x in parameters]):
            [grid] = _columns(self._grid())
            if is_known and not _is_same(grid[0], said):
                [grid] = _columns(self._grid.one_by_one())
            maps = [] if self._maps is None else _columns(self._maps())
        if not is_known:
            self._left_out[epoch] = LOST.format(epoch, "{}")
            maps = [array("d", [math.nan]) * len(one) for one in maps]
        elif not _is_same(grid[0], said):
            self._left_out[epoch] = OTHER.format(epoch, "{}", said, grid[0])
        if epoch in self._left_out:
            grid = array("d", [math.nan]) * len(grid)
        starts = range(0, len(grid), self.size)
        return Sample([grid[start : start + self.size] for start in starts], maps)

    def complain(self) -> None:
        """Warn of what is not shown, once for all epochs since the last time."""
        if self._left_out:
            first, more = min(self._left_out), len(self._left_out) - 1
            others = f", and in {more} more" if more else ""
            warnings.warn(self._left_out[first].format(others), RuntimeWarning, stacklevel=2)
            self._left_out = {}
        if self._grid.failure:
            warnings.warn(FAILED.format(*self._grid.failure), RuntimeWarning, stacklevel=2)
            self._grid.failure = None

    def parameters(self) -> list[Value]:
        """The parameters that the model has now."""
        named = getattr(self._model, "named_parameters", None)
        return [parameter for _, parameter in named()] if callable(named) else []

    def boundary(self, samples: Sequence[Sample]) -> Boundary:
        """The samples of all frames, for a page."""
        grids = [sample.grid for sample in samples]
        return Boundary(grids=grids, x=self.x, y=self.y, points=self.points)

    def ask(self) -> Asked:
        """What the network says now at the first place, and with which parameters.

        Raises:
            TypeError: it is not one number.
        """
        row = self._places[0]
        try:
            with no_grad():
                output = self.predict(row)
        except ArithmeticError:  # such as an overflow, in a training that diverges
            output = math.nan
        if not is_number(output):
            raise TypeError(
                f"record: boundary: expected one number for the row {row}, got {describe(output)}"
                " (choose one of several outputs: lambda row: network(row)[0])"
            )
        said = output.data if isinstance(output, Value) else float(output)
        return Asked(said, array("d", (parameter.data for parameter in self.parameters())))


def _columns(rows: Sequence[Sequence[float]]) -> list[array[float]]:
    return [array("d", column) for column in zip(*rows, strict=True)]


def _is_same(x: float, y: float | None) -> bool:
    """Whether two numbers are the same but for their last digits."""
    if y is None:
        return False
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(x) and math.isnan(y))


def plane_of(boundary: Any, size: int, model: Any, network: Network | None) -> Plane:
    """The plane for `(predict, rows, targets)`, the `boundary` of `record`."""
    if not isinstance(boundary, tuple | list) or len(boundary) != 3:
        raise TypeError(
            f"record: boundary must be (predict, rows, targets), got {describe(boundary)}"
        )
    predict, rows, targets = boundary
    return Plane(predict, rows, targets, size, network, model)


def _listed(name: str, given: Any) -> list[Any]:
    """What was given, in its order."""
    if not hasattr(given, "__iter__") or isinstance(given, UNORDERED):
        raise TypeError(f"record: boundary: {name} must be a list, got {describe(given)}")
    return list(given)


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
        has_order = hasattr(row, "__iter__") and not isinstance(row, UNORDERED)
        numbers = list(row) if has_order else [row]
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
    if not all(math.isfinite(x) for axis in (0, 1) for x in _range([p[axis] for p in points])):
        raise ValueError("record: boundary: the rows are farther apart than any number can tell")
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
