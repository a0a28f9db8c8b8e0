"""What a checkpoint holds of a training, besides the model: all that its next epoch depends on."""

from __future__ import annotations

import random
from pathlib import Path

from nn.contracts import Factors, Steps
from nn.formats import CheckpointError
from nn.history import History
from nn.module import Module
from nn.saving import read, save
from nn.stopping import Best


def save_training(
    path: Path,
    model: Module,
    optimizer: Steps,
    rng: random.Random,
    schedule: Factors | None,
    best: Best | None,
    history: History,
    lr: float,
) -> None:
    """Write the checkpoint of a training between two epochs; `lr` is the rate it began with."""
    extra = {
        "history": history.rows,
        "lr": lr,
        "schedule": None if schedule is None else schedule.state(),
        "best": None if best is None else best.state(),
    }
    save(path, model, optimizer, rng=rng, extra=extra)


def resume_training(
    path: Path,
    model: Module,
    optimizer: Steps,
    rng: random.Random,
    schedule: Factors | None,
    best: Best | None,
    columns: list[str],
) -> tuple[History, float]:
    """Put everything back, or raise and change neither model nor optimiser.

    Returns:
        The history so far, and the learning rate that the training began with.

    Raises:
        CheckpointError: the file is no checkpoint of such a training.
        OSError: the file cannot be read.
    """
    saved = read(path)
    try:
        rows, lr = saved.extra.get("history"), saved.extra.get("lr")
        if not isinstance(rows, list) or not isinstance(lr, float):
            raise CheckpointError("it was saved outside of a training")
        for row in rows:
            if list(row) != columns:
                raise CheckpointError(
                    f"its columns are {', '.join(row)}; now they are {', '.join(columns)}"
                )
        for name, part in (("schedule", schedule), ("best", best)):
            state = saved.extra.get(name)
            if (state is None) is not (part is None):
                had, has = ("without", "with") if state is None else ("with", "without")
                what = "early_stopping" if name == "best" else name
                raise CheckpointError(f"it was trained {had} {what}, now it is {has}")
        if best is not None:
            best.load_state(saved.extra["best"])
        if schedule is not None:
            before = schedule.state()
            try:
                schedule.load_state(saved.extra["schedule"])
            except (ValueError, TypeError, KeyError) as error:
                raise CheckpointError(f"the state of the schedule does not fit: {error}") from error
        try:
            saved.restore(model, optimizer, rng)
        except CheckpointError:
            if schedule is not None:
                schedule.load_state(before)
            raise
    except CheckpointError as error:
        raise CheckpointError(f"{path}: cannot be resumed: {error}") from error
    return History(rows), lr
