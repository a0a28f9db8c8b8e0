"""`Watch`: sees each epoch of an estimator's training, and ends one that no longer improves."""

from __future__ import annotations

import math
from typing import Any
from warnings import warn

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from nn.sklearn.arguments import number, whole
from nn.sklearn.workshop import outputs
from nn.training import Epoch


class Watch:
    """Ends a training in which nothing has improved for `n_iter_no_change` epochs.

    Args:
        estimator: has the limits.
        held_out: rows, targets and a score of them, with early stopping; else the loss is watched.
    """

    def __init__(self, estimator: Any, held_out: tuple[Any, Any, Any] | None) -> None:
        is_endless = estimator.n_iter_no_change == math.inf  # as in scikit-learn: to the last epoch
        self.patience = math.inf if is_endless else whole(estimator, "n_iter_no_change")
        self.tolerance = number(estimator, "tol")
        self.held_out = held_out
        self.best = -math.inf
        self.waited = 0
        self.scores: list[float] = []
        self.parameters: list[float] | None = None
        self.is_stopped = False

    def __call__(self, epoch: Epoch) -> None:
        """See one more epoch."""
        score = -epoch.row["loss"]
        if self.held_out is not None:
            rows, targets, score_of = self.held_out
            model: Any = epoch.model
            found = outputs(model, rows)
            score = score_of(targets, found) if np.isfinite(found).all() else -math.inf
            self.scores.append(score)
        self.waited = 0 if score > self.best + self.tolerance else self.waited + 1
        if score > self.best:
            self.best = score
            if self.held_out is not None:
                self.parameters = [p.data for p in epoch.model.parameters()]
        if self.waited >= self.patience:
            self.is_stopped = True
            epoch.stop()

    def finish(self, estimator: Any) -> None:
        """Leave what has been seen in the estimator."""
        if not self.is_stopped and estimator.n_iter_ >= estimator.max_iter:
            warn(
                f"{type(estimator).__name__}: the training ended after max_iter"
                f" ({estimator.max_iter}) epochs, and was still getting better by more than tol",
                ConvergenceWarning,
                stacklevel=3,
            )
        estimator.best_loss_ = -self.best if self.held_out is None else None
        estimator.validation_scores_ = None if self.held_out is None else self.scores
        estimator.best_validation_score_ = None if self.held_out is None else self.best
        if self.parameters is not None:
            for parameter, x in zip(estimator.model_.parameters(), self.parameters, strict=True):
                parameter.data = x
