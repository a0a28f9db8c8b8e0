"""What a checkpoint holds of a training, besides the model: all that the next epoch depends on."""

from __future__ import annotations

import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd.number import describe
from nn.contracts import Factors, Steps
from nn.divergence import first_diverged
from nn.formats import CheckpointError
from nn.history import History
from nn.module import Module
from nn.saving import load_part, read, save, unchanged_on_error
from nn.stopping import Best


@dataclass(frozen=True)
class Resumable:
    """A training and the file of its checkpoints.

    Attributes:
        path: the file.
        model: what is trained.
        optimizer: the optimiser.
        rng: what shuffles.
        schedule: the schedule, if there is one.
        best: the best epoch so far, where there is early stopping.
    """

    path: Path
    model: Module
    optimizer: Steps
    rng: random.Random
    schedule: Factors | None
    best: Best | None

    def save(self, history: History, lr: float, memory: dict[str, Any]) -> None:
        """Write a checkpoint between two epochs.

        Args:
            history: the epochs so far.
            lr: the learning rate at the start.
            memory: what compiled steps have to remember.
        """
        parts = {"schedule": self.schedule, "best": self.best}
        extra = {
            "history": history.rows,
            "lr": lr,
            "steps": memory,
            **{name: None if part is None else part.state() for name, part in parts.items()},
        }
        save(self.path, self.model, self.optimizer, rng=self.rng, extra=extra)

    def resume(self, columns: list[str]) -> tuple[History, float, dict[str, Any]]:
        """Put everything back, or raise and change nothing.

        Args:
            columns: those of the history.

        Returns:
            What was saved.

        Raises:
            CheckpointError: the file is not a checkpoint of such a training.
            OSError: the file cannot be read.
        """
        saved = read(self.path)
        parts = {"early_stopping": ("best", self.best), "schedule": ("schedule", self.schedule)}
        try:
            rows, lr = _checked_history(saved.extra, columns), saved.extra["lr"]
            memory = _checked_memory(saved.extra.get("steps", {}))
            for what, (name, part) in parts.items():
                had, has = saved.extra.get(name) is not None, part is not None
                if had is not has:
                    was, now = ("with" if x else "without" for x in (had, has))
                    raise CheckpointError(f"it was trained {was} {what}, now it is {now}")
            with unchanged_on_error(self.best, self.schedule):
                for what, (name, part) in parts.items():
                    if part is not None:
                        load_part(what.replace("_", " "), part, saved.extra[name])
                saved.restore(self.model, self.optimizer, self.rng)
        except CheckpointError as error:
            raise CheckpointError(f"{self.path}: cannot be resumed: {error}") from error
        return History(rows, diverged=first_diverged(rows)), lr, memory


_MEMORY = {
    "sizes": (dict, int),
    "seen": (dict, int),
    "specialisations": (dict, list),
    "plain": (list, str),
}
"""What compiled steps remember: containers, and what is in them."""


def _checked_memory(memory: Any) -> dict[str, Any]:
    """What compiled steps remember, checked."""
    found = dict(memory) if isinstance(memory, dict) else {"": None}
    found.pop("branched", None)  # of before there was the rest
    wrong = set(found) - {*_MEMORY, "separate"}
    if type(found.get("separate", False)) is not bool:
        wrong.add("separate")
    for name, (kind, inner) in _MEMORY.items():
        x: Any = found.get(name, kind())
        items = list(x.values() if isinstance(x, dict) else x or ())
        if [type(x), *map(type, items)] != [kind, *[inner] * len(items)]:
            wrong.add(name)
    if wrong:
        raise CheckpointError(f"what its steps remember is broken: {describe(memory)}")
    return found


def _checked_history(extra: dict[str, Any], columns: list[str]) -> list[dict[str, float]]:
    """The rows that were saved, checked to be those of such a training."""
    rows, lr = extra.get("history"), extra.get("lr")
    if not isinstance(rows, list) or not isinstance(lr, float):
        raise CheckpointError("it was saved outside of fit")
    if not 0 <= lr < math.inf:
        raise CheckpointError(f"its learning rate is {lr}")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise CheckpointError(f"epoch {number} of its history is {describe(row)}")
        if list(row) != columns:
            raise CheckpointError(
                f"its columns are {', '.join(row)}; now they are {', '.join(columns)}"
            )
        for column, x in row.items():
            if type(x) is not float and (type(x) is not int or abs(x) > sys.float_info.max):
                raise CheckpointError(
                    f"epoch {number} of its history: {column}: expected a number, got {describe(x)}"
                )
        if type(row["epoch"]) is not int or row["epoch"] != number:
            raise CheckpointError(
                f"epoch {number} of its history is numbered {describe(row['epoch'])}"
            )
    return rows
