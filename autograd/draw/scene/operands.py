"""The operands of an operation: which may be swapped, and the names of the others."""

from __future__ import annotations

from functools import lru_cache

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


@lru_cache(maxsize=64)
def operand_names(primitive: Primitive, count: int) -> tuple[str, ...]:
    """The names of the operands of an operation: empty if they may be swapped.

    The operands of `dot` are two vectors one after the other: operands of the same name are
    multiplied.

    >>> from autograd.primitives.arithmetic import sub
    >>> operand_names(sub.primitive, 2), operand_names(add.primitive, 2)
    (('1', '2'), ('', ''))
    >>> operand_names(inner.primitive, 4)
    ('1', '2', '1', '2')
    """
    if primitive is where.primitive:
        return ("if", "then", "else")
    if primitive is DOT and count > 2:
        half = count // 2
        return tuple(str(position % half + 1) for position in range(count))
    if count == 1 or primitive in SYMMETRIC or primitive is DOT:
        return ("",) * count
    return tuple(str(position + 1) for position in range(count))


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
