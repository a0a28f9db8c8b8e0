"""Sums of what the turns of a loop leave become a number that the loop carries.

The mean of a loss over rows is such a sum. A loop that adds it up leaves nothing to be stored, and
its machine code does not name each number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from autograd.jit.programs.compound import Item, item
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.jit.programs.reads import reads
from autograd.primitives import TABLE

ADD, SUM = TABLE["add"], TABLE["sum"]
ADDED = {1: TABLE["identity"], 2: ADD}
"""What a sum of few numbers is."""


def fused(program: Program) -> Program:
    """The program with loops that add up what they leave, where one sum reads all of it.

    >>> from autograd.jit.programs.compound import ROW
    >>> body = Program()
    >>> body.outputs.append(body.apply(TABLE["exp"], body.input("x")))
    >>> program = Program()
    >>> row = program.apply(ROW, *[program.input(name) for name in "abc"])
    >>> left = program.apply(item(0), program.apply(Loop(body, turns=3, carried=0, rows=1), row))
    >>> items = [program.apply(item(i), left) for i in range(3)]
    >>> program.outputs.append(program.apply(SUM, *items))
    >>> made = fused(program)
    >>> made.operations[made.outputs[0]].name, made.evaluate([0.0, 0.0, 0.0])
    ('identity', [3.0])
    """
    made = replace(
        program,
        operations=[*program.operations],
        operands=[*program.operands],
        constants=dict(program.constants),
    )
    counts = reads(program)
    for node, operation in enumerate(program.operations):
        if operation is SUM:
            _fuse(made, node, counts)
    return made


def _fuse(program: Program, node: int, counts: Sequence[int]) -> None:
    """Have a loop add up what a sum reads, if it is all that the loop left, and others."""
    operations, operands = program.operations, program.operands
    sources = Counter(operands[i][0] for i in operands[node] if isinstance(operations[i], Item))
    for left, count in sources.items():
        source, above = operations[left], operands[left][:1]
        loop = operations[above[0]] if above else None
        if not (isinstance(source, Item) and isinstance(loop, Loop) and loop.turns == count):
            continue
        items = [i for i in operands[node] if operands[i] == (left,)]
        others = [i for i in operands[node] if operands[i] != (left,)]
        spare = [i for i in items if counts[i] == 1]
        is_all = len({operations[i] for i in items}) == count
        if not is_all or not spare:
            continue
        _carry_total(program, above[0], source.place)
        total = spare[0]
        operations[total], operands[total] = item(loop.carried), above
        ends = [total, *others] if others and operands[node][0] == items[0] else [*others, total]
        operations[node] = ADDED.get(len(ends), SUM)
        operands[node] = tuple(ends)


def _carry_total(program: Program, node: int, place: int) -> None:
    """Have a loop carry one number more: the sum of what it leaves at a place."""
    operations, operands = program.operations, program.operands
    loop = operations[node]
    assert isinstance(loop, Loop)
    k, body = loop.carried, loop.body
    made = replace(
        body,
        operations=[*body.operations],
        operands=[*body.operands],
        inputs=[*body.inputs],
        outputs=[*body.outputs],
        names=dict(body.names),
    )
    total = made.input("total")
    made.inputs = [*body.inputs[:k], total, *body.inputs[k:]]
    made.outputs.insert(k, made.apply(ADD, total, body.outputs[place]))
    for i, (reader, at) in enumerate(zip(operations, operands, strict=True)):
        if isinstance(reader, Item) and at == (node,) and reader.place >= k:
            operations[i] = item(reader.place + 1)
    operations[node] = Loop(made, loop.turns, k + 1, loop.rows, loop.is_reversed)
    at = operands[node]
    operands[node] = (*at[:k], program.constant(-0.0), *at[k:])
