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
that are not finite to the plain function: all results of one call together (`Liveness.wait`), since
what flows from each may cancel, or lift a zero, at the numbers they have in common.
"""

from collections.abc import Collection, Sequence
from math import isinf
from typing import Any, final

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
    _last: dict[int, Value] | None = None  # of each compiled call the result that is met last
    waiting: dict[Value, list[tuple[Value, Any]]]
    """Results of compiled calls with their adjoints, by the result that the walk meets last."""

    def __init__(
        self,
        order: Sequence[Value],
        roots: Collection[Value],
        wrt: Collection[Value] | None = None,
    ) -> None:
        self._order = order
        self._roots = roots
        self._wrt = wrt
        self.waiting = {}

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

    def wait(self, node: Value, g: Any, create_graph: bool) -> Sequence[Any]:
        """What flows from a result of a compiled call that only plain execution can decide.

        That is nothing as long as the walk has not met the other results of the call.
        """
        if self._last is None:
            self._last = {}
            for x in self._order:
                if (call := getattr(x._primitive, "call", None)) is not None:
                    self._last.setdefault(id(call), x)
        last = self._last[id(node._primitive.call)]  # type: ignore[union-attr]
        self.waiting.setdefault(last, []).append((node, g))
        if node is last:
            return self.decided(last, create_graph)
        return (SYMBOLIC_ZERO,) * len(node.operands)

    def decided(self, last: Value, create_graph: bool = False) -> Sequence[Any]:
        """What flows from all results of a call that have waited for the last.

        Raises:
            ValueError, ArithmeticError: a derivative that takes part does not exist.
        """
        group = self.waiting.pop(last)
        primitive: Any = last._primitive
        try:
            flow = primitive.pulled(group, None, create_graph)
            if not any(map(is_nan, flow)):
                return list(flow)
        except ARITHMETIC:
            flow = None
        live = [(x, g) for x, g in group if x in self]
        if not live:
            return (SYMBOLIC_ZERO,) * len(last.operands)
        if flow is None:
            # A call is many operations: perhaps none of those that take part has failed.
            asked = [x.__class__ is Value and self.is_differentiable(x) for x in last.operands]
            flow = primitive.pulled(live, asked, create_graph)
        elif len(live) < len(group):
            flow = primitive.pulled(live, None, create_graph)
        are_open = map(any, zip(*[self._edges[x] for x, _ in live], strict=True))
        return [d if is_open else SYMBOLIC_ZERO for d, is_open in zip(flow, are_open, strict=True)]

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
    """`pullback`, with nothing for what does not take part in the derivative, or has to wait.

    Raises:
        ValueError, ArithmeticError: a derivative that takes part does not exist.
    """
    try:
        flow = pullback(node, g, create_graph, is_alone=False)
    except ARITHMETIC:
        if node not in liveness:
            return (SYMBOLIC_ZERO,) * len(node.operands)
        raise
    if flow.__class__ is Undecided:
        return liveness.wait(node, g, create_graph)
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


@final
class Undecided(list[float]):
    """What a compiled call gives where plain execution decides what flows: NaN for each operand."""


def pullback(
    node: Value, g: Any, create_graph: bool = False, is_alone: bool = True
) -> Sequence[Any]:
    """The contribution to each operand's adjoint from a node with the adjoint `g`.

    >>> x, y = Value(2.0), Value(5.0)
    >>> pullback(x * y, 1.0)
    (5.0, 2.0)

    Where nothing flows it is `SYMBOLIC_ZERO`; a product is given plain factors of 0 as that.

    Args:
        node: the result of an operation.
        g: its adjoint.
        create_graph: compute with Values instead of floats.
        is_alone: whether nothing flows from other results of the same compiled call; if some may
            the contribution may be `Undecided`.
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
        if flow.__class__ is Undecided:
            if not is_alone:
                return flow
            flow = primitive.pulled([(node, g)], None, create_graph)  # type: ignore[attr-defined]
        found: tuple[Any, ...] = (flow,) if primitive.arity == 1 else tuple(flow)
        if len(found) != len(operands):
            raise ValueError(f"the rule gave {len(found)} numbers for {len(operands)} operands")
        for d in found:
            if d.__class__ is not float and d.__class__ is not Value and not is_number(d):
                raise ValueError(f"the rule gave {describe(d)} where it must give a number")
    except Exception as error:
        raise located(error, f"derivative of {primitive.name}", operands) from None
    return found
