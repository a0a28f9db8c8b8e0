"""The arguments of an estimator, checked when they are used; errors say what would be right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.number import describe
from nn.activation_names import ACTIVATIONS, Activation, activation_function, row_activation

_SYNONYMS = {"logistic": "sigmoid"}  # scikit-learn's names of activations


def whole(estimator: Any, name: str) -> int:
    """An argument that is a whole number, at least 1."""
    value = getattr(estimator, name)
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {describe(value)}")
    return int(value)


def number(estimator: Any, name: str) -> float:
    """An argument that is a number, at least 0."""
    value = getattr(estimator, name)
    if not isinstance(value, int | float | np.number) or not 0 <= value < math.inf:
        raise ValueError(f"{name} must be a number of at least 0, got {describe(value)}")
    return float(value)


def share(estimator: Any, name: str) -> float:
    """An argument that is a number between 0 and 1, neither of these."""
    value = getattr(estimator, name)
    if not isinstance(value, int | float | np.number) or not 0 < value < 1:
        raise ValueError(f"{name} must be a number above 0 and below 1, got {describe(value)}")
    return float(value)


def flag(estimator: Any, name: str, *others: type) -> bool:
    """An argument that is true or false, or of another type that may stand for these.

    Not of text: "False" would be true.
    """
    value = getattr(estimator, name)
    if not isinstance(value, (bool, np.bool_, *others)):
        raise ValueError(f"{name} must be True or False, got {describe(value)}")
    return bool(value)


def hidden_sizes(estimator: Any) -> list[int]:
    """The sizes of the hidden layers; a number is that of a single one."""
    given = estimator.hidden_layer_sizes
    is_row = hasattr(given, "__iter__") and not isinstance(given, str)
    sizes = list(given) if is_row else [given]
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(
                "hidden_layer_sizes must be positive integers, such as (100,), got"
                f" {describe(given)}"
            )
    return list(map(int, sizes))


def activation(estimator: Any) -> Activation:
    """The function of the hidden layers."""
    given = estimator.activation
    given = _SYNONYMS.get(given, given) if isinstance(given, str) else given
    is_unknown = isinstance(given, str) and given not in ACTIVATIONS
    if is_unknown or row_activation(given) is not None:
        names = ", ".join(map(repr, [*ACTIVATIONS, *_SYNONYMS]))
        raise ValueError(
            f"activation must be one of {names}, or a function of one Value, got"
            f" {describe(estimator.activation)}"
        )
    return activation_function(given)
