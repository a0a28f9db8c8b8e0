"""What compiled derivatives are decided by where they are not finite: the graph of plain execution.

Compiled code multiplies by zeros where a plain walk ends, and goes through sums in another order.
That makes no difference as long as all numbers are finite. Where one is not, the engine makes the
graph that it would have made without `jit`, and goes through that:

- A trace without derivatives in it is that graph: its operations are those of the function.
- A function that differentiates is called again, on Values, as it is (but not where it may take a
  lock, which the caller of `backward()` may hold).
- The program of a derivative is the derivative of what it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeAlias

from autograd.flow import Liveness
from autograd.graph import dependents, topological_order
from autograd.jit.programs.program import Program
from autograd.jit.tracing.differentiate import replay
from autograd.modes import tracing
from autograd.primitives.arithmetic import identity
from autograd.reverse import adjoints
from autograd.trace import differentiated, tangents
from autograd.value import Value

Rerun: TypeAlias = Callable[[Sequence[Any]], tuple[Sequence[Any], Sequence[Value]]]
"""From the inputs of a program, numbers and Values, to its outputs and the Values that they depend
on in the place of the variables. Within `plain_execution`, recorded."""


_is_plain: ContextVar[bool] = ContextVar("plain", default=False)


def is_rerun() -> bool:
    """Whether plain execution decides now, so that no compiled function takes part.

    Only true where `modes.is_tracing` is.
    """
    return _is_plain.get()


@contextmanager
def plain_execution() -> Iterator[None]:
    """Within the block functions are what they are without `jit`."""
    token = _is_plain.set(True)
    try:
        with tracing(None):
            yield
    finally:
        _is_plain.reset(token)


def of_program(program: Program) -> Rerun:
    """What was traced, operation by operation.

    Raises (the function that is returned):
        ValueError, ArithmeticError: as the operations do.
    """

    def run(inputs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Value]]:
        given = _given(inputs, program)
        return replay(program, given), [given[i] for i in program.variables]

    return run


def of_function(
    call: Callable[[Sequence[Any]], Sequence[Any]],
    parameters: Callable[[], Sequence[Value]],
    program: Program,
) -> Rerun:
    """The function itself.

    What was traced stands for it where what it reads is no longer what it was, and where it raises:
    in the call it did not, so that is because of something around it.

    Args:
        call: from the leaves of its arguments to the outputs.
        parameters: the Values that it reads, as they are now.
        program: its trace.
    """

    def run(inputs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Value]]:
        with suppress(Exception):
            read = parameters()
            count = len(inputs) - len(read)
            if all(map(_is_same, read, inputs[count:])):
                given = [*_given(inputs, program)[:count], *read]
                wanted = [given[i] for i in program.variables]
                token = differentiated.set(differentiated.get().union(wanted))
                try:
                    return call(given[:count]), wanted
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
        return [out, *pulled_back([(out, 1.0)], wanted, create_graph=True)], wanted

    return run


def pulled_back(
    seeds: Iterable[tuple[Any, Any]], wanted: Sequence[Value], create_graph: bool = False
) -> list[Any]:
    """The derivatives in some Values of a sum of outputs, each times its adjoint."""
    started: dict[Value, Any] = {}
    for out, g in seeds:
        if isinstance(out, Value):
            started[out] = started[out] + g if out in started else g
    order = topological_order(*started, frontier=set(wanted))
    found = adjoints(order, started, create_graph, wrt=dependents(order, wanted))
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


def _given(inputs: Sequence[Any], program: Program) -> list[Any]:
    """The inputs, with new Values for the variables."""
    given = list(inputs)
    for i in program.variables:
        x = given[i]
        given[i] = identity(x) if isinstance(x, Value) else Value(x)
    return given


def _is_same(parameter: Value, given: Any) -> bool:
    """Whether a parameter is the one that was read, or has the number that it had."""
    if isinstance(given, Value):
        return parameter is given
    x = parameter._data
    return bool(x == given or (x != x and given != given))
