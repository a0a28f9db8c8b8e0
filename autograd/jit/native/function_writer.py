"""The writer: what the code of all steps of a plan shares.

Long code becomes several functions, and one that calls them: the time that LLVM takes for a block
of instructions grows with the square of their number.
"""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import Apply, Plan, Ragged, Reduce
from autograd.jit.arrays.lift import EXTREMES
from autograd.jit.arrays.views import Numbers, Positions, View
from autograd.jit.native.code import Code, Index
from autograd.jit.native.finiteness import Looks
from autograd.jit.native.simd import Lanes, load, splat


class Writer:
    """Functions that are being written, and the buffer that they work on.

    Args:
        plan: what is written.
        width: how many numbers a register of the processor holds.
        registers: how many registers it has.

    Attributes:
        code: the instructions of the function so far.
        looks: what has been looked at.
        size: how many numbers the buffer holds: those of the plan, and scratch.
        tables: whole numbers that the code reads, one array after the other.
        table_cell: the place in the buffer of their address, which a machine puts there, so that
            the code is the same wherever they are.
    """

    def __init__(self, plan: Plan, width: int, registers: int) -> None:
        self.width = width
        self.registers = registers
        self.size = plan.size
        self.tables: list[Positions] = []
        self.table_cell: int | None = None
        self._literals: Numbers = np.full(plan.size, np.nan)
        for start, numbers in plan.literals:
            self._literals[start : start + len(numbers)] = numbers
        self._literal_at: Any = memoryview(self._literals)  # type: ignore[arg-type]
        self.code = Code()
        self._told = plan.told
        self.looks = Looks(plan, width)
        self.looks.begin(self.code)
        self._texts: list[str] = []
        self._parts: list[str] = []
        self._declared: dict[str, str] = {}
        self._helpers: dict[str, str] = {}

    def tells_zeros(self, step: Apply | Reduce | Ragged) -> bool:
        """Whether a zero among its results must be the first of several: such a run does not count.

        The largest of numbers in another order may be the other of two zeros.
        """
        return self._told.get(step.out.start) in EXTREMES

    def end_part(self) -> None:
        """Go on in another function."""
        if not self.code.lines:
            return
        status, code = self.looks.status(), self.code
        name = f"part{len(self._texts)}"
        head = f"define internal i64 @{name}(ptr noalias %numbers) {{"
        lines = [head, *code.slots, *code.lines, f"  ret i64 {status}", "}"]
        self._texts.append("\n".join(lines))
        self._parts.append(name)
        self._declared |= code.functions
        self._helpers |= code.helpers
        self.code = Code()
        self.looks.begin(self.code)

    def end(self) -> str | None:
        """End a function that does all that has been written since the last one.

        It stops where something has been found.

        Returns:
            Its name, or None if nothing has been written.
        """
        self.end_part()
        if not self._parts:
            return None
        name = f"run{len(self._texts)}"
        lines = [f"define i64 @{name}(ptr noalias %numbers) {{"]
        for part in self._parts:
            lines += [
                f"  %{part} = call i64 @{part}(ptr %numbers)",
                f"  %{part}.found = icmp ne i64 %{part}, 0",
                f"  br i1 %{part}.found, label %{part}.stop, label %{part}.next",
                f"{part}.stop:",
                f"  ret i64 %{part}",
                f"{part}.next:",
            ]
        self._texts.append("\n".join([*lines, "  ret i64 0", "}"]))
        self._parts.clear()
        return name

    def module(self) -> str:
        """All functions that have been ended."""
        declared = [f"declare {text}" for text in self._declared.values()]
        functions = [*self._helpers.values(), *self._texts]
        return "\n\n".join(["\n".join(declared), *functions, "!0 = !{}"])

    def calls(self) -> frozenset[str]:
        """The functions of the C library that they call."""
        return frozenset(name for name in self._declared if not name.startswith("llvm."))

    def room(self, count: int) -> int:
        """Reserve scratch for N numbers; returns its start."""
        start = -(-self.size // self.width) * self.width
        self.size = start + count
        return start

    def constant(self, view: View) -> float | None:
        """The number that a view shows everywhere, if that is a constant."""
        axes = zip(view.shape, view.strides, strict=True)
        number = float(self._literals[view.start]) if view.start < len(self._literals) else np.nan
        return None if number != number or any(s for n, s in axes if n > 1) else number

    def number(self, position: int) -> Lanes:
        """A number of the buffer."""
        constant = self._literal_at[position] if position < len(self._literal_at) else nan
        if constant == constant:
            return splat(self.code, constant)
        return load(self.code, str(position))

    def table(self, indexes: Positions) -> str:
        """The address of an array of whole numbers."""
        if self.table_cell is None:
            self.table_cell = self.room(1)
        start = sum(map(len, self.tables))
        self.tables.append(np.ravel(indexes).astype(np.int64))
        cell = self.code.address(str(self.table_cell))
        tables = self.code.value(f"load ptr, ptr {cell}, !invariant.load !0")
        return self.code.address(str(start), tables, "i64")

    def entry(self, table: str, place: Index) -> Index:
        """A whole number of such an array."""
        at = self.code.address(place, table, "i64")
        return self.code.value(f"load i64, ptr {at}, !invariant.load !0")
