"""Finiteness analysis: how a run notices an infinite or NaN number, at the least cost.

Sums and products propagate such a number to the outputs. Only an operation that gives a finite
result for it can hide it (it *sanitises*), as `1 / x`, `exp(x)` and `max(x, 0)` do. So the operands
of these are checked, each number once, and the outputs. Nothing else has to be.

A check (a *look*) multiplies a number by 0, which gives zero for a finite one and NaN for others;
the bits of all these products are combined by `or`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import Plan, reads
from autograd.jit.arrays.views import Positions
from autograd.jit.native.code import Code
from autograd.jit.native.loops import strips
from autograd.jit.native.simd import Lanes, lanes, load
from autograd.primitives.definition import Primitive

NOT_FINITE, NOT_GUARDED, NOT_WHOLE, NOT_INSIDE = 1, 2, 4, 8
"""What a run may find, as bits of what it returns."""

_EXPONENT = 0x7FF0000000000000
"""The bits of a float that are all set if it is infinite or NaN, and all clear if it is zero."""


class Findings:
    """What a function finds, as code: numbers that are not finite, conditions that do not hold."""

    def begin(self, code: Code) -> None:
        """Go on in another function."""
        self._code = code
        self._bits: dict[int, str] = {}
        self._status = ""

    def at(self, x: Lanes) -> None:
        """Write a check of numbers."""
        kind = lanes(x.width, "i64")
        if x.width not in self._bits:
            zero = "0" if x.width == 1 else "zeroinitializer"
            self._bits[x.width] = self._code.slot(kind, zero, for_all=True)
        self._gather(self._bits[x.width], kind, (x * 0.0).bits())

    def report(self, condition: str, bit: int) -> None:
        """Write that a bit of the status is set where a condition holds."""
        self._status = self._status or self._code.slot("i64", "0", for_all=True)
        found = self._code.value(f"select i1 {condition}, i64 {bit}, i64 0")
        self._gather(self._status, "i64", found)

    def _gather(self, slot: str, kind: str, bits: str) -> None:
        before = self._code.value(f"load {kind}, ptr {slot}")
        after = self._code.value(f"or {kind} {before}, {bits}")
        self._code.lines.append(f"  store {kind} {after}, ptr {slot}")

    def status(self) -> str:
        """Write what the function returns: what it has found."""
        code = self._code
        status = code.value(f"load i64, ptr {self._status}") if self._status else "0"
        for width, slot in self._bits.items():
            kind = lanes(width, "i64")
            bits = code.value(f"load {kind}, ptr {slot}")
            if width > 1:
                function = f"llvm.vector.reduce.or.v{width}i64"
                code.functions[function] = f"i64 @{function}({kind})"
                bits = code.value(f"call i64 @{function}({kind} {bits})")
            exponent = code.value(f"and i64 {bits}, {_EXPONENT}")
            found = code.value(f"icmp ne i64 {exponent}, 0")
            status = code.value(f"or i64 {status}, {code.value(f'zext i1 {found} to i64')}")
        return status


class Looks(Findings):
    """What is known of the numbers of a plan while its code is written.

    A number is *calm* if it is known to be finite, or has been checked. Invariant: a number that is
    not finite is reported by a check, or reaches a later step or an output, which will be checked.

    Attributes:
        reads: how often each number is read, by steps and as an output; `reads_at` one by one.
    """

    def __init__(self, plan: Plan, width: int) -> None:
        self._width = width
        self.begin(Code())
        self._calm = np.zeros(plan.size, np.bool_)
        self.reads = np.zeros(plan.size, np.int64)
        for start, numbers in plan.literals:
            self._calm[start : start + len(numbers)] = True
        for positions in [np.array(plan.outputs, np.int64), *chain(*map(reads, plan.steps))]:
            np.add.at(self.reads, positions, 1)
        # The same numbers, one by one faster than in the arrays.
        self._calm_at: Any = memoryview(self._calm)  # type: ignore[arg-type]
        self.reads_at: Any = memoryview(self.reads)  # type: ignore[arg-type]

    # What has to be checked

    def must(self, positions: Positions) -> bool:
        """Whether some of these numbers are not calm; from now on they are."""
        found = not self._calm[positions].all()
        self._calm[positions] = True
        return bool(found)

    def before(self, operation: Primitive, positions: Positions) -> bool:
        """Whether an operation has to check these operands."""
        return "propagates" not in operation.facts and self.must(positions)

    def after(self, operation: Primitive, made: Positions, operands: Sequence[Positions]) -> bool:
        """Whether it has to check its result, since nothing else will."""
        if "finite" in operation.facts and all(self._calm[x].all() for x in operands):
            self._calm[made] = True
        return len(self.unread(made.reshape(-1))) > 0 and self.must(made)

    def before_one(self, operation: Primitive, position: int) -> bool:
        """`before` for one operand."""
        if "propagates" in operation.facts or self._calm_at[position]:
            return False
        self._calm_at[position] = True
        return True

    def after_one(self, operation: Primitive, made: int, operands: Sequence[int]) -> bool:
        """`after` for one result."""
        calm = self._calm_at
        if "finite" in operation.facts and all(calm[i] for i in operands):
            calm[made] = True
        if self.reads_at[made] or calm[made]:
            return False
        calm[made] = True
        return True

    def unread(self, made: Positions) -> Positions:
        """Those of some numbers that nobody reads."""
        found: Positions = made[self.reads[made] == 0]
        return found

    def calm(self, positions: Positions) -> None:
        """Note that these numbers are finite."""
        self._calm[positions] = True

    def moved(self, to: Positions, origin: Positions) -> None:
        """Note that numbers are copied."""
        self._calm[to] = self._calm[origin]

    def all_before(self, operation: Primitive, positions: Positions) -> None:
        """Write a check of operands in the buffer, if an operation has to check them."""
        if "propagates" not in operation.facts:
            self.all_at(positions)

    def all_at(self, positions: Positions) -> None:
        """Write a check of those numbers in the buffer that are not calm."""
        which = np.unique(positions[~self._calm[positions]])
        self._calm[which] = True
        for start, length in stretches(which):
            for at, width in strips(self._code, length, self._width):
                self.at(load(self._code, self._code.plus(str(start), at), width))


def stretches(index: Positions) -> list[tuple[int, int]]:
    """The stretches of positions one after the other: where each starts, and how long it is.

    >>> stretches(np.array([4, 5, 6, 2, 3]))
    [(4, 3), (2, 2)]
    """
    first = np.flatnonzero(np.diff(index, prepend=-2) != 1)
    lengths = np.diff(first, append=len(index))
    return list(zip(index[first].tolist(), lengths.tolist(), strict=True))
