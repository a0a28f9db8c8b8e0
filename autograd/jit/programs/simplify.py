"""Simplification: a program that computes the same with fewer nodes, and shows its structure.

A traced graph has everything its author wrote: sums that start from 0, powers of 2, the same
sigmoid in a result and in its derivative, additions one after the other. Four passes, each once
from inputs to outputs, make a new program from the old:

| pass      | by                  | what it does                                                 |
|-----------|---------------------|--------------------------------------------------------------|
| clean     | `fold`, first rules | operations that change no number are dropped                 |
| gather    | `reassociate`       | chains of additions become sums and dot products             |
| normalise | `fold`, all rules   | one form for what is equal; equal nodes shared               |
| prune     | `prune`             | nodes that no output, guard or error needs are dropped       |

The result is the same to the last bit where nothing was gathered and no power replaced, and
differs by rounding elsewhere. A program that raises still raises, perhaps another of several
errors, and so may one that meets infinities or nan: the caller then runs the plain function.
"""

from __future__ import annotations

from collections.abc import Callable

from autograd.jit.programs.fold import finish, rewrite
from autograd.jit.programs.program import Program
from autograd.jit.programs.reads import reads
from autograd.jit.programs.reassociate import gather
from autograd.jit.programs.rewrites import (
    ALWAYS,
    NORMAL,
    SIGNLESS,
    SIGNLESS_NORMAL,
    SQUARES,
    rules,
)
from autograd.modes import pause_gc


def simplify(program: Program, counts: dict[str, int] | None = None) -> Program:
    """The program in its simplest form, with the same inputs and outputs.

    Args:
        program: what to simplify; it is not changed.
        counts: receives the number of nodes, as traced and after each pass.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> a, b, x, y = (program.input(name) for name in "abxy")
    >>> total = program.constant(0.0)
    >>> for pair in ((a, x), (b, y)):
    ...     total = program.apply(TABLE["add"], total, program.apply(TABLE["mul"], *pair))
    >>> program.outputs.append(total)
    >>> program.counts()
    {'inputs': 4, 'constants': 1, 'mul': 2, 'add': 2}
    >>> counts = {}
    >>> simplify(program, counts).counts()
    {'inputs': 4, 'constants': 1, 'dot': 1, 'add': 1}
    >>> counts
    {'traced': 9, 'clean': 9, 'gather': 8, 'normalise': 7, 'prune': 7}
    """
    first = rules(ALWAYS, SQUARES, SIGNLESS)
    second = rules(ALWAYS, NORMAL, SIGNLESS, SIGNLESS_NORMAL)
    squares: set[int] = set()
    passes: dict[str, Callable[[Program], Program]] = {
        "clean": lambda program: rewrite(program, first, share=False, squares=squares),
        "gather": lambda program: gather(program, squares),
        "normalise": lambda program: rewrite(program, second, share=True),
        "prune": prune,
    }
    counts = {} if counts is None else counts
    counts["traced"] = len(program)
    with pause_gc():
        for name, change in passes.items():
            program = change(program)
            counts[name] = len(program)
    return program


def prune(program: Program) -> Program:
    """The program without the nodes that nothing depends on.

    An operation that could raise stays, since the plain function would raise too.
    """
    needed = reads(program, set(program.inputs))
    made = Program()
    new: list[int] = []
    nodes = zip(program.operations, program.operands, needed, strict=True)
    for node, (operation, operands, uses) in enumerate(nodes):
        if not uses:
            new.append(-1)
        elif operation is not None:
            new.append(made.apply(operation, *[new[i] for i in operands]))
        elif node in program.constants:
            new.append(made.constant(program.constants[node]))
        else:
            new.append(made.input(program.names.get(node, "")))
    finish(program, made, new)
    return made
