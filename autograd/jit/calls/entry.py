"""The entry of a compiled function: a whole call, in code that is generated for it.

`flatten` handles any structure, and spends most of its time on finding out which it is. An *entry*
is written for one structure of arguments and one specialisation. It checks whether arguments have
that structure, takes the numbers out, has them computed, and builds the result. A small program
that runs in Python is part of it. That of `step(p, x)`, with two floats and a number, is

    def call(_args, _options):
        if _options or _look() is None:
            raise _Other
        (_v1, x,) = _args
        if not (_v1.__class__ is _list):
            raise _Other
        (p_0, p_1,) = _v1
        if not (p_0.__class__ is p_1.__class__ is x.__class__ is _float):
            raise _Other
        mul_1 = x * p_1
        return [p_0 - mul_1, p_1 + mul_1]

Other programs are handed the numbers in *parts*: an array stays an array, and the numbers between
two arrays form one list. With an array of 100 rows for `x` and machine code, it is

    def call(_args, _options):
        if _options:
            raise _Other
        (_v1, _v2,) = _args
        if not (_v1.__class__ is _list) or len(_v1) != 2:
            raise _Other
        if _v2.__class__ is not _ndarray or _v2.dtype is not _float64 or _v2.shape != (100, 2):
            raise _Other
        _part0 = [*_v1,]
        if set(map(type, _part0)) != {_float}:
            raise _Other
        data, nodes, given = _run((_part0, _v2.ravel(),), True)
        return [*listed[0:2],]

An entry never decides anything: where it raises, the call takes the general path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from math import prod
from types import MappingProxyType
from typing import Any

from autograd.containers import ARRAY, CONTAINERS, Same, array_of
from autograd.jit.calls.leaves import PLAIN, are_exact
from autograd.jit.generated import define
from autograd.jit.programs.program import GuardFailure
from autograd.jit.python.straight import Straight
from autograd.jit.tuning import FEW_SINGLES, LEAST_ARRAY, MOST_PIECES
from autograd.tree import FIXED, INTEGER, NUMBER, VALUE, VECTORS, Definition
from autograd.value import Value

Entry = Callable[[Any, Any], Any]
"""From arguments and keyword arguments to the result; raises GuardFailure if it does not apply."""

Source = tuple[str, Any]
"""Where a leaf of a result comes from, and which one it is: `("float", 3)` is the run's number 3.

The kinds are `"float"` and `"bool"` (of a number of the run), `"value"` (the node that stands for
it), `"input"` (an argument or parameter, the very object), `"constant"` (a fresh Value) and
`"number"` (a plain number).
"""

ArrayReader = Callable[[Sequence[tuple[type, int]]], Callable[[Any], Any] | None]
"""From the classes and lengths of lists in each other to a function that makes an array of the
numbers in them, if there is one; it raises GuardFailure for anything else."""

Run = Callable[[Sequence[Any], bool], tuple[Any, Sequence[Any], Sequence[Any]]]
"""From the parts, and whether all are floats, to the numbers of a run, the nodes that stand for
them, and the inputs."""


def entry_of_straight(
    arguments: Definition,
    straight: Straight,
    result: Definition,
    sources: Sequence[Source],
    refusals: Sequence[str] = (),
    mentioned: Mapping[str, Any] = MappingProxyType({}),
) -> Entry | None:
    """The entry with straight-line code in it, for floats alone; None if there is none.

    Args:
        arguments: the definition of the pair of arguments and keyword arguments.
        straight: the program; its inputs are the numbers among the arguments.
        result: the definition of the result.
        sources: where the numbers of the result come from.
        refusals: further conditions under which it does not apply.
        mentioned: what these mention.

    >>> from autograd.jit.calls.leaves import ARGUMENTS
    >>> double = entry_of_straight(ARGUMENTS.define_call((3.0,), {}, []),
    ...     Straight(["x"], [], ["x * 2.0"], {}), "number", [("float", 0)])
    >>> double((4.0,), {})
    8.0
    """
    reading = _Singles(straight)
    used = Counter(k for kind, k in sources if kind in ("float", "bool"))
    returned = [f"_y{k}" if used[k] > 1 else y for k, y in enumerate(straight.returned)]
    writing = _Writing(reading.constant, sources, returned)
    try:
        reading.read_call(arguments, refusals)
        reading.check_floats()
    except GuardFailure:
        return None
    lines = [
        *straight.lines,
        *(f"_y{k} = {y}" for k, y in enumerate(straight.returned) if used[k] != 1),
        f"return {writing.expression(result)}",
    ]
    try:
        return reading.compiled(lines, {**straight.namespace, **mentioned})
    except SyntaxError:  # the result is nested too deeply for the expressions that are put into it
        return None


def entry_in_parts(
    arguments: Definition,
    run: Run,
    result: Definition,
    sources: Sequence[Source],
    array_reader: ArrayReader | None = None,
) -> Entry | None:
    """The entry that hands the numbers over in parts; None if the structure is too large.

    Args:
        arguments: the definition of the pair of arguments and keyword arguments.
        run: what they are handed to.
        result: the definition of the result.
        sources: where the numbers of the result come from.
        array_reader: how long lists become arrays, if they may.

    >>> from autograd.jit.calls.leaves import ARGUMENTS
    >>> entry = entry_in_parts(ARGUMENTS.define_call(([1.0, 2.0], 3.0), {}, []),
    ...     lambda parts, are_floats: (parts[0], (), ()), (list, None, *["number"] * 2),
    ...     [("float", 0), ("float", 2)])
    >>> entry(([4.0, 5.0], 6.0), {})
    [4.0, 6.0]
    """
    reading = _Parts(array_reader)
    try:
        reading.read_call(arguments, ())
    except GuardFailure:
        return None
    text = _Writing(reading.constant, sources).expression(result)
    parts = reading.finished()
    lines = [f"data, nodes, given = _run({parts}, {reading.are_floats})"]
    singles = re.findall(r"listed\[\d+\]", text)
    if len(singles) == text.count("listed") <= FEW_SINGLES:
        text = re.sub(r"listed(\[\d+\])", r"_float(data\1)", text)
    elif "listed" in text:
        lines.append("listed = data.tolist() if hasattr(data, 'tolist') else data")
    return reading.compiled([*lines, f"return {text}"], {"_run": run})


def reader(arguments: Definition) -> Callable[[Any, Any], Sequence[Any]]:
    """The function that takes the parts out of arguments; errors as those of an entry.

    >>> from autograd.jit.calls.leaves import ARGUMENTS
    >>> read = reader(ARGUMENTS.define_call(([1.0, 2.0], 3.0), {}, []))
    >>> read(([4.0, 5.0], 6.0), {})
    ([4.0, 5.0, 6.0],)
    """
    reading = _Parts()
    try:
        reading.read_call(arguments, ())
    except GuardFailure:
        return not_entered
    return reading.compiled([f"return {reading.finished()}"], {})


def not_entered(args: Any, options: Any) -> Any:
    """Leave a call to the general path."""
    raise GuardFailure


# Arguments


class _Reading:
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
            "_array": array_of,
            "_floats": _floats,
            "_nested": _nested,
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
        self.lines += [f"if {condition}:", "    raise _Other"]

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
            if part.__class__ is not str and (kind in VECTORS or kind in (list, tuple, dict)):
                known = _BLOCK_CLASSES.get(kind) or f"_{kind.__name__}"
                classes.setdefault(known, []).append(name)
            if part.__class__ is str:
                self.leaf(name, part, are_data)
            else:
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

    def _check_array(self, name: str, shape: tuple[int, ...]) -> None:
        import numpy as np

        self._constants |= {"_ndarray": np.ndarray, "_float64": np.dtype("float64")}
        self.refuse(
            f"{name}.__class__ is not _ndarray or {name}.dtype is not _float64"
            f" or {name}.shape != {shape}"
        )


class _Singles(_Reading):
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
        self._check_array(name, shape)
        names = [next(self._names) for _ in range(prod(shape))]
        items = f"{name}.tolist()" if len(shape) == 1 else f"{name}.ravel().tolist()"
        self.lines.append(f"({''.join([f'{x}, ' for x in names])}) = {items}")

    def check_floats(self) -> None:
        """Check that all of them are floats."""
        if self._numbers:
            self.refuse(_unlike(self._numbers, "_float"))


class _Parts(_Reading):
    """The numbers are collected in lists, between the arrays.

    Attributes:
        are_floats: whether there is nothing but floats in them.
    """

    def __init__(self, array_reader: ArrayReader | None = None) -> None:
        super().__init__()
        self._array_reader = array_reader
        self._constants |= {
            "_chain": chain.from_iterable,
            "_exact": are_exact,
            "_plain": PLAIN,
            "_int": int,
        }
        self.are_floats = True
        self._parts: list[str] = []
        self._items: list[str] = []  # of the list that the next part will be
        self._floats: list[str] = []  # those of them that must be floats
        self._is_mixed = False  # whether others are among them

    def finished(self) -> str:
        """The expression for the parts."""
        self._end_part()
        return f"({''.join([f'{part}, ' for part in self._parts])})"

    def name_of(self, part: Definition) -> str:
        """The variable for an item."""
        name = super().name_of(part)
        if name == f"_v{MOST_PIECES}":
            raise GuardFailure("too many pieces")
        return name

    def leaf(self, name: str, kind: str, is_data: bool) -> None:
        """Read a single number."""
        wanted = "_int, _bool" if is_data and kind == INTEGER else _CLASSES[kind]
        self._put(f"{name}, ", f"({name}, )", kind, f"{{{wanted}}}")

    def sequence(self, name: str, definition: Definition) -> None:
        """Read a list or a tuple; rows of one length are one block."""
        levels = _levels(definition)
        if levels is None:
            super().sequence(name, definition)
        else:
            self._rows(name, *levels)

    def block(self, name: str, kind: str, shape: Any, dtype: str = "") -> None:
        """Read a block of numbers."""
        if kind != "numbers":
            self._rows(name, *_levels((kind, shape)))  # type: ignore[misc]
        elif dtype == "f":
            self._check_array(name, shape)
            self._end_part()
            self._parts.append(name if len(shape) == 1 else f"{name}.ravel()")
        else:
            raise GuardFailure("an array of integers")

    def _rows(self, name: str, levels: Sequence[tuple[type, int]], kind: str) -> None:
        """Read numbers in lists and tuples, and rows of them."""
        if self._array_reader and kind in (NUMBER, "floats") and _size(levels) >= LEAST_ARRAY:
            read = self._array_reader(levels)
            if read is not None:
                self._end_part()
                self._parts.append(f"{self.constant(read)}({name})")
                return
        items = name
        for depth, (known, length) in enumerate(levels):
            if depth == 0:
                self.refuse(f"len({name}) != {length}")
            else:
                kinds, lengths = f"set(map(type, {items}))", f"set(map(len, {items}))"
                self.refuse(f"{kinds} != {{_{known.__name__}}} or {lengths} != {{{length}}}")
                items = f"_chain({items})"
        found = items if len(levels) == 1 else f"[*{items}]"
        wanted = f"{{{_CLASSES[kind]}}}" if kind in _CLASSES else "_plain"
        self._put(f"*{items}, ", found, VECTORS.get(kind, kind), wanted)

    def _put(self, items: str, found: str, kind: str, wanted: str) -> None:
        """Put items into the list. Whether all are floats is seen at its end."""
        self._items.append(items)
        check = f"not set(map(type, {found})) <= {wanted}"
        if kind == NUMBER:
            self._floats.append(check)
            return
        self.are_floats = False
        self._is_mixed = True
        self.refuse(check)
        if kind == INTEGER:
            self.refuse(f"not _exact({found})")

    def _end_part(self) -> None:
        if not self._items:
            return
        name = f"_part{len(self._parts)}"
        self.lines.append(f"{name} = [{''.join(self._items)}]")
        for check in self._floats if self._is_mixed else [f"set(map(type, {name})) != {{_float}}"]:
            self.refuse(check)
        self._parts.append(name)
        self._items, self._floats, self._is_mixed = [], [], False


_BLOCK_CLASSES = {kind: "_tuple" if kind == "row" else "_list" for kind in VECTORS}
_CLASSES = {
    NUMBER: "_float",
    "floats": "_float",
    VALUE: "_Value",
    "values": "_Value",
    INTEGER: "_int",
    "integers": "_int",
}


def _levels(definition: Definition) -> tuple[list[tuple[type, int]], str] | None:
    """How lists and tuples in each other are made up, and of what; None if they differ in length.

    >>> _levels((list, None, ("floats", 2), ("floats", 2), ("floats", 2)))
    ([(<class 'list'>, 3), (<class 'list'>, 2)], 'floats')
    >>> _levels((list, None, ("floats", 2), ("floats", 1)))
    """
    if definition.__class__ is str:
        return ([], definition) if definition == NUMBER else None
    kind, *parts = definition
    if kind in VECTORS:
        return [(tuple if kind == "row" else list, parts[0])], kind
    if kind not in (list, tuple) or len(set(parts)) != 2:  # what is static, and the same part
        return None
    inner = _levels(parts[1])
    return inner and ([(kind, len(parts) - 1), *inner[0]], inner[1])


def has_long_lists(definition: Definition) -> bool:
    """Whether there are lists or tuples in arguments that an array reader takes."""
    if definition.__class__ is str or definition[0] in FIXED or definition[0] == "numbers":
        return False
    found = _levels(definition)
    if found is not None:
        return _size(found[0]) >= LEAST_ARRAY
    return any(map(has_long_lists, definition[2:]))


def _size(levels: Sequence[tuple[type, int]]) -> int:
    return prod([length for _, length in levels])


def _unlike(names: Sequence[str], kind: str) -> str:
    """The condition that not all are of one class."""
    return f"not ({' is '.join([f'{name}.__class__' for name in names])} is {kind})"


# Results


class _Writing:
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
            return f"[{self._items(parts)}]"
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
        if (text := self._span("_floats", shape)) is not None:
            return text
        return f"_array([{self._items(parts)}], {shape})"

    def _lists(self, shape: tuple[int, ...]) -> str | None:
        """Many floats in lists of one length."""
        return self._span("_nested", shape) if prod(shape) >= LEAST_ARRAY else None

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
    import numpy as np

    return np.array(data[start:end], np.float64).reshape(shape)
