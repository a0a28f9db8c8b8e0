"""Update rules: the new value of one number, given its gradient. Pure functions.

Every rule has the form

    rule(data, grad, *slots, step, lr, **hyperparameters) -> (data, *slots)

where the slots are the state of this one number, kept from step to step (0 at first), and `step`
counts from 1. A rule never asks for the type of its numbers: given Values, it builds the graph of
the update. The semantics are PyTorch's.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from autograd import maximum, sign, sqrt

Real: TypeAlias = Any  # a float, or a Value in its place


def sgd(
    data: Real,
    grad: Real,
    velocity: Real,
    *,
    step: int,
    lr: Real,
    momentum: float,
    weight_decay: float,
    nesterov: bool,
) -> tuple[Real, Real]:
    """Gradient descent with momentum: `v = momentum * v + g`, then `data - lr * v`.

    With `nesterov`, the step is along `g + momentum * v`, the gradient expected ahead.

    Args:
        data: the number.
        grad: the derivative of the loss there.
        velocity: the sum of the gradients so far, each momentum times less than the next.
        step: the number of this step, from 1 on.
        lr: the learning rate.
        momentum: the share of the velocity that is kept.
        weight_decay: this times the number is added to its gradient.
        nesterov: whether to look ahead.

    Returns:
        The new number, and the velocity.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964);
    Nesterov (1983) in the form of Sutskever et al., "On the importance of initialization and
    momentum in deep learning" (2013), with the learning rate outside the velocity, as in PyTorch.

    >>> sgd(1.0, 2.0, 4.0, step=2, lr=0.25, momentum=0.5, weight_decay=0.0, nesterov=False)
    (0.0, 4.0)
    """
    grad = grad + weight_decay * data
    velocity = momentum * velocity + grad
    direction = grad + momentum * velocity if nesterov else velocity
    return data - lr * direction, velocity


def adagrad(
    data: Real,
    grad: Real,
    square_sum: Real,
    *,
    step: int,
    lr: Real,
    lr_decay: float,
    weight_decay: float,
    eps: float,
) -> tuple[Real, Real]:
    """Adagrad: the more a number has been moved, the less it moves.

    `s = s + g ** 2`, then `data - lr * g / (sqrt(s) + eps)`.

    Args:
        data: the number.
        grad: the derivative of the loss there.
        square_sum: the sum of the squares of the gradients so far.
        step: the number of this step, from 1 on.
        lr: the learning rate; it is divided by `1 + (step - 1) * lr_decay`.
        lr_decay: how fast that falls.
        weight_decay: this times the number is added to its gradient.
        eps: what keeps the denominator from 0.

    Returns:
        The new number, and the sum of squares.

    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization" (2011), fig. 1 in its diagonal form.

    >>> adagrad(1.0, 4.0, 9.0, step=2, lr=0.5, lr_decay=0.0, weight_decay=0.0, eps=0.0)
    (0.6, 25.0)
    """
    grad = grad + weight_decay * data
    square_sum = square_sum + grad * grad
    rate = lr / (1 + (step - 1) * lr_decay)
    return data - rate * grad / (sqrt(square_sum) + eps), square_sum


def rmsprop(
    data: Real,
    grad: Real,
    square_average: Real,
    velocity: Real,
    *,
    step: int,
    lr: Real,
    alpha: float,
    eps: float,
    weight_decay: float,
    momentum: float,
) -> tuple[Real, Real, Real]:
    """RMSprop: the gradient, divided by a running average of its size.

    `s = alpha * s + (1 - alpha) * g ** 2`, then momentum with `g / (sqrt(s) + eps)` for the
    gradient.

    Args:
        data: the number.
        grad: the derivative of the loss there.
        square_average: the running average of the squares of the gradients.
        velocity: as for `sgd`.
        step: the number of this step, from 1 on.
        lr: the learning rate.
        alpha: the share of the average that is kept.
        eps: what keeps the denominator from 0.
        weight_decay: this times the number is added to its gradient.
        momentum: the share of the velocity that is kept.

    Returns:
        The new number, the average, and the velocity.

    Source: Tieleman and Hinton, "Lecture 6.5: rmsprop" (2012).

    >>> rmsprop(
    ...     1.0, 2.0, 4.0, 0.0,
    ...     step=1, lr=0.5, alpha=0.5, eps=0.0, weight_decay=0.0, momentum=0.0,
    ... )
    (0.5, 4.0, 1.0)
    """
    grad = grad + weight_decay * data
    square_average = alpha * square_average + (1 - alpha) * grad * grad
    velocity = momentum * velocity + grad / (sqrt(square_average) + eps)
    return data - lr * velocity, square_average, velocity


def adam(
    data: Real,
    grad: Real,
    average: Real,
    square_average: Real,
    *largest: Real,
    step: int,
    lr: Real,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
) -> tuple[Real, ...]:
    """Adam: a running average of the gradient, divided by one of its size.

    `m = beta1 * m + (1 - beta1) * g` and `s = beta2 * s + (1 - beta2) * g ** 2`, both corrected for
    having started from 0: `data - lr * m' / (sqrt(s') + eps)` with `m' = m / (1 - beta1 ** step)`
    and `s' = s / (1 - beta2 ** step)`.

    Args:
        data: the number.
        grad: the derivative of the loss there.
        average: the running average of the gradients.
        square_average: the running average of their squares.
        largest: with one more slot, AMSGrad: the largest such average so far, which takes its
            place, so that steps do not grow when gradients get smaller.
        step: the number of this step, from 1 on.
        lr: the learning rate.
        betas: the shares of the two averages that are kept.
        eps: what keeps the denominator from 0.
        weight_decay: this times the number is added to its gradient.

    Returns:
        The new number, and the slots.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2014), algorithm 1; Reddi,
    Kale and Kumar, "On the convergence of Adam and beyond" (2018), algorithm 2, with the
    corrections of Adam, as in PyTorch.

    >>> adam(
    ...     1.0, 2.0, 0.0, 0.0,
    ...     step=1, lr=0.5, betas=(0.5, 0.75), eps=0.0, weight_decay=0.0,
    ... )
    (0.5, 1.0, 1.0)
    """
    beta1, beta2 = betas
    grad = grad + weight_decay * data
    average = beta1 * average + (1 - beta1) * grad
    square_average = beta2 * square_average + (1 - beta2) * grad * grad
    largest = tuple(maximum(x, square_average) for x in largest)
    square = largest[0] if largest else square_average
    size = sqrt(square / (1 - beta2**step)) + eps
    return data - lr * (average / (1 - beta1**step)) / size, average, square_average, *largest


def adamw(
    data: Real,
    grad: Real,
    average: Real,
    square_average: Real,
    *largest: Real,
    step: int,
    lr: Real,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
) -> tuple[Real, ...]:
    """Adam with decoupled weight decay: `data` is first made `1 - lr * weight_decay` times itself.

    Args and result are those of `adam`, except that the decay does not enter the gradient.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2017), algorithm 2.

    >>> adamw(
    ...     2.0, 2.0, 0.0, 0.0,
    ...     step=1, lr=0.5, betas=(0.5, 0.75), eps=0.0, weight_decay=1.0,
    ... )
    (0.5, 1.0, 1.0)
    """
    return adam(
        data - lr * weight_decay * data,
        grad,
        average,
        square_average,
        *largest,
        step=step,
        lr=lr,
        betas=betas,
        eps=eps,
        weight_decay=0.0,
    )


def lion(
    data: Real,
    grad: Real,
    average: Real,
    *,
    step: int,
    lr: Real,
    betas: tuple[float, float],
    weight_decay: float,
) -> tuple[Real, Real]:
    """Lion: a step of one size for all numbers, in the direction of an average of the gradients.

    `data - lr * (sign(beta1 * m + (1 - beta1) * g) + weight_decay * data)`, then
    `m = beta2 * m + (1 - beta2) * g`.

    Args:
        data: the number.
        grad: the derivative of the loss there.
        average: the running average of the gradients.
        step: the number of this step, which does not matter.
        lr: the learning rate: how far the number moves.
        betas: the shares of the average that are kept, in the direction and from step to step.
        weight_decay: this times the number is added to the direction.

    Returns:
        The new number, and the average.

    Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023), algorithm 2.

    >>> lion(1.0, -2.0, 1.0, step=1, lr=0.5, betas=(0.5, 0.75), weight_decay=0.0)
    (1.5, 0.25)
    """
    beta1, beta2 = betas
    direction = sign(beta1 * average + (1 - beta1) * grad)
    moved = data - lr * (direction + weight_decay * data)
    return moved, beta2 * average + (1 - beta2) * grad
