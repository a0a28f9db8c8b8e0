"""How the walk watches code: functions and what they read, methods, classes, modules.

A function is compared by its code, defaults and attributes, and followed into its closure and its
globals. Those members of a class count that may be called, or that are named. What code of this
library reads is assumed not to change; code of the standard library is assumed to be pure, and the
trace stops where it is not (`autograd.jit.calls.effects`).
"""

from __future__ import annotations

import abc
import builtins
import copyreg
import enum
import functools
import operator
import sys
import types
import weakref
from collections.abc import Collection
from keyword import iskeyword
from typing import Any

from autograd.jit.calls.effects import OF_NUMPY, PURE, is_pure
from autograd.jit.calls.named import (
    functions_of,
    globals_of,
    is_library,
    mentioned,
    root_of,
    wrapped_in,
)
from autograd.jit.calls.plain import ATOMS, read_slot
from autograd.jit.calls.walk import FOLLOW, READS_GRAD, Follow, Place, Walk, identity, in_words
from autograd.jit.calls.watched_objects import (
    FOLLOW_CLASS,
    REMEDY,
    attributes,
    decimal_context,
    in_slot,
)
from autograd.jit.unsupported import Unsupported
from autograd.value import Value

_SLOTS = [vars(types.FunctionType)[key] for key in ("__code__", "__defaults__", "__kwdefaults__")]
_CONTENTS = vars(types.CellType)["cell_contents"]


def function(walk: Walk, f: types.FunctionType, name: str, place: Place) -> None:
    """Look at a function, and at what it reads."""
    guard = walk.guard
    guard.keep_identity(f, name)
    known = guard.constant(f)
    module = str(f.__globals__.get("__name__"))
    stays = is_library(module) and _is_of(f, module)
    walk.is_suspect |= stays and not is_pure(module, f.__name__)
    if module.startswith("numpy") and f.__name__ in OF_NUMPY:
        raise Unsupported(f"calls numpy.{f.__name__}")
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
    if stays:
        for default in (f.__kwdefaults__ or {}).values():
            walk.visit(default, (place, ".__kwdefaults__"))
        return
    differs = [
        f"{known}.{part} is not {guard.constant(getattr(f, part))}"
        for part in ("__code__", "__defaults__", "__kwdefaults__")
        if getattr(f, part) is not None  # without defaults everything is given, and stays so
    ]
    guard.refuse(" or ".join(differs))
    if f.__kwdefaults__:
        kept = guard.constant(f.__kwdefaults__)
        walk.holders.append(("dict", f.__kwdefaults__, (place, ".__kwdefaults__")))
        walk.mapping(f.__kwdefaults__, kept, (place, ".__kwdefaults__"))
    walk.names.add_code(code)
    walk.holders += [("slot", (f, slot), place) for slot in _SLOTS]
    walk.holders.append(("attributes", f.__dict__, place))
    given = {key for key in walk.names.probed if key not in f.__dict__}
    attributes(walk, f.__dict__, guard.constant(f.__dict__), place, False, given)
    _described(walk, f, place)
    variables_of_module(walk, code, f.__globals__)


def _is_of(f: types.FunctionType, module: str) -> bool:
    """Whether a function is of the module that has this name, and not of another called so."""
    if module.partition(".")[0] not in sys.stdlib_module_names:
        return True
    return module not in sys.modules or vars(sys.modules[module]) is f.__globals__


def _cell(walk: Walk, cell: types.CellType, name: str, place: Place) -> None:
    walk.guard.keep_identity(cell, name)
    known = walk.guard.constant(cell)
    in_slot(walk, cell, _CONTENTS, known, place, f"{known}.cell_contents")


_KEPT = {types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type}
"""What a global mostly is, beside numbers: the object itself is compared."""


def _global(
    walk: Walk, space: dict[str, Any], there: dict[str, Any], key: str, place: Place
) -> bool:
    """Look at what a name means to code with these globals; whether the guard asks as code does.

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
    """Look at the globals that code names, and at the modules that it imports."""
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
            walk.absent.setdefault(id(space), (space, set()))[1].add(key)
    for key in sorted(found.stores):
        walk.holders.append(("global", (space, key), (None, f"global {key!r}")))
        if key not in space:
            walk.absent.setdefault(id(space), (space, set()))[1].add(key)
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
                    walk.absent.setdefault(id(sys.modules), (sys.modules, set()))[1].add(part)


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
    _note_alias(walk, x, place)
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


_READ_BY_NAME: tuple[Any, ...] = (getattr, hasattr, setattr, delattr, vars, dir)
_READ_BY_NAME += (operator.attrgetter, operator.methodcaller, object.__getattribute__)


def _note_alias(walk: Walk, x: Any, place: Place) -> None:
    """All attributes count if what reads them by name is known to the code by another name."""
    reads = any(x is f for f in _READ_BY_NAME) or x.__name__ == "__getattribute__"
    if reads and not place[1].strip("'").endswith(x.__name__):
        walk.names.everything = True


def _slot_wrapper(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.guard.keep_identity(x, name)
    _note_alias(walk, x, place)


def _cached(walk: Walk, x: Any, name: str, place: Place) -> None:
    walk.holders.append(("cache", x, place))
    identity("__wrapped__")(walk, x, name, place)


# Modules


def _module(walk: Walk, x: types.ModuleType, name: str, place: Place) -> None:
    """A module of the user's: those of its globals that are named."""
    walk.guard.keep_identity(x, name)
    space = vars(x)
    text = walk.guard.constant(space)
    root = root_of(x).partition(".")[0]
    walk.is_suspect |= is_library(x) and not is_pure(root)
    if root == "decimal":
        decimal_context(walk)
    if root == "numpy" and (named := OF_NUMPY & walk.names.of_users):
        raise Unsupported(f"calls numpy.{min(named)}")
    if not is_library(x):
        if type(x) is not types.ModuleType:
            class_members(walk, type(x), place)
        plain = space
        walk.holders.append(("attributes", space, place))
        if (
            walk.names.everything
        ):  # any of its numbers; its functions are known when they are called
            skipped = (types.FunctionType, types.ModuleType, types.BuiltinFunctionType, type)
            plain = {
                k: v
                for k, v in space.items()
                if k in walk.names.probed or not (k[:2] == "__" or isinstance(v, skipped))
            }
        for key in plain:
            if key in walk.names:
                _global(walk, space, space, key, (place, f".{key}"))
        missing = {key for key in walk.names.probed if key not in space}
        if missing:
            walk.absent.setdefault(id(space), (space, set()))[1].update(missing)
        if "__getattr__" in space:
            walk.visit(space["__getattr__"], (place, ".__getattr__"), f"{text}['__getattr__']")
    elif root not in PURE:
        _library_module(walk, x, space, text, place)


def _library_module(
    walk: Walk, x: types.ModuleType, space: dict[str, Any], text: str, place: Place
) -> None:
    """Data of a module of the standard library that does more than compute: `sys`, `os`."""
    skipped = (types.FunctionType, types.ModuleType, types.BuiltinFunctionType, type)
    for key in [key for key in walk.names if key in space]:
        if key in ("modules", "environ", "environb", "stdin", "stdout", "stderr"):
            raise Unsupported(f"reads {in_words((place, f'.{key}'))}: {REMEDY}")
        if isinstance(space[key], (list, tuple, dict, *ATOMS)) and not isinstance(
            space[key], skipped
        ):
            walk.visit(space[key], (place, f".{key}"), f"{text}[{key!r}]")


# Classes


def _class(walk: Walk, x: type, name: str, place: Place) -> None:
    """A class by its name: it may be asked for its attributes, and called."""
    walk.guard.keep_identity(x, name)
    _note_alias(walk, x, place)
    if is_library(x):
        is_exception = issubclass(x, BaseException)
        walk.is_suspect |= not is_exception and not is_pure(root_of(x), x.__name__)
        if root_of(x) == "decimal":
            decimal_context(walk)
        return
    class_members(walk, x, place)
    for parent in x.__mro__:
        if not is_library(parent):
            for key in ("__new__", "__init__", "__post_init__"):
                walk.visit(vars(parent).get(key), (place, f".{key}"))
    if type(x) is not type and not is_library(type(x)):
        class_members(walk, type(x), place)


_DESCRIPTIONS = {"__name__", "__qualname__", "__doc__", "__module__", "__annotations__"}

_RARE = {"__eq__", "__ne__", "__hash__", "__setattr__", "__repr__", "__str__", "__format__"}
"""Methods that may be called by no name, and whose names are not counted beforehand."""

_FUNCTIONS_OF_CLASSES = (
    *(functools.cached_property, functools.partialmethod, functools.singledispatchmethod),
)
_METHODS = (types.FunctionType, classmethod, staticmethod, property, *_FUNCTIONS_OF_CLASSES)


def class_members(
    walk: Walk, kind: type, place: Place, name: str = "", has: Collection[str] = ()
) -> set[str]:
    """Look at those members of a class that may be called or are named.

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
    done: set[str] = set(has)
    for parent in kind.__mro__[:-1]:
        root = root_of(parent).partition(".")[0] if is_library(parent) else ""
        members = vars(parent)
        shadowed |= {key for key in members if key[:2] != "__" and key in names}
        if parent not in walk.classes:
            walk.classes[parent] = []
            if root in ("autograd", "nn"):
                walk.classes[parent] = _own_class(walk, parent)
            elif not root:
                walk.classes[parent] = _user_class(walk, parent, place)
        for key in [key for key in walk.classes[parent] if key not in done]:
            done.add(key)
            if name and type(members[key]) in ATOMS and is_asked is object.__getattribute__:
                walk.atom(members[key], f"{name}.{key}")  # of whichever class has it then
                shadowed.discard(key)
            else:
                view = walk.guard.constant(walk.views.setdefault(parent, members))
                walk.visit(members[key], (place, f".{key}"), f"{view}[{key!r}]")
    return shadowed


def _described(walk: Walk, x: Any, place: Place) -> None:
    """Look at what Python says of a function or class, where code asks for it by name."""
    for key in sorted(_DESCRIPTIONS & walk.names.of_users):
        there = f"{walk.guard.constant(x)}.{key}"
        walk.visit(getattr(x, key, None), (place, f".{key}"), there)


def _own_class(walk: Walk, kind: type) -> list[str]:
    """A class of the engine's: the names in its methods, and which of its numbers are named."""
    for key, member in vars(kind).items():
        if walk.names.may_run(key):
            for f in functions_of(member):
                walk.names.add_code(f.__code__, is_own=True)
    return [key for key, x in vars(kind).items() if key in walk.names and type(x) in ATOMS]


def _user_class(walk: Walk, kind: type, place: Place) -> list[str]:
    """A class of the user's: its methods, and which of its other members are named."""
    guard, names = walk.guard, walk.names
    if names.everything:
        copyreg._slotnames(kind)  # type: ignore[attr-defined]  # which copying keeps in the class
    if sys.version_info < (3, 14):
        kind.__annotations__  # noqa: B018 - made by isinstance with a protocol, and kept in the class
    members = walk.views.setdefault(kind, vars(kind))
    if members.get("_is_protocol"):  # isinstance asks whether an object has them
        names.probed.update(members, getattr(kind, "__annotations__", ()))
    view = guard.constant(members)
    known = guard.constant(kind)
    guard.refuse(
        f"[*{view}] != {guard.constant(list(members))}"
        f" or {known}.__mro__ is not {guard.constant(kind.__mro__)}"
    )
    _described(walk, kind, place)
    if issubclass(type(kind), abc.ABCMeta):  # what counts as its subclass may be registered
        known = guard.constant(abc.get_cache_token)
        walk.visit(abc.get_cache_token(), (place, ".register"), f"{known}()")
    walk.holders.append(("class", kind, (place, f".{kind.__name__}")))
    data = []
    for key, member in list(members.items()):
        if key in _RARE:
            guard.refuse(f"{view}[{key!r}] is not {guard.constant(member)}")
            walk.is_suspect |= root_of(member) not in ("enum", "collections")  # which put theirs in
        if not (key in names or names.may_run(key)):
            continue
        if isinstance(member, _METHODS):
            guard.refuse(f"{view}[{key!r}] is not {guard.constant(member)}")
            walk.visit(member, (place, f".{key}"))
        elif key[:2] != "__" and not (issubclass(kind, enum.Enum) and key[:1] == "_"):
            data.append(key)
    return data


FOLLOW_CLASS.append(class_members)
_FOLLOW_CODE: dict[type, Follow] = {
    types.FunctionType: function,
    types.MethodType: _method,
    functools.partial: identity("func", "args", "keywords"),
    types.BuiltinFunctionType: _builtin,
    type("".__add__): _builtin,  # the type of a method of C code, bound
    type(functools.lru_cache(lambda: None)): _cached,
    types.WrapperDescriptorType: _slot_wrapper,
    types.CellType: _cell,
    types.ModuleType: _module,
    type: _class,
    property: identity("fget", "fset"),
    **dict.fromkeys((classmethod, staticmethod), identity("__func__")),
    **dict.fromkeys(_FUNCTIONS_OF_CLASSES, identity("func")),
}
FOLLOW.update(_FOLLOW_CODE)
