"""Arguments and results flattened: the numbers in them, and the rest as a hashable tree definition.

A compiled function is a function of numbers. Its arguments may be nested lists, tuples, dicts and
NumPy arrays of numbers, beside objects that are not numbers. `flatten` separates the two; calls
with equal tree definitions can run the same code. `rebuild` is the inverse.

Numbers are the *leaves*: floats, Values, integers, and whatever else `float` takes; also bools
among numbers, in lists, rows and arrays: they are data. A bool argument is a flag, and part of the
tree definition, by value, as is anything else that is not a number (None, a string, a function); so
is a module, by identity, since its parameters are Values that the trace finds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import islice, repeat
from numbers import Integral
from typing import Any

from autograd.jit.calls.named import is_library
from autograd.jit.calls.plain import Keys
from autograd.jit.calls.vectors import (
    INTEGER,
    NUMBER,
    PLAIN,
    VALUE,
    VECTOR_OF,
    VECTORS,
    are_exact,
    as_plain,
    is_exact,
    is_exact_array,
    mixed,
)
from autograd.modes import current_tape
from autograd.number import describe, is_number
from autograd.value import Value

_STRING = {str}


class Unsupported(Exception):  # noqa: N818 - it is caught where plain execution takes over
    """A structure holds something that a tree definition cannot describe."""


class Same:
    """An identity key: equal to another only for the same object."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.thing is self.thing


def flatten(x: Any, leaves: list[Any], integers: bool = True, fixed: bool = True) -> Hashable:
    """The tree definition of a structure; its leaves are appended to the list.

    Args:
        x: the structure.
        leaves: where the leaves go, in order.
        integers: whether integers are leaves, or else part of the tree definition.
        fixed: whether any hashable object may be part of it, or only what cannot hold Values.

    Raises:
        Unsupported: there is something in it that can be neither.

    >>> found = []
    >>> flatten({"x": [1.0, 2.0], "mode": "sum"}, found)
    ('dict', ('x', 'mode'), ('floats', 2), ('fixed', <class 'str'>, 'sum'))
    >>> found
    [1.0, 2.0]
    """
    kind = type(x)  # what an object says of itself is its own affair
    if kind is float:
        leaves.append(x)
        return NUMBER
    if kind is Value:
        leaves.append(x)
        return VALUE
    if kind is list:
        kinds = set(map(type, x))
        vector = VECTOR_OF.get(kinds.pop()) if len(kinds) == 1 else None
        if vector is not None and (vector != "integers" or (integers and is_exact(x))):
            leaves.extend(x)
            return (vector, len(x))
        return _flatten_items("list", x, leaves, integers, fixed)
    if kind is tuple:
        if len(x) == 2 and x[0].__class__ is tuple and x[1].__class__ is dict:
            args, options = x  # of a call: bools are flags here
            parts = [flatten(y, leaves, integers, fixed) for y in args]
            return ("tuple", ("tuple", *parts), flatten(options, leaves, integers, fixed))
        return _flatten_items("tuple", x, leaves, integers, fixed)
    if kind is dict:
        keys = tuple(x) if {*map(type, x)} <= _STRING else Keys(x)
        return ("dict", keys, *[flatten(y, leaves, integers, fixed) for y in x.values()])
    if issubclass(kind, tuple) and hasattr(kind, "_make"):
        return ("named", kind, *[flatten(y, leaves, integers, fixed) for y in x])
    if kind.__module__ == "numpy" and (
        kind.__name__ == "ndarray" or getattr(x, "shape", None) == ()
    ):
        return _flatten_array(x, leaves, integers, fixed)
    if is_number(x) and kind is not bool:
        if isinstance(x, Integral):
            if not integers or not is_exact([int(x)]):
                return ("fixed", kind, x)
            leaves.append(x)
            return INTEGER
        if not isinstance(x, float):  # a Fraction, a number of single precision
            raise Unsupported(describe(x))
        leaves.append(x)
        return NUMBER
    return _fixed(x, fixed)


def leaves_of(out: Any) -> list[Any]:
    """The leaves of a function's result.

    Raises:
        Unsupported: there is something in it that may hold Values unseen.
    """
    leaves: list[Any] = []
    flatten(out, leaves, integers=False, fixed=False)
    return leaves


def listed(part: Any) -> list[Any]:
    """Numbers, in a list, a tuple or an array, as a list."""
    if part.__class__ is list:
        return part
    return part.tolist() if hasattr(part, "tolist") else list(part)


def _flatten_items(
    kind: str, items: Any, leaves: list[Any], integers: bool, fixed: bool
) -> Hashable:
    """Describe a list or a tuple; numbers of several kinds in it, or in its rows, are one vector.

    Otherwise each order of the kinds would be another structure.
    """
    kinds = set(map(type, items))
    if integers and not kinds <= {list, tuple}:
        if any(found.__module__ == "numpy" for found in kinds):
            unboxed = [as_plain(y) for y in items]
            if set(map(type, unboxed)) != kinds:
                items = unboxed if kind == "list" else tuple(unboxed)
                return flatten(items, leaves, integers, fixed)
        if kinds and kinds <= PLAIN and (len(kinds) > 1 or bool in kinds) and are_exact(items):
            leaves.extend(items)
            return ("mixed" if kind == "list" else "row", len(items))
        if bool in kinds and kinds <= {*PLAIN, Value}:
            items = [int(y) if y.__class__ is bool else y for y in items]
    parts = [flatten(y, leaves, integers, fixed) for y in items]
    return (kind, *(mixed(parts) if integers else parts))


def _flatten_array(x: Any, leaves: list[Any], integers: bool, fixed: bool) -> Hashable:
    kind = x.dtype.kind
    if x.ndim == 0:
        item = x.item()
        if type(item) is type(x) or x.dtype.char in "ef":  # wider or narrower than a float
            raise Unsupported(describe(x))
        return flatten(item, leaves, integers, fixed)
    if not fixed and kind != "O":
        return ("copy", Same(x))
    if kind == "O":
        return ("array", x.shape, *[flatten(y, leaves, integers, fixed) for y in x.flat])
    if x.dtype.char == "d" or (kind in "iub" and integers and is_exact_array(x)):
        leaves.extend(x.ravel().tolist())
        return ("numbers", x.shape, kind)
    if kind in "iubUS":
        return ("frozen", x.shape, x.dtype.str, x.tobytes())
    raise Unsupported(f"an array of {x.dtype} (use float64)")


def _fixed(x: Any, fixed: bool) -> Hashable:
    kind = type(x)
    plain = x is None or issubclass(kind, bool | int | str | bytes | complex | type)
    stateful = hasattr(kind, "__next__") or hasattr(kind, "random")
    if not plain and (stateful or not fixed):
        raise Unsupported(describe(x))
    is_space = kind.__name__ in ("SimpleNamespace", "Namespace", "_local")
    if fixed and (hasattr(kind, "named_parameters") or is_space or not is_library(kind)):
        return ("same", Same(x))  # what is in it may change, and is found by who it belongs to
    try:
        hash(x)
    except TypeError:
        raise Unsupported(describe(x)) from None
    return ("fixed", type(x), x)


def rebuild(description: Any, leaves: Iterator[Any]) -> Any:
    """The structure of a tree definition around new leaves, taken in order.

    >>> rebuild(("dict", ("x", "mode"), ("floats", 2), ("fixed", str, "sum")), iter([3.0, 4.0]))
    {'x': [3.0, 4.0], 'mode': 'sum'}
    """
    if description.__class__ is str:
        return next(leaves)
    kind, *parts = description
    return _REBUILD[kind](parts, leaves)


def _all(parts: list[Any], leaves: Iterator[Any]) -> list[Any]:
    return [rebuild(part, leaves) for part in parts]


def _array(shape: tuple[int, ...], items: list[Any]) -> Any:
    import numpy as np

    if items and all(type(x) is float for x in items):
        return np.array(items).reshape(shape)
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)


def _numbers(shape: tuple[int, ...], kind: str, leaves: Iterator[Any]) -> Any:
    import numpy as np

    items = list(islice(leaves, _count(shape)))
    return _array(shape, items) if items else np.empty(shape, int if kind in "iu" else float)


def _frozen(parts: list[Any], leaves: Iterator[Any]) -> Any:
    import numpy as np

    shape, dtype, data = parts
    return np.frombuffer(data, dtype=dtype).reshape(shape).copy()


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


_REBUILD: dict[str, Callable[[list[Any], Iterator[Any]], Any]] = {
    **dict.fromkeys(VECTORS, lambda parts, leaves: list(islice(leaves, parts[0]))),
    "row": lambda parts, leaves: tuple(islice(leaves, parts[0])),
    "list": _all,
    "tuple": lambda parts, leaves: tuple(_all(parts, leaves)),
    "dict": lambda parts, leaves: dict(zip(parts[0], _all(parts[1:], leaves), strict=True)),
    "named": lambda parts, leaves: parts[0]._make(_all(parts[1:], leaves)),
    "array": lambda parts, leaves: _array(parts[0], _all(parts[1:], leaves)),
    "numbers": lambda parts, leaves: _numbers(parts[0], parts[1], leaves),
    "frozen": _frozen,
    "copy": lambda parts, leaves: parts[0].thing.copy(),
    "same": lambda parts, leaves: parts[0].thing,
    "fixed": lambda parts, leaves: parts[1],
}


def paths(description: Any, name: str = "") -> list[str]:
    """The name of each leaf: its path, as in Python.

    >>> paths(("dict", ("x", "mode"), ("floats", 2), ("fixed", str, "sum")), "p")
    ["p['x'][0]", "p['x'][1]"]
    """
    if description.__class__ is str:
        return [name]
    kind, *parts = description
    if kind == "numbers" or kind in VECTORS:
        shape = parts[0] if kind == "numbers" else (parts[0],)
        return [name + "".join(f"[{i}]" for i in index) for index in _indexes(shape)]
    if kind == "dict":
        keys, parts = [f"[{key!r}]" for key in parts[0]], parts[1:]
    elif kind == "array":
        keys = ["".join(f"[{i}]" for i in index) for index in _indexes(parts[0])]
        parts = parts[1:]
    elif kind in ("list", "tuple", "named"):
        parts = parts[1:] if kind == "named" else parts
        keys = [f"[{i}]" for i in range(len(parts))]
    else:
        return []
    return [path for key, part in zip(keys, parts, strict=True) for path in paths(part, name + key)]


def kinds(description: Any) -> Iterator[str]:
    """The kind of each leaf, in order.

    >>> list(kinds(("tuple", "integer", ("floats", 2))))
    ['integer', 'number', 'number']
    """
    if description.__class__ is str:
        yield description
        return
    kind, *parts = description
    if kind in VECTORS:
        yield from repeat(VECTORS[kind], parts[0])
    elif kind == "numbers":
        yield from repeat(NUMBER if parts[1] == "f" else INTEGER, _count(parts[0]))
    elif kind in ("dict", "named", "array", "list", "tuple"):
        for part in parts if kind in ("list", "tuple") else parts[1:]:
            yield from kinds(part)


def repeats(x: Any, met: set[int], containers: bool) -> bool:
    """Whether a Value, or a container too, occurs twice in a structure, or has been met before.

    >>> row = [1.0, 2.0]
    >>> repeats([row, row], set(), containers=True), repeats([row, row], set(), containers=False)
    (True, False)
    """
    kind = type(x)
    is_array = kind.__module__ == "numpy" and hasattr(x, "dtype")
    is_container = is_array or kind in (list, tuple, dict) or hasattr(kind, "_make")
    if kind is Value or (containers and is_container):
        if id(x) in met:
            return True
        met.add(id(x))
    if not is_container or (is_array and x.dtype.kind != "O"):
        return False
    items = list(x.values() if kind is dict else x.flat if is_array else x)
    return not {*map(type, items)} <= PLAIN and any(repeats(y, met, containers) for y in items)


def mark_integers(description: Any, leaves: Sequence[Any]) -> None:
    """Record on the tape which leaves of traced arguments stand for integers."""
    tape = current_tape()
    if tape is not None:
        found = zip(leaves, kinds(description), strict=True)
        tape.integers |= {leaf for leaf, kind in found if kind == INTEGER}


def _indexes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for size in shape:
        found = [(*index, i) for index in found for i in range(size)]
    return found


def modules(description: Any, name: str = "") -> list[tuple[str, Any]]:
    """The modules in a structure, with the path of each."""
    if description.__class__ is str:
        return []
    kind, *parts = description
    if kind == "same":
        return [(name, parts[0].thing)]
    if kind == "dict":
        pairs = [(f"{name}[{key!r}]", part) for key, part in zip(*_dict(parts), strict=True)]
    elif kind in ("list", "tuple"):
        pairs = [(f"{name}[{i}]", part) for i, part in enumerate(parts)]
    else:
        return []
    return [found for path, part in pairs for found in modules(part, path)]


def _dict(parts: list[Any]) -> tuple[Any, list[Any]]:
    return parts[0], parts[1:]
