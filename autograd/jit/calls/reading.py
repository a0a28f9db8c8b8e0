"""Arguments read fast: code generated for one structure, when it is first met.

`flatten` handles any structure, and spends most of its time on finding out which it is. A *reader*
only checks whether the arguments have the structure it was written for, and reads the numbers in
*parts*: an array stays an array, and the numbers between two arrays form one list. Where the check
fails, `flatten` takes over.

The reader of `step(params, x)`, with 13 floats and an array of 100 rows, is

    def read(args, options):
        if options or len(args) != 2:
            return None
        (v0, v1) = args
        if v0.__class__ is not list or len(v0) != 13:
            return None
        if v1.__class__ is not ndarray or v1.dtype is not float64 or v1.shape != (100, 2):
            return None
        part0 = [*v0]
        if set(map(type, part0)) != {float}:
            return None
        return (part0, v1.ravel())
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from autograd.jit.calls.vectors import INTEGER, NUMBER, VALUE, VECTORS, are_exact, is_exact
from autograd.jit.tuning import MOST_PIECES
from autograd.value import Value

Reader = Callable[[Any, Any], Sequence[Any] | None]
"""The parts of arguments and keyword arguments, or None if their structure is another."""

_CLASSES = {NUMBER: "float", VALUE: "Value", INTEGER: "int"}


def reader(description: Any) -> Reader | None:
    """Write the reader of a structure; None if there is none for it.

    Args:
        description: what `flatten` says of the pair of arguments and keyword arguments.

    >>> from autograd.jit.calls.treedef import flatten
    >>> read = reader(flatten((([1.0, 2.0], 3.0), {}), []))
    >>> read(([4.0, 5.0], 6.0), {})
    ([4.0, 5.0, 6.0],)
    >>> read(([4.0, 5.0], None), {}) is None
    True
    """
    writer = _Writer()
    try:
        _, (_, *args), (_, keys, *options) = description
        writer.refuse(f"len(args) != {len(args)}")
        writer.refuse(f"tuple(options) != {writer.constant(keys)}" if keys else "options")
        writer.unpack("args", args)
        for key, part in zip(keys, options, strict=True):
            writer.read(f"options[{key!r}]", part)
        source = writer.source()
    except _TooMuch:
        return None
    exec(compile(source, "<jit reader>", "exec"), writer.namespace)
    found: Reader = writer.namespace["read"]
    return found


class _TooMuch(Exception):  # noqa: N818 - not an error: the general way is as good
    """The structure is too large, or has something that no reader knows."""


class _Writer:
    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {
            "Value": Value,
            "chain": chain.from_iterable,
            "is_exact": is_exact,
            "are_exact": are_exact,
            "plain": {float, int, bool},
        }
        self._lines: list[str] = []
        self._parts: list[str] = []
        self._items: list[str] = []  # of the list that the next part will be
        self._kinds: set[str] = set()
        self._checks: list[str] = []  # of those items that must be floats
        self._count = 0

    def source(self) -> str:
        self._end_part()
        returned = ", ".join(self._parts) + ("," if len(self._parts) == 1 else "")
        lines = [*self._lines, f"return ({returned})"]
        return "def read(args, options):\n" + "".join(f"    {line}\n" for line in lines)

    def constant(self, thing: Any) -> str:
        name = f"k{len(self.namespace)}"
        self.namespace[name] = thing
        return name

    def refuse(self, condition: str) -> None:
        self._lines += [f"if {condition}:", "    return None"]

    def unpack(self, text: str, parts: Sequence[Any], are_data: bool = False) -> None:
        """Read the items of a sequence of known length; among numbers a bool is an integer."""
        if not parts:
            return
        self._count += len(parts)
        if self._count > MOST_PIECES:
            raise _TooMuch
        start = self._count - len(parts)
        names = [f"v{start + i}" for i in range(len(parts))]
        self._lines.append(f"({', '.join(names)},) = {text}")
        for name, part in zip(names, parts, strict=True):
            self.read(name, part, are_data)

    def read(self, text: str, description: Any, is_data: bool = False) -> None:
        """Read what stands for a description."""
        if description == INTEGER and is_data:
            self._mixed(f"{text},", f"({text},)", "{int, bool}")
        elif description.__class__ is str:
            self._leaves(f"{text},", f"{text}.__class__", description, one=True)
        else:
            self._read_structure(text, description)

    def _read_structure(self, text: str, description: Any) -> None:
        kind, *parts = description
        if not text.isidentifier():
            self._lines.append(f"v{self._count} = {text}")
            text = f"v{self._count}"
            self._count += 1
        if kind in ("mixed", "row"):
            name = "list" if kind == "mixed" else "tuple"
            self.refuse(f"{text}.__class__ is not {name} or len({text}) != {parts[0]}")
            self._mixed(f"*{text},", text)
        elif kind in VECTORS:
            self.refuse(f"{text}.__class__ is not list or len({text}) != {parts[0]}")
            self._leaves(f"*{text},", f"set(map(type, {text}))", VECTORS[kind], one=False)
            if kind == "integers":
                self.refuse(f"not is_exact({text})")
        elif kind in ("list", "tuple") and (width := _width(parts)) is not None:
            row = "list" if parts[0][0] in ("floats", "mixed") else "tuple"
            self.refuse(f"{text}.__class__ is not {kind} or len({text}) != {len(parts)}")
            self.refuse(
                f"set(map(type, {text})) != {{{row}}} or set(map(len, {text})) != {{{width}}}"
            )
            if parts[0][0] in ("mixed", "row"):
                self._mixed(f"*chain({text}),", f"[*chain({text})]")
            else:
                kinds = f"set(map(type, chain({text})))"
                self._leaves(f"*chain({text}),", kinds, NUMBER, one=False)
        elif kind in ("list", "tuple", "named"):
            name = self.constant(parts.pop(0)) if kind == "named" else kind
            self.refuse(f"{text}.__class__ is not {name} or len({text}) != {len(parts)}")
            are_data = kind != "named" and all(part.__class__ is str for part in parts)
            self.unpack(text, parts, are_data)
        elif kind == "dict":
            keys = parts.pop(0)
            name = self.constant(keys)
            self.refuse(f"{text}.__class__ is not dict or tuple({text}) != {name}")
            self.unpack(f"{text}.values()", parts)
        elif kind == "numbers" and parts[1] == "f":
            self._array(text, parts[0])
        elif kind == "same":
            self.refuse(f"{text} is not {self.constant(parts[0].thing)}")
        elif kind == "fixed":
            thing = self.constant(parts[1])
            same = f"{text}.__class__ is {self.constant(parts[0])} and {text} == {thing}"
            self.refuse(f"{text} is not {thing} and not ({same})")
        else:
            raise _TooMuch

    def _leaves(self, items: str, classes: str, kind: str, one: bool) -> None:
        """Put leaves of one kind into the list; whether they are floats is seen at its end."""
        wanted = _CLASSES[kind]
        check = f"{classes} is not {wanted}" if one else f"{classes} != {{{wanted}}}"
        self._items.append(items)
        self._kinds.add(kind)
        if kind == NUMBER:
            self._checks.append(check)
        else:
            self.refuse(check)
            if one and kind == INTEGER:
                self.refuse(f"not is_exact(({items}))")

    def _mixed(self, items: str, numbers: str, kinds: str = "plain") -> None:
        """Put plain numbers of any kind into the list."""
        self._items.append(items)
        self._kinds.add(INTEGER)
        self.refuse(f"not set(map(type, {numbers})) <= {kinds} or not are_exact({numbers})")

    def _array(self, text: str, shape: tuple[int, ...]) -> None:
        import numpy as np

        self.namespace |= {"ndarray": np.ndarray, "float64": np.dtype("float64")}
        self.refuse(
            f"{text}.__class__ is not ndarray or {text}.dtype is not float64"
            f" or {text}.shape != {shape}"
        )
        self._end_part()
        self._parts.append(text if len(shape) == 1 else f"{text}.ravel()")

    def _end_part(self) -> None:
        if not self._items:
            return
        name = f"part{len(self._parts)}"
        inside = " ".join(self._items)
        self._lines.append(f"{name} = [{inside.removesuffix(',')}]")
        if self._kinds == {NUMBER}:
            self.refuse(f"set(map(type, {name})) != {{float}}")
        else:
            for check in self._checks:
                self.refuse(check)
        self._parts.append(name)
        self._items, self._checks, self._kinds = [], [], set()


def _width(parts: Sequence[Any]) -> int | None:
    """How many numbers there are in each of many equal rows, or None if it is something else."""
    if len(parts) < 2 or set(map(type, parts)) != {tuple} or len(set(parts)) > 1:
        return None
    kind, *inside = parts[0]
    if kind in ("floats", "mixed", "row"):
        return int(inside[0])
    return len(inside) if kind == "tuple" and inside and set(inside) == {NUMBER} else None
