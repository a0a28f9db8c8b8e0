"""The names in the code that a function may run: it cannot read attributes of other names.

A function's code names what it reads; so does the code of each method it may call, which is found
by its name too. Where code computes a name (`getattr(x, name)`, `vars(x)`), every attribute counts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from dis import Instruction, get_instructions
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from re import search
from types import CodeType, ModuleType
from typing import Any

_ATTRS = find_spec("attr")
LIBRARIES = {"autograd", "nn", "numpy", *sys.stdlib_module_names} - {"__main__"}
_STANDARD = str(Path(os.__file__).parent)
_MADE_IN_C = 1 << 8  # a class that cannot be changed
_HEAP = 1 << 9  # a class that a program made
if _ATTRS and any(Path(x, "_make.py").exists() for x in _ATTRS.submodule_search_locations or ()):
    LIBRARIES |= {"attr", "attrs"}  # and no module of the user's that is called so
_ELSEWHERE = {
    *("__init__", "__new__", "__post_init__", "__setattr__", "__init_subclass__", "__set_name__"),
    *("__repr__", "__str__", "__format__", "__reduce__", "__getstate__", "__setstate__"),
    *("__eq__", "__ne__", "__hash__", "__replace__", "__reduce_ex__", "__sizeof__"),
}
"""Methods that code for numbers rarely calls, or that read everything: if one is called, the trace
notices unknown code, and is repeated with it."""

_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_SIMPLE = {"LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK", "LOAD_DEREF", "LOAD_CLASSDEREF"}
_SIMPLE |= {"LOAD_ATTR", *_LOADS}
_BY_NAME = {"getattr", "hasattr", "setattr", "delattr"}
_OF_ALL = {"vars", "dir", "attrgetter", "methodcaller", "__dict__", "__getattribute__"}
_UNSEEN = {"__globals__", "__builtins__", "__closure__", "cell_contents", "f_globals", "f_locals"}
_UNSEEN |= {"__subclasses__"}
_IDENTITIES = {"id", "is_", "is_not"}
_HASHES = {
    *("hash", "set", "frozenset", "dict", "add", "fromkeys", "setdefault"),
    *("index", "count", "remove", "lru_cache", "cache", "Counter"),
    *("parameters", "named_parameters"),  # a parameter that is found twice comes once
}
_LOOKUPS = {"get", "pop", "defaultdict", "Counter", "__missing__", "union", "intersection"}
_ASK = {
    *("repr", "str", "ascii", "format", "hash", "index", "count", "remove", "eq", "ne"),
    *("contains", "indexOf", "countOf", "set", "frozenset", "lru_cache", "cache"),
}
_ASK_BY_OPERATOR = {"==", "!=", "%", "%="}
_ASK_BY_OPCODE = {
    "CONTAINS_OP",
    "FORMAT_VALUE",
    "FORMAT_SIMPLE",
    "FORMAT_WITH_SPEC",
    "CONVERT_VALUE",
}
_KEYED = {"BUILD_MAP", "BUILD_SET", "CONTAINS_OP", "MAP_ADD", "SET_ADD", "STORE_SUBSCR"}


@dataclass(frozen=True)
class Mentioned:
    """What code mentions, the code of functions inside it included.

    Attributes:
        attributes: names of attributes.
        loads: names of globals that are read.
        stores: names of globals that are assigned or deleted.
        imports: names of modules that are imported.
        probed: those attributes that it may do without.
        grads_of: the globals whose `.grad` it reads; "" stands for anything else.
        computes: whether it reads attributes by names that it computes.
        unseen: names through which anything at all may be read.
        asks: whether it may compare, hash or show objects, which names no attribute.
        compares: whose identities it may compare: "values" (by `is`, as keys), "objects".
        hashes: whether it may use something as a key, or in a set.
    """

    attributes: AbstractSet[str]
    loads: AbstractSet[str]
    stores: AbstractSet[str]
    imports: AbstractSet[str]
    probed: AbstractSet[str]
    grads_of: AbstractSet[str]
    computes: bool
    unseen: AbstractSet[str]
    asks: bool
    compares: frozenset[str]
    hashes: bool


@lru_cache(4096)
def mentioned(code: CodeType) -> Mentioned:
    """What code mentions.

    >>> found = mentioned((lambda x: math.exp(x) + getattr(x, "rate")).__code__)
    >>> sorted(found.loads), sorted(found.attributes), found.computes
    (['getattr', 'math'], ['exp', 'rate'], False)
    """
    codes = [*_with_inner(code)]
    steps = [step for inner in codes for step in get_instructions(inner)]

    def named(opcodes: AbstractSet[str]) -> set[Any]:
        return {step.argval for step in steps if step.opname in opcodes}

    loads, imports = named(_LOADS), named({"IMPORT_NAME"})
    attributes = {name for inner in codes for name in inner.co_names} - loads - imports
    attributes |= {
        step.argval for step in steps if step.opname.endswith(("_ATTR", "_METHOD", "_FROM"))
    }
    given = {_given_name(steps, i) for i, step in enumerate(steps) if step.argval in _BY_NAME}
    probed = {name for name in given if name is not None}
    attributes |= probed
    if any(inner.co_exceptiontable for inner in codes):
        probed |= attributes
    names = attributes | loads
    computes = None in given or not names.isdisjoint(_OF_ALL) or bool(named({"MATCH_CLASS"}))
    if not names.isdisjoint(("format", "format_map")):
        texts = [x for inner in codes for x in inner.co_consts if isinstance(x, str)]
        computes |= any(search(r"\{\w*[.\[]", text) for text in texts)
    if named({"LOAD_BUILD_CLASS"}):
        attributes.add("__build_class__")
    grads = _grads_of(steps)
    if (computes or given) and _names_grad(code):
        grads.add("")
    return Mentioned(
        attributes=attributes,
        loads=loads,
        stores=named({"STORE_GLOBAL", "DELETE_GLOBAL"}),
        imports=imports,
        probed=probed,
        grads_of=grads,
        computes=computes,
        unseen=names & _UNSEEN,
        asks=not names.isdisjoint(_ASK) or any(map(_asks, steps, steps[1:])),
        compares=frozenset(_compares(steps, names)),
        hashes=not names.isdisjoint(_HASHES | _LOOKUPS)
        or any(step.opname in _KEYED or step.opname == "DELETE_SUBSCR" for step in steps)
        or any(inner.co_exceptiontable for inner in codes),  # table[x], if it may do without that
    )


def _asks(before: Instruction, step: Instruction) -> bool:
    """Whether code compares or shows objects here; a constant is equal to none."""
    is_operator = not _ASK_BY_OPERATOR.isdisjoint((step.argrepr, str(step.argval)))
    is_constant = before.opname in ("LOAD_CONST", "LOAD_SMALL_INT")
    return not is_constant and (is_operator or step.opname in _ASK_BY_OPCODE)


def _compares(steps: list[Instruction], names: set[str]) -> Iterator[str]:
    """Whose identities code may compare, other than with a constant or a class."""
    if not names.isdisjoint(_HASHES):
        yield "values"
    for i, step in enumerate(steps):
        if step.opname in _KEYED and step.arg != 0:  # nothing is in {}
            near = {before.opname for before in steps[max(0, i - 2) : i]}
            if step.opname not in ("CONTAINS_OP", "STORE_SUBSCR") or "LOAD_CONST" not in near:
                yield "values"
    if not names.isdisjoint(_IDENTITIES):
        yield from ("values", "objects")
    for i, step in enumerate(steps):
        right = steps[i - 1]
        if step.opname == "IS_OP" and not right.opname.startswith("LOAD_CONST"):
            yield "values"
            left = right if right.opname.count("LOAD") > 1 else steps[i - 2]
            if left.opname != "CALL" and "__class__" not in (left.argval, right.argval):
                yield "objects"


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    """Code, and that of functions inside it, by identity."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_inner(constant)


def _given_name(steps: list[Instruction], i: int) -> str | None:
    """The constant name in `getattr(x, "name")`; None if it is computed, as in `"na" + "me"`."""
    for k, step in enumerate(steps[i + 1 :], i + 1):
        if step.opname == "LOAD_CONST":  # and at once, or one operand later, all are called
            calls = enumerate(steps[k + 1 : k + 3], 2)
            are_called = any(x.opname in ("CALL", "PRECALL") and x.arg == n for n, x in calls)
            return step.argval if isinstance(step.argval, str) and are_called else None
        if step.opname not in _SIMPLE or "NULL" in step.argrepr:  # it belongs to another call
            return None
    return None


def _grads_of(steps: list[Instruction]) -> set[str]:
    """The globals whose attribute `grad` is read, and not called at once."""
    return {
        before.argval if before.opname in _LOADS else ""
        for before, step in pairwise(steps)
        if step.opname == "LOAD_ATTR"
        and step.argval == "grad"
        and "NULL" not in step.argrepr  # or else the method is called
    }


def _names_grad(x: Any) -> bool:
    """Whether a constant may be used as a name to read a gradient by, or one in it."""
    if isinstance(x, tuple | CodeType):
        return any(map(_names_grad, x if isinstance(x, tuple) else x.co_consts))
    return isinstance(x, str) and search(r"(^|\.)grad($|[.}!:])", x) is not None


class Names:
    """A growing set of the names of attributes, and of the code that mentions them.

    Attributes:
        everything: whether some of that code computes names, so that all attributes count.
        codes: the code, by its `id`.
        imports: the modules that it imports.
        probed: the attributes that it may do without.
        of_users: those attributes that other code than the engine's mentions.
        asks: whether that code may compare, hash or show objects.
        compares: whose identities it may compare.
        hashes: whether it may use something as a key, or in a set.
    """

    def __init__(self) -> None:
        self.everything = False
        self.codes: dict[int, CodeType] = {}
        self.probed: set[str] = set()
        self.imports: set[str] = set()
        self.asks = False
        self.of_users: set[str] = set()
        self.compares: frozenset[str] = frozenset()
        self.hashes = False
        self._names: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return self.everything or name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names) + len(self.probed) + len(self.codes) + self.everything

    def add(self, name: str) -> None:
        """An attribute that is read by no name in code."""
        self._names.add(name)
        self.of_users.add(name)

    def add_code(self, code: CodeType, is_own: bool = False) -> None:
        """The names in a function's code, and in that of functions inside it.

        Args:
            code: the code.
            is_own: whether it is the engine's, which computes no names that matter.
        """
        if id(code) in self.codes:
            return
        found = mentioned(code)
        self.codes |= {id(x): x for x in _with_inner(code)}
        self._names |= found.attributes
        if not is_own:
            self.everything |= found.computes
            self.imports |= found.imports
            self.probed |= found.probed
            self.of_users |= found.attributes
            self.asks |= found.asks
            self.compares |= found.compares
            self.hashes |= found.hashes

    def may_run(self, name: str) -> bool:
        """Whether a member of a class of this name may be called."""
        is_operator = name[:2] == "__" and name not in _ELSEWHERE
        return is_operator or name in self._names or (self.everything and name not in _ELSEWHERE)


def globals_of(code: CodeType) -> AbstractSet[str]:
    """The names of globals in code, and in the code of functions inside it; not of attributes.

    >>> sorted(globals_of((lambda x: math.exp(x) + rate).__code__))
    ['math', 'rate']
    """
    return mentioned(code).loads


def is_library(x: Any) -> bool:
    """Whether a module, class or function is the engine's, NumPy's or the standard library's.

    >>> is_library(sys), is_library("nn.layers"), is_library("my_program")
    (True, True, False)
    """
    module = x if isinstance(x, str) else root_of(x)
    root = module.partition(".")[0]
    if root not in LIBRARIES:
        return False
    if root in sys.stdlib_module_names:
        file = getattr(sys.modules.get(root), "__file__", None)
        return _is_standard(file) and not (isinstance(x, type) and _was_made_elsewhere(x, module))
    return True


@lru_cache
def _is_standard(file: str | None) -> bool:
    """Whether a module of this file may be the standard library's: a user's can have its name."""
    return file is None or not file.endswith((".py", ".pyc")) or file.startswith(_STANDARD)


def _was_made_elsewhere(kind: type, module: str) -> bool:
    """Whether a class is not the one that its module has: `types.new_class` makes such classes."""
    if kind.__flags__ & _MADE_IN_C or not kind.__flags__ & _HEAP:
        return False
    found: Any = sys.modules.get(module)
    for step in kind.__qualname__.split("."):
        found = getattr(found, step, None)
    return found is not kind


def root_of(x: Any) -> str:
    """The name of the module of a class, function or module, whatever the object says itself."""
    try:
        found = x.__name__ if type(x) is ModuleType else getattr(x, "__module__", None)
    except Exception:
        return ""
    return found if isinstance(found, str) else ""


def wrapped_in(x: Any) -> Any:
    """What a wrapper says that it wraps, read from its own dictionary; None if nothing."""
    try:
        space = object.__getattribute__(x, "__dict__")
    except Exception:  # a class may say otherwise what that is
        return None
    return space.get("__wrapped__") if isinstance(space, dict) else None
