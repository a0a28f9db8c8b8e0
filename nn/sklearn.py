"""`MLPClassifier` and `MLPRegressor`: networks of this package as estimators of scikit-learn.

Their arguments have scikit-learn's names and defaults, their losses its scale, so that one import
is all that changes; they train by `nn.fit`, which compiles the steps, and `model_` is an `nn.MLP`:
it can be drawn, checked, differentiated and saved. This module needs scikit-learn.

>>> from sklearn.datasets import load_iris
>>> from sklearn.model_selection import cross_val_score
>>> from nn.sklearn import MLPClassifier
>>> classifier = MLPClassifier((8,), learning_rate_init=0.05, max_iter=500, random_state=0)
>>> scores = cross_val_score(classifier, *load_iris(return_X_y=True), cv=3)
>>> bool(scores.mean() > 0.9)
True
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any
from warnings import warn

from autograd.extras import missing
from autograd.number import describe
from nn.activation_names import Activation
from nn.layers import MLP
from nn.optimizer import Optimizer
from nn.optimizers import OPTIMIZERS
from nn.training import Epoch
from nn.workshop import Architecture, outputs, pays, workshop

try:
    import numpy as np
    from scipy.special import expit, log_expit, log_softmax, softmax
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import accuracy_score, r2_score
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(missing("nn.sklearn", "sklearn", ["sklearn"])) from error

__all__ = ["MLPClassifier", "MLPRegressor"]

_SOLVERS = {name.lower(): kind for name, kind in OPTIMIZERS.items()}
_SYNONYMS = {"logistic": "sigmoid"}  # scikit-learn's names of activations


class _Estimator(BaseEstimator):  # type: ignore[misc]
    """What both estimators have in common; the arguments are in the docstring of `MLPClassifier`.

    The names of the arguments, and of what ends in an underscore, are scikit-learn's.
    """

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
            ValueError: the data are not such rows and targets, or an argument is out of its range.
        """
        goes_on = bool(self.warm_start) and hasattr(self, "model_")
        X, targets = self._checked(X, y, None, is_first=not goes_on)  # noqa: N806
        if not goes_on:
            self._start(targets)
        self.optimizer_ = self._optimizer()
        held_out = None
        if self.early_stopping:
            X, held_out, targets, wanted = self._split(X, targets)  # noqa: N806
        watch = _Watch(self, None if held_out is None else (held_out, wanted, self._score))
        self._train(X, targets, watch=watch, epochs=self._whole("max_iter"))
        watch.finish(self)
        return self

    def _partial_fit(self, X: Any, y: Any, classes: Any = None) -> Any:  # noqa: N803
        """One epoch more, with the optimiser as the last one left it."""
        if self.early_stopping:
            raise ValueError(
                "partial_fit: early_stopping=True needs all rows: call fit, or set it to False"
            )
        is_first = not hasattr(self, "model_")
        X, targets = self._checked(X, y, classes, is_first)  # noqa: N806
        if is_first:
            self._start(targets)
            self.optimizer_ = self._optimizer()
        size = min(self._batch(len(X)), len(X))
        self._seen[size] += len(X) // size
        is_compiled = pays(size, len(self.model_.parameters()), self._seen[size])
        self._train(X, targets, epochs=1, jit=True if is_compiled else None)
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

    def _start(self, targets: Any) -> None:
        """Begin anew, with the first weights."""
        self._rng = random.Random(int(check_random_state(self.random_state).randint(2**31 - 1)))
        self.n_outputs_, self._loss = self._output()
        self.model_ = self._architecture().network(self._rng)
        self.loss_curve_: list[float] = []
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
            progress=bool(self.verbose),
            **options,
        )
        self.loss_curve_ = [*self.loss_curve_, *losses]
        self.n_iter_ = len(losses) if watch is not None else len(self.loss_curve_)
        self.t_ = self.optimizer_.steps * size

    def _architecture(self) -> Architecture:
        hidden = self.hidden_layer_sizes
        sizes = [hidden] if isinstance(hidden, int | np.integer) else list(hidden)
        for size in sizes:
            if not isinstance(size, int | np.integer) or size < 1:
                raise ValueError(
                    f"hidden_layer_sizes must be positive integers, got {describe(hidden)}"
                )
        name = self.activation
        activation = _SYNONYMS.get(name, name) if isinstance(name, str) else name
        alpha = self._number("alpha")
        widths = (self.n_features_in_, *map(int, sizes), self.n_outputs_)
        return Architecture(widths, activation, self._loss, alpha)

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

    def _split(self, X: Any, targets: Any) -> Any:  # noqa: N803
        """Rows and targets to train on, and to watch."""
        return train_test_split(
            X,
            targets,
            test_size=self.validation_fraction,
            random_state=self._rng.randrange(2**31),
            stratify=targets if is_classifier(self) else None,
        )

    def _batch(self, count: int) -> int:
        if isinstance(self.batch_size, str):
            if self.batch_size != "auto":
                raise ValueError(
                    f"batch_size must be 'auto' or an integer, got {self.batch_size!r}"
                )
            return min(200, count)
        return min(self._whole("batch_size"), count)

    def _whole(self, name: str) -> int:
        """An argument that is a whole number, at least 1."""
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a positive integer, got {describe(value)}")
        return int(value)

    def _number(self, name: str) -> float:
        """An argument that is a number, at least 0."""
        value = getattr(self, name)
        if not isinstance(value, int | float | np.number) or not 0 <= value < math.inf:
            raise ValueError(f"{name} must be a number of at least 0, got {describe(value)}")
        return float(value)


class _Watch:
    """Ends a training in which nothing has improved for `n_iter_no_change` epochs.

    Args:
        estimator: has the limits.
        held_out: rows, targets and a score of them, with early stopping; else the loss is watched.
    """

    def __init__(self, estimator: _Estimator, held_out: tuple[Any, Any, Any] | None) -> None:
        self.patience = estimator._whole("n_iter_no_change")
        self.tolerance = estimator._number("tol")
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
            score = score_of(targets, outputs(model, rows))
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
        if not self.is_stopped:
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


class MLPClassifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """A network that tells classes apart, as an estimator of scikit-learn.

    Its last layer is linear; the loss is the cross-entropy of the softmax of that, or of the
    sigmoid of one number where there are two classes. Compiled steps are shared: networks of one
    architecture, as in a grid search or cross-validation, are compiled once in each process.

    Args:
        hidden_layer_sizes: the number of neurons in each hidden layer.
        activation: of the hidden layers: a name in `nn.ACTIVATIONS`, "logistic", or a function of
            one Value.
        solver: the optimiser, a name in `nn.OPTIMIZERS` in lower case: "adam", "sgd", ...
        alpha: what the squares of the weights cost: `alpha / 2` for each row of a batch.
        batch_size: how many rows make a step; "auto" for all, but at most 200.
        learning_rate_init: the learning rate.
        max_iter: the largest number of epochs.
        random_state: where weights and order come from: a seed, a `RandomState`, or `None`.
        tol: what counts as better: by more than this.
        verbose: whether to show a bar, which needs tqdm.
        warm_start: whether `fit` goes on from the weights that are there.
        momentum: of "sgd".
        nesterovs_momentum: whether that looks ahead.
        early_stopping: whether to hold out rows and watch the score of these, not the loss; the
            best epoch's weights are kept.
        validation_fraction: the share of the rows that is held out.
        beta_1: of "adam", "adamw" and "lion": the share of the average of gradients that is kept.
        beta_2: that of their squares; of "lion", from step to step.
        epsilon: what keeps the denominator from 0.
        n_iter_no_change: training ends when so many epochs in a row have not been better.

    Attributes:
        model_: the `nn.MLP`.
        optimizer_: its optimiser.
        classes_: the labels, sorted.
        coefs_, intercepts_: weights and biases of each layer, as arrays.
        loss_curve_, n_iter_: the loss of each epoch; how many there were.
        validation_scores_, best_validation_score_: accuracies on what was held out.

    >>> import numpy as np
    >>> rows, labels = [[0, 0], [0, 1], [1, 0], [1, 1]], ["same", "other", "other", "same"]
    >>> classifier = MLPClassifier((8,), "tanh", learning_rate_init=0.1, random_state=0)
    >>> classifier.fit(rows, labels).predict(rows).tolist() == labels
    True
    >>> classifier.predict_proba(rows).shape
    (4, 2)
    >>> classifier.model_
    MLP(2, [8, 1], activation='tanh', output_activation='identity')
    """

    def _targets(self, y: Any, classes: Any, is_first: bool) -> Any:
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        if is_first:
            if classes is not None:
                check_classification_targets(classes)
            self.classes_ = np.unique(y if classes is None else np.asarray(classes))
            if len(self.classes_) < 2:
                raise ValueError(
                    f"{type(self).__name__}: expected at least two classes, got one class:"
                    f" {self.classes_[0]!r}"
                )
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"partial_fit: classes {classes!r} are not those of the first call, {self.classes_}"
            )
        unknown = set(np.unique(y).tolist()) - set(self.classes_.tolist())
        if unknown:
            raise ValueError(f"y has classes {sorted(unknown)}, which are not in {self.classes_}")
        found = np.searchsorted(self.classes_, y)
        return found if len(self.classes_) > 2 else found.astype(float)

    def _output(self) -> tuple[int, str]:
        count = len(self.classes_)
        return (1, "binary") if count == 2 else (count, "classes")

    def _score(self, targets: Any, found: Any) -> float:
        return float(accuracy_score(targets, self._indexes(found)))

    def _indexes(self, found: Any) -> Any:
        return (found > 0).astype(int) if found.ndim == 1 else found.argmax(axis=1)

    def _logits(self, X: Any) -> Any:  # noqa: N803
        check_is_fitted(self)
        return outputs(self.model_, validate_data(self, X, dtype=np.float64, reset=False))

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Any:  # noqa: N803
        """Train for one epoch more on these rows, from where the last call ended.

        Args:
            X: n rows.
            y: n labels.
            classes: all labels there will be; needed in the first call, if `y` lacks some.

        Returns:
            The estimator itself.
        """
        return self._partial_fit(X, y, classes)

    def predict(self, X: Any) -> Any:  # noqa: N803
        """The label of each row."""
        logits = self._logits(X)
        return self.classes_[self._indexes(logits)]

    def decision_function(self, X: Any) -> Any:  # noqa: N803
        """The outputs of the network: log odds, or a number for each class."""
        return self._logits(X)

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        """The probability of each class, in the order of `classes_`, for each row."""
        z = self._logits(X)
        return softmax(z, axis=1) if z.ndim == 2 else np.column_stack([expit(-z), expit(z)])

    def predict_log_proba(self, X: Any) -> Any:  # noqa: N803
        """The logarithms of `predict_proba`, exact where it is close to 0."""
        z = self._logits(X)
        if z.ndim == 2:
            return log_softmax(z, axis=1)
        return np.column_stack([log_expit(-z), log_expit(z)])


class MLPRegressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    """A network that predicts numbers, one or several a row, as an estimator of scikit-learn.

    The loss is half the mean of the squared errors. Arguments and attributes are those of
    `MLPClassifier`, but for `classes_`; what is watched with early stopping is R².

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> regressor = MLPRegressor((8,), "tanh", learning_rate_init=0.05, random_state=0)
    >>> bool(regressor.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.9)
    True
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _targets(self, y: Any, classes: Any, is_first: bool) -> Any:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = np.asarray(y, dtype=np.float64)
        self._count = 1 if y.ndim == 1 else y.shape[1]
        if not is_first and self._count != self.n_outputs_:
            raise ValueError(f"y has {self._count} columns, expected {self.n_outputs_}")
        return y

    def _output(self) -> tuple[int, str]:
        return self._count, "squared_error"

    def _score(self, targets: Any, found: Any) -> float:
        return float(r2_score(targets, found))

    def partial_fit(self, X: Any, y: Any) -> Any:  # noqa: N803
        """Train for one epoch more on these rows, from where the last call ended."""
        return self._partial_fit(X, y)

    def predict(self, X: Any) -> Any:  # noqa: N803
        """The numbers of each row."""
        check_is_fitted(self)
        return outputs(self.model_, validate_data(self, X, dtype=np.float64, reset=False))
