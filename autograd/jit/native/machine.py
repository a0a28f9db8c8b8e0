"""The machine: functions of machine code bound to a buffer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import Apply, Scalars
from autograd.jit.arrays.executor import Machine
from autograd.jit.arrays.kernels import NUMPY, Call
from autograd.jit.arrays.lower_numpy import GATHERED
from autograd.jit.arrays.source import checked
from autograd.jit.arrays.views import Numbers
from autograd.jit.native.finiteness import NOT_GUARDED, NOT_INSIDE, NOT_WHOLE
from autograd.jit.native.object_calls import Shape, object_call
from autograd.jit.native.plan_functions import Functions
from autograd.jit.native.repeating import Repetition
from autograd.jit.programs.program import GuardFailure

ALIGNED = 8
"""The alignment of a buffer, in numbers."""


class NativeMachine(Machine):
    """Functions bound to one buffer.

    Attributes:
        work: computes the outputs from the inputs that are in the buffer.
    """

    __slots__ = ("_buffer", "_functions", "_outputs", "work")

    def __init__(self, functions: Functions) -> None:
        plan, start = functions.plan, functions.start
        buffer = aligned(functions.size, plan.literals)
        if functions.table_cell is not None:
            buffer.view(np.int64)[functions.table_cell] = functions.tables.ctypes.data
        super().__init__(buffer[: plan.inputs], buffer)
        self._buffer = buffer
        self._functions = functions
        self._outputs = buffer[start : start + len(plan.outputs)]
        self.work = _work(functions, buffer)
        if functions.code.library.is_quick:
            self.work = self._counted(functions, self.work)

    def _counted(self, functions: Functions, quick: Call) -> Call:
        """The call, which makes way for faster code when that is there."""

        def work() -> None:
            quick()
            if functions.code.count():
                self.work = _work(functions, self._buffer)

        return work

    def compute(self) -> Numbers:
        """The outputs for the inputs in the buffer, where the next run writes its own."""
        self.work()
        return self._outputs

    def object_call(self, makes: str, shapes: Sequence[Shape]) -> Callable[..., Any]:
        """A function of Python's objects, to which this machine belongs from now on.

        Args:
            makes: what it makes, as `object_calls` says.
            shapes: of the arguments.

        Raises:
            RuntimeError: functions of this Python are not to be found.
        """
        functions, buffer = self._functions, self._buffer
        code = functions.code.library  # another thread may put a faster one in its place
        run, kept = code.address(str(functions.parts[0])), (code.life, functions.tables)
        outputs = len(self._outputs)
        return object_call(makes, run, buffer, shapes, outputs, functions.start, *kept)

    def repeat(self, inputs: Numbers, repetition: Repetition) -> int:
        """Run many times, these being the inputs of the first; how many runs were made."""
        self.put([inputs])
        return self._functions.repeat(repetition, self._buffer)


def aligned(size: int, literals: Iterable[tuple[int, Any]]) -> Numbers:
    """A buffer of that size with numbers in it, each given with its place."""
    room = np.zeros(size + ALIGNED)
    first = -(room.ctypes.data // room.itemsize) % ALIGNED
    buffer: Numbers = room[first : first + size]
    for place, numbers in literals:
        buffer[place : place + len(numbers)] = numbers
    return buffer


def _work(functions: Functions, buffer: Numbers) -> Call:
    """The call that computes the outputs from the inputs in the buffer."""
    address = buffer.ctypes.data
    calls: list[Call] = []
    for part in functions.parts:
        if isinstance(part, Scalars):
            calls.append(bind_scalars(part, buffer))
        elif isinstance(part, Apply):
            calls.append(bind_array(part, buffer))
        else:
            calls.append(partial(functions.function(part, buffer), address))

    def work() -> None:
        for call in calls:
            status = call()
            if status:
                raise failure(status)

    return work


def bind_scalars(step: Scalars, buffer: Numbers) -> Call:
    """The call that computes single numbers by their value rules.

    It reads and writes plain floats, several times as fast as the array does.
    """
    cells: Any = memoryview(buffer)  # type: ignore[arg-type]
    entries = [
        (GATHERED.get(operation, operation.value), out, operands)
        for operation, out, operands in step.entries
    ]

    def compute() -> None:
        for rule, out, operands in entries:
            cells[out] = checked(rule(*[cells[i] for i in operands]))

    return compute


def bind_array(step: Apply, buffer: Numbers) -> Call:
    """The call that computes an operation on arrays by NumPy."""
    operands = [x.on(buffer) for x in step.operands]
    calls = NUMPY[step.operation].kernel(step.out.on(buffer), *operands)

    def compute() -> None:
        with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
            for call in calls:
                call()

    return compute


def failure(status: int) -> Exception:
    """The exception for what a function found; behind a guard that fails nothing else counts."""
    if status & NOT_GUARDED:
        return GuardFailure("a guard failed: a condition differs from the trace")
    if status & NOT_WHOLE:
        return ValueError("take: an index is not whole")
    if status & NOT_INSIDE:
        return IndexError("take: there is no such number in a row")
    return FloatingPointError("a number is not finite")
