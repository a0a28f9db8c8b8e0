"""Operations on what is no number: on rows, and on what a loop returns (see `loops`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from autograd.dependence import constants
from autograd.primitives.definition import Primitive

Meaning = Callable[[Primitive], Callable[..., Any]]


class Row(Sequence[Any]):
    """The numbers of a row, or the results of a loop: the data of a node that is no number.

    Compared by identity, as Values are: 0.0 and -0.0 are equal, and rows of them are not the same.

    Args:
        numbers: they, or what computes them when they are read for the first time.
    """

    __slots__ = ("_numbers",)

    def __init__(self, numbers: Iterable[Any] | Callable[[], Iterable[Any]]) -> None:
        self._numbers: Any = numbers if callable(numbers) else tuple(numbers)

    @property
    def numbers(self) -> tuple[Any, ...]:
        """All of them."""
        if self._numbers.__class__ is not tuple:
            self._numbers = tuple(self._numbers())
        found: tuple[Any, ...] = self._numbers
        return found

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: Any) -> Any:
        return self.numbers[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.numbers)


class Compound(Primitive):
    """An operation that makes or reads what is no number.

    Its derivative rule is given Values, and the adjoint of a row or loop as `Parts`.
    """

    __slots__ = ()

    arity: int | None = None
    is_additive = False
    is_product = False
    facts = frozenset({"total"})
    neutral = joins = formula = domain = None

    def __init__(self, name: str) -> None:
        self.name = self.symbol = name

    def value(self, *operands: Any) -> Any:
        """The result for floats and rows of floats."""
        raise NotImplementedError

    def derivative(self, g: Any, out: Any, *operands: Any) -> Sequence[Any]:
        """The contributions to the operands."""
        raise NotImplementedError

    def pushforward(self, out: Any, tangents: Mapping[Any, Any], create_graph: bool) -> Any:
        """The tangent of the result, given those of the operands that move.

        Of a row it is a row, of a loop a list of the tangents of its results. A graph is always
        created.
        """
        raise NotImplementedError

    def dependence(self, operands: Sequence[Any]) -> Any:
        """What the result depends on (`autograd.dependence`); of a row, at each place."""
        return self.value(*operands)

    def meant(self, meaning: Meaning) -> Callable[..., Any]:
        """What it is where operations on numbers have another meaning: the same, on rows of these.

        So a program is written out turn by turn, on Values or on the nodes of another program.
        """
        return self.value


class Item(Compound):
    """The number, or row, at a place of a row or of a loop."""

    __slots__ = ("place",)

    arity = 1

    def __init__(self, place: int) -> None:
        super().__init__(f"item{place}")
        self.place = place

    def value(self, row: Any) -> Any:
        """The item."""
        return row[self.place]

    def derivative(self, g: Any, out: Any, row: Any) -> Sequence[Any]:
        """The adjoint goes to this place alone."""
        return [Part(self.place, g)]

    def pushforward(self, out: Any, tangents: Mapping[Any, Any], create_graph: bool) -> Any:
        """That of this place."""
        from autograd.jit.tracing.sweep import applied

        found = tangents[out.operands[0]]
        return found[self.place] if found.__class__ is list else applied(self, found)


item = cache(Item)
"""The operation that reads a place."""


class Literal(Compound):
    """A row of constants: an operation without operands."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Row) -> None:
        super().__init__("literal")
        self.numbers = numbers

    def value(self) -> Any:
        """The row."""
        return self.numbers

    def dependence(self, operands: Sequence[Any]) -> Any:
        """None of the numbers depends on anything."""
        return constants(self.numbers)

    def derivative(self, g: Any, out: Any) -> Sequence[Any]:
        """It has no operands."""
        return []


class _Collect(Compound):
    """Numbers as a row."""

    __slots__ = ()

    def value(self, *numbers: Any) -> Any:
        """The row."""
        return Row(numbers)

    def derivative(self, g: Any, out: Any, *numbers: Any) -> Sequence[Any]:
        """Each number gets the part of its place: the adjoint is a `Parts` of numbers."""
        return [g.number(k) for k in range(len(numbers))]

    def pushforward(self, out: Any, tangents: Mapping[Any, Any], create_graph: bool) -> Any:
        """A row of tangents."""
        from autograd.jit.tracing.sweep import applied
        from autograd.primitives.zero import SYMBOLIC_ZERO

        return applied(self, *[tangents.get(x, SYMBOLIC_ZERO) for x in out.operands])


ROW = _Collect("row")


class Part:
    """A contribution to the adjoint of a row or a loop, at one place."""

    __slots__ = ("g", "place")

    def __init__(self, place: int, g: Any) -> None:
        self.place = place
        self.g = g
