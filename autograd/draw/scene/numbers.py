"""The numbers of a graph, and what a scene shows of them.

`Numbers` holds the numbers of each Value and each operand; `measure` sums them up for every node
and edge of a scene. A node that stands for many Values shows the range of their numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from autograd.draw.scene.parts import (
    RESULT,
    Edge,
    Node,
    NumberNode,
    OperationNode,
    Place,
    Scene,
)
from autograd.flow import Liveness, pull, pullback
from autograd.number import is_number
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.value import Value

T = TypeVar("T", covariant=True)


class Span(NamedTuple):
    """The smallest and the largest of some numbers; `high` is NaN if any of them is.

    >>> Span.of([2.0, 1.0, 5.0])
    Span(low=1.0, high=5.0)
    """

    low: float
    high: float

    @property
    def is_finite(self) -> bool:
        """Whether all the numbers are finite."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @staticmethod
    def of(numbers: Iterable[float | None]) -> Span | None:
        """The span of the numbers that are not `None`, or `None` if there are none."""
        known = [x for x in numbers if x is not None]
        if len(known) == 1:
            return Span(known[0], known[0])
        if not known:
            return None
        ordered = [x for x in known if x == x]  # not NaN, and faster than asking
        low = min(ordered, default=math.nan)
        return Span(low, max(ordered) if len(ordered) == len(known) else math.nan)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a graph at one moment, by index in its topological order.

    Attributes:
        data: the number of each Value.
        grad: its gradient; `None` if there is none, or it is not a number.
        operands: for each Value, the numbers of its operands.
        tails: for each Value, the index of each operand, or `None` for a plain number.
        locals: for each Value, the derivative of it in each operand; `None` where there is none.
        flows: for each Value, its contribution to the gradient of each operand; `None` where it is
            unknown.
        failure: the Value at which a backward pass cannot go on, and why; or `None`.
    """

    data: Sequence[float]
    grad: Sequence[float | None]
    operands: Sequence[Sequence[float]]
    tails: Sequence[Sequence[int | None]]
    locals: Sequence[Sequence[float | None]]
    flows: Sequence[Sequence[float | None]]
    failure: tuple[int, str] | None = None


class _Always(Sequence[T]):
    """A sequence with the same item at every index."""

    def __init__(self, item: T) -> None:
        self._item = item

    def __len__(self) -> int:
        return 0

    def __getitem__(self, index: Any) -> Any:
        return self._item


def numbers_now(order: Sequence[Value], known: Numbers | None = None) -> Numbers:
    """The current numbers, gradients included.

    Args:
        order: the graph.
        known: its numbers with other gradients: all except gradients and flows come from them.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> y.backward()
    >>> numbers_now([x, y]).flows
    [(), (3.0, 3.0)]
    """
    grads = [_grad(v) for v in order]
    flows = [_flow(v, g) for v, g in zip(order, grads, strict=True)]
    if known is None:
        return _numbers(order, grads, flows)
    return replace(known, grad=grads, flows=flows, failure=None)


def numbers_of_values(order: Sequence[Value]) -> Numbers:
    """The current data and gradients, without those of operands: enough for a summary.

    >>> numbers = numbers_of_values([Value(3.0) + 1])
    >>> numbers.data, numbers.flows[0][0]
    ([4.0], None)
    """
    data, grad = [v.data for v in order], [_grad(v) for v in order]
    nothing = _Always(_Always(None))
    return Numbers(data, grad, _Always(_Always(math.nan)), nothing, nothing, nothing)


def numbers_of_backward(order: Sequence[Value], *outputs: Value) -> Numbers:
    """The numbers that a backward pass from the sum of the outputs gives; no `.grad` is touched.

    The contributions are added in the order in which `backward` adds them.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> numbers_of_backward([x, y], y).grad, x.grad
    ([6.0, 1.0], 0.0)
    """
    index = {value: i for i, value in enumerate(order)}
    grads: list[float | None] = [SYMBOLIC_ZERO] * len(order)
    for output in dict.fromkeys(outputs):
        grads[index[output]] = 1.0
    flows: list[Sequence[float | None]] = [()] * len(order)
    failure = None
    liveness = Liveness(order, outputs)
    for i in range(len(order) - 1, -1, -1):
        value = order[i]
        if value.primitive is None:
            continue
        flow: Sequence[float | None] = ()
        if failure is None:
            try:
                flow = _backward_flow(value, grads[i], liveness)
            except Exception as error:
                failure = (i, str(error))
        if failure is not None:
            flows[i] = (None,) * len(value.operands)
            for operand in value.operands:  # what would have been added to it is unknown
                if isinstance(operand, Value):
                    grads[index[operand]] = None
            continue
        flows[i] = flow
        for operand, d in zip(value.operands, flow, strict=True):
            if isinstance(operand, Value) and d is not None:
                known = grads[index[operand]]
                grads[index[operand]] = d if known is None else known + d
    return _numbers(order, [g if g is None else float(g) for g in grads], flows, failure)


def operand_numbers(value: Value) -> tuple[float, ...]:
    """The numbers of its operands: read here, they do not leave the graph."""
    return tuple(x.data if isinstance(x, Value) else float(x) for x in value.operands)


def _grad(value: Value) -> float | None:
    return float(value.grad) if is_number(value.grad) else None


def _backward_flow(value: Value, g: float | None, liveness: Liveness) -> Sequence[float | None]:
    if g is None or g is SYMBOLIC_ZERO:  # nothing flows here
        return (SYMBOLIC_ZERO,) * len(value.operands)
    return [d if d is SYMBOLIC_ZERO else float(d) for d in pull(value, g, liveness)]


def _numbers(
    order: Sequence[Value],
    grads: Sequence[float | None],
    flows: Sequence[Sequence[float | None]],
    failure: tuple[int, str] | None = None,
) -> Numbers:
    index = {value: i for i, value in enumerate(order)}
    return Numbers(
        data=[v.data for v in order],
        grad=grads,
        operands=[operand_numbers(v) for v in order],
        tails=[
            tuple(index[x] if isinstance(x, Value) else None for x in v.operands) for v in order
        ],
        locals=[_flow(v, 1.0) for v in order],
        flows=flows,
        failure=failure,
    )


def _flow(value: Value, g: float | None) -> Sequence[float | None]:
    """What flows to each operand from an adjoint `g`, or `None` where that is unknown."""
    if value.primitive is None:
        return ()
    if not g:  # of an adjoint of 0 it is not known whether anything flows on, and nothing of none
        return (g,) * len(value.operands)
    try:
        return tuple(float(d) for d in pullback(value, g))
    except Exception:  # the derivative does not exist here
        return (None,) * len(value.operands)


class NodeNumbers(NamedTuple):
    """What a node shows: the span of its data, and of its gradients."""

    data: Span | None
    grad: Span | None


class EdgeNumbers(NamedTuple):
    """What an edge shows: local derivatives, and what flows back along it.

    On the edge of a result, the flow is its gradient.
    """

    local: Span | None
    flow: Span | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The numbers of a scene: one entry for each of its nodes, and for each of its edges."""

    nodes: tuple[NodeNumbers, ...]
    edges: tuple[EdgeNumbers, ...]


def measure(scene: Scene, numbers: Numbers) -> Reading:
    """Sum up the numbers of a graph for a scene of it."""
    return Reading(
        tuple(_of_node(node, numbers) for node in scene.nodes),
        tuple(_of_edge(edge, numbers) for edge in scene.edges),
    )


def _of_node(node: Node, numbers: Numbers) -> NodeNumbers:
    match node:
        case OperationNode():
            return NodeNumbers(None, None)
        case NumberNode():
            return NodeNumbers(Span.of(numbers.operands[i][k] for i, k in node.members), None)
        case _:
            return NodeNumbers(
                Span.of(numbers.data[i] for i in node.members),
                Span.of(numbers.grad[i] for i in node.members),
            )


def _of_edge(edge: Edge, numbers: Numbers) -> EdgeNumbers:
    def local(place: Place) -> float | None:
        i, k = place
        return None if k == RESULT else numbers.locals[i][k]

    def flow(place: Place) -> float | None:
        i, k = place
        return numbers.grad[i] if k == RESULT else numbers.flows[i][k]

    return EdgeNumbers(Span.of(map(local, edge.members)), Span.of(map(flow, edge.members)))
