"""How the walk watches instances of classes: their attributes, in dictionaries and in slots.

Those attributes count that are named in the code that may run, and all of them where names do not
suffice: for enums, and for classes of the standard library, whose code is not analysed. Parameters
of a module count under any name. An object with state in C code is refused.
"""

from __future__ import annotations

import threading
import types
from collections.abc import Set as AbstractSet
from typing import Any

from autograd.jit.calls.effects import is_pure
from autograd.jit.calls.libraries import is_library, root_of, wrapped_in
from autograd.jit.calls.plain import MISSING, read_slot
from autograd.jit.calls.walk import FOLLOW, Follow, Place, Walk, in_words
from autograd.jit.calls.watched_classes import class_members, decimal_context, described
from autograd.jit.unsupported import Unsupported
from autograd.value import Value

REMEDY = "pass it as an argument, or keep the number in a Value, a list, a dict or an attribute"

_FROZEN = {"Fraction", "Decimal", "date", "time", "timedelta", "tzinfo", "PurePath", "UUID"}
"""Classes of the standard library whose objects never change."""

_HEAP = 1 << 9


def instance(walk: Walk, x: Any, name: str, place: Place) -> None:
    """Watch an object: its attributes that are named, and all where names do not tell."""
    kind = type(x)
    if kind is object:
        walk.guard.keep_identity(x, name)
        return
    frozen_kind = next((k for k in kind.__mro__ if k.__name__ in _FROZEN and is_library(k)), None)
    if frozen_kind is not None:
        walk.is_suspect |= frozen_kind.__name__ == "PurePath"  # paths read files
        walk.visit(getattr(x, "tzinfo", None), (place, ".tzinfo"))
        if frozen_kind.__name__ == "Decimal":
            decimal_context(walk)
        walk.atom(x, name)
        if not is_library(kind):
            members_of(walk, x, name, place)
        return
    wrapped = None if is_open(kind) else wrapped_in(x)
    if is_library(kind) and (wrapped is not None or kind.__module__.startswith("autograd")):
        walk.guard.keep_identity(x, name)
        if wrapped is not None:
            walk.visit(wrapped, (place, ".__wrapped__"))
        else:
            _user_functions(walk, x, place)
        added_attributes(walk, x, place)
        return
    if any(k not in FOLLOW and not is_made_in_python(k) for k in kind.__mro__):
        raise Unsupported(
            f"reads {in_words(place)}, whose state cannot be compared"
            f" ({kind.__module__}.{kind.__qualname__}): {REMEDY}"
        )
    own = [vars(k)["__dict__"] for k in kind.__mro__ if "__dict__" in vars(k)]
    if not set(map(type, own)) <= {types.GetSetDescriptorType, types.MemberDescriptorType}:
        raise Unsupported(f"reads {in_words(place)}, whose class redefines __dict__: {REMEDY}")
    walk.is_suspect |= is_library(kind) and not is_pure(kind.__module__) and not is_open(kind)
    walk.guard.keep_kind(x, name)
    members_of(walk, x, name, place)
    if wrapped is not None:
        walk.visit(wrapped, (place, ".__wrapped__"))
    if kind.__module__ == "typing":  # what `Generic[float]` stands for
        for part in ("__origin__", "__args__", "__metadata__"):
            walk.visit(getattr(x, part, None), (place, f".{part}"))


def added_attributes(walk: Walk, x: Any, place: Place) -> None:
    """Watch what a user's code reads of the attributes of an object or function of a library."""
    if (space := dictionary(x)) is not None:
        constant, asked = walk.guard.constant, walk.names.of_users
        for key in [key for key in space if key[:1] != "_" and key in asked]:
            walk.visit(space[key], (place, f".{key}"), f"{constant(space)}.get({key!r})")
        if missing := sorted(walk.names.probed - space.keys()):
            walk.guard.refuse(f"not {constant(frozenset(missing))}.isdisjoint({constant(space)})")


def _user_functions(walk: Walk, x: Any, place: Place) -> None:
    """Go on to the functions that a user has given to an object of the engine's."""
    found = list((dictionary(x) or {}).items())
    for parent in type(x).__mro__:
        for key, slot in vars(parent).items():
            if type(slot) is types.MemberDescriptorType:
                found.append((key, read_slot(x, slot)))
    for key, item in found:
        is_function = type(item) is types.FunctionType and not is_library(item)
        if is_function or type(item).__module__.startswith("autograd.primitives"):
            walk.visit(item, (place, f".{key}"))


def is_made_in_python(kind: type) -> bool:
    """Whether the instances of a class have no more than attributes: nothing that C code keeps."""
    if not kind.__flags__ & _HEAP:
        return False
    own = vars(kind)
    slots = sum(type(x) is types.MemberDescriptorType for x in own.values())
    extra = kind.__basicsize__ - (kind.__base__ or object).__basicsize__
    return extra <= 8 * (slots + ("__dict__" in own) + ("__weakref__" in own))


def dictionary(x: Any) -> dict[str, Any] | None:
    """The attributes of an object, however it answers when asked for them."""
    try:
        is_local = issubclass(type(x), threading.local)
        found = x.__dict__ if is_local else object.__getattribute__(x, "__dict__")
    except Exception:
        return None
    return found if type(found) is dict else None


def has_parameters(x: Any) -> bool:
    """Whether this is a module of parameters."""
    return not issubclass(type(x), type) and hasattr(type(x), "named_parameters")


def _holds_values(x: Any) -> bool:
    """Whether a module would find parameters in this attribute."""
    if isinstance(x, list | tuple | dict):
        return any(map(_holds_values, x.values() if isinstance(x, dict) else x))
    return type(x) is Value or has_parameters(x)


def _reads_unseen(kind: type) -> bool:
    """Whether methods of this class may read attributes that no code at hand names."""
    module = root_of(kind)
    is_own = module.partition(".")[0] in ("autograd", "nn")
    return is_library(kind) and not (is_own or module in _WITHOUT_STATE or is_open(kind))


_WITHOUT_STATE = {"abc", "builtins", "collections.abc", "numbers", "typing"}
"""Modules of whose classes written in Python the objects have no attributes of their own."""


def is_open(kind: type) -> bool:
    """Whether a class of the standard library is but a place for attributes."""
    is_space = issubclass(kind, (types.SimpleNamespace, threading.local))
    return is_space or (kind.__module__ == "argparse" and kind.__name__ == "Namespace")


def identity(*parts: str) -> Follow:
    """How to watch an object of C code that is its identity, these parts and its attributes."""

    def follow(walk: Walk, x: Any, name: str, place: Place) -> None:
        walk.guard.keep_identity(x, name)
        for part in parts:
            walk.visit(getattr(x, part), (place, f".{part}"))
        described(walk, x, place)
        members_of(walk, x, name, place)

    return follow


def members_of(walk: Walk, x: Any, name: str, place: Place) -> None:
    """Watch the attributes of an object, in its dictionary and in slots, and its class."""
    kind, guard, names = type(x), walk.guard, walk.names
    follow: Any = instance
    every, shadowed, space = False, names.probed, dictionary(x)
    if kind not in FOLLOW or FOLLOW[kind] is follow:  # or else it is of C code, and never changes
        every = any(map(_reads_unseen, kind.__mro__))
        every |= is_open(kind) and "equality" in names.asks  # C code shows all of it
        shadowed = class_members(walk, kind, place, name, space or ())
        for parent in kind.__mro__:
            for key, slot in vars(parent).items():
                if type(slot) is types.MemberDescriptorType and (every or key in names):
                    in_slot(walk, x, slot, name, (place, f".{key}"))
    if space is None:
        return
    asked: Any = kind.__getattribute__
    is_plainly_read = asked is object.__getattribute__
    text = f"{name}.__dict__" if is_plainly_read else f"{guard.constant(dictionary)}({name})"
    walk.holders.append(("attributes", space, place))
    attributes(walk, space, text, place, every, shadowed, has_parameters(x))


def in_slot(walk: Walk, x: Any, slot: Any, name: str, place: Place, text: str = "") -> None:
    """Watch what is in a slot of an object, or in a cell, read by this text if something is."""
    guard = walk.guard
    walk.holders.append(("slot", (x, slot), place))
    read = f"{guard.constant(read_slot)}({name}, {guard.constant(slot)})"
    if (found := read_slot(x, slot)) is MISSING:
        guard.refuse(f"{read} is not {guard.constant(MISSING)}")
    else:
        walk.visit(found, place, text or read)


def attributes(
    walk: Walk,
    space: dict[str, Any],
    text: str,
    place: Place,
    every: bool,
    shadowed: AbstractSet[str],
    is_module: bool = False,
) -> None:
    """Watch the entries of a dictionary of attributes.

    Args:
        walk: the walk.
        space: the dictionary.
        text: the way to it.
        place: what it belongs to.
        every: whether all count, whatever they are called.
        shadowed: names that would count if they were there.
        is_module: whether parameters in it are found by themselves.
    """
    guard, names = walk.guard, walk.names
    name = guard.variable(text)
    watched = [
        key for key, x in space.items() if every or key in names or (is_module and _holds_values(x))
    ]
    others = [key for key in space if key not in watched]
    if every or names.everything:
        guard.refuse(f"[*{name}] != {guard.constant(list(space))}")
    elif missing := frozenset(shadowed - space.keys()):
        quick = " or ".join(
            [f"len({name}) != {len(space)}", *[f"{k!r} not in {name}" for k in others]]
        )
        quick = quick if len(others) < 3 else f"[*{name}] != {guard.constant(list(space))}"
        guard.refuse(f"({quick}) and not {guard.constant(missing)}.isdisjoint({name})")
    for key in watched:
        walk.visit(space[key], (place, f".{key}"), f"{name}[{key!r}]")
