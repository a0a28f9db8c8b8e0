"""How far a computed number may be from the truth, by the graph it was computed by.

Running error analysis: Higham, *Accuracy and Stability of Numerical Algorithms* (2002), section
3.3. Each operation is taken to give what exact arithmetic would give for operands that are off by a
few units in the last place, with a result that is off by as much (of its size, or of 1 where it is
smaller: a `tanh` whose derivative is computed as `1 - tanh**2`, as other libraries do, is off by
that). What is off in an operand is passed on times the local derivative.
"""

from collections.abc import Sequence
from sys import float_info
from typing import Any

from autograd import Value
from autograd.flow import pullback
from autograd.graph import topological_order

UNIT = float_info.epsilon / 2
"""The unit roundoff of float64."""
ULPS = 8
"""How many units in the last place one operation may be off by."""


def running_error(result: Any) -> float:
    """A bound on the distance of a Value from what exact arithmetic would have given."""
    if not isinstance(result, Value):
        return 0.0
    errors: dict[Value, float] = {}
    for node in topological_order(result):
        if node.primitive is None:
            errors[node] = 0.0
            continue
        passed = moved = 0.0
        for x, d in zip(node.operands, pullback(node, 1.0), strict=True):
            moved += abs(d * float(x))
            passed += abs(d) * errors[x] if isinstance(x, Value) else 0.0
        errors[node] = passed + ULPS * UNIT * max(1.0, abs(node.data), moved)
    return errors[result]


def absolute_adjoints(order: Sequence[Value], root: Value) -> dict[Value, float]:
    """For each node the sum over the paths from it of the absolute value of their products."""
    sizes = {root: 1.0}
    for node in reversed(order):
        if node in sizes and node.primitive is not None:
            for x, d in zip(node.operands, pullback(node, 1.0), strict=True):
                if isinstance(x, Value):
                    sizes[x] = sizes.get(x, 0.0) + abs(float(d)) * sizes[node]
    return sizes


def derivative_values(root: Any, leaves: Sequence[Value]) -> list[Any]:
    """The derivatives in the leaves, with the graphs they were computed by.

    The derivative of the root in itself is made a Value, so that products of constants are
    operations of the graph too.
    """
    if not isinstance(root, Value):
        return [0.0] * len(leaves)
    for leaf in leaves:
        leaf.grad = 0.0
    (root * Value(1.0)).backward(create_graph=True)
    return [leaf.grad for leaf in leaves]
