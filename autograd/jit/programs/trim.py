"""Trimming: loops that leave and carry only what is read, and only what moves.

A derivative makes loops that do more than is needed: they leave the trail of every carried number,
carry the adjoint of what is the same in all turns, and are given constants. What nothing reads is
found as in a program without loops (`reads`), but through the carry: a carried number that is read
in a turn is needed in the turn before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from autograd.jit.programs.compound import ROW, Item, Literal, item
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import may_raise
from autograd.primitives import TABLE

IDENTITY = TABLE["identity"]


def trimmed(program: Program) -> Program:
    """The program with loops that leave and carry only what is read, and only what moves.

    A number that each turn hands on as it is is the same in all; a constant stands in the body.

    >>> from autograd.jit.programs.compound import ROW
    >>> from autograd.primitives import TABLE
    >>> body = Program()
    >>> c, x = body.input("c"), body.input("x")
    >>> body.outputs = [body.apply(TABLE["add"], c, x), c]
    >>> program = Program()
    >>> c = program.input("c")
    >>> row = program.apply(ROW, c, c, c)
    >>> scan = program.apply(Loop(body, turns=3, carried=1, rows=1), c, row)
    >>> program.outputs = [program.apply(item(0), scan)]
    >>> [len(x.body.outputs) for x in trimmed(program).operations if isinstance(x, Loop)]
    [1]
    """
    read: dict[int, set[int]] = {}
    for operation, operands in zip(program.operations, program.operands, strict=True):
        if isinstance(operation, Item):
            read.setdefault(operands[0], set()).add(operation.place)
    made = replace(program, operations=[*program.operations], operands=[*program.operands])
    places: dict[int, dict[int, int]] = {}
    for node, operation in enumerate(program.operations):
        if isinstance(operation, Loop):
            level = _levelled(operation, program.operands[node], program)
            found = _settled(*level, program.constants)
            wanted = {i for i in read.get(node, ()) if i not in found.same}
            loop, kept, results = _narrowed(found.loop, {found.places[i] for i in wanted})
            new = {place: k for k, place in enumerate(results)}
            places[node] = {i: new[found.places[i]] for i in wanted}
            places[node] |= {i: ~operand for i, operand in found.same.items()}
            made.operations[node] = loop
            made.operands[node] = tuple([found.operands[i] for i in kept])
        elif isinstance(operation, Item) and program.operands[node][0] in places:
            place = places[program.operands[node][0]][operation.place]
            if place >= 0:
                made.operations[node] = item(place)
            else:
                made.operations[node], made.operands[node] = IDENTITY, (~place,)
    return made


def _levelled(loop: Loop, operands: Sequence[int], program: Program) -> tuple[Loop, Sequence[int]]:
    """The loop without rows that are the same number in each turn."""
    body, k = loop.body, loop.carried
    same: dict[int, int] = {}  # the rows that are a node
    known: dict[int, float] = {}  # the inputs of the body that are a number
    for place in range(k, k + loop.rows if loop.turns is not None else k):
        row, at = program.operations[operands[place]], program.operands[operands[place]]
        if row is ROW and len(set(at)) == 1:
            same[place] = at[0]
        elif isinstance(row, Literal) and len(set(map(repr, row.numbers))) == 1:
            known[place] = row.numbers[0]
    if not (same or known):
        return loop, operands
    inputs = body.inputs
    kept = [i for i in range(len(inputs)) if i not in same and i not in known]
    made = replace(
        body,
        inputs=[*[inputs[i] for i in kept], *[inputs[i] for i in same]],
        constants=body.constants | {inputs[i]: number for i, number in known.items()},
    )
    rows = loop.rows - len(same) - len(known)
    return (
        Loop(made, loop.turns, k, rows, loop.is_reversed),
        [*[operands[i] for i in kept], *same.values()],
    )


class _Settled(NamedTuple):
    """A loop that carries only what moves.

    Attributes:
        loop: the loop.
        operands: its operands.
        places: the places of its results, by those of the results of the loop before.
        same: the results that are an operand, with that.
    """

    loop: Loop
    operands: list[int]
    places: dict[int, int]
    same: dict[int, int]


def _settled(loop: Loop, operands: Sequence[int], constants: Mapping[int, float]) -> _Settled:
    """The loop without carried numbers that stay the same, and without constant operands."""
    body, k = loop.body, loop.carried
    moving = [i for i in range(k) if body.outputs[i] != body.inputs[i]]
    still = [i for i in range(k) if body.outputs[i] == body.inputs[i]]
    fixed = [*range(k + loop.rows, len(operands)), *still]
    known = {i: constants[operands[i]] for i in fixed if operands[i] in constants}
    kept = [*moving, *range(k, k + loop.rows), *(i for i in fixed if operands[i] not in constants)]
    results = [*moving, *range(k, len(body.outputs))]

    def settled(program: Program, rows: int) -> Program:
        """A program whose inputs are carried numbers, some rows, and numbers that stay the same."""
        inputs = [*program.inputs[:k], *[-1] * (loop.rows - rows), *program.inputs[k:]]
        constants = {inputs[i]: number for i, number in known.items()}
        return replace(
            program,
            constants=program.constants | constants,
            inputs=[inputs[i] for i in kept if inputs[i] >= 0],
        )

    made = settled(body, loop.rows)
    made.outputs = [body.outputs[i] for i in results]
    again = [] if loop.again is None else [settled(loop.again, 0)]
    return _Settled(
        Loop(made, loop.turns, len(moving), loop.rows, loop.is_reversed, *again),
        [operands[i] for i in kept],
        {place: new for new, place in enumerate(results)},
        {i: operands[i] for i in still},
    )


def _narrowed(loop: Loop, wanted: set[int]) -> tuple[Loop, list[int], list[int]]:
    """The loop for these of its results; the operands, and the results, that it still has."""
    body, k = loop.body, loop.carried
    asked = set[int]()  # operands that `again` reads
    if loop.again is not None:
        read = _needed(loop.again, loop.again.outputs)
        inputs = [*loop.again.inputs[:k], *[-1] * loop.rows, *loop.again.inputs[k:]]
        asked = {i for i, node in enumerate(inputs) if node in read}
    kept = wanted | {i for i in asked if i < k}
    while True:
        needed = _needed(body, [body.outputs[i] for i in kept])
        more = {i for i in range(k) if body.inputs[i] in needed} - kept
        if not more:
            break
        kept |= more
    results = sorted(kept)
    operands = {i for i, node in enumerate(body.inputs) if node in needed or (i < k and i in kept)}
    operands |= asked
    if loop.turns is None and loop.rows and operands.isdisjoint(range(k, k + loop.rows)):
        operands.add(k)  # says how many turns there are
    order = sorted(operands)
    outputs = [body.outputs[i] for i in results]
    made = replace(body, outputs=outputs).only(needed | {body.inputs[i] for i in order})
    again = []
    if loop.again is not None:
        mine = [inputs[i] for i in order if inputs[i] >= 0]
        again = [replace(loop.again, inputs=mine).only(read.union(mine))]
    carried = sum(i < k for i in results)
    rows = sum(k <= i < k + loop.rows for i in order)
    return Loop(made, loop.turns, carried, rows, loop.is_reversed, *again), order, results


def _needed(program: Program, outputs: Iterable[int]) -> set[int]:
    """The nodes that these, guards and errors depend on."""
    found = {node for node, _ in program.guards} | {*program.suspects, *program.regrouped}
    found.update(outputs)
    for node in range(len(program) - 1, -1, -1):
        if node in found or may_raise(program, node):
            found.add(node)
            found.update(program.operands[node])
    return found
