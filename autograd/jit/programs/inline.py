"""Formulas instead of primitives for which array code and machine code have no lowering.

A primitive may have its value as a *formula*, written with operations that can be compiled. It is
traced once for each program, like a function, and inlined where the primitive is applied. Python
calls the value rule instead, which computes only one side of each choice.

A formula that is another function than its value rule would give wrong results silently, so it is
tried first (`trial`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from inspect import signature

from autograd.errors import TraceError
from autograd.jit.programs.fold import finish
from autograd.jit.programs.loops import in_bodies
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import PURE
from autograd.jit.programs.trial import outcome, said, trials
from autograd.jit.tracing.tracer import trace
from autograd.number import as_float
from autograd.primitives.definition import Primitive


def inlined(program: Program) -> Program:
    """The program with formulas in place of the primitives that have one.

    Raises:
        TraceError: a formula cannot be compiled, or differs from the value rule.

    >>> from autograd import primitive
    >>> rule = primitive(lambda g, out, x: 3 * g * x**2, name="cube", formula=lambda x: x * x * x)
    >>> cube = rule(lambda x: x**3)
    >>> program = Program()
    >>> program.outputs.append(program.apply(cube.primitive, program.input("x")))
    >>> [x.name for x in inlined(program).operations if x is not None]
    ['mul', 'mul']
    """
    program = in_bodies(program, inlined)
    if all(made is None or made.formula is None for made in set(program.operations)):
        return program
    made = Program()
    formulas: dict[tuple[Primitive, int], Program] = {}

    def node(operation: Primitive) -> Callable[..., int]:
        return partial(made.apply, operation)

    def meaning(operation: Primitive) -> Callable[..., int]:
        return node(operation) if operation.formula is None else partial(apply, operation)

    def apply(operation: Primitive, *at: int) -> int:
        key = operation, len(at)
        if key not in formulas:
            formulas[key] = formula_program(*key)
        formula = formulas[key]
        return int(formula.interpret(at, node, made.constant)[formula.outputs[0]])

    given = [made.input(program.names.get(node, "")) for node in program.inputs]
    finish(program, made, program.interpret(given, meaning, made.constant))
    return made


def formula_program(primitive: Primitive, count: int) -> Program:
    """The formula of a primitive for a number of operands, as a program.

    Raises:
        TraceError: it cannot be compiled, or differs from the value rule.
    """
    # A user's may read what has changed since the last program.
    return (_kept if primitive in PURE else _traced)(primitive, count)


def _traced(primitive: Primitive, count: int) -> Program:
    """The formula of a primitive for a number of operands, as a program.

    Invariant: where the value rule gives a finite number, it computes that or raises; elsewhere it
    raises or computes none, so that a run is left to the plain function.
    """
    try:
        tried = trials(primitive, count)
    except ValueError as error:
        raise _refusal(primitive, str(error)) from None
    found = _program(primitive, next(trial.at for trial in tried if trial.is_ordinary))
    for trial in tried:
        why = trial.difference(outcome(lambda *xs: found.evaluate(xs)[0], trial.at))
        if why:
            raise _refusal(primitive, why)
    return inlined(found)


def _program(primitive: Primitive, at: tuple[float, ...]) -> Program:
    formula = primitive.formula
    assert formula is not None
    try:
        signature(formula).bind(*at)
    except TypeError as error:
        raise _refusal(primitive, f"cannot be called as its value rule is: {error}") from None
    except ValueError:  # a built-in function that does not say what it takes
        pass
    try:
        traced = trace(
            lambda xs: formula(*xs), at, [f"x{i}" for i in range(len(at))], lambda y: [y], str
        )
    except (ArithmeticError, ValueError) as error:
        raise _refusal(primitive, f"{said(error)} at {at}") from error
    found = traced.program
    if found.guards or len(found.inputs) != len(at):
        raise _refusal(primitive, "chooses by if (use autograd.where), or reads another Value")
    if not found.outputs:
        number = as_float(traced.out, f"the formula of the primitive {primitive.name}")
        found.outputs = [found.constant(number)]
    return found


_kept = cache(_traced)


def _refusal(primitive: Primitive, why: str) -> TraceError:
    return TraceError(f"the formula of the primitive {primitive.name} {why}")
