"""Forward mode of a loop: a loop that carries tangents beside what the loop carries.

Its body is the body and the tangents of its outputs. These come from reverse mode, twice: what a
turn pulls back is linear in the adjoints, and the derivative of that in the adjoints, along the
tangents, is what the turn pushes forward. So there is nothing to be said of forward mode but this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from autograd.jit.programs.compound import item
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.jit.tracing.differentiate import differentiated, weighted
from autograd.jit.tracing.pullbacks import finished, sample
from autograd.jit.tracing.sweep import applied
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.value import Value


def pushed_forward(loop: Loop, out: Value, tangents: Mapping[Value, Any]) -> list[Any]:
    """The tangents of all results of a loop.

    Args:
        loop: the operation, with its trail.
        out: its results.
        tangents: those of its operands that move.

    Raises:
        ValueError, ArithmeticError: there is no derivative in one of the turns.
    """
    operands, k = out.operands, loop.carried
    ends = k + loop.rows
    given = [tangents.get(x) if x.__class__ is Value else None for x in operands]
    moves = [i < k or t is not None for i, t in enumerate(given)]
    trail = [applied(item(loop.left + i), out) for i in range(k)]
    at = sample(loop, [*trail, *operands[k:ends]], operands)
    body = _body(loop, moves, at)
    again = [] if loop.again is None else [_beside(loop.again, loop, moves)]
    carried = [SYMBOLIC_ZERO if t is None else t for t in given[:k]]
    rows = [t for t in given[k:ends] if t is not None]
    same = [t for t in given[ends:] if t is not None]
    made = Loop(body, loop.turns, 2 * k, loop.rows + len(rows), loop.is_reversed, *again)
    found = applied(
        made, *operands[:k], *carried, *operands[k:ends], *rows, *operands[ends:], *same
    )
    places = [*range(k, 2 * k), *range(2 * k + loop.left, 2 * k + 2 * loop.left)]
    return [applied(item(i), found) for i in places]


def _body(loop: Loop, moves: Sequence[bool], at: Sequence[float]) -> Program:
    """A turn with its tangents."""
    body, k = loop.body, loop.carried
    ends = k + loop.rows
    variables = [i for i, is_moving in enumerate(moves) if is_moving]
    outputs = len(body.outputs)
    given = replace(body, variables=variables)
    back, guarded = differentiated(weighted(given), [*at, *[1.0] * outputs])
    back.outputs = back.outputs[1:]
    back.variables = [*range(len(body.inputs), len(back.inputs))]
    turn, again = differentiated(weighted(back), [*at, *[1.0] * (outputs + len(variables))])

    made = Program()
    names = [body.names.get(node, "x") for node in body.inputs]
    nodes: dict[tuple[int, bool], int] = {}
    for part in (range(k), range(k, ends), range(ends, len(names))):
        for is_tangent in (False, True):
            for i in part:
                if not is_tangent or moves[i]:
                    name = f"tangent of {names[i]}" if is_tangent else names[i]
                    nodes[i, is_tangent] = made.input(name)
    primals = [nodes[i, False] for i in range(len(names))]
    directions = [nodes[i, True] for i in variables]
    apply = lambda x: partial(made.apply, x)
    found = body.interpret(primals, apply, made.constant)
    ours = [found[node] for node in body.outputs]
    nothing = [made.constant(1.0)] * outputs  # the adjoints, in which all is linear
    found = turn.interpret([*primals, *nothing, *directions], apply, made.constant)
    theirs = [found[node] for node in turn.outputs[1:]]
    made.outputs = [*ours[:k], *theirs[:k], *ours[k:], *theirs[k:]]
    made.outputs += [nodes[i, is_tangent] for is_tangent in (False, True) for i in range(k)]
    held = [again[node] for node in guarded.values() if node in again]
    return finished(made, turn, found, directions, held)


def _beside(again: Program, loop: Loop, moves: Sequence[bool]) -> Program:
    """The condition for another turn, given tangents that it does not read."""
    k, ends = loop.carried, loop.carried + loop.rows
    made = again.only(range(len(again)))
    carried, same = made.inputs[:k], made.inputs[k:]
    carried += [made.input() for _ in range(k)]
    made.inputs = [*carried, *same, *(made.input() for is_moving in moves[ends:] if is_moving)]
    return made
