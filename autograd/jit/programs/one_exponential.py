"""Sigmoids and softpluses of a number, and of its negative, by one exponential.

The derivative of the sigmoid at `x` is the product of those at `x` and `-x`; the derivative of the
softplus is the sigmoid, and a cross-entropy has the softplus of both. All of them are functions of
`x` and `exp(-|x|)`, which takes most of their time. So machine code computes that once, and of it
the same numbers, bit by bit, that each of them has by itself. NumPy's calls are left as they read
best.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp

from autograd.jit.programs.fold import finish
from autograd.jit.programs.loops import in_bodies
from autograd.jit.programs.program import Program
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

ADD, MAXIMUM, LOG1P = TABLE["add"], TABLE["maximum"], TABLE["log1p"]
MUL, NEG = TABLE["mul"], TABLE["neg"]
SIGMOID, SOFTPLUS = TABLE["sigmoid"], TABLE["softplus"]


def _operation(name: str, value: Callable[..., float], facts: str = "") -> Primitive:
    return Primitive(name, value, lambda g, out, *operands: NotImplemented, facts=facts)


EXP_MINUS_ABS = _operation("exp_minus_abs", lambda x: exp(-abs(x)), "total finite")
SIGMOID_BY = _operation("sigmoid_by", lambda x, e: (1.0 if x >= 0.0 else e) / (1.0 + e))
"""The sigmoid of `x`, given `exp(-|x|)`."""


def with_one_exponential(program: Program) -> Program:
    """The program with one exponential where several functions need it."""
    program = in_bodies(program, with_one_exponential)
    sizes: dict[tuple[int, float], list[int]] = {}
    for node, operation in enumerate(program.operations):
        if operation is SIGMOID or operation is SOFTPLUS:
            base, factor = multiple(program, program.operands[node][0])
            sizes.setdefault((base, abs(factor)), []).append(node)
    together = {node: nodes[0] for nodes in sizes.values() if len(nodes) > 1 for node in nodes}
    if not together:
        return program
    made = Program()
    found: list[int] = [-1] * len(program)
    logarithms: dict[int, int] = {}
    exponentials: dict[int, int] = {}
    for node, number in program.constants.items():
        found[node] = made.constant(number)
    zeros = [made.constant(0.0)] if any(program.operations[i] is SOFTPLUS for i in together) else []
    for node in program.inputs:
        found[node] = made.input(program.names.get(node, ""))
    for node, operation in enumerate(program.operations):
        if operation is None:
            continue
        at = [found[i] for i in program.operands[node]]
        if node not in together:
            found[node] = made.apply(operation, *at)
            continue
        first = together[node]
        if first not in exponentials:
            exponentials[first] = made.apply(EXP_MINUS_ABS, *at)
        if operation is SIGMOID:
            found[node] = made.apply(SIGMOID_BY, *at, exponentials[first])
            continue
        if first not in logarithms:
            logarithms[first] = made.apply(LOG1P, exponentials[first])
        found[node] = made.apply(ADD, made.apply(MAXIMUM, *at, *zeros), logarithms[first])
    finish(program, made, found)
    return made


def multiple(program: Program, node: int) -> tuple[int, float]:
    """The node as another one times a number."""
    operation, operands = program.operations[node], program.operands[node]
    if operation is NEG:
        return operands[0], -1.0
    if operation is MUL and operands[0] in program.constants:
        return operands[1], program.constants[operands[0]]
    return node, 1.0
