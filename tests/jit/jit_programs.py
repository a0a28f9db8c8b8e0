"""Programs for the tests: of graphs of Values, drawn at random, and what running one may do."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from autograd import Value
from autograd.graph import topological_order
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import OPERATIONS
from autograd.reverse import adjoints

EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, -0.5, 3.0, 0.1, 709.9, -745.2, 1e160, -1e160, 5e-324]
EDGES += [math.inf, -math.inf, math.nan]


def program_of(inputs: Sequence[Value], outputs: Sequence[Any]) -> Program:
    """The graph between inputs and outputs."""
    program = Program()
    nodes = {x: program.input(x.label) for x in inputs}

    def at(x: Any) -> int:
        if isinstance(x, Value) and x in nodes:
            return nodes[x]
        return program.constant(float(x))

    roots = [x for x in outputs if isinstance(x, Value)]
    for node in topological_order(*roots, frontier=inputs):
        if node.primitive is not None:
            nodes[node] = program.apply(node.primitive, *[at(x) for x in node.operands])
    program.outputs = [at(x) for x in outputs]
    return program


def with_gradient(inputs: Sequence[Value], loss: Value) -> Program:
    """The program of a number and its derivatives."""
    found = adjoints(topological_order(loss), {loss: 1.0}, create_graph=True)
    return program_of(inputs, [loss, *(found.get(x, 0.0) for x in inputs)])


@st.composite
def index_programs(draw: st.DrawFn, names: Sequence[str]) -> Program:
    """Programs of any nodes at all, with constants at the edges of the operations' domains."""
    program = Program()
    for _ in range(2):
        program.input()
    for number in draw(st.lists(st.sampled_from(EDGES), min_size=1, max_size=3)):
        program.constant(number)
    for _ in range(draw(st.integers(1, 12))):
        operation = OPERATIONS[draw(st.sampled_from(names))]
        count = operation.arity or 2 * draw(st.integers(1, 2))
        nodes = st.integers(0, len(program) - 1)
        program.apply(operation, *[draw(nodes) for _ in range(count)])
    program.outputs = [len(program) - 1, draw(st.integers(0, len(program) - 1))]
    return program


def outcome(run: Callable[..., Any], *arguments: Any) -> Any:
    """What a call returns, or the type of what it raises."""
    try:
        return run(*arguments)
    except (ArithmeticError, ValueError, LookupError) as error:
        return type(error)


def bits(x: Any) -> Any:
    """A float so that equal means the same bits, and nan equals nan."""
    return ("nan",) if x != x else (x, math.copysign(1.0, x))


def rounding(program: Program, numbers: Sequence[float]) -> list[float]:
    """How far rounding can move each output, to first order: a running error analysis.

    Source: Higham, *Accuracy and Stability of Numerical Algorithms* (2002), section 3.3.
    """
    found = [0.0] * len(program)
    errors = [0.0] * len(program)
    for node, number in program.constants.items():
        found[node] = number
    for node, number in zip(program.inputs, numbers, strict=True):
        found[node] = number
    for node, operation in enumerate(program.operations):
        if operation is not None:
            at = [found[i] for i in program.operands[node]]
            out = found[node] = operation.value(*at)
            try:
                flow = operation.derivative(1.0, out, *at)
                flow = [flow] if operation.arity == 1 else flow
            except (ArithmeticError, ValueError, LookupError):
                flow = [math.inf] * len(at)
            size = abs(out) + sum(abs(x * d) for x, d in zip(at, flow, strict=True))
            moved = [
                abs(d) * errors[i] if errors[i] else 0.0
                for d, i in zip(flow, program.operands[node], strict=True)
            ]
            errors[node] = sum(moved) + 1e-15 * size * len(at)
    return [errors[node] for node in program.outputs]
