"""Stage 2: the program of a derivative, by the same rules as everywhere.

The program of the function is interpreted on Values, and the chain rule goes backwards over the
graph that this makes, with Values for adjoints, while a tape is set. So the tape records the rules
as it did the function, their choices (`select`) and conditions included. The result is a `Program`
again, which can be compiled, and differentiated again: that is how derivatives of any order are
compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograd.jit.programs.loops import written_out
from autograd.jit.programs.program import Program
from autograd.jit.tracing.sweep import recorded_as
from autograd.jit.tracing.tape import Tape
from autograd.jit.tracing.tracer import Recording
from autograd.jit.unsupported import Unsupported
from autograd.modes import pause_gc, recorded, tracing
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from autograd.primitives.tracing import COMPARISONS, stop_gradient
from autograd.value import Value, constant

UNMOVED = COMPARISONS | {stop_gradient.primitive}
"""The operations through which no gradient flows."""


def moving(program: Program) -> set[int]:
    """The differentiable nodes: inputs that stand for Values, and all that depend on them."""
    found = {program.inputs[i] for i in program.variables}
    for node, at in enumerate(program.operands):
        if not found.isdisjoint(at) and program.operations[node] not in UNMOVED:
            found.add(node)
    return found


def differentiate(program: Program, numbers: Sequence[float]) -> Program:
    """The program that computes the only output and its derivative in each input that is a Value.

    Args:
        program: the function, as it was traced.
        numbers: the inputs for which the derivative rules choose what no condition decides.

    Raises:
        ValueError, ArithmeticError, Unsupported: as in `differentiated`.
    """
    return differentiated(program, numbers)[0]


def differentiated(program: Program, numbers: Sequence[float]) -> tuple[Program, dict[int, int]]:
    """The same, and where in it are the nodes that the function guards.

    Raises:
        ValueError, ArithmeticError: there is no derivative for these numbers.
        Unsupported: a derivative rule reads a Value from elsewhere.
    """
    leaves = [Value(x) for x in numbers]
    tape = Tape(rolls=False)
    with pause_gc(), recorded(), tracing(tape):
        found = program.interpret(leaves, recorded_as, decide=tape.guard)
        out, order = found[program.outputs[0]], list(tape.nodes)
        for node, x in enumerate(found):
            if x.__class__ is Value:
                (tape.values if node in program.values else tape.plain).add(x)
        tape.derived.update(found[i] for i in program.derived)
        flows = tape.adjoints(order, {out: 1.0}, {found[i] for i in moving(program)})
    names = [program.names.get(node, "") for node in program.inputs]
    recording = Recording(tape, dict(zip(leaves, names, strict=True)), lambda other: "")
    made = recording.program([out, *(flows.get(leaves[i], 0.0) for i in program.variables)])
    if recording.parameters:
        raise Unsupported(
            "has a derivative rule that reads a Value from outside (make it an operand of the"
            " primitive)"
        )
    guarded = {node: found[node] for node, _ in program.guards}
    return made, {node: recording[x] for node, x in guarded.items() if x in recording}


def replay(program: Program, operands: Sequence[Any]) -> list[Any]:
    """The outputs, computed by the plain engine from other numbers or Values.

    Raises:
        ValueError, ArithmeticError: as the operations do.
    """

    def meaning(operation: Primitive) -> Callable[..., Any]:
        if operation not in UNMOVED:
            return operation
        # a constant in the function too, which has no derivative
        return lambda *at: operation(*[constant(x, operation.name) for x in at])

    found = program.interpret(operands, written_out(meaning))
    return [found[node] for node in program.outputs]


def weighted(program: Program) -> Program:
    """The program of the sum of all outputs, each times one more input, its cotangent.

    A program with many outputs has as many derivatives, but a call contributes one number to the
    adjoint of each input: the derivative of this sum. So one program pulls back any cotangents.

    >>> program = Program()
    >>> x = program.input("x")
    >>> program.outputs = [program.apply(TABLE["exp"], x), program.apply(TABLE["neg"], x)]
    >>> weighted(program).evaluate([0.0, 2.0, 3.0])
    [2.0]
    """
    made = replace(
        program,
        operations=[*program.operations],
        operands=[*program.operands],
        inputs=[*program.inputs],
        names=dict(program.names),
    )
    cotangents = [made.input(f"cotangent[{i}]") for i in range(len(program.outputs))]
    made.outputs = [made.apply(TABLE["dot"], *cotangents, *program.outputs)]
    return made
