"""One call of a compiled function in a graph: an operation, made for this call alone.

Its operands are the Values that the call was given and the parameters that it read. Its derivative
rule is generic as every rule is: handed floats it runs the compiled derivative, handed Values it
makes nodes of the compiled derivative, which have derivative rules too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import compress
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.dependence import union
from autograd.errors import ARITHMETIC
from autograd.flow import Undecided, pullback
from autograd.jit.calls import rerun
from autograd.primitives.arithmetic import identity
from autograd.primitives.definition import Primitive
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.trace import combined
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.jit.calls.compiled import Compiled

Call: TypeAlias = tuple[
    Sequence[Sequence[float]], list[float], "list[float] | None", Sequence[float]
]
"""The numbers of a call: its inputs, in one or more sequences; those of inputs that are Values; the
derivatives of its only output there, if they are known already; its outputs."""


class Operation(Primitive):
    """One output of a call as an operation on those inputs that are Values, the others being given.

    Making one must cost next to nothing, so what it has in common with others is looked up.

    Args:
        compiled: what was called.
        k: which output.
        call: what the outputs of one call have in common.

    Attributes:
        call: the same object for all of them.
    """

    __slots__ = ("_compiled", "_k", "call")

    arity = None
    is_additive = False
    is_product = False
    facts = frozenset()
    neutral = joins = formula = None

    def __init__(self, compiled: Compiled, k: int, call: Call) -> None:
        self.name = self.symbol = compiled.name
        self._compiled = compiled
        self._k = k
        self.call = call

    @property
    def at(self) -> list[float]:
        """The numbers of the operands in the call."""
        return self.call[1]

    def value(self, *xs: float) -> float:
        """The output for other numbers."""
        return float(self._compiled.run(self._filled(xs))[self._k])

    def derivative(self, g: Any, out: Any, *xs: Any) -> Sequence[Any]:
        """The derivative rule; `Undecided` where `pulled` is to be asked.

        That is where it is not finite, or a number in the graph has been assigned to since.
        """
        _, at, gradient, data = self.call
        then = data[self._k]
        flow = None
        if out.__class__ is Value:
            now = out._data
            if (now is then or now == then) and [x._data for x in xs] == at:
                flow = self._compiled.pull_with_graph(self._k, g, self._filled(xs))
        elif (out is then or out == then) and list(xs) == at:
            if gradient is not None:
                flow = scaled(g, gradient)
                if are_finite(g, flow):
                    return flow
            flow = self._compiled.pull(self._k, g, self._filled(xs))
        return Undecided([nan] * len(xs)) if flow is None else flow

    def pulled(
        self, group: Sequence[tuple[Value, Any]], asked: Sequence[bool] | None, create_graph: bool
    ) -> list[Any]:
        """The contribution to each operand, by the plain engine, from some outputs of the call.

        What was assigned to a number of the graph since the call is assigned to it here too: plain
        execution makes a derivative of both moments.

        Args:
            group: the outputs, with their adjoints.
            asked: for each operand whether it is asked for, 0 if not; by default all are.
            create_graph: compute with Values instead of floats.
        """
        at, operands = self.call[1], group[0][0].operands
        given: list[Any] = list(operands) if create_graph else at
        now = [x._data for x in operands]
        if create_graph and now != at:
            given = [_as_it_was(*pair) for pair in zip(operands, at, strict=True)]
        outputs, variables = self._compiled.plainly(self._filled(given))
        seeds = []
        for node, g in group:
            out = outputs[node._primitive._k]  # type: ignore[union-attr]
            if isinstance(out, Value):
                seeds.append((out, g))
                out._data = node._data
        for x, number in zip(variables, now, strict=True):
            x._data = number
        wanted = variables if asked is None else list(compress(variables, asked))
        flow = rerun.pulled_back(seeds, wanted, create_graph)
        if asked is None:
            return flow
        found = iter(flow)
        return [next(found) if is_asked else SYMBOLIC_ZERO for is_asked in asked]

    def pushforward(self, out: Value, tangents: Mapping[Value, Any], create_graph: bool) -> Any:
        """The tangent of the output: the derivatives times tangents, where that is finite."""
        with suppress(*ARITHMETIC):
            found = combined(out, pullback(out, 1.0, create_graph), tangents, create_graph)
            if isfinite(found._data if isinstance(found, Value) else found):
                return found
        operands = out.operands
        moved = [tangents.get(x, 0.0) for x in operands]
        return self._compiled.push(self._k, moved, self._filled(operands), create_graph)

    def carrying(self, out: Value) -> list[bool]:
        """For each operand, whether something flows to it."""
        return self._compiled.carrying(self._k, self._filled(out.operands))

    def dependence(self, operands: Sequence[Any]) -> int:
        """What the output depends on (`autograd.dependence`)."""
        reached = self._compiled.dependences[self._k]
        return union([x for i, x in enumerate(operands) if reached >> i & 1 and x.__class__ is int])

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refuse.

        Raises:
            PicklingError: compiled code stays in its process.
        """
        from pickle import PicklingError

        raise PicklingError(
            f"a Value that the compiled function {self.name!r} returned cannot be pickled with its"
            " history: pickle x.detach(), or compute it without jit"
        )

    def _filled(self, xs: Sequence[Any]) -> list[Any]:
        """All inputs, with these in place of the Values."""
        full: list[Any] = []
        for part in self.call[0]:
            full += part.tolist() if hasattr(part, "tolist") else part
        for i, x in zip(self._compiled.traced.variables, xs, strict=True):
            full[i] = x
        return full


def _as_it_was(x: Value, number: float) -> Value:
    """A Value with the number that it had in the call."""
    if x._data is number or x._data == number:
        return x
    then = identity(x)
    then._data = number
    return then


def scaled(g: Any, flow: list[Any]) -> list[Any]:
    """Each derivative times the adjoint."""
    return flow if g.__class__ is float and g == 1.0 else [g * d for d in flow]


def are_finite(g: float, flow: list[float]) -> bool:
    """Whether an adjoint and the contributions from it are finite, and so is their sum."""
    return isfinite(g) and isfinite(sum(flow))
