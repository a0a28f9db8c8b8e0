"""The operands of an operation: which may be swapped, and the names of the others."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.primitives.arithmetic import add, mul
from autograd.primitives.definition import Primitive
from autograd.primitives.elementary import hypot
from autograd.primitives.piecewise import maximum, minimum, where
from autograd.primitives.reductions import inner, largest, logsumexp, product, smallest, total

SYMMETRIC: frozenset[Primitive] = frozenset(
    function.primitive
    for function in (
        add,
        hypot,
        largest,
        logsumexp,
        maximum,
        minimum,
        mul,
        product,
        smallest,
        total,
    )
)
"""The operations whose operands may be swapped."""

DOT = inner.primitive


def operand_names(primitive: Primitive, count: int) -> Iterator[str]:
    """The names of the operands of an operation: empty if they may be swapped.

    The operands of `dot` are two vectors one after the other: operands of the same name are
    multiplied.

    >>> from autograd.primitives.arithmetic import sub
    >>> list(operand_names(sub.primitive, 2)), list(operand_names(add.primitive, 2))
    (['1', '2'], ['', ''])
    >>> list(operand_names(inner.primitive, 4))
    ['1', '2', '1', '2']
    """
    if primitive is where.primitive:
        yield from ("if", "then", "else")
    elif primitive is DOT and count > 2:
        half = count // 2
        yield from (str(position % half + 1) for position in range(count))
    elif count == 1 or primitive in SYMMETRIC or primitive is DOT:
        yield from [""] * count
    else:
        yield from (str(position + 1) for position in range(count))


def slot(primitive: Primitive, position: int, count: int, by_half: bool) -> int:
    """The number of an operand's slot: operands that may be swapped share one.

    In a dot product every position is another slot, or every half if `by_half`.

    >>> [slot(add.primitive, k, 2, False) for k in range(2)]
    [0, 0]
    >>> [slot(inner.primitive, k, 4, True) for k in range(4)]
    [0, 0, 1, 1]
    """
    if primitive in SYMMETRIC:
        return 0
    if by_half and primitive is DOT:
        return position // (count // 2)
    return position
