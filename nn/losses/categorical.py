"""Losses of classification: a row has a number for each class, a target says which is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import index
from typing import Any, overload

from autograd import Value, dot, log, log_softmax, mean, take
from autograd import sum as total
from autograd.functions import Number
from autograd.mapping import each
from autograd.modes import stands_for_integer
from autograd.number import describe, is_number
from nn.losses.checked_numbers import (
    Numbers,
    Values,
    check_probability,
    checked_number,
)
from nn.ranges import as_ranged

_PLURAL = {"logit": "logits", "probability": "probabilities"}
_SUM_TOLERANCE = 1e-5  # of probabilities that add up to 1, computed in single precision


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
        TypeError: one of them is not a number.

    Source: Bishop, *Pattern Recognition and Machine Learning* (2006), eq. 4.108 with 4.62.

    >>> round(cross_entropy([2.0, 1.0, 0.0], 0), 6)
    0.407606
    >>> cross_entropy([[1000.0, 0.0], [1000.0, 0.0]], [0, 1])
    500.0
    >>> cross_entropy([0.0, 0.0], 2)
    Traceback (most recent call last):
    ValueError: cross_entropy: target must be the index of one of 2 classes, 0 to 1, got 2
    """
    return _mean_over_rows(
        "cross_entropy", "logit", logits, target, lambda row, _: log_softmax(row)
    )


@overload
def cross_entropy_of_probabilities(
    probabilities: Iterable[Values], target: Any, epsilon: float = ...
) -> Value: ...
@overload
def cross_entropy_of_probabilities(
    probabilities: Iterable[Numbers], target: Any, epsilon: float = ...
) -> Number: ...
def cross_entropy_of_probabilities(
    probabilities: Iterable[Numbers], target: Any, epsilon: float = 1e-7
) -> Number:
    """The cross-entropy `-sum(t log(p + epsilon))` of a row, or its mean over a batch of rows.

    For the outputs of a softmax. The `epsilon` keeps the loss finite where a probability is 0, and
    makes it a little less than it should be everywhere; `cross_entropy`, which takes the numbers
    before the softmax, needs none and is exact.

    Args:
        probabilities: one number from 0 to 1 for each of c classes; or a batch of n such rows. That
            they add up to 1 is not checked.
        target: the index of the right class, from 0 to c - 1, or c probabilities that add up to 1;
            for a batch, one of these for each row.
        epsilon: what is added inside the logarithm, positive.

    Raises:
        ValueError: there are no probabilities, one is not from 0 to 1, there is no such class, not
            as many targets as probabilities or rows, those do not add up to 1, or `epsilon` is not
            positive and finite.
        TypeError: one of them is not a number.

    Source: Bishop, *Pattern Recognition and Machine Learning* (2006), eq. 4.108.

    >>> round(cross_entropy_of_probabilities([0.1, 0.3, 0.6], 2), 6)
    0.510825
    >>> round(cross_entropy_of_probabilities([1.0, 0.0], [0.0, 1.0]), 6)
    16.118096
    """
    name = "cross_entropy_of_probabilities"
    epsilon = as_ranged(epsilon, f"{name}: epsilon", "positive and finite")

    def logarithms(row: list[Any], where: str) -> list[Any]:
        for k, p in enumerate(row):
            check_probability(name, where, k, p)
        return [log(p + epsilon) for p in row]

    return _mean_over_rows(name, "probability", probabilities, target, logarithms)


def _mean_over_rows(
    name: str,
    noun: str,
    given: Iterable[Any],
    target: Any,
    logarithms: Callable[[list[Any], str], list[Any]],
) -> Number:
    """The mean of `-sum(t * logarithm)` over the rows, or that of the one row."""
    role = _PLURAL[noun]

    def row_loss(row: Any, t: Any, where: str, which: str) -> Number:
        if not hasattr(row, "__iter__"):
            raise TypeError(f"{name}: {where} must be a row of numbers, got {describe(row)}")
        numbers = [checked_number(name, where, k, x) for k, x in enumerate(row)]
        if not numbers:
            raise ValueError(f"{name}: expected at least one {noun} in {where}, got none")
        if stands_for_integer(t):
            chosen: Number = _chosen(name, logarithms(numbers, where), t)
            return -chosen
        shares = _distribution(name, t, len(numbers), which)
        loss: Number = dot([-share for share in shares], logarithms(numbers, where))
        return loss

    rows: list[Any] = list(given)
    if not rows:
        raise ValueError(f"{name}: expected at least one {noun}, got none")
    if is_number(rows[0]):
        return row_loss(rows, target, role, "target")
    targets = list(target) if hasattr(target, "__iter__") else None
    if targets is None or len(targets) != len(rows):
        got = describe(target) if targets is None else len(targets)
        raise ValueError(
            f"{name}: expected one target for each of {len(rows)} rows of {role}, got {got}"
        )

    def cost(i: int, row: Any, t: Any) -> Any:
        return row_loss(row, t, f"{role}[{i}]", f"target[{i}]")

    loss: Number = mean(each(cost, rows, targets))
    return loss


def _chosen(name: str, logarithms: list[Any], right: Any) -> Any:
    """The logarithm at the right class, whose index is an input of compiled code."""
    if not (right >= 0 and right < len(logarithms)):
        raise ValueError(f"{name}: the target must be the index of a class")
    return take(logarithms, right)


def _distribution(name: str, target: Any, classes: int, which: str) -> list[Any]:
    """The target as one probability for each class."""
    if not hasattr(target, "__iter__") or isinstance(target, str):
        try:
            right = index(target)
        except TypeError:
            names = ": names = sorted(set(labels)); targets = [names.index(x) for x in labels]"
            raise TypeError(
                f"{name}: {which} must be a class index (an integer)"
                f" or {classes} probabilities, got {describe(target)}"
                f"{names if isinstance(target, str) else ''}"
            ) from None
        if not 0 <= right < classes:
            raise ValueError(
                f"{name}: {which} must be the index of one of {classes} classes,"
                f" 0 to {classes - 1}, got {right}"
            )
        return [1.0 if k == right else 0.0 for k in range(classes)]
    probabilities = [checked_number(name, which, k, t) for k, t in enumerate(target)]
    if len(probabilities) != classes:
        raise ValueError(
            f"{name}: {which} must have a probability for each of {classes} classes,"
            f" got {len(probabilities)}"
        )
    for k, t in enumerate(probabilities):
        check_probability(name, which, k, t)
    added = total(probabilities)
    if not abs(added - 1) <= _SUM_TOLERANCE:
        raise ValueError(f"{name}: the probabilities in {which} must add up to 1, got {added:g}")
    return probabilities
