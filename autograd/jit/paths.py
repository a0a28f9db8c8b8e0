"""One way through a function: what was compiled of it, and how a call's result is put together.

Not every number that a function returns is computed. It may hand back an argument or a parameter,
and then that very object is returned; or a number that is the same in each call. And what the plain
function would return as a float or as a bool is one here too.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import chain
from typing import Any

from autograd.jit.compiled import Compiled
from autograd.jit.structure import flatten, rebuild
from autograd.jit.trace import Traced
from autograd.modes import is_recording
from autograd.primitives.tracing import COMPARISONS
from autograd.value import Value


class Path:
    """One way through a function, for one structure of its arguments.

    Attributes:
        compiled: what computes it.
    """

    def __init__(self, traced: Traced, name: str, backend: str) -> None:
        graph = traced.graph
        leaves: list[Any] = []
        self._description: Hashable = flatten(traced.out, leaves, integers=False, fixed=False)
        self._parameters = traced.parameters
        self._arguments = len(graph.inputs) - len(traced.parameters)
        index = {leaf: i for i, leaf in enumerate(graph.inputs)}
        computed: dict[Value, int] = {}
        outputs = iter(graph.outputs)
        self._sources = [
            self._source(next(outputs) if isinstance(x, Value) else x, index, computed, traced)
            for x in leaves
        ]
        graph.outputs = list(computed)
        self.compiled = Compiled(graph, name, backend)
        self.first = [node._data for node in graph.outputs]

    @staticmethod
    def _source(
        x: Any, index: dict[Value, int], computed: dict[Value, int], traced: Traced
    ) -> tuple[str, Any]:
        """Where a leaf of the result comes from."""
        if not isinstance(x, Value):
            return "number", x
        if x in index:
            return "input", index[x]
        if x in traced.graph.constants:
            return "constant", x._data
        k = computed.setdefault(x, len(computed))
        if x._primitive in COMPARISONS:
            return "bool", k
        return ("value" if x in traced.graph.values else "float"), k

    def numbers(self, leaves: Sequence[Any]) -> list[float]:
        """The inputs of the program, read now."""
        return [
            x if x.__class__ is float else x._data if x.__class__ is Value else float(x)
            for x in chain(leaves, self._parameters)
        ]

    def call(self, leaves: Sequence[Any]) -> Any:
        """The result for these leaves of the arguments.

        Raises:
            GuardFailure: the function goes another way for these.
            ArithmeticError, ValueError, LookupError: a number cannot be computed.
        """
        numbers = self.numbers(leaves)
        compiled = self.compiled
        if compiled.wants_gradient and len(compiled.graph.outputs) == 1 and is_recording():
            found = compiled.run_gradient(0, numbers, compile_more=False)
            if found is not None:
                return self.result(leaves, found[1][:1], found[1][1:])
        return self.result(leaves, compiled.run(numbers))

    def result(
        self, leaves: Sequence[Any], data: Sequence[float], gradient: list[float] | None = None
    ) -> Any:
        """The structure that the function returns, around what was computed."""
        given = [*leaves, *self._parameters]
        nodes: list[Any] = []
        if any(self.compiled.moving):
            inputs = [x if x.__class__ is Value else float(x) for x in given]
            nodes = self.compiled.attach(inputs, data, gradient)
        values: dict[int, Value] = {}

        def leaf(kind: str, x: Any) -> Any:
            if kind == "number":
                return x
            if kind == "input":
                return given[x]
            if kind == "constant":
                return Value(x)
            if kind == "bool":
                return bool(data[x])
            if kind == "float":
                return data[x]
            if x not in values:
                node = nodes[x] if nodes else data[x]
                values[x] = node if isinstance(node, Value) else Value(node)
            return values[x]

        return rebuild(self._description, iter([leaf(*source) for source in self._sources]))
