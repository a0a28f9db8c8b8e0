"""Loops whose turns do not need each other: array code computes them all at once.

They may add to numbers that they carry, and that nothing else reads. Written out they become
arrays, which is the fastest code, and takes long to compile where turns are many.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from autograd.jit.programs.compound import ROW, Compound, Item, Literal
from autograd.jit.programs.loops import Loop, work
from autograd.jit.programs.program import Program
from autograd.jit.programs.reads import reads
from autograd.jit.tuning import MOST_WITHOUT_LLVM, MOST_WRITTEN_OUT
from autograd.primitives import TABLE

ADD = TABLE["add"]


def is_mapped(loop: Loop) -> bool:
    """Whether the turns of a loop need nothing of each other, but to add up.

    >>> body = Program()
    >>> total, x = body.input(), body.input()
    >>> body.outputs.append(body.apply(ADD, body.apply(TABLE["exp"], x), total))
    >>> is_mapped(Loop(body, turns=100, carried=1, rows=1))
    True
    >>> body.outputs.append(total)
    >>> is_mapped(Loop(body, turns=100, carried=1, rows=1))
    False
    """
    body, k = loop.body, loop.carried
    if loop.turns is None or any(isinstance(x, Compound) for x in body.operations):
        return False
    counts = reads(body)
    return all(
        body.operations[node] is ADD
        and body.operands[node].count(total) == counts[total] == counts[node] == 1
        for total, node in zip(body.inputs, body.outputs[:k], strict=False)
    )


def is_written_out(program: Program, backend: str) -> bool:
    """Whether a program with loops is better written out, turns being rows alike.

    Python has no arrays: its loop computes a turn as fast as the same turn written out, and is
    compiled once for all of them.

    Args:
        program: the program.
        backend: what would compute the loops, or arrays of all turns.
    """
    if backend == "python":
        return False
    most = MOST_WITHOUT_LLVM if backend == "numpy" else MOST_WRITTEN_OUT
    loops = [x for x in program.operations if isinstance(x, Loop)]
    return work(program) <= most and all(map(is_mapped, loops))


def turn_by_turn(program: Program) -> Program:
    """The program without loops: all their turns, one after the other.

    >>> body = Program()
    >>> body.outputs.append(body.apply(TABLE["exp"], body.input("x")))
    >>> program = Program()
    >>> row = program.apply(ROW, program.input("a"), program.input("b"))
    >>> program.outputs.append(program.apply(Loop(body, turns=2, carried=0, rows=1), row))
    >>> from autograd.jit.programs.compound import item
    >>> for _ in range(2):
    ...     program.outputs = [program.apply(item(0), program.outputs[0])]
    >>> print(turn_by_turn(program))
    v1 = exp(a)
    v2 = exp(b)
    return v1
    """
    made = Program(variables=program.variables)
    names = [program.names.get(node, "") for node in program.inputs]
    made.outputs = _written(made, program, [made.input(name) for name in names])
    return made


def _written(made: Program, program: Program, inputs: Sequence[Any]) -> list[Any]:
    """The outputs of a program for these nodes of another one, which grows by it."""
    found: list[Any] = [None] * len(program)
    for node, number in program.constants.items():
        found[node] = made.constant(number)
    for node, x in zip(program.inputs, inputs, strict=True):
        found[node] = x
    for node, (operation, operands) in enumerate(
        zip(program.operations, program.operands, strict=True)
    ):
        at = [found[i] for i in operands]
        if isinstance(operation, Loop):
            found[node] = operation.turned([partial(_written, made, operation.body)], at)
        elif isinstance(operation, Item):
            found[node] = at[0][operation.place]
        elif isinstance(operation, Literal):
            found[node] = [made.constant(x) for x in operation.numbers]
        elif operation is ROW:
            found[node] = at
        elif operation is not None:
            found[node] = made.apply(operation, *at)
    made.guards += [(found[node], outcome) for node, outcome in program.guards]
    made.suspects += [found[node] for node in program.suspects]
    made.regrouped += [found[node] for node in program.regrouped]
    return [found[node] for node in program.outputs]
