"""Several outputs differentiated by one program: the sum of all of them, each times a cotangent.

A graph with many outputs has as many derivatives, but a call contributes one number to the adjoint
of each input: the derivative of the sum of the outputs, weighted by their adjoints. With the
weights as further inputs that is one output, and one program pulls back any cotangents.
"""

from __future__ import annotations

from autograd.functions import dot
from autograd.jit.graphs.tracer import Graph
from autograd.modes import recorded, tracing
from autograd.tape import Tape
from autograd.value import Value


def weighted(graph: Graph) -> Graph:
    """The graph of the sum of a graph's outputs, each times one more input.

    >>> from autograd.jit.graphs.tracer import trace
    >>> traced = trace(lambda xs: [xs[0] * 2.0, xs[0] * xs[0]], [3.0], ["x"], list, str)
    >>> sum_of_both = weighted(traced.graph)
    >>> sum_of_both.names, sum_of_both.outputs[0].operands[0].data
    (['x', 'cotangent[0]', 'cotangent[1]'], 0.0)
    """
    cotangents = [Value(0.0) for _ in graph.outputs]
    tape = Tape()
    tape.constants = set(graph.constants)
    with recorded(), tracing(tape):
        out = dot(cotangents, graph.outputs)
    return graph.extended(
        tape,
        [out],
        inputs=[*graph.inputs, *cotangents],
        names=[*graph.names, *(f"cotangent[{i}]" for i in range(len(cotangents)))],
    )
