"""Schedules: how the learning rate changes from epoch to epoch.

A schedule is called before each epoch, with its number (from 0) and the loss of the epoch before
(`None` at first), and returns the factor by which the base learning rate is multiplied. All except
`ReduceOnPlateau` are pure functions of the epoch's number.

>>> schedule = WarmUp(2, then=ExponentialDecay(0.5), start=0.5)
>>> [schedule(epoch) for epoch in range(5)]
[0.5, 0.75, 1.0, 0.5, 0.25]
"""

from __future__ import annotations

import math
from typing import Any

from autograd.number import as_float, as_integer, describe
from nn.contracts import Factors
from nn.ranges import as_ranged

_FACTOR, _SHARE = "above 0 and at most 1", "at least 0 and at most 1"


class Schedule:
    """The base class of the schedules. A subclass defines `factor`, and its state if it has any.

    >>> class Harmonic(Schedule):
    ...     def factor(self, epoch, loss):
    ...         return 1 / (1 + epoch)
    >>> Harmonic()(3)
    0.25
    """

    def __call__(self, epoch: int, loss: float | None = None) -> float:
        """The factor for an epoch.

        Args:
            epoch: its number, from 0 on.
            loss: the loss of the epoch before it, if there is one.

        Raises:
            ValueError: the epoch is negative.
            TypeError: the epoch is not an integer, or the loss not a number.
        """
        name = type(self).__name__
        number = as_integer(epoch, f"{name}: epoch", 0)
        return self.factor(number, None if loss is None else as_float(loss, f"{name}: loss"))

    def factor(self, epoch: int, loss: float | None) -> float:
        """The factor, for arguments that have been checked."""
        raise NotImplementedError(f"{type(self).__name__}: a subclass must define factor()")

    def state(self) -> dict[str, Any]:
        """What is remembered between epochs, as `json` can write it; empty for most."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` returned; after an error nothing has changed.

        Raises:
            ValueError: this is not the state of such a schedule.
            TypeError: it is not a dictionary, or something in it is not a number.
        """
        _check_keys(type(self).__name__, state, self.state())

    def __repr__(self) -> str:
        options = ", ".join(
            f"{name}={value!r}" for name, value in vars(self).items() if name not in self.state()
        )
        return f"{type(self).__name__}({options})"


def is_pure(schedule: Any) -> bool:
    """Whether a schedule is known to be a pure function of the epoch's number."""
    if type(schedule) is WarmUp:
        return is_pure(schedule.then)
    return type(schedule) in (ConstantRate, StepDecay, ExponentialDecay, CosineAnnealing)


def rate_of(schedule: Factors, base: float, epoch: int, loss: float | None = None) -> float:
    """The learning rate of an epoch: the factor of a schedule times the rate at the start."""
    return base * as_float(schedule(epoch, loss), "fit: what schedule returned")


class ConstantRate(Schedule):
    """The same learning rate in all epochs.

    >>> ConstantRate()(100)
    1.0
    """

    def factor(self, epoch: int, loss: float | None) -> float:
        """1.0."""
        return 1.0


class StepDecay(Schedule):
    """`gamma` times the learning rate, after every N epochs: `gamma ** (epoch // every)`.

    Args:
        every: N, the number of epochs, positive.
        gamma: the factor, above 0 and at most 1.

    Raises:
        ValueError: a number is out of its range.
        TypeError: `every` is not an integer, or `gamma` not a number.

    >>> [StepDecay(2, gamma=0.5)(epoch) for epoch in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, every: int, gamma: float = 0.1) -> None:
        self.every = as_integer(every, "StepDecay: every", 1)
        self.gamma = as_ranged(gamma, "StepDecay: gamma", _FACTOR)

    def factor(self, epoch: int, loss: float | None) -> float:
        """`gamma ** (epoch // every)`."""
        return float(self.gamma ** (epoch // self.every))


class ExponentialDecay(Schedule):
    """`gamma` times the learning rate after each epoch: `gamma ** epoch`.

    Args:
        gamma: the factor, above 0 and at most 1.

    Raises:
        ValueError: it is out of its range.
        TypeError: it is not a number.

    >>> ExponentialDecay(0.5)(3)
    0.125
    """

    def __init__(self, gamma: float) -> None:
        self.gamma = as_ranged(gamma, "ExponentialDecay: gamma", _FACTOR)

    def factor(self, epoch: int, loss: float | None) -> float:
        """`gamma ** epoch`."""
        return float(self.gamma**epoch)


class CosineAnnealing(Schedule):
    """Down along half a cosine wave, then constant.

    `minimum + (1 - minimum) * (1 + cos(pi * epoch / epochs)) / 2`.

    Args:
        epochs: after how many epochs the lowest rate is reached, positive.
        minimum: that rate, as a share of the base learning rate, from 0 to 1.

    Raises:
        ValueError: a number is out of its range.
        TypeError: `epochs` is not an integer, or `minimum` not a number.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2016),
    eq. 5, without the restarts.

    >>> [round(CosineAnnealing(4)(epoch), 6) for epoch in range(6)]
    [1.0, 0.853553, 0.5, 0.146447, 0.0, 0.0]
    """

    def __init__(self, epochs: int, minimum: float = 0.0) -> None:
        self.epochs = as_integer(epochs, "CosineAnnealing: epochs", 1)
        self.minimum = as_ranged(minimum, "CosineAnnealing: minimum", _SHARE)

    def factor(self, epoch: int, loss: float | None) -> float:
        """The height of the wave."""
        wave = (1 + math.cos(math.pi * min(epoch / self.epochs, 1.0))) / 2
        return self.minimum + (1 - self.minimum) * wave


class WarmUp(Schedule):
    """Up in equal steps to the base learning rate, which is reached after `epochs` epochs.

    Args:
        epochs: the number of epochs, positive.
        then: the schedule that takes over; it counts its epochs from 0. Constant by default.
        start: the first rate, as a share of the base learning rate, above 0 and at most 1.

    Raises:
        ValueError: a number is out of its range.
        TypeError: `epochs` is not an integer, `then` not a Schedule, or `start` not a number.

    Source: Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour" (2017),
    section 2.2.

    >>> [round(WarmUp(2)(epoch), 6) for epoch in range(4)]
    [0.333333, 0.666667, 1.0, 1.0]
    """

    def __init__(self, epochs: int, then: Schedule | None = None, start: float = 1 / 3) -> None:
        self.epochs = as_integer(epochs, "WarmUp: epochs", 1)
        self.then = ConstantRate() if then is None else then
        if not isinstance(self.then, Schedule):
            raise TypeError(f"WarmUp: then must be a Schedule, got {describe(then)}")
        self.start = as_ranged(start, "WarmUp: start", _FACTOR)

    def factor(self, epoch: int, loss: float | None) -> float:
        """The step of the ramp, or what the next schedule says."""
        if epoch < self.epochs:
            return self.start + (1 - self.start) * epoch / self.epochs
        # the next schedule did not cause the loss of the warm-up's last epoch
        return self.then(epoch - self.epochs, None if epoch == self.epochs else loss)

    def state(self) -> dict[str, Any]:
        """That of the next schedule."""
        return self.then.state()

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore that of the next schedule."""
        self.then.load_state(state)


class ReduceOnPlateau(Schedule):
    """`reduction` times the learning rate whenever the loss has stopped falling.

    An epoch is a bad one if its loss is not below the best so far by at least `threshold` of
    that. After more than `patience` bad epochs in a row the rate is reduced, and counting starts
    again. It remembers the losses, so call it once for each epoch; a call without a loss
    changes nothing, and a loss that is NaN makes a bad epoch.

    Args:
        reduction: the factor, above 0 and below 1.
        patience: how many bad epochs in a row are allowed, at least 0.
        minimum: the lowest rate, as a share of the base learning rate, from 0 to 1.
        threshold: by what share of the best loss a loss must be below it, from 0 to 1.

    Attributes:
        scale: the factor now.
        best: the lowest loss so far.
        bad_epochs: how many bad epochs in a row there have been.

    Raises:
        ValueError: a number is out of its range.
        TypeError: `patience` is not an integer, or another argument not a number.

    Source: `ReduceLROnPlateau` of PyTorch, in its relative mode.

    >>> schedule = ReduceOnPlateau(0.5, patience=1)
    >>> [schedule(epoch, loss) for epoch, loss in enumerate([None, 3.0, 2.0, 2.0, 2.0, 1.0])]
    [1.0, 1.0, 1.0, 1.0, 0.5, 0.5]
    """

    def __init__(
        self,
        reduction: float = 0.1,
        patience: int = 10,
        minimum: float = 0.0,
        threshold: float = 1e-4,
    ) -> None:
        name = "ReduceOnPlateau"
        self.reduction = as_ranged(reduction, f"{name}: reduction", "above 0 and below 1")
        self.patience = as_integer(patience, f"{name}: patience", 0)
        self.minimum = as_ranged(minimum, f"{name}: minimum", _SHARE)
        self.threshold = as_ranged(threshold, f"{name}: threshold", _SHARE)
        self.scale = 1.0
        self.best = math.inf
        self.bad_epochs = 0

    def factor(self, epoch: int, loss: float | None) -> float:
        """The factor; the loss is remembered."""
        if loss is None:
            return self.scale
        if loss < self.best * (1 - math.copysign(self.threshold, self.best)):
            self.best, self.bad_epochs = loss, 0
        else:
            self.bad_epochs += 1
        if self.bad_epochs > self.patience:
            self.scale, self.bad_epochs = max(self.scale * self.reduction, self.minimum), 0
        return self.scale

    def state(self) -> dict[str, Any]:
        """The three attributes that change."""
        return {"scale": self.scale, "best": self.best, "bad_epochs": self.bad_epochs}

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore them."""
        where = "ReduceOnPlateau.load_state"
        _check_keys(type(self).__name__, state, self.state())
        scale = as_ranged(state["scale"], f"{where}: scale", _SHARE)
        best = as_float(state["best"], f"{where}: best")
        if math.isnan(best):
            raise ValueError(f"{where}: best must not be nan")
        bad_epochs = as_integer(state["bad_epochs"], f"{where}: bad_epochs", 0)
        self.scale, self.best, self.bad_epochs = scale, best, bad_epochs


def _check_keys(name: str, state: dict[str, Any], expected: dict[str, Any]) -> None:
    if not isinstance(state, dict):
        raise TypeError(f"{name}.load_state: expected a dictionary, got {describe(state)}")
    if set(state) != set(expected):
        raise ValueError(
            f"{name}.load_state: expected {sorted(expected) or 'nothing'},"
            f" got {sorted(state, key=str) or 'nothing'}"
        )
