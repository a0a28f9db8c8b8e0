"""Divergence: noticed in the first step whose numbers are not finite, and warned of.

A loss that is infinite or NaN is warned of in the epoch in which it first happens. The training
goes on while it may recover, since the next batch may be better: it ends once a parameter is not
finite, or no step of an epoch has had a finite loss.
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
    """Warns of a training that diverges, and says whether it goes on.

    Args:
        optimizer: holds what is trained.
        history: records the epoch.

    Attributes:
        is_final: whether nothing can be learned any more.
    """

    def __init__(self, optimizer: Steps, history: History) -> None:
        self.is_final = False
        self._optimizer = optimizer
        self._history = history
        self._first: tuple[int, str, tuple[Any, Any]] | None = (
            None  # the step, what was wrong in it, and its batch
        )

    def see_step(self, loss: float, step: int, batch: tuple[Any, Any]) -> None:
        """Note that the loss of a step, counted from 1, is not finite."""
        self._first = self._first or (step, f"step {step}, is {loss!r}", batch)
        self.is_final = first_not_finite(self._optimizer.parameters) is not None

    def see_epoch(self, epoch: int, losses: list[float], is_stored: bool) -> None:
        """Warn of what was wrong in an epoch, counted from 1.

        Args:
            epoch: its number.
            losses: those of its steps.
            is_stored: whether the parameters hold the current numbers; if not, those are finite.
        """
        if self._first is not None:
            self.is_final |= not any(map(math.isfinite, losses))
            (step, what, batch), self._first = self._first, None
            has_moved = (epoch, step) != (1, 1)
            what = f"the loss of epoch {epoch}, {what}"
            self._say(epoch, what, ("inputs", "targets"), batch, has_moved)
        elif is_stored and (i := first_not_finite(self._optimizer.parameters)) is not None:
            self.is_final = True
            number = self._optimizer.parameters[i].data
            self._say(epoch, f"after epoch {epoch} parameters[{i}] of the optimizer is {number!r}")

    def see_validation(self, loss: float, epoch: int, data: tuple[Any, Any]) -> None:
        """Warn of a validation loss that is not finite."""
        names = ("validation inputs", "validation targets")
        self._say(epoch, f"the validation loss of epoch {epoch} is {loss!r}", names, data)

    def _say(
        self,
        epoch: int,
        what: str,
        names: tuple[str, ...] = (),
        data: tuple[Any, ...] = (),
        has_moved: bool = True,
    ) -> None:
        """Warn if this is the first time, or the end."""
        is_news = self._history.diverged is None
        if is_news:
            self._history.diverged = epoch
        elif not self.is_final:
            return
        end = ", and ends here" if self.is_final else ""
        bad = _first(names, data)
        if bad:
            remedy = f"It is the data: {bad}; leave such rows out, or fill in a number"
        elif has_moved:
            remedy = (
                f"A smaller learning rate (it is {self._optimizer.lr:g}) may help, or clipping:"
                " before_step=lambda parameters: clip_gradient_norm(parameters, 1.0)"
            )
        else:
            remedy = (
                "No parameter had moved yet: the data or the first parameters are too large for"
                " this loss, or not finite; scale the data (nn.Standardizer)"
            )
        warn(f"fit: {what}, not finite: the training has diverged{end}. {remedy}")


def first_not_finite(parameters: list[Value]) -> int | None:
    """The index of the first parameter that is infinite or NaN; None if there is none."""
    numbers = [parameter.data for parameter in parameters]
    if math.isfinite(sum(numbers)):
        return None
    return next((i for i, x in enumerate(numbers) if not math.isfinite(x)), None)


def _first(names: Iterable[str], data: Iterable[Any]) -> str | None:
    """The first number that is not finite, with its place: `inputs[0][1] is nan`."""
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
