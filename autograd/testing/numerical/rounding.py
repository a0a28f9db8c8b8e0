"""Bounds on the rounding errors of computed numbers, from their graph.

Running error analysis: Higham, *Accuracy and Stability of Numerical Algorithms* (2002), section
3.3. An operation adds an error of a few units in the last place of its result. An operand's error
is propagated as far as it moves the result: by the local derivative, and by the results for the
operand moved by its error either way. The latter covers corners, jumps and curvature, and does not
rely on the derivative rule, which may be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from sys import float_info
from typing import Any

from autograd.flow import is_nan, pullback
from autograd.graph import topological_order
from autograd.primitives import TABLE
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.value import Value

UNIT = float_info.epsilon / 2
"""The unit roundoff of float64."""

ULPS = 8
"""The error of one operation in units in the last place: docs/accuracy.md has up to 4."""

GRADUAL = 0.75
"""The largest share of a gradual change that half of its cause makes; for a square, a quarter."""

MANY = 2.0**40
"""Beyond this number of steps there are fewer than 2 ** 13 floats on each."""

TINY = ULPS * 5e-324
"""The error of an operation whose result is subnormal."""


def running_error(result: Any, least: float = 0.0) -> float:
    """A bound on the distance of a number from what exact arithmetic would have given.

    Args:
        result: a Value; a plain number is exact.
        least: below this size, an operation has the error that it has at this size. 0 for this
            engine; 1 for libraries that compute the derivative of `tanh` as `1 - tanh ** 2`.

    >>> third = Value(1.0) / 3.0
    >>> 0 < running_error(third) < 1e-16
    True
    >>> running_error((third + 1e8) - 1e8) > 1e-9
    True
    """
    return running_errors([result], least)[0]


def running_errors(results: Sequence[Any], least: float = 0.0) -> list[float]:
    """The same for several numbers of one graph, which is walked once."""
    errors = _errors(topological_order(*[x for x in results if isinstance(x, Value)]), least)
    return [errors[x] if isinstance(x, Value) else 0.0 for x in results]


def _errors(order: Sequence[Value], least: float = 0.0) -> dict[Value, float]:
    """The bound for each node of a graph."""
    errors: dict[Value, float] = {}
    for node in order:
        if node.primitive is None:
            errors[node] = 0.0
            continue
        off = [errors[x] if isinstance(x, Value) else 0.0 for x in node.operands]
        passed, moved = _passed_on(node, off)
        ulps = _ulps(node)
        own = ulps * UNIT * max(least, abs(node.data), moved)
        error = passed + own + (TINY if _may_underflow(node, ulps) else 0.0)
        errors[node] = math.inf if math.isnan(error) else error
    return errors


def _ulps(node: Value) -> int:
    """The error of an operation in units in the last place; one more for each term of a sum."""
    assert node.primitive is not None
    facts = node.primitive.facts
    if "exact" in facts:
        return 0
    return 1 if "rounded" in facts else max(ULPS, len(node.operands))


def _may_underflow(node: Value, ulps: int) -> bool:
    """Whether a result may be rounded since it is tiny: an exact 0 is not, nor a product by 1."""
    assert node.primitive is not None
    is_sum = ulps == 1 and not node.primitive.is_product  # of two floats, or a remainder
    return (
        ulps > 0
        and not is_sum
        and abs(node.data) < float_info.min
        and all(float(x) != 0 for x in node.operands)
    )


def _passed_on(node: Value, off: Sequence[float]) -> tuple[float, float]:
    """How far errors of the operands move a result; for a reduction also the size of its terms."""
    primitive = node.primitive
    assert primitive is not None
    is_reduction = primitive.arity is None
    if not is_reduction and not any(off):
        return 0.0, 0.0
    try:
        slopes = [0.0 if is_nan(d) else abs(float(d)) for d in pullback(node, 1.0)]
    except Exception:  # no derivative here; the moved operands suffice
        slopes = [0.0] * len(off)
    passed = sum(d * e for d, e in zip(slopes, off, strict=True) if e)
    numbers = [float(x) for x in node.operands]
    if is_reduction:
        return passed, sum(abs(d * x) for d, x in zip(slopes, numbers, strict=True))
    moves = 0.0
    for i, e in enumerate(off):
        if e:
            moves += max(_move(node, numbers, i, e), _move(node, numbers, i, -e))
    return max(passed, moves), 0.0


def _move(node: Value, numbers: Sequence[float], i: int, by: float) -> float:
    """How far a result moves with one of its operands; infinity where there is no result."""
    assert node.primitive is not None
    moved = list(numbers)
    moved[i] += by
    try:
        found = node.primitive.value(*moved)
    except (ArithmeticError, ValueError):
        return math.inf
    distance = abs(found - node.data)
    if distance == 0 and math.copysign(1.0, found) != math.copysign(1.0, node.data):
        return TINY  # from one zero to the other, which `copysign` tells apart
    return math.inf if math.isnan(distance) else distance


def adjoint_errors(root: Value, leaves: Sequence[Value]) -> list[float]:
    """Bounds on the rounding errors of a Value's derivatives in some leaves, in reverse mode.

    Each local derivative has an error of a few units in its last place, and that of its operands,
    which `running_error` bounds: it is computed again for operands moved by their errors. The steps
    inside a rule are not analysed, since their rounding may cancel.

    >>> x = Value(1.0)
    >>> [error] = adjoint_errors((3.0 * x - 3.0 / 7.0 * 7.0) ** 2, [x])
    >>> 1e-16 < error < 1e-13
    True
    """
    order = topological_order(root)
    errors = _errors(order)
    adjoints, off = {root: 1.0}, {root: 0.0}
    for node in reversed(order):
        if node.primitive is None or node not in adjoints:
            continue
        g, e = abs(adjoints[node]), off[node]
        slopes = pullback(node, 1.0)
        for x, d, away in zip(
            node.operands, slopes, _slopes_off(node, slopes, errors), strict=True
        ):
            if isinstance(x, Value) and d is not SYMBOLIC_ZERO:
                flow = float(d) * adjoints[node]
                adjoints[x] = adjoints.get(x, 0.0) + flow
                rounded = max(ULPS, len(slopes)) * UNIT * (abs(flow) + abs(adjoints[x]))
                if abs(flow) < float_info.min and d and adjoints[node]:
                    rounded += TINY
                off[x] = off.get(x, 0.0) + abs(float(d)) * e + g * away + rounded
    return [off.get(leaf, 0.0) for leaf in leaves]


def _slopes_off(node: Value, slopes: Sequence[Any], errors: dict[Value, float]) -> list[float]:
    """The errors of the local derivatives at a node, by the errors of its operands.

    Half the errors show whether a derivative changes gradually. One that jumps is at a corner,
    which differences see, or wrong.
    """
    reach = [errors[x] if isinstance(x, Value) else 0.0 for x in node.operands]
    if not any(reach):
        return [0.0] * len(reach)
    try:
        half, whole = (_slopes_moved(node, slopes, [part * e for e in reach]) for part in (0.5, 1))
    except (ArithmeticError, ValueError):
        return [math.inf] * len(reach)
    return [far if near <= GRADUAL * far else 0.0 for near, far in zip(half, whole, strict=True)]


def _slopes_moved(node: Value, slopes: Sequence[Any], reach: Sequence[float]) -> list[float]:
    """How far the local derivatives change when the operands move, to every corner if two do."""
    primitive = node.primitive
    assert primitive is not None
    away = [0.0] * len(reach)
    for signs in ((1, 1), (-1, -1), (1, -1), (-1, 1)):
        moved = [float(x) + signs[i % 2] * reach[i] for i, x in enumerate(node.operands)]
        flow = primitive.derivative(1.0, primitive.value(*moved), *moved)
        flow = (flow,) if primitive.arity == 1 else flow
        away = [max(a, abs(d - s)) for a, d, s in zip(away, flow, slopes, strict=True)]
    return away


def is_bounded(result: Any) -> bool:
    """Whether a graph has built-in operations only, whose errors are known.

    A user-defined primitive may round more inside than its result shows.

    >>> x = Value(2.0)
    >>> is_bounded(x * x), is_bounded(4.0)
    (True, False)
    """
    return isinstance(result, Value) and all(
        node.primitive is None or TABLE.get(node.primitive.name) is node.primitive
        for node in topological_order(result)
    )


def has_fine_steps(result: Any) -> bool:
    """Whether an operation inside goes by steps of few floats each, as `floor` at 1e12.

    Differences see a slope there, though the derivative is 0.

    >>> from autograd import floor
    >>> has_fine_steps(floor(Value(1e12))), has_fine_steps(floor(Value(1e13)))
    (False, True)
    """
    return isinstance(result, Value) and any(
        _jumps(node) and abs(_steps(node)) >= MANY for node in topological_order(result)
    )


def steps_below(result: Value) -> list[int]:
    """On which step each operation that goes by steps stands, in the order of the graph."""
    counts = [_steps(node) for node in topological_order(result) if _jumps(node)]
    return [math.floor(x) for x in counts if math.isfinite(x)]


def _jumps(node: Value) -> bool:
    return node.primitive is not None and "jumps" in node.primitive.facts


def _steps(node: Value) -> float:
    """How many steps there are up to a result: of a quotient, or of the number itself."""
    match node.operands:
        case (_,):
            return node.data
        case (a, b):
            return float(a) / float(b)
    return 0.0  # a choice is one step


def absolute_adjoints(order: Sequence[Value], root: Value) -> dict[Value, float]:
    """For each node the sum over the paths from it of the absolute value of their products."""
    sizes = {root: 1.0}
    for node in reversed(order):
        if node in sizes and node.primitive is not None:
            for x, d in zip(node.operands, pullback(node, 1.0), strict=True):
                if isinstance(x, Value) and d is not SYMBOLIC_ZERO:
                    sizes[x] = sizes.get(x, 0.0) + abs(float(d)) * sizes[node]
    return sizes
