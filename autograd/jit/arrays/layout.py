"""Layout: the position of each number in the buffer, and so the order within each group.

The order within a group is free, and a good one makes the operands of later groups affine. So a
group follows its operands: it is sorted by the positions of the first operand that differs from
node to node, or by several if none does. A row-by-row order is then preserved by elementwise
operations, and a gradient has the order of its parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from math import prod

import numpy as np

from autograd.jit.arrays.buffer_plan import Gather, Plan
from autograd.jit.arrays.views import Positions, Shape, View, contiguous, strided
from autograd.jit.programs.program import Program
from autograd.jit.tuning import GATHERED_A_CALL


class Layout:
    """The buffer of a plan while the plan is made.

    Attributes:
        plan: the plan.
        position: of each node placed so far.
        rank: the index of each node that is an output; a larger number for others.
    """

    def __init__(self, program: Program) -> None:
        self.plan = Plan(inputs=len(program.inputs))
        self.position = np.full(len(program), -1, np.int64)
        self.rank = np.full(len(program), len(program.outputs), np.int64)
        self.rank[program.outputs[::-1]] = np.arange(len(program.outputs))[::-1]
        self.place(program.inputs)
        self._numbers = np.fromiter(program.constants.values(), np.float64, len(program.constants))
        self._first_constant = self.plan.size
        self.place(list(program.constants))
        if len(self._numbers):
            self.plan.literals.append((self._first_constant, self._numbers))
        self._literal_at: dict[bytes, int] = {}
        self._gathered: dict[bytes, View] = {}

    def allocate(self, count: int) -> int:
        """Reserve places for N numbers; returns the position of the first."""
        start = self.plan.size
        self.plan.size += count
        return start

    def place(self, nodes: Sequence[int] | Positions, shape: Shape | None = None) -> View:
        """Give nodes consecutive positions, in their order."""
        start = self.allocate(len(nodes))
        self.position[nodes] = np.arange(start, self.plan.size)
        return contiguous(start, shape if shape is not None else (len(nodes),))

    def of(self, operands: Sequence[tuple[int, ...]]) -> Positions:
        """The positions of operands, a row for each node."""
        count = len(operands) * len(operands[0])
        flat = np.fromiter(chain.from_iterable(operands), np.int64, count)
        found: Positions = self.position[flat].reshape(len(operands), -1)
        return found

    def view(self, positions: Positions, is_constant: bool) -> View | None:
        """The view of some positions, if there is one; constants are placed so that there is."""
        if not is_constant:
            return strided(positions)
        numbers = self._numbers[positions - self._first_constant]
        flat = numbers.reshape(-1)
        if len(flat) and (flat.view(np.int64) == flat[:1].view(np.int64)).all():
            start = int(positions.reshape(-1)[0])
            return View(start, positions.shape, (0,) * positions.ndim)
        return strided(positions) or self.literal(positions)

    def literal(self, positions: Positions) -> View:
        """Constants copied to consecutive positions."""
        numbers = self._numbers[positions - self._first_constant].reshape(-1)
        key = numbers.tobytes()
        if key not in self._literal_at:
            self._literal_at[key] = self.allocate(numbers.size)
            self.plan.literals.append((self._literal_at[key], numbers))
        return contiguous(self._literal_at[key], positions.shape)

    def read(self, positions: Positions, is_constant: bool = False) -> View:
        """The view of some positions, or of the numbers gathered from them if there is none."""
        return self.view(positions, is_constant) or self.gather(positions)

    def read_all(
        self, columns: Sequence[Positions], is_constant: Sequence[bool] = ()
    ) -> list[View]:
        """`read` for several lists of positions; one step gathers all that must be."""
        flags = is_constant or [False] * len(columns)
        views = [self.view(x, c) for x, c in zip(columns, flags, strict=True)]
        self._gather_all([x for x, view in zip(columns, views, strict=True) if view is None])
        return [view or self.gather(x) for x, view in zip(columns, views, strict=True)]

    def _gather_all(self, columns: Sequence[Positions]) -> None:
        """Gather the numbers of several lists, by one step."""
        missing = {_key(x): x.reshape(-1) for x in columns if _key(x) not in self._gathered}
        if len(missing) > 1:
            positions = np.concatenate(list(missing.values()))
            start = self.temporary(positions.shape).start
            self.plan.steps.append(Gather(contiguous(start, positions.shape), positions))
            for key, column in missing.items():
                self._gathered[key] = contiguous(start, column.shape)
                start += len(column)

    def gather(self, positions: Positions) -> View:
        """Numbers gathered to consecutive positions, once for the same positions."""
        key = _key(positions)
        if key not in self._gathered:
            flat = positions.reshape(-1)
            self._gathered[key] = self.temporary(flat.shape)
            self.plan.steps.append(Gather(self._gathered[key], flat))
        return self._gathered[key].reshaped(positions.shape)

    def temporary(self, shape: Shape) -> View:
        """Places for numbers that are not nodes."""
        return contiguous(self.allocate(prod(shape)), shape)


def _key(positions: Positions) -> bytes:
    return positions.tobytes()


def node_order(columns: Sequence[Positions], is_input: Sequence[bool] = ()) -> Positions:
    """The order of nodes by the positions of their operands, one column for each operand.

    Where every computed number meets every input, the inputs vary faster: the others are in rows,
    and the inputs are the weights of a row.

    >>> node_order([np.array([3, 3, 3]), np.array([9, 7, 8])]).tolist()
    [1, 2, 0]
    """
    for column in columns:
        if (np.diff(column) > 0).all():
            return np.arange(len(column))
        order = np.argsort(column, kind="stable")
        if (np.diff(column[order]) > 0).all():
            return order
    if len(columns) == 1:
        return _order_of_repeated(columns[0])
    is_fast = [bool(column[0] != column[1]) for column in columns]
    ranks = list(zip(is_input or [False] * len(columns), is_fast, strict=True))
    slow_first = sorted(range(len(columns)), key=ranks.__getitem__)
    return np.lexsort([columns[i] for i in reversed(slow_first)])


def _order_of_repeated(column: Positions) -> Positions:
    """The order of nodes by one operand, which several of them share.

    NumPy is faster along the longer of two axes, so this is the one that varies faster: first
    every operand once, then again; or each one as often as it occurs.

    >>> _order_of_repeated(np.array([7, 7, 8, 8, 9, 9])).tolist()
    [0, 2, 4, 1, 3, 5]
    """
    order = np.argsort(column, kind="stable")
    _, first, counts = np.unique(column[order], return_index=True, return_counts=True)
    if counts[0] >= len(counts):
        return order
    turn = np.arange(len(column)) - np.repeat(first, counts)
    return order[np.argsort(turn, kind="stable")]


def runs(sources: Sequence[object]) -> Iterator[slice]:
    """The spans of equal sources, one after the other: a partition."""
    start = 0
    for _, run in groupby(sources):
        stop = start + sum(1 for _ in run)
        yield slice(start, stop)
        start = stop


def is_worth(parts: Sequence[slice], size: int) -> bool:
    """Whether computing in parts takes less time than gathering the operands."""
    return 1 < len(parts) < 2 + size / GATHERED_A_CALL


def axes_of(shape: Shape, count: int) -> int:
    """The number of leading axes that make up that many rows."""
    axes, rows = 0, 1
    while rows < count:
        rows *= shape[axes]
        axes += 1
    return axes
