"""Lowering to NumPy: a plan bound to a buffer, ready to run.

Binding makes every view, index and scratch array once. A run copies the inputs into the buffer,
makes the calls, which all write in place, and copies the outputs: nothing else is allocated.

A run relies on all numbers being finite, and checks that: inputs are checked, and NumPy raises
where a result would be infinite or NaN. So no operation meets an infinity that its value rule would
refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite
from operator import mul
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
    Step,
    Take,
)
from autograd.jit.arrays.executor import PlanLowered
from autograd.jit.arrays.kernels import KERNELS, TOLD, Call
from autograd.jit.arrays.lift import lift
from autograd.jit.arrays.reduction_kernels import (
    REDUCTIONS,
    finite_check,
    product,
    ragged,
    signs_of_products,
    signs_of_sums,
    take,
    zero_check,
)
from autograd.jit.arrays.views import Numbers, Positions, View
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.stages import timed
from autograd.jit.tuning import TAKEN_A_STRETCH
from autograd.modes import pause_gc
from autograd.primitives import TABLE


class _Machine:
    """A plan bound to its buffer."""

    def __init__(self, plan: Plan) -> None:
        buffer = np.zeros(plan.size)
        for start, numbers in plan.literals:
            buffer[start : start + len(numbers)] = numbers
        self._inputs = buffer[: plan.inputs]
        self._check = finite_check(self._inputs, "an input")
        self._outputs = _bind_outputs(np.array(plan.outputs, np.intp), buffer)
        self.calls = [call for step in plan.steps for call in _bind(step, buffer, plan.told)]

    def run(self, parts: Sequence[Sequence[float] | Numbers]) -> Numbers:
        start = 0
        for part in parts:
            self._inputs[start : start + len(part)] = part
            start += len(part)
        if start != len(self._inputs):
            raise TypeError(f"expected {len(self._inputs)} inputs, got {start}")
        with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
            self._check()
            for call in self.calls:
                call()
        found: Numbers = self._outputs()
        return found


def _bind_outputs(index: Positions, buffer: Numbers) -> Call:
    """The call that copies the outputs: spans of the buffer, if they are long."""
    starts = np.flatnonzero(np.diff(index, prepend=-1) != 1)
    if not 0 < len(starts) * TAKEN_A_STRETCH < len(index):
        return partial(buffer.take, index)
    stops = [*starts[1:].tolist(), len(index)]
    pieces = [buffer[index[i] : index[i] + j - i] for i, j in zip(starts, stops, strict=True)]
    return partial(np.concatenate, pieces)


def _bind(step: Step, buffer: Numbers, told: dict[int, str]) -> list[Call]:
    """The calls of a step, and those that correct the signs of its zeros where they matter."""
    found = _BIND[type(step)](step, buffer)
    if isinstance(step, Scalars | Check) or step.out.start not in told:
        return found
    out = step.out.on(buffer)
    if told[step.out.start] in ("max", "min"):
        operands = step.operands if isinstance(step, Apply) else [x for x in [_operand(step)] if x]
        return [*found, zero_check(out, [x.on(buffer) for x in operands])]
    if isinstance(step, Apply) and step.name in TOLD:
        return TOLD[step.name](out, *[x.on(buffer) for x in step.operands])
    if isinstance(step, Product):
        right = step.right.on(buffer)
        return [*found, signs_of_products(out, step.left.on(buffer), right)]
    if isinstance(step, Reduce) and step.name == "sum":
        return [*found, signs_of_sums(out, step.operand.on(buffer))]
    return found


def _operand(step: Step) -> View | None:
    """The numbers that a reduction reads."""
    return step.operand if isinstance(step, Reduce | Ragged) else None


def _chain_sum(*xs: float) -> float:
    return sum(xs, -0.0)


def _chain_dot(*ab: float) -> float:
    half = len(ab) // 2
    return sum(map(mul, ab[:half], ab[half:]), -0.0)


_GATHERED: dict[Callable[..., float], Callable[..., float]] = {
    TABLE["sum"].value: _chain_sum,
    TABLE["dot"].value: _chain_dot,
}
"""The value rules of sums that do not start from 0.0, as those of a gathered program."""


def bind_scalars(step: Scalars, buffer: Numbers) -> list[Call]:
    """The call that computes single numbers by their value rules.

    It reads and writes plain floats, several times as fast as the array does.
    """
    cells: Any = memoryview(buffer)  # type: ignore[arg-type]
    entries = [
        (_GATHERED.get(rule, rule), out, operands) for _, rule, out, operands in step.entries
    ]

    def compute() -> None:
        for rule, out, operands in entries:
            number = rule(*[cells[i] for i in operands])
            if not isfinite(number):
                raise FloatingPointError("a number is not finite")
            cells[out] = number

    return [compute]


def _bind_check(step: Check, buffer: Numbers) -> list[Call]:
    found, required = np.empty(len(step.index)), np.array(step.required)
    flags = bytearray(len(step.index))  # searched for a 0 faster than an array is
    holds = np.frombuffer(flags, np.bool_)

    def check() -> None:
        buffer.take(step.index, None, found, "clip")
        np.not_equal(found, 0.0, holds)
        np.equal(holds, required, holds)
        if 0 in flags:
            raise GuardFailure("a guard failed: a condition differs from the trace")

    return [check]


_BIND: dict[type[Any], Callable[[Any, Numbers], list[Call]]] = {
    Apply: lambda step, buffer: KERNELS[step.name](
        step.out.on(buffer), *[x.on(buffer) for x in step.operands]
    ),
    Reduce: lambda step, buffer: REDUCTIONS[step.name](
        step.out.on(buffer), step.operand.on(buffer)
    ),
    Ragged: lambda step, buffer: ragged(
        step.name, step.out.on(buffer), step.operand.on(buffer), step.starts
    ),
    Take: lambda step, buffer: take(step.out.on(buffer), step.index.on(buffer), step.table, buffer),
    Product: lambda step, buffer: product(
        step.out.on(buffer), step.left.on(buffer), step.right.on(buffer)
    ),
    Gather: lambda step, buffer: [
        partial(buffer.take, step.index, None, step.out.on(buffer), "clip")
    ],
    Scalars: bind_scalars,
    Check: _bind_check,
}


def lower(program: Program) -> PlanLowered:
    """Compile a program to NumPy calls.

    Raises:
        ValueError: a constant is infinite or NaN.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(3)]
    >>> program.outputs += [program.apply(TABLE["mul"], x, x) for x in xs]
    >>> lower(program).run([1.0, 2.0, 3.0])
    [1.0, 4.0, 9.0]
    """
    seconds: dict[str, float] = {}
    with pause_gc(), timed(seconds, "lift"):
        plan = lift(program)
    return PlanLowered(plan, partial(_Machine, plan), seconds)
