"""Trainings that blow up: noticed in the first step whose numbers are not finite, and said.

A loss that is infinite or NaN is told at once, and once. The training goes on while its parameters
are finite, since the next batch may be better; once one of them is not, nothing can be learned any
more, and it ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from autograd import Value
from nn.contracts import Steps
from nn.history import History
from nn.warning import warn


class Divergence:
    """What is said of a training, and whether it goes on.

    Args:
        optimizer: holds what is trained.
        history: where it is written down.

    Attributes:
        is_final: whether a parameter is no longer finite.
    """

    def __init__(self, optimizer: Steps, history: History) -> None:
        self.is_final = False
        self._optimizer = optimizer
        self._history = history

    def see_loss(self, loss: float, epoch: int, step: int, batch: tuple[Any, Any]) -> None:
        """Say that the loss of a step is not finite; `epoch` and `step` count from 1."""
        self.is_final = first_not_finite(self._optimizer.parameters) is not None
        if self._is_news(epoch):
            what = f"the loss of epoch {epoch}, step {step}, is {loss!r}"
            self._say(what, _first(("inputs", "targets"), batch))

    def see_parameters(self, epoch: int) -> None:
        """See whether the parameters are finite, and end the training if they are not."""
        i = first_not_finite(self._optimizer.parameters)
        if i is not None:
            self.is_final = True
            if self._is_news(epoch):
                number = self._optimizer.parameters[i].data
                self._say(f"after epoch {epoch} parameters[{i}] of the optimizer is {number!r}")

    def see_validation(self, loss: float, epoch: int, data: tuple[Any, Any]) -> None:
        """Say that the loss of the validation data is not finite."""
        if self._is_news(epoch):
            what = f"the validation loss of epoch {epoch} is {loss!r}"
            self._say(what, _first(("validation inputs", "validation targets"), data))

    def _is_news(self, epoch: int) -> bool:
        if self._history.diverged is not None:
            return False
        self._history.diverged = epoch
        return True

    def _say(self, what: str, bad: str | None = None) -> None:
        end = ", and ends, since its parameters are not finite" if self.is_final else ""
        remedy = (
            f"A smaller learning rate (it is {self._optimizer.lr:g}) may help, or clipping:"
            " before_step=lambda parameters: clip_gradient_norm(parameters, 1.0)"
        )
        if bad:
            remedy = f"It is the data: {bad}; leave such rows out, or fill in a number"
        warn(f"fit: {what}, not finite: the training has diverged{end}. {remedy}")


def first_not_finite(parameters: list[Value]) -> int | None:
    """The index of the first parameter that is infinite or NaN; None if there is none."""
    numbers = [parameter.data for parameter in parameters]
    if math.isfinite(sum(numbers)):
        return None
    return next((i for i, x in enumerate(numbers) if not math.isfinite(x)), None)


def _first(names: Iterable[str], data: Iterable[Any]) -> str | None:
    """The first number that is not finite, as one would write it: `inputs[0][1] is nan`."""
    for name, x in zip(names, data, strict=True):
        if isinstance(x, float):
            if not math.isfinite(x):
                return f"{name} is {x!r}"
        elif isinstance(x, list | tuple):
            found = _first([f"{name}[{i}]" for i in range(len(x))], x)
            if found:
                return found
    return None


def first_diverged(rows: list[dict[str, float]]) -> int | None:
    """The number of the first epoch whose losses are not all finite; None if there is none."""
    for row in rows:
        if not all(math.isfinite(row.get(name, 0.0)) for name in ("loss", "val_loss")):
            return int(row["epoch"])
    return None
