"""A Python loop in a trace, made a loop again before it is differentiated (`programs.roll`).

What the tape holds is written down as a program, rolled, and recorded once more with the loops in
it, for the same numbers. The derivative of a loop is a loop, so the chain rule is not applied turn
by turn. What was recorded first is *replaced*: it goes, unless something else reads it too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd.graph import dependents, topological_order
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.programs.roll import recovered
from autograd.jit.tracing.sweep import recorded_as, sweep
from autograd.jit.tuning import LEAST_ROLLED
from autograd.jit.unsupported import Unsupported
from autograd.jit.unwatched import unwatched
from autograd.modes import is_recording
from autograd.trace import differentiated
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.jit.tracing.tape import Tape


def adjoints_of_loops(
    tape: Tape, order: Sequence[Value], seeds: Mapping[Value, Any], wrt: Collection[Value] | None
) -> dict[Value, Any] | None:
    """The adjoints of the graph's inputs, by derivatives of loops; None if it has none.

    Args:
        tape: what was recorded.
        order: the graph, operands before results.
        seeds: the adjoints to start from, by result.
        wrt: the nodes to pass adjoints to.
    """
    is_first = tape.rolls and is_recording() and not (tape.derived or tape.replaced)
    if not is_first or len(order) < LEAST_ROLLED or len(seeds) > 1 or wrt is None:
        return None
    ((root, seed),) = seeds.items()
    inputs = set(wrt).difference(order)
    if not inputs.isdisjoint(tape.constants):  # the program would have numbers for them
        return None
    read = {x for node in order for x in node.operands if x.__class__ is Value}
    if root in tape.constants or not read.issuperset(x for x in order if x is not root):
        return None
    with unwatched():
        start = len(tape.nodes)
        first = 1 + max((i for i, x in enumerate(tape.nodes) if x in inputs), default=-1)
        nodes = [x for x in tape.nodes[first:] if x not in tape.constants]
        guards, raised = dict(tape.guards), tape.raised
        # In the function its inputs are Values: an exponent, for one, has a derivative.
        made = _rolled(tape, nodes, root, differentiated.get() | inputs)
        if made is None:
            return None
        program, leaves = made
        for node in nodes:
            tape.guards.pop(node, None)
        tape.rolls = False  # a derivative that cannot be a loop is made turn by turn
        try:
            found = program.interpret(leaves, recorded_as, decide=tape.guard)
            for place, x in enumerate(found):
                is_made = program.operations[place] is not None and x.__class__ is Value
                if is_made and place not in program.values:
                    tape.plain.add(x)
            result = found[program.outputs[0]]
            tape.replaced = dict.fromkeys(nodes) | {root: result}
            again = topological_order(result, frontier=inputs)
            with tape.differentiating():
                return sweep(again, {result: seed}, dependents(again, inputs))
        except (ArithmeticError, ValueError, LookupError, GuardFailure, Unsupported):
            del tape.nodes[start:]
            tape.guards, tape.replaced, tape.raised = guards, {}, raised
            return None
        finally:
            tape.rolls = True


def _rolled(
    tape: Tape, nodes: Sequence[Value], root: Value, outer: Collection[Value]
) -> tuple[Program, list[Value]] | None:
    """The program of these nodes with its loops, and the Values that are its inputs."""
    from autograd.jit.tracing.tape import Tape
    from autograd.jit.tracing.tracer import Recording

    part = Tape()
    for name in ("constants", "values", "plain", "integers"):
        setattr(part, name, getattr(tape, name))
    part.nodes = [*nodes]
    part.guards = {x: tape.guards[x] for x in nodes if x in tape.guards}
    recording = Recording(part, {}, lambda x: x.label or "x", outer)
    traced = recording.program([root])
    program = recovered(traced)
    return (program, recording.parameters) if program is not traced else None
