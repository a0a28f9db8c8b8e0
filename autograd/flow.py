"""Which nodes take part in a derivative, asked where one of them has none.

A derivative that does not exist (`sqrt'(0)`) must raise where it takes part in the result, and only
there. Mostly the symbolic zeros (`autograd.primitives.zero`) ensure that, since a walk does not go
where nothing flows. There are other reasons not to take part:

- The operand is constant: `floor(x)` in `sqrt(floor(x))`. Reverse mode comes from the other end,
  and reaches the root first.
- A user-defined rule returns a plain `0.0`. On floats that is a zero like any other; on Values, the
  rule returns a Value for a computed zero, and a number for what is 0 everywhere.
- An operand is infinite and the derivative in it 0: no small change moves it (a weight of -inf in
  `logsumexp`, the exponential of -inf).

A node is *live* if a result depends on it, and it on the variables of the derivative. Finding the
live nodes takes more walks. It is needed only where a rule raises or gives NaN, since elsewhere a
zero of either kind gives the same numbers. So the passes over the graph ask only then, and reverse
mode, forward mode and derivatives that are Values get the same answer. Compiled code leaves numbers
that are not finite to the plain function.
"""

from collections.abc import Collection, Sequence
from math import isinf
from typing import Any

from autograd.errors import ARITHMETIC, located
from autograd.number import describe, is_number
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.value import Value


class Liveness:
    """Which nodes of a graph take part in a derivative; computed when first asked for.

    Args:
        order: the graph, operands before results.
        roots: the results that are differentiated.
        wrt: the Values that they are differentiated with respect to, and any nodes that depend on
            them; by default all leaves. Results of operations in `order` do not count.

    >>> from autograd import sqrt, where
    >>> x = Value(0.0)
    >>> root = sqrt(x)
    >>> y = where(x > 0, root, x)
    >>> liveness = Liveness([root, y], [y])
    >>> root in liveness, y in liveness
    (False, True)
    """

    _live: set[Value] | None = None

    def __init__(
        self,
        order: Sequence[Value],
        roots: Collection[Value],
        wrt: Collection[Value] | None = None,
    ) -> None:
        self._order = order
        self._roots = roots
        self._wrt = wrt

    def __contains__(self, node: Value) -> bool:
        if self._live is None:
            self._live = self._find()
        return node in self._live

    def along(self, node: Value, flow: Sequence[Any]) -> Sequence[Any]:
        """What flows to the operands of a live node, along edges that carry a derivative."""
        edges = zip(flow, self._edges[node], strict=True)
        return [d if is_open else SYMBOLIC_ZERO for d, is_open in edges]

    def is_differentiable(self, x: Value) -> bool:
        """Whether an operand of a live node takes part: it is live, or a variable."""
        return x in self or self._is_leaf(x)

    def _is_leaf(self, x: Value) -> bool:
        return x not in self._operations and (self._wrt is None or x in self._wrt)

    def reached(self) -> set[Value]:
        """What a result depends on: the Values to which something flows."""
        self._edges: dict[Value, list[bool]] = {}
        reached = set(self._roots)
        for node in reversed(self._order):
            if node in reached and node.primitive is not None:
                self._edges[node] = _carrying(node)
                reached.update(self._open(node))
        return reached

    def _find(self) -> set[Value]:
        self._operations = frozenset([x for x in self._order if x.primitive is not None])
        self.reached()
        live: set[Value] = set()
        for node in self._order:
            if node in self._edges and any(x in live or self._is_leaf(x) for x in self._open(node)):
                live.add(node)
        return live

    def _open(self, node: Value) -> list[Value]:
        """The operands of a node to which something flows."""
        edges = zip(node.operands, self._edges[node], strict=True)
        return [x for x, is_open in edges if is_open]


def _carrying(node: Value) -> list[bool]:
    """For each operand of a node, whether something flows to it."""
    operands = node.operands
    if (carrying := getattr(node.primitive, "carrying", None)) is not None:
        return list(carrying(node))  # a call of a compiled function
    are_values = [x.__class__ is Value for x in operands]
    try:
        flow = pullback(node, 1.0)
    except ARITHMETIC:
        return are_values
    if all(flow):
        return are_values
    try:
        known = pullback(node, 1.0, create_graph=True)
    except Exception:  # a user-defined rule that takes floats only
        known = (node,) * len(operands)
    return [
        is_value and not (d == 0 and (isinf(x._data) or is_zero(symbolic)))
        for x, is_value, d, symbolic in zip(operands, are_values, flow, known, strict=True)
    ]


def is_zero(d: Any) -> bool:
    """Whether a derivative is known to be 0 everywhere: a plain number, and 0.

    A Value that is 0 here may still change, and its own derivative counts.
    """
    return not isinstance(d, Value) and d == 0


def pull(node: Value, g: Any, liveness: Liveness, create_graph: bool = False) -> Sequence[Any]:
    """`pullback`, with nothing for what does not take part in the derivative.

    Raises:
        ValueError, ArithmeticError: a derivative that takes part does not exist.
    """
    try:
        flow = pullback(node, g, create_graph)
    except ARITHMETIC:
        if node not in liveness:
            return (SYMBOLIC_ZERO,) * len(node.operands)
        if (pulled := getattr(node.primitive, "pulled", None)) is None:
            raise
        # A compiled function is many operations: perhaps none of those that take part has failed.
        asked = [x.__class__ is Value and liveness.is_differentiable(x) for x in node.operands]
        flow = pulled(g, node, asked, create_graph)
    for d in flow:
        if is_nan(d):
            if node in liveness:
                return liveness.along(node, flow)
            return (SYMBOLIC_ZERO,) * len(flow)
    return flow


def is_nan(d: Any) -> bool:
    """Whether a derivative, a number or a Value, is not a number."""
    if d.__class__ is Value:
        d = d._data
    return bool(d != d)


def pullback(node: Value, g: Any, create_graph: bool = False) -> Sequence[Any]:
    """The contribution to each operand's adjoint from a node with the adjoint `g`.

    >>> x, y = Value(2.0), Value(5.0)
    >>> pullback(x * y, 1.0)
    (5.0, 2.0)

    Where nothing flows it is `SYMBOLIC_ZERO`; a product is given plain factors of 0 as that.
    """
    primitive = node._primitive
    assert primitive is not None
    operands = node.operands
    try:
        given: Sequence[Any] = operands
        if primitive.is_product:
            given = [x if x.__class__ is Value else x or SYMBOLIC_ZERO for x in operands]
        if create_graph:
            flow: Any = primitive.derivative(g, node, *given)
        else:
            numbers = [x._data if x.__class__ is Value else x for x in given]
            flow = primitive.derivative(g, node._data, *numbers)
        found: tuple[Any, ...] = (flow,) if primitive.arity == 1 else tuple(flow)
        if len(found) != len(operands):
            raise ValueError(f"the rule gave {len(found)} numbers for {len(operands)} operands")
        for d in found:
            if d.__class__ is not float and d.__class__ is not Value and not is_number(d):
                raise ValueError(f"the rule gave {describe(d)} where it must give a number")
    except Exception as error:
        raise located(error, f"derivative of {primitive.name}", operands) from None
    return found
