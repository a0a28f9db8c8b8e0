"""Lowering to NumPy: a plan bound to a buffer, ready to run.

Binding makes every view, index and scratch array once. A run copies the inputs into the buffer,
makes the calls, which all write in place, and takes the outputs out: no array is allocated on the
way.

A run relies on all numbers being finite, and sees to it: inputs are checked, and NumPy raises where
a result would be infinite or NaN. So an operation that would go on silently with infinity where the
value rule raises never meets one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from math import isfinite
from typing import Any

import numpy as np

from autograd.jit.arrays.bounds import LIMIT, Bounded, find_bounded
from autograd.jit.arrays.kernels import KERNELS, Call
from autograd.jit.arrays.lift import lift
from autograd.jit.arrays.placement import placed
from autograd.jit.arrays.plan import (
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
from autograd.jit.arrays.reductions import (
    REDUCTIONS,
    bounded_product,
    bounded_sum,
    finite_check,
    product,
    ragged,
    take,
)
from autograd.jit.arrays.source import render
from autograd.jit.arrays.views import Numbers, Positions
from autograd.jit.programs.program import GuardFailure, Program
from autograd.modes import pause_gc

_WORTH_A_STRETCH = 200
"""As many numbers are taken one by one in the time in which a stretch of them is copied."""


class NumpyLowered:
    """A program as NumPy calls.

    It may be run by several threads at once, each with a buffer of its own.
    """

    def __init__(self, program: Program) -> None:
        with pause_gc():
            self.plan = lift(program)
            self._placed = placed(self.plan)
            self._bounded = find_bounded(self._placed)
        self._idle: deque[_Machine] = deque([_Machine(self._placed, self._bounded)])
        self.stats = _statistics(self._placed, self._idle[0], len(program))

    @cached_property
    def source(self) -> str:
        """The plan as a Python function: the same steps that a run makes, written for a reader."""
        return render(self.plan).text

    def run(self, numbers: Sequence[float] | Numbers) -> list[float]:
        """The outputs for these inputs.

        Args:
            numbers: one for each input, in order: a list, or an array of float64.

        Raises:
            GuardFailure: a guard does not hold.
            FloatingPointError, ArithmeticError, ValueError: a number cannot be computed normally.
        """
        found: list[float] = self.run_parts(numbers).tolist()
        return found

    def run_parts(self, *parts: Sequence[float] | Numbers) -> Numbers:
        """As `run`, with the inputs in several pieces, and the outputs as an array."""
        try:
            machine = self._idle.pop()
        except IndexError:  # all are running
            machine = _Machine(self._placed, self._bounded)
        try:
            return machine.run(parts)
        finally:
            self._idle.append(machine)


class _Machine:
    """A plan bound to a buffer of its own."""

    def __init__(self, plan: Plan, bounded: Bounded) -> None:
        buffer = np.zeros(plan.size)
        for start, numbers in plan.literals:
            buffer[start : start + len(numbers)] = numbers
        self._inputs = buffer[: plan.inputs]
        self._check = finite_check(self._inputs, "an input")
        self._outputs = _bind_outputs(np.array(plan.outputs, np.intp), buffer)
        self._fast: list[Call] = []
        self.calls: list[Call] = []
        for place, step in enumerate(plan.steps):
            calls = _BIND[type(step)](step, buffer)
            self.calls += calls
            self._fast += [_look(view.on(buffer)) for view in bounded.looks.get(place, ())]
            is_bounded = place in bounded.steps
            self._fast += _BIND_BOUNDED[type(step)](step, buffer) if is_bounded else calls
        self._has_bounds = plan.inputs > 0 and bounded.is_worth_a_look(plan)

    def run(self, parts: Sequence[Sequence[float] | Numbers]) -> Numbers:
        start = 0
        for part in parts:
            self._inputs[start : start + len(part)] = part
            start += len(part)
        if start != len(self._inputs):
            raise TypeError(f"expected {len(self._inputs)} inputs, got {start}")
        with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
            if not (self._has_bounds and self._is_done_fast()):
                self._check()
                for call in self.calls:
                    call()
        found: Numbers = self._outputs()
        return found

    def _is_done_fast(self) -> bool:
        """Make the calls for numbers that keep to their bounds; whether they do."""
        if not _keeps_to_limit(self._inputs):
            return False
        try:
            for call in self._fast:
                call()
        except _OutOfBoundsError:
            return False
        return True


class _OutOfBoundsError(Exception):
    """A number that was looked at is beyond its bound."""


def _keeps_to_limit(x: Numbers) -> bool:
    """Whether no number is beyond its bound: the sum of squares is larger than each."""
    try:
        return bool(x.dot(x) <= LIMIT**2)
    except FloatingPointError:  # there are releases of NumPy where `dot` raises
        return False


def _look(x: Numbers) -> Call:
    def look() -> None:
        if not _keeps_to_limit(x):
            raise _OutOfBoundsError

    return look


def _bind_outputs(index: Positions, buffer: Numbers) -> Call:
    """The call that takes the outputs out: stretches of the buffer, if they are long."""
    starts = np.flatnonzero(np.diff(index, prepend=-1) != 1)
    if not 0 < len(starts) * _WORTH_A_STRETCH < len(index):
        return partial(buffer.take, index)
    stops = [*starts[1:].tolist(), len(index)]
    pieces = [buffer[index[i] : index[i] + j - i] for i, j in zip(starts, stops, strict=True)]
    return partial(np.concatenate, pieces)


def _bind_scalars(step: Scalars, buffer: Numbers) -> list[Call]:
    # Reads and writes plain floats, several times as fast as the array does.
    cells: Any = memoryview(buffer)  # type: ignore[arg-type]
    entries = [(rule, out, operands) for _, rule, out, operands in step.entries]

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
            raise GuardFailure("a condition came out otherwise than when the function was traced")

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
    Scalars: _bind_scalars,
    Check: _bind_check,
}


_BIND_BOUNDED: dict[type[Any], Callable[[Any, Numbers], list[Call]]] = {
    Product: lambda step, buffer: bounded_product(
        step.out.on(buffer), step.left.on(buffer), step.right.on(buffer)
    ),
    Reduce: lambda step, buffer: bounded_sum(step.out.on(buffer), step.operand.on(buffer)),
}


def _statistics(plan: Plan, machine: _Machine, nodes: int) -> dict[str, int]:
    def count(kind: type[Step]) -> int:
        return sum(isinstance(step, kind) for step in plan.steps)

    scalars = sum(len(step.entries) for step in plan.steps if isinstance(step, Scalars))
    return {
        "nodes": nodes,
        "groups": len(plan.variables),
        "calls": len(machine.calls),
        "products": count(Product),
        "gathers": count(Gather),
        "scalars": scalars,
        "numbers": plan.size,
    }


def lower(program: Program) -> NumpyLowered:
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
    return NumpyLowered(program)
