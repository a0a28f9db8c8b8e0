"""Early stopping: end a training that no longer improves, and restore its best parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from autograd.number import as_integer, describe
from nn.formats import CheckpointError
from nn.module import Module, named_numbers
from nn.ranges import as_ranged


@dataclass(frozen=True)
class EarlyStopping:
    """When to give up, for `fit`.

    Args:
        patience: how many epochs in a row may pass without an improvement, at least 1.
        monitor: the column of the history to watch; it must be one of the validation data.
        maximize: whether larger is better, as it is for accuracy.
        min_delta: what counts as an improvement: being better than the best by more than this.

    Raises:
        ValueError: a number is out of its range, or the column is not of the validation data.
        TypeError: a number is not one.

    Source: Prechelt, "Early stopping - but when?" (1998).

    >>> EarlyStopping(patience=5, monitor="val_accuracy", maximize=True).patience
    5
    """

    patience: int
    monitor: str = "val_loss"
    maximize: bool = False
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        as_integer(self.patience, "EarlyStopping: patience", 1)
        as_ranged(self.min_delta, "EarlyStopping: min_delta", "at least 0 and finite")
        if not self.monitor.startswith("val_"):  # the others are measured while parameters move
            raise ValueError(
                "EarlyStopping: monitor must be a column of the validation data,"
                f" named val_..., got {self.monitor!r}"
            )


class Best:
    """The best epoch so far, with its parameters.

    Args:
        rule: what counts as better, and how long to wait for it.
        model: whose parameters to keep.

    Attributes:
        waited: how many epochs have passed since the best one.
    """

    def __init__(self, rule: EarlyStopping, model: Module) -> None:
        self.waited = 0
        self._rule = rule
        self._model = model
        self._number = -math.inf
        self._parameters: dict[str, float] | None = None

    @property
    def exhausted(self) -> bool:
        """Whether it is time to give up."""
        return self.waited >= self._rule.patience

    def update(self, row: dict[str, float]) -> None:
        """Compare one more epoch; NaN is never an improvement."""
        number = row[self._rule.monitor] * (1 if self._rule.maximize else -1)
        if number > self._number + self._rule.min_delta:
            self.waited = 0
            self._number = number
            self._parameters = {path: p.data for path, p in named_numbers(self._model)}
        else:
            self.waited += 1

    def restore(self) -> None:
        """Put the best parameters back, if there are any."""
        if self._parameters is not None:
            for path, parameter in named_numbers(self._model):
                parameter.data = self._parameters[path]

    def state(self) -> dict[str, Any]:
        """What a checkpoint has to save."""
        return {
            "waited": self.waited,
            "number": self._number,
            "parameters": self._parameters,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore it; CheckpointError if it is broken, or that of another model."""
        try:
            waited, number, parameters = state["waited"], state["number"], state["parameters"]
            sound = type(waited) is int and waited >= 0
            sound = sound and type(number) is float and not math.isnan(number)
        except (KeyError, TypeError):
            sound = False
        if not sound:
            raise CheckpointError(f"the state of the early stopping is broken: {describe(state)}")
        if parameters is not None:
            paths = [path for path, _ in named_numbers(self._model)]
            if not isinstance(parameters, dict) or sorted(parameters) != sorted(paths):
                raise CheckpointError("the best parameters are those of another model")
            for path, x in parameters.items():
                if type(x) is not float:
                    raise CheckpointError(
                        f"the best parameters: {path}: expected a float, got {describe(x)}"
                    )
        self.waited, self._number, self._parameters = waited, number, parameters
