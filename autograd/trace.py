"""A trace: one call of a function on fresh leaves, and the derivatives that its graph gives.

The transforms are written with it. A fresh leaf stands for each argument, so a variable of an outer
derivative is never confused with one of an inner derivative (Siskind and Pearlmutter, "Perturbation
confusion and referential transparency", 2005).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any

from autograd import tree
from autograd.definitions import Definition, number
from autograd.errors import ARITHMETIC
from autograd.flow import Liveness, is_nan, is_zero, pullback
from autograd.graph import dependents, topological_order
from autograd.leaving import unwatch, watch
from autograd.modes import current_tape, is_recording, pause_gc, recorded
from autograd.number import describe
from autograd.primitives.arithmetic import identity
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.reverse import adjoints
from autograd.value import Value

differentiated: ContextVar[frozenset[Value]] = ContextVar("differentiated", default=frozenset())
"""The fresh leaves of all transforms that are running in this thread or task."""


class Trace:
    """One call of a function on fresh leaves, and its graph.

    Attributes:
        out: what the function returned.
        arguments: the tree definitions of the differentiated arguments.
        inputs: the fresh leaves that stood for the numbers in them.
        results: the leaves of `out`.
        definition: the tree definition of `out`.
        order: the graph between inputs and results, operands before results.
        nested: whether results must be Values, for an outer derivative.

    Args:
        f: the function.
        args: what to call it with.
        argnums: which of these are differentiated in.
        options: its keyword arguments.
        has_aux: whether it returns a pair, of which the second item is not differentiated (`aux`).
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        argnums: Sequence[int],
        options: Mapping[str, Any] | None = None,
        has_aux: bool = False,
    ) -> None:
        given: list[Any] = []
        self.arguments: list[Definition] = []
        for n in argnums:
            leaves, definition = tree.flatten(args[n], path=f"argument {n}")
            given += leaves
            self.arguments.append(definition)
        self.inputs = mine = list(map(_fresh, given))
        watch(mine)
        token = differentiated.set(differentiated.get() | frozenset(mine))
        try:
            replaced = list(args)
            for n, x in zip(argnums, self.structured(mine), strict=True):
                replaced[n] = x
            with recorded():
                self.out = f(*replaced, **(options or {}))
        finally:
            differentiated.reset(token)
            unwatch(mine)
        self._aux: Any = None
        if has_aux:
            self.out, self._aux = _pair(self.out)
        self.out = number(self.out)
        if self.out is None:
            raise TypeError(
                "expected the function to return numbers, got None (is its `return` missing?)"
            )
        self.results, self.definition = tree.flatten(self.out, "the result of the function")
        roots = [x for x in self.results if isinstance(x, Value)]
        self.order = topological_order(*roots, frontier=mine)
        outer = differentiated.get()
        if tape := current_tape():
            tape.holds_transform = True
        self.nested = any(_is_value(x, outer) for x in given) or (
            bool(outer) and any(node in outer for node in self.order)
        )
        self._depends = dependents(self.order, mine)

    @property
    def value(self) -> Any:
        """The result of the function, in plain numbers unless `nested`."""
        return tree.unflatten(self.definition, [plain(x, self.nested) for x in self.results])

    @property
    def aux(self) -> Any:
        """The auxiliary result of the function, in plain numbers unless `nested`."""
        found: list[Value] = []
        tree.map_values(found.append, self._aux)
        outer = differentiated.get()
        nested = self.nested or (
            bool(outer)
            and any(node in outer for node in topological_order(*found, frontier=self.inputs))
        )
        return tree.map_values(lambda x: plain(x, nested), self._aux)

    def structured(self, numbers: Iterable[Any]) -> list[Any]:
        """Numbers, one for each input, in the structures of the arguments."""
        remaining = iter(numbers)
        return [tree.unflatten(definition, remaining) for definition in self.arguments]

    def _is_nested(self, seeds: Mapping[Value, Any]) -> bool:
        """Whether derivatives must be Values, because of the inputs or of the seeds."""
        outer = differentiated.get()
        return self.nested or any(_is_value(x, outer) for x in seeds.values())

    def gradients(self, seeds: Mapping[Value, Any]) -> list[Any]:
        """For each input, the derivative of the seeded results.

        From a result with the seed 0, a plain number, nothing flows.
        """
        nested = self._is_nested(seeds)
        create_graph = nested or current_tape() is not None
        seeds = {x: g for x, g in seeds.items() if not is_zero(g)}
        found = adjoints(self.order, seeds, create_graph, wrt=self._depends)
        return [plain(found.get(x, 0.0), nested) for x in self.inputs]

    def tangents(self, seeds: Mapping[Value, Any]) -> Any:
        """The derivative of the output when the inputs move along the seeded tangents.

        Each node's tangent is the sum of its local derivatives times the tangents of its operands.
        An input with the seed 0, a plain number, does not move.
        """
        nested = self._is_nested(seeds)
        results = [x for x in self.results if isinstance(x, Value)]
        found = tangents(self.order, seeds, results, nested or current_tape() is not None)
        moved = [found.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in self.results]
        return tree.unflatten(self.definition, [plain(x, nested) for x in moved])


def tangents(
    order: Sequence[Value],
    seeds: Mapping[Value, Any],
    results: Sequence[Value],
    create_graph: bool = False,
    flows: dict[int, Sequence[Any]] | None = None,
) -> dict[Value, Any]:
    """The tangent of every Value that moves when some of them do.

    Args:
        order: the graph, operands before results.
        seeds: the tangents to start from; what has the plain number 0 does not move.
        results: what is to be differentiated.
        create_graph: compute with Values instead of floats.
        flows: where local derivatives are kept, by the `id` of a node, for other walks over the
            same graph.
    """
    tape = current_tape()
    flows = {} if flows is None else flows
    found: dict[Value, Any] = {x: t for x, t in seeds.items() if not is_zero(t)}
    liveness = Liveness(order, results, frozenset(found))
    with pause_gc(), tape.differentiating() if tape else nullcontext():
        for node in order:
            if not found.keys().isdisjoint(node.operands):
                tangent = _tangent(node, found, liveness, create_graph, flows)
                if tangent is not SYMBOLIC_ZERO:
                    found[node] = tangent
    return found


def _tangent(
    node: Value,
    found: Mapping[Value, Any],
    liveness: Liveness,
    create_graph: bool,
    flows: dict[int, Sequence[Any]],
) -> Any:
    """The tangent of a node, from those of its operands."""
    # The compiler's operations have one: a loop, a row, a compiled call.
    pushforward = getattr(node._primitive, "pushforward", None)
    flow: Sequence[Any] = ()
    try:
        if pushforward is not None:
            tangent = pushforward(node, found, create_graph)
        else:
            if (known := flows.get(id(node))) is None:
                known = flows[id(node)] = pullback(node, 1.0, create_graph)
            flow = known
            tangent = combined(node, flow, found, create_graph)
    except ARITHMETIC:
        if current_tape() is not None or node in liveness:
            raise
        return SYMBOLIC_ZERO
    if current_tape() is not None or not is_nan(tangent):
        return tangent
    if node not in liveness:
        return SYMBOLIC_ZERO
    if pushforward is not None:
        return tangent
    live = {x: found[x] for x in node.operands if x in found and liveness.is_differentiable(x)}
    return combined(node, liveness.along(node, flow), live, create_graph)


def combined(
    node: Value, flow: Sequence[Any], found: Mapping[Value, Any], create_graph: bool
) -> Any:
    """The sum of local derivatives times tangents."""
    terms = [
        d * found[x]
        for x, d in zip(node.operands, flow, strict=True)
        if x.__class__ is Value
        and x in found
        and d is not SYMBOLIC_ZERO
        and not (create_graph and is_zero(d))
    ]
    return sum(terms[1:], terms[0]) if terms else SYMBOLIC_ZERO


def _pair(out: Any) -> Sequence[Any]:
    if not isinstance(out, list | tuple) or len(out) != 2:
        raise TypeError(
            "has_aux: expected the function to return a pair (result, aux), of which the first is"
            f" differentiated, got {describe(out)}"
        )
    return out


def _fresh(x: Any) -> Value:
    """A leaf that stands for an argument; for a Value, a node that passes gradients on to it."""
    return identity(x) if isinstance(x, Value) else Value(x)


def _is_value(x: Any, outer: Collection[Value]) -> bool:
    """Whether an argument is a Value, and does not stand for a plain number in a trace."""
    tape = current_tape()
    return isinstance(x, Value) and (tape is None or tape.is_value(x, outer))


def plain(x: Any, nested: bool) -> Any:
    """A result as the caller wants it: a float, unless an outer derivative needs the Value."""
    if not nested:
        tape = current_tape()
        if not isinstance(x, Value):
            return float(x)
        return tape.number(x) if tape else x._data
    if not isinstance(x, Value):
        return Value(x)
    if (tape := current_tape()) is not None:
        x = identity(x)  # a symbolic zero inside is the number 0 outside
        tape.values.add(x)
    return x if is_recording() else x.detach()
