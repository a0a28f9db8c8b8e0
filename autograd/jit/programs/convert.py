"""From a graph of Values to a program of indexes: all that outputs, guards and checks depend on.

A check is computed like an output, after the others, so that it raises where the function does.
"""

from __future__ import annotations

import math
from typing import Any

from autograd.jit.graphs.tracer import Graph, ancestors
from autograd.jit.programs.program import Program
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.value import Value


def to_program(graph: Graph) -> Program:
    """The program that computes the outputs of a graph and checks its guards.

    >>> from autograd.jit.graphs.tracer import trace
    >>> f = lambda xs: xs[0] * xs[1] + 1.0
    >>> traced = trace(f, [2.0, 3.0], ["a", "b"], lambda out: [out], lambda parameter: "")
    >>> to_program(traced.graph).evaluate([4.0, 5.0])
    [21.0]
    """
    program = Program()
    index = _Places(program)
    index.update(
        (leaf, program.input(name)) for leaf, name in zip(graph.inputs, graph.names, strict=True)
    )
    needed = ancestors(graph, [*graph.outputs, *graph.guards, *graph.checks])
    operations, operands = program.operations, program.operands
    for node in graph.nodes:
        if node in needed:
            operands.append(tuple([index[x] for x in node.operands]))
            index[node] = len(operations)
            operations.append(node._primitive)
    program.outputs = [index[x] for x in (*graph.outputs, *graph.checks)]
    program.checks = len(graph.checks)
    program.suspects = [index[x] for x in graph.suspects() if x in index]
    program.guards = [(index[x], outcome) for x, outcome in graph.guards.items()]
    return program


class _Places(dict[Any, int]):
    """The place of each node of a graph in a program; that of a number is made."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._shared: dict[tuple[float, float], int] = {}

    def __missing__(self, x: Any) -> int:
        x = x._data if x.__class__ is Value else x
        x = x if x is SYMBOLIC_ZERO else float(x)
        if x != x:
            return self._program.constant(x)
        key = (x, 0.0 if x is SYMBOLIC_ZERO else math.copysign(1.0, x))
        if key not in self._shared:
            self._shared[key] = self._program.constant(x)
        return self._shared[key]
