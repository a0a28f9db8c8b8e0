"""Penalties: what large parameters cost, to be added to a loss.

>>> from autograd import Value
>>> weights = [Value(3.0), Value(-4.0)]
>>> penalty = l2(weights, 0.5)
>>> penalty.backward()
>>> penalty.data, [weight.grad for weight in weights]
(12.5, [3.0, -4.0])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from autograd import Value, fabs
from autograd import sum as total
from autograd.functions import Number
from nn.losses.checked_numbers import Floats, Numbers, Values, checked_numbers
from nn.ranges import as_ranged


@overload
def l1(parameters: Values, coefficient: float) -> Value: ...
@overload
def l1(parameters: Floats, coefficient: float) -> float: ...
@overload
def l1(parameters: Numbers, coefficient: float) -> Number: ...
def l1(parameters: Numbers, coefficient: float) -> Number:
    """`coefficient` times the sum of the absolute values: it draws small parameters to exactly 0.

    Args:
        parameters: n numbers, or one.
        coefficient: the weight of the penalty, at least 0.

    Raises:
        ValueError: there are no parameters, or the coefficient is out of its range.
        TypeError: one of them is not a number.

    Source: Tibshirani, "Regression shrinkage and selection via the lasso" (1996).

    >>> l1([3.0, -4.0], 0.5)
    3.5
    """
    penalty: Number = _weighted("l1", parameters, coefficient, fabs)
    return penalty


@overload
def l2(parameters: Values, coefficient: float) -> Value: ...
@overload
def l2(parameters: Floats, coefficient: float) -> float: ...
@overload
def l2(parameters: Numbers, coefficient: float) -> Number: ...
def l2(parameters: Numbers, coefficient: float) -> Number:
    """`coefficient` times the sum of the squares: it keeps parameters from growing.

    Its gradient is `2 * coefficient` times the parameter. An optimiser's `weight_decay` of twice
    the coefficient adds the same to the gradients, without a graph.

    Args:
        parameters: n numbers, or one.
        coefficient: the weight of the penalty, at least 0.

    Raises:
        ValueError: there are no parameters, or the coefficient is out of its range.
        TypeError: one of them is not a number.

    Source: Hoerl and Kennard, "Ridge regression" (1970); Krogh and Hertz, "A simple weight decay
    can improve generalization" (1991).

    >>> l2([3.0, -4.0], 0.5)
    12.5
    """
    penalty: Number = _weighted("l2", parameters, coefficient, lambda x: x * x)
    return penalty


def _weighted(name: str, parameters: Any, coefficient: float, cost: Callable[[Any], Any]) -> Any:
    """The coefficient times what the parameters cost."""
    numbers = checked_numbers(name, "parameters", parameters)
    if not numbers:
        raise ValueError(f"{name}: expected at least one parameter, got none")
    factor = as_ranged(coefficient, f"{name}: coefficient", "at least 0 and finite")
    return factor * total(map(cost, numbers))
