"""Plain structures, copied and compared: numbers and strings, in lists, tuples and dicts."""

from __future__ import annotations

from typing import Any

ATOMS = (type(None), bool, int, float, complex, str, bytes)
"""What holds nothing else and never changes."""


def is_plain(x: Any) -> bool:
    """Whether there is nothing in a structure but numbers, strings and the like.

    >>> is_plain([[1.0, 2.0], {"a": None}]), is_plain([len])
    (True, False)
    """
    kind = type(x)
    if kind is list or kind is tuple:
        rest = set(map(type, x)).difference(ATOMS)
        return not rest or (rest <= {list, tuple, dict} and all(map(is_plain, x)))
    if kind is dict:
        return all(map(is_plain, x.values()))
    return isinstance(x, ATOMS)


def copied(x: Any) -> Any:
    """A plain structure that shares no list or dict with this one."""
    if type(x) is list or type(x) is tuple:
        return type(x)(map(copied, x))
    return {key: copied(item) for key, item in x.items()} if type(x) is dict else x


def same(x: Any, y: Any) -> bool:
    """Whether two plain things are of one type and equal; nan equals nan.

    >>> same(1, 1.0), same([1.0], [1.0])
    (False, True)
    """
    return type(x) is type(y) and bool(x == y or (x != x and y != y))


def same_array(x: Any, y: Any) -> bool:
    """Whether two arrays are the same in every bit."""
    return (
        type(x) is type(y)
        and x.dtype == y.dtype
        and x.shape == y.shape
        and x.tobytes() == y.tobytes()
    )
