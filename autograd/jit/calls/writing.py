"""Results in an entry: the expression that builds one from the numbers of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from autograd.containers import ARRAY, CONTAINERS, array_of
from autograd.definitions import FIXED, NUMBER, VECTORS, Definition
from autograd.jit.tuning import FEW_SINGLES, LEAST_ARRAY
from autograd.value import Value

Source = tuple[str, Any]
"""Where a leaf of a result comes from, and which one it is: `("float", 3)` is the run's number 3.

The kinds are `"float"` and `"bool"` (of a number of the run), `"value"` (the node that stands for
it), `"input"` (an argument or parameter, the very object), `"constant"` (a fresh Value) and
`"number"` (a plain number).
"""


class Writing:
    """The expression for a result: consecutive leaves are a slice, arrays of floats too.

    Args:
        constant: gives an object a name in the code.
        sources: where the leaves come from.
        texts: expressions for the numbers of the run, if it is part of the code.
    """

    def __init__(
        self,
        constant: Callable[[Any], str],
        sources: Sequence[Source],
        texts: Sequence[str] | None = None,
    ) -> None:
        self._constant = constant
        self._sources = sources
        self._texts = texts
        self._place = 0

    def expression(self, definition: Definition) -> str:
        """The text of an expression for the next leaves."""
        if definition.__class__ is str:
            return self._leaf()
        kind, static, *parts = definition
        if kind in FIXED:
            name = self._constant(static.thing)
            return f"{name}.copy()" if kind == "copy" else name
        if kind in VECTORS:
            return self._lists((static,)) or f"[{self._items([NUMBER] * static)}]"
        if kind == ARRAY:
            return self._array(static, parts)
        if (shape := _shape(definition)) and (text := self._lists(shape)):
            return text
        if kind is dict:
            keys = map(self._constant, static)
            items = [
                f"{key}: {self.expression(part)}" for key, part in zip(keys, parts, strict=True)
            ]
            return "{" + ", ".join(items) + "}"
        if kind is tuple:
            return f"({self._items(parts)})"
        if kind is list:
            return (parts and self._rows(parts)) or f"[{self._items(parts)}]"
        make, known = self._constant(CONTAINERS[kind].make), self._constant(static)
        return f"{make}({known}, [{self._items(parts)}])"

    def _leaf(self) -> str:
        kind, x = self._sources[self._place]
        self._place += 1
        if self._texts is not None and kind in ("float", "bool"):
            return f"({self._texts[x]})" if kind == "float" else f"_bool({self._texts[x]})"
        if kind in _TEXTS:
            return _TEXTS[kind].format(x)
        return f"_Value({self._constant(x)})" if kind == "constant" else self._constant(x)

    def _items(self, parts: Sequence[Definition]) -> str:
        """The things in a sequence."""
        start = self._slice(parts)
        if start is None:
            return "".join([f"{self.expression(part)}, " for part in parts])
        kind = self._sources[self._place][0]
        self._place += len(parts)
        return f"*{_TEXTS[kind].format(f'{start}:{start + len(parts)}')},"

    def _array(self, shape: tuple[int, ...], parts: Sequence[Definition]) -> str:
        text = self._whole(self._next(prod(shape)), shape)
        if text is None:
            return f"_array([{self._items(parts)}], {shape})"
        self._place += prod(shape)
        return text

    def _next(self, count: int) -> Sequence[Source]:
        """Where the next leaves come from."""
        return self._sources[self._place : self._place + count]

    def _whole(self, sources: Sequence[Source], shape: tuple[int, ...]) -> str | None:
        """An array of numbers of the run, and of constants, in one piece."""
        kinds = {kind for kind, _ in sources}
        if self._texts is not None or not kinds <= {"float", "number"}:
            return None
        chosen = [x for kind, x in sources if kind == "float"]
        is_span = len(chosen) > 1 and chosen == [*range(chosen[0], chosen[0] + len(chosen))]
        if is_span and len(chosen) == len(sources):
            return f"_floats(data, {chosen[0]}, {chosen[0] + len(chosen)}, {shape})"
        constants = [x for kind, x in sources if kind == "number"]
        try:
            import numpy as np
        except ImportError:
            return None
        if {*map(type, constants)} - {float} or not chosen:
            return None
        is_computed = np.array([kind == "float" for kind, _ in sources])
        template = np.zeros(len(sources))
        template[~is_computed] = constants
        is_kept = is_computed | (template != 0) | np.signbit(template)
        span = f"slice({chosen[0]}, {chosen[0] + len(chosen)})"
        which = span if is_span else self._constant(np.array(chosen))
        kept = template[is_kept]
        if (kept.size > len(chosen)) and 2 * kept.size > template.size:
            made, places = f"{self._constant(template.reshape(shape))}.copy()", is_computed
        else:
            made, places = f"_zeros({shape})", is_kept
        data = f"data, {which}"
        if kept.size > len(chosen) and places is is_kept:
            among = self._constant(np.flatnonzero(is_computed[is_kept]))
            data = f"_put({self._constant(kept)}.copy(), {among}, data, {which}), _all"
        return f"_put({made}, {self._constant(np.flatnonzero(places))}, {data})"

    def _rows(self, parts: Sequence[Definition]) -> str | None:
        """Many arrays of one shape, or tuples of such, as the rows of larger ones."""
        shapes = _shapes_of_row(parts[0]) if len(parts) >= FEW_SINGLES else None
        if shapes is None or any(_shapes_of_row(part) != shapes for part in parts[1:]):
            return None
        place = self._place
        columns: list[list[Source]] = [[] for _ in shapes]
        for part in parts:
            for column, (kind, static, *_) in zip(columns, _arrays(part), strict=True):
                if kind == "copy":  # one that is the same in each call
                    column += [("number", x) for x in static.thing.ravel().tolist()]
                else:
                    column += self._sources[place : place + prod(static)]
                    place += prod(static)
        texts = [
            self._whole(column, (len(parts), *shape))
            for column, shape in zip(columns, shapes, strict=True)
        ]
        if None in texts:
            return None
        self._place = place
        rows = f"_zip({', '.join(map(str, texts))})" if parts[0][0] is tuple else texts[0]
        return f"[*{rows}]"

    def _lists(self, shape: tuple[int, ...]) -> str | None:
        """Many floats in lists of one length."""
        if prod(shape) < LEAST_ARRAY:
            return None
        if (text := self._span("_nested", shape)) is not None:
            return text
        array = self._whole(self._next(prod(shape)), shape)
        if array is None:
            return None
        self._place += prod(shape)
        return f"{array}.tolist()"

    def _span(self, make: str, shape: tuple[int, ...]) -> str | None:
        """What a function makes of the next leaves, if they are consecutive numbers of the run."""
        size = prod(shape)
        start = self._slice([NUMBER] * size)
        if start is None or self._sources[self._place][0] != "float":
            return None
        self._place += size
        return f"{make}(data, {start}, {start + size}, {shape})"

    def _slice(self, parts: Sequence[Definition]) -> int | None:
        """The first of numbers that come one after the other, if the next leaves are such."""
        length = len(parts)
        if self._texts is not None or length < 2 or {part.__class__ for part in parts} != {str}:
            return None
        sources = self._sources[self._place : self._place + length]
        kind, start = sources[0]
        if kind not in _SLICED or sources != [(kind, start + i) for i in range(length)]:
            return None
        return int(start)


_TEXTS = {
    "float": "listed[{}]",
    "bool": "_bool(listed[{}])",
    "value": "nodes[{}]",
    "input": "given[{}]",
}
_SLICED = ("float", "value", "input")


def _shape(definition: Definition) -> tuple[int, ...]:
    """The lengths of lists in each other, if they hold single numbers alone; else nothing."""
    if definition.__class__ is str:
        return ()
    kind, static, *parts = definition
    if kind is not list or len(set(parts)) != 1:
        return (static,) if kind in VECTORS and kind != "row" else ()
    inner = _shape(parts[0])
    return (len(parts), *inner) if inner or parts[0].__class__ is str else ()


def _arrays(part: Definition) -> Sequence[Definition]:
    """The parts of a tuple, or the only one of what is no tuple."""
    return part[2:] if part[0] is tuple else [part]


def _shapes_of_row(part: Definition) -> list[tuple[int, ...]] | None:
    """The shapes of the arrays of floats in a tuple, or of one alone; None of anything else."""
    shapes = []
    for array in _arrays(part):
        if array[0] == "copy" and array[1].thing.dtype.char == "d":
            shapes.append(array[1].thing.shape)
        elif array[0] == ARRAY:
            shapes.append(array[1])
        else:
            return None
    return shapes if shapes and all(map(prod, shapes)) else None


def _nested(data: Any, start: int, end: int, shape: tuple[int, ...]) -> Any:
    """Numbers of the run in lists of one length."""
    if hasattr(data, "tolist"):
        return data[start:end].reshape(shape).tolist()
    items = list(data[start:end])
    for length in reversed(shape[1:]):
        items = [items[i : i + length] for i in range(0, len(items), length)]
    return items


def _floats(data: Any, start: int, end: int, shape: tuple[int, ...]) -> Any:
    """An array of numbers of the run, which shares nothing with it."""
    found = data[start:end]
    if not hasattr(found, "tolist"):
        import numpy as np

        found = np.array(found, np.float64)
    return (found if len(shape) == 1 else found.reshape(shape)).copy()


def _zeros(shape: tuple[int, ...]) -> Any:
    """An array of zeros."""
    import numpy as np

    return np.zeros(shape)


def _put(array: Any, places: Any, data: Any, chosen: Any) -> Any:
    """The array with some numbers of the run in these places of it."""
    if not hasattr(data, "tolist"):
        import numpy as np

        data = np.array(data, np.float64)
    array.reshape(-1)[places] = data[chosen]
    return array


MENTIONED = {
    "_Value": Value,
    "_array": array_of,
    "_floats": _floats,
    "_nested": _nested,
    "_all": slice(None),
    "_put": _put,
    "_zip": zip,
    "_zeros": _zeros,
    "_bool": bool,
    "_float": float,
}
"""What the expressions mention."""
