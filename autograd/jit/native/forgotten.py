"""What a loop may carry to a turn that overwrites it before anyone looked whether it is finite."""

from __future__ import annotations

from autograd.jit.programs.loops import Loop
from autograd.jit.programs.reads import reads


def forgotten(loop: Loop) -> set[int]:
    """What a loop carries that, if it is not finite, might be overwritten before anyone looks.

    The next turn makes all that depends on it infinite or NaN as well: what it leaves, what it
    looks at, what it carries on. So it is not forgotten if that is looked at, or not forgotten.

    >>> from autograd.jit.programs.program import Program
    >>> from autograd.primitives import TABLE
    >>> body = Program()
    >>> x, total, row = [body.input() for _ in range(3)]
    >>> body.outputs += [body.apply(TABLE["exp"], row), body.apply(TABLE["add"], total, x)]
    >>> forgotten(Loop(body, turns=5, carried=2, rows=1))
    set()
    >>> body.outputs[1] = total
    >>> forgotten(Loop(body, turns=5, carried=2, rows=1))
    {0}
    """
    body, k = loop.body, loop.carried
    looked_at = {*body.outputs[k:], *[node for node, _ in body.guards]}
    reaches: list[set[int]] = [set() for _ in range(len(body))]  # places of what is carried on
    for place, node in enumerate(body.outputs[:k]):
        reaches[node].add(place)
    counts = reads(body)
    for node in reversed(range(len(body))):
        operation, operands = body.operations[node], body.operands[node]
        if operation is None or not counts[node]:
            continue
        is_end = not reaches[node] and node not in looked_at
        if is_end or node in looked_at or "propagates" not in operation.facts:
            looked_at.update(operands)
        for i in operands:
            reaches[i] |= reaches[node]
    if loop.again is not None:
        asked = reads(loop.again)
        looked_at.update(body.inputs[i] for i in range(k) if asked[loop.again.inputs[i]])
    kept = set(range(k))
    while True:
        lost = {
            place
            for place in kept
            if body.inputs[place] not in looked_at and kept.isdisjoint(reaches[body.inputs[place]])
        }
        if not lost:
            return set(range(k)) - kept
        kept -= lost
