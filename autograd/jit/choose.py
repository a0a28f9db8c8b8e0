"""The choice of a backend: what a program costs on each, by what lifting found.

The costs are measured, and stand in `tuning`. Compiling counts too, as a part of many calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.jit.tuning import (
    ARRAY,
    BLOCK,
    CALL,
    COMPILED_ARRAY,
    COMPILED_SINGLE,
    EXPECTED_CALLS,
    EXPECTED_TURNS,
    LEAST_ARRAY,
    LISTS_READ,
    NUMBER,
    READ,
    SINGLE,
)
from autograd.primitives.threefry import OF_WORDS

if TYPE_CHECKING:  # it imports NumPy
    from autograd.jit.arrays.buffer_plan import Plan


def is_small(program: Program) -> bool:
    """Whether Python computes a program in the time that a call of machine code takes."""
    called = _called(program)
    return called["python"] <= called["native"]


def choose(program: Program, plan: Plan) -> list[str]:
    """The backends, the fastest first.

    Args:
        program: the program.
        plan: what lifting made of it.
    """
    found = costs(program, plan)
    return sorted(found, key=found.__getitem__)


def costs(program: Program, plan: Plan) -> dict[str, float]:
    """The nanoseconds of a call on each backend, with a share of those of compiling.

    Python computes every operation by itself. NumPy makes a call for each array operation. Machine
    code computes small array operations number by number.
    """
    from autograd.jit.arrays.buffer_plan import Scalars, is_few, work

    singles = arrays = numbers = unrolled = steps = 0
    for step in plan.steps:
        count = work(step)
        if isinstance(step, Scalars):
            singles += count
            continue
        steps += 1
        if is_few(step):
            unrolled += count
        else:
            arrays += 1
            numbers += count
    found = _called(program)
    found["numpy"] += singles * SINGLE["numpy"] + steps * ARRAY["numpy"] + numbers * NUMBER["numpy"]
    found["native"] += (
        (singles + unrolled) * SINGLE["native"]
        + arrays * ARRAY["native"]
        + numbers * NUMBER["native"]
    )
    compiled = (singles + unrolled) * COMPILED_SINGLE + arrays * COMPILED_ARRAY
    found["native"] += compiled / EXPECTED_CALLS
    return found


def _called(program: Program) -> dict[str, float]:
    """The nanoseconds of a call with its inputs, and for Python of all that it computes."""
    inputs = len(program.inputs)
    found = {name: cost + inputs * READ[name] for name, cost in CALL.items()}
    found["python"] += _in_python(program)
    found["native"] += LISTS_READ * (inputs >= LEAST_ARRAY)
    return found


def _in_python(program: Program) -> float:
    """The cost of all operations, those in the body of a loop once for each turn."""
    found = sum(map(len, program.operands)) * SINGLE["python"]
    found += sum(made in OF_WORDS for made in program.operations) * BLOCK
    for operation in program.operations:
        if isinstance(operation, Loop):
            turns = EXPECTED_TURNS if operation.turns is None else operation.turns
            found += turns * sum(map(_in_python, operation.programs))
    return found
