"""Stage 1: a function is run once, on fresh leaves, and what it did is kept as a `Graph`.

The function is run by the ordinary engine while a tape (`autograd.tape`) is set, so its own graph
of Values *is* the trace: there is no second kind of number. What remains is to say what is what.

- The *inputs* are the fresh leaves, one for each number among the arguments; after them the
  *parameters*: Values that were there before the call and that the function read.
- Some inputs stand for plain numbers, which nothing is differentiated in. What is computed from
  those alone would be a plain number in the plain function; `values` are the other nodes.

The parameters are replaced by leaves of the graph's own, which then shares nothing with the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.graph import topological_order
from autograd.jit.structure import Unsupported
from autograd.modes import pause_gc, recorded, tracing
from autograd.primitives import TABLE
from autograd.primitives.arithmetic import div, number_power, power, power_number
from autograd.primitives.definition import Primitive
from autograd.primitives.tracing import COMPARISONS, stop_gradient
from autograd.tape import Tape
from autograd.value import Value

_DEFINED_EVERYWHERE = """
    identity neg add sub mul abs sign maximum minimum where sum dot prod max min
    relu leaky_relu sigmoid tanh softplus softsign silu gelu atan erf erfc cbrt
"""

NEVER_RAISE = {
    stop_gradient.primitive,
    *COMPARISONS,
    *map(TABLE.__getitem__, _DEFINED_EVERYWHERE.split()),
}
"""The operations that are defined for all numbers, infinite ones too."""


@dataclass
class Graph:
    """A graph of Values that stands for a function of numbers.

    Attributes:
        inputs: leaves.
        positions: which of the inputs stand for Values, not for plain numbers.
        nodes: the results of operations, operands before results.
        outputs: nodes, inputs, or plain numbers.
        guards: what conditions must be for the graph to be the function's.
        constants: leaves and nodes that hold the same number in each call.
        values: the inputs and nodes that are Values in the plain function too.
        names: what the inputs are called.
        checks: nodes that nothing else needs, but that the function computes, and that may raise.
    """

    inputs: list[Value]
    positions: list[int]
    nodes: list[Value]
    outputs: list[Any]
    guards: dict[Value, bool]
    constants: set[Value]
    values: set[Value]
    names: list[str]
    checks: list[Value]

    def __post_init__(self) -> None:
        self.extend_values(self.nodes)

    def extend_values(self, nodes: Iterable[Value]) -> None:
        """Find out which nodes are Values in the plain function; choose the powers it would take.

        `Value ** number` and `Value ** Value` are different operations. In the trace numbers are
        Values, so the choice could not be made there.
        """
        values = self.values
        for node in nodes:
            if node._primitive is power.primitive:
                node._primitive = self._power(node._a, node._b)
            if node._primitive not in COMPARISONS and any(x in values for x in operands(node)):
                values.add(node)

    def _power(self, base: Any, exponent: Any) -> Primitive:
        if exponent not in self.values:
            return power_number.primitive
        return power.primitive if base in self.values else number_power.primitive

    def moving(self) -> set[Value]:
        """The inputs that stand for Values, and the nodes that a change in one may change."""
        found = {self.inputs[i] for i in self.positions}
        for node in self.nodes:
            primitive = node._primitive
            if (
                primitive is not stop_gradient.primitive
                and primitive not in COMPARISONS
                and any(x in found for x in operands(node))
            ):
                found.add(node)
        return found

    def find_checks(self) -> None:
        """Find the nodes that nothing else needs, and that may raise."""
        needed = ancestors(self, [*self.outputs, *self.guards])
        self.checks = [x for x in self.nodes if x not in needed and self._may_raise(x)]

    def _may_raise(self, node: Value) -> bool:
        if node._primitive is div.primitive:
            divisor = node._b
            if divisor.__class__ is Value:
                divisor = divisor._data if divisor in self.constants else 0
            return not divisor
        return node._primitive not in NEVER_RAISE

    def move_to(self, numbers: Sequence[float]) -> None:
        """Compute every node for other inputs.

        Raises:
            ArithmeticError, ValueError: a number cannot be computed.
        """
        for leaf, number in zip(self.inputs, numbers, strict=True):
            leaf._data = number
        for node in self.nodes:
            assert node._primitive is not None
            node._data = node._primitive.value(
                *[x._data if x.__class__ is Value else x for x in node.operands]
            )


def operands(node: Value) -> list[Value]:
    """Those operands of a node that are Values."""
    return [x for x in node.operands if x.__class__ is Value]


def ancestors(graph: Graph, roots: Iterable[Any]) -> set[Value]:
    """The Values that these were made from, and themselves."""
    found = {x for x in roots if isinstance(x, Value)}
    for node in reversed(graph.nodes):
        if node in found:
            found.update(operands(node))
    return found


@dataclass
class Traced:
    """One run of a function.

    Attributes:
        graph: what it computed.
        out: what it returned.
        parameters: the Values that the last inputs of the graph stand for.
    """

    graph: Graph
    out: Any
    parameters: tuple[Value, ...]


def trace(
    call: Callable[[list[Value]], Any],
    given: Sequence[Any],
    names: Sequence[str],
    found_in: Callable[[Any], list[Any]],
    name_of: Callable[[Value], str],
) -> Traced:
    """Run a function on fresh leaves and keep what it did.

    Args:
        call: the function, given the fresh leaves.
        given: the numbers and Values that they stand for.
        names: what these are called.
        found_in: the leaves of what the function returns.
        name_of: what a parameter is called.

    Raises:
        TraceError: the function asked a Value for its number.
        Unsupported: the graph cannot be kept.
        Exception: whatever the function raises.
    """
    inputs = [_stand_in(x) for x in given]
    tape = Tape()
    with pause_gc(), recorded(), tracing(tape):
        out = call(inputs)
    results = [x for x in found_in(out) if isinstance(x, Value)]
    known = {*inputs, *tape.nodes, *tape.constants}
    parameters = _parameters(tape, results, known)
    stand_ins = {p: _stand_in(p) for p in parameters}
    for node in tape.nodes:
        _replace_operands(node, stand_ins)
    graph = Graph(
        inputs=inputs + list(stand_ins.values()),
        positions=[
            *(i for i, x in enumerate(given) if isinstance(x, Value)),
            *range(len(given), len(given) + len(parameters)),
        ],
        nodes=tape.nodes,
        outputs=[stand_ins.get(x, x) for x in results],
        guards={stand_ins.get(x, x): outcome for x, outcome in tape.guards.items()},
        constants=tape.constants,
        values={
            *(leaf for leaf, x in zip(inputs, given, strict=True) if isinstance(x, Value)),
            *stand_ins.values(),
            *tape.values,
        },
        names=[*names, *map(name_of, parameters)],
        checks=[],
    )
    graph.find_checks()
    return Traced(graph, out, tuple(parameters))


def _stand_in(x: Any) -> Value:
    if isinstance(x, Value):
        return Value(x._data, x.label)
    return Value(x)


def _parameters(tape: Tape, results: Iterable[Value], known: set[Value]) -> list[Value]:
    """The Values that were there before, in the order in which they were met."""
    met: dict[Value, None] = {}
    for node in tape.nodes:
        met.update((x, None) for x in operands(node) if x not in known)
    met.update((x, None) for x in (*tape.guards, *results) if x not in known)
    for x in topological_order(*[p for p in met if p._primitive is not None]):
        if x in known:
            raise Unsupported("a Value made in another thread, or copied")
    return list(met)


def _replace_operands(node: Value, stand_ins: dict[Value, Value]) -> None:
    if node._a.__class__ is tuple:
        node._a = tuple([stand_ins.get(x, x) if x.__class__ is Value else x for x in node._a])
        return
    if node._a.__class__ is Value:
        node._a = stand_ins.get(node._a, node._a)
    if node._b.__class__ is Value:
        node._b = stand_ins.get(node._b, node._b)
