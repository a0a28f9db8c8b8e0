"""How the walk watches classes: those members that may be called, or that are named.

What classes of this library read is assumed not to change; of those of the standard library it is
assumed that they but compute, and the trace stops where they do not (`autograd.jit.calls.effects`).
"""

from __future__ import annotations

import abc
import enum
import functools
import operator
import sys
import types
from collections.abc import Collection
from re import findall
from typing import Any

from autograd.jit.calls.effects import is_pure
from autograd.jit.calls.libraries import is_library, root_of
from autograd.jit.calls.plain import ATOMS
from autograd.jit.calls.walk import FOLLOW, Place, Walk

_DESCRIPTIONS = {"__name__", "__qualname__", "__doc__", "__module__", "__annotations__"}

_NOT_DATA = {"__dict__", "__weakref__", "_abc_impl", *_DESCRIPTIONS}  # which is asked otherwise

_ANNOTATIONS = {"__annotate__", "__annotate_func__", "__annotations_cache__", "__annotations__"}
"""What Python computes them with, when they are asked for, and where it keeps them."""

_RARE = {"__eq__", "__ne__", "__hash__", "__setattr__", "__repr__", "__str__", "__format__"}
"""Methods that may be called by no name, and whose names are not counted beforehand."""

_METHODS = (
    *(types.FunctionType, classmethod, staticmethod, property),
    *(functools.cached_property, functools.partialmethod, functools.singledispatchmethod),
)


def _class(walk: Walk, x: type, name: str, place: Place) -> None:
    """A class by its name: it may be asked for its attributes, and called."""
    walk.guard.keep_identity(x, name)
    note_alias(walk, x, place)
    if is_library(x):
        is_exception = issubclass(x, BaseException)
        walk.is_suspect |= not is_exception and not is_pure(root_of(x), x.__name__)
        if root_of(x) == "decimal":
            decimal_context(walk)
        return
    class_members(walk, x, place)
    _creation(walk, x, place)
    if issubclass(x, enum.Enum):  # whose members may be found by a key or a value
        for key, member in x._member_map_.items():
            own = [k for k in vars(member) if k in walk.names and not k[:1] == k[-1:] == "_"]
            if own or type(member._value_) not in ATOMS:
                walk.visit(member, (place, f".{key}"))


def _creation(walk: Walk, kind: type, place: Place) -> None:
    """Watch what makes the objects of a class."""
    for parent in kind.__mro__:
        for key in ("__new__", "__init__", "__post_init__"):
            if not is_library(parent) and (member := vars(parent).get(key)) is not None:
                view, known = walk.guard.constant(vars(parent)), walk.guard.constant(member)
                walk.guard.refuse(f"{view}[{key!r}] is not {known}")
                walk.visit(member, (place, f".{key}"))


def _may_create(walk: Walk, kind: type) -> bool:
    """Whether a method of a class may make objects of it: `cls()` in a class method."""
    members = [item for k in kind.__mro__ if not is_library(k) for item in vars(k).items()]
    return any(
        isinstance(x, classmethod) or (hasattr(type(x), "__get__") and not is_library(type(x)))
        for key, x in members
        if walk.names.may_run(key)
    )


def class_members(
    walk: Walk, kind: type, place: Place, name: str = "", has: Collection[str] = ()
) -> set[str]:
    """Watch those members of a class that may be called or are named.

    Args:
        walk: the walk.
        kind: the class.
        place: where it was reached.
        name: the way to the instance by which it was reached, if it was.
        has: the attributes of that instance, which take the place of the class's.

    Returns:
        The names that an attribute of an instance would take the place of, and others that
        would be read if there were such an attribute.
    """
    names = walk.names
    shadowed = set(names.probed)
    if any("__getattr__" in vars(parent) for parent in kind.__mro__):
        shadowed |= set(names)
    is_asked: Any = kind.__getattribute__
    is_read_plainly = bool(name) and is_asked is object.__getattribute__
    is_read_plainly &= "kinds" not in names.asks  # of the class itself, perhaps
    done: set[str] = set(has)
    for parent in kind.__mro__[:-1]:
        root = root_of(parent).partition(".")[0] if is_library(parent) else ""
        members, data = walk.classes.get(parent) or (vars(parent), None)
        shadowed |= {key for key in members if key[:2] != "__" and key in names}
        if data is None:
            walk.classes[parent] = members, []  # while its methods are gone through
            if root in ("autograd", "nn"):
                data = _own_class(walk, parent)
            else:
                data = [] if root else _user_class(walk, parent, place)
            walk.classes[parent] = members, data
        view = walk.guard.constant(members)
        for key in data:
            there, is_atom = f"{view}[{key!r}]", type(members[key]) in ATOMS
            if is_atom and key in has:  # unless a property takes its place
                walk.guard.refuse(f"{there} is not {walk.guard.constant(members[key])}")
            elif is_atom and is_read_plainly and key not in done:
                walk.atom(members[key], f"{name}.{key}")  # of whichever class has it then
                shadowed.discard(key)
            else:  # hidden by another, it may be read of its class
                walk.visit(members[key], (place, f".{key}"), there)
            done.add(key)
    if kind not in walk.created:
        walk.created.add(kind)
        if _may_create(walk, kind):
            _creation(walk, kind, place)
    return shadowed


def described(walk: Walk, x: Any, place: Place) -> None:
    """Watch what Python says of a function or class, where code asks for it by name."""
    for key in sorted(_DESCRIPTIONS & walk.names.of_users):
        if hasattr(x, key):
            there = f"{walk.guard.constant(x)}.{key}"
            walk.visit(getattr(x, key), (place, f".{key}"), there)


def _own_class(walk: Walk, kind: type) -> list[str]:
    """A class of the engine's: the names in its methods, and which of its numbers are named."""
    for key, member in vars(kind).items():
        parts = [getattr(member, part, None) for part in ("fget", "func", "__func__")]
        for f in [member, *parts] if walk.names.may_run(key) else []:
            if type(f) is types.FunctionType:
                walk.names.add_code(f.__code__, is_own=True)
    return [key for key, x in vars(kind).items() if key in walk.names and type(x) in ATOMS]


def _user_class(walk: Walk, kind: type, place: Place) -> list[str]:
    """A class of the user's: its methods, and which of its other members are named."""
    guard, names = walk.guard, walk.names
    members = walk.classes[kind][0]
    if members.get("_is_protocol"):  # isinstance asks whether an object has them
        names.probed.update(members, getattr(kind, "__annotations__", ()))
    described(walk, kind, place)
    view = guard.constant(members)
    known = guard.constant(kind)
    guard.refuse(
        f"[*{view}] != {guard.constant(list(members))}"
        f" or {known}.__mro__ is not {guard.constant(kind.__mro__)}"
    )
    if issubclass(type(kind), abc.ABCMeta):  # what counts as its subclass may be registered
        known = guard.constant(abc.get_cache_token)
        walk.visit(abc.get_cache_token(), (place, ".register"), f"{known}()")
    walk.holders.append(("class", kind, (place, f".{kind.__name__}")))
    if not is_library(type(kind)):
        class_members(walk, type(kind), place)
    data = []
    is_hooked = any(map(_calls_hooks, kind.__mro__[1:]))
    for key, member in list(members.items()):
        if key in _ANNOTATIONS:
            continue
        if key in _RARE:
            guard.refuse(f"{view}[{key!r}] is not {guard.constant(member)}")
            walk.is_suspect |= root_of(member) not in ("enum", "collections")  # which put theirs in
        if not (key in names or names.may_run(key) or (is_hooked and isinstance(member, _METHODS))):
            if key[:2] == "__" and key not in _NOT_DATA:
                _unnamed(walk, member, (place, f".{key}"))
            continue
        is_data = False
        if isinstance(member, _METHODS):
            guard.refuse(f"{view}[{key!r}] is not {guard.constant(member)}")
            walk.visit(member, (place, f".{key}"))
        elif key[:2] == "__":
            is_data = names.names(key) or _may_run(member)
        else:
            is_data = not (issubclass(kind, enum.Enum) and key[:1] == key[-1:] == "_")
        if is_data and key not in _NOT_DATA:
            data.append(key)
    return data


def _calls_hooks(kind: type) -> bool:
    """Whether a library's class calls methods, by names of its own, that a subclass may have."""
    root = root_of(kind).partition(".")[0]
    return is_library(kind) and root not in _WITHOUT_HOOKS


_WITHOUT_HOOKS = {"abc", "autograd", "builtins", "collections", "nn", "numbers", "types", "typing"}


def _unnamed(walk: Walk, member: Any, place: Place) -> None:
    """Watch what a special method holds whose code is read only if it is called."""
    known = walk.guard.constant(member)
    if type(member) is types.FunctionType:
        for part in ("__defaults__", "__kwdefaults__"):
            if (given := getattr(member, part)) is not None:
                walk.guard.refuse(f"{known}.{part} is not {walk.guard.constant(given)}")
                walk.visit(given, (place, f".{part}"))
    elif type(member) not in FOLLOW and _may_run(member):
        walk.visit(member, place)


def _may_run(x: Any) -> bool:
    """Whether a special member of a class runs code of its own: it is called, or asked for."""
    return callable(x) or hasattr(type(x), "__get__")


_READ_BY_NAME: tuple[Any, ...] = (getattr, hasattr, setattr, delattr, vars, dir)
_READ_BY_NAME += (operator.attrgetter, operator.methodcaller, object.__getattribute__)


def note_alias(walk: Walk, x: Any, place: Place) -> None:
    """All attributes count if what reads them by name is known to the code by another name."""
    reads = any(x is f for f in _READ_BY_NAME) or x.__name__ == "__getattribute__"
    if reads and findall(r"\w+", place[1])[-1:] != [x.__name__]:
        walk.names.everything = True


def decimal_context(walk: Walk) -> None:
    """Watch what numbers of the module `decimal` are rounded by."""
    known = walk.guard.constant(_read_context)
    walk.visit(_read_context(), (None, "decimal.getcontext()"), f"{known}()")


def _read_context() -> tuple[Any, ...]:
    context = sys.modules["decimal"].getcontext()
    names = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")
    return (*(getattr(context, name) for name in names), *context.traps.values())


FOLLOW[type] = _class
