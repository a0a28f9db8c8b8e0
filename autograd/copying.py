"""Copies and pickles of Values: of the whole graph below them, however deep.

Python's `copy` and `pickle` follow operands by recursion, which fails after a few hundred
operations. Here `deepcopy` walks the graph, and a pickle holds it as flat lists. Sharing is kept:
Values in one structure that is copied or pickled at once have their common history once. A gradient
that is a Value (`backward(create_graph=True)`) is copied with its graph.

All Values of a graph are pickled as indexes into one `Graph`, which a pickler writes once. The
Graph of a Value is remembered for as long as a pickler holds it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from threading import local
from typing import Any
from weakref import ref

from autograd.primitives.definition import Primitive
from autograd.value import Value, record

_pickling = local()
"""For this thread, as `graphs`: the graph of each Value that is being pickled."""


def shallow_copy(value: Value) -> Value:
    """A new Value with the same operands."""
    node = object.__new__(Value)
    for slot in Value.__slots__:
        setattr(node, slot, getattr(value, slot))
    return node


def deep_copy(value: Value, memo: dict[int, Any]) -> Value:
    """A copy of the Value and of its whole graph, except for what `memo` already has."""
    found = []
    stack = [value]
    while stack:
        node = stack.pop()
        if id(node) not in memo:
            memo[id(node)] = object.__new__(Value)
            found.append(node)
            stack += _beside(node)
    memo.setdefault(id(memo), []).extend(found)  # kept alive, so that no `id` is reused
    for node in found:
        made = memo[id(node)]
        made._data, made.label, made._primitive = node._data, node.label, node._primitive
        made._b = memo[id(node._b)] if node._b.__class__ is Value else node._b
        a = node._a
        made._a = (
            tuple([memo[id(x)] if x.__class__ is Value else x for x in a])
            if a.__class__ is tuple
            else memo[id(a)]
            if a.__class__ is Value
            else a
        )
        made.grad = node.grad if type(node.grad) is float else copy.deepcopy(node.grad, memo)
    copied: Value = memo[id(value)]
    return copied


def pickled(value: Value) -> tuple[Any, ...]:
    """What `Value.__reduce_ex__` returns."""
    if _is_plain(value):
        return leaf, (value._data, value.grad, value.label)
    graph = _graph_of(value) or Graph(value)
    return _picked, (graph, graph.places[value])


class Graph:
    """A Value and its whole graph, for a pickler; leaves are pickled separately.

    Attributes:
        places: the index of each node in the list that loading gives.
    """

    __slots__ = ("__weakref__", "_known", "places")

    def __init__(self, root: Value) -> None:
        self.places: dict[Value, int] = {}
        self._known = _graphs()
        me = ref(self)
        stack = [root]
        while stack:
            node = stack.pop()
            if node not in self.places:
                self.places[node] = len(self.places)
                self._known[node] = me
                stack += [x for x in _beside(node) if not _is_plain(x) and _graph_of(x) is None]

    def __del__(self) -> None:
        for node in self.places:
            self._known.pop(node, None)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """The graph as flat lists, with its current numbers.

        An operand is a place in this graph, or `~k` for the outer Value k, or `None` for the next
        of the numbers. An operation that keeps its operands in a tuple has `~count` of them.
        """
        places = self.places
        outer: dict[Value, int] = {}
        primitives: dict[Primitive | None, int] = {}
        operations, counts, numbers = [], [], []
        operands: list[int | None] = []
        gradients: list[int | None] = []

        def place(x: Value) -> int:
            return places[x] if x in places else ~outer.setdefault(x, len(outer))

        for node in places:
            operations.append(primitives.setdefault(node._primitive, len(primitives)))
            mine = node.operands
            counts.append(~len(mine) if type(node._a) is tuple else len(mine))
            for x in mine:
                if x.__class__ is Value:
                    operands.append(place(x))
                else:
                    operands.append(None)
                    numbers.append(x)
            gradients.append(place(node.grad) if node.grad.__class__ is Value else None)
        has_values = any(g is not None for g in gradients)
        return _rebuilt, (
            list(outer),
            list(primitives),
            operations,
            counts,
            operands,
            numbers,
            [node._data for node in places],
            [None if node.grad.__class__ is Value else node.grad for node in places],
            gradients if has_values else [],
            {k: node.label for node, k in places.items() if node.label},
        )


def leaf(data: float, grad: Any, label: str) -> Value:
    """A leaf, with its data, gradient and label."""
    node = record(data, None, None, None)
    node.grad, node.label = grad, label
    return node


def _rebuilt(
    outer: Sequence[Value],
    primitives: Sequence[Primitive],
    operations: Sequence[int],
    counts: Sequence[int],
    operands: Sequence[int | None],
    numbers: Sequence[float],
    data: Sequence[float],
    plain_gradients: Sequence[Any],
    gradients: Sequence[int | None],
    labels: dict[int, str],
) -> list[Value]:
    """The nodes of a `Graph`, from what its `__reduce_ex__` returned."""
    nodes = [leaf(x, 0.0, "") for x in data]
    each, number = iter(operands), iter(numbers)

    def at(k: int) -> Value:
        return nodes[k] if k >= 0 else outer[~k]

    for node, operation, count in zip(nodes, operations, counts, strict=True):
        node._primitive = primitives[operation]
        size = count if count >= 0 else ~count
        places = [next(each) for _ in range(size)]
        mine = [next(number) if k is None else at(k) for k in places]
        if count < 0:
            node._a = tuple(mine)
        elif count > 0:
            node._a, node._b = mine[0], mine[1] if count == 2 else None
    for node, grad in zip(nodes, plain_gradients, strict=True):
        node.grad = grad
    for node, k in zip(nodes, gradients, strict=False):
        if k is not None:
            node.grad = at(k)
    for k, label in labels.items():
        nodes[k].label = label
    return nodes


def _picked(nodes: Sequence[Value], k: int) -> Value:
    return nodes[k]


def _beside(node: Value) -> Iterator[Value]:
    """The Values below a Value: its operands, and its gradient if that is a Value."""
    return (x for x in (*node.operands, node.grad) if x.__class__ is Value)


def _is_plain(x: Value) -> bool:
    return x._primitive is None and x.grad.__class__ is not Value


def _graphs() -> dict[Value, ref[Graph]]:
    """Each Value that this thread pickles now, and the graph it belongs to."""
    found: dict[Value, ref[Graph]] = _pickling.__dict__.setdefault("graphs", {})
    return found


def _graph_of(x: Value) -> Graph | None:
    found = _graphs().get(x)
    return None if found is None else found()
