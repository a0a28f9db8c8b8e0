"""Results rebuilt fast: generated code that makes one structure from the numbers of a run.

It is the counterpart of `reading`. Each leaf of a result has a *source*: a number of the run, a
node that stands for one, or an argument that is returned. Consecutive leaves are a slice; an array
of floats is a slice in its shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from autograd.jit.calls.vectors import VECTORS
from autograd.jit.tuning import FEW_SINGLES
from autograd.value import Value

Source = tuple[str, Any]
"""Where a leaf comes from, and which one it is: `("float", 3)` is the run's number 3.

The kinds are `"float"` and `"bool"` (of a number of the run), `"value"` (the node that stands for
it), `"input"` (an argument or parameter, the very object), `"constant"` (a fresh Value) and
`"number"` (a plain number).
"""

Writer = Callable[[Any, Sequence[Any], Sequence[Any]], Any]
"""From the numbers of a run, the nodes that stand for them, and the inputs: the result."""

_TEXTS = {
    "float": "listed[{}]",
    "bool": "_bool(listed[{}])",
    "value": "nodes[{}]",
    "input": "given[{}]",
}
_SLICED = ("float", "value", "input")


def writer(description: Any, sources: Sequence[Source]) -> Writer:
    """Write the code that makes a result.

    Args:
        description: the structure, of `treedef.flatten`.
        sources: where its leaves come from.

    >>> make = writer(("tuple", "number", ("list", "number", "number")),
    ...               [("float", 0), ("float", 1), ("float", 2)])
    >>> make((3.0, 4.0, 5.0), (), ())
    (3.0, [4.0, 5.0])
    """
    found = _Writer(sources)
    text = found.write(description)
    singles = re.findall(r"listed\[\d+\]", text)
    if len(singles) == text.count("listed") <= FEW_SINGLES:
        text = re.sub(r"listed(\[\d+\])", r"float(data\1)", text)
    first = "    listed = data.tolist() if hasattr(data, 'tolist') else data\n"
    source = f"def write(data, nodes, given):\n{first * ('listed' in text)}    return {text}\n"
    exec(compile(source, "<jit result>", "exec"), found.namespace)
    made: Writer = found.namespace["write"]
    return made


def expression(
    description: Any, sources: Sequence[Source], texts: Sequence[str]
) -> tuple[str, dict[str, Any]]:
    """The result as one expression, and what it mentions, given expressions for its numbers.

    >>> expression(("list", "number", "number"), [("float", 1), ("float", 0)], ["x", "x + y"])[0]
    '[(x + y), (x), ]'
    """
    found = _Writer(sources, texts)
    return found.write(description), found.namespace


class _Writer:
    def __init__(self, sources: Sequence[Source], texts: Sequence[str] | None = None) -> None:
        self.namespace: dict[str, Any] = {
            "_Value": Value,
            "_array": _array,
            "_numbers": _numbers,
            "_floats": _floats,
            "_bool": bool,
        }
        self._sources = sources
        self._texts = texts
        self._place = 0

    def write(self, description: Any) -> str:
        """The text of an expression for the next leaves."""
        if description.__class__ is str:
            return self._leaf()
        kind, *parts = description
        if kind == "dict":
            keys = map(self._constant, parts.pop(0))
            items = [f"{key}: {self.write(part)}" for key, part in zip(keys, parts, strict=True)]
            return "{" + ", ".join(items) + "}"
        if kind == "copy":
            return f"{self._constant(parts[0].thing)}.copy()"
        if kind == "fixed":
            return self._constant(parts[1])
        if kind in VECTORS:
            return f"[{self._items([kind] * parts[0])}]"
        if kind == "array":
            return self._array(*parts)
        if kind == "named":
            return f"{self._constant(parts.pop(0))}._make([{self._items(parts)}])"
        return f"[{self._items(parts)}]" if kind == "list" else f"({self._items(parts)})"

    def _leaf(self) -> str:
        kind, x = self._sources[self._place]
        self._place += 1
        if self._texts is not None and kind in ("float", "bool"):
            return f"({self._texts[x]})" if kind == "float" else f"_bool({self._texts[x]})"
        if kind in _TEXTS:
            return _TEXTS[kind].format(x)
        return f"_Value({self._constant(x)})" if kind == "constant" else self._constant(x)

    def _items(self, parts: Sequence[Any]) -> str:
        """The things in a sequence."""
        start = self._slice(parts)
        if start is None:
            return "".join([f"{self.write(part)}, " for part in parts])
        kind = self._sources[self._place][0]
        self._place += len(parts)
        return f"*{_TEXTS[kind].format(f'{start}:{start + len(parts)}')},"

    def _array(self, shape: tuple[int, ...], *parts: Any) -> str:
        start = self._slice(parts)
        if start is not None and self._sources[self._place][0] == "float":
            self._place += len(parts)
            return f"_floats(data, {start}, {start + len(parts)}, {shape})"
        sources = self._sources[self._place : self._place + len(parts)]
        if self._texts is not None and {kind for kind, _ in sources} == {"float"}:
            return f"_numbers([{self._items(parts)}], {shape})"
        return f"_array([{self._items(parts)}], {shape})"

    def _slice(self, parts: Sequence[Any]) -> int | None:
        """The first of numbers that come one after the other, if the next leaves are such."""
        count = len(parts)
        if self._texts is not None or count < 2:
            return None
        if any(part.__class__ is not str and part not in VECTORS for part in parts):
            return None
        sources = self._sources[self._place : self._place + count]
        kind, start = sources[0]
        if kind not in _SLICED or sources != [(kind, start + i) for i in range(count)]:
            return None
        return int(start)

    def _constant(self, thing: Any) -> str:
        name = f"_k{len(self.namespace)}"
        self.namespace[name] = thing
        return name


def _floats(data: Any, start: int, end: int, shape: tuple[int, ...]) -> Any:
    """An array of numbers of the run, which shares nothing with it."""
    import numpy as np

    return np.array(data[start:end], np.float64).reshape(shape)


def _numbers(items: list[float], shape: tuple[int, ...]) -> Any:
    """An array of floats."""
    import numpy as np

    return np.array(items).reshape(shape)


def _array(items: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of numbers of one kind, or else of objects."""
    import numpy as np

    kinds = set(map(type, items))
    if len(kinds) == 1 and kinds <= {float, bool}:
        return np.array(items).reshape(shape)
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)
