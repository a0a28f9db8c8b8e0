"""The executor of a plan: bound to buffers, one for each thread that runs it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from struct import pack_into
from typing import Any

from autograd.cached import cached_property
from autograd.jit.arrays.buffer_plan import Gather, Plan, Product, Scalars, Step
from autograd.jit.arrays.nested_lists import array_reader
from autograd.jit.arrays.views import Numbers


class Machine:
    """A plan bound to one buffer.

    Attributes:
        inputs: the part of the buffer for the inputs.
        cells: the buffer from there on, as bytes.
    """

    __slots__ = ("cells", "inputs")

    def __init__(self, inputs: Numbers, buffer: Numbers) -> None:
        self.inputs = inputs
        cells: Any = memoryview(buffer)  # type: ignore[arg-type]
        self.cells = cells.cast("B") if len(buffer) else memoryview(bytearray())

    def run(self, parts: Sequence[Sequence[float] | Numbers]) -> Numbers:
        """The outputs, in a new array, for inputs given in parts."""
        self.put(parts)
        return self.compute().copy()

    def put(self, parts: Sequence[Sequence[float] | Numbers]) -> None:
        """Copy inputs given in parts into the buffer."""
        given = sum(map(len, parts))
        if given != len(self.inputs):
            raise TypeError(f"expected {len(self.inputs)} inputs, got {given}")
        start = 0
        for part in parts:
            if part.__class__ is list:
                pack_into(f"{len(part)}d", self.cells, 8 * start, *part)
            else:
                self.inputs[start : start + len(part)] = part
            start += len(part)

    def compute(self) -> Numbers:
        """The outputs for the inputs in the buffer; the next run may write over them."""
        raise NotImplementedError


class Machines:
    """A program that runs on a machine, another one for each thread.

    Args:
        bind: makes a machine.

    Attributes:
        idle: machines that are not running.
    """

    def __init__(self, bind: Callable[[], Machine]) -> None:
        self.idle: deque[Machine] = deque([bind()])
        self._bind = bind

    @property
    def mentioned(self) -> dict[str, Any]:
        """What an entry mentions that computes with a machine itself."""
        return {"_taken": self.taken, "_give": self.idle.append}

    def run(self, numbers: Sequence[float] | Numbers) -> list[float]:
        """The outputs for these inputs.

        Args:
            numbers: one for each input, in order: a list, or an array of float64.

        Raises:
            GuardFailure: a guard does not hold.
            FloatingPointError, ArithmeticError, ValueError, LookupError: a number cannot be
                computed normally.
        """
        found: list[float] = self.run_parts(numbers).tolist()
        return found

    def run_parts(self, *parts: Sequence[float] | Numbers) -> Numbers:
        """As `run`, with the inputs in several pieces, and the outputs as an array."""
        machine = self.taken()
        try:
            return machine.run(parts)
        finally:
            self.idle.append(machine)

    def repeat(self, inputs: Numbers, repetition: Any) -> int:
        """Run many times in one call of machine code, each run given results of the one before.

        Args:
            inputs: those of the first run.
            repetition: a `native.repeating.Repetition`.

        Returns:
            How many runs were made: fewer where one cannot be, and none without machine code.
        """
        machine: Any = self.taken()
        try:
            return machine.repeat(inputs, repetition) if hasattr(machine, "repeat") else 0
        finally:
            self.idle.append(machine)

    def taken(self) -> Machine:
        """A machine that is not running; whoever takes it gives it back to `idle`."""
        try:
            return self.idle.pop()
        except IndexError:  # all are running
            return self._bind()


class PlanLowered(Machines):
    """A program that runs as a plan.

    Args:
        plan: the plan.
        bind: makes a machine for it.
        seconds: how long the stages before took.

    Attributes:
        array_reader: makes arrays of nested lists, for arguments.
        stats: counts by name; `numbers` is the size of a buffer.
    """

    array_reader = staticmethod(array_reader)

    def __init__(self, plan: Plan, bind: Callable[[], Machine], seconds: dict[str, float]) -> None:
        super().__init__(bind)
        self.plan = plan
        self.stats = _statistics(plan)
        self.seconds = seconds

    @cached_property
    def readable(self) -> Plan:
        """The plan whose calls `source` shows."""
        return self.plan


def _statistics(plan: Plan) -> dict[str, int]:
    def count(kind: type[Step]) -> int:
        return sum(isinstance(step, kind) for step in plan.steps)

    return {
        "groups": len(plan.variables),
        "calls": len(plan.steps),
        "products": count(Product),
        "gathers": count(Gather),
        "scalars": sum(len(step.entries) for step in plan.steps if isinstance(step, Scalars)),
        "numbers": plan.size,
    }
