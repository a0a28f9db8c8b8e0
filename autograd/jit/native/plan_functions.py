"""Functions: the steps of a plan, written and compiled.

An operation without a formula, such as a user-defined one, is computed between two functions of
machine code: by its value rule, or on arrays by NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import (
    Apply,
    Check,
    Gather,
    Plan,
    Product,
    Ragged,
    Reduce,
    Scalars,
    Take,
)
from autograd.jit.arrays.views import Numbers, Positions
from autograd.jit.native.elementwise import apply, copy, gather
from autograd.jit.native.formulas import NATIVE
from autograd.jit.native.function_writer import Writer
from autograd.jit.native.hurried import Hurried
from autograd.jit.native.indexes import check, take
from autograd.jit.native.matmul import product
from autograd.jit.native.repeating import Repetition
from autograd.jit.native.row_reductions import ragged, reduce
from autograd.jit.native.scalars import has_formula, scalars
from autograd.jit.native.target import Function, registers
from autograd.jit.native.unrolling import unroll
from autograd.jit.tuning import (
    EXPECTED_CALLS,
    FEW_ARRAYS,
    LINES_OF_FUNCTION,
    QUICK_RUNS,
    SINGLES_OF_FUNCTION,
)

_WRITE: dict[type[Any], Callable[[Writer, Any], None]] = {
    Apply: apply,
    Reduce: reduce,
    Ragged: ragged,
    Take: take,
    Product: product,
    Gather: gather,
    Check: check,
}
"""What writes each kind of step."""


class Functions:
    """The code of a plan.

    Attributes:
        plan: the plan.
        start: where in the buffer the outputs lie side by side.
        size: how many numbers the buffer holds.
        parts: what a run does: functions of machine code, by name, and steps that Python does.
        tables: whole numbers that the code reads.
        table_cell: the place in the buffer of their address, if there are any.
        code: the functions; faster ones pay sooner for array operations.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan = unroll(plan)
        writer = Writer(plan, *registers())
        self.parts: list[str | Scalars | Apply] = []
        for step in plan.steps:
            if isinstance(step, Scalars):
                self._write_scalars(writer, step)
            elif isinstance(step, Apply) and step.operation not in NATIVE:
                read = [x.positions().reshape(-1) for x in step.operands]
                self._leave_out(writer, step, np.concatenate(read), step.out.positions())
            else:
                _WRITE[type(step)](writer, step)
                if len(writer.code.lines) > LINES_OF_FUNCTION:
                    writer.end_part()
        outputs = np.array(plan.outputs, np.int64)
        self.start = writer.room(len(outputs))
        copy(writer, outputs, self.start, writer.looks.must(outputs))
        self._end(writer)
        self.size = writer.size
        self.tables = np.concatenate([np.empty(0, np.int64), *writer.tables])
        self.table_cell = writer.table_cell
        arrays = sum(not isinstance(step, Scalars) for step in plan.steps)
        runs = QUICK_RUNS if arrays > FEW_ARRAYS else EXPECTED_CALLS
        self.code = Hurried(writer.module(), writer.calls(), runs)

    def function(self, name: str, buffer: Numbers) -> Function:
        """A function for a buffer, which keeps alive all that it reads."""
        return self.code.library.function(name, buffer, self.tables)

    def repeat(self, repetition: Repetition, buffer: Numbers) -> int:
        """Run many times, on a buffer; how many runs were made."""
        names = [part for part in self.parts if isinstance(part, str)]
        if len(names) < len(self.parts):
            return 0
        self.code.count(len(repetition.rows))
        return repetition.run(self.code.library, names, buffer, self.start)

    def _write_scalars(self, writer: Writer, step: Scalars) -> None:
        for has, group in groupby(step.entries, lambda entry: has_formula(entry[0])):
            entries = list(group)
            for start in range(0, len(entries) if has else 0, SINGLES_OF_FUNCTION):
                scalars(writer, entries[start : start + SINGLES_OF_FUNCTION])
                writer.end_part()
            if not has:
                read = np.array([i for _, _, operands in entries for i in operands], np.int64)
                made = np.array([out for _, out, _ in entries], np.int64)
                self._leave_out(writer, Scalars(entries), read, made)

    def _leave_out(
        self, writer: Writer, step: Scalars | Apply, read: Positions, made: Positions
    ) -> None:
        """Leave a step to Python, which reads some numbers and makes others, all of them finite."""
        writer.looks.all_at(read)
        self._end(writer)
        self.parts.append(step)
        writer.looks.calm(made)

    def _end(self, writer: Writer) -> None:
        name = writer.end()
        if name is not None:
            self.parts.append(name)
