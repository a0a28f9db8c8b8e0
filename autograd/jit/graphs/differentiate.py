"""Stage 2: the graph of a derivative, by the same rules as everywhere.

The chain rule goes backwards over the graph of the function, with Values for adjoints, while a tape
is set. So the tape records the rules as it did the function, their choices (`select`) and
conditions included. The result is a `Graph` again, which can be compiled, and differentiated again:
that is how derivatives of any order are compiled.
"""

from __future__ import annotations

from autograd.jit.graphs.tracer import Graph, ancestors
from autograd.modes import pause_gc, recorded, tracing
from autograd.sweep import sweep
from autograd.tape import Tape
from autograd.value import Value, constant


def differentiate(graph: Graph, k: int) -> Graph:
    """The graph that computes output `k` and its derivative in each input that is a Value.

    Raises:
        ValueError, ArithmeticError: there is no derivative for the numbers that the graph holds.
    """
    out = graph.outputs[k]
    tape = Tape()
    tape.constants = set(graph.constants)
    with pause_gc(), recorded(), tracing(tape):
        found = sweep(graph.nodes, {out: 1.0}, graph.moving())
    flows = [found.get(graph.inputs[i], 0.0) for i in graph.positions]
    return graph.extended(tape, [out, *flows])


def replay(graph: Graph, k: int, operands: list[object]) -> object:
    """Output `k`, computed by the ordinary engine from other numbers or Values.

    Raises:
        ValueError, ArithmeticError: as the operations do.
    """
    made: dict[Value, object] = dict(zip(graph.inputs, operands, strict=True))
    needed = ancestors(graph, [graph.outputs[k]])
    moving = graph.moving()
    for node in graph.nodes:
        if node in needed:
            assert node._primitive is not None
            at = [made.get(x, x._data) if isinstance(x, Value) else x for x in node.operands]
            if node not in moving:  # a constant in the function too, which has no derivative
                at = [constant(x, node._primitive.name) for x in at]
            made[node] = node._primitive(*at)
    return made.get(graph.outputs[k], graph.outputs[k])
