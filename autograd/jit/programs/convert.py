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
    index = {
        leaf: program.input(name) for leaf, name in zip(graph.inputs, graph.names, strict=True)
    }
    shared: dict[tuple[float, float], int] = {}

    def place(x: Any) -> int:
        found = index.get(x) if x.__class__ is Value else None
        if found is not None:
            return found
        x = x._data if x.__class__ is Value else x
        return number(x if x is SYMBOLIC_ZERO else float(x))

    def number(x: float) -> int:
        if x != x:
            return program.constant(x)
        key = (x, 0.0 if x is SYMBOLIC_ZERO else math.copysign(1.0, x))
        if key not in shared:
            shared[key] = program.constant(x)
        return shared[key]

    needed = ancestors(graph, [*graph.outputs, *graph.guards, *graph.checks])
    for node in graph.nodes:
        if node in needed:
            assert node._primitive is not None
            operands = node.operands
            try:
                places = tuple([index[x] for x in operands])
            except KeyError:  # there is a constant among them
                places = tuple([place(x) for x in operands])
            index[node] = program.apply(node._primitive, *places)
    program.outputs = [place(x) for x in (*graph.outputs, *graph.checks)]
    program.checks = len(graph.checks)
    program.suspects = [index[x] for x in graph.suspects() if x in index]
    program.guards = [(place(x), outcome) for x, outcome in graph.guards.items()]
    return program
