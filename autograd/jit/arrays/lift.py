"""Lifting: a program on single numbers becomes a plan on arrays.

The groups of a program (`groups`, `schedule`) are taken one by one, operands before results. Each
gets an order and a place (`layout`), and becomes

- matrix products, if it is a group of dots of rows and columns (`contractions`);
- a reduction along axes, if it is another operation of any number of operands, or of spans of an
  array, if they differ in number (`ragged`);
- numbers taken by an index from each row of a table;
- an operation on whole arrays, if NumPy has a kernel for it;
- else, or if there is only a node or two in it, operations on single numbers.

Operands are read in place where their positions are affine (`views`), and gathered first where they
are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import (
    Apply,
    Check,
    Entry,
    Plan,
    Reduce,
    Scalars,
    Take,
    Variable,
)
from autograd.jit.arrays.contractions import lift_dots
from autograd.jit.arrays.fusion import fuse
from autograd.jit.arrays.groups import CONSTANTS, Group
from autograd.jit.arrays.kernels import NUMPY
from autograd.jit.arrays.layout import Layout, axes_of, is_worth, node_order, runs
from autograd.jit.arrays.padding import complete
from autograd.jit.arrays.ragged import lift_ragged
from autograd.jit.arrays.schedule import in_order
from autograd.jit.arrays.views import Positions, Shape, View, common_shape, factors
from autograd.jit.programs.inline import inlined
from autograd.jit.programs.one_exponential import with_one_exponential
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import OPERATIONS, PURE
from autograd.jit.programs.zeros import Zeros
from autograd.jit.tuning import FEW_ELEMENTWISE, FEW_NODES, FEW_OPERANDS, FEW_SCATTERED
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

_INDEXES = re.compile(r"\d+")
SUM, DOT, TAKE = TABLE["sum"], TABLE["dot"], OPERATIONS["take"]
EXTREMES = (TABLE["max"], TABLE["min"])


def lift(program: Program, for_machine_code: bool = False) -> Plan:
    """The plan of a program.

    Args:
        program: the program.
        for_machine_code: whether nobody reads its calls, which may be fewer then.

    Raises:
        ValueError: a constant is infinite or NaN. (A run relies on all numbers being finite.)

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(6)]
    >>> program.outputs += [program.apply(TABLE["exp"], x) for x in xs]
    >>> [step.operation for step in lift(program).steps]
    [<primitive exp>]
    """
    if not all(map(isfinite, program.constants.values())):
        raise ValueError("a program with a constant that is not finite cannot be lifted")
    program = inlined(program)
    if for_machine_code:
        program = with_one_exponential(program)
    program, groups = complete(program)
    plan = _Lifter(program, in_order(groups)).plan
    fuse(plan)
    return plan


class _Lifter:
    def __init__(self, program: Program, groups: Sequence[Group]) -> None:
        self.layout = Layout(program)
        self.plan = self.layout.plan
        self.shapes: dict[int, View] = {}  # the view of each variable, by its start
        self._names = program.names
        self._operands = program.operands
        # One by one faster than the array itself.
        self._position: Any = memoryview(self.layout.position)  # type: ignore[arg-type]
        self._inputs = {i for i, group in enumerate(groups) if group.operation is None}
        required = dict(program.guards)
        self._told = Zeros(program, PURE, gathered=True).rounded()
        for number, group in enumerate(groups):
            if number != CONSTANTS:
                self._lift(group)
            group.operands.clear()  # a plan may live long
            if required:
                self._check([node for node in group.members if node in required], required)
        self.plan.outputs = self.layout.position[program.outputs].tolist()

    def _lift(self, group: Group) -> None:
        steps = self.plan.steps
        before = len(steps)
        for view in self._views(group):
            self.shapes[view.start] = view
            self.plan.variables.append(Variable(group, view))
        operation = group.operation  # inputs may be gathered, but have none
        if operation and len(steps) > before and not self._told.isdisjoint(group.members):
            for step in steps[before:]:
                if not isinstance(step, Scalars | Check):
                    self.plan.told[step.out.start] = operation

    def _views(self, group: Group) -> list[View]:
        """Add the steps for a group; returns where its numbers are."""
        operation = group.operation
        if operation is None:
            return [self._input_view(group)]
        if self._is_small(group) or not (operation in NUMPY or operation in (DOT, TAKE)):
            return [self._lift_scalars(group)]
        if operation is DOT:
            return lift_dots(self.layout, group)
        if operation is TAKE:
            return [self._lift_takes(group)]
        if group.sources is None:
            return [lift_ragged(self.layout, group)]
        if operation.arity is None:
            return [self._lift_rows(group, operation)]
        return [self._lift_numbers(group, operation)]

    def _is_small(self, group: Group) -> bool:
        """Whether an operation on arrays would cost more than those on single numbers."""
        assert group.operation is not None
        count, longest = len(group.members), max(map(len, group.operands))
        if not all(group.operands):  # there is a sum of nothing
            return True
        if group.sources is not None and not set(group.sources) - {CONSTANTS}:
            return True
        if count > FEW_SCATTERED or longest > FEW_OPERANDS:
            return False
        few = FEW_NODES if group.operation.arity is None else FEW_ELEMENTWISE
        return count <= few or self._are_scattered(group)

    def _are_scattered(self, group: Group) -> bool:
        """Whether operands must be gathered, since they are not at equal steps from row to row."""
        if group.sources is None:
            return False
        varying = [k for k, source in enumerate(group.sources) if source != CONSTANTS]
        rows = sorted([[self._position[row[k]] for k in varying] for row in group.operands])
        steps = [[b - a for a, b in zip(*pair, strict=True)] for pair in pairwise(rows)]
        return any(step != steps[0] for step in steps)

    def _input_view(self, group: Group) -> View:
        positions = self.layout.position[group.members]
        shape = self._shape([positions, *self._index_columns(group)])
        if len(positions) == 1:
            shape = ()
        return self.layout.view(positions.reshape(shape), False) or self.layout.gather(positions)

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
        operation = group.operation
        assert operation is not None
        members, operands = group.members, group.operands
        if operation in EXTREMES:  # of zeros the first one counts: in the order as written
            operands = [self._operands[node] for node in members]
        position, start = self._position, self.layout.allocate(len(members))
        entries = self._singles()
        for out, (node, row) in enumerate(zip(members, operands, strict=True), start):
            position[node] = out
            at = [position[i] for i in row]
            if operation is SUM:  # a product may overflow before it meets a 0
                at.sort()
            entries.append((operation, out, tuple(at)))
        return View(start, (), ()) if len(members) == 1 else View(start, (len(members),), (1,))

    def _singles(self) -> list[Entry]:
        """The operations on single numbers at the end of the plan."""
        last = self.plan.steps[-1] if self.plan.steps else None
        if not isinstance(last, Scalars):
            last = Scalars([])
            self.plan.steps.append(last)
        return last.entries

    # Operations number by number

    def _lift_numbers(self, group: Group, operation: Primitive) -> View:
        table = self.layout.of(group.operands)
        assert group.sources is not None
        places = [i for i, s in enumerate(group.sources) if s != CONSTANTS]
        is_input = [group.sources[i] in self._inputs for i in places]
        order = node_order([table[:, i] for i in places], is_input)
        columns = list(table[order].T)
        varying = [c for c, s in zip(columns, group.sources, strict=True) if s != CONSTANTS]
        shape = self._shape(varying)
        out = self.layout.place(np.array(group.members)[order], shape)
        operands = self.layout.read_all(
            [c.reshape(shape) for c in columns], [s == CONSTANTS for s in group.sources]
        )
        self.plan.steps.append(Apply(operation, out, tuple(x.trimmed() for x in operands)))
        return out

    def _lift_takes(self, group: Group) -> View:
        table = self.layout.of(group.operands)
        order = node_order([table[:, 1], table[:, 0]])
        table = table[order]
        out = self.layout.place(np.array(group.members)[order])
        index = self.layout.read(table[:, 0])
        self.plan.steps.append(Take(out, index, table[:, 1:]))
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

    def _lift_rows(self, group: Group, operation: Primitive) -> View:
        table = self.layout.of(group.operands)
        ascending = np.sort(table, axis=1)
        order = node_order(list(ascending.T[: 2 if len(table) > 1 else 1]))
        nodes = np.array(group.members)[order]
        whole = self._row_view(ascending[order])
        parts = list(runs(group.sources)) if group.sources else []
        if whole is None and operation.joins and is_worth(parts, table.size):
            pieces = [np.sort(table[order, part], axis=1) for part in parts]
            out = self.layout.place(nodes, self._shape([piece[:, 0] for piece in pieces]))
            self._join(operation.joins, operation, out, pieces)
            return out
        if whole is None:
            whole = self.layout.gather(ascending[order])
        out = self.layout.place(nodes, whole.shape[: axes_of(whole.shape, len(table))])
        self.plan.steps.append(Reduce(operation, out, whole))
        return out

    def _join(
        self, join: Primitive, operation: Primitive, out: View, parts: Sequence[Positions]
    ) -> None:
        """Reduce each part of the rows, and join the results pairwise."""
        views = []
        for part in parts:
            if part.shape[1] == 1:
                views.append(self.layout.read(part.reshape(out.shape), False))
                continue
            operand = self._row_view(part) or self.layout.gather(part)
            temporary = self.layout.temporary(operand.shape[: axes_of(operand.shape, len(part))])
            self.plan.steps.append(Reduce(operation, temporary, operand))
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
