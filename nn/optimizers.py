"""The optimisers: a class for each rule in `nn.updates`, with its defaults and its slots.

Names, defaults and semantics are PyTorch's; Lion's are its authors'.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import Value
from autograd.number import as_flag
from nn import updates
from nn.module import listed_parameters
from nn.optimizer import Optimizer

_ADAM = ("average", "square_average")
_AMSGRAD = (*_ADAM, "largest_square_average")


class SGD(Optimizer):
    """Gradient descent: each step moves every parameter against its gradient.

    Args:
        parameters: the Values to move; one that is given twice is moved once.
        lr: the learning rate, positive; there is no default. The attribute may be assigned between
            steps.
        momentum: the share of the last step's velocity that is kept, at least 0 and below 1.
        weight_decay: this times the parameter is added to its gradient; at least 0.
        nesterov: whether the momentum looks ahead; it needs a momentum then.

    Raises:
        ValueError: there are no parameters, or a number is out of its range.
        TypeError: a parameter is not a Value, or there is no learning rate.

    Source: Robbins and Monro, "A stochastic approximation method" (1951); the momentum is described
    in `nn.updates.sgd`.

    >>> x = Value(4.0)
    >>> optimizer = SGD([x], lr=0.25)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (x * x).backward()
    ...     optimizer.step()
    >>> x.data
    1.0
    """

    rule = staticmethod(updates.sgd)
    slot_names = ("velocity",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | None = None,
        momentum: float = 0.0,
        *,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        if lr is None:
            listed_parameters("SGD", parameters, "SGD({}, lr=0.1)")
            raise TypeError("SGD: expected a learning rate, got none: write SGD(..., lr=0.1)")
        super().__init__(
            parameters, lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov
        )
        if nesterov and not momentum:
            raise ValueError(f"SGD: nesterov needs a momentum above 0, got {momentum!r}")


class Adagrad(Optimizer):
    """Adagrad: each parameter's steps get shorter as its gradients add up.

    Args:
        parameters: the Values to move.
        lr: the learning rate.
        lr_decay: in step n the learning rate is divided by `1 + (n - 1) * lr_decay`; at least 0.
        weight_decay: this times the parameter is added to its gradient; at least 0.
        eps: what keeps the denominator from 0; at least 0.

    Raises:
        ValueError: there are no parameters, or a number is out of its range.
        TypeError: a parameter is not a Value.

    Source: Duchi, Hazan and Singer (2011); see `nn.updates.adagrad`.

    >>> x = Value(4.0)
    >>> x.grad = 8.0
    >>> Adagrad([x], lr=0.5).step()
    >>> x.data
    3.50000000000625
    """

    rule = staticmethod(updates.adagrad)
    slot_names = ("square_sum",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-2,
        *,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(parameters, lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps)


class RMSprop(Optimizer):
    """RMSprop: each parameter's gradient, divided by a running average of its size.

    Args:
        parameters: the Values to move.
        lr: the learning rate.
        alpha: the share of the average that is kept, at least 0 and below 1.
        eps: what keeps the denominator from 0; at least 0.
        weight_decay: this times the parameter is added to its gradient; at least 0.
        momentum: the share of the last step's velocity that is kept, at least 0 and below 1.

    Raises:
        ValueError: there are no parameters, or a number is out of its range.
        TypeError: a parameter is not a Value.

    Source: Tieleman and Hinton (2012); see `nn.updates.rmsprop`.

    >>> x = Value(4.0)
    >>> x.grad = 8.0
    >>> RMSprop([x], lr=0.5, alpha=0.75, eps=0.0).step()
    >>> x.data
    3.0
    """

    rule = staticmethod(updates.rmsprop)
    slot_names = ("square_average", "velocity")

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-2,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(
            parameters, lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum
        )


class _Adaptive(Optimizer):
    """What Adam and AdamW have in common: one more slot with `amsgrad`, or in its state."""

    slot_names: tuple[str, ...] = _ADAM

    def load_state(self, state: dict[str, Any]) -> None:
        before = self.slot_names
        if isinstance(state, dict):
            self.slot_names = _AMSGRAD if _AMSGRAD[-1] in state else _ADAM
        try:
            super().load_state(state)
        except BaseException:
            self.slot_names = before
            raise


class Adam(_Adaptive):
    """Adam: a running average of the gradient, divided by one of its size.

    Args:
        parameters: the Values to move.
        lr: the learning rate: about how far a parameter moves in one step.
        betas: the shares of the two averages that are kept, each at least 0 and below 1.
        eps: what keeps the denominator from 0; at least 0.
        weight_decay: this times the parameter is added to its gradient; at least 0.
        amsgrad: whether to divide by the largest such size so far: steps never grow again.

    Raises:
        ValueError: there are no parameters, or a number is out of its range.
        TypeError: a parameter is not a Value.

    Source: Kingma and Ba (2014), algorithm 1; see `nn.updates.adam`.

    >>> x = Value(4.0)
    >>> x.grad = 8.0
    >>> Adam([x], lr=0.5, eps=0.0).step()
    >>> round(x.data, 12)
    3.5
    """

    rule = staticmethod(updates.adam)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        self.slot_names = _AMSGRAD if as_flag(amsgrad, "Adam: amsgrad") else _ADAM
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)


class AdamW(_Adaptive):
    """Adam with decoupled weight decay, which does not pass through the averages.

    Args:
        parameters: the Values to move.
        lr: the learning rate.
        betas: the shares of the two averages that are kept, each at least 0 and below 1.
        eps: what keeps the denominator from 0; at least 0.
        weight_decay: each step first takes `lr * weight_decay` of the parameter off; at least 0.

    Raises:
        ValueError: there are no parameters, or a number is out of its range.
        TypeError: a parameter is not a Value.

    Source: Loshchilov and Hutter (2017), algorithm 2; see `nn.updates.adamw`.

    >>> x = Value(4.0)
    >>> x.grad = 8.0
    >>> AdamW([x], lr=0.5, eps=0.0, weight_decay=0.25).step()
    >>> round(x.data, 12)
    3.0
    """

    rule = staticmethod(updates.adamw)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        self.slot_names = _AMSGRAD if as_flag(amsgrad, "AdamW: amsgrad") else _ADAM
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)


class Lion(Optimizer):
    """Lion: each parameter moves by the learning rate, against the sign of an averaged gradient.

    Args:
        parameters: the Values to move.
        lr: the learning rate, three to ten times smaller than for AdamW.
        betas: the shares of the average that are kept, in the direction and from step to step,
            each at least 0 and below 1.
        weight_decay: each step takes `lr * weight_decay` of the parameter off; at least 0.

    Raises:
        ValueError: there are no parameters, or a number is out of its range.
        TypeError: a parameter is not a Value.

    Source: Chen et al. (2023), algorithm 2; see `nn.updates.lion`.

    >>> x = Value(4.0)
    >>> x.grad = 8.0
    >>> Lion([x], lr=0.5).step()
    >>> x.data
    3.5
    """

    rule = staticmethod(updates.lion)
    slot_names = ("average",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-4,
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, weight_decay=weight_decay)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    optimizer.__name__: optimizer for optimizer in (SGD, Adagrad, RMSprop, Adam, AdamW, Lion)
}
"""The optimisers by name."""
