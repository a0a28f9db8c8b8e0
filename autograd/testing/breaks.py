"""Derivative rules broken on purpose, to prove that a check of derivatives finds mistakes.

Each break is a mistake that people make, applied to what a rule returns: the list of the operands'
cotangents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.primitives import Primitive

Flow = list[Any]
SMALL_FACTOR = 1 + 1e-5
SMALLEST = "factor 1 + 1e-5"


def _swap(flow: Flow) -> Flow:
    """Swap the first and the last."""
    return [flow[-1], *flow[1:-1], flow[0]] if len(flow) > 1 else flow


def _drop(flow: Flow) -> Flow:
    """Drop the largest."""
    sizes = [abs(float(d)) for d in flow]
    return [0.0 if size == max(sizes) else d for d, size in zip(flow, sizes, strict=True)]


BREAKS: dict[str, Callable[[Flow], Flow]] = {
    "sign": lambda flow: [-d for d in flow],
    "factor 2": lambda flow: [2 * d for d in flow],
    SMALLEST: lambda flow: [SMALL_FACTOR * d for d in flow],
    "swapped": _swap,
    "dropped": _drop,
}
"""The breaks by name: functions of the list of derivatives that a rule returns."""


def broken(primitive: Primitive, kind: str) -> Primitive:
    """A primitive like another, with the same value rule and a broken derivative rule.

    Args:
        primitive: the one to break.
        kind: a name in `BREAKS`.

    >>> from autograd import Value
    >>> from autograd.primitives import TABLE
    >>> x = Value(3.0)
    >>> broken(TABLE["neg"], "sign")(x).backward()
    >>> x.grad
    1.0
    """
    change = BREAKS[kind]

    def derivative(g: Any, out: Any, *operands: Any) -> Any:
        flow = primitive.derivative(g, out, *operands)
        return change([flow])[0] if primitive.arity == 1 else change(list(flow))

    facts = " ".join(primitive.facts)
    is_product = primitive.is_product
    return Primitive(
        primitive.name, primitive.value, derivative, primitive.symbol, is_product, facts
    )


def differs(primitive: Primitive, kind: str, at: Sequence[float]) -> bool:
    """Whether a break changes the derivative at a point measurably.

    Args:
        primitive: the one to break.
        kind: a name in `BREAKS`.
        at: its operands.

    >>> from autograd.primitives import TABLE
    >>> differs(TABLE["add"], "swapped", [1.0, 2.0]), differs(TABLE["mul"], "swapped", [1.0, 2.0])
    (False, True)
    """
    flow = primitive.derivative(1.0, primitive(*at), *at)
    right = [flow] if primitive.arity == 1 else list(flow)
    wrong = BREAKS[kind](right)
    largest = max(map(abs, right), default=0.0)
    least = 0.9 * (SMALL_FACTOR - 1) * largest
    return any(abs(a - b) > least for a, b in zip(right, wrong, strict=True))
