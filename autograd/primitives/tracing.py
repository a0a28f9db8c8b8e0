"""The primitives that only a trace makes: comparisons, a stop for gradients, a choice by index.

Outside a trace a comparison is a plain bool, `detach()` a new leaf and `take(rows, i)` just
`rows[i]`. A compiled function must decide at each run, so while it is traced these make nodes like
any operation. They are in a separate table, `TRACED`: users do not call them, and `stop_gradient`
is the one operation whose derivative is not that of its value. The chain rule of a trace makes
`accumulate`, which the compiler replaces.
"""

from __future__ import annotations

from operator import mul
from typing import Any

from autograd.primitives.definition import Primitive, primitive, select
from autograd.primitives.reductions import inner
from autograd.primitives.zero import SYMBOLIC_ZERO


@primitive(
    lambda g, out, a, b: (SYMBOLIC_ZERO, SYMBOLIC_ZERO),
    symbol="<",
    facts="total finite unsigned jumps",
)
def less(a: float, b: float) -> float:
    """1 where `a < b`, else 0. Derivative: 0.

    >>> less(1.0, 2.0)
    1.0
    """
    return 1.0 if a < b else 0.0


@primitive(
    lambda g, out, a, b: (SYMBOLIC_ZERO, SYMBOLIC_ZERO),
    symbol="<=",
    facts="total finite unsigned jumps",
)
def less_equal(a: float, b: float) -> float:
    """1 where `a <= b`, else 0. Derivative: 0.

    >>> less_equal(2.0, 2.0)
    1.0
    """
    return 1.0 if a <= b else 0.0


@primitive(
    lambda g, out, a, b: (SYMBOLIC_ZERO, SYMBOLIC_ZERO),
    symbol="==",
    facts="total finite commutative unsigned jumps",
)
def equal(a: float, b: float) -> float:
    """1 where `a == b`, else 0. Derivative: 0.

    >>> equal(1.0, 2.0)
    0.0
    """
    return 1.0 if a == b else 0.0


@primitive(
    lambda g, out, a, b: (SYMBOLIC_ZERO, SYMBOLIC_ZERO),
    symbol="!=",
    facts="total finite commutative unsigned jumps",
)
def not_equal(a: float, b: float) -> float:
    """1 where `a != b`, else 0. Derivative: 0.

    >>> not_equal(1.0, 2.0)
    1.0
    """
    return 1.0 if a != b else 0.0


@primitive(lambda g, out, x: SYMBOLIC_ZERO, facts="total propagates finite follows")
def stop_gradient(x: float) -> float:
    """The number itself, through which no gradient flows; for a symbolic zero the number 0.

    >>> stop_gradient(2.0)
    2.0
    """
    return 0.0 if x is SYMBOLIC_ZERO else x


@primitive(
    lambda g, out, index, *xs: _to_the_one_taken(g, index, len(xs)),
    facts="finite jumps bilinear",
)
def take(index: float, *xs: float) -> float:
    """`xs[index]`, with `index` a whole number. Derivative: 1 for the one taken.

    Raises IndexError outside, and ValueError for an index that is not whole.

    >>> take(1.0, 10.0, 20.0, 30.0), take(-1.0, 10.0, 20.0, 30.0)
    (20.0, 30.0)
    """
    return xs[whole(index)]


def _to_the_one_taken(g: Any, index: Any, count: int) -> list[Any]:
    """`g` for the number at the index, 0 for the index and for the others.

    While a function is traced each gets a product of `g` and 1 or 0, since a gradient for all rows
    of a table is a matrix product then.
    """
    position = index + count * (index < 0)
    hits = [position == k for k in range(count)]
    flow = [g * hit if hasattr(hit, "_apply") else select(hit, g, SYMBOLIC_ZERO) for hit in hits]
    return [SYMBOLIC_ZERO, *flow]


def whole(index: Any) -> int:
    """An index as an integer.

    >>> whole(2.0)
    2
    >>> whole(2.5)
    Traceback (most recent call last):
    ValueError: take: the index must be a whole number, got 2.5
    """
    number = int(index)
    if number != index:
        raise ValueError(f"take: the index must be a whole number, got {float(index)!r}")
    return number


@primitive(
    inner.primitive.derivative, is_product=True, facts="total propagates commutative bilinear"
)
def accumulate(*ab: float) -> float:
    """An inner product that stands for a chain of additions: the terms of one adjoint.

    Unlike a dot product of a user's function, it may be split where sums are gathered; and if every
    product is a symbolic zero, so is it.

    >>> accumulate(1.0, 2.0, 3.0, 4.0)
    11.0
    """
    half = len(ab) // 2
    return sum(map(mul, ab[:half], ab[half:]), SYMBOLIC_ZERO)


ACCUMULATE = accumulate.primitive

COMPARISONS: frozenset[Primitive] = frozenset(
    f.primitive for f in (less, less_equal, equal, not_equal)
)

TRACED: dict[str, Primitive] = {
    f.primitive.name: f.primitive for f in (less, less_equal, equal, not_equal, stop_gradient, take)
}
