"""Losses: how far predictions are from targets, as one number to make small.

Predictions and targets are sequences of numbers, or single numbers. The loss is a Value if any of
them is a Value, otherwise a float.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any, TypeAlias, overload

from autograd import Value, dot, log, log1p, log_softmax, mean, softplus
from autograd import sum as total
from autograd.functions import Number
from autograd.number import as_float, describe, is_number

Values: TypeAlias = Value | Iterable[Value]
Floats: TypeAlias = float | Iterable[float]
Numbers: TypeAlias = Number | Iterable[Number]

_SUM_TOLERANCE = 1e-5  # of probabilities that add up to 1, computed in single precision


@overload
def mean_squared_error(predictions: Values, targets: Numbers) -> Value: ...
@overload
def mean_squared_error(predictions: Floats, targets: Floats) -> float: ...
@overload
def mean_squared_error(predictions: Numbers, targets: Numbers) -> Number: ...
def mean_squared_error(predictions: Numbers, targets: Numbers) -> Number:
    """The mean of `(prediction - target) ** 2`.

    Args:
        predictions: n numbers, or one.
        targets: as many.

    Raises:
        ValueError: there are none, or not as many of the one as of the other.
        TypeError: there is something else than numbers among them.

    Source: Legendre, *Nouvelles méthodes pour la détermination des orbites des comètes* (1805).

    >>> mean_squared_error([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    loss: Number = mean(_squared_errors("mean_squared_error", predictions, targets))
    return loss


@overload
def half_sum_squared_error(predictions: Values, targets: Numbers) -> Value: ...
@overload
def half_sum_squared_error(predictions: Floats, targets: Floats) -> float: ...
@overload
def half_sum_squared_error(predictions: Numbers, targets: Numbers) -> Number: ...
def half_sum_squared_error(predictions: Numbers, targets: Numbers) -> Number:
    """Half the sum of `(prediction - target) ** 2`: its derivative is `prediction - target`.

    Args:
        predictions: n numbers, or one.
        targets: as many.

    Raises:
        ValueError: there are none, or not as many of the one as of the other.
        TypeError: there is something else than numbers among them.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors"
    (1986), eq. 3.

    >>> half_sum_squared_error([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    squares = _squared_errors("half_sum_squared_error", predictions, targets)
    loss: Number = 0.5 * total(squares)
    return loss


@overload
def binary_cross_entropy(predictions: Values, targets: Numbers) -> Value: ...
@overload
def binary_cross_entropy(predictions: Floats, targets: Floats) -> float: ...
@overload
def binary_cross_entropy(predictions: Numbers, targets: Numbers) -> Number: ...
def binary_cross_entropy(predictions: Numbers, targets: Numbers) -> Number:
    """The mean of `-(t log(p) + (1 - t) log(1 - p))`, for probabilities p and targets t.

    A term whose factor is a plain 0 is left out: a prediction of exactly 0 or 1 that is right
    costs 0, as `0 log(0)` is 0 in the limit. One that is wrong costs infinitely much, and raises.
    That happens where a sigmoid is so sure that its result is rounded to 0 or 1:
    `binary_cross_entropy_with_logits` has no such limit.

    Args:
        predictions: n probabilities, or one.
        targets: as many numbers from 0 to 1.

    Raises:
        ValueError: a number is not between 0 and 1, a prediction is exactly 0 or 1 and wrong, there
            are none, or not as many of the one as of the other.
        TypeError: there is something else than numbers among them.

    Source: Bishop, *Pattern Recognition and Machine Learning* (2006), eq. 4.90.

    >>> round(binary_cross_entropy([0.9, 0.2], [1.0, 0.0]), 6)
    0.164252
    >>> binary_cross_entropy(1.0, 1.0)
    0.0
    """
    name = "binary_cross_entropy"
    pairs = _pairs(name, predictions, targets)
    losses = []
    for i, (p, t) in enumerate(pairs):
        _check_probability(name, "predictions", i, p)
        _check_probability(name, "targets", i, t)
        try:
            if isinstance(t, Value) or t > 0:
                losses.append(-t * log(p))
            if isinstance(t, Value) or t < 1:
                losses.append((t - 1) * log1p(-p))
        except ValueError:
            raise ValueError(
                f"{name}: predictions[{i}] is {float(p)!r} where targets[{i}] is {float(t)!r}:"
                " the loss is infinite (binary_cross_entropy_with_logits takes the number before"
                " the sigmoid, and stays finite)"
            ) from None
    loss: Number = total(losses) / len(pairs)
    return loss


@overload
def binary_cross_entropy_with_logits(logits: Values, targets: Numbers) -> Value: ...
@overload
def binary_cross_entropy_with_logits(logits: Floats, targets: Floats) -> float: ...
@overload
def binary_cross_entropy_with_logits(logits: Numbers, targets: Numbers) -> Number: ...
def binary_cross_entropy_with_logits(logits: Numbers, targets: Numbers) -> Number:
    """The binary cross-entropy of `sigmoid(logit)`, computed without the sigmoid.

    It is `softplus(z) - t z`, written `t softplus(-z) + (1 - t) softplus(z)`: a sum of terms that
    are never negative, so that nothing cancels, nothing overflows, and the loss and its derivative
    are right to the last digits for any finite logit.

    Args:
        logits: n numbers, or one; 0 stands for a probability of 0.5.
        targets: as many numbers from 0 to 1.

    Raises:
        ValueError: a target is not between 0 and 1, there are none, or not as many of the one as of
            the other.
        TypeError: there is something else than numbers among them.

    Source: Bishop, *Pattern Recognition and Machine Learning* (2006), eq. 4.90 with 4.59.

    >>> binary_cross_entropy_with_logits([1000.0, -1000.0], [0.0, 0.0])
    500.0
    """
    name = "binary_cross_entropy_with_logits"
    losses = []
    for i, (z, t) in enumerate(_pairs(name, logits, targets)):
        _check_probability(name, "targets", i, t)
        losses.append(t * softplus(-z) + (1 - t) * softplus(z))
    loss: Number = mean(losses)
    return loss


@overload
def cross_entropy(logits: Iterable[Values], target: Any) -> Value: ...
@overload
def cross_entropy(logits: Iterable[Numbers], target: Any) -> Number: ...
def cross_entropy(logits: Iterable[Numbers], target: Any) -> Number:
    """The cross-entropy `-sum(t log(softmax(logits)))` of a row, or its mean over a batch of rows.

    Args:
        logits: one number for each of c classes; or a batch of n such rows.
        target: the index of the right class, from 0 to c - 1, or c probabilities that add up to 1;
            for a batch, one of these for each row.

    Raises:
        ValueError: there are no logits, no such class, not as many probabilities as logits or
            targets as rows, or the probabilities do not add up to 1.
        TypeError: there is something else than numbers among them.

    Source: Bishop, *Pattern Recognition and Machine Learning* (2006), eq. 4.108 with 4.62.

    >>> round(cross_entropy([2.0, 1.0, 0.0], 0), 6)
    0.407606
    >>> cross_entropy([[1000.0, 0.0], [1000.0, 0.0]], [0, 1])
    500.0
    >>> cross_entropy([0.0, 0.0], 2)
    Traceback (most recent call last):
    ValueError: cross_entropy: target must be the index of one of 2 classes, 0 to 1, got 2
    """
    rows: list[Any] = list(logits)
    if not rows:
        raise ValueError("cross_entropy: expected at least one logit, got none")
    if is_number(rows[0]):
        return _row_cross_entropy(rows, target, "logits", "target")
    if not hasattr(target, "__iter__"):
        raise ValueError(
            f"cross_entropy: expected one target for each of {len(rows)} rows of logits,"
            f" got {describe(target)}"
        )
    targets = list(target)
    if len(targets) != len(rows):
        raise ValueError(
            f"cross_entropy: expected one target for each of {len(rows)} rows of logits,"
            f" got {len(targets)}"
        )
    losses: list[Any] = [
        _row_cross_entropy(list(row), t, f"logits[{i}]", f"target[{i}]")
        for i, (row, t) in enumerate(zip(rows, targets, strict=True))
    ]
    loss: Number = mean(losses)
    return loss


def _row_cross_entropy(logits: list[Any], target: Any, where: str, which: str) -> Number:
    if not logits:
        raise ValueError(f"cross_entropy: expected at least one logit in {where}, got none")
    probabilities = _distribution(target, len(logits), which)
    loss: Number = dot([-t for t in probabilities], log_softmax(logits))
    return loss


def _distribution(target: Any, classes: int, which: str) -> list[Any]:
    """The target as one probability for each class."""
    if not hasattr(target, "__iter__"):
        try:
            right = index(target)
        except TypeError:
            raise TypeError(
                f"cross_entropy: {which} must be a class index (an integer)"
                f" or {classes} probabilities, got {describe(target)}"
            ) from None
        if not 0 <= right < classes:
            raise ValueError(
                f"cross_entropy: {which} must be the index of one of {classes} classes,"
                f" 0 to {classes - 1}, got {right}"
            )
        return [1.0 if k == right else 0.0 for k in range(classes)]
    probabilities = [_number("cross_entropy", which, k, t) for k, t in enumerate(target)]
    if len(probabilities) != classes:
        raise ValueError(
            f"cross_entropy: {which} must have a probability for each of {classes} classes,"
            f" got {len(probabilities)}"
        )
    for k, t in enumerate(probabilities):
        _check_probability("cross_entropy", which, k, t)
    added = total(probabilities)
    if not abs(added - 1) <= _SUM_TOLERANCE:
        raise ValueError(
            f"cross_entropy: the probabilities in {which} must add up to 1, got {added:g}"
        )
    return probabilities


def _squared_errors(name: str, predictions: Any, targets: Any) -> list[Any]:
    errors = [p - t for p, t in _pairs(name, predictions, targets)]
    return [error * error for error in errors]


def _pairs(name: str, predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Each prediction with its target, as Values and floats."""
    left = _numbers(name, "predictions", predictions)
    right = _numbers(name, "targets", targets)
    if len(left) != len(right):
        raise ValueError(
            f"{name}: expected a target for each prediction,"
            f" got {len(left)} predictions and {len(right)} targets"
        )
    if not left:
        raise ValueError(f"{name}: expected at least one prediction, got none")
    return list(zip(left, right, strict=True))


def _numbers(name: str, role: str, given: Any) -> list[Any]:
    if not hasattr(given, "__iter__"):
        given = [given]
    return [_number(name, role, i, x) for i, x in enumerate(given)]


def _number(name: str, role: str, i: int, x: Any) -> Any:
    return x if isinstance(x, Value) else as_float(x, f"{name}: {role}[{i}]")


def _check_probability(name: str, role: str, i: int, x: Any) -> None:
    if not (x >= 0 and x <= 1):
        raise ValueError(f"{name}: {role}[{i}] must be between 0 and 1, got {float(x)!r}")
