"""Loops in machine code: a program with loops as one function, its numbers one by one.

It works on a buffer in which the inputs come first, then the outputs, then rows (`loop_writer`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import isfinite

from autograd.cached import cached_property
from autograd.jit.arrays.executor import Machine, Machines
from autograd.jit.arrays.views import Numbers
from autograd.jit.native.hurried import Hurried
from autograd.jit.native.loop_writer import LoopWriter
from autograd.jit.native.machine import aligned, failure
from autograd.jit.native.nested_lists import array_reader
from autograd.jit.native.repeating import Repetition
from autograd.jit.native.scalars import has_formula
from autograd.jit.native.target import registers
from autograd.jit.programs.compound import Compound, Literal
from autograd.jit.programs.inline import inlined
from autograd.jit.programs.loops import Loop, work
from autograd.jit.programs.one_exponential import with_one_exponential
from autograd.jit.programs.program import Program
from autograd.jit.python.lower_python import lower as straight_line
from autograd.jit.tuning import LINES_OF_LOOPS, QUICK_OPERATIONS, QUICK_RUNS
from autograd.modes import pause_gc


class LoopsLowered(Machines):
    """A program with loops in machine code.

    Attributes:
        stats: counts by name.
        array_reader: makes arrays of nested lists.
    """

    backend = "native"
    array_reader = staticmethod(array_reader)

    def __init__(self, program: Program) -> None:
        self._program = program
        made = machine_code(with_one_exponential(program))
        super().__init__(partial(LoopMachine, *made))
        writer, _ = made
        self.stats = {"calls": 1, "numbers": writer.size}

    @cached_property
    def source(self) -> str:
        """What was compiled, as the Python that does the same."""
        return f"# compiled to machine code; as Python it is\n{straight_line(self._program).source}"


class LoopMachine(Machine):
    """The function bound to a buffer."""

    def __init__(self, writer: LoopWriter, code: Hurried) -> None:
        self._buffer = buffer = aligned(writer.size, writer.literals)
        super().__init__(buffer[: writer.inputs], buffer)
        self._function = code.library.function("run", buffer)
        self._code, self._is_quick = code, code.library.is_quick
        self._address = buffer.ctypes.data
        self._outputs = buffer[writer.inputs : writer.inputs + writer.outputs]

    def compute(self) -> Numbers:
        """The outputs for the inputs in the buffer, where the next run writes its own."""
        status = self._function(self._address)
        if self._is_quick and self._code.count():
            self._is_quick = False
            self._function = self._code.library.function("run", self._buffer)
        if status:
            raise failure(status)
        return self._outputs

    def repeat(self, inputs: Numbers, repetition: Repetition) -> int:
        """Run many times, these being the inputs of the first; how many runs were made."""
        self.put([inputs])
        self._code.count(len(repetition.rows))
        return repetition.run(self._code.library, ["run"], self._buffer, len(self.inputs))


def machine_code(program: Program, rows: Mapping[int, int] = {}) -> tuple[LoopWriter, Hurried]:
    """What writes a program, and the code; some of its inputs and outputs may be rows."""
    writer = LoopWriter(program, registers().width, rows)
    text = writer.module()
    calls = [x for x in writer.code.functions if not x.startswith("llvm.")]
    runs = min(QUICK_RUNS, -(-QUICK_OPERATIONS // max(work(program), 1)))
    is_too_long = text.count("\n") > LINES_OF_LOOPS
    return writer, Hurried(text, calls, 0 if is_too_long else runs)


def can_lower(program: Program) -> bool:
    """Whether machine code has a formula for all operations of a program, and constants suit it."""
    if not all(map(isfinite, program.constants.values())):
        return False
    for operation in {*program.operations}:
        if isinstance(operation, Literal):
            if not all(map(isfinite, operation.numbers)):
                return False
        elif isinstance(operation, Loop):
            if not all(map(can_lower, operation.programs)):
                return False
        elif operation is not None and not (
            isinstance(operation, Compound) or operation.formula or has_formula(operation)
        ):
            return False
    return True


def lower(program: Program) -> LoopsLowered:
    """Compile a program with loops to machine code, if `can_lower`."""
    with pause_gc():
        return LoopsLowered(inlined(program))
