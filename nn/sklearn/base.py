"""`Estimator`: what classifier and regressor have in common: arguments, data, and the training."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from nn.activation_names import Activation
from nn.layers import MLP
from nn.optimizer import Optimizer
from nn.optimizers import OPTIMIZERS
from nn.sklearn.arguments import activation, flag, hidden_sizes, number, share, whole
from nn.sklearn.watch import Watch
from nn.sklearn.workshop import Architecture, pays, workshop

_SOLVERS = {name.lower(): kind for name, kind in OPTIMIZERS.items()}


class Estimator(BaseEstimator):  # type: ignore[misc]
    """What both estimators have in common; the arguments are in the docstring of `MLPClassifier`.

    The names of the arguments, and of what ends in an underscore, are scikit-learn's.
    """

    model_: MLP
    _began: Architecture  # that of the network

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Activation = "relu",
        *,
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate_init: float = 1e-3,
        max_iter: int = 200,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change

    def fit(self, X: Any, y: Any) -> Any:  # noqa: N803
        """Train on n rows.

        Args:
            X: an array or DataFrame with n rows of numbers.
            y: n targets.

        Returns:
            The estimator itself.

        Raises:
            ValueError: the data are not such rows and targets, an argument is out of its range, or
                the training diverged.
        """
        goes_on = flag(self, "warm_start") and hasattr(self, "model_")
        X, targets = self._checked(X, y, None, is_first=not goes_on)  # noqa: N806
        self._start(is_first=not goes_on)
        self.optimizer_ = self._optimizer()
        held_out = None
        if flag(self, "early_stopping"):
            X, held_out, targets, wanted = self._split(X, targets)  # noqa: N806
        watch = Watch(self, None if held_out is None else (held_out, wanted, self._score))
        self._train(X, targets, watch=watch, epochs=whole(self, "max_iter"))
        watch.finish(self)
        self._check_finite(is_best=watch.parameters is not None)
        return self

    def _partial_fit(self, X: Any, y: Any, classes: Any = None) -> Any:  # noqa: N803
        """One epoch more, with the optimiser as the last one left it, but for its arguments."""
        if flag(self, "early_stopping"):
            raise ValueError(
                "partial_fit: early_stopping=True needs all rows: call fit, or set it to False"
            )
        is_first = not hasattr(self, "model_")
        X, targets = self._checked(X, y, classes, is_first)  # noqa: N806
        self._start(is_first)
        optimizer = self._optimizer()
        if not is_first:
            self._continue(optimizer)
        self.optimizer_ = optimizer
        size = min(self._batch(len(X)), len(X))
        self._seen[size] += len(X) // size
        is_compiled = pays(size, len(self.model_.parameters()), self._seen[size])
        self._train(X, targets, epochs=1, jit=True if is_compiled else None)
        self._check_finite()
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    @property
    def coefs_(self) -> list[Any]:
        """The weights of each layer, an array of shape (inputs, neurons)."""
        return [
            np.array([[w.data for w in neuron.weights] for neuron in layer.neurons]).T
            for layer in self._model().layers
        ]

    @property
    def intercepts_(self) -> list[Any]:
        """The biases of each layer, an array with a number for each neuron."""
        biases = [[neuron.bias for neuron in layer.neurons] for layer in self._model().layers]
        return [np.array([bias.data for bias in row if bias is not None]) for row in biases]

    @property
    def loss_(self) -> float:
        """The loss of the last epoch."""
        self._model()
        return self.loss_curve_[-1]

    @property
    def n_layers_(self) -> int:
        """The number of layers, that of the inputs included."""
        return len(self._model().layers) + 1

    # What the two estimators say

    def _targets(self, y: Any, classes: Any, is_first: bool) -> Any:
        """The targets as an array, as the loss wants them."""
        raise NotImplementedError

    def _output(self) -> tuple[int, str]:
        """The number of outputs, and the name of the loss."""
        raise NotImplementedError

    def _score(self, targets: Any, found: Any) -> float:
        """How good outputs are, larger is better."""
        raise NotImplementedError

    # Training

    def _model(self) -> MLP:
        if "model_" not in vars(self):  # or `hasattr` would be true before the training
            raise AttributeError(f"{type(self).__name__} has not been fitted yet")
        model: MLP = self.model_
        return model

    def _checked(self, X: Any, y: Any, classes: Any, is_first: bool) -> tuple[Any, Any]:  # noqa: N803
        """The rows and the targets as arrays."""
        X, y = validate_data(  # noqa: N806
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=False, reset=is_first
        )
        return X, self._targets(y, classes, is_first)

    def _start(self, is_first: bool) -> None:
        """Begin anew, with the first weights; or make sure that the network is still the one."""
        if not is_first:
            wanted = self._architecture()
            if wanted._replace(alpha=self._began.alpha) != self._began:
                raise ValueError(
                    f"{type(self).__name__}: the training goes on with {self.model_!r}, which has"
                    " another activation or other sizes of hidden layers than the arguments say:"
                    " to begin anew, call fit with warm_start=False, or a clone"
                )
            return
        self._rng = random.Random(int(check_random_state(self.random_state).randint(2**31 - 1)))
        self.n_outputs_, self._loss = self._output()
        self._began = self._architecture()
        self.model_ = self._began.network(self._rng)
        self.loss_curve_: list[float] = []
        self.t_ = 0  # rows that the training has seen
        self._seen: Counter[int] = Counter()  # steps of `partial_fit`, by their rows

    def _train(self, rows: Any, targets: Any, watch: Any = None, **options: Any) -> None:
        size = self._batch(len(rows))
        losses = workshop(self._architecture()).train(
            self.model_,
            self.optimizer_,
            (rows.tolist(), targets.tolist()),
            watch=watch,
            batch_size=size if size < len(rows) else None,
            rng=self._rng,
            progress=flag(self, "verbose", int, np.integer),  # a level, in scikit-learn
            **options,
        )
        self.loss_curve_ = [*self.loss_curve_, *losses]
        self.n_iter_ = len(losses) if watch is not None else len(self.loss_curve_)
        self.t_ += len(losses) * len(rows)

    def _architecture(self) -> Architecture:
        widths = (self.n_features_in_, *hidden_sizes(self), self.n_outputs_)
        return Architecture(widths, activation(self), self._loss, number(self, "alpha"))

    def _optimizer(self) -> Optimizer:
        kind = _SOLVERS.get(str(self.solver).lower())
        if kind is None:
            raise ValueError(
                f"solver must be one of {', '.join(map(repr, _SOLVERS))}, got {self.solver!r}"
            )
        betas = (self.beta_1, self.beta_2)
        table: dict[str, dict[str, Any]] = {
            "sgd": {"momentum": self.momentum, "nesterov": self.nesterovs_momentum},
            "adam": {"betas": betas, "eps": self.epsilon},
            "adamw": {"betas": betas, "eps": self.epsilon},
            "lion": {"betas": betas},
        }
        options = table.get(kind.__name__.lower(), {})
        if options.get("nesterov") and not self.momentum:
            options["nesterov"] = False  # as in scikit-learn, whose default it is
        return kind(self.model_.parameters(), lr=self.learning_rate_init, **options)

    def _continue(self, optimizer: Optimizer) -> None:
        """Give an optimiser what the last one has gathered."""
        last = self.optimizer_
        if type(optimizer) is not type(last):
            raise ValueError(
                f"partial_fit: solver is {self.solver!r}, but the training began with"
                f" {type(last).__name__}: set solver={type(last).__name__.lower()!r}, or begin"
                " anew by fit, or with a clone"
            )
        optimizer.load_state({**optimizer.state(), "steps": last.steps, **last.slots})

    def _check_finite(self, is_best: bool = False) -> None:
        """Raise unless the training ended with numbers: the last ones, or those that were best."""
        is_last = is_best or math.isfinite(self.loss_curve_[-1])
        if is_last and all(math.isfinite(p.data) for p in self.model_.parameters()):
            return
        raise ValueError(
            f"{type(self).__name__}: the training diverged: the loss is {self.loss_curve_[-1]}."
            f" Make learning_rate_init smaller (it is {self.learning_rate_init}), or scale the data"
            " (StandardScaler; for targets TransformedTargetRegressor)"
        )

    def _split(self, X: Any, targets: Any) -> Any:  # noqa: N803
        """Rows and targets to train on, and to watch."""
        fraction = share(self, "validation_fraction")
        try:
            parts = train_test_split(
                X,
                targets,
                test_size=fraction,
                random_state=self._rng.randrange(2**31),
                stratify=targets if is_classifier(self) else None,
            )
        except ValueError as error:
            raise ValueError(_unsplit(fraction, len(X), str(error))) from error
        if not is_classifier(self) and len(parts[1]) < 2:
            raise ValueError(_unsplit(fraction, len(X), "R² is one of at least two rows"))
        return parts

    def _batch(self, count: int) -> int:
        if isinstance(self.batch_size, str):
            if self.batch_size != "auto":
                raise ValueError(
                    f"batch_size must be 'auto' or an integer, got {self.batch_size!r}"
                )
            return min(200, count)
        return min(whole(self, "batch_size"), count)


def _unsplit(fraction: float, count: int, reason: str) -> str:
    return (
        f"early_stopping: validation_fraction={fraction:g} of {count} rows cannot be held out:"
        f" {reason}: make it larger, take more rows, or set early_stopping=False"
    )
