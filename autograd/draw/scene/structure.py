"""A graph as plain integers: which Value is computed from which.

Everything that decides how a graph is drawn reads this: Values are their indexes in topological
order, so decisions depend on the graph alone, never on addresses of objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import pack
from typing import TYPE_CHECKING, TypeGuard

from autograd.cached import cached_property
from autograd.draw.scene.parts import Place
from autograd.draw.scene.paths import NO_NAMES, Names, without_digits
from autograd.graph import topological_order
from autograd.primitives.arithmetic import mul
from autograd.primitives.definition import Primitive
from autograd.primitives.reductions import inner
from autograd.scopes import Scope
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.jit.calls.operation import Operation

ANY_TURN = "step"  # the name of a turn without another
JOINTS = " _-.:,/#=()[]"  # between a name and its number

MUL, DOT = mul.primitive, inner.primitive


@dataclass(frozen=True)
class Structure:
    """The shape of a graph.

    Attributes:
        order: the Values, operands before results.
        tails: for each, the index of each operand, or `None` for a plain number.
        outputs: the indexes of the Values that are drawn as outputs, each once.
        paths: the path of each parameter in the model, by index.
        scopes: the scope that each result was computed in, by index, where that is known.
        titles: the title of each module's box, by the module's `id`.
    """

    order: Sequence[Value]
    tails: Sequence[Sequence[int | None]]
    outputs: tuple[int, ...]
    paths: Mapping[int, str]
    scopes: Mapping[int, Scope]
    titles: Mapping[int, str]

    @staticmethod
    def of(roots: Iterable[Value], names: Names = NO_NAMES) -> Structure:
        """The structure of the graph with these outputs.

        >>> x = Value(3.0)
        >>> Structure.of([x * 2 + x]).tails
        [(), (0, None), (1, 0)]
        """
        roots = tuple(roots)
        return Structure.of_order(topological_order(*roots), roots, names)

    @staticmethod
    def of_order(
        order: Sequence[Value], outputs: Iterable[Value], names: Names = NO_NAMES
    ) -> Structure:
        """The structure of a graph that is already listed, operands before results."""
        index = {value: i for i, value in enumerate(order)}
        return Structure(
            order,
            [tuple(index[x] if isinstance(x, Value) else None for x in v.operands) for v in order],
            tuple(dict.fromkeys(index[output] for output in outputs)),
            {index[value]: path for value, path in names.paths.items() if value in index},
            {i: names.scopes[value] for i, value in enumerate(order) if value in names.scopes},
            names.titles,
        )

    @cached_property
    def primitives(self) -> list[Primitive | None]:
        """The operation of each Value, `None` for a leaf."""
        return [value.primitive for value in self.order]

    @cached_property
    def readers(self) -> list[list[Place]]:
        """For each Value, the places where it is an operand."""
        readers: list[list[Place]] = [[] for _ in self.order]
        for i, tails in enumerate(self.tails):
            for k, tail in enumerate(tails):
                if tail is not None:
                    readers[tail].append((i, k))
        return readers

    @cached_property
    def numbers(self) -> list[Place]:
        """The places of the operands that are plain numbers."""
        return [
            (i, k)
            for i, tails in enumerate(self.tails)
            if None in tails
            for k, tail in enumerate(tails)
            if tail is None
        ]

    @cached_property
    def turn_titles(self) -> dict[str, str]:
        """The names of `scope` blocks that have digits, and what they are called in a loop.

        >>> from autograd import record_scopes, scope
        >>> with record_scopes() as scopes, scope("step 12"):
        ...     y = Value(1.0) * 2
        >>> Structure.of([y], Names(scopes=scopes.of)).turn_titles
        {'step 12': 'step'}
        """
        blocks = (scope for inner in set(self.scopes.values()) for scope in inner.outward())
        names = {scope.name for scope in blocks if scope.module is None}
        return {
            name: " ".join(bare.strip(JOINTS).split()) or ANY_TURN
            for name in names
            if (bare := "".join(c for c in name if not c.isdigit())) != name
        }

    def factor_of(self, i: int, k: int) -> int | None:
        """The Value by which the operand at a place is multiplied, if it is one.

        >>> x, y = Value(3.0), Value(4.0)
        >>> from autograd import dot
        >>> structure = Structure.of([dot([x, y], [1.0, 2.0])])
        >>> [structure.factor_of(2, k) for k in range(4)]
        [None, None, 0, 1]
        """
        primitive, tails = self.primitives[i], self.tails[i]
        if primitive is not MUL and primitive is not DOT:
            return None
        half = len(tails) // 2
        return tails[(k + half) % len(tails)]

    def label(self, members: Iterable[int]) -> str:
        """The common label of these Values, or an empty one; `h1 … h9`, if only digits differ."""
        labels = sorted({str(self.order[i].label) for i in members}, key=lambda x: (len(x), x))
        if len(labels) == 1:
            return labels[0]
        alike = len(set(map(without_digits, labels))) == 1
        return f"{labels[0]} … {labels[-1]}" if alike else ""

    def operand_label(self, places: Iterable[Place]) -> str:
        """The common label of the operands at these places; empty where there is none."""
        read = {self.tails[i][k] for i, k in places}
        labels = {"" if tail is None else str(self.order[tail].label) for tail in read}
        return labels.pop() if len(labels) == 1 else ""

    def number(self, i: int, k: int) -> float:
        """The plain number at a place."""
        return float(self.order[i].operands[k])

    def bits(self, i: int, k: int) -> bytes:
        """The bits of the number at a place: equal ones are the same number to the last bit."""
        return pack("d", self.number(i, k))


def check_shape(then: Structure, now: Structure) -> None:
    """Raise ValueError if two graphs differ in more than their numbers.

    >>> x = Value(2.0)
    >>> check_shape(Structure.of([x * x]), Structure.of([x * 2]))
    Traceback (most recent call last):
    ValueError: the graph has another shape: Value 1 was mul(0, 0), now it is mul(0, a number)
    """
    if now.outputs != then.outputs or len(now.order) != len(then.order):
        raise ValueError(
            f"the graph has another shape: it had {len(then.order)} Values and"
            f" {len(then.outputs)} outputs, now it has {len(now.order)} and {len(now.outputs)}"
        )
    for i in range(len(now.order)):
        if now.tails[i] != then.tails[i] or not _are_same(then.primitives[i], now.primitives[i]):
            raise ValueError(
                f"the graph has another shape: Value {i} was {_made(then, i)},"
                f" now it is {_made(now, i)}"
            )


def is_call(primitive: Primitive) -> TypeGuard[Operation]:
    """Whether an operation is one call of a compiled function: no other has it."""
    return type(primitive) is not Primitive


def _are_same(then: Primitive | None, now: Primitive | None) -> bool:
    """Whether two operations do the same with other numbers."""
    if then is now:
        return True
    if then is None or now is None:
        return False
    return is_call(then) and is_call(now) and then.name == now.name


def _made(structure: Structure, i: int) -> str:
    primitive = structure.primitives[i]
    if primitive is None:
        return "a leaf"
    operands = ("a number" if tail is None else str(tail) for tail in structure.tails[i])
    return f"{primitive.name}({', '.join(operands)})"
