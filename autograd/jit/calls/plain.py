"""Plain structures (numbers and strings in lists, tuples, dicts), compared with what they were.

And containers of any class read as the built-in class that they are derived from, so that no
overridden method is called.
"""

from __future__ import annotations

import marshal
from collections import OrderedDict, deque
from typing import Any

ATOMS = (type(None), bool, int, float, complex, str, bytes)
"""What holds nothing else and never changes."""

_EXACT = frozenset(ATOMS)


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
        return set(map(type, x)) <= _EXACT and all(map(is_plain, x.values()))
    return kind in _EXACT


def is_frozen(x: Any) -> bool:
    """Whether nothing in a plain structure can change: a tuple of atoms and of such tuples.

    >>> is_frozen((1, ("a", 2.0))), is_frozen((1, [2]))
    (True, False)
    """
    return isinstance(x, ATOMS) or (type(x) is tuple and all(map(is_frozen, x)))


def written(x: Any) -> bytes:
    """A plain structure written down, bit for bit: types, signs of zeros and all.

    >>> written([0.0]) == written([-0.0]), written([1]) == written([1.0])
    (False, False)
    """
    # Version 2 is the last one without references, which depend on who else has a part of `x`.
    return marshal.dumps(x, 2)


def same_array(x: Any, y: Any) -> bool:
    """Whether two arrays are the same in every bit."""
    return (
        type(x) is type(y)
        and x.dtype == y.dtype
        and x.shape == y.shape
        and x.tobytes() == y.tobytes()
    )


_LAYOUT = ("typecode", "format", "shape", "strides")


def same_bytes(x: Any, y: Any) -> bool:
    """Whether two arrays of the module `array`, or buffers, hold the same bytes."""
    return (
        type(x) is type(y)
        and all(getattr(x, name, None) == getattr(y, name, None) for name in _LAYOUT)
        and bytes(x) == bytes(y)
    )


MISSING = object()
"""What is read where there is nothing."""


def read_slot(x: Any, slot: Any) -> Any:
    """What is in a slot of an object, or in a cell; `MISSING` if nothing is."""
    try:
        return slot.__get__(x)
    except (AttributeError, ValueError):
        return MISSING


_BASES: tuple[Any, ...] = (list, tuple, deque, set, frozenset, OrderedDict, dict)


def base_of(x: Any) -> Any:
    """The built-in class of a container.

    >>> base_of([]), base_of(OrderedDict())
    (<class 'list'>, <class 'collections.OrderedDict'>)
    """
    return next(base for base in _BASES if issubclass(type(x), base))


def items_of(x: Any) -> list[Any]:
    """The items of a list, tuple, deque or set; of a dict its pairs of keys and items."""
    base = base_of(x)
    return list(base.items(x) if issubclass(base, dict) else base.__iter__(x))
