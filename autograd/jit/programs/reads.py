"""How often each node is read: one that is read once may move, one that is not may go (`live`)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import may_raise


def reads(program: Program, kept: AbstractSet[int] = frozenset()) -> list[int]:
    """The number of times each node is read by nodes that are themselves needed.

    Outputs and guards count as reads. A node that nothing reads but that could raise is needed too,
    as are those of `kept`: they count as read twice, so that they stay where they are.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> x = program.input()
    >>> unread = program.apply(TABLE["neg"], x)
    >>> program.outputs.append(program.apply(TABLE["mul"], x, x))
    >>> reads(program)
    [2, 0, 1]
    """
    counts = [0] * len(program)
    for node in program.outputs:
        counts[node] += 1
    for node, _ in program.guards:
        counts[node] += 1
    for node in reversed(range(len(program))):
        if not counts[node] and (node in kept or may_raise(program, node)):
            counts[node] = 2
        if counts[node]:
            for i in program.operands[node]:
                counts[i] += 1
    return counts


def live(program: Program) -> set[int]:
    """The nodes that an output, a guard or an error depends on, and the inputs.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> x = program.input()
    >>> unread = program.apply(TABLE["neg"], x)
    >>> program.outputs.append(program.apply(TABLE["mul"], x, x))
    >>> live(program)
    {0, 2}
    """
    found = {*program.inputs, *program.outputs, *(node for node, _ in program.guards)}
    operands = program.operands
    for node in range(len(program) - 1, -1, -1):
        if node in found or may_raise(program, node):
            found.add(node)
            found.update(operands[node])
    return found
