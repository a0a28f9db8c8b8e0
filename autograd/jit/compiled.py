"""A graph compiled, and how it takes part in graphs: one node for each call and output.

A call of a compiled function leaves a node whose operands are the Values it was called with and the
parameters it read, and whose derivative rule is compiled too. The rule is generic as every rule is.
Handed floats it runs the compiled derivative. Handed Values it leaves nodes of the compiled
derivative, which have rules of their own: so second derivatives are compiled, and third.

What cannot be computed in compiled form (a derivative does not exist here, a condition in a rule
went the other way) is *replayed*: the ordinary engine goes through the graph and its rules, and
gives or raises what it always does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from threading import RLock
from typing import Any

from autograd.graph import topological_order
from autograd.jit.backends import lower
from autograd.jit.convert import to_program
from autograd.jit.differentiate import differentiate, replay
from autograd.jit.program import GuardFailure, Lowered, Program
from autograd.jit.simplify import simplify
from autograd.jit.trace import Graph
from autograd.primitives.arithmetic import identity
from autograd.primitives.definition import Primitive
from autograd.reverse import adjoints
from autograd.value import Value, record

FAILURES = (ArithmeticError, ValueError, LookupError)
"""What code raises where something cannot be computed."""

VARIANTS = 8
"""How many ways through one function, or its derivative, are compiled before the rest is not."""


class Compiled:
    """A graph, compiled when it is first run.

    Attributes:
        graph: what is compiled.
        name: what its nodes are called.
        wants_gradient: whether a derivative of an output has been asked for.
    """

    def __init__(self, graph: Graph, name: str, backend: str, lock: Any = None) -> None:
        self.graph = graph
        self.name = name
        self.wants_gradient = False
        self.moving = [x in moving for x in graph.outputs] if (moving := graph.moving()) else []
        self._backend = backend
        self._lock = lock or RLock()  # one for a graph and its derivatives: they share nodes
        self._program: Program | None = None
        self._lowered: Lowered | None = None
        self._gradients: dict[int, list[Compiled]] = {}
        self._attempts: dict[int, int] = {}

    @property
    def program(self) -> Program:
        """The simplified program."""
        if self._program is None:
            with self._lock:
                self._program = self._program or simplify(to_program(self.graph))
        return self._program

    @property
    def lowered(self) -> Lowered:
        """The code."""
        if self._lowered is None:
            with self._lock:
                self._lowered = self._lowered or lower(self.program, self._backend)
        return self._lowered

    def family(self) -> list[Compiled]:
        """This, and what has been compiled of its derivatives."""
        found = [self]
        for compiled in found:
            for gradients in list(compiled._gradients.values()):
                found += gradients
        return found

    @property
    def is_lowered(self) -> bool:
        """Whether there is code."""
        return self._lowered is not None

    def run(self, numbers: Sequence[float]) -> list[float]:
        """The outputs for these inputs.

        Raises:
            GuardFailure: a condition went the other way.
            ArithmeticError, ValueError, LookupError: a number cannot be computed.
        """
        try:
            found: Any = (self._lowered or self.lowered).run(numbers)
        except FAILURES:
            self.program.evaluate(numbers)  # perhaps a guard, looked at in order, comes before that
            raise
        listed = found.tolist() if hasattr(found, "tolist") else list(found)
        del listed[len(self.graph.outputs) :]  # what was computed only to see whether it raises
        return listed

    # Derivatives

    def run_gradient(
        self, k: int, numbers: Sequence[float], compile_more: bool = True
    ) -> tuple[Compiled, list[float]] | None:
        """Output `k` and its derivatives, and what computed them; None if they must be replayed."""
        gradients = self._gradients.setdefault(k, [])
        for compiled in gradients:
            try:
                return _sound(compiled, compiled.run(numbers))
            except GuardFailure:
                continue
            except FAILURES:
                return None
        if not compile_more:
            return None
        with self._lock:
            if self._attempts.get(k, 0) >= VARIANTS:
                return None
            self._attempts[k] = self._attempts.get(k, 0) + 1
            try:
                self.graph.move_to(numbers)
                graph = differentiate(self.graph, k)
            except FAILURES:
                return None
            made = Compiled(graph, f"derivative of {self.name}", self._backend, self._lock)
            gradients.append(made)
        try:
            return _sound(made, made.run(numbers))
        except (GuardFailure, *FAILURES):
            return None

    def pull(self, k: int, g: float, numbers: Sequence[float]) -> list[float]:
        """What flows back to each input that is a Value from the adjoint `g` of output `k`."""
        self.wants_gradient = True
        found = self.run_gradient(k, numbers)
        if found is not None and not math.isnan(sum(flow := scaled(g, found[1][1:]))):
            return flow
        inputs: list[Any] = list(numbers)
        for i in self.graph.positions:
            inputs[i] = Value(inputs[i])
        return self._replayed(k, g, inputs, create_graph=False)

    def pull_with_graph(self, k: int, g: Any, inputs: Sequence[Any]) -> list[Any]:
        """As `pull`, with Values."""
        found = self.run_gradient(k, [x._data if isinstance(x, Value) else x for x in inputs])
        if found is not None:
            compiled, data = found
            return scaled(g, compiled.attach(inputs, data)[1:])
        fresh = list(inputs)
        for i in self.graph.positions:
            fresh[i] = identity(fresh[i])
        return self._replayed(k, g, fresh, create_graph=True)

    def _replayed(self, k: int, g: Any, inputs: list[Any], create_graph: bool) -> list[Any]:
        wanted = [inputs[i] for i in self.graph.positions]
        out = replay(self.graph, k, inputs)
        if not isinstance(out, Value):
            return [0.0] * len(wanted)
        order = topological_order(out, stop=set(wanted))
        found = adjoints(order, {out: g}, create_graph=create_graph)
        return [found.get(x, 0.0) for x in wanted]

    # Nodes

    def attach(
        self, inputs: Sequence[Any], data: Sequence[float], gradient: list[float] | None = None
    ) -> list[Any]:
        """The outputs of one call as nodes.

        Args:
            inputs: Values and plain numbers it was called with.
            data: the numbers it returned.
            gradient: the derivatives of its only output, if they are known already.

        Returns:
            A Value for each output that depends on one, a number for the others.
        """
        operands = tuple([inputs[i] for i in self.graph.positions])
        return [
            record(number, self._operation(k, inputs, operands, gradient), operands, None)
            if moves
            else number
            for k, (number, moves) in enumerate(zip(data, self.moving, strict=True))
        ]

    def _operation(
        self,
        k: int,
        inputs: Sequence[Any],
        operands: Sequence[Value],
        gradient: list[float] | None,
    ) -> Primitive:
        """Output `k` as an operation on those inputs that are Values, the others being given."""
        positions = self.graph.positions
        at = [x._data for x in operands]

        def filled(xs: Sequence[Any]) -> list[Any]:
            full = list(inputs)
            for i, x in zip(positions, xs, strict=True):
                full[i] = x
            return full

        def value(*xs: float) -> float:
            return self.run(filled(xs))[k]

        def derivative(g: Any, out: Any, *xs: Any) -> Sequence[Any]:
            if out.__class__ is Value:
                return self.pull_with_graph(k, g, filled(xs))
            if gradient is not None and list(xs) == at:
                return scaled(g, gradient)
            return self.pull(k, g, filled(xs))

        return Primitive(self.name, value, derivative)


def scaled(g: Any, flow: list[Any]) -> list[Any]:
    """Each derivative times the adjoint."""
    return flow if g.__class__ is float and g == 1.0 else [g * d for d in flow]


def _sound(compiled: Compiled, found: list[float]) -> tuple[Compiled, list[float]] | None:
    """The result, unless a number in it is none: the ordinary engine may know better.

    It passes nothing on from an adjoint of 0; compiled code may make 0 * inf of it.
    """
    return None if math.isnan(sum(found)) else (compiled, found)
