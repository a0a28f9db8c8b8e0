"""Simplification: a program that computes the same with fewer nodes, and shows its structure.

A traced graph says everything its author wrote: sums that start from 0, powers of 2, the same
sigmoid in a result and in its derivative, additions one after the other. Four passes, each going
once through the program:

1. *clean* (`fold`, with the first rules of `rewrites`): what changes no number goes;
2. *gather*: chains of additions become sums and dot products;
3. *normalise* (`fold` again, with all rules): one form for what is equal, and equal nodes shared;
4. *prune*: what no output, no guard and no possible error needs is left out.

The result is the same to the last bit where nothing was gathered and no power replaced, and
differs by rounding elsewhere. What raises still raises, perhaps another of the errors that were
due, and so may a program that is given or comes to infinities or nan: whoever runs it then asks
the plain function.
"""

from __future__ import annotations

from autograd.jit.fold import finish, rewrite
from autograd.jit.gather import gather
from autograd.jit.program import Program
from autograd.jit.reads import reads
from autograd.jit.rewrites import (
    ALWAYS,
    NORMAL,
    SIGNLESS,
    SIGNLESS_NORMAL,
    SQUARES,
    rules,
    signs_of_zeros_matter,
)
from autograd.modes import pause_gc


def simplify(program: Program) -> Program:
    """The program in its simplest form, with the same inputs and outputs.

    Args:
        program: what to simplify; it is not changed.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> a, b, x, y = (program.input(name) for name in "abxy")
    >>> total = program.constant(0.0)
    >>> for pair in ((a, x), (b, y)):
    ...     total = program.apply(TABLE["add"], total, program.apply(TABLE["mul"], *pair))
    >>> program.outputs.append(total)
    >>> program.counts()
    {'inputs': 4, 'constants': 1, 'mul': 2, 'add': 2}
    >>> simplify(program).counts()
    {'inputs': 4, 'constants': 0, 'dot': 1}
    """
    signless = not signs_of_zeros_matter(program)
    first = [*ALWAYS, *SQUARES, *(SIGNLESS if signless else ())]
    second = [*ALWAYS, *NORMAL, *((*SIGNLESS, *SIGNLESS_NORMAL) if signless else ())]
    with pause_gc():
        cleaned, squares = rewrite(program, rules(first), share=False)
        gathered = gather(cleaned, squares, chains=signless)
        normal, _ = rewrite(gathered, rules(second), share=True)
        return prune(normal)


def prune(program: Program) -> Program:
    """The program without the nodes that nothing depends on.

    An operation that could raise stays, since the plain function would raise too.
    """
    needed = reads(program, program.inputs)
    made = Program()
    new = [-1] * len(program)
    for node, operation in enumerate(program.operations):
        if not needed[node]:
            continue
        if operation is not None:
            operands = program.operands[node]
            new[node] = made.apply(operation, *[new[i] for i in operands])
        elif node in program.constants:
            new[node] = made.constant(program.constants[node])
        else:
            new[node] = made.input(program.names.get(node, ""))
    finish(program, made, new)
    return made
