"""Lowering to machine code: the plan of the array backend, as one function.

The steps of a plan become loops over the buffer (`elementwise`, `row_reductions`, `matmul`,
`indexes`, `scalars`), in LLVM's language (`code`, `simd`), and LLVM makes machine code of it
(`target`). A run copies the inputs into a buffer, calls the function, and copies the results out:
one call in place of one for each array operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from struct import Struct
from typing import Any

from autograd.cached import cached_property
from autograd.jit.arrays.buffer_plan import Plan
from autograd.jit.arrays.executor import PlanLowered
from autograd.jit.arrays.lift import lift
from autograd.jit.arrays.lower_numpy import NumpyMachine
from autograd.jit.native.machine import NativeMachine
from autograd.jit.native.nested_lists import array_reader
from autograd.jit.native.nested_lists import is_known as knows_objects
from autograd.jit.native.object_calls import Shape, knows_arrays
from autograd.jit.native.plan_functions import Functions
from autograd.jit.programs.identifiers import Identifiers
from autograd.jit.programs.inline import inlined
from autograd.jit.programs.one_exponential import with_one_exponential
from autograd.jit.programs.program import Program
from autograd.jit.python.straight import Straight
from autograd.jit.stages import timed
from autograd.jit.tuning import MOST_WITHOUT_THREADS, SINGLES_IN_AND_OUT
from autograd.modes import pause_gc


class NativeLowered(PlanLowered):
    """A program in machine code.

    Attributes:
        straight: a run as a part of a Python function, if few numbers go in and come out.
        array_reader: makes arrays of nested lists.
    """

    backend = "native"
    array_reader = staticmethod(array_reader)

    def __init__(self, program: Program, plan: Plan, seconds: dict[str, float]) -> None:
        self._program = program
        self._functions = functions = Functions(plan)
        self._fresh = partial(NativeMachine, functions)
        super().__init__(plan, self._fresh, seconds)
        self.stats["numbers"] = functions.size
        few = len(program.inputs) + len(program.outputs) <= SINGLES_IN_AND_OUT
        self.straight = self._straight(program, 8 * functions.start) if few else None

    @cached_property
    def readable(self) -> Plan:
        """The plan before what only machine code has."""
        program = inlined(self._program)
        return self.plan if with_one_exponential(program) is program else lift(program)

    @cached_property
    def source(self) -> str:
        """What was compiled, as the function of NumPy calls that does the same."""
        text = NumpyMachine(self.readable).source
        return f"# compiled to machine code; as calls of NumPy it is\n{text}"

    def object_call(self, makes: str, shapes: Sequence[Shape]) -> Callable[..., Any] | None:
        """A run called with Python's objects (`NativeMachine.object_call`).

        None where there is none: on another Python, for code that is not all of it there yet, or
        that Python computes a part of, or that takes long, since no other thread goes on meanwhile.
        """
        functions = self._functions
        is_whole = [*map(type, functions.parts)] == [str] and not functions.code.runs
        is_short = functions.size <= MOST_WITHOUT_THREADS and len(self.plan.outputs) > 0
        if not (
            is_whole and is_short and knows_objects() and (makes == "floats" or knows_arrays())
        ):
            return None
        try:
            return self._fresh().object_call(makes, shapes)
        except RuntimeError:  # functions of this Python are not to be found
            return None

    @property
    def mentioned(self) -> dict[str, Any]:
        """What an entry mentions that computes with a machine itself, or asks for a call."""
        more = {"_object_call": self.object_call, "_outputs": len(self.plan.outputs)}
        return {**super().mentioned, **more}

    def _straight(self, program: Program, start: int) -> Straight:
        """The run between single numbers, with the outputs at a place in the buffer."""
        namespace = {
            "compute": self.object_call("floats", [None] * len(program.inputs)),
            "take": self.idle.pop,
            "give": self.idle.append,
            "fresh": self._fresh,
            "pack": Struct(f"{len(program.inputs)}d").pack_into,
            "unpack": Struct(f"{len(program.outputs)}d").unpack_from,
        }
        names = Identifiers([*namespace, "machine", "IndexError"])
        given = [names.like(program.names.get(node, "x")) for node in program.inputs]
        returned = [names.numbered("y") for _ in program.outputs]
        if namespace["compute"] is not None:
            line = f"({''.join(f'{y}, ' for y in returned)}) = compute({', '.join(given)})"
            return Straight(given, [line], returned, namespace, False, checks_floats=True)
        lines = [
            "try:",
            "    machine = take()",
            "except IndexError:",
            "    machine = fresh()",
            "try:",
            f"    pack({', '.join(['machine.cells', '0', *given])})",
            "    machine.work()",
            f"    ({''.join(f'{y}, ' for y in returned)}) = unpack(machine.cells, {start})",
            "finally:",
            "    give(machine)",
        ]
        return Straight(given, lines, returned, namespace, takes_apart=False)


def lower(program: Program) -> NativeLowered:
    """Compile a program to machine code.

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
        plan = lift(program, for_machine_code=True)
    return lower_plan(program, plan, seconds)


def lower_plan(program: Program, plan: Plan, seconds: dict[str, float]) -> NativeLowered:
    """Compile the plan of a program; the seconds are those of the stages before."""
    with pause_gc():
        return NativeLowered(program, plan, seconds)
