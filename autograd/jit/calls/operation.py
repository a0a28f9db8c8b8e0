"""One call of a compiled function in a graph: an operation, made for this call alone.

Its operands are the Values that the call was given and the parameters that it read. Its derivative
rule is generic as every rule is: handed floats it runs the compiled derivative, handed Values it
makes nodes of the compiled derivative, which have derivative rules too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isfinite
from typing import TYPE_CHECKING, Any

from autograd.dependence import union
from autograd.errors import ARITHMETIC
from autograd.flow import pullback
from autograd.primitives.definition import Primitive
from autograd.trace import combined
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.jit.calls.compiled import Compiled


class Operation(Primitive):
    """One output of a call as an operation on those inputs that are Values, the others being given.

    Making one must cost next to nothing, so what it has in common with others is looked up.

    Args:
        compiled: what was called.
        k: which output.
        parts: the numbers it was called with, in one or more sequences.
        at: those of inputs that are Values.
        gradient: the derivatives there, if they are known already.
    """

    __slots__ = ("_compiled", "_gradient", "_k", "_parts", "at")

    arity = None
    is_additive = False
    is_product = False
    facts = frozenset()
    neutral = joins = formula = None

    def __init__(
        self,
        compiled: Compiled,
        k: int,
        parts: Sequence[Sequence[float]],
        at: list[float],
        gradient: list[float] | None,
    ) -> None:
        self.name = self.symbol = compiled.name
        self._compiled = compiled
        self._k = k
        self._parts = parts
        self.at = at
        self._gradient = gradient

    def value(self, *xs: float) -> float:
        """The output for other numbers."""
        return float(self._compiled.run(self._filled(xs))[self._k])

    def derivative(self, g: Any, out: Any, *xs: Any) -> Sequence[Any]:
        """The derivative rule."""
        if out.__class__ is Value:
            return self._compiled.pull_with_graph(self._k, g, self._filled(xs))
        if self._gradient is not None and list(xs) == self.at:
            flow = scaled(g, self._gradient)
            if are_finite(g, flow):
                return flow
        return self._compiled.pull(self._k, g, self._filled(xs))

    def pulled(self, g: Any, out: Value, asked: Sequence[bool], create_graph: bool) -> list[Any]:
        """The contribution to each operand that is asked for, where that of another has none."""
        full = self._filled(out.operands)
        return self._compiled.pull_to(self._k, g, full, asked, create_graph)

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
        for part in self._parts:
            full += part.tolist() if hasattr(part, "tolist") else part
        for i, x in zip(self._compiled.traced.variables, xs, strict=True):
            full[i] = x
        return full


def scaled(g: Any, flow: list[Any]) -> list[Any]:
    """Each derivative times the adjoint."""
    return flow if g.__class__ is float and g == 1.0 else [g * d for d in flow]


def are_finite(g: float, flow: list[float]) -> bool:
    """Whether an adjoint and the contributions from it are finite, and so is their sum."""
    return isfinite(g) and isfinite(sum(flow))
