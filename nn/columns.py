"""Numbers of one column get one type, so that the compiler sees every batch of rows as the same.

Data come as bools, integers, fractions, numbers of single precision, often several of them in one
column. A column of bools stays one; bools and integers become integers; anything else becomes
floats, which is what the engine computes with.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from numbers import Integral
from typing import Any

from autograd import Value
from autograd.number import is_number

_PLAIN = (float, int, bool)


def of_one_kind(rows: list[Any]) -> list[Any]:
    """The rows, or targets, with the numbers of each column of one kind; nothing else changes.

    Args:
        rows: numbers; or rows of them: lists, tuples or dicts, to any depth.

    Returns:
        The list itself if nothing has to change.

    >>> from fractions import Fraction
    >>> of_one_kind([[1, True], [0.5, False], [Fraction(1, 4), True]])
    [[1.0, True], [0.5, False], [0.25, True]]
    """
    kinds = set(map(type, rows))
    if len(kinds) == 1 and not kinds.isdisjoint(_PLAIN):
        return rows
    if kinds in ({list}, {tuple}, {dict}):
        is_dict = kinds == {dict}
        if not is_dict and set(map(type, chain.from_iterable(rows))) <= {float}:
            return rows
        return _by_columns(rows, dict if is_dict else _indexed)
    if not all(is_number(x) and not isinstance(x, Value) for x in rows):
        return rows
    kind = _kind(rows)
    return [kind(x) for x in rows]


def of_one_container(rows: list[Any]) -> list[Any]:
    """The rows, all of them lists if some are lists and the others tuples.

    >>> of_one_container([[1.0], (2.0,)])
    [[1.0], [2.0]]
    """
    return [list(row) for row in rows] if set(map(type, rows)) == {list, tuple} else rows


def _by_columns(rows: list[Any], keyed: Callable[[Any], dict[Any, Any]]) -> list[Any]:
    """The same for rows of several columns; not every row has each of them.

    Args:
        rows: lists, tuples or dicts.
        keyed: makes a new dict of a row, with the keys of the columns.
    """
    made = [keyed(row) for row in rows]
    is_changed = False
    for key in dict.fromkeys(chain.from_iterable(made)):
        having = [row for row in made if key in row]
        column = [row[key] for row in having]
        found = of_one_kind(column)
        if found is not column:
            is_changed = True
            for row, x in zip(having, found, strict=True):
                row[key] = x
    if not is_changed:
        return rows
    kind = type(rows[0])
    return made if kind is dict else [kind(row.values()) for row in made]


def _indexed(row: Any) -> dict[Any, Any]:
    return dict(enumerate(row))


def _kind(numbers: list[Any]) -> type:
    for kind, known in ((bool, bool), (int, Integral)):
        if all(isinstance(x, known) or _is_flag(x) for x in numbers):
            return kind
    return float


def _is_flag(x: Any) -> bool:
    """Whether it is a bool of NumPy's."""
    return getattr(getattr(x, "dtype", None), "kind", "") == "b"
