"""The chain rule backwards over a traced graph, with one node for each adjoint.

An adjoint is a sum: a number that was used a hundred times gets a contribution from each use, most
often a product of the result's adjoint and another number. The plain engine makes a node of every
product and of every addition. Here contributions are collected and become one node, which makes the
graph of a derivative as small as that of the function: a hundred rows through a layer give each
weight one `accumulate` of a hundred products instead of two hundred nodes.

The derivative rules are the same. Those said to be bilinear only multiply the adjoint, so they can
be given one that stores the two factors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, cast

from autograd.flow import pullback
from autograd.jit.programs.compound import ROW, Compound, Part, Row, item
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from autograd.primitives.reductions import total
from autograd.primitives.tracing import ACCUMULATE
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.value import Value, record

ADD = TABLE["add"]


class Factor:
    """An adjoint whose products are stored as pairs.

    >>> Factor(2.0) * 3.0
    (2.0, 3.0)
    """

    __slots__ = ("adjoint",)

    def __init__(self, adjoint: Any) -> None:
        self.adjoint = adjoint

    def __mul__(self, other: Any) -> tuple[Any, Any]:
        return self.adjoint, other


def sweep(
    order: Sequence[Value], seeds: Mapping[Value, Any], wrt: Collection[Value] | None = None
) -> dict[Value, Any]:
    """The adjoints of the graph's inputs: the operands in it that are not among its nodes.

    Args:
        order: the graph, operands before results.
        seeds: the adjoints to start from, by result.
        wrt: the nodes to pass adjoints to; all by default.

    Raises:
        ValueError, ArithmeticError: a derivative does not exist here.
    """
    # By identity: while a function is traced, a Value as a key is looked at (`calls.keys`).
    flows: dict[int, list[Any]] = {id(x): [g] for x, g in seeds.items()}
    met = {id(x): x for x in seeds}
    made = frozenset([id(x) for x in order if x._primitive is not None])
    for node in reversed(order):
        if id(node) not in flows or node._primitive is None:
            continue
        operands, primitive = node.operands, node._primitive
        flow, data = flows.pop(id(node)), cast(Any, node._data)
        g = Parts(flow) if data.__class__ is Row else collected(flow)
        if isinstance(primitive, Compound):
            if wrt is not None and not any(x in wrt for x in operands):
                continue  # for a long row it would be many numbers
            parts = primitive.derivative(g, node, *operands)
        elif "bilinear" in primitive.facts:
            parts = primitive.derivative(Factor(g), node, *operands)
        else:
            parts = pullback(node, g, create_graph=True)
        for x, d in zip(operands, parts, strict=True):
            if x.__class__ is Value and (wrt is None or x in wrt):
                if d.__class__ is Factor:
                    d = g
                elif (
                    d.__class__ is tuple
                    and d[1].__class__ is not Value
                    and d[1] == 0
                    and id(x) in made
                ):
                    continue  # inputs keep it: sums of one length become arrays
                if d is not SYMBOLIC_ZERO:
                    if id(x) in flows:
                        flows[id(x)].append(d)
                    else:
                        flows[id(x)], met[id(x)] = [d], x
    return {met[leaf]: collected(flow) for leaf, flow in flows.items()}


class Parts:
    """The adjoint of a row, or of all that a loop returns.

    Args:
        flow: the contributions: rows, and such adjoints, of the whole; `Part`s of one place.
    """

    def __init__(self, flow: Sequence[Any]) -> None:
        self._wholes: list[Any] = []
        self._places: dict[int, list[Any]] = {}
        for d in flow:
            if d.__class__ is Part:
                self._places.setdefault(d.place, []).append(d.g)
            elif d.__class__ is Parts:
                self._wholes += d._wholes
                for place, contributions in d._places.items():
                    self._places.setdefault(place, []).extend(contributions)
            else:
                self._wholes.append(d)

    def number(self, place: int) -> Any:
        """The adjoint of the number at a place."""
        flow = [*self._places.get(place, ()), *(applied(item(place), x) for x in self._wholes)]
        return collected(flow) if flow else SYMBOLIC_ZERO

    def row(self, place: int, turns: int | None) -> Any:
        """The adjoint of the row at a place of a loop; None if nothing flows to it."""
        return Parts(self._places.get(place, ()))._as_row(turns)

    def _as_row(self, turns: int | None) -> Any:
        rows = self._wholes
        if self._places:
            at = [collected(self._places.get(k, (SYMBOLIC_ZERO,))) for k in range(turns or 0)]
            rows = [*rows, applied(ROW, *at)]
        if len(rows) < 2:
            return rows[0] if rows else None
        body = Program()
        total, *others = [body.input() for _ in rows]
        for node in others:
            total = body.apply(ADD, total, node)
        body.outputs = [total]
        return applied(item(0), applied(Loop(body, turns, 0, len(rows)), *rows))


def applied(operation: Primitive, *operands: Any) -> Any:
    """An operation on numbers, rows and Values, as a node of the trace if there is a Value."""
    return result(operation, operands, operation.value(*numbers_of(operands)))


def recorded_as(operation: Primitive) -> Callable[..., Any]:
    """An operation as the function that `applied` is for it."""
    return partial(applied, operation)


def collected(flow: Sequence[Any]) -> Any:
    """The sum of the contributions to an adjoint: products as pairs, others as numbers.

    >>> collected([(2.0, 3.0), 1.0])
    7.0
    """
    pairs = [d for d in flow if d.__class__ is tuple]
    if len(pairs) < 2:
        terms = [d[0] * d[1] if d.__class__ is tuple else d for d in flow]
    else:
        terms = [_accumulated(pairs), *(d for d in flow if d.__class__ is not tuple)]
    if len(terms) < 3:
        return terms[0] if len(terms) == 1 else terms[0] + terms[1]
    return _added(terms)


def _added(terms: Sequence[Any]) -> Any:
    return result(total.primitive, terms, sum(numbers_of(terms), SYMBOLIC_ZERO))


def _accumulated(pairs: Sequence[tuple[Any, Any]]) -> Any:
    factors = [*[a for a, _ in pairs], *[b for _, b in pairs]]
    return result(ACCUMULATE, factors, ACCUMULATE.value(*numbers_of(factors)))


def numbers_of(operands: Sequence[Any]) -> list[Any]:
    """Those of Values, and the others as they are."""
    return [x._data if x.__class__ is Value else x for x in operands]


def result(operation: Primitive, operands: Sequence[Any], data: Any) -> Any:
    """The result of an operation that is this number: a Value if an operand is one."""
    if not any(x.__class__ is Value for x in operands):
        return data
    if operation.arity == 1:
        return record(data, operation, operands[0], None)
    if operation.arity == 2:
        return record(data, operation, *operands)
    return record(data, operation, tuple(operands), None)
