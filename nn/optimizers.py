"""Optimisers: how a parameter moves, given its gradient.

The rule is a pure function of one number; the class around it applies it to every parameter and
keeps what has to be remembered from one step to the next.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value
from autograd.number import describe


def momentum_update(
    data: float, grad: float, velocity: float, lr: float, momentum: float
) -> tuple[float, float]:
    """One number's step of gradient descent with momentum.

    Args:
        data: where the number is.
        grad: the derivative of the loss there.
        velocity: the second result of the step before; 0 at first.
        lr: the learning rate.
        momentum: the share of the velocity that is kept.

    Returns:
        Where it goes, and its velocity: `v = momentum * v + grad`, then `data - lr * v`.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964), in
    the form of Sutskever et al., "On the importance of initialization and momentum in deep
    learning" (2013), with the learning rate outside the velocity, as in PyTorch.

    >>> momentum_update(1.0, 2.0, 4.0, 0.25, 0.5)
    (0.0, 4.0)
    """
    velocity = momentum * velocity + grad
    return data - lr * velocity, velocity


class SGD:
    """Gradient descent: each step moves every parameter against its gradient.

    Args:
        parameters: the Values to move; one that is given twice is moved once.
        lr: the learning rate, positive. The attribute may be assigned between steps.
        momentum: the share of the last step's velocity that is kept, at least 0 and below 1.

    Raises:
        ValueError: there are no parameters, or a number is out of its range.
        TypeError: a parameter is not a Value.

    Source: Robbins and Monro, "A stochastic approximation method" (1951); the momentum is described
    in `momentum_update`.

    >>> x = Value(4.0)
    >>> optimizer = SGD([x], lr=0.25)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (x * x).backward()
    ...     optimizer.step()
    >>> x.data
    1.0
    """

    def __init__(self, parameters: Iterable[Value], lr: float, momentum: float = 0.0) -> None:
        self.parameters = list(dict.fromkeys(parameters))
        if not self.parameters:
            raise ValueError("SGD: expected at least one parameter, got none")
        for parameter in self.parameters:
            if not isinstance(parameter, Value):
                raise TypeError(f"SGD: a parameter must be a Value, got {describe(parameter)}")
        if not 0 < lr < math.inf:
            raise ValueError(f"SGD: lr must be positive and finite, got {lr!r}")
        if not 0 <= momentum < 1:
            raise ValueError(f"SGD: momentum must be at least 0 and below 1, got {momentum!r}")
        self.lr = lr
        self.momentum = momentum
        self.velocities = [0.0] * len(self.parameters)

    def step(self) -> None:
        """Move every parameter by its gradient."""
        for i, parameter in enumerate(self.parameters):
            parameter.data, self.velocities[i] = momentum_update(
                parameter.data, float(parameter.grad), self.velocities[i], self.lr, self.momentum
            )

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0.0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def __repr__(self) -> str:
        momentum = f", momentum={self.momentum}" if self.momentum else ""
        return f"SGD({len(self.parameters)} parameters, lr={self.lr}{momentum})"
