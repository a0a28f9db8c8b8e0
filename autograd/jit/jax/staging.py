"""Stages of a program for JAX: array operations, and between them its loops.

Operations on numbers are lifted (`arrays.lift`). A row or a loop is none of these, so a program
that has some is cut: all that can be computed before the first loops is lifted, then come these
loops, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

from autograd.jit.arrays.buffer_plan import Plan
from autograd.jit.arrays.lift import lift
from autograd.jit.jax.lax_table import HELD, opaque
from autograd.jit.programs.compound import Compound
from autograd.jit.programs.loops import Loop, in_bodies
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import OPERATIONS
from autograd.jit.programs.simplify import simplify
from autograd.jit.unsupported import Unsupported
from autograd.modes import pause_gc
from autograd.primitives.definition import Primitive

STOP = OPERATIONS["stop_gradient"]


@dataclass(frozen=True)
class Lifted:
    """Array operations.

    Attributes:
        plan: the operations.
        inputs: the nodes whose numbers they are given, in order.
        outputs: the nodes that they compute.
    """

    plan: Plan
    inputs: Sequence[int]
    outputs: Sequence[int]


@dataclass(frozen=True)
class Staged:
    """A program in stages.

    Attributes:
        program: the program.
        stages: array operations, and nodes that are rows, loops or parts of these.
        bodies: the stages of the programs in its loops, by `id`.
        has_guards: whether it has a guard, or a loop in it has.
        may_go_on: whether it has a loop that might never end, or a loop in it has.
    """

    program: Program
    stages: Sequence[Lifted | int]
    bodies: dict[int, Staged]
    has_guards: bool
    may_go_on: bool


def differentiable(program: Program) -> Program:
    """The program, simplified as far as derivatives stay what they are.

    No rewrite may drop what stops a gradient, and what has a formula keeps its own rule.
    """
    return simplify(_held(program))


def _held(program: Program) -> Program:
    program = in_bodies(program, _held)
    found: dict[Primitive, Primitive] = {
        made: HELD if made is STOP else opaque(made)
        for made in set(program.operations)
        if made is not None and (made is STOP or made.formula is not None)
    }
    operations = [found.get(made, made) if made else None for made in program.operations]
    return replace(program, operations=operations)


def staged(program: Program) -> Staged:
    """The stages of a program, and of the bodies of its loops.

    Raises:
        Unsupported: it has a loop that JAX has not.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(6)]
    >>> program.outputs += [program.apply(TABLE["exp"], x) for x in xs]
    >>> [step.operation for step in staged(program).stages[0].plan.steps]
    [<primitive exp>]
    """
    found = _levels(program)
    read = {*program.outputs, *program.suspects, *program.regrouped}
    read.update(node for node, _ in program.guards)
    for node, operands in enumerate(program.operands):
        of_loops = isinstance(program.operations[node], Compound)
        read.update(i for i in operands if of_loops or found[i] != found[node])
    stages: list[Lifted | int] = []
    by_level: dict[int, list[int]] = {}
    for node, operation in enumerate(program.operations):
        if operation is not None:
            by_level.setdefault(found[node], []).append(node)
    for level in sorted(by_level):
        numbers, compounds = list[int](), list[int]()
        for node in by_level[level]:
            is_number = not isinstance(program.operations[node], Compound)
            (numbers if is_number else compounds).append(node)
        outputs = [node for node in numbers if node in read]
        if outputs:
            stages.append(_lifted(program, numbers, outputs))
        stages += compounds
    loops = [x for x in program.operations if isinstance(x, Loop)]
    if any(loop.turns is None and (loop.again is None or loop.left) for loop in loops):
        raise Unsupported(
            "has the derivative of a while_loop, which JAX does not have in reverse mode (use"
            " fori_loop or scan, with where for turns that change nothing)"
        )
    bodies = {id(body): staged(body) for loop in loops for body in loop.programs}
    has_guards = bool(program.guards) or any(body.has_guards for body in bodies.values())
    may_go_on = any(loop.again is not None for loop in loops)
    may_go_on |= any(body.may_go_on for body in bodies.values())
    return Staged(program, stages, bodies, has_guards, may_go_on)


def _levels(program: Program) -> list[int]:
    """For each node how many loops come before it, one after the other."""
    found = [0] * len(program)
    for node, (operation, operands) in enumerate(
        zip(program.operations, program.operands, strict=True)
    ):
        is_number = operation is not None and not isinstance(operation, Compound)
        for i in operands:
            after = is_number and isinstance(program.operations[i], Compound)
            found[node] = max(found[node], found[i] + after)
    return found


def _lifted(program: Program, nodes: Sequence[int], outputs: Sequence[int]) -> Lifted:
    """The array operations of some nodes; what they read from elsewhere are inputs.

    So are constants that are not finite, since lifting relies on all that are.
    """
    made, new = Program(), dict[int, int]()
    inputs: list[int] = []
    members = set(nodes)
    order = {node: place for place, node in enumerate(program.inputs)}
    outside = {i for node in nodes for i in program.operands[node] if i not in members}
    for i in sorted(outside, key=lambda i: (order.get(i, len(order)), i)):
        if isfinite(program.constants.get(i, float("inf"))):
            new[i] = made.constant(float(program.constants[i]))
        else:
            new[i] = made.input(program.names.get(i, ""))
            inputs.append(i)
    for node in nodes:
        operation = program.operations[node]
        assert operation is not None
        new[node] = made.apply(operation, *[new[i] for i in program.operands[node]])
    made.outputs = [new[node] for node in outputs]
    with pause_gc():
        return Lifted(lift(made), inputs, outputs)
