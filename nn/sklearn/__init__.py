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

from autograd.extras import missing

try:
    from nn.sklearn.classifier import MLPClassifier
    from nn.sklearn.regressor import MLPRegressor
except ImportError as error:
    if (error.name or "").partition(".")[0] not in ("numpy", "scipy", "sklearn"):
        raise
    raise ImportError(missing("nn.sklearn", "sklearn", ["sklearn"])) from error

__all__ = ["MLPClassifier", "MLPRegressor"]
