"""Formulas instead of primitives for which array code and machine code have no lowering.

A primitive may have its value as a *formula*, written with operations that can be compiled. It is
traced once for each program, like a function, and inlined where the primitive is applied. Python
calls the value rule instead, which computes only one side of each choice.

A formula that disagrees with its value rule would give wrong results silently. So the two are
compared at numbers of several sizes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from math import isclose, isfinite

from autograd.errors import TraceError
from autograd.jit.graphs.tracer import trace
from autograd.jit.programs.convert import to_program
from autograd.jit.programs.fold import finish
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import PURE
from autograd.primitives.definition import Primitive

_FAILURES = (ArithmeticError, ValueError)
_ROUND = (0.0, 1.0, -1.0)  # where a function may be defined by itself


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
    """The formula of a primitive for a number of operands, as a program."""
    formula = primitive.formula
    assert formula is not None
    found: Program | None = None
    for at in _points(count):
        try:
            expected = primitive.value(*at)
        except _FAILURES:
            continue
        try:
            if found is None:
                names = [f"x{i}" for i in range(count)]
                graph = trace(lambda xs: formula(*xs), at, names, lambda y: [y], str).graph
                found = to_program(graph)
            [number] = found.evaluate(at)
        except _FAILURES as error:
            if found is not None and at[0] in _ROUND:  # a side of `where` that is not taken
                continue
            why = f"raises {error!r} at {at}, where its value rule gives {expected}"
            raise _refusal(primitive, why) from error
        if found.guards or len(found.inputs) != count:
            raise _refusal(primitive, "chooses by if (use autograd.where), or reads another Value")
        least = 1e-12 if at[0] in _ROUND else 1e-300
        if isfinite(expected) and not isclose(number, expected, rel_tol=1e-9, abs_tol=least):
            raise _refusal(primitive, f"gives {number} at {at}, its value rule {expected}")
    if found is None:
        raise _refusal(primitive, "could not be tried: its value rule raises everywhere")
    return inlined(found)


_kept = cache(_traced)


def _points(count: int) -> Iterator[list[float]]:
    rng = random.Random(0)
    for scale in (1.0, 1.0, 3.0, 10.0, 40.0) * 4:
        yield [rng.uniform(-scale, scale) for _ in range(count)]
    for number in _ROUND:
        yield [number] * count


def _refusal(primitive: Primitive, why: str) -> TraceError:
    return TraceError(f"the formula of the primitive {primitive.name} {why}")
