"""Arguments in an entry, when their numbers are handed over in lists and arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import prod
from typing import Any, NamedTuple

from autograd.definitions import FIXED, INTEGER, NUMBER, VALUE, VECTORS, Definition
from autograd.jit.calls.leaves import PLAIN, are_exact
from autograd.jit.calls.reading import Reading, class_of, refusal
from autograd.jit.programs.program import GuardFailure
from autograd.jit.tuning import LEAST_ARRAY, MOST_PIECES

ArrayReader = Callable[[Sequence[tuple[type, int]]], Callable[[Any], Any]]
"""From the classes and lengths of lists in each other to a function that makes an array of the
numbers in them; it raises GuardFailure or ValueError for anything else."""

_CLASSES = {kind: "_tuple" if kind == "row" else "_list" for kind in VECTORS}
_CLASSES = {
    NUMBER: "_float",
    "floats": "_float",
    VALUE: "_Value",
    "values": "_Value",
    INTEGER: "_int",
}


class Part(NamedTuple):
    """Numbers that are handed over together.

    Attributes:
        text: the expression for a list or a flat array of them.
        size: how many there are.
        given: the expression for the argument, or arguments, that they are.
        shape: of the array; None of a list.
    """

    text: str
    size: int
    given: str
    shape: tuple[int, ...] | None


class Parts(Reading):
    """The numbers are collected in lists, between the arrays.

    Attributes:
        are_floats: whether there is nothing but floats in them.
        parts: the parts.
        late: the statements that check the arrays, for whoever has not done that otherwise.
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
        self.parts: list[Part] = []
        self.late: list[str] = []
        self._pieces: list[tuple[str, str, str]] = []  # of the list that the next part will be
        self._size = 0  # of that list

    def finished(self) -> str:
        """The expression for the parts."""
        self._end_part()
        return f"({''.join([f'{part.text}, ' for part in self.parts])})"

    def name_of(self, part: Definition) -> str:
        """The variable for an item."""
        name = super().name_of(part)
        if name == f"_v{MOST_PIECES}":
            raise GuardFailure("too many pieces")
        return name

    def leaf(self, name: str, kind: str, is_data: bool) -> None:
        """Read a single number."""
        wanted = "_int, _bool" if is_data and kind == INTEGER else _CLASSES[kind]
        self._pieces.append((name, kind, f"{{{wanted}}}"))
        self._size += 1

    def sequence(self, name: str, definition: Definition) -> None:
        """Read a list or a tuple; rows of one length are one block."""
        levels = levels_of(definition)
        if levels is None:
            super().sequence(name, definition)
        else:
            self._rows(name, *levels)

    def block(self, name: str, kind: str, shape: Any, dtype: str = "") -> None:
        """Read a block of numbers."""
        if kind != "numbers":
            self._rows(name, *levels_of((kind, shape)))  # type: ignore[misc]
        elif dtype == "f":
            self._end_part()
            text = name if len(shape) == 1 else f"{name}.ravel()"
            self.parts.append(Part(text, prod(shape), name, shape))
            self.late += refusal(self._differs(name, shape))
        else:
            raise GuardFailure("an array of integers")

    def _rows(self, name: str, levels: Sequence[tuple[type, int]], kind: str) -> None:
        """Read numbers in lists and tuples, and rows of them."""
        if self._array_reader and kind in (NUMBER, "floats") and _size(levels) >= LEAST_ARRAY:
            self._end_part()
            reader = self.constant(self._array_reader(levels))
            text, size = f"{reader}({name})", _size(levels)
            self.parts.append(Part(text, size, text, (size,)))
            return
        items = name
        for depth, (known, length) in enumerate(levels):
            if depth == 0:
                self.refuse(f"len({name}) != {length}")
            else:
                kinds, lengths = f"set(map(type, {items}))", f"set(map(len, {items}))"
                self.refuse(f"{kinds} != {{_{known.__name__}}} or {lengths} != {{{length}}}")
                items = f"_chain({items})"
        wanted = f"{{{_CLASSES[kind]}}}" if kind in _CLASSES else "_plain"
        self._pieces.append((f"*{items}", VECTORS.get(kind, kind), wanted))
        self._size += _size(levels)

    def _end_part(self) -> None:
        """Make a list of the pieces so far, and check what is in them."""
        if not self._pieces:
            return
        name = f"_part{len(self.parts)}"
        self.lines.append(f"{name} = [{', '.join([piece for piece, _, _ in self._pieces])}]")
        if {kind for _, kind, _ in self._pieces} == {NUMBER}:
            self._pieces = [(f"*{name}", NUMBER, "{_float}")]  # one check for all
        for piece, kind, wanted in self._pieces:
            self.are_floats &= kind == NUMBER
            found = piece[1:] if piece.startswith("*") else f"[{piece}]"
            self.refuse(f"not set(map(type, {found})) <= {wanted}")
            if kind == INTEGER:
                self.refuse(f"not _exact({found})")
        self.parts.append(Part(name, self._size, f"*{name}", None))
        self._pieces, self._size = [], 0


def levels_of(definition: Definition) -> tuple[list[tuple[type, int]], str] | None:
    """How lists and tuples in each other are made up, and of what; None if they differ in length.

    >>> levels_of((list, None, ("floats", 2), ("floats", 2), ("floats", 2)))
    ([(<class 'list'>, 3), (<class 'list'>, 2)], 'floats')
    >>> levels_of((list, None, ("floats", 2), ("floats", 1)))
    """
    if definition.__class__ is str:
        return ([], definition) if definition == NUMBER else None
    kind, *parts = definition
    if kind in VECTORS:
        return [(class_of(kind), parts[0])], kind
    if kind not in (list, tuple) or len(set(parts)) != 2:  # what is static, and the same part
        return None
    inner = levels_of(parts[1])
    return inner and ([(kind, len(parts) - 1), *inner[0]], inner[1])


def has_long_lists(definition: Definition) -> bool:
    """Whether there are lists or tuples in arguments that an array reader takes."""
    if definition.__class__ is str or definition[0] in FIXED or definition[0] == "numbers":
        return False
    found = levels_of(definition)
    if found is not None:
        return _size(found[0]) >= LEAST_ARRAY
    return any(map(has_long_lists, definition[2:]))


def _size(levels: Sequence[tuple[type, int]]) -> int:
    return prod([length for _, length in levels])
