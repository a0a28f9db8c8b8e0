"""Lowering to NumPy: a plan bound to a buffer, ready to run.

Binding makes every view, index and scratch array once, and writes the calls of all steps as one
function (`source`). A run copies the inputs into the buffer and calls that; it writes in place, and
copies the outputs: nothing else is allocated.

A run relies on all numbers being finite, and checks that: inputs are checked, and NumPy raises
where a result would be infinite or NaN. So no operation meets an infinity that its value rule would
refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import mul
from typing import Any, TypeAlias, cast

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
from autograd.jit.arrays.executor import Machine, PlanLowered
from autograd.jit.arrays.kernels import NUMPY, Call
from autograd.jit.arrays.lift import EXTREMES, lift
from autograd.jit.arrays.reduction_kernels import (
    check_signs,
    finite_check,
    guard,
    product,
    ragged,
    signs_of_products,
    take,
)
from autograd.jit.arrays.source import Writer, printed
from autograd.jit.arrays.views import Numbers, Positions, View, fixed
from autograd.jit.generated import define
from autograd.jit.programs.program import Program
from autograd.jit.stages import timed
from autograd.jit.tuning import TAKEN_A_STRETCH
from autograd.modes import pause_gc
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

ArrayStep: TypeAlias = Apply | Reduce | Ragged | Take | Product | Gather


class NumpyMachine(Machine):
    """A plan bound to a buffer.

    Attributes:
        function: computes the outputs from the inputs in the buffer; its text is that of `source`.
    """

    def __init__(self, plan: Plan) -> None:
        buffer = np.zeros(plan.size)
        for start, numbers in plan.literals:
            buffer[start : start + len(numbers)] = numbers
        super().__init__(buffer[: plan.inputs], buffer)
        writer = Writer(plan, buffer)
        writer.write("check", [finite_check(self.inputs, "an input")])
        for step in plan.steps:
            if isinstance(step, Scalars):
                writer.write_scalars(step, GATHERED)
            elif isinstance(step, Check):
                required = fixed(np.array(step.required))
                writer.write("guard", guard(fixed(step.index), required, buffer))
            else:
                operation = getattr(step, "operation", None)
                name = operation.name if operation else type(step).__name__.lower()
                writer.write(name, _bind(step, buffer, plan.told), step.out)
        index = fixed(np.array(plan.outputs, np.intp))
        self._text = writer.finish(_bind_outputs(index, buffer), index)
        self._notes = writer.notes
        self.function = define(self._text, writer.namespace)

    @property
    def source(self) -> str:
        """The text of the function, below lines that say what its names are."""
        return printed(self._text, self.function.__globals__, self._notes)

    def compute(self) -> Numbers:
        """The outputs for the inputs in the buffer, in a new array."""
        found: Numbers = self.function()
        return found


def _bind_outputs(index: Positions, buffer: Numbers) -> Call:
    """The call that copies the outputs: spans of the buffer, if they are long."""
    starts = np.flatnonzero(np.diff(index, prepend=-1) != 1)
    if not 0 < len(starts) * TAKEN_A_STRETCH < len(index):
        return partial(buffer.take, index)
    stops = [*starts[1:].tolist(), len(index)]
    pieces = [buffer[index[i] : index[i] + j - i] for i, j in zip(starts, stops, strict=True)]
    return partial(np.concatenate, pieces)


def _bind(step: ArrayStep, buffer: Numbers, told: dict[int, Primitive]) -> list[Call]:
    """The calls of a step, and those that correct the signs of its zeros where they matter."""
    out, operation = step.out.on(buffer), told.get(step.out.start)
    operands = [x.on(buffer) for x in _operands(step)]
    if isinstance(step, Apply | Reduce):
        kernel, signed, _ = NUMPY[step.operation]
        is_signed = operation is not None and operation not in EXTREMES
        found = (signed if signed and is_signed else kernel)(out, *operands)
    else:
        found = _BIND[type(step)](step, buffer)
    if operation in EXTREMES:
        found.append(partial(check_signs, out, operands))
    elif operation is not None and isinstance(step, Product):
        left, right = step.left.on(buffer), step.right.on(buffer)
        found.append(partial(signs_of_products, out, left, right))
    return found


def _operands(step: ArrayStep) -> tuple[View, ...]:
    """The numbers that an operation reads."""
    if isinstance(step, Apply):
        return step.operands
    return (step.operand,) if isinstance(step, Reduce | Ragged) else ()


def _chain_sum(*xs: float) -> float:
    return sum(xs, -0.0)


def _chain_dot(*ab: float) -> float:
    half = len(ab) // 2
    return sum(map(mul, ab[:half], ab[half:]), -0.0)


GATHERED: dict[Primitive, Callable[..., float]] = {
    TABLE["sum"]: _chain_sum,
    TABLE["dot"]: _chain_dot,
}
"""The value rules of sums that do not start from 0.0, as those of a gathered program."""


_BIND: dict[type[Any], Callable[[Any, Numbers], list[Call]]] = {
    Ragged: lambda step, buffer: ragged(
        NUMPY[step.operation].spans, step.out.on(buffer), step.operand.on(buffer), step.starts
    ),
    Take: lambda step, buffer: take(step.out.on(buffer), step.index.on(buffer), step.table, buffer),
    Product: lambda step, buffer: product(
        step.out.on(buffer), step.left.on(buffer), step.right.on(buffer)
    ),
    Gather: lambda step, buffer: [
        partial(buffer.take, fixed(step.index), None, step.out.on(buffer), "clip")
    ],
}


class NumpyLowered(PlanLowered):
    """A program that NumPy runs."""

    backend = "numpy"

    def __init__(self, plan: Plan, seconds: dict[str, float]) -> None:
        super().__init__(plan, partial(NumpyMachine, plan), seconds)
        self._first = cast(NumpyMachine, self.idle[0])

    @property
    def source(self) -> str:
        """The function that runs."""
        return self._first.source


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
    seconds: dict[str, float] = {}
    with pause_gc(), timed(seconds, "lift"):
        plan = lift(program)
    return lower_plan(program, plan, seconds)


def lower_plan(program: Program, plan: Plan, seconds: dict[str, float]) -> NumpyLowered:
    """Bind the plan of a program; the seconds are those of the stages before."""
    return NumpyLowered(plan, seconds)
