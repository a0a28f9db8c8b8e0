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
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

from autograd.jit.calls.plain import ATOMS, is_plain, written
from autograd.jit.calls.walk import FOLLOW, READS_GRAD, Place, Walk, in_words
from autograd.jit.calls.watched_objects import (
    FOLLOW_NUMPY,
    REMEDY,
    instance,
    is_made_in_python,
    members_of,
)
from autograd.jit.unsupported import Unsupported

_MISSING = object()


class _Pair(NamedTuple):
    one: Any


# Containers


def _is_own(kind: type, base: type) -> bool:
    """Whether a class reads its items as the class that it is derived from."""
    names = ("__getitem__", "__len__", "__iter__")
    return all(getattr(kind, name) is getattr(base, name) for name in names)


def _list(walk: Walk, x: Any, name: str, place: Place) -> None:
    base = list if issubclass(type(x), list) else tuple
    walk.guard.keep_kind(x, name)
    if base is list:
        walk.holders.append(("items", x, place))
    if _is_own(type(x), base):
        walk.sequence(x, name, place)
    else:
        copier = walk.guard.constant(_copy_list if base is list else _copy_tuple)
        walk.sequence(list(base.__iter__(x)), walk.guard.variable(f"{copier}({name})"), place)
    members_of(walk, x, name, place)


def _copy_list(x: Any) -> list[Any]:
    return list(list.__iter__(x))


def _copy_tuple(x: Any) -> list[Any]:
    return list(tuple.__iter__(x))


def _dict(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_kind(x, name)
    walk.holders.append(("dict", x, place))
    if type(x) is not dict:
        copied = walk.guard.variable(f"{walk.guard.constant(_copy_dict)}({name})")
        walk.mapping(_copy_dict(x), copied, place)
        if issubclass(type(x), defaultdict):
            factory = f"{name}.default_factory"
            walk.visit(x.default_factory, factory, (place, ".default_factory"))
    else:
        walk.mapping(x, name, place)
    members_of(walk, x, name, place)


def _copy_dict(x: Any) -> dict[Any, Any]:
    ordered = issubclass(type(x), OrderedDict)
    return dict(OrderedDict.items(x) if ordered else dict.items(x))


def _set(walk: Walk, x: Any, name: str, place: Place) -> None:
    guard = walk.guard
    guard.keep_kind(x, name)
    base = set if issubclass(type(x), set) else frozenset
    if base is set:
        walk.holders.append(("items", x, place))
    items = list(base.__iter__(x))
    copied = guard.variable(f"{guard.constant(_copy_set)}({name})")
    if is_plain(items):
        guard.refuse(f"dumps({copied}, 2) != {guard.constant(written(items))}")
    else:
        walk.sequence(items, copied, place)
    members_of(walk, x, name, place)


def _copy_set(x: Any) -> list[Any]:
    return list((set if issubclass(type(x), set) else frozenset).__iter__(x))


def _deque(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_kind(x, name)
    walk.holders.append(("items", x, place))
    copied = walk.guard.variable(f"{walk.guard.constant(_copy_deque)}({name})")
    walk.sequence(_copy_deque(x), copied, place)
    members_of(walk, x, name, place)


def _copy_deque(x: Any) -> list[Any]:
    return list(deque.__iter__(x))


def _proxy(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_kind(x, name)
    walk.mapping(dict(x), walk.guard.variable(f"dict({name})"), place)


def _bytes(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.holders.append(("buffer", x, place))
    kept = walk.guard.constant(x[:] if type(x) is not memoryview else memoryview(bytes(x)))
    walk.guard.refuse(f"not same_bytes({name}, {kept})")
    members_of(walk, x, name, place)


def array_of_numpy(walk: Walk, x: Any, name: str, place: Place) -> None:
    """Look at an array of NumPy's: numbers as bytes, objects one by one."""
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


# What never changes, and what is looked at through a function


def frozen(walk: Walk, x: Any, name: str, place: Place) -> None:
    """Watch an immutable object: the same one, or an equal one, passes."""
    walk.atom(x, name)


def identity(walk: Walk, x: Any, name: str, place: Place) -> None:
    """Watch an object without content for a function of numbers: the same one passes."""
    walk.guard.keep_identity(x, name)


def _slot(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.names.add(x.__name__)  # what it reads, whatever it is called here


def _lock(walk: Walk, x: Any, name: str, place: Place) -> None:
    if "locked" in walk.names.of_users:
        raise Unsupported(f"may read whether {in_words(place)} is locked: pass it as an argument")
    walk.guard.keep_identity(x, name)


def _context_variable(walk: Walk, x: ContextVar[Any], name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.is_suspect |= "set" in walk.names  # which cannot be undone
    read = walk.guard.constant(_read_variable)
    walk.visit(_read_variable(x), f"{read}({name})", (place, ".get()"))


def _read_variable(x: ContextVar[Any]) -> Any:
    try:
        return x.get()
    except LookupError:
        return _MISSING


def _view(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.visit(x.mapping, f"{name}.mapping", place)


def _reference(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.visit(x(), f"{name}()", (place, "()"))


def _names_all(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.names.everything = True
    if "grad" in repr(x):
        raise Unsupported(READS_GRAD)


def _generator(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    walk.holders.append(("random", x, place))


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
            _list: (list, tuple),
            _dict: (dict,),
            _set: (set, frozenset),
            _deque: (deque,),
            _proxy: (types.MappingProxyType,),
            _bytes: (bytearray, memoryview, array.array),
            _atoms: ATOMS,
            frozen: (*(range, slice, type(...), type(NotImplemented)),),
            identity: (
                type(vars(_Pair)["one"]),  # the attribute of a named tuple
                *(re.Pattern, operator.itemgetter, types.CodeType),
                *(types.MethodDescriptorType, types.ClassMethodDescriptorType),
                *(types.GenericAlias, types.UnionType),
            ),
            _slot: (types.GetSetDescriptorType, types.MemberDescriptorType),
            _lock: (type(threading.Lock()), type(threading.RLock())),
            _view: (type({}.keys()), type({}.values()), type({}.items())),
            _context_variable: (ContextVar,),
            _reference: (weakref.ref,),
            _names_all: (operator.attrgetter, operator.methodcaller),
            _generator: (_random.Random,),
            instance: (object, types.SimpleNamespace, threading.local),
        }
    )
)
FOLLOW_NUMPY.append(_of_numpy)
