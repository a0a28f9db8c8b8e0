"""Clipping: gradients that are too large are scaled down, between `backward()` and `step()`."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value
from autograd.number import describe, is_number
from nn.module import listed_parameters
from nn.ranges import as_ranged


def clip_gradient_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """Scale all gradients by one factor, so that their norm is at most `max_norm`.

    Their direction stays. Nothing happens if the norm is small enough already.

    Args:
        parameters: the Values; one that is given twice counts once.
        max_norm: the largest norm (the root of the sum of squares) to accept, positive.

    Returns:
        The norm before clipping.

    Raises:
        ValueError: the norm is infinite or NaN, so that it cannot be scaled, or `max_norm` is
            not positive. No gradient is changed then.
        TypeError: a parameter is not a Value, or its gradient is not a number.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks"
    (2013), algorithm 1.

    >>> x, y = Value(0.0), Value(0.0)
    >>> x.grad, y.grad = 3.0, 4.0
    >>> clip_gradient_norm([x, y], 2.5)
    5.0
    >>> x.grad, y.grad
    (1.5, 2.0)
    """
    name = "clip_gradient_norm"
    gradients = _gradients(name, parameters)
    limit = as_ranged(max_norm, f"{name}: max_norm", "positive")
    norm = math.hypot(*gradients.values())
    if not math.isfinite(norm):
        bad = ((i, g) for i, g in enumerate(gradients.values()) if not math.isfinite(g))
        i, gradient = next(bad, (None, 0.0))
        blame = "it overflows" if i is None else f"the gradient of parameters[{i}] is {gradient!r}"
        raise ValueError(f"{name}: the norm of the gradients must be finite, but {blame}")
    if norm > limit:
        for parameter, gradient in gradients.items():
            parameter.grad = gradient * (limit / norm)
    return norm


def clip_gradient_value(parameters: Iterable[Value], limit: float) -> None:
    """Limit each gradient on its own to the range from `-limit` to `limit`.

    Args:
        parameters: the Values.
        limit: the largest absolute value to accept, positive.

    Raises:
        ValueError: a gradient is NaN, or the limit is not positive. No gradient is changed then.
        TypeError: a parameter is not a Value, or its gradient is not a number.

    >>> x = Value(0.0)
    >>> x.grad = -3.0
    >>> clip_gradient_value([x], 0.5)
    >>> x.grad
    -0.5
    """
    name = "clip_gradient_value"
    gradients = _gradients(name, parameters)
    bound = as_ranged(limit, f"{name}: limit", "positive")
    for i, gradient in enumerate(gradients.values()):
        if math.isnan(gradient):
            raise ValueError(f"{name}: the gradient of parameters[{i}] is nan")
    for parameter, gradient in gradients.items():
        parameter.grad = min(max(gradient, -bound), bound)


def _gradients(name: str, parameters: Iterable[Value]) -> dict[Value, float]:
    """The gradient of each parameter."""
    listed = dict.fromkeys(listed_parameters(name, parameters, f"{name}({{}}, 1.0)"))
    try:
        return {parameter: float(parameter.grad) for parameter in listed}
    except (TypeError, ValueError):
        i, grad = next((i, p.grad) for i, p in enumerate(listed) if not is_number(p.grad))
        raise TypeError(
            f"{name}: the gradient of parameters[{i}] is {describe(grad)}, expected a number:"
            " optimizer.zero_grad() sets all gradients to 0.0"
        ) from None
