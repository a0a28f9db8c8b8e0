"""Which names occur in the code that a function may run: attributes of other names it cannot read.

A function's own code names what it reads; so does the code of each method it may call, which is
found by its name too. (Whoever reads an attribute by a name that is computed is not seen.)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dis import get_instructions
from functools import lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

LIBRARIES = {"autograd", "nn", "numpy", *sys.stdlib_module_names} - {"__main__"}
_ELSEWHERE = {
    *("__init__", "__new__", "__post_init__", "__setattr__", "__init_subclass__", "__set_name__"),
    *("__repr__", "__str__", "__format__", "__reduce__", "__getstate__", "__setstate__"),
    *("__eq__", "__ne__", "__hash__", "__replace__"),
}
"""Methods that code written for numbers does not call, or that read everything there is."""

_READS_A_GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_CONSTANTS = (bool, int, float, complex, str)


class Names:
    """A growing set of names."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._codes: set[CodeType] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._names)

    def add_code(self, code: CodeType) -> None:
        """The names in a function's code, and in that of functions inside it."""
        if code not in self._codes:
            self._codes.add(code)
            self._names |= surroundings_of(code)

    def add_class(self, kind: type) -> None:
        """The names in those methods of a class that may be called."""
        for parent in kind.__mro__[:-1]:
            for name, member in vars(parent).items():
                is_operator = name[:2] == "__" and name not in _ELSEWHERE
                if name in self._names or is_operator:
                    for function in _functions(member):
                        self.add_code(function.__code__)

    def constants_of(self, kind: type) -> Iterator[tuple[str, Any]]:
        """The numbers and strings that are attributes of a class and named."""
        for parent in kind.__mro__[:-1]:
            for name, member in vars(parent).items():
                if name in self._names and type(member) in _CONSTANTS:
                    yield name, getattr(kind, name)


def surroundings_of(code: CodeType) -> set[str]:
    """The names of globals and attributes in code, and in the code of functions inside it."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= surroundings_of(constant)
    return found


@lru_cache(1024)
def globals_of(code: CodeType) -> frozenset[str]:
    """The names of globals in code, and in the code of functions inside it; not of attributes.

    >>> sorted(globals_of((lambda x: math.exp(x) + rate).__code__))
    ['math', 'rate']
    """
    found = {step.argval for step in get_instructions(code) if step.opname in _READS_A_GLOBAL}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= globals_of(constant)
    return frozenset(found)


def is_library(x: Any) -> bool:
    """Whether a module, class or function is the engine's, NumPy's or the standard library's.

    >>> is_library(sys), is_library("nn.layers"), is_library("my_program")
    (True, True, False)
    """
    module = x.__name__ if isinstance(x, ModuleType) else getattr(x, "__module__", x)
    return str(module).partition(".")[0] in LIBRARIES


def _functions(member: Any) -> Iterator[FunctionType]:
    """The functions behind a method, property or compiled method."""
    for x in (
        member,
        *(getattr(member, name, None) for name in ("fget", "__func__", "__wrapped__")),
    ):
        if isinstance(x, FunctionType):
            yield x
