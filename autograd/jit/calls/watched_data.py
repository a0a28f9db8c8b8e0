"""How the walk watches data: containers, arrays, and what never changes.

Each container is compared item by item; a subclass of one is first copied by the methods of its
base class, so that overridden methods are not called.
"""

from __future__ import annotations

import _random
import array
import operator
import re
import sys
import threading
import types
import weakref
from collections import defaultdict, deque
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

from autograd.forks import Lock
from autograd.jit.calls.plain import ATOMS, MISSING, base_of, is_plain, items_of, written
from autograd.jit.calls.walk import FOLLOW, READS_GRAD, Place, Walk, in_words
from autograd.jit.calls.watched_objects import (
    REMEDY,
    identity,
    instance,
    is_made_in_python,
    members_of,
)
from autograd.jit.unsupported import Unsupported


class _Pair(NamedTuple):
    one: Any


# Containers


def _sequence(walk: Walk, x: Any, name: str, place: Place) -> None:
    """A list, tuple, deque or set; a copy of one that would not read its items as its base does."""
    guard, base, items = walk.guard, base_of(x), x
    guard.keep_kind(x, name)
    if base not in (tuple, frozenset):
        walk.holders.append(("items", x, place))
    if base is deque:
        guard.refuse(f"{name}.maxlen != {x.maxlen}")
    methods = ("__getitem__", "__len__", "__iter__")
    text = name
    if base not in (list, tuple) or any(getattr(type(x), m) != getattr(base, m) for m in methods):
        text, items = guard.variable(f"{guard.constant(items_of)}({name})"), items_of(x)
    if base in (set, frozenset) and is_plain(items):
        guard.refuse(f"dumps({text}, 2) != {guard.constant(written(items))}")
    else:
        walk.sequence(items, text, place)
    members_of(walk, x, name, place)


def _dict(walk: Walk, x: Any, name: str, place: Place) -> None:
    guard = walk.guard
    guard.keep_kind(x, name)
    walk.holders.append(("dict", x, place))
    if type(x) is dict:
        walk.mapping(x, name, place)
    else:
        copied = guard.variable(f"dict({guard.constant(items_of)}({name}))")
        walk.mapping(dict(items_of(x)), copied, place)
    if issubclass(type(x), defaultdict):
        factory = ".default_factory"
        walk.visit(x.default_factory, (place, factory), f"{name}{factory}")
    members_of(walk, x, name, place)


def _proxy(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_kind(x, name)
    walk.mapping(dict(x), walk.guard.variable(f"dict({name})"), place)


def _copied(x: memoryview) -> memoryview:
    flat = memoryview(bytes(x))
    return flat.cast(x.format, x.shape) if x.nbytes and x.format != "B" else flat  # type: ignore[call-overload]


def _bytes(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.holders.append(("buffer", x, place))
    kept = walk.guard.constant(x[:] if type(x) is not memoryview else _copied(x))
    walk.guard.refuse(f"not same_bytes({name}, {kept})")
    if "obj" in walk.names.of_users:
        walk.visit(getattr(x, "obj", None), (place, ".obj"), f"getattr({name}, 'obj', None)")
    members_of(walk, x, name, place)


def array_of_numpy(walk: Walk, x: Any, name: str, place: Place) -> None:
    """Watch an array of NumPy's: numbers as bytes, objects one by one."""
    guard = walk.guard
    walk.holders.append(("array", x, place))
    if x.dtype.kind == "O":
        guard.keep_kind(x, name)
        guard.refuse(f"{name}.shape != {x.shape}")
        walk.sequence(x.ravel().tolist(), guard.variable(f"{name}.ravel().tolist()"), place)
    elif x.dtype.hasobject:
        raise Unsupported(
            f"reads {in_words(place)}, an array with objects in its fields ({REMEDY})"
        )
    else:
        guard.refuse(f"not same_array({name}, {guard.constant(x.copy())})")
    if "base" in walk.names.of_users:
        walk.visit(x.base, (place, ".base"), f"{name}.base")
    members_of(walk, x, name, place)


def _of_numpy(walk: Walk, x: Any, name: str, place: Place) -> None:
    classes = {k.__name__ for k in type(x).__mro__}
    if "ndarray" in classes:
        array_of_numpy(walk, x, name, place)
    elif classes & {"generic", "dtype"}:
        walk.atom(x, name)
    elif classes & {"Generator", "RandomState", "BitGenerator"}:
        _generator(walk, x, name, place)
    elif type(x).__name__ == "_ArrayFunctionDispatcher" or _is_function_of_numpy(x):
        walk.guard.keep_identity(x, name)
    elif is_made_in_python(type(x)):
        walk.guard.keep_kind(x, name)
        members_of(walk, x, name, place)
    else:
        raise Unsupported(f"reads {in_words(place)}, which cannot be compared: {REMEDY}")


def _is_function_of_numpy(x: Any) -> bool:
    """Whether this is one of NumPy's own functions, and not made by `frompyfunc`."""
    module = sys.modules["numpy"]
    return type(x).__name__ == "ufunc" and getattr(module, x.__name__, None) is x


# What never changes, and what is read through a function


def _frozen(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.atom(x, name)


def _slice(walk: Walk, x: slice, name: str, place: Place) -> None:
    walk.guard.keep_kind(x, name)
    for part in ("start", "stop", "step"):
        walk.visit(getattr(x, part), (place, f".{part}"), f"{name}.{part}")


def _registered(walk: Walk, x: Any, name: str, place: Place) -> None:
    raise Unsupported(f"reads {in_words(place)}, whose state is in C code or a registry: {REMEDY}")


def _slot(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.names.add(x.__name__)  # what it reads, whatever it is called here


def _lock(walk: Walk, x: Any, name: str, place: Place) -> None:
    if not walk.names.of_users.isdisjoint(("locked", "acquire")):
        raise Unsupported(f"may read whether {in_words(place)} is locked: pass it as an argument")
    walk.guard.keep_identity(x, name)
    walk.has_lock = True


def _context_variable(walk: Walk, x: ContextVar[Any], name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.is_suspect |= "set" in walk.names  # which cannot be undone
    read = walk.guard.constant(_read_variable)
    walk.visit(_read_variable(x), (place, ".get()"), f"{read}({name})")


def _read_variable(x: ContextVar[Any]) -> Any:
    try:
        return x.get()
    except LookupError:
        return MISSING


_REFERENT = weakref.ref.__call__


def _reference(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.visit(_REFERENT(x), (place, "()"), f"{walk.guard.constant(_REFERENT)}({name})")
    members_of(walk, x, name, place)


def _method_of_c(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.names.everything |= x in (str.format, str.format_map)


def _item(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.visit(x.__reduce__()[1], (place, ".__reduce__()"))  # what it was made with


def _names_all(walk: Walk, x: Any, name: str, place: Place) -> None:
    _item(walk, x, name, place)
    walk.names.everything = True
    if "grad" in repr(x):
        raise Unsupported(READS_GRAD)


def _generator(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.holders.append(("random", x, place))
    members_of(walk, x, name, place)


def _atoms(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.atom(x, name)
    members_of(walk, x, name, place)


def _kinds(table: dict[Any, tuple[type, ...]]) -> Iterator[tuple[type, Any]]:
    for follow, kinds in table.items():
        for kind in kinds:
            yield kind, follow


FOLLOW.update(
    _kinds(
        {
            _sequence: (list, tuple, deque, set, frozenset),
            _dict: (dict,),
            _proxy: (types.MappingProxyType,),
            _bytes: (bytearray, memoryview, array.array),
            _atoms: ATOMS,
            _frozen: (range, type(...), type(NotImplemented)),
            _slice: (slice,),
            _registered: (weakref.finalize,),
            identity(): (
                type(vars(_Pair)["one"]),  # the attribute of a named tuple
                *(re.Pattern, types.CodeType),
                types.ClassMethodDescriptorType,
            ),
            _method_of_c: (types.MethodDescriptorType,),
            identity("__args__"): (types.UnionType,),
            identity("__origin__", "__args__"): (types.GenericAlias,),
            _item: (operator.itemgetter,),
            _slot: (types.GetSetDescriptorType, types.MemberDescriptorType),
            _lock: (type(threading.Lock()), type(threading.RLock()), Lock),
            identity("mapping"): (type({}.keys()), type({}.values()), type({}.items())),
            _context_variable: (ContextVar,),
            _reference: (weakref.ref,),
            _names_all: (operator.attrgetter, operator.methodcaller),
            _generator: (_random.Random,),
            instance: (object, types.SimpleNamespace, threading.local),
        }
    )
)
FOLLOW["numpy"] = _of_numpy
