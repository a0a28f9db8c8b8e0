"""One pass over rows of data, to train or to validate, and its loss and metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from autograd.number import as_float
from autograd.random import fold_in
from nn.divergence import Divergence
from nn.interruption import Interruption
from nn.prediction import Metric, plain, predict
from nn.steps import Draws, PlainSteps


def train_epoch(
    rows: Iterator[tuple[list[Any], list[Any]]],
    stepper: PlainSteps,
    metrics: dict[str, Metric],
    is_watched: bool,
    interruption: Interruption,
    divergence: Divergence,
    number: int,
    draws: Draws = (),
) -> dict[str, float] | None:
    """One pass over the batches: the loss and the metrics, or `None` if Ctrl-C cut it short.

    Only the loss, if the training has diverged for good.
    """
    sizes: list[int] = []
    losses: list[float] = []
    seen: list[Any] = []
    wanted: list[Any] = []
    batch = next(rows, None)
    while batch is not None:
        inputs, targets = batch
        by = fold_in(draws, len(losses)) if draws else ()
        try:
            value, outputs = stepper.step(inputs, targets, interruption, by)
        except Exception as error:
            error.add_note(f"in step {len(losses) + 1} of epoch {number} of fit")
            raise
        sizes.append(len(inputs))
        losses.append(value)
        if not math.isfinite(value):
            stepper.store()
            divergence.see_step(value, len(losses), batch)
            if divergence.is_final:
                break
        if metrics:
            seen += map(plain, outputs)
            wanted += targets
        batch = next(rows, None)
        if interruption.pressed and batch is not None:
            return None
    if is_watched or not stepper.is_finite():
        stepper.store()
    divergence.see_epoch(number, losses, stepper.is_stored)
    return {
        "loss": mean_loss(sizes, losses),
        **({} if divergence.is_final else _measure(metrics, seen, wanted)),
    }


def mean_loss(sizes: list[int], losses: list[float]) -> float:
    """The loss of an epoch: the mean over its rows, of batches of these sizes."""
    count = sum(sizes)
    return sum(size / count * loss for size, loss in zip(sizes, losses, strict=True))


def validate(
    model: Callable[[Any], Any],
    data: tuple[list[Any], list[Any]],
    loss: Callable[[list[Any], list[Any]], Any],
    metrics: dict[str, Metric],
) -> dict[str, float]:
    """The loss and the metrics of rows that are not trained on, as columns of the history."""
    inputs, targets = data
    outputs = predict(model, inputs)
    figures = {"loss": float(loss(outputs, targets)), **_measure(metrics, outputs, targets)}
    return {f"val_{name}": number for name, number in figures.items()}


def _measure(
    metrics: dict[str, Metric], outputs: list[Any], targets: list[Any]
) -> dict[str, float]:
    return {
        name: as_float(metric(outputs, targets), f"fit: metric {name}")
        for name, metric in metrics.items()
    }
