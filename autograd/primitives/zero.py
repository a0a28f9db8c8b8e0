"""The symbolic zero: the derivative in what a result does not depend on.

A chain rule has two zeros. One is *computed*: the slope of `u ** 3` at `u = 0`. It takes part in
arithmetic, and its other factor matters: with the infinite slope of `u = cbrt(x)` the product has
the limit 1. The other says that nothing flows: along the side of a `where` that was not taken, into
a condition, through a factor that is the plain number 0. It is 0 whatever lies beyond, so a walk
need not go there, and must not fail there.

`SYMBOLIC_ZERO` is the second one: a float 0.0 that changes nothing it is added to and remains
itself in products and quotients. JAX calls the same thing a symbolic zero.
"""

from __future__ import annotations

from typing import Any, final


@final
class SymbolicZero(float):
    """The class of `SYMBOLIC_ZERO`, of which there is one object.

    >>> SYMBOLIC_ZERO * float("inf"), 2.0 + SYMBOLIC_ZERO
    (0.0, 2.0)
    """

    __slots__ = ()

    def __new__(cls) -> SymbolicZero:
        """The one object."""
        return SYMBOLIC_ZERO

    def __reduce__(self) -> str:
        return "SYMBOLIC_ZERO"

    def __neg__(self) -> SymbolicZero:
        return self

    def __add__(self, other: Any) -> Any:
        return other

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return -other

    def __rsub__(self, other: Any) -> Any:
        return other

    def __mul__(self, other: Any) -> SymbolicZero:
        return self

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> SymbolicZero:
        return self


SYMBOLIC_ZERO: SymbolicZero = float.__new__(SymbolicZero)
