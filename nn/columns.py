"""Numbers of one column get one type, so that the compiler sees every batch of rows as the same.

Data come as bools, integers, fractions, numbers of single precision, often several of them in one
column. A column of bools stays one; bools and integers become integers; anything else becomes
floats, which is what the engine computes with.
"""

from __future__ import annotations

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
    if kinds in ({list}, {tuple}):
        if len(set(map(type, chain.from_iterable(rows))) - {float}) == 0:
            return rows
        return _columns(rows, kinds.pop())
    if kinds == {dict}:
        keys = list(dict.fromkeys(chain.from_iterable(rows)))
        for key in keys:
            at = [i for i, row in enumerate(rows) if key in row]
            column = of_one_kind([rows[i][key] for i in at])
            rows = _replaced(rows, at, key, column)
        return rows
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


def _columns(rows: list[Any], container: type) -> list[Any]:
    """The same for rows that are lists or tuples, perhaps of several lengths."""
    made: list[list[Any]] = [list(row) for row in rows]
    changed = False
    for j in range(max(map(len, rows))):
        at = [i for i, row in enumerate(rows) if len(row) > j]
        column = [rows[i][j] for i in at]
        found = of_one_kind(column)
        if found is not column:
            changed = True
            for i, x in zip(at, found, strict=True):
                made[i][j] = x
    if not changed:
        return rows
    return made if container is list else [tuple(row) for row in made]


def _replaced(rows: list[Any], at: list[int], key: Any, column: list[Any]) -> list[Any]:
    if all(rows[i][key] is x for i, x in zip(at, column, strict=True)):
        return rows
    made = [dict(row) for row in rows]
    for i, x in zip(at, column, strict=True):
        made[i][key] = x
    return made


def _kind(numbers: list[Any]) -> type:
    if all(
        isinstance(x, bool) or getattr(getattr(x, "dtype", None), "kind", "") == "b"
        for x in numbers
    ):
        return bool
    if all(
        isinstance(x, Integral) or getattr(getattr(x, "dtype", None), "kind", "") == "b"
        for x in numbers
    ):
        return int
    return float
