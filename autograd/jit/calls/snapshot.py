"""A snapshot of what a trace may change: compared afterwards, and restored in place.

A trace runs the user's function once with Values that stand for numbers. If the function changes
something outside, that run must not count: lists, dicts and attributes get their old content back,
the objects themselves remaining the same, and the plain function runs instead.
"""

from __future__ import annotations

import functools
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.containers import alike
from autograd.jit.calls.plain import ATOMS
from autograd.jit.calls.walk import Place, in_words

_MISSING = object()
_ATOM_SET = set(ATOMS)


class Snapshot:
    """The state of everything that can be reached and changed.

    Args:
        holders: the kind of each, the object, and where it was reached.

    >>> kept = [1.0]
    >>> before = Snapshot([("list", kept, (None, "global 'kept'"))])
    >>> kept.append(2.0)
    >>> before.change()
    "global 'kept'"
    >>> before.restore()
    >>> kept
    [1.0]
    """

    def __init__(self, holders: Iterable[tuple[str, Any, Place]]) -> None:
        self._kept = [
            (kind, x, _STATES[kind][0](x), place) for kind, x, place in _distinct(holders)
        ]

    def change(self) -> str | None:
        """The first change, in words; None if there is none."""
        for kind, x, before, place in self._kept:
            now = _STATES[kind][0](x)
            if not _equal(before, now):
                return in_words(_inside(kind, before, now, place))
        return None

    def is_cache(self) -> bool:
        """Whether a cached function was called for the first time, or only caches were filled."""
        changed = [
            (kind, before, now)
            for kind, x, before, _ in self._kept
            if not _equal(before, now := _STATES[kind][0](x))
        ]
        return any(kind == "cache" for kind, _, _ in changed) or all(
            kind == "attributes"
            and _equal(before, now[: len(before)])
            and set(now[len(before) :: 2]) <= self._cached_properties()
            for kind, before, now in changed
        )

    def _cached_properties(self) -> set[str]:
        classes = [x for kind, x, _, _ in self._kept if kind == "class"]
        return {
            key
            for x in classes
            for key, member in vars(x).items()
            if isinstance(member, functools.cached_property)
        }

    def restore(self) -> None:
        """Restore everything."""
        for kind, x, before, _ in self._kept:
            read, write = _STATES[kind]
            if not _equal(before, read(x)):
                write(x, before)


def _distinct(holders: Iterable[tuple[str, Any, Place]]) -> list[tuple[str, Any, Place]]:
    found: dict[Any, tuple[str, Any, Place]] = {}
    for kind, x, place in holders:
        parts = (
            tuple(map(id, x)) if kind == "slot" else (id(x[0]), x[1]) if kind == "global" else id(x)
        )
        found.setdefault((kind, parts), (kind, x, place))
    return list(found.values())


def _equal(before: Sequence[Any], now: Sequence[Any]) -> bool:
    return len(before) == len(now) and all(
        a is b or (type(a) in _ATOM_SET and alike(a, b)) for a, b in zip(before, now, strict=True)
    )


def _inside(kind: str, before: Sequence[Any], now: Sequence[Any], place: Place) -> Place:
    """The part that has changed."""
    if kind in ("attributes", "dict", "ordered", "class"):
        old, new = (dict(zip(x[::2], x[1::2], strict=True)) for x in (before, now))
        for key in [*old, *new]:
            a, b = old.get(key, _MISSING), new.get(key, _MISSING)
            if not _equal([a], [b]):
                return (place, f"[{key!r}]" if kind in ("dict", "ordered") else f".{key}")
    if kind == "list" and len(before) == len(now):
        for i, (a, b) in enumerate(zip(before, now, strict=True)):
            if not _equal([a], [b]):
                return (place, f"[{i}]")
    if kind == "value":
        names = (".data", ".grad", ".label")
        return (
            place,
            next(n for n, a, b in zip(names, before, now, strict=True) if not _equal([a], [b])),
        )
    return place


# How each kind is read, as a sequence of what it holds, and written back


def _pairs(items: Iterable[tuple[Any, Any]]) -> list[Any]:
    return [part for item in items for part in item]


def _items(state: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(zip(state[::2], state[1::2], strict=True))


def _write_dict(x: dict[Any, Any], state: Sequence[Any]) -> None:
    dict.clear(x)
    dict.update(x, _items(state))


def _write_ordered(x: Any, state: Sequence[Any]) -> None:
    OrderedDict.clear(x)
    for key, item in _items(state):
        OrderedDict.__setitem__(x, key, item)


def _write_attributes(x: dict[str, Any], state: Sequence[Any]) -> None:
    before = dict(_items(state))
    for key in [key for key in x if key not in before]:
        del x[key]
    for key, item in before.items():
        if x.get(key, _MISSING) is not item:
            x[key] = item


def _write_set(x: set[Any], state: Sequence[Any]) -> None:
    set.clear(x)
    set.update(x, state)


def _write_deque(x: deque[Any], state: Sequence[Any]) -> None:
    deque.clear(x)
    deque.extend(x, state)


def _read_slot(x: tuple[Any, Any]) -> list[Any]:
    try:
        return [x[1].__get__(x[0])]
    except AttributeError:
        return [_MISSING]


def _write_slot(x: tuple[Any, Any], state: Sequence[Any]) -> None:
    if state[0] is _MISSING:
        x[1].__delete__(x[0])
    else:
        x[1].__set__(x[0], state[0])


def _read_cell(cell: Any) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:
        return [_MISSING]


def _write_cell(cell: Any, state: Sequence[Any]) -> None:
    if state[0] is _MISSING:
        del cell.cell_contents
    else:
        cell.cell_contents = state[0]


def _write_global(x: tuple[dict[str, Any], str], state: Sequence[Any]) -> None:
    space, key = x
    if state[0] is _MISSING:
        space.pop(key, None)
    else:
        space[key] = state[0]


def _write_class(x: type, state: Sequence[Any]) -> None:
    before = dict(_items(state))
    for key in [key for key in vars(x) if key not in before]:
        type.__delattr__(x, key)
    for key, item in before.items():
        if vars(x).get(key, _MISSING) is not item:
            type.__setattr__(x, key, item)


def _write_buffer(x: Any, state: Sequence[Any]) -> None:
    if isinstance(x, memoryview):
        x.cast("B")[:] = state[0]
    elif isinstance(x, bytearray):
        x[:] = state[0]
    else:
        del x[:]
        x.frombytes(state[0])


def _read_array(x: Any) -> list[Any]:
    items = x.ravel().tolist() if x.dtype.kind == "O" else [x.tobytes()]
    return [x.ndim, *x.shape, *items]


def _write_array(x: Any, state: Sequence[Any]) -> None:
    import numpy as np

    shape, items = tuple(state[1 : state[0] + 1]), state[state[0] + 1 :]
    if x.shape != shape:
        x.resize(shape, refcheck=False)
    if x.dtype.kind == "O":
        x.flat = items
    else:
        x[...] = np.frombuffer(items[0], x.dtype).reshape(shape)


def _write_value(x: Any, state: Sequence[Any]) -> None:
    x._data, x.grad, x.label = state


def _write_function(x: Any, state: Sequence[Any]) -> None:
    x.__code__, x.__defaults__, x.__kwdefaults__ = state


_STATES: dict[str, tuple[Callable[[Any], Sequence[Any]], Callable[[Any, Any], None]]] = {
    "list": (lambda x: list(list.__iter__(x)), lambda x, s: list.__setitem__(x, slice(None), s)),
    "dict": (lambda x: _pairs(dict.items(x)), _write_dict),
    "ordered": (lambda x: _pairs(OrderedDict.items(x)), _write_ordered),
    "attributes": (lambda x: _pairs(dict.items(x)), _write_attributes),
    "set": (lambda x: list(set.__iter__(x)), _write_set),
    "deque": (lambda x: list(deque.__iter__(x)), _write_deque),
    "slot": (_read_slot, _write_slot),
    "function": (lambda x: [x.__code__, x.__defaults__, x.__kwdefaults__], _write_function),
    "cell": (_read_cell, _write_cell),
    "global": (lambda x: [x[0].get(x[1], _MISSING)], _write_global),
    "class": (lambda x: _pairs(vars(x).items()), _write_class),
    "buffer": (lambda x: [bytes(x)], _write_buffer),
    "array": (_read_array, _write_array),
    "cache": (lambda x: [x.cache_info().misses], lambda x, s: x.cache_clear()),
    "value": (lambda x: [x._data, x.grad, x.label], _write_value),
}
