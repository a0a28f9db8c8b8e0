"""Losses of regression: predictions are numbers, and so are the targets."""

from __future__ import annotations

from typing import Any, overload

from autograd import Value, clip, fabs, mean
from autograd import sum as total
from autograd.functions import Number
from autograd.mapping import each
from nn.losses.checked_numbers import Floats, Numbers, Values, checked_pairs
from nn.ranges import as_ranged


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
        ValueError: there are none, or the two have different lengths.
        TypeError: one of them is not a number.

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
        ValueError: there are none, or the two have different lengths.
        TypeError: one of them is not a number.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors"
    (1986), eq. 3.

    >>> half_sum_squared_error([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    squares = _squared_errors("half_sum_squared_error", predictions, targets)
    loss: Number = 0.5 * total(squares)
    return loss


@overload
def mean_absolute_error(predictions: Values, targets: Numbers) -> Value: ...
@overload
def mean_absolute_error(predictions: Floats, targets: Floats) -> float: ...
@overload
def mean_absolute_error(predictions: Numbers, targets: Numbers) -> Number: ...
def mean_absolute_error(predictions: Numbers, targets: Numbers) -> Number:
    """The mean of `abs(prediction - target)`. Derivative where they are equal: 0.

    Args:
        predictions: n numbers, or one.
        targets: as many.

    Raises:
        ValueError: there are none, or the two have different lengths.
        TypeError: one of them is not a number.

    Source: Boscovich (1757); Laplace, "Sur quelques points du système du monde" (1789).

    >>> mean_absolute_error([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    pairs = checked_pairs("mean_absolute_error", predictions, targets)
    loss: Number = mean(each(lambda _, p, t: fabs(p - t), *pairs))
    return loss


@overload
def huber(predictions: Values, targets: Numbers, delta: float = ...) -> Value: ...
@overload
def huber(predictions: Floats, targets: Floats, delta: float = ...) -> float: ...
@overload
def huber(predictions: Numbers, targets: Numbers, delta: float = ...) -> Number: ...
def huber(predictions: Numbers, targets: Numbers, delta: float = 1.0) -> Number:
    """The mean of half the squared error up to `delta`, and from there on along the tangent.

    An error `e` costs `e ** 2 / 2` if it is at most `delta`, else `delta * (abs(e) - delta / 2)`:
    an outlier contributes at most `delta` to the gradient, however far off it is.

    Args:
        predictions: n numbers, or one.
        targets: as many.
        delta: the error from which on the loss is a straight line, positive.

    Raises:
        ValueError: there are none, or the two have different lengths, or `delta` is not
            positive and finite.
        TypeError: one of them is not a number.

    Source: Huber, "Robust estimation of a location parameter" (1964).

    >>> huber([0.0, 0.0], [0.5, 3.0])
    1.3125
    """
    delta = as_ranged(delta, "huber: delta", "positive and finite")

    def cost(_: int, p: Any, t: Any) -> Any:
        error = p - t
        near = clip(error, -delta, delta)
        return near * (error - 0.5 * near)

    loss: Number = mean(each(cost, *checked_pairs("huber", predictions, targets)))
    return loss


def _squared_errors(name: str, predictions: Any, targets: Any) -> list[Any]:
    return each(_squared_error, *checked_pairs(name, predictions, targets))


def _squared_error(_: int, p: Any, t: Any) -> Any:
    error = p - t
    return error * error
