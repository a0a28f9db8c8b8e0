"""How the walk watches functions and what they read, methods, and modules.

A function is compared by its code, defaults and attributes, and followed into its closure and its
globals.
"""

from __future__ import annotations

import builtins
import functools
import sys
import types
import weakref
from keyword import iskeyword
from typing import Any

from autograd.jit.calls.caches import UNKNOWN, has_plain_keys, results_in
from autograd.jit.calls.effects import OF_NUMPY, PURE, is_pure
from autograd.jit.calls.libraries import is_library, root_of, wrapped_in
from autograd.jit.calls.named import formats_parts, globals_of, mentioned
from autograd.jit.calls.plain import ATOMS, read_slot
from autograd.jit.calls.walk import FOLLOW, READS_GRAD, Follow, Place, Walk, in_words
from autograd.jit.calls.watched_classes import class_members, decimal_context, described, note_alias
from autograd.jit.calls.watched_objects import (
    REMEDY,
    added_attributes,
    attributes,
    identity,
    in_slot,
)
from autograd.jit.unsupported import Unsupported
from autograd.value import Value

_SLOTS = [vars(types.FunctionType)[key] for key in ("__code__", "__defaults__", "__kwdefaults__")]
_CONTENTS = vars(types.CellType)["cell_contents"]


def function(walk: Walk, f: types.FunctionType, name: str, place: Place) -> None:
    """Watch a function, and what it reads."""
    guard = walk.guard
    guard.keep_identity(f, name)
    known = guard.constant(f)
    module = str(f.__globals__.get("__name__"))
    stays = is_library(module) and _is_of(f, module)
    walk.is_suspect |= stays and not is_pure(module, f.__name__)
    if module.startswith("numpy") and f.__name__ in OF_NUMPY:
        raise Unsupported(f"calls numpy.{f.__name__}")
    if {"registry", "dispatch"} <= f.__dict__.keys():  # by the class of its argument
        walk.names.asks.add("kinds")
    code = f.__code__
    for variable, cell in zip(code.co_freevars, f.__closure__ or (), strict=True):
        is_first = place[0] is None
        here = (None, f"closure variable {variable!r}") if is_first else (place, f".{variable}")
        if not stays:
            walk.visit(cell, here)
        elif type(x := read_slot(cell, _CONTENTS)) is not weakref.WeakKeyDictionary:
            walk.visit(x, place if x is wrapped_in(f) else here)  # but for what was found before
    for default in f.__defaults__ or ():
        walk.visit(default, (place, ".__defaults__"))
    if f.__kwdefaults__:
        walk.visit(f.__kwdefaults__, (place, ".__kwdefaults__"))
    if stays:
        added_attributes(walk, f, place)
        return
    differs = [
        f"{known}.{part} is not {guard.constant(getattr(f, part))}"
        for part in ("__code__", "__defaults__", "__kwdefaults__")  # mostly everything is given
        if getattr(f, part) is not None or "errors" in walk.names.asks or part in walk.names
    ]
    guard.refuse(" or ".join(differs))
    walk.names.add_code(code)
    walk.holders += [("slot", (f, slot), place) for slot in _SLOTS]
    walk.holders.append(("attributes", f.__dict__, place))
    attributes(walk, f.__dict__, guard.constant(f.__dict__), place, False, walk.names.probed)
    described(walk, f, place)
    variables_of_module(walk, code, f.__globals__)


def _is_of(f: types.FunctionType, module: str) -> bool:
    """Whether a function is of the module that has this name, and not of another called so."""
    return module in sys.modules and vars(sys.modules[module]) is f.__globals__


def _cell(walk: Walk, cell: types.CellType, name: str, place: Place) -> None:
    walk.guard.keep_identity(cell, name)
    known = walk.guard.constant(cell)
    in_slot(walk, cell, _CONTENTS, known, place, f"{known}.cell_contents")


_KEPT = {types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type}
"""What a global mostly is, beside numbers: the object itself is compared."""


def _global(
    walk: Walk, space: dict[str, Any], there: dict[str, Any], key: str, place: Place
) -> bool:
    """Watch what a name means to code with these globals; whether the guard asks as code does.

    Args:
        walk: the walk.
        space: the globals.
        there: the dictionary that has the name: the globals, or those of the built-in names.
        key: the name.
        place: where it is read.
    """
    x = there[key]
    is_kept = type(x) in _KEPT and key.isidentifier() and not iskeyword(key)
    if is_kept:
        walk.guard.keep_global(space, key, x)
    known = walk.guard.constant(x if is_kept else there)
    walk.visit(x, place, known if is_kept else f"{known}[{key!r}]")
    return is_kept


def variables_of_module(walk: Walk, code: types.CodeType, space: dict[str, Any]) -> None:
    """Watch the globals that code names, and the modules that it imports."""
    guard, found = walk.guard, mentioned(code)
    if found.unseen:
        raise Unsupported(f"reads {min(found.unseen)}, which gives access to everything: {REMEDY}")
    for key in found.grads_of:
        if key == "" or type(space.get(key)) is Value:
            raise Unsupported(READS_GRAD)
    given: Any = space.get("__builtins__", builtins)
    others = given if isinstance(given, dict) else vars(given)
    for key in sorted(globals_of(code)):
        is_global = key in space
        walk.is_suspect |= not is_global and not is_pure("builtins", key)
        there = space if is_global else others
        place = (None, f"{'global' if is_global else 'built-in'} {key!r}")
        is_kept = key in there and _global(walk, space, there, key, place)
        if not (is_global or is_kept):
            walk.lacks(space, [key])
    for key in sorted(found.stores):
        walk.holders.append(("global", (space, key), (None, f"global {key!r}")))
        if key not in space:
            walk.lacks(space, [key])
    package = space.get("__package__") or ""
    for imported in sorted(found.imports):
        for full in (imported, f"{package}.{imported}".rstrip(".")):
            parts = full.split(".")
            for i in range(len(parts)):
                part = ".".join(parts[: i + 1])
                if part in sys.modules:
                    modules = guard.constant(sys.modules)
                    there = f"{modules}[{part!r}]"
                    walk.visit(sys.modules[part], (None, f"module {part!r}"), there)
                else:  # the function may do without it
                    walk.lacks(sys.modules, [part])


def _method(walk: Walk, x: types.MethodType, name: str, place: Place) -> None:
    guard = walk.guard
    if name != guard.constant(x):  # each read of a method makes a new object
        guard.refuse(
            f"type({name}) is not {guard.constant(types.MethodType)}"
            f" or {name}.__func__ is not {guard.constant(x.__func__)}"
            f" or {name}.__self__ is not {guard.constant(x.__self__)}"
        )
    walk.visit(x.__func__, place)
    walk.visit(x.__self__, (place, ".__self__"))


def _builtin(walk: Walk, x: Any, name: str, place: Place) -> None:
    """A function written in C, or a method of an object, such as `table.get`."""
    guard, owner = walk.guard, x.__self__
    note_alias(walk, x, place)
    if x.__name__ in ("format", "format_map") and formats_parts(owner):
        walk.names.everything = True
    if owner is None or type(owner) is types.ModuleType or isinstance(owner, type):
        walk.is_suspect |= not is_pure(root_of(owner if isinstance(owner, type) else x), x.__name__)
        guard.keep_identity(x, name)
        return
    if name != guard.constant(x):
        guard.refuse(
            f"type({name}) is not {guard.constant(type(x))} or {name}.__name__ != {x.__name__!r}"
            f" or {name}.__self__ is not {guard.constant(owner)}"
        )
    walk.visit(owner, (place, ".__self__"))


def _partial(walk: Walk, x: Any, name: str, place: Place) -> None:
    parts = ("func", "args", "keywords")
    identity(*parts)(walk, x, name, place)
    given = [f"{name}.{part} is not {walk.guard.constant(getattr(x, part))}" for part in parts]
    walk.guard.refuse(" or ".join(given))  # as `__setstate__` leaves them


def _slot_wrapper(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    note_alias(walk, x, place)


def _cached(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.holders.append(("cache", x, place))
    walk.caches.append((x, place))
    identity("__wrapped__")(walk, x, name, place)
    guard, held = walk.guard, results_in(x)
    is_pure = _computes(x.__wrapped__) and has_plain_keys(x)
    if not (is_pure and set(map(type, held)) <= _RESULTS):
        if len(held) > MOST_RESULTS or any(x is UNKNOWN for x in held):
            raise Unsupported(
                f"reads {in_words(place)}, a cache of more than {MOST_RESULTS} results: {REMEDY}"
            )
        known = guard.constant(held)
        there = guard.variable(f"{guard.constant(results_in)}({name})")
        guard.refuse(f"len({there}) != {len(held)} or any(map(is_not, {there}, {known}))")
        for result in held:
            walk.visit(result, (place, "()"))


MOST_RESULTS = 256
"""The most results in a cache that are compared in each call."""

_RESULTS = {float, int, bool, str, type(None)}


def _computes(f: Any) -> bool:
    """Whether what a function reads is nothing but functions and modules of libraries."""
    if type(f) is not types.FunctionType or f.__closure__ or f.__defaults__ or f.__kwdefaults__:
        return False
    found = [f.__globals__.get(name) for name in globals_of(f.__code__) if name in f.__globals__]
    return all(x is None or (type(x) in _KEPT and is_library(x)) for x in found)


# Modules


def _is_data(key: str, item: Any) -> bool:
    """Whether an item counts where names are computed: functions are known when they are called."""
    return key[:2] != "__" and not isinstance(item, tuple(_KEPT))


_DATA = (list, tuple, dict, *ATOMS)
_OF_THE_SYSTEM = {"modules", "environ", "environb", "stdin", "stdout", "stderr"}


def _module(walk: Walk, x: types.ModuleType, name: str, place: Place) -> None:
    """What is named of a module: of one of the standard library its data, where it keeps any."""
    guard, names, space, stays = walk.guard, walk.names, vars(x), is_library(x)
    guard.keep_identity(x, name)
    if stays:
        root = root_of(x).partition(".")[0]
        walk.is_suspect |= not is_pure(root)
        if root == "decimal":
            decimal_context(walk)
        if root == "numpy" and (named := OF_NUMPY & names.of_users):
            raise Unsupported(f"calls numpy.{min(named)}")
        if root in PURE:
            return
    else:
        if type(x) is not types.ModuleType:
            class_members(walk, type(x), place)
        walk.holders.append(("attributes", space, place))
        walk.lacks(space, names.probed.difference(space))
        if names.everything:
            guard.refuse(f"[*{guard.constant(space)}] != {guard.constant(list(space))}")
    for key, item in [(key, x) for key, x in space.items() if key in names]:
        here = (place, f".{key}")
        if stays and key in _OF_THE_SYSTEM:
            raise Unsupported(f"reads {in_words(here)}: {REMEDY}")
        is_named = not names.everything or key in names.probed
        if isinstance(item, _DATA) if stays else is_named or _is_data(key, item):
            _global(walk, space, space, key, here)
    if not stays and "__getattr__" in space:
        there = f"{guard.constant(space)}['__getattr__']"
        walk.visit(space["__getattr__"], (place, ".__getattr__"), there)


_FOLLOW_CODE: dict[type, Follow] = {
    types.FunctionType: function,
    types.MethodType: _method,
    functools.partial: _partial,
    functools.singledispatchmethod: identity("func", "dispatcher"),
    property: identity("fget", "fset"),
    classmethod: identity("__func__"),
    staticmethod: identity("__func__"),
    types.BuiltinFunctionType: _builtin,
    type("".__add__): _builtin,  # the type of a method of C code, bound
    type(functools.lru_cache(lambda: None)): _cached,
    types.WrapperDescriptorType: _slot_wrapper,
    types.CellType: _cell,
    types.ModuleType: _module,
}
FOLLOW.update(_FOLLOW_CODE)
