"""Lifting: a program on single numbers becomes a plan on arrays.

The groups of a program (`autograd.jit.groups`) are taken one by one, operands before results. Each
gets an order and a place (`layout`), and becomes

- a matrix product, if it is a group of dots of rows and columns (`products`);
- a reduction along axes, if it is another operation of any number of operands;
- an operation on whole arrays, if NumPy has a kernel for it;
- else, or if there is only a node or two in it, operations on single numbers.

Operands are read in place where their positions are affine (`views`), and gathered first where they
are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite

import numpy as np

from autograd.jit import kernels
from autograd.jit.groups import CONSTANTS, Group, group_nodes
from autograd.jit.layout import Layout, node_order
from autograd.jit.plan import Apply, Check, Gather, Plan, Product, Reduce, Scalars, Variable
from autograd.jit.products import Blocks, distinct_rows, find_blocks
from autograd.jit.program import Program
from autograd.jit.views import Positions, Shape, View, common_shape, contiguous, factors

_INDEXES = re.compile(r"\d+")

_FEW = 2
"""Groups of so few nodes are computed one by one: that is faster than an array operation."""

_FEW_OPERANDS = 16
"""The same for nodes of any number of operands."""

_WORTH_A_CALL = 1000
"""As many numbers are gathered in the time of an array operation of its own."""


def lift(program: Program) -> Plan:
    """The plan of a program.

    Raises:
        ValueError: a constant is infinite or NaN. (A run relies on all numbers being finite.)

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(6)]
    >>> program.outputs += [program.apply(TABLE["exp"], x) for x in xs]
    >>> [step.name for step in lift(program).steps]
    ['exp']
    """
    if not all(map(isfinite, program.constants.values())):
        raise ValueError("a program with a constant that is not finite cannot be lifted")
    return _Lifter(program).plan


class _Lifter:
    def __init__(self, program: Program) -> None:
        self.layout = Layout(program)
        self.plan = self.layout.plan
        self.shapes: dict[int, View] = {}  # the view of each variable, by its start
        self._names = program.names
        self._gathered: dict[tuple[Shape, bytes], View] = {}
        self._required: dict[int, list[int]] = {}
        required = dict(program.guards)
        groups = group_nodes(program)
        for number, group in enumerate(groups):
            if number != CONSTANTS:
                self._lift(group)
            if required:
                self._check([node for node in group.members if node in required], required)
        self.plan.outputs = self.layout.position[program.outputs].tolist()

    def _lift(self, group: Group) -> None:
        if group.operation is None:
            view = self._input_view(group)
        elif _is_small(group) or not kernels.is_known(group.name):
            view = self._lift_scalars(group)
        elif group.name == "dot":
            view = self._lift_dots(group)
        elif group.operation.arity is None:
            view = self._lift_rows(group)
        else:
            view = self._lift_numbers(group)
        self.shapes[view.start] = view
        self.plan.variables.append(Variable(group, view))

    def _input_view(self, group: Group) -> View:
        positions = self.layout.position[group.members]
        shape = self._shape([positions, *self._index_columns(group)])
        if len(positions) == 1:
            shape = ()
        return self.layout.view(positions.reshape(shape), False) or self._gather(positions)

    def _index_columns(self, group: Group) -> list[Positions]:
        """The first number in the names of inputs, which says the rows of `x[i][j]`."""
        found = [_INDEXES.findall(self._names.get(node, "")) for node in group.members]
        if min(map(len, found)) < 2 or len(set(map(len, found))) > 1:
            return []
        table = np.array([[int(text) for text in texts] for texts in found])
        return [column for column in table.T[:-1] if column[0] != column[-1]]

    def _check(self, nodes: list[int], required: dict[int, bool]) -> None:
        if nodes:
            index = self.layout.position[nodes]
            self.plan.steps.append(Check(index, [required[node] for node in nodes]))

    def _lift_scalars(self, group: Group) -> View:
        assert group.operation is not None
        view = self.layout.place(group.members, () if len(group.members) == 1 else None)
        rule, name = group.operation.value, group.operation.name
        entries = [
            (name, rule, view.start + i, tuple([int(self.layout.position[x]) for x in operands]))
            for i, operands in enumerate(group.operands)
        ]
        last = self.plan.steps[-1] if self.plan.steps else None
        if isinstance(last, Scalars):
            last.entries.extend(entries)
        else:
            self.plan.steps.append(Scalars(entries))
        return view

    # Operations number by number

    def _lift_numbers(self, group: Group) -> View:
        table = self.layout.of(group.operands)
        order = node_order([table[:, i] for i, s in enumerate(group.sources) if s != CONSTANTS])
        columns = list(table[order].T)
        varying = [c for c, s in zip(columns, group.sources, strict=True) if s != CONSTANTS]
        shape = self._shape(varying)
        out = self.layout.place(np.array(group.members)[order], shape)
        operands = [
            self._view(c.reshape(shape), s == CONSTANTS).trimmed()
            for c, s in zip(columns, group.sources, strict=True)
        ]
        self.plan.steps.append(Apply(group.name, out, tuple(operands)))
        return out

    def _shape(self, columns: Sequence[Positions]) -> Shape:
        """The shape in which all columns are affine, with the axes of variables that they are."""
        count = len(columns[0])
        shapes = [factors(column) for column in columns]
        for column, shape in zip(columns, list(shapes), strict=True):
            known = self.shapes.get(int(column[0]))
            if shape is not None and known is not None and known.size in shape:
                axis = shape.index(known.size)
                shapes.append((*shape[:axis], *known.shape, *shape[axis + 1 :]))
        return common_shape(count, shapes)

    # Operations along rows

    def _lift_rows(self, group: Group) -> View:
        table = np.sort(self.layout.of(group.operands), axis=1)
        order = node_order(list(table.T[: 2 if len(table) > 1 else 1]))
        table = table[order]
        nodes = np.array(group.members)[order]
        whole = self._row_view(table)
        parts = list(_runs(group.sources)) if len(group.sources) else []
        if whole is None and group.name in kernels.JOINS and self._is_worth(parts, table.size):
            shape = self._shape([table[:, part.start] for part in parts])
            out = self.layout.place(nodes, shape)
            self._join(kernels.JOINS[group.name], group.name, out, [table[:, p] for p in parts])
            return out
        if whole is None:
            whole = self._gather(table)
        out = self.layout.place(nodes, whole.shape[: _axes_of(whole.shape, len(table))])
        self.plan.steps.append(Reduce(group.name, out, whole))
        return out

    def _join(self, join: str, name: str, out: View, parts: Sequence[Positions]) -> None:
        """Reduce each part of the rows, and join what comes out two by two."""
        views = []
        for part in parts:
            if part.shape[1] == 1:
                views.append(self._view(part.reshape(out.shape), False))
                continue
            operand = self._row_view(part) or self._gather(part)
            temporary = self._temporary(operand.shape[: _axes_of(operand.shape, len(part))])
            self.plan.steps.append(Reduce(name, temporary, operand))
            views.append(temporary.reshaped(out.shape))
        total = views[0]
        for view in views[1:]:
            self.plan.steps.append(Apply(join, out, (total.trimmed(), view.trimmed())))
            total = out

    def _row_view(self, table: Positions) -> View | None:
        """The view of rows of operands: axes of the rows, then axes along a row."""
        rows, along = factors(table[:, 0]), factors(table[0])
        if rows is None or along is None:
            return None
        if len(table) == 1:
            rows = ()
        return self.layout.view(table.reshape(*rows, *along), False)

    def _is_worth(self, parts: Sequence[slice], size: int) -> bool:
        """Whether it takes less time to treat parts one by one than to gather all of them."""
        return 1 < len(parts) < 2 + size / _WORTH_A_CALL

    # Dots

    def _lift_dots(self, group: Group) -> View:
        table = self.layout.of(group.operands)
        half = table.shape[1] // 2
        left, right = table[:, :half], table[:, half:]
        sides = group.sources[:half], group.sources[half:]
        rows, columns = distinct_rows(left), distinct_rows(right)
        keys = [
            ids if CONSTANTS in side else tuples[:, 0]
            for ids, side, tuples in ((rows, sides[0], left), (columns, sides[1], right))
        ]
        blocks = find_blocks(rows, columns, (keys[0], keys[1]))
        parts = list(_runs(list(zip(*sides, strict=True))))
        if blocks is None or blocks.shape[1] * blocks.shape[2] == 1:
            order = node_order(keys)
            blocks = Blocks((len(order), 1, 1), order, False)
        left, right = left[blocks.order], right[blocks.order]
        if blocks.is_swapped:
            left, right, sides = right, left, (sides[1], sides[0])
        if not self._is_worth(parts, left.size + right.size):
            parts = [slice(0, half)]
        shape = tuple(n for n in blocks.shape if n > 1)
        if len(left) == 1:
            shape = ()
        out = self.layout.place(np.array(group.members)[blocks.order], shape)
        for i, part in enumerate(parts):
            target = out if i == 0 else self._temporary(out.shape)
            constant = [set(side[part]) == {CONSTANTS} for side in sides]
            slots = _slot_order(left[0, part], right[0, part], constant[0])
            pair = left[:, part][:, slots], right[:, part][:, slots]
            self._multiply(target, blocks.shape, pair, constant)
            if i:
                self.plan.steps.append(Apply("add", out, (out, target)))
        return out

    def _multiply(
        self, out: View, shape: Shape, pair: tuple[Positions, Positions], constant: list[bool]
    ) -> None:
        """The products of rows and columns, or of each left tuple with its right one."""
        stack, rows, columns = shape
        length = pair[0].shape[1]
        if rows * columns == 1 and stack > 1:
            varying = [p for p, c in zip(pair, constant, strict=True) if not c]
            shape = (
                *common_shape(stack, [factors(p[:, 0]) for p in varying]),
                *common_shape(length, [factors(p[0]) for p in varying]),
            )
            views = [self._view(p.reshape(shape), c) for p, c in zip(pair, constant, strict=True)]
            terms = self._temporary(views[0].shape)
            self.plan.steps.append(Apply("mul", terms, (views[0].trimmed(), views[1].trimmed())))
            self.plan.steps.append(Reduce("sum", out.reshaped(_leading(terms, stack)), terms))
            return
        left = pair[0].reshape(stack, rows, columns, length)[:, :, 0]
        right = pair[1].reshape(stack, rows, columns, length)[:, 0]
        if stack == 1:
            left, right, shape = left[0], right[0], (rows, columns)
        operands = [self._matrix(p, c) for p, c in zip((left, right), constant, strict=True)]
        self.plan.steps.append(Product(out.reshaped(shape), *operands))

    def _matrix(self, positions: Positions, is_constant: bool) -> View:
        """A view that BLAS can read: one of the last two axes is contiguous."""
        if is_constant:
            return self.layout.literal(positions)
        found = self._view(positions, False)
        lengths, strides = found.shape[-2:], found.strides[-2:]
        is_plain = all(s > 0 or n == 1 for n, s in zip(lengths, strides, strict=True))
        if is_plain and (1 in strides or 1 in lengths):
            return found
        copy = self._temporary(found.shape)
        self.plan.steps.append(Apply("identity", copy, (found,)))
        return copy

    # Where operands are found

    def _view(self, positions: Positions, is_constant: bool) -> View:
        return self.layout.view(positions, is_constant) or self._gather(positions)

    def _gather(self, positions: Positions) -> View:
        """Numbers brought side by side; where that has been done before, those."""
        key = (positions.shape, positions.tobytes())
        if key not in self._gathered:
            self._gathered[key] = self._temporary(positions.shape)
            self.plan.steps.append(Gather(self._gathered[key], positions))
        return self._gathered[key]

    def _temporary(self, shape: Shape) -> View:
        count = int(np.prod(shape, dtype=np.int64))
        return contiguous(self.layout.allocate(count), shape)


def _is_small(group: Group) -> bool:
    assert group.operation is not None
    if not set(group.sources) - {CONSTANTS}:
        return True
    if len(group.members) == 1 and group.operation.arity is None:
        return len(group.sources) <= _FEW_OPERANDS
    return len(group.members) <= _FEW and len(group.sources) <= _FEW_OPERANDS


def _runs(sources: Sequence[object]) -> Iterator[slice]:
    """The stretches of equal sources."""
    start = 0
    for _, run in groupby(sources):
        stop = start + sum(1 for _ in run)
        yield slice(start, stop)
        start = stop


def _slot_order(left: Positions, right: Positions, is_left_constant: bool) -> Positions:
    """The order of the terms of a dot in which positions ascend."""
    return np.lexsort((left, right) if is_left_constant else (right, left))


def _axes_of(shape: Shape, count: int) -> int:
    """How many leading axes make up so many rows."""
    axes, rows = 0, 1
    while rows < count:
        rows *= shape[axes]
        axes += 1
    return axes


def _leading(view: View, count: int) -> Shape:
    return view.shape[: _axes_of(view.shape, count)]
