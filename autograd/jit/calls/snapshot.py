"""A snapshot of what a trace may change: compared afterwards, and restored in place.

A trace runs the user's function once with Values that stand for numbers. If the function changes
something outside, that run must not count: lists, dicts and attributes get their old content back,
the objects themselves remaining the same, and the plain function runs instead. A source of random
numbers that was drawn from gets its old state back too: the numbers of one call must not become
constants.

A table says how each kind of object is read, and written back.
"""

from __future__ import annotations

import pickle
import random
import sys
import warnings
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd.containers import alike
from autograd.jit.calls.caches import results_in
from autograd.jit.calls.effects import RANDOM
from autograd.jit.calls.plain import ATOMS, MISSING, base_of, items_of, read_slot
from autograd.jit.calls.walk import Place, in_words
from autograd.jit.tuning import MOST_OBJECTS

_ATOM_SET = set(ATOMS)

CHANGES = "changes captured state ({}): return the new value, and pass it in"


class Snapshot:
    """The state of everything that can be reached and changed.

    The generators of the modules `random` and `numpy.random` can be reached always.

    Args:
        holders: the kind of each, the object, and where it was reached.

    >>> kept = [1.0]
    >>> before = Snapshot([("items", kept, (None, "global 'kept'"))])
    >>> kept.append(2.0)
    >>> before.change()
    "changes captured state (global 'kept' -> [1]): return the new value, and pass it in"
    >>> changed = before.restore()
    >>> kept
    [1.0]
    """

    def __init__(self, holders: Iterable[tuple[str, Any, Place]]) -> None:
        numpy = sys.modules.get("numpy.random")  # another thread may be loading it
        sources = [random, *([numpy] if hasattr(numpy, "get_state") else [])]
        found: dict[Any, tuple[str, Any, Place]] = {}
        for kind, x, place in [*holders, *[("random", x, (None, RANDOM)) for x in sources]]:
            parts = tuple(map(id, x)) if kind == "slot" else id(x)
            parts = (id(x[0]), x[1]) if kind == "global" else parts
            found.setdefault((kind, parts), (kind, x, place))
        self._kept = {
            key: (_KINDS[kind], x, _KINDS[kind].read(x), at) for key, (kind, x, at) in found.items()
        }

    def _changed(self) -> Changes:
        """What has changed."""
        return {
            key: (kind, x, before, now, place)
            for key, (kind, x, before, place) in self._kept.items()
            if not _equal(before, now := kind.read(x))
        }

    def change(self) -> str | None:
        """The first change, in words; None if there is none."""
        for kind, _, before, now, place in self._changed().values():
            if kind is _KINDS["random"]:
                return RANDOM
            where = in_words(_inside(kind, before, now, place))
            return CHANGES.format(where)
        return None

    def is_cache(self) -> bool:
        """Whether a cached function was called for the first time, or attributes were added."""
        changed = self._changed().values()
        return any(kind is _KINDS["cache"] for kind, *_ in changed) or all(
            kind in (_KINDS["attributes"], _KINDS["class"]) and _equal(before, now[: len(before)])
            for kind, _, before, now, _ in changed
        )

    def restore(self) -> Changes:
        """Restore everything; what had changed."""
        changed = self._changed()
        for kind, x, before, _, _ in changed.values():
            kind.write(x, before)
        return changed


def set_again(changes: Changes, but: Container[Any]) -> None:
    """Set what was restored as it was before that, but for some keys, and what is new since."""
    for key, (kind, x, before, now, _) in changes.items():
        if key not in but and kind is not _KINDS["cache"] and _equal(before, kind.read(x)):
            kind.write(x, now)


def _equal(before: Sequence[Any], now: Sequence[Any]) -> bool:
    return len(before) == len(now) and all(
        a is b or (type(a) in _ATOM_SET and alike(a, b)) for a, b in zip(before, now, strict=True)
    )


def _inside(kind: _Kind, before: Sequence[Any], now: Sequence[Any], place: Place) -> Place:
    """The place of the first part that has changed, where the kind has parts."""
    if kind.step:
        old, new = kind.parts(before), kind.parts(now)
        for key in [*old, *new]:
            if not _equal([old.get(key, MISSING)], [new.get(key, MISSING)]):
                return (place, kind.step.format(key))
    return place


# How each kind is read, as a sequence of what it holds, and written back


def _by_key(state: Sequence[Any]) -> dict[Any, Any]:
    return dict(zip(state[::2], state[1::2], strict=True))


Changes: TypeAlias = "dict[Any, tuple[_Kind, Any, Sequence[Any], Sequence[Any], Place]]"
"""By a key for what has changed: its kind, the object, its old and new state, and its place."""


class _Kind(NamedTuple):
    """How a kind is read, as a sequence, and written; the step to a part, and its parts by key."""

    read: Callable[[Any], Sequence[Any]]
    write: Callable[[Any, Sequence[Any]], None]
    step: str = ""
    parts: Callable[[Sequence[Any]], dict[Any, Any]] = _by_key


def _write_items(x: Any, state: Sequence[Any]) -> None:
    base = base_of(x)
    base.clear(x)
    (base.update if base is set else base.extend)(x, state)


def _write_dict(x: Any, state: Sequence[Any]) -> None:
    base = base_of(x)
    base.clear(x)
    for key, item in zip(state[::2], state[1::2], strict=True):
        base.__setitem__(x, key, item)


def _pairs(items: Iterable[tuple[Any, Any]]) -> list[Any]:
    return [part for item in items for part in item]


def _write_by_key(
    remove: Callable[[Any, Any], None], put: Callable[[Any, Any, Any], None]
) -> Callable[[Any, Sequence[Any]], None]:
    """Write only what has changed: others may be reading the rest."""

    def write(x: Any, state: Sequence[Any]) -> None:
        before, now = _by_key(state), dict(vars(x) if isinstance(x, type) else x)
        for key in [key for key in now if key not in before]:
            remove(x, key)
        for key, item in before.items():
            if now.get(key, MISSING) is not item:
                put(x, key, item)

    return write


def _write_slot(x: tuple[Any, Any], state: Sequence[Any]) -> None:
    if state[0] is MISSING:
        x[1].__delete__(x[0])
    else:
        x[1].__set__(x[0], state[0])


def _write_global(x: tuple[dict[str, Any], str], state: Sequence[Any]) -> None:
    space, key = x
    if state[0] is MISSING:
        space.pop(key, None)
    else:
        space[key] = state[0]


def _write_buffer(x: Any, state: Sequence[Any]) -> None:
    if isinstance(x, memoryview):
        x.cast("B")[:] = state[0]
    else:
        del x[:]
        (x.extend if isinstance(x, bytearray) else x.frombytes)(state[0])


def _read_array(x: Any) -> list[Any]:
    items = x.ravel().tolist() if x.dtype.kind == "O" else [x.tobytes()]
    return [x.dtype, x.ndim, *x.shape, *items]


def _write_array(x: Any, state: Sequence[Any]) -> None:
    import numpy as np

    dtype, rank, *rest = state
    shape, items = tuple(rest[:rank]), rest[rank:]
    if x.dtype is not dtype:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of NumPy 2.5
            x.dtype = dtype
    if x.shape != shape:
        x.resize(shape, refcheck=False)
    if x.dtype.kind == "O":
        x.flat = items
    else:
        x[...] = np.frombuffer(items[0], x.dtype).reshape(shape)


def _write_value(x: Any, state: Sequence[Any]) -> None:
    x._data, x.grad, x.label = state[1::2]


def _read_cache(x: Any) -> list[Any]:
    size = x.cache_info().currsize
    return results_in(x) if size <= MOST_OBJECTS else [size]


def _read_random(source: Any) -> list[bytes]:
    read = getattr(source, "getstate", None) or getattr(source, "get_state", None)
    return [pickle.dumps(read() if read else getattr(source, "bit_generator", source).state)]


def _write_random(source: Any, state: Sequence[bytes]) -> None:
    write = getattr(source, "setstate", None) or getattr(source, "set_state", None)
    if write:
        write(pickle.loads(state[0]))
    else:
        getattr(source, "bit_generator", source).state = pickle.loads(state[0])


_KINDS = {
    "items": _Kind(items_of, _write_items, "[{!r}]", lambda s: dict(enumerate(s))),
    "dict": _Kind(lambda x: _pairs(items_of(x)), _write_dict, "[{!r}]"),
    "attributes": _Kind(
        lambda x: _pairs(dict.items(x)),
        _write_by_key(dict.__delitem__, dict.__setitem__),
        ".{}",
    ),
    "class": _Kind(
        lambda x: _pairs(vars(x).items()),
        _write_by_key(type.__delattr__, type.__setattr__),
        ".{}",
    ),
    "slot": _Kind(lambda x: [read_slot(*x)], _write_slot),
    "global": _Kind(lambda x: [x[0].get(x[1], MISSING)], _write_global),
    "value": _Kind(
        lambda x: ["data", x._data, "grad", x.grad, "label", x.label], _write_value, ".{}"
    ),
    "buffer": _Kind(lambda x: [bytes(x)], _write_buffer),
    "array": _Kind(_read_array, _write_array),
    "cache": _Kind(_read_cache, lambda x, _: x.cache_clear()),
    "random": _Kind(_read_random, _write_random),
}
"""For each kind of holder, how it is read and written back."""
