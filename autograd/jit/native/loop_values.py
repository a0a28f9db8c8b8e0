"""The numbers that a long loop gives while a function is traced, by machine code.

A trace has numbers, for what the function asks of them; of ten thousand turns and their derivatives
they would take Python seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.jit.native.lower_loops import LoopMachine, can_lower, machine_code
from autograd.jit.programs.compound import item
from autograd.jit.programs.loops import Loop, in_bodies
from autograd.jit.programs.program import GuardFailure, Program
from autograd.primitives.zero import SYMBOLIC_ZERO


def numbers_left(loop: Loop, operands: Sequence[Any], places: Sequence[int]) -> list[Any] | None:
    """Results of a loop: numbers, and lists for rows.

    Args:
        loop: the loop, whose turns are counted.
        operands: numbers and rows. A symbolic zero is a sum of nothing, which has no sign.
        places: of the results that are wanted; the others need not be computed.

    Returns:
        None if the code has no formula for an operation, or something is not finite: only Python
        tells a zero where nothing flows from another one.
    """
    assert loop.turns is not None
    k, turns = loop.carried, loop.turns
    body = loop.body
    wanted = [*range(k), *[place for place in places if place >= k]]
    outputs = [body.outputs[place] for place in wanted]
    body = replace(_with_floats(body), outputs=outputs)
    short = Loop(body, turns, k, loop.rows, loop.is_reversed)
    program = Program()
    inputs = [program.input() for _ in operands]
    found = program.apply(short, *inputs)
    program.outputs = [program.apply(item(wanted.index(place)), found) for place in places]
    if not can_lower(program) or _has_formulas(program):
        return None
    read = inputs[k : k + loop.rows]
    left = [node for node, place in zip(program.outputs, places, strict=True) if place >= k]
    writer, made = machine_code(program, dict.fromkeys([*read, *left], turns))
    given: list[Any] = [-0.0 if x is SYMBOLIC_ZERO else x for x in operands]
    rows: list[Any] = [list(row) for row in given[k : k + loop.rows]]
    parts = [given[:k], *rows, given[k + loop.rows :]]
    try:
        results = LoopMachine(writer, made).run(parts)
    except (GuardFailure, ArithmeticError, ValueError, LookupError):
        return None
    sizes = [1 if place < k else turns for place in places]
    cut = np.split(results, np.cumsum(sizes)[:-1])
    return [x.tolist() if place >= k else float(x[0]) for x, place in zip(cut, places, strict=True)]


def _with_floats(program: Program) -> Program:
    """The program with a float in place of each symbolic zero."""
    program = in_bodies(program, _with_floats)
    return replace(program, constants={node: float(x) for node, x in program.constants.items()})


def _has_formulas(program: Program) -> bool:
    """Whether an operation is lowered by its formula, which has to be traced."""
    made = [x for x in set(program.operations) if x is not None]
    inner = [body for x in made if isinstance(x, Loop) for body in x.programs]
    return any(x.formula for x in made) or any(map(_has_formulas, inner))
