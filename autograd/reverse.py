"""Reverse mode: the chain rule, from a result back to everything it depends on.

Three passes over the same derivative rules:

- `backward` works on floats and leaves the gradients in `.grad`. It is the inner loop of all
  training in plain Python, so it is the one place written for speed before brevity.
- `backward_with_graph` does the same with Values, so that the gradients can be differentiated.
- `adjoints` is the pure form that the functional transforms use: it touches no `.grad`.

An adjoint is the derivative of the final result with respect to one node. Where nothing flows to a
node, because each of its uses gave a symbolic zero (`autograd.primitives.zero`), nothing is passed
on: a side that was not taken cannot raise an error or turn 0 * inf into NaN. An adjoint that was
computed to be 0 is passed on like any other. Where a derivative does not exist, `autograd.flow`
says whether it takes part.

Source: Griewank and Walther, *Evaluating Derivatives* (2008), chapter 3.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from autograd.errors import ARITHMETIC
from autograd.flow import Liveness, is_zero, pull, pullback
from autograd.graph import topological_order
from autograd.modes import current_tape, pause_gc
from autograd.number import describe, is_number
from autograd.primitives.zero import SYMBOLIC_ZERO as ZERO
from autograd.value import Value


def backward(root: Value) -> None:
    """Add the derivative of `root` to each node's `.grad`, as `Value.backward` describes."""
    with pause_gc():
        if root.primitive is None:
            root.grad = _added(root, 1.0)
            return
        order, mark = _order_and_clear(root)
        liveness = Liveness(order, [root])
        root.grad = 1.0
        walk = reversed(order)  # an iterator: after a node that is in trouble comes the next one
        while not _went_through(walk, mark, liveness):
            if liveness.waiting:
                _go_on(walk, mark, liveness)


def _went_through(walk: Iterator[Value], mark: float, liveness: Liveness) -> bool:
    """Go on with `backward`, up to the end or to a node that is in trouble.

    That is one whose rule raises and that is not live, or a result of a compiled call that waits.

    To a node whose gradient is still the mark nothing has flowed, and nothing is passed on from it;
    another that is 0 is.
    """
    node: Any = None
    zero = ZERO
    try:
        for node in walk:
            g = node.grad
            if not g:
                if g is not mark:
                    _hand_on(node, pull(node, g, liveness))
                    if liveness.waiting:
                        return False
                continue
            a = node._a
            b = node._b
            primitive: Any = node._primitive
            if b.__class__ is Value:
                if a.__class__ is not Value:
                    if not a and primitive.is_product:
                        a = zero
                    d = primitive.derivative(g, node._data, a, b._data)[1]
                    if d == d:
                        b.grad += d
                        continue
                elif primitive.is_additive and g == g:
                    a.grad += g
                    b.grad += g
                    continue
                else:
                    da, db = primitive.derivative(g, node._data, a._data, b._data)
                    if da == da and db == db:
                        if da is not zero:
                            a.grad += da
                        if db is not zero:
                            b.grad += db
                        continue
            elif b is not None:
                if not b and primitive.is_product:
                    b = zero
                d = primitive.derivative(g, node._data, a._data, b)[0]
                if d == d:
                    a.grad += d
                    continue
            elif a.__class__ is Value:
                d = primitive.derivative(g, node._data, a._data)
                if d == d:
                    if d is not zero:
                        a.grad += d
                    continue
            else:
                plain = zero if primitive.is_product else 0.0
                numbers = [x._data if x.__class__ is Value else x or plain for x in a]
                flow = primitive.derivative(g, node._data, *numbers)
                d = sum(flow, 0.0)
                if d == d:
                    for x, d in zip(a, flow, strict=True):
                        if d is not zero and x.__class__ is Value:
                            x.grad += d
                    continue
            _hand_on(node, pull(node, g, liveness))
            if liveness.waiting:
                return False
    except ARITHMETIC:
        _hand_on(node, pull(node, node.grad, liveness))  # if it is live: raises, and says where
        return False
    except Exception:
        pullback(node, node.grad)  # raises the same again, and says where
        raise TypeError(_not_a_gradient(node.operands)) from None
    return True


def _go_on(walk: Iterator[Value], mark: float, liveness: Liveness) -> None:
    """Go on with `backward` as long as results of compiled calls wait for others."""
    for node in walk:
        if node.grad is not mark:
            _hand_on(node, pull(node, node.grad, liveness))
        if node in liveness.waiting:
            _hand_on(node, liveness.decided(node))
            if not liveness.waiting:
                return


def _hand_on(node: Value, flow: Iterable[Any]) -> None:
    for x, d in zip(node.operands, flow, strict=True):
        if d is not ZERO and x.__class__ is Value:
            x.grad += d


def _not_a_gradient(operands: Iterable[Any]) -> str:
    bad = next(x for x in operands if isinstance(x, Value) and not is_number(x.grad))
    return (
        f"the gradient of {bad!r} must be a number to be added to, got {describe(bad.grad)}"
        " (zero_grad() sets it to 0.0)"
    )


def _added(leaf: Value, gradient: Any) -> Any:
    try:
        return leaf.grad + gradient
    except TypeError:
        raise TypeError(_not_a_gradient([leaf])) from None


def _order_and_clear(root: Value) -> tuple[list[Value], float]:
    """The operations below `root`, operands before results, with their gradients set to 0.0.

    The zero is a fresh object, the mark, which is returned too. A node that holds this object has
    been visited, and, in the pass after it, nothing has flowed to it. The mark costs no memory, and
    walks in different threads cannot confuse their marks.
    """
    mark = float("0.0")
    order: list[Value] = []
    waiting: list[Value] = []  # the path to the current node
    scans: list[Iterator[Any]] = []  # where the waiting nodes of many operands have got to
    node = root
    while True:
        a = node._a
        while a.__class__ is Value:
            if a._primitive is None or a.grad is mark:
                break
            waiting.append(node)
            node = a
            a = node._a
        else:
            if a.__class__ is tuple:
                scans.append(
                    iter([x for x in a if x.__class__ is Value and x._primitive is not None])
                )
        while True:
            b = node._b
            if b is None and node._a.__class__ is tuple:
                for b in scans[-1]:
                    if b.grad is not mark:
                        break
                else:
                    b = None
                    scans.pop()
            if b.__class__ is Value and b._primitive is not None and b.grad is not mark:
                waiting.append(node)
                node = b
                break
            node.grad = mark
            order.append(node)
            if not waiting:
                return order, mark
            node = waiting.pop()


def hand_on(node: Value) -> None:
    """Add to the gradients of a node's operands what flows to them, given its own gradient."""
    if node.primitive is not None:
        _hand_on(node, pullback(node, node.grad, create_graph=isinstance(node.grad, Value)))


def backward_with_graph(root: Value) -> None:
    """`backward` with gradients that are Values, and so can be differentiated again."""
    order = topological_order(root)
    found = adjoints(order, {root: 1.0}, create_graph=True)
    for node in order:
        gradient = found.get(node, 0.0)
        gradient = gradient if isinstance(gradient, Value) else Value(gradient)
        is_new = node.primitive is not None or (node.grad == 0.0 and type(node.grad) is not Value)
        node.grad = gradient if is_new else _added(node, gradient)


def adjoints(
    order: Sequence[Value],
    seeds: Mapping[Value, Any],
    create_graph: bool = False,
    wrt: Collection[Value] | None = None,
    is_whole: bool = True,
) -> dict[Value, Any]:
    """The adjoint of every node that the seeded results depend on.

    While the compiler traces a function, only those of the graph's inputs.

    Args:
        order: the graph, operands before results.
        seeds: the adjoints to start from, by result.
        create_graph: compute with Values instead of floats.
        wrt: the nodes to pass adjoints to; all by default.
        is_whole: whether no other derivative of the graph is taken, so that loops that a trace
            finds in it may take the place of its nodes.
    """
    if create_graph and (tape := current_tape()):
        return tape.adjoints(order, seeds, wrt, is_whole)
    found: dict[Value, Any] = dict(seeds)
    liveness = Liveness(order, seeds, wrt)
    waiting = liveness.waiting

    def hand_on(node: Value, flow: Iterable[Any]) -> None:
        for operand, d in zip(node.operands, flow, strict=True):
            if d is ZERO or operand.__class__ is not Value:
                continue
            if (wrt is not None and operand not in wrt) or (create_graph and is_zero(d)):
                continue
            found[operand] = found[operand] + d if operand in found else d

    with pause_gc():
        for node in reversed(order):
            if node in found and node._primitive is not None:
                hand_on(node, pull(node, found[node], liveness, create_graph))
            if waiting and node in waiting:
                hand_on(node, liveness.decided(node, create_graph))
    return found
