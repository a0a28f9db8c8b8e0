"""`MLPClassifier`: a network that tells classes apart, as an estimator of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from nn.sklearn.base import Estimator
from nn.sklearn.workshop import outputs


class MLPClassifier(ClassifierMixin, Estimator):  # type: ignore[misc]
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
        n_iter_no_change: training ends when so many epochs in a row have not been better;
            `math.inf` for never.

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
                alone = "".join(f"one class: {x!r}" for x in self.classes_.tolist()) or "none"
                raise ValueError(
                    f"{type(self).__name__}: expected at least two classes, got {alone};"
                    " partial_fit takes all of them as classes="
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
