"""A graph at the moments of a training: what it takes to compute its numbers again, later.

A training asks for far more moments than its page keeps. So at each of them only the numbers that
a graph starts from are read, and all others are computed for those that are left at the end, by
another run of the same operations.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from autograd.draw.scene.changes import CHANGED, change_in
from autograd.draw.scene.graph_rewrites import compute_again, result_of
from autograd.draw.scene.structure import Structure, check_shape, is_call
from autograd.graph import leaves, topological_order
from autograd.modes import recorded
from autograd.primitives.definition import Primitive
from autograd.value import Value

SAME: Final = (
    "a recording shows one graph: give it the loss of rows that stay the same,"
    " recording(lambda: loss_of(model))"
)


class Asked(NamedTuple):
    """What the plane of the inputs keeps of a moment.

    Attributes:
        said: what the network said at the first place; `None` if it is not known any more.
        parameters: the numbers of the model's parameters.
    """

    said: float | None
    parameters: array[float]


class Moment(NamedTuple):
    """What a graph starts from.

    Attributes:
        epoch: of the training.
        leaves: the numbers of the leaves.
        plain: the plain numbers among the operands.
        calls: of compiled functions: their operations and results.
        asked: what the plane of the inputs keeps of it.
    """

    epoch: int
    leaves: array[float]
    plain: array[float]
    calls: Sequence[tuple[Primitive, float]]
    asked: Asked | None


class Moments:
    """One graph at several moments.

    Args:
        root: its output, at the first of them.
        paths: of parameters; those that have no part in it are kept as well.

    >>> w = Value(3.0)
    >>> moments = Moments(w * 2.0)
    >>> then = moments.read(w * 2.0, epoch=0)
    >>> w.data = 5.0
    >>> with moments.at(then) as root:
    ...     root.data
    6.0
    >>> w.data
    5.0
    """

    def __init__(self, root: Value, paths: Mapping[Value, str] = MappingProxyType({})) -> None:
        self._shape = Structure.of([root])
        self._paths = paths
        found = dict.fromkeys(leaves(self._shape.order))
        self.leaves: Sequence[Value] = [*found, *(one for one in paths if one not in found)]
        self._plain = array("d")
        self._made: Sequence[Value] = ()
        self._made_of: array[float] | None = None  # the plain numbers in what was made

    def read(self, root: Value, epoch: int, asked: Asked | None = None) -> Moment:
        """The moment at which this, the graph's output, was computed.

        Raises:
            ValueError: the graph has another shape, or other parameters at the same places; or its
                leaves have changed since then: the derivatives would mix two moments.
        """
        order = topological_order(root)
        found = leaves(order)
        plain = self._plain_of(order)
        try:
            if plain is None:
                check_shape(self._shape, Structure.of_order(order, [root]))
            self._check_parameters(found)
        except ValueError as error:
            raise ValueError(f"record: epoch {epoch}: {error} ({SAME})") from error
        if plain is None:
            if change := change_in(order):
                raise ValueError(
                    f"record: epoch {epoch}: {CHANGED}: {change}"
                    " (call the recording before the step of the optimiser)"
                )
            plain = array("d", (x for value in order for x in value.operands if _is_plain(x)))
        if plain.tobytes() == self._plain.tobytes():  # 0.0 is another number than -0.0
            plain = self._plain  # of a training that sees the same rows in each epoch, kept once
        self._plain = plain
        rest = self.leaves[len(found) :]
        numbers = array("d", (leaf.data for leaf in (*found, *rest)))
        calls = [(v.primitive, v.data) for v in order if v.primitive and is_call(v.primitive)]
        return Moment(epoch, numbers, plain, calls, asked)

    def _plain_of(self, order: Sequence[Value]) -> array[float] | None:
        """The plain numbers of a graph of this shape whose results are those of its operands.

        `None` for any other: then who asks finds out what is different. It is the check of every
        epoch that is kept, so it is one pass.
        """
        if len(order) != len(self._shape.order):
            return None
        plain = array("d")
        shape = zip(order, self._shape.primitives, self._shape.tails, strict=True)
        for value, primitive, tails in shape:
            if value.primitive is not primitive:
                return None
            if primitive is None:
                continue
            operands = value.operands
            if len(operands) != len(tails):
                return None
            numbers = []
            for x, tail in zip(operands, tails, strict=True):
                if tail is None:
                    if isinstance(x, Value):
                        return None
                    numbers.append(float(x))
                    plain.append(numbers[-1])
                elif x is order[tail]:
                    numbers.append(order[tail].data)
                else:
                    return None
            try:
                now = float(primitive.value(*numbers))
            except Exception:  # of a user's rule, which may raise anything
                return None
            if now != value.data:  # as two NaN are
                return None
        return plain

    def _check_parameters(self, found: Sequence[Value]) -> None:
        """Raise ValueError if a parameter stands where another leaf was: it has another name."""
        for then, value in zip(self.leaves, found, strict=False):
            if value is not then and value in self._paths:
                raise ValueError(
                    f"{self._paths[value]} stands where {self._paths.get(then, 'no parameter')}"
                    " stood at first"
                )

    @contextmanager
    def at(self, moment: Moment) -> Iterator[Value]:
        """Within the block the leaves have the numbers of a moment; gives the graph's output.

        That may be the same Value as at the moment before, with other numbers.
        """
        with holding(self.leaves, moment.leaves):
            yield self._again(moment)

    def _again(self, moment: Moment) -> Value:
        """The graph, with its numbers of now: the one of the moment before, if that will do."""
        if moment.plain is self._made_of and not moment.calls:
            compute_again(self._made)
        else:
            self._made, self._made_of = self._new(moment), moment.plain
        return self._made[self._shape.outputs[0]]

    def _new(self, moment: Moment) -> list[Value]:
        plain, calls = iter(moment.plain), iter(moment.calls)
        new: list[Value] = []
        with recorded():
            for value, tails in zip(self._shape.order, self._shape.tails, strict=True):
                if value.primitive is None:
                    new.append(value)
                    continue
                operands = tuple(next(plain) if tail is None else new[tail] for tail in tails)
                if is_call(value.primitive):
                    primitive, data = next(calls)
                else:
                    primitive = value.primitive
                    data = primitive.value(
                        *(x.data if isinstance(x, Value) else x for x in operands)
                    )
                new.append(result_of(primitive, operands, data, label=value.label))
        return new


def _is_plain(x: Any) -> bool:
    return not isinstance(x, Value)


@contextmanager
def holding(values: Sequence[Value], numbers: Sequence[float]) -> Iterator[None]:
    """Within the block the Values hold these earlier numbers."""
    before = [value.data for value in values]
    try:
        for value, number in zip(values, numbers, strict=True):
            value.data = number
        yield
    finally:
        for value, number in zip(values, before, strict=True):
            value.data = number
