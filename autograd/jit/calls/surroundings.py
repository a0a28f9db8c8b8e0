"""What a function reads from outside: parameters, found anew in each call, and all else, checked.

A compiled function has the numbers that it read from outside built in, but for Values, which are
read at each call. So a later call must see whether something has changed: a global that was 0.1 and
is 0.2, an attribute, an entry of a list. And a Value may have been replaced by another, which is
then the parameter.

The *surroundings* are what can be reached from the function: the cells of its closure, the globals
that its code names, what it is a method of, modules among its arguments; from there the items of
lists, tuples and dicts and those attributes that are named in the code that may run. A *look* at
them is code written for the very function, which goes all these ways again and either returns the
Values it met on them, in order, or finds that something else is there now.

What the compiled code of library modules reads is taken to stay. What cannot be compared at all (a
set of its own kind, a deque) is compared by identity.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from operator import is_not
from types import FunctionType, MethodType, ModuleType
from typing import Any

from autograd.jit.calls.named import Names, globals_of, is_library
from autograd.jit.calls.plain import (
    ATOMS,
    is_as_written,
    is_frozen,
    is_plain,
    same,
    same_array,
    written,
)
from autograd.value import Value

Look = Callable[[], list[Value] | None]
"""The Values that are there now, or None if something else has changed."""

LARGEST = 20_000
"""How many things are followed; the rest is compared by identity."""

_MISSED = "KeyError, ValueError, AttributeError, TypeError, IndexError"


class Surroundings:
    """The surroundings of a function, as they are when this is made.

    Attributes:
        values: the Values in them.
        look: what looks at them again.
        generators: the sources of random numbers among them.
        is_empty: whether there is nothing in them to look at.

    >>> rates, weights = [0.1], [Value(1.0), Value(2.0)]
    >>> f = (lambda rates, weights: lambda: weights[0] * rates[0])(rates, weights)
    >>> found = Surroundings(f, [])
    >>> found.look()
    [Value(data=1.0, grad=0.0), Value(data=2.0, grad=0.0)]
    >>> weights[0] = Value(3.0)
    >>> found.look()[0]
    Value(data=3.0, grad=0.0)
    >>> rates[0] = 0.2
    >>> found.look() is None
    True
    """

    def __init__(self, f: Any, modules: Iterable[Any]) -> None:
        roots = [f, *modules]
        names = Names()
        while True:  # until no further names are found on the way
            known = len(names)
            walk = _Walk(names)
            for root in roots:
                walk.enter(root)
            if len(names) == known:
                break
        self.values = walk.values
        self.generators = walk.generators
        self.look: Look = walk.compiled()
        self.is_empty = self.look is list


class _Walk:
    """One walk through the surroundings, which writes down the way."""

    def __init__(self, names: Names) -> None:
        self.values: list[Value] = []
        self.generators: list[Any] = []
        self._names = names
        self._namespace: dict[str, Any] = {
            f.__name__: f for f in (is_not, is_as_written, same, same_array)
        }
        self._lines: list[str] = []
        self._items: list[str] = []
        self._constants: dict[int, str] = {}
        self._ways: set[str] = set()
        self._seen: dict[int, str] = {}
        self._kept: list[Any] = []  # so that no `id` is given away twice
        self._count = 0

    def compiled(self) -> Look:
        """The look; `list` if there is nothing to look at."""
        if not self._lines and not self._items:
            return list
        body = [*self._lines, f"return [{', '.join(self._items)}]"]
        source = "def look():\n    try:\n" + "".join(f"        {line}\n" for line in body)
        source += f"    except ({_MISSED}):\n        return None\n"
        exec(compile(source, "<jit look>", "exec"), self._namespace)
        found: Look = self._namespace["look"]
        return found

    def enter(self, f: Any) -> None:
        """Go from a function, or anything that can be called, to what it reads."""
        self.visit(f, self._constant(f))

    # Writing

    def _constant(self, thing: Any) -> str:
        name = self._constants.get(id(thing))
        if name is None:
            name = self._constants[id(thing)] = f"k{len(self._namespace)}"
            self._namespace[name] = thing
        return name

    def _variable(self, text: str) -> str:
        name = f"v{len(self._lines)}"
        self._lines.append(f"{name} = {text}")
        return name

    def _refuse(self, condition: str) -> None:
        self._lines.append(f"if {condition}: return None")

    def _is(self, x: Any, text: str) -> None:
        if text not in self._namespace:
            self._refuse(f"{text} is not {self._constant(x)}")

    # Walking

    def visit(self, x: Any, text: str) -> None:
        """Write down how to look at a thing: the text is the way to it."""
        if text in self._ways:
            return
        self._ways.add(text)
        if isinstance(x, ATOMS):
            self._atom(x, text)
            return
        if id(x) in self._seen:
            self._refuse(f"{text} is not {self._seen[id(x)]}")
            return
        self._count += 1
        self._kept.append(x)
        if self._count > LARGEST:
            self._is(x, text)
            return
        name = text if text in self._namespace else self._variable(text)
        self._seen[id(x)] = name
        if type(x) is Value:
            self.values.append(x)
            self._items.append(name)
            return
        if is_plain(x):
            self._plain(x, name)
            return
        for kinds, follow in _FOLLOW:
            if isinstance(x, kinds):
                follow(self, x, name)
                return
        if type(x).__module__ == "numpy" and hasattr(x, "ravel"):
            self._array(x, name)
        elif callable(x) and hasattr(x, "__wrapped__"):  # a compiled function, or another wrapper
            self._is(x, name)
            self.visit(x.__wrapped__, self._constant(x.__wrapped__))
        elif hasattr(x, "__dict__") and (has_parameters(x) or not is_library(type(x))):
            self._object(x, name)
        else:
            self._is(x, name)
            if any(hasattr(x, name) for name in ("getstate", "get_state", "bit_generator")):
                self.generators.append(x)

    def _atom(self, x: Any, text: str) -> None:
        if text not in self._namespace:
            name, constant = self._variable(text), self._constant(x)
            self._refuse(f"{name} is not {constant} and not same({name}, {constant})")

    def _sequence(self, x: Any, name: str) -> None:
        kind = type(x)
        differs = f"{name}.__class__ is not {self._constant(kind)} or len({name}) != {len(x)}"
        if isinstance(x, tuple) and all(isinstance(item, FunctionType | type) for item in x):
            known = self._constant(x)  # nearly always the same tuple, whose items are then the same
            self._refuse(
                f"{name} is not {known} and ({differs} or any(map(is_not, {name}, {known})))"
            )
            for item in x:
                self.visit(item, self._constant(item))
            return
        self._refuse(differs)
        if set(map(type, x)) == {Value} and self._are_new(x):
            self._seen |= {id(value): f"{name}[{i}]" for i, value in enumerate(x)}
            self.values += x
            self._items.append(f"*{name}")
            return
        for i, item in enumerate(x):
            self.visit(item, f"{name}[{i}]")

    def _are_new(self, values: Sequence[Value]) -> bool:
        ids = set(map(id, values))
        return len(ids) == len(values) and self._seen.keys().isdisjoint(ids)

    def _plain(self, x: Any, name: str) -> None:
        quick = f"{name} is not {self._constant(x)} and " if is_frozen(x) else ""
        self._refuse(f"{quick}not is_as_written({name}, {self._constant(written(x))})")

    def _dict(self, x: Any, name: str) -> None:
        self._refuse(
            f"{name}.__class__ is not {self._constant(type(x))} or len({name}) != {len(x)}"
        )
        for key, item in x.items():
            self.visit(item, f"{name}[{self._constant(key)}]")

    def _array(self, x: Any, name: str) -> None:
        if x.dtype.kind != "O":
            self._refuse(f"not same_array({name}, {self._constant(x.copy())})")
            return
        self._refuse(
            f"{name}.__class__ is not {self._constant(type(x))} or {name}.shape != {x.shape}"
        )
        flat = x.ravel().tolist()
        self._kept.append(flat)
        self._sequence(flat, self._variable(f"{name}.ravel().tolist()"))

    def _function(self, f: Any, name: str) -> None:
        """A function, and what it reads; the globals and cells of a library's stay as they are."""
        self._is(f, name)
        stays = is_library(f.__globals__.get("__name__"))
        for cell in f.__closure__ or ():
            try:
                x = cell.cell_contents
            except ValueError:  # nothing is in it yet
                continue
            self.visit(x, self._constant(x) if stays else f"{self._constant(cell)}.cell_contents")
        for default in (*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values()):
            self.visit(default, self._constant(default))
        if stays:
            return
        self._names.add_code(f.__code__)
        space = self._constant(f.__globals__)
        for key in sorted(globals_of(f.__code__)):
            if key in f.__globals__:
                self.visit(f.__globals__[key], f"{space}[{key!r}]")

    def _method(self, x: Any, name: str) -> None:
        self._refuse(f"{name} != {self._constant(x)}")
        self.visit(x.__func__, self._constant(x.__func__))
        self.visit(x.__self__, self._constant(x.__self__))

    def _partial(self, x: Any, name: str) -> None:
        self._is(x, name)
        for part in (x.func, *x.args, *x.keywords.values()):
            self.visit(part, self._constant(part))

    def _module(self, x: ModuleType, name: str) -> None:
        """A module of Python's: those of its globals that are named."""
        self._is(x, name)
        if not is_library(x):
            self._attributes(vars(x), self._constant(vars(x)))

    def _object(self, x: Any, name: str) -> None:
        """An object: its attributes that are named, and all that hold parameters of a module."""
        self._refuse(f"{name}.__class__ is not {self._constant(type(x))}")
        self._names.add_class(type(x))
        self._attributes(vars(x), f"{name}.__dict__", has_parameters(x))
        for key, member in self._names.constants_of(type(x)):
            if key not in vars(x):
                self._atom(member, f"{name}.{key}")

    def _attributes(self, space: dict[str, Any], text: str, is_module: bool = False) -> None:
        name = text if text in self._namespace else self._variable(text)
        for key, x in space.items():
            if key in self._names or (is_module and _holds_values(x)):
                self.visit(x, f"{name}[{key!r}]")


_FOLLOW: list[tuple[Any, Callable[[_Walk, Any, str], None]]] = [
    (list | tuple, _Walk._sequence),
    (dict, _Walk._dict),
    (
        set | frozenset,
        lambda walk, x, name: walk._refuse(f"not same({name}, {walk._constant(x.copy())})"),
    ),
    (FunctionType, _Walk._function),
    (MethodType, _Walk._method),
    (functools.partial, _Walk._partial),
    (ModuleType, _Walk._module),
    (type, _Walk._is),
]


def _holds_values(x: Any) -> bool:
    """Whether a module would find parameters in this attribute."""
    if isinstance(x, list | tuple | dict):
        return any(map(_holds_values, x.values() if isinstance(x, dict) else x))
    return isinstance(x, Value) or has_parameters(x)


def has_parameters(x: Any) -> bool:
    """Whether this is a module of parameters."""
    return hasattr(x, "named_parameters") and not isinstance(x, type)
