"""The executor of a plan: bound to buffers, one for each thread that runs it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from autograd.jit.arrays.buffer_plan import Gather, Plan, Product, Scalars, Step
from autograd.jit.arrays.nested_lists import array_reader
from autograd.jit.arrays.views import Numbers


class Machine(Protocol):
    """A plan bound to one buffer."""

    def run(self, parts: Sequence[Sequence[float] | Numbers]) -> Numbers:
        """The outputs, in a new array, for inputs given in parts."""


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
        machine = self._taken()
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
        machine: Any = self._taken()
        try:
            return machine.repeat(inputs, repetition) if hasattr(machine, "repeat") else 0
        finally:
            self.idle.append(machine)

    def _taken(self) -> Machine:
        """A machine that is not running."""
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
