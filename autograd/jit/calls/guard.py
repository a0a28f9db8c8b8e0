"""The guard of a compiled function: code, written for it, that checks its captured state.

It follows the path to each object that the function read when it was traced, and returns the Values
found there, in order, or None if something has changed.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from operator import is_not
from types import FunctionType
from typing import Any

from autograd.containers import alike
from autograd.jit.calls import plain
from autograd.jit.generated import define
from autograd.value import Value

Check = Callable[[], list[Value] | None]
"""Returns the current Values, or None if something else has changed."""


def _changed(space: dict[str, Any], kept: dict[str, Any]) -> Callable[[], bool]:
    """Whether a name no longer means what it did, to code with these globals.

    The interpreter reads a global name faster than any code could find it in a dictionary, and
    finds a built-in that a global hides.

    >>> space = {"rate": 0.1}
    >>> changed = _changed(space, {"len": len})
    >>> changed(), space.update(len=max), changed()
    (False, None, True)
    """
    given = [f"_{'_' * max(map(len, kept))}{k}" for k in range(len(kept))]  # longer than any name
    conditions = [f"{name} is not {k}" for name, k in zip(kept, given, strict=True)]
    source = f"lambda {', '.join(given)}: {' or '.join(conditions)}"
    code = eval(compile(source, "<jit guard>", "eval")).__code__
    return FunctionType(code, space, "changed", tuple(kept.values()))


class Guard:
    """The code of a guard, while it is written.

    Attributes:
        values: the Values that it will find.
        place: what is being checked, for `change`.
    """

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.place: Any = None
        self._places: list[Any] = []
        self.namespace: dict[str, Any] = {"is_not": is_not, "dumps": marshal.dumps}
        for f in (alike, plain.same_array, plain.same_bytes):
            self.namespace[f.__name__] = f
        self._lines: list[str] = []
        self._refused: set[str] = set()
        self._globals: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._items: list[str] = []
        self._pinned: set[str] = set()  # ways at whose end one object is
        self._constants: dict[int, str] = {}
        self._kept: list[Any] = []  # so that no `id` is given away twice

    def constant(self, x: Any) -> str:
        """The name of an object in the guard's code."""
        name = self._constants.get(id(x))
        if name is None:
            name = self._constants[id(x)] = f"k{len(self.namespace)}"
            self.namespace[name] = x
        return name

    def variable(self, text: str) -> str:
        """A variable that holds the object at the end of this path."""
        if text in self.namespace:
            return text
        name = f"v{len(self._lines)}"
        self._write(f"{name} = {text}")
        return name

    def _write(self, line: str) -> None:
        self._lines.append(line)
        self._places.append(self.place)

    def refuse(self, condition: str) -> None:
        """The guard fails if this is true, which is asked once."""
        if condition not in self._refused:
            self._refused.add(condition)
            self._write(f"if {condition}: return None")

    def keep_identity(self, x: Any, text: str) -> None:
        """The guard fails if another object is at the end of this path."""
        if text not in self.namespace:
            self.refuse(f"{text} is not {self.constant(x)}")
            self._pinned.add(text)

    def keep_kind(self, x: Any, text: str) -> None:
        """The guard fails if an object of another class is there."""
        if text not in self.namespace:
            self.refuse(f"type({text}) is not {self.constant(type(x))}")

    def keep_global(self, space: dict[str, Any], name: str, x: Any) -> None:
        """The guard fails if this name means another object to code with these globals."""
        self.constant(space)
        self._globals.setdefault(id(space), (space, {}))[1][name] = x

    def add_value(self, x: Value, text: str) -> None:
        """A Value is at the end of this path."""
        self.values.append(x)
        self._items.append(text)

    def add_values(self, xs: list[Value], text: str) -> None:
        """A sequence of Values only is there."""
        self.values += xs
        self._items.append(f"*{text}")

    def keep_values_apart(self) -> None:
        """Something has changed if two of the Values have become one."""
        if self._items:
            self.refuse(f"len({{{', '.join(self._items)}}}) != {len(self.values)}")

    def keep_apart(self, objects: Iterable[tuple[str, Any]]) -> None:
        """The guard fails if two of these objects, given with their paths, are one."""
        stays = self._pinned.union(self.namespace)
        named = list(objects)
        loose = [text for text, _ in named if text not in stays]
        if loose:
            others = self.constant(frozenset([id(x) for text, x in named if text in stays]))
            ids = f"{{*map(id, [{', '.join(loose)}])}}"
            self.refuse(f"len({ids} - {others}) != {len(loose)}")

    def change(self) -> Any:
        """The place of the first change; None if there is none, or its place is unknown."""
        for space, kept in self._globals.values():
            for name, x in kept.items():
                if space.get(name, x) is not x:
                    return None, f"global {name!r}"
        variables: dict[str, Any] = {}
        for line, place in zip(self._lines, self._places, strict=True):
            condition, is_check, _ = line.removeprefix("if ").rpartition(": return None")
            try:
                if not is_check:
                    exec(line, self.namespace, variables)
                elif eval(condition, self.namespace, variables):
                    return place
            except Exception:
                return place
        return None

    def compiled(self) -> Check:
        """The guard; `list` if there is nothing to check."""
        if not self._lines and not self._items and not self._globals:
            return list
        changed = [f"{self.constant(_changed(*kept))}()" for kept in self._globals.values()]
        first = [f"if {' or '.join(changed)}: return None"] if changed else []
        body = [*first, *self._lines, f"return [{', '.join(self._items)}]"]
        source = "def check():\n    try:\n" + "".join(f"        {line}\n" for line in body)
        source += "    except Exception:\n        return None\n"
        found: Check = define(source, self.namespace, "check")
        return found
