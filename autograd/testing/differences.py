"""Numerical derivatives by central differences, each with an estimate of its own error.

The derivative in one number is `(f(x + h) - f(x - h)) / 2h`. Its error has two parts: truncation,
which falls with the square of `h`, so that the difference to the result for `2h` shows it, and
rounding, which grows as `h` falls. Source: Press et al., *Numerical Recipes* (2007), section 5.7.
"""

from collections.abc import Callable, Sequence
from sys import float_info
from typing import Any, NamedTuple

from autograd import tree
from autograd.number import as_float, describe, is_number

STEP = float_info.epsilon ** (1 / 3)
"""The step relative to the size of the number: where truncation and rounding are about equal."""


class Estimate(NamedTuple):
    """A numerical derivative and how far from the truth it may be."""

    value: float
    error: float


def central_difference(
    f: Callable[[float], Sequence[float]], x: float, h: float | None = None
) -> list[Estimate]:
    """The derivatives of several functions of one number, by central differences.

    Args:
        f: returns the functions' values.
        x: where.
        h: the step; by default the cube root of the machine epsilon times `max(1, |x|)`.

    >>> [d] = central_difference(lambda x: [x**3], 2.0)
    >>> abs(d.value - 12.0) <= d.error < 1e-8
    True
    """
    step = h if h is not None else STEP * max(1.0, abs(x))
    near = list(zip(f(x + step), f(x - step), strict=True))
    far = list(zip(f(x + 2 * step), f(x - 2 * step), strict=True))
    width, double = (x + step) - (x - step), (x + 2 * step) - (x - 2 * step)
    estimates = []
    for (up, down), (far_up, far_down) in zip(near, far, strict=True):
        value = (up - down) / width
        truncation = abs(value - (far_up - far_down) / double)
        rounding = 4 * float_info.epsilon * max(abs(up), abs(down), float_info.min) / width
        estimates.append(Estimate(value, truncation + rounding))
    return estimates


def numerical_jacobian(
    f: Callable[..., Any], args: Sequence[Any], h: float | None = None
) -> list[list[Estimate]]:
    """For every number in the arguments, in order, the derivatives of every number in the result.

    Args:
        f: a function of numbers, or of nested lists, tuples and dicts of numbers.
        args: its arguments.
        h: the step, as in `central_difference`.
    """
    structure = tuple(args)
    numbers = [float(x) for x in tree.leaves(structure, path="args")]

    def along(i: int) -> list[Estimate]:
        def moved(x: float) -> list[float]:
            result = f(*tree.rebuild(structure, iter([*numbers[:i], x, *numbers[i + 1 :]])))
            return [float(y) for y in tree.leaves(result, path="the result of the function")]

        return central_difference(moved, numbers[i], h)

    return [along(i) for i in range(len(numbers))]


def numerical_gradient(f: Callable[..., Any], args: Sequence[Any], h: float | None = None) -> Any:
    """The gradient of a function that returns one number, by central differences.

    Args:
        f: a function of numbers, or of nested lists, tuples and dicts of numbers. It is called with
            floats, four times for each of them.
        args: its arguments, a list or tuple.
        h: the step; by default the cube root of the machine epsilon times `max(1, |x|)`.

    Returns:
        A tuple with the derivatives for each argument, in the argument's structure.

    Raises:
        TypeError: an argument holds something that is no number, or `f` does not return one number.

    >>> (dx, dy) = numerical_gradient(lambda x, y: x * y, (2.0, 3.0))
    >>> round(dx, 6), round(dy, 6)
    (3.0, 2.0)
    """

    def single(*numbers: Any) -> float:
        out = f(*numbers)
        if not is_number(out):
            raise TypeError(
                f"numerical_gradient: expected f to return one number, got {describe(out)}"
            )
        return as_float(out, "the result of f")

    column = [estimates[0].value for estimates in numerical_jacobian(single, args, h)]
    return tree.rebuild(tuple(args), iter(column))
