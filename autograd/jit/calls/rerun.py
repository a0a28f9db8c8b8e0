"""What compiled derivatives are decided by where they are not finite: the graph of plain execution.

Compiled code multiplies by zeros where a plain walk ends, and goes through sums in another order.
That makes no difference as long as all numbers are finite. Where one is not, the engine makes the
graph that it would have made without `jit`, and goes through that:

- A trace without derivatives in it is that graph: its operations are those of the function.
- A function that differentiates is called again, on Values, as it is.
- The program of a derivative is the derivative of what it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from autograd.flow import Liveness
from autograd.graph import dependents, topological_order
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.tracing.differentiate import replay
from autograd.modes import recorded
from autograd.reverse import adjoints
from autograd.trace import differentiated, tangents
from autograd.value import Value

Rerun: TypeAlias = Callable[[Sequence[Any]], tuple[Sequence[Any], Sequence[Value]]]
"""From the inputs of a program, with Values for its variables, to its outputs and to the Values
that they depend on in the place of the variables."""


def of_program(program: Program) -> Rerun:
    """What was traced, operation by operation.

    Raises (the function that is returned):
        ValueError, ArithmeticError: as the operations do.
    """
    return lambda inputs: (replay(program, inputs), [inputs[i] for i in program.variables])


def of_function(
    call: Callable[[Sequence[Any]], Sequence[Any]],
    parameters: Callable[[], Sequence[Value]],
    program: Program,
) -> Rerun:
    """The function itself, unless what it reads is no longer what it was.

    Args:
        call: from the leaves of its arguments to the outputs.
        parameters: the Values that it reads, as they are now.
        program: its trace.

    Raises (the function that is returned):
        Exception: whatever the function raises.
    """

    def run(inputs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Value]]:
        with suppress(GuardFailure):
            read = parameters()
            count = len(inputs) - len(read)
            if all(_is_same(x._data, y) for x, y in zip(read, inputs[count:], strict=True)):
                given = [*inputs[:count], *read]
                wanted = [given[i] for i in program.variables]
                token = differentiated.set(differentiated.get().union(wanted))
                try:
                    with recorded():
                        return call(inputs[:count]), wanted
                finally:
                    differentiated.reset(token)
        return of_program(program)(inputs)

    return run


def of_sum(rerun: Rerun, count: int) -> Rerun:
    """The sum of the outputs, each times one more input (`differentiate.weighted`)."""

    def run(inputs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Value]]:
        outputs, wanted = rerun(inputs[:-count])
        terms = [g * out for g, out in zip(inputs[-count:], outputs, strict=True) if g != 0.0]
        return [sum(terms[1:], terms[0]) if terms else 0.0], wanted

    return run


def of_derivative(rerun: Rerun) -> Rerun:
    """The only output and its derivatives."""

    def run(inputs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Value]]:
        (out,), wanted = rerun(inputs)
        return [out, *pulled_back(out, 1.0, wanted, create_graph=True)], wanted

    return run


def pulled_back(out: Any, g: Any, wanted: Sequence[Value], create_graph: bool) -> list[Any]:
    """The derivatives of an output in some Values, times its adjoint."""
    if not isinstance(out, Value):
        return [0.0] * len(wanted)
    order = topological_order(out, frontier=set(wanted))
    found = adjoints(order, {out: g}, create_graph, wrt=dependents(order, wanted))
    return [found.get(x, 0.0) for x in wanted]


def pushed_forward(out: Any, moved: Mapping[Value, Any], create_graph: bool) -> Any:
    """The tangent of an output, from those of some Values."""
    if not isinstance(out, Value):
        return 0.0
    order = topological_order(out, frontier=set(moved))
    return tangents(order, moved, [out], create_graph).get(out, 0.0)


def reached(out: Any, wanted: Sequence[Value]) -> list[bool]:
    """Whether something flows to some Values from an output."""
    if not isinstance(out, Value):
        return [False] * len(wanted)
    found = Liveness(topological_order(out, frontier=set(wanted)), [out]).reached()
    return [x in found for x in wanted]


def _is_same(x: float, y: Any) -> bool:
    y = y._data if isinstance(y, Value) else y
    return x == y or (x != x and y != y)
