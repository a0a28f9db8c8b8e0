"""Losses of binary classification: each prediction stands for one of two classes."""

from __future__ import annotations

from typing import Any, overload

from autograd import Value, log, log1p, mean, relu, softplus
from autograd import sum as total
from autograd.functions import Number
from autograd.mapping import each
from nn.losses.checked_numbers import Floats, Numbers, Values, check_probability, checked_pairs


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
    That happens where a sigmoid saturates, so that its result is rounded to 0 or 1:
    `binary_cross_entropy_with_logits` has no such limit.

    Args:
        predictions: n probabilities, or one.
        targets: as many numbers from 0 to 1.

    Raises:
        ValueError: a number is not between 0 and 1, a prediction is exactly 0 or 1 and wrong, there
            are none, or the two have different lengths.
        TypeError: one of them is not a number.

    Source: Bishop, *Pattern Recognition and Machine Learning* (2006), eq. 4.90.

    >>> round(binary_cross_entropy([0.9, 0.2], [1.0, 0.0]), 6)
    0.164252
    >>> binary_cross_entropy(1.0, 1.0)
    0.0
    """
    name = "binary_cross_entropy"
    pairs = checked_pairs(name, predictions, targets)

    def costs(i: int, p: Any, t: Any) -> list[Any]:
        check_probability(name, "predictions", i, p)
        check_probability(name, "targets", i, t)
        found = []
        try:
            if isinstance(t, Value) or t > 0:
                found.append(-t * log(p))
            if isinstance(t, Value) or t < 1:
                found.append((t - 1) * log1p(-p))
        except ValueError:
            raise ValueError(
                f"{name}: predictions[{i}] is {float(p)!r} where targets[{i}] is {float(t)!r}:"
                " the loss is infinite (binary_cross_entropy_with_logits takes the number before"
                " the sigmoid, and stays finite)"
            ) from None
        return found

    losses = [x for row in each(costs, *pairs) for x in row]
    loss: Number = total(losses) / len(pairs[0])
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
        ValueError: a target is not between 0 and 1, there are none, or the two have different
            lengths.
        TypeError: one of them is not a number.

    Source: Bishop, *Pattern Recognition and Machine Learning* (2006), eq. 4.90 with 4.59.

    >>> binary_cross_entropy_with_logits([1000.0, -1000.0], [0.0, 0.0])
    500.0
    """
    name = "binary_cross_entropy_with_logits"

    def cost(i: int, z: Any, t: Any) -> Any:
        check_probability(name, "targets", i, t)
        return t * softplus(-z) + (1 - t) * softplus(z)

    loss: Number = mean(each(cost, *checked_pairs(name, logits, targets)))
    return loss


@overload
def hinge(predictions: Values, targets: Numbers) -> Value: ...
@overload
def hinge(predictions: Floats, targets: Floats) -> float: ...
@overload
def hinge(predictions: Numbers, targets: Numbers) -> Number: ...
def hinge(predictions: Numbers, targets: Numbers) -> Number:
    """The mean of `max(0, 1 - target * prediction)`: what is right by a margin of 1 costs nothing.

    The derivative at the end of the margin is 0.

    Args:
        predictions: n numbers, or one; their sign says which class.
        targets: as many, each -1 or 1.

    Raises:
        ValueError: a target is neither, there are none, or the two have different lengths.
        TypeError: one of them is not a number.

    Source: Cortes and Vapnik, "Support-vector networks" (1995).

    >>> hinge([2.0, 0.5], [1, -1])
    0.75
    """

    def cost(i: int, p: Any, t: Any) -> Any:
        if abs(t) != 1:  # one condition for both: a batch in another order takes the same branches
            raise ValueError(f"hinge: targets[{i}] must be -1 or 1, got {float(t)!r}")
        return relu(1 - t * p)

    loss: Number = mean(each(cost, *checked_pairs("hinge", predictions, targets)))
    return loss
