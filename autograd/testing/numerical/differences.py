"""Numerical derivatives: one table of methods, and the functions that apply them.

Each method takes a function along one of its arguments (a `Line`), and gives for every output an
estimate of the derivative and of its error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograd import tree
from autograd.definitions import paths
from autograd.number import describe, is_number
from autograd.testing.numerical.complex_step import complex_step
from autograd.testing.numerical.estimates import Estimate
from autograd.testing.numerical.lines import (
    Flat,
    Line,
    unwrapped,
)
from autograd.testing.numerical.noise import noise_of
from autograd.testing.numerical.one_step import SIDES, one_step
from autograd.testing.numerical.ridders import ridders

Method = Callable[..., list[Estimate]]

METHODS: dict[str, Method] = {
    "ridders": ridders,
    **{name: partial(one_step, sides=sides) for name, sides in SIDES.items()},
    "complex": complex_step,
}


@dataclass(frozen=True)
class Differences:
    """The numerical derivatives of a function at one point.

    Attributes:
        flat: the function, its arguments and its values.
        noise: the error that each number of the result may have, estimated from values.
        inputs: the path of each number of the arguments.
        outputs: the path of each number of the result.
        rows: for each number of the result its derivatives in all numbers of the arguments.
    """

    flat: Flat
    noise: list[float]
    inputs: list[str]
    outputs: list[str]
    rows: list[list[Estimate]]


def differentiate(
    f: Callable[..., Any], args: Sequence[Any], method: str = "ridders", h: float | None = None
) -> Differences:
    """The numerical derivatives of every number in the result in every number of the arguments.

    Args:
        f: a function of numbers, or of nested lists, tuples, dicts and arrays of numbers, that
            returns the same. It is called with floats, or with Values if it does not take floats.
        args: its arguments, a list or tuple.
        method: the name of a method, as in `numerical_gradient`.
        h: the step, or the first one.

    >>> found = differentiate(lambda x, y: [x * y, x + y], (2.0, 3.0))
    >>> found.inputs, found.outputs
    (['args[0]', 'args[1]'], ['out[0]', 'out[1]'])
    >>> [[round(d.value, 6) for d in row] for row in found.rows]
    [[3.0, 2.0], [1.0, 1.0]]
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    if h is not None and not 0 < h < math.inf:
        raise ValueError(f"h must be above 0 and finite, got {h}")
    if not isinstance(args, list | tuple):
        raise TypeError(f"args: expected a list or tuple of arguments, got {describe(args)}")
    flat = Flat(f, args)
    noise = noise_of(flat, flat.numbers, flat.values)
    inputs = paths(flat.arguments, "args")
    columns = [METHODS[method](Line(flat, i, noise, name), h) for i, name in enumerate(inputs)]
    rows = [[column[k] for column in columns] for k in range(len(flat.values))]
    return Differences(flat, noise, inputs, paths(flat.results, "out"), rows)


def numerical_gradient(
    f: Callable[..., Any],
    args: Sequence[Any],
    method: str = "ridders",
    h: float | None = None,
    *,
    errors: bool = False,
) -> Any:
    """The gradient of a function that returns one number, by differences.

    The methods, each called for one number of the arguments at a time:

    | method | what it does | calls of `f` |
    |---|---|---|
    | `"ridders"` | extrapolates central differences to the step 0 | 20 to 30 |
    | `"central"` | `(f(x + h) - f(x - h)) / 2h` | 4 |
    | `"forward"` | `(f(x + h) - f(x)) / h` | 2 |
    | `"backward"` | `(f(x) - f(x - h)) / h` | 2 |
    | `"complex"` | `Im f(x + ih) / h`, to the last digits, where `f` takes complex numbers | 5 |

    Those of one step notice neither a kink nor noise that is larger between the points than at
    them: their estimated error is that of a smooth function. "ridders" detects both.

    Sources: Ridders (1982); Press et al., *Numerical Recipes* (2007), section 5.7; Squire and
    Trapp (1998).

    Args:
        f: a function of numbers, or of nested lists, tuples, dicts and arrays of numbers. It is
            called with floats, or, if it takes Values only (`x.tanh()`), with Values. Where a step
            leaves its domain (an error, NaN, a complex number), a smaller one is made.
        args: its arguments, a list or tuple.
        method: the name of the method.
        h: the step (for "ridders" the first one); by default in proportion to the number.
        errors: whether to return the estimated errors too.

    Returns:
        A tuple with the derivatives for each argument, in the argument's structure; with `errors`
        a pair of two such, the derivatives and their estimated errors. Where `f` is not defined
        around the point a derivative may be NaN, with an infinite error.

    Raises:
        TypeError: an argument holds something that is not a number, `f` does not return one
            number, or, with "complex", `f` does not take complex numbers or is not analytic.
        ValueError: there is no such method, the step is not positive and finite, or `f` is complex
            at `args`.

    >>> (dx, dy) = numerical_gradient(lambda x, y: x * y, (2.0, 3.0))
    >>> round(dx, 9), round(dy, 9)
    (3.0, 2.0)
    >>> (slope,), (error,) = numerical_gradient(lambda x: x**3, (2.0,), errors=True)
    >>> abs(slope - 12.0) < error < 1e-9
    True
    """

    def single(*given: Any) -> Any:
        out = unwrapped(f(*given))
        if not is_number(out) and not isinstance(out, complex):
            raise TypeError(
                f"numerical_gradient: expected f to return one number, got {describe(out)}"
            )
        return out

    found = differentiate(single, args, method, h)
    gradient = tree.unflatten(found.flat.arguments, [d.value for d in found.rows[0]])
    if not errors:
        return gradient
    return gradient, tree.unflatten(found.flat.arguments, [d.error for d in found.rows[0]])


def numerical_jacobian(
    f: Callable[..., Any], args: Sequence[Any], method: str = "ridders", h: float | None = None
) -> Any:
    """The derivatives of every number that a function returns, by differences.

    One sweep of calls along a number of the arguments serves all numbers of the result.

    Args:
        f: a function of numbers, or of nested structures of them, that returns the same.
        args: its arguments, a list or tuple.
        method: as in `numerical_gradient`.
        h: as in `numerical_gradient`.

    Returns:
        The structure of the result, with each number replaced by a tuple with its derivatives for
        each argument, in the argument's structure. An array is replaced by such a tuple as a whole,
        in which each number of an argument has become an array of the result's shape, and each
        array one of the result's shape followed by its own.

    >>> (row,) = numerical_jacobian(lambda x: [x[0] * x[1]], ([2.0, 3.0],))
    >>> [round(d, 9) for d in row[0]]
    [3.0, 2.0]
    """
    found = differentiate(f, args, method, h)
    rows = [[d.value for d in row] for row in found.rows]
    return tree.outer(found.flat.results, found.flat.arguments, rows)
