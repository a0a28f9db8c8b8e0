"""Stage 1: a function runs once, on fresh leaves, and its graph is recorded as a `Graph`.

The plain engine runs the function while a tape (`autograd.tape`) is set, so its graph of Values
*is* the trace: there is no second kind of number. What remains is to classify the Values.

- The *inputs* are the fresh leaves, one for each number among the arguments; after them the
  *parameters*: Values that existed before the call and that the function read.
- Some inputs stand for plain numbers, with respect to which nothing is differentiated. Results of
  those alone would be plain numbers in the plain function; `values` are the other nodes.

The parameters are replaced by new leaves, so that the graph shares nothing with the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograd.graph import topological_order
from autograd.jit.unsupported import Unsupported
from autograd.modes import pause_gc, recorded, tracing
from autograd.primitives.arithmetic import div, number_power, power, power_number
from autograd.primitives.definition import Primitive
from autograd.primitives.piecewise import where
from autograd.primitives.tracing import COMPARISONS, stop_gradient
from autograd.tape import Tape
from autograd.trace import differentiated
from autograd.value import Value

UNMOVED = COMPARISONS | {stop_gradient.primitive}
"""The operations through which no gradient flows."""


@dataclass
class Graph:
    """A graph of Values that stands for a function of numbers.

    Attributes:
        inputs: leaves.
        positions: the indexes of the inputs that stand for Values, not for plain numbers.
        nodes: the results of operations, operands before results.
        outputs: nodes, inputs, or plain numbers.
        guards: conditions, and the truth that each must have.
        constants: leaves and nodes that hold the same number in each call.
        values: the inputs and nodes that are Values in the plain function too.
        names: the names of the inputs.
        checks: nodes that nothing else needs, but that the function computes, and that may raise.
        plain: nodes that are plain numbers in the plain function, whatever their operands.
        derived: the nodes that belong to derivatives.
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
    plain: set[Value] = field(default_factory=set)
    derived: set[Value] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.extend_values(self.nodes)

    def extend_values(self, nodes: Iterable[Value]) -> None:
        """Find out which nodes are Values in the plain function; choose the powers it would take.

        `Value ** number` and `Value ** Value` are different operations. In the trace numbers are
        Values, so the choice could not be made there.
        """
        values, plain = self.values, self.plain
        for node in nodes:
            if node._primitive is power.primitive:
                node._primitive = self._power(node._a, node._b)
            if node not in plain and reads_any(node, values) and node._primitive not in COMPARISONS:
                values.add(node)

    def _power(self, base: Any, exponent: Any) -> Primitive:
        if exponent not in self.values:
            return power_number.primitive
        return power.primitive if base in self.values else number_power.primitive

    def extended(self, tape: Tape, outputs: list[Any], **changes: Any) -> Graph:
        """The graph with what a tape has written on top of it, and with other outputs.

        Args:
            tape: its operands are nodes of this graph, or new inputs.
            outputs: those of the new graph.
            changes: other fields that differ, such as `inputs` and `names`.
        """
        made = replace(
            self,
            nodes=self.nodes + tape.nodes,
            outputs=outputs,
            guards={**self.guards, **tape.guards},
            constants=self.constants | tape.constants,
            plain=self.plain | tape.plain,
            derived=self.derived | tape.derived,
            **{"values": set(self.values), **changes},
        )
        made.find_checks()
        return made

    def moving(self) -> set[Value]:
        """The differentiable nodes: inputs that stand for Values, and all that depend on them."""
        found = {self.inputs[i] for i in self.positions}
        for node in self.nodes:
            if reads_any(node, found) and node._primitive not in UNMOVED:
                found.add(node)
        return found

    def suspects(self) -> list[Value]:
        """The nodes at which a product of 0 and infinity must be looked for.

        Where nothing flows the plain walk ends; the nodes of a derivative multiply that 0 by any
        number, infinity included, and give nan. It stays nan up to the results, unless a comparison
        or a choice makes a finite number of it.
        """
        derived, found = set(self.derived), dict[Value, None]()
        if not derived:
            return []
        for node in self.nodes:
            if reads_any(node, derived):
                derived.add(node)
                if node._primitive in COMPARISONS:
                    found.update((x, None) for x in (node._a, node._b) if x in derived)
                elif node._primitive is where.primitive:
                    condition = node._a[0]
                    if condition in derived and condition._primitive not in COMPARISONS:
                        found[condition] = None
        found.update((x, None) for x in (*self.outputs, *self.guards) if x in derived)
        return list(found)

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
        return node._primitive is not None and "total" not in node._primitive.facts

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


def reads_any(node: Value, found: set[Any]) -> bool:
    """Whether an operand of a node is one of these."""
    a = node._a
    if a.__class__ is tuple:
        return not found.isdisjoint(a)
    return a in found or node._b in found


def ancestors(graph: Graph, roots: Iterable[Any]) -> set[Any]:
    """All that these depend on, Values and numbers, and themselves."""
    found = set(roots)
    for node in reversed(graph.nodes):
        if node in found:
            if node._a.__class__ is tuple:
                found.update(node._a)
            else:
                found.add(node._a)
                found.add(node._b)
    return found


@dataclass
class Traced:
    """One run of a function.

    Attributes:
        graph: what it computed.
        out: what it returned.
        parameters: the Values that the last inputs of the graph stand for.
        is_differentiated: whether there was a derivative further out, if that makes a difference.
    """

    graph: Graph
    out: Any
    parameters: tuple[Value, ...]
    is_differentiated: bool | None


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
    tape.plain.update(
        leaf for leaf, x in zip(inputs, given, strict=True) if not isinstance(x, Value)
    )
    outer = differentiated.get()
    within = outer.union(leaf for leaf in inputs if leaf not in tape.plain) if outer else outer
    token = differentiated.set(within)
    try:
        with pause_gc(), recorded(), tracing(tape):
            out = call(inputs)
    finally:
        differentiated.reset(token)
    results = [x for x in found_in(out) if isinstance(x, Value)]
    parameters, readers = _parameters(tape, inputs, results)
    stand_ins = {p: _stand_in(p) for p in parameters}
    for node in readers:
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
        plain=tape.plain,
        derived=tape.derived,
    )
    graph.find_checks()
    is_differentiated = bool(outer) if tape.holds_transform else None
    return Traced(graph, out, tuple(parameters), is_differentiated)


def _stand_in(x: Any) -> Value:
    if isinstance(x, Value):
        return Value(x._data, x.label)
    return Value(x)


def _parameters(
    tape: Tape, inputs: Iterable[Value], results: Iterable[Value]
) -> tuple[list[Value], list[Value]]:
    """The Values that were there before, in the order of their first use; and what reads them."""
    known = {*inputs, *tape.nodes, *tape.constants}
    met: dict[Value, None] = {}
    readers: list[Value] = []
    for node in tape.nodes:
        a = node._a
        new = [
            x
            for x in (a if a.__class__ is tuple else (a, node._b))
            if x.__class__ is Value and x not in known
        ]
        if new:
            readers.append(node)
            met.update(dict.fromkeys(new))
    met.update((x, None) for x in (*tape.guards, *results) if x not in known)
    for x in topological_order(*[p for p in met if p._primitive is not None]):
        if x in known:
            raise Unsupported(
                "could not be traced: it uses a Value made in another thread, or copied (use the"
                " Value itself)",
                may_pass=True,
            )
    return list(met), readers


def _replace_operands(node: Value, stand_ins: dict[Value, Value]) -> None:
    if node._a.__class__ is tuple:
        node._a = tuple([stand_ins.get(x, x) if x.__class__ is Value else x for x in node._a])
        return
    if node._a.__class__ is Value:
        node._a = stand_ins.get(node._a, node._a)
    if node._b.__class__ is Value:
        node._b = stand_ins.get(node._b, node._b)
