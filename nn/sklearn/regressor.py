"""`MLPRegressor`: a network that predicts numbers, as an estimator of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from nn.sklearn.base import Estimator
from nn.sklearn.workshop import outputs


class MLPRegressor(RegressorMixin, Estimator):  # type: ignore[misc]
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
        y = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
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
