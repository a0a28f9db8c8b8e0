"""Rows as tables of numbers: what devices are given."""

from __future__ import annotations

from contextlib import suppress
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from autograd import tree
from autograd.number import MOST_EXACT
from nn.sources import InMemory, Stream


class RowTable:
    """Rows of one structure, each as numbers in one order.

    Args:
        name: what they are, for errors.
        first: one of them, which says the structure.

    Attributes:
        width: how many numbers a row has.

    Raises:
        TypeError: there is something else than numbers in it.

    >>> table = RowTable("inputs", {"x": [1, 2.5], "y": True})
    >>> table.array([{"x": [3, 4.0], "y": False}])
    array([[3., 4., 0.]])
    >>> table.row([3.0, 4.0, 0.0])
    {'x': [3, 4.0], 'y': 0}
    """

    def __init__(self, name: str, first: Any) -> None:
        self._name = name
        numbers, self._definition = tree.flatten(first, f"fit: devices: {name}[0]")
        self.width = len(numbers)
        self._are_integers = np.array([isinstance(x, int) for x in numbers], bool)
        self._shape = _shape_of(first)

    def array(self, rows: list[Any]) -> Any:
        """The numbers of rows, a line for each.

        Raises:
            ValueError: one has another structure, or whole numbers that are no floats.
            TypeError: there is something else than numbers in it.
        """
        made = self._array(rows)
        if (abs(made[:, self._are_integers]) >= MOST_EXACT).any():
            raise ValueError(
                f"fit: devices: {self._name} have whole numbers of 2**53 and more, which are not"
                " exact in the float64 of the devices: write float(x), or count from 0"
            )
        return made

    def _array(self, rows: list[Any]) -> Any:
        if self._shape is not None:
            with suppress(ValueError):  # they have several lengths
                found = np.array(rows)
                if found.shape[1:] == self._shape and found.dtype.kind in "biuf":
                    return found.reshape(len(rows), self.width).astype(np.float64)
        made = np.empty((len(rows), self.width))
        for i, row in enumerate(rows):
            where = f"fit: devices: {self._name}[{i}]"
            try:
                made[i] = tree.leaves_like(self._definition, row, where)
            except ValueError as error:
                raise ValueError(
                    f"{error}: one program serves all rows, which must have one shape: pad them,"
                    " or train without devices="
                ) from None
        return made

    def fits(self, array: Any) -> bool:
        """Whether what was an integer still is one; if not, it is none from now on."""
        broken = self._are_integers & (array != np.floor(array)).any(axis=0)
        self._are_integers &= ~broken
        return not broken.any()

    def row(self, numbers: Any) -> Any:
        """The row with these numbers."""
        pairs = zip(numbers, self._are_integers, strict=True)
        return tree.unflatten(
            self._definition, [int(x) if is_int else float(x) for x, is_int in pairs]
        )

    def traced(self, numbers: Any) -> Any:
        """The row with these numbers, an array that JAX traces."""
        if self._shape is not None:
            return numbers.reshape(self._shape)
        outer, shapes = tree.with_whole_arrays(self._definition)
        ends = [*accumulate(map(prod, shapes))]
        cuts = zip([0, *ends], ends, shapes, strict=False)
        return tree.unflatten(outer, [numbers[a:b].reshape(shape) for a, b, shape in cuts])


def _shape_of(row: Any) -> tuple[int, ...] | None:
    """The shape of numbers in a rectangle; None of other structures.

    >>> _shape_of([[1, 2.0], [3, 4.0]]), _shape_of(1), _shape_of([[1], [2, 3]]), _shape_of({"x": 1})
    ((2, 2), (), None, None)
    """
    with suppress(ValueError):  # lists of several lengths
        found = np.array(row)
        return found.shape if found.dtype.kind in "biuf" else None
    return None


class BatchTables:
    """The batches of a training as tables, each cut into parts of one length.

    A line has the numbers of a row and of its target, the number of the row in the batch, and 1. It
    ends with two numbers for who sends it. Lines that fill the parts up repeat the first row, with
    0 in place of the 1. All tables are as long as the largest so far, so that one program serves
    them.

    Rows in memory are read once; again for each step where somebody is called who may change them.

    Args:
        source: where the batches come from.
        parts: how many parts they are cut into.
        may_change: whether rows in memory may be others in another step.

    Attributes:
        tables: the structures of the inputs and of the targets, after the first batch.
        have_changed: whether they are others than for the batch before.
    """

    tables: tuple[RowTable, RowTable]

    def __init__(self, source: InMemory | Stream, parts: int, may_change: bool) -> None:
        self.have_changed = False
        self._may_change = may_change
        self._source = source
        self._parts = parts
        self._length = 0
        self._all: Any = None  # the numbers of all rows, where they are in memory
        self._whole: Any = None  # the last table, or that of all of them, in their order

    def lines(self, inputs: list[Any], targets: list[Any]) -> Any:
        """The lines of the batch that the source gave last; errors as of `RowTable`."""
        self.have_changed = False
        if not hasattr(self, "tables"):
            self.tables = RowTable("inputs", inputs[0]), RowTable("targets", targets[0])
        source = self._source
        if not isinstance(source, InMemory):
            return self._cut(self._numbers(inputs, targets))
        if self._may_change:
            lines = self._cut(self._numbers(inputs, targets))
            if self._whole is None or lines.tobytes() != self._whole.tobytes():
                self._whole = lines
            return self._whole  # the same object where it can be, which the devices have
        if self._all is None:
            self._all = self._numbers(*source.train)
        if source.batch is not None:
            return self._cut(self._all[source.picked])
        if self._whole is None:
            self._whole = self._cut(self._all)
        return self._whole

    def _cut(self, numbers: Any) -> Any:
        count, width = numbers.shape
        self._length = max(self._length, -(-count // self._parts) * self._parts)
        lines = np.zeros((self._length, width + 4))
        lines[:count, :-4], lines[count:, :-4] = numbers, numbers[0]
        lines[:, -4] = np.arange(self._length)
        lines[:count, -3] = 1.0
        return lines

    def _numbers(self, *columns: list[Any]) -> Any:
        found = [table.array(rows) for table, rows in zip(self.tables, columns, strict=True)]
        for table, part in zip(self.tables, found, strict=True):
            self.have_changed |= not table.fits(part)
        return np.concatenate(found, axis=1)
