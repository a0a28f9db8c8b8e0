"""Derivative rules as programs, for JAX: traced at operands of all kinds.

A rule that branches on its operands has a program for each branch that was found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, product
from typing import Any, NamedTuple

from autograd.errors import TraceError
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.programs.trial import trials
from autograd.jit.tracing.tracer import trace
from autograd.jit.unsupported import Unsupported
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from autograd.value import Value

_PROBES = (0.5, -0.5, 0.0, 1e200, -1e200, 1.0, -1.0, 2.0, -2.0, 3.0, 0.25, math.inf, -math.inf)
_MOST_PROBES = 300
_FAILURES = (ArithmeticError, ValueError, LookupError)


class Rule(NamedTuple):
    """A derivative rule as it was traced.

    Attributes:
        program: its inputs are `g`, the result, and the operands that are not fixed.
        flows: for each of these operands the node of its contribution; None where nothing flows.
        at: the result and these operands where it was traced.
    """

    program: Program
    flows: list[int | None]
    at: list[float]


def rules(operation: Primitive, fixed: tuple[str, ...]) -> list[Rule]:
    """The branches of a derivative rule, that of ordinary operands first.

    A user's rule is traced each time, since it may read a setting that has changed.

    Args:
        operation: the primitive.
        fixed: for each operand the number that it always is, as text; empty where it varies.

    Raises:
        TraceError: the rule cannot be traced: it takes the number of a Value, or reads another one.
    """
    return (_found if may_be_unknown(operation) else _known)(operation, fixed)


def _found(operation: Primitive, fixed: tuple[str, ...]) -> list[Rule]:
    numbers = [float(x) if x else None for x in fixed]
    found: list[Rule] = []
    for at in _operands(operation, numbers):
        out = _value(operation, at)
        if out is None or any(_holds(rule, [1.0, out, *_varying(at, numbers)]) for rule in found):
            continue
        rule = _traced(operation, numbers, at, out)
        if rule is None:
            continue
        found.append(rule)
        if not rule.program.guards:
            break
    if not found:
        raise TraceError(
            f"as_jax: the derivative rule of the primitive {operation.name} gives no number at any"
            " of the operands at which it was tried"
        )
    return found


_known = lru_cache(maxsize=4096)(_found)


def _operands(operation: Primitive, fixed: Sequence[float | None]) -> list[tuple[float, ...]]:
    """Operands to trace a rule at: ordinary ones, then all kinds of them."""
    count = len(fixed)
    try:
        ordinary = [trial.at for trial in trials(operation, count) if trial.is_ordinary]
    except ValueError:
        ordinary = []
    few = next((n for n in range(len(_PROBES), 2, -1) if n**count <= _MOST_PROBES), 1)
    probes = chain(product(_PROBES[:few], repeat=count), ((x,) * count for x in _PROBES))
    filled: dict[tuple[str, ...], tuple[float, ...]] = {}
    for at in (*ordinary, *probes):
        point = tuple([x if y is None else y for x, y in zip(at, fixed, strict=True)])
        filled.setdefault(tuple(map(repr, point)), point)
    return list(filled.values())


def _value(operation: Primitive, at: Sequence[float]) -> float | None:
    try:
        return float(operation.value(*at))
    except _FAILURES:
        return None


def _varying(at: Sequence[float], fixed: Sequence[float | None]) -> list[float]:
    return [x for x, y in zip(at, fixed, strict=True) if y is None]


def _holds(rule: Rule, numbers: Sequence[float]) -> bool:
    """Whether a branch is the one for these numbers."""
    program = replace(rule.program, outputs=[])
    read = needed(program, [*program.inputs, *(node for node, _ in program.guards)])
    try:
        program.only(read).evaluate(numbers)
    except (GuardFailure, *_FAILURES):
        return False
    return True


def needed(program: Program, nodes: Sequence[int]) -> set[int]:
    """The nodes that some nodes are computed from, and these."""
    found = set(nodes)
    for node in range(len(program) - 1, -1, -1):
        if node in found:
            found.update(program.operands[node])
    return found


def _traced(
    operation: Primitive, fixed: Sequence[float | None], at: Sequence[float], out: float
) -> Rule | None:
    """The rule at some operands; None if it raises there."""

    def call(leaves: list[Value]) -> list[Any]:
        g, result, *varying = leaves
        given = iter(varying)
        operands = [next(given) if x is None else x for x in fixed]
        flow = operation.derivative(g, result, *operands)
        flows = [flow] if operation.arity == 1 else list(flow)
        return [d for d, x in zip(flows, fixed, strict=True) if x is None]

    given = [Value(x) for x in (1.0, out, *_varying(at, fixed))]
    names = ["g", "out", *(f"x{k}" for k in range(len(given) - 2))]
    try:
        traced = trace(call, given, names, lambda found: found, lambda parameter: "")
    except _FAILURES:
        return None
    except (TraceError, Unsupported) as problem:
        raise TraceError(
            f"as_jax: the derivative rule of the primitive {operation.name} cannot be traced:"
            f" {problem}"
        ) from None
    program = traced.program
    if traced.parameters:
        raise TraceError(
            f"as_jax: the derivative rule of the primitive {operation.name} reads a Value from"
            " outside (make it an operand of the primitive)"
        )
    results = iter(program.outputs)
    flows = [next(results) if isinstance(d, Value) else _number(program, d) for d in traced.out]
    return Rule(program, flows, [x.data for x in given[1:]])


def _number(program: Program, d: float) -> int | None:
    """The node of a contribution that is a number: nothing flows there, or NaN."""
    return program.constant(d) if d != 0.0 else None


_OF_THE_LIBRARY = {made.derivative for made in TABLE.values()}


def may_be_unknown(operation: Primitive) -> bool:
    """Whether a rule may have a branch that was not found: those of the library have none."""
    return operation.derivative not in _OF_THE_LIBRARY
