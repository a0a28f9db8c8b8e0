"""The names in the code that a function may run: it cannot read attributes of other names.

A function's code names what it reads; so does the code of each method it may call, which is found
by its name too. Where code computes a name (`getattr(x, name)`, `vars(x)`), every attribute counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from dis import Instruction
from functools import lru_cache
from itertools import pairwise
from re import search
from types import CodeType
from typing import Any

from autograd.jit.calls.instructions import instructions

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
_UNSEEN = {"__globals__", "__builtins__", "__closure__", "cell_contents", "f_globals", "f_locals"}
_UNSEEN |= {"__subclasses__"}
_IDENTITIES = {"id", "is_", "is_not"}
_HASHES = {"hash", "set", "frozenset", "index", "count", "remove", "lru_cache", "cache"}
_KEYS = {"dict", "add", "fromkeys", "setdefault", "Counter", *_HASHES}
_KEYS |= {"parameters", "named_parameters"}  # a parameter that is found twice comes once
_LOOKUPS = {"get", "pop", "defaultdict", "__missing__", "union", "intersection"}
_READERS = {"attrgetter", "methodcaller"}
_SHOWS = {"repr", "str", "ascii", "format", "eq", "ne", "contains", "indexOf", "countOf"}
_ASKED_BY_NAME: dict[str, set[str]] = {
    "names": {"vars", "dir", "vformat", *_READERS, "__dict__", "__getattribute__"},
    "equality": _SHOWS | _HASHES,
    "keys": _KEYS | _LOOKUPS,
    "values": _KEYS | _IDENTITIES,
    "objects": _IDENTITIES,
    "outcomes": {"bool", "is_", "is_not"},
    "kinds": {"isinstance", "type", "__class__"},
}
_KEYED = {"BUILD_MAP", "BUILD_SET", "CONTAINS_OP", "MAP_ADD", "SET_ADD", "STORE_SUBSCR"}
_CLASSES = {"MATCH_CLASS"}
_ASKED_BY_OPCODE = {"names": _CLASSES, "kinds": _CLASSES, "keys": {"DELETE_SUBSCR", *_KEYED}}
_READS = {
    "fields": {"__dataclass_fields__"},
    "closing": {"close"},
    "dict": {"keys"},
    "OrderedDict": {"keys"},
    "update": {"keys"},
    "amax": {"max"},
    "amin": {"min"},
    "getdoc": {"__doc__"},
    "get_annotations": {"__annotations__"},
    "get_type_hints": {"__annotations__"},
}
"""Attributes that functions of the standard library read."""
_EQUALITY = {"CONTAINS_OP", "FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC", "CONVERT_VALUE"}
_EQUALITY |= {"==", "!=", "%", "%="}


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
        unseen: names through which anything at all may be read.
        asks: what it may ask that names no attribute: "names" that it computes, the "equality" or
            the text of objects, "errors" (to catch them), "keys" (whether one is in a dict or a
            set), "outcomes" (whether a comparison is `True`), "kinds" (of numbers), and the
            identities of "values" (by `is`, as keys) and of other "objects".
    """

    attributes: AbstractSet[str]
    loads: AbstractSet[str]
    stores: AbstractSet[str]
    imports: AbstractSet[str]
    probed: AbstractSet[str]
    grads_of: AbstractSet[str]
    unseen: AbstractSet[str]
    asks: AbstractSet[str]


@lru_cache(4096)
def mentioned(code: CodeType) -> Mentioned:
    """What code mentions.

    >>> found = mentioned((lambda x: math.exp(x) + getattr(x, "rate")).__code__)
    >>> sorted(found.loads), sorted(found.attributes), found.asks
    (['getattr', 'math'], ['exp', 'rate'], set())
    """
    codes = [*_with_inner(code)]
    written = [instructions(inner) for inner in codes]
    steps = [step for found, _ in written for step in found]

    def named(opcodes: AbstractSet[str]) -> set[Any]:
        return {step.argval for step in steps if step.opname in opcodes}

    loads, imports = named(_LOADS), named({"IMPORT_NAME"})
    attributes = {
        name
        for inner, (_, others) in zip(codes, written, strict=True)
        for name in {*inner.co_names} - others
    }
    attributes -= loads | imports
    attributes |= {
        step.argval for step in steps if step.opname.endswith(("_ATTR", "_METHOD", "_FROM"))
    }
    given = {_given_name(steps, i) for i, step in enumerate(steps) if step.argval in _BY_NAME}
    probed = {name for name in given if name is not None}
    attributes |= probed
    names = attributes | loads
    asks = {ask for ask, words in _ASKED_BY_NAME.items() if not names.isdisjoint(words)}
    asks |= {ask for ask, opcodes in _ASKED_BY_OPCODE.items() if named(opcodes)}
    asks.update(_asked_at(steps))
    if None in given or any(map(_calls_format, steps, steps[1:])):
        asks.add("names")
    if any(inner.co_exceptiontable for inner in codes):
        probed |= attributes
        asks |= {"errors", "keys"}  # table[x], if it may do without that
    if named({"LOAD_BUILD_CLASS"}):
        attributes.add("__build_class__")
    if named({"DICT_MERGE", "DICT_UPDATE"}):
        attributes.add("keys")
    if named({"MATCH_CLASS"}):
        attributes.add("__match_args__")
    attributes.update(x for name in names for x in _READS.get(name, ()))
    grads = _grads_of(steps)
    if ("names" in asks or given) and _names_grad(code):
        grads.add("")
    return Mentioned(
        attributes=attributes,
        loads=loads,
        stores=named({"STORE_GLOBAL", "DELETE_GLOBAL"}),
        imports=imports,
        probed=probed,
        grads_of=grads,
        unseen=names & _UNSEEN,
        asks=asks,
    )


def _asked_at(steps: list[Instruction]) -> Iterator[str]:
    """What operators ask, other than of a constant or a class."""
    for i, step in enumerate(steps):
        right = steps[i - 1]
        is_constant = right.opname in ("LOAD_CONST", "LOAD_SMALL_INT")
        if not is_constant and not _EQUALITY.isdisjoint((step.opname, step.argrepr, step.argval)):
            yield "equality"
        if step.opname in _KEYED and step.arg != 0:  # nothing is in {}
            near = {before.opname for before in steps[max(0, i - 2) : i]}
            if step.opname not in ("CONTAINS_OP", "STORE_SUBSCR") or "LOAD_CONST" not in near:
                yield "values"
        if step.opname == "IS_OP" and (not is_constant or right.argval in (True, False)):
            yield "outcomes"
        if step.opname == "IS_OP" and not right.opname.startswith("LOAD_CONST"):
            yield "values"
            left = right if right.opname.count("LOAD") > 1 else steps[i - 2]
            if left.opname != "CALL" and "__class__" not in (left.argval, right.argval):
                yield "objects"


def formats_parts(text: object) -> bool:
    """Whether a text reads attributes or items when it formats: `"{0.rate}"`."""
    return isinstance(text, str) and search(r"\{\w*[.\[]", text) is not None


def _calls_format(before: Instruction, step: Instruction) -> bool:
    """Whether this is the method of a text that does, or of one that is not known."""
    if step.argval not in ("format", "format_map") or step.opname in _LOADS:
        return False
    return before.opname != "LOAD_CONST" or formats_parts(before.argval)


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    """Code, and that of functions inside it, by identity."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_inner(constant)


def _given_name(steps: list[Instruction], i: int) -> str | None:
    """The constant name in `getattr(x, "name")`; None if it is computed, as in `"na" + "me"`."""
    operands = 0
    for k, step in enumerate(steps[i + 1 :], i + 1):
        if step.opname == "LOAD_CONST" and operands:
            # At once, or one operand later, all are called.
            calls = enumerate(steps[k + 1 : k + 3], 2)
            are_called = any(x.opname in ("CALL", "PRECALL") and x.arg == n for n, x in calls)
            return step.argval if isinstance(step.argval, str) and are_called else None
        operands += step.opname != "LOAD_ATTR"
        is_other = step.opname not in _SIMPLE | {"LOAD_CONST"} or "NULL" in step.argrepr
        if is_other or operands > 1:  # another call, or a name that is computed
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
        asks: what that code may ask that names no attribute.
    """

    def __init__(self) -> None:
        self.everything = False
        self.codes: dict[int, CodeType] = {}
        self.probed: set[str] = set()
        self.imports: set[str] = set()
        self.asks: set[str] = set()
        self.of_users: set[str] = set()
        self._names = {"__array_interface__", "__array_struct__"}  # which NumPy's C code reads

    def names(self, name: str) -> bool:
        """Whether this very name is in code."""
        return name in self._names

    def __contains__(self, name: object) -> bool:
        return self.everything or name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    @property
    def compares(self) -> frozenset[str]:
        """Whose identities that code may compare: "values", "objects"."""
        return frozenset(self.asks & {"values", "objects"})

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
            self.everything |= "names" in found.asks
            self.imports |= found.imports
            self.probed |= found.probed
            self.of_users |= found.attributes
            self.asks |= found.asks

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
