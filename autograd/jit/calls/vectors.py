"""Plain numbers in a row: one vector, in whatever order bools, integers and floats come in it.

Data come with their kinds mixed: labels are bools, one row is `[1, 0.5]` and the next `[0.5, 1]`.
If each order of the kinds were another structure, each batch would be compiled again. So
numbers of several kinds in a list or a tuple are described by their count alone. Each may be an
integer, which is what a choice by index needs to know.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from autograd.value import Value

NUMBER, VALUE, INTEGER = "number", "value", "integer"
VECTORS = {"floats": NUMBER, "values": VALUE, "integers": INTEGER, "mixed": INTEGER, "row": INTEGER}
"""Sequences of leaves, described by their length: lists of one kind, and of bools, integers and
floats in any order a list (`mixed`) or a tuple (`row`)."""

VECTOR_OF: dict[type, str] = {float: "floats", Value: "values", int: "integers"}
PLAIN: set[type] = {float, int, bool}
EXACT = 2**53  # integers up to here are floats without loss
_EXACT_SCALARS = "d?bhilqBHILQ"  # of NumPy, by the codes of their types


def is_exact(integers: Sequence[int]) -> bool:
    """Whether all of the integers are floats without loss."""
    return min(integers) >= -EXACT and max(integers) <= EXACT


def are_exact(numbers: Sequence[float]) -> bool:
    """Whether all of the numbers, integers and others, are floats without loss."""
    return all(-EXACT <= x <= EXACT for x in numbers if x.__class__ is int)


def is_exact_array(array: Any) -> bool:
    """The same for an array of integers or bools."""
    return (
        array.dtype.kind == "b" or not array.size or is_exact([int(array.min()), int(array.max())])
    )


def as_plain(x: Any) -> Any:
    """A scalar of NumPy as the Python number it is, if it is one exactly."""
    if type(x).__module__ == "numpy" and getattr(x, "shape", None) == ():
        return x.item() if x.dtype.char in _EXACT_SCALARS else x
    return x


def mixed(parts: list[Hashable]) -> list[Hashable]:
    """Descriptions of rows; those of a matrix with several kinds of numbers say nothing of kinds.

    >>> mixed([("integers", 2), ("floats", 2)])
    [('mixed', 2), ('mixed', 2)]
    >>> mixed([("floats", 1), ("floats", 2)])
    [('floats', 1), ('floats', 2)]
    """
    if not parts or parts.count(parts[0]) == len(parts):
        return parts
    kinds, rows = set(), []
    for part in parts:
        found = _plain_row(part)
        if found is None:
            return parts
        kinds.add(found[0])
        rows.append(found[1])
    return rows if len(kinds) > 1 else parts


def _plain_row(part: Any) -> tuple[frozenset[str], Hashable] | None:
    """The kinds of numbers in a sequence of plain ones, and its description without kinds."""
    if part.__class__ is not tuple:
        return None
    kind, *inside = part
    if kind == "tuple" and set(inside) <= {NUMBER, INTEGER}:
        return frozenset(inside), ("row", len(inside))
    if kind in ("floats", "integers"):
        return frozenset({VECTORS[kind]}), ("mixed", inside[0])
    return (frozenset({NUMBER, INTEGER}), part) if kind in ("mixed", "row") else None
