"""The derivative of a loop: a loop in the other direction, over what the turns began with.

In reverse mode the last turn comes first. What is carried from turn to turn is the adjoint of what
the loop carries, and the sums of the contributions to what is the same in all turns; a turn reads
what the turn that it pulls back began with (the *trail*), what that read, and the adjoint of what
it left. It computes its part of the function again: a few numbers a turn are kept, not all of them.

The body is the derivative of the body, by `differentiate`, whose rules are those of everywhere. So
it is a loop like others, and has derivatives too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from autograd.jit.programs.compound import item
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import may_raise
from autograd.jit.tracing.differentiate import differentiated, weighted
from autograd.jit.tracing.sweep import Parts, applied, numbers_of
from autograd.jit.tracing.tracer import find_suspects
from autograd.primitives import TABLE
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.value import Value

ADD = TABLE["add"]


def pulled_back(loop: Loop, g: Parts, out: Value, operands: Sequence[Any]) -> list[Any]:
    """The contributions to the operands of a loop.

    Args:
        loop: the operation, with its trail.
        g: the adjoint of its results.
        out: its results.
        operands: its operands.

    Raises:
        ValueError, ArithmeticError: there is no derivative in one of the turns.
        Unsupported: a derivative rule reads a Value from elsewhere.
    """
    k, turns = loop.carried, loop.turns
    ends = [g.number(i) for i in range(k)]
    flows = {i: row for i in range(k, k + loop.left) if (row := g.row(i, turns)) is not None}
    if not flows and all(x is SYMBOLIC_ZERO for x in ends):
        return [SYMBOLIC_ZERO] * len(operands)
    trail = [applied(item(loop.left + i), out) for i in range(k)]
    read = [*trail, *operands[k : k + loop.rows]]
    same = operands[k + loop.rows :]
    varies = [i < k or x.__class__ is Value for i, x in enumerate(operands)]
    at = sample(loop, read, operands) + [1.0] * (k + len(flows))
    back, sums = _body(loop, [*flows], varies, at)
    zeros = [SYMBOLIC_ZERO] * sum(sums)
    rows = [*read, *flows.values()]
    made = Loop(back, turns, k + len(zeros), len(rows), not loop.is_reversed)
    results = applied(made, *ends, *zeros, *rows, *same)
    row_places = iter(range(k + len(zeros), k + made.left))
    sum_places = iter(range(k, k + len(zeros)))
    places = [*range(k)]
    places += [next(row_places) if x else -1 for x in varies[k : k + loop.rows]]
    places += [next(sum_places) if x else -1 for x in sums]
    return [
        applied(item(i), results) if x.__class__ is Value else SYMBOLIC_ZERO
        for i, x in zip(places, operands, strict=True)
    ]


def _body(
    loop: Loop, flows: Sequence[int], varies: Sequence[bool], at: Sequence[float]
) -> tuple[Program, list[bool]]:
    """A turn backwards, and for which numbers that stay the same it adds up contributions.

    Args:
        loop: the loop.
        flows: the rows among its results that have an adjoint.
        varies: for each operand, whether its derivative is wanted.
        at: the numbers of a turn, and of the adjoints.
    """
    body, k = loop.body, loop.carried
    outputs = [*body.outputs[:k], *[body.outputs[i] for i in flows]]
    variables = [i for i, is_wanted in enumerate(varies) if is_wanted]
    turn = weighted(replace(body, outputs=outputs, variables=variables))
    turn, guarded = differentiated(turn, at)
    names = [body.names.get(node, "x") for node in body.inputs]
    sums = varies[k + loop.rows :]

    made = Program()
    adjoints = [made.input(f"adjoint of {name}") for name in names[:k]]
    totals = [
        made.input(f"gradient of {name}")
        for name, is_sum in zip(names[k + loop.rows :], sums, strict=True)
        if is_sum
    ]
    read = [made.input(name) for name in names[: k + loop.rows]]
    adjoints_of_rows = [made.input(f"adjoint of row {i}") for i in flows]
    same = [made.input(name) for name in names[k + loop.rows :]]
    given = [*read, *same, *adjoints, *adjoints_of_rows]
    found = turn.interpret(given, lambda x: partial(made.apply, x), made.constant)
    flow = dict(zip(variables, [found[node] for node in turn.outputs[1:]], strict=True))
    made.outputs = [flow[i] for i in range(k)]
    added = [flow[i] for i in variables if i >= k + loop.rows]
    made.outputs += [made.apply(ADD, *pair) for pair in zip(totals, added, strict=True)]
    made.outputs += [flow[i] for i in variables if k <= i < k + loop.rows]
    made.outputs += [*adjoints, *totals]
    own = [*adjoints, *totals, *adjoints_of_rows]
    return finished(made, turn, found, own, guarded.values()), list(sums)


def sample(loop: Loop, read: Sequence[Any], operands: Sequence[Any]) -> list[float]:
    """The numbers of the last turn: what it began with and read, and what is the same in all.

    Args:
        loop: the loop.
        read: its trail, and the rows that it reads.
        operands: its operands.
    """
    k, last = loop.carried, 0 if loop.is_reversed else -1
    some = zip(numbers_of(read), [*numbers_of(operands[:k]), *[0.0] * loop.rows], strict=True)
    return [x[last] if x else first for x, first in some] + numbers_of(operands[k + loop.rows :])


def finished(
    made: Program,
    turn: Program,
    found: Sequence[int],
    own: Sequence[int],
    held: Collection[int],
) -> Program:
    """The body of a derivative, without what is computed for nothing.

    Args:
        made: the body, with its inputs and outputs.
        turn: the program of a derivative that it contains.
        found: the nodes of that in it.
        own: its inputs that are derivatives.
        held: the nodes in the program of the derivative that the function guards: it has been
            computed, and its guards have held, in the turns of the loop itself.
    """
    made.derived = {found[node] for node in turn.derived}
    made.values = {found[node] for node in turn.values}
    raising = {node for node in made.derived if may_raise(made, node)}
    made.guards = [(found[x], outcome) for x, outcome in turn.guards if x not in held]
    made.derived.update(own)
    made.values |= made.derived
    made.suspects = find_suspects(made)
    needed = {*made.inputs, *made.outputs, *made.suspects, *raising}
    needed.update(node for node, _ in made.guards)
    for node in range(len(made) - 1, -1, -1):
        if node in needed:
            needed.update(made.operands[node])
    return made.only(needed)
