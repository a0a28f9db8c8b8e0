"""What counts as a leaf in compiled functions: of their arguments, and of their results.

A compiled function is a function of numbers: floats, Values, integers, and whatever else `float`
takes; also bools among numbers, in lists, rows and arrays: they are data. A bool argument is a
flag, and part of the tree definition, by value, as is anything else that is not a number (None, a
string, a function); so is a module, by identity, since its parameters are Values that the trace
finds.

Data come with their kinds mixed: labels are bools, one row is `[1, 0.5]` and the next `[0.5, 1]`.
If each order of the kinds were another structure, each batch would be compiled again. So numbers of
several kinds in a list or a tuple are described by their count alone. Each may be an integer, which
is what a choice by index needs to know.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from numbers import Integral
from types import BuiltinFunctionType, FunctionType
from typing import Any

from autograd.containers import Equal, Same, remedy
from autograd.definitions import (
    INTEGER,
    NUMBER,
    Definition,
    Rule,
)
from autograd.jit.calls.libraries import is_library
from autograd.jit.calls.plain import same_array
from autograd.jit.unsupported import Unsupported
from autograd.number import DOUBLE_OR_EXACT, MOST_EXACT, describe, is_number
from autograd.pattern import Pattern
from autograd.value import Value

PLAIN: set[type] = {float, int, bool}


class _Compiled(Rule):
    """What holds for arguments and results.

    Args:
        integers: whether integers are leaves, or else part of the tree definition.
    """

    def __init__(self, integers: bool) -> None:
        self.integers = integers

    def define_other(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of what is in no container."""
        kind = type(x)
        if kind.__module__ == "numpy" and getattr(x, "shape", None) == ():
            item = x.item()
            if type(item) is kind or x.dtype.char in "ef":  # wider or narrower than a float
                raise self.unsupported(x)
            return self.define(item, leaves)
        if kind.__module__.startswith(("jaxlib", "jax.")) and hasattr(x, "dtype"):
            raise Unsupported("is given an array of JAX (numpy.asarray makes one of NumPy)", True)
        if kind is bool or not is_number(x):
            return ("fixed", self.fixed(x))
        if isinstance(x, Integral):
            if kind is not int or not self.integers or not are_exact([int(x)]):
                return ("fixed", Equal(x))
            leaves.append(x)
            return INTEGER
        if kind is not float:  # a Fraction, or a class that a function may tell from a float
            raise self.unsupported(x)
        leaves.append(x)
        return NUMBER

    def unsupported(self, x: Any) -> Unsupported:
        """What is raised for an object that can be neither a leaf nor fixed."""
        raise NotImplementedError


class Arguments(_Compiled):
    """Any hashable object may be part of the definition of arguments.

    >>> found = []
    >>> ARGUMENTS.define({"x": [1.0, 2.0], "mode": "sum"}, found)[2]
    ('floats', 2)
    >>> found
    [1.0, 2.0]
    """

    def define_call(self, args: Any, options: Any, leaves: list[Any]) -> Definition:
        """The definition of the pair of arguments and keyword arguments; bools in it are flags."""
        try:
            parts = [self.define(x, leaves) for x in args]
            return (tuple, None, (tuple, None, *parts), self.define(options, leaves))
        except RecursionError:
            reason = "is given a structure that is nested too deeply, or contains itself"
            raise Unsupported(reason, may_pass=True) from None

    def define_items(self, kind: type, items: Any, leaves: list[Any]) -> Definition:
        """The definition of a list or a tuple.

        Numbers of several kinds in it, or in its rows, are one block.
        """
        kinds = set(map(type, items))
        if self.integers and not kinds <= {list, tuple, float}:
            if any(found.__module__ == "numpy" for found in kinds):
                unboxed = [_as_plain(y) for y in items]
                if set(map(type, unboxed)) != kinds:
                    return self.define_items(kind, kind(unboxed), leaves)
            if kinds <= PLAIN and are_exact(items):
                leaves += items
                return ("mixed" if kind is list else "row", len(items))
            if bool in kinds and kinds <= {*PLAIN, Value}:
                items = [int(y) if y.__class__ is bool else y for y in items]
        found = super().define_items(kind, items, leaves)
        return (kind, None, *mixed(found[2:])) if self.integers and found[0] is kind else found

    def define_array(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of an array with dimensions."""
        kind = x.dtype.kind
        if x.dtype.char == "d" or (kind in "iub" and self.integers and _is_exact_array(x)):
            leaves += x.ravel().tolist()
            return ("numbers", x.shape, kind)
        if kind == "O":
            return super().define_array(x, leaves)
        if kind in "iubUS":
            return ("copy", _Bits(x.copy()))
        raise Unsupported(f"is given an array of {x.dtype} (use float64)", may_pass=True)

    def fixed(self, x: Any) -> Hashable:
        """The key of an object that is part of the definition."""
        kind = type(x)
        if not _is_plain(x) and (hasattr(kind, "__next__") or hasattr(kind, "random")):
            raise self.unsupported(x)
        is_space = kind.__name__ in ("SimpleNamespace", "Namespace", "_local")
        if hasattr(kind, "named_parameters") or is_space or not is_library(kind):
            return Same(x)  # what is in it may change, and is found by who it belongs to
        try:
            hash(x)
        except Exception:  # a memoryview raises a ValueError
            raise self.unsupported(x) from None
        return Equal(x)

    def unsupported(self, x: Any) -> Unsupported:
        """What is raised for an object that can be neither a leaf nor fixed."""
        return Unsupported(f"is given {describe(x)}{remedy(x)}", may_pass=True)


class Results(_Compiled):
    """Only what cannot hold Values of the trace may be part of the definition of a result.

    Args:
        known: objects that were there before.
    """

    def __init__(self, known: Iterable[Any] = ()) -> None:
        super().__init__(integers=False)
        self._known = set(map(Same, known))

    def leaves_of(self, out: Any) -> list[Any]:
        """The leaves of a function's result.

        Raises:
            Unsupported: there is something in it that may hold Values unseen.
        """
        leaves: list[Any] = []
        self.define(out, leaves)
        return leaves

    def define_array(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of an array with dimensions."""
        return super().define_array(x, leaves) if x.dtype.kind == "O" else ("copy", Same(x))

    def fixed(self, x: Any) -> Hashable:
        """The key of an object that is part of the definition."""
        kind = type(x)
        is_function = kind is FunctionType and not (x.__closure__ or x.__defaults__ or vars(x))
        if Same(x) in self._known or is_function or kind is BuiltinFunctionType:
            return Same(x)
        if not _is_plain(x):
            raise self.unsupported(x)
        return Equal(x)

    def unsupported(self, x: Any) -> Unsupported:
        """What is raised for an object that can be neither a leaf nor fixed."""
        return Unsupported(f"could not be traced: it returns {describe(x)}{remedy(x)}", True)


ARGUMENTS = Arguments(integers=True)
EXACT = Arguments(integers=False)


class _Bits(Same):
    """The key of an array that may change: equal to that of another of the same bytes."""

    __slots__ = ()

    def matches(self, x: Any) -> bool:
        """Whether an object has this key."""
        return same_array(x, self.thing)

    def __hash__(self) -> int:
        return hash(self.thing.tobytes())


def _is_plain(x: Any) -> bool:
    return x is None or issubclass(type(x), bool | int | str | bytes | complex | type | Pattern)


# Numbers of several kinds


def are_exact(numbers: Sequence[float]) -> bool:
    """Whether all of the numbers, integers and others, are floats without loss."""
    integers = [x for x in numbers if x.__class__ is int]
    return not integers or (min(integers) >= -MOST_EXACT and max(integers) <= MOST_EXACT)


def _is_exact_array(array: Any) -> bool:
    """The same for an array of integers or bools."""
    return (
        array.dtype.kind == "b" or not array.size or are_exact([int(array.min()), int(array.max())])
    )


def _as_plain(x: Any) -> Any:
    """A scalar of NumPy as the Python number it is, if it is one exactly."""
    if type(x).__module__ == "numpy" and getattr(x, "shape", None) == ():
        return x.item() if x.dtype.char in DOUBLE_OR_EXACT else x
    return x


def mixed(parts: Sequence[Definition]) -> Sequence[Definition]:
    """Definitions of rows; where one says nothing of the kinds of its numbers, none does.

    >>> mixed([("mixed", 2), ("floats", 2)])
    [('mixed', 2), ('mixed', 2)]
    >>> mixed([("floats", 1), ("floats", 2)])
    [('floats', 1), ('floats', 2)]
    """
    if {"mixed", "row"}.isdisjoint(part[0] for part in parts):
        return parts
    rows = [_without_kinds(part) for part in parts]
    return parts if None in rows else rows


def _without_kinds(part: Definition) -> Definition | None:
    """The definition of a row of any numbers, of the length of this one; None if it is no row."""
    kind, count, *inside = (part, 0) if part.__class__ is str else part
    if kind is tuple and set(inside) == {NUMBER}:
        return ("row", len(inside))
    return {"floats": ("mixed", count), "mixed": part, "row": part}.get(kind)


def listed(part: Any) -> list[Any]:
    """Numbers, in a list, a tuple or an array, as a list."""
    if part.__class__ is list:
        return part
    return part.tolist() if hasattr(part, "tolist") else list(part)
