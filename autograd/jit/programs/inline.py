"""Formulas instead of primitives for which array code and machine code have no lowering.

A primitive may have its value as a *formula*, written with operations that can be compiled. It is
traced once for each program, like a function, and inlined where the primitive is applied. Python
calls the value rule instead, which computes only one side of each choice.

A formula that disagrees with its value rule would give wrong results silently. So the two are
compared at numbers of several sizes, and at zeros: in what they give and in where they raise.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from inspect import signature
from itertools import product
from math import copysign, isclose, isfinite
from typing import TypeAlias

from autograd.errors import TraceError
from autograd.jit.graphs.tracer import trace
from autograd.jit.programs.convert import to_program
from autograd.jit.programs.fold import finish
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import PURE
from autograd.number import as_float
from autograd.primitives.definition import Primitive

_FAILURES = (ArithmeticError, ValueError)
_ROUND = (0.0, -0.0, 1.0, -1.0)  # where a function may be defined by itself


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
    if all(made is None or made.formula is None for made in set(program.operations)):
        return program
    made = Program()
    new: list[int] = []
    formulas: dict[tuple[Primitive, int], Program] = {}
    for node, (operation, operands) in enumerate(
        zip(program.operations, program.operands, strict=True)
    ):
        given = [new[i] for i in operands]
        if node in program.constants:
            new.append(made.constant(program.constants[node]))
        elif operation is None:
            new.append(made.input(program.names.get(node, "")))
        elif operation.formula is None:
            new.append(made.apply(operation, *given))
        else:
            key = operation, len(given)
            if key not in formulas:  # a user's may read what has changed since the last program
                formulas[key] = (_kept if operation in PURE else _traced)(*key)
            new.append(_apply(made, formulas[key], given))
    finish(program, made, new)
    return made


def _apply(made: Program, formula: Program, given: list[int]) -> int:
    """Add the operations of a formula on some nodes; returns the node of its result."""
    new = dict(zip(formula.inputs, given, strict=True))
    for node, operation in enumerate(formula.operations):
        if operation is not None:
            new[node] = made.apply(operation, *[new[i] for i in formula.operands[node]])
        elif node in formula.constants:
            new[node] = made.constant(formula.constants[node])
    return new[formula.outputs[0]]


def _traced(primitive: Primitive, count: int) -> Program:
    """The formula of a primitive for a number of operands, as a program.

    Invariant: where the value rule gives a finite number, it computes that or raises; elsewhere it
    raises or computes none, so that a run is left to the plain function.
    """
    tried = [(at, _outcome(primitive.value, at)) for at in _points(count)]
    computed = [at for at, expected in tried if not isinstance(expected, Exception)]
    if not computed:
        raise _refusal(primitive, "could not be tried: its value rule raises everywhere")
    found = _program(primitive, computed[0])
    for at, expected in tried:
        number = _outcome(lambda *xs: found.evaluate(xs)[0], at)
        if not _agrees(number, expected, is_round=at[0] in _ROUND):
            why = f"{_said(number)} at {at}, where its value rule {_said(expected)}"
            raise _refusal(primitive, why)
    return inlined(found)


def _program(primitive: Primitive, at: Sequence[float]) -> Program:
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
    except _FAILURES as error:
        raise _refusal(primitive, f"{_said(error)} at {at}") from error
    found = to_program(traced.graph)
    if found.guards or len(found.inputs) != len(at):
        raise _refusal(primitive, "chooses by if (use autograd.where), or reads another Value")
    if not traced.graph.outputs:
        number = as_float(traced.out, f"the formula of the primitive {primitive.name}")
        found.outputs.insert(0, found.constant(number))
    return found


_Outcome: TypeAlias = float | Exception


def _outcome(rule: Callable[..., float], at: Sequence[float]) -> _Outcome:
    try:
        return rule(*at)
    except _FAILURES as error:
        return error


def _agrees(number: _Outcome, expected: _Outcome, is_round: bool) -> bool:
    if isinstance(number, Exception):  # maybe a side of `where` that is not taken
        return is_round or isinstance(expected, Exception)
    if isinstance(expected, Exception) or not isfinite(expected):
        return not isfinite(number)
    if number == expected == 0:
        return copysign(1.0, number) == copysign(1.0, expected)
    return isclose(number, expected, rel_tol=1e-9, abs_tol=1e-12 if is_round else 1e-300)


def _said(outcome: _Outcome) -> str:
    return f"{'raises' if isinstance(outcome, Exception) else 'gives'} {outcome!r}"


_kept = cache(_traced)


def _points(count: int) -> Iterator[list[float]]:
    rng = random.Random(0)
    for scale in (1.0, 1.0, 3.0, 10.0, 40.0) * 4:
        yield [rng.uniform(-scale, scale) for _ in range(count)]
    for at in product(_ROUND, repeat=count) if count <= 2 else ([x] * count for x in _ROUND):
        yield [*at]


def _refusal(primitive: Primitive, why: str) -> TraceError:
    return TraceError(f"the formula of the primitive {primitive.name} {why}")
