"""Arguments in an entry: the statements that check their structure and take the numbers out.

The numbers of a small program become variables (`Singles`); those of others are collected
(`autograd.jit.calls.reading_parts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from math import prod
from typing import Any

from autograd.containers import ARRAY, CONTAINERS, Same
from autograd.definitions import FIXED, NUMBER, VECTORS, Definition
from autograd.jit.generated import define
from autograd.jit.programs.program import GuardFailure
from autograd.jit.python.straight import Straight
from autograd.value import Value

Entry = Callable[[Any, Any], Any]
"""From arguments and keyword arguments to the result; raises GuardFailure if it does not apply."""


class Reading:
    """The statements that take arguments apart, and check that they have a structure.

    Only classes and static parts are compared. A sequence of another length cannot be unpacked,
    which raises.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._constants: dict[str, Any] = {
            "_Other": GuardFailure,
            "_float": float,
            "_list": list,
            "_tuple": tuple,
            "_dict": dict,
            "_bool": bool,
            "_Value": Value,
        }
        self._count = count()

    def constant(self, thing: Any) -> str:
        """The name of an object in the code."""
        name = f"_k{len(self._constants)}"
        self._constants[name] = thing
        return name

    def compiled(self, lines: Sequence[str], namespace: Mapping[str, Any]) -> Entry:
        """The function, given its last statements."""
        body = "".join([f"    {line}\n" for line in (*self.lines, *lines)])
        space = {**namespace, **self._constants}
        found: Entry = define(f"def call(_args, _options):\n{body}", space, "call")
        return found

    def refuse(self, condition: str) -> None:
        """The code does not apply if this is true."""
        self.lines += refusal(condition)

    def read_call(self, arguments: Definition, refusals: Sequence[str]) -> None:
        """Read arguments and keyword arguments."""
        _, _, (_, _, *args), (_, keys, *options) = arguments
        names = f"_tuple(_options) != {self.constant(keys)}" if keys else "_options"
        self.refuse(" or ".join([names, *refusals]))
        self.unpack("_args", args)
        if keys:
            self.unpack("_options.values()", options)

    def unpack(self, text: str, parts: Sequence[Definition], are_data: bool = False) -> None:
        """Read the items of a sequence, in order; among data a bool is an integer."""
        place = len(self.lines)
        names: list[str] = []
        classes: dict[str, list[str]] = {}
        for part in parts:
            kind, name = part[0], self.name_of(part)
            names.append(name)
            if part.__class__ is str:
                self.leaf(name, part, are_data)
                continue
            base = class_of(kind) if kind in VECTORS else kind
            if base in (list, tuple, dict):
                classes.setdefault(f"_{base.__name__}", []).append(name)
            self.read(name, part)
        inside = self.lines[place:]
        del self.lines[place:]
        self.lines.append(f"({''.join([f'{name}, ' for name in names])}) = {text}")
        for known, same in classes.items():
            self.refuse(_unlike(same, known))
        self.lines += inside

    def name_of(self, part: Definition) -> str:
        """The variable for an item."""
        return f"_v{next(self._count)}"

    def read(self, name: str, definition: Definition) -> None:
        """Read what a variable holds; that it is a list, tuple or dict has been checked."""
        kind, static, *parts = definition
        if kind in FIXED:
            self.check(name, static)
        elif kind in VECTORS or kind == "numbers":
            self.block(name, *definition)
        elif kind in (list, tuple):
            self.sequence(name, definition)
        else:
            self.container(name, kind, static, parts)

    def sequence(self, name: str, definition: Definition) -> None:
        """Read a list or a tuple."""
        parts = definition[2:]
        self.unpack(name, parts, are_data={part.__class__ for part in parts} == {str})

    def container(self, name: str, kind: Any, static: Any, parts: Sequence[Definition]) -> None:
        """Read another container."""
        if kind == ARRAY:
            raise GuardFailure("an array of objects")
        if kind is dict:
            self.refuse(f"_tuple({name}) != {self.constant(static)}")
            self.unpack(f"{name}.values()", parts)
            return
        self.refuse(f"{name}.__class__ is not {self.constant(kind)}")
        container = CONTAINERS[kind]
        children = f"_v{next(self._count)}"
        self.lines.append(f"{children}, _static = {self.constant(container.take)}({name})")
        if container.is_registered:
            for i, key in enumerate(static):
                self.check(f"_static[{i}]", key)
        else:
            self.refuse(f"_static != {self.constant(static)}")
        self.unpack(children, parts)

    def check(self, text: str, key: Same) -> None:
        """Check that an object has a key."""
        condition = f"{text} is not {self.constant(key.thing)}"
        if type(key) is not Same:
            condition += f" and not {self.constant(key)}.matches({text})"
        self.refuse(condition)

    def leaf(self, name: str, kind: str, is_data: bool) -> None:
        """Read a single number."""
        raise NotImplementedError

    def block(self, name: str, kind: str, shape: Any, dtype: str = "") -> None:
        """Read a block of numbers."""
        raise NotImplementedError

    def _differs(self, name: str, shape: tuple[int, ...]) -> str:
        """The condition that a variable is no array of floats of that shape."""
        import numpy as np

        self._constants |= {"_ndarray": np.ndarray, "_float64": np.dtype("float64")}
        return (
            f"{name}.__class__ is not _ndarray or {name}.dtype is not _float64"
            f" or {name}.shape != {shape}"
        )


class Singles(Reading):
    """Each number becomes a variable of the program."""

    def __init__(self, straight: Straight) -> None:
        super().__init__()
        self._names = iter(straight.given)
        self._takes_apart = straight.takes_apart
        self._numbers: list[str] = []

    def name_of(self, part: Definition) -> str:
        """The variable for an item."""
        return next(self._names) if part == NUMBER else super().name_of(part)

    def leaf(self, name: str, kind: str, is_data: bool) -> None:
        """Read a single number."""
        if kind != NUMBER:
            raise GuardFailure("numbers that are not floats")
        self._numbers.append(name)

    def block(self, name: str, kind: str, shape: Any, dtype: str = "") -> None:
        """Read a block of numbers."""
        if kind == "floats":
            self.unpack(name, [NUMBER] * shape)
            return
        if dtype != "f" or not self._takes_apart:
            raise GuardFailure("numbers that are not taken apart")
        self.refuse(self._differs(name, shape))
        names = [next(self._names) for _ in range(prod(shape))]
        items = f"{name}.tolist()" if len(shape) == 1 else f"{name}.ravel().tolist()"
        self.lines.append(f"({''.join([f'{x}, ' for x in names])}) = {items}")

    def check_floats(self) -> None:
        """Check that all of them are floats."""
        if self._numbers:
            self.refuse(_unlike(self._numbers, "_float"))


def refusal(condition: str) -> list[str]:
    """The statements by which code does not apply if this is true."""
    return [f"if {condition}:", "    raise _Other"]


def _unlike(names: Sequence[str], kind: str) -> str:
    """The condition that not all are of one class."""
    return f"not ({' is '.join([f'{name}.__class__' for name in names])} is {kind})"


def class_of(block: str) -> type:
    """The class of a block of leaves that is no array."""
    return tuple if block == "row" else list
