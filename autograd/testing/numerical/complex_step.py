"""Derivatives without a difference: one step along the imaginary axis.

For a function that is real on the real axis and analytic, `f(x + ih) = f(x) + ih f'(x) - ...`, so
that the imaginary part over `h` is the derivative. Nothing is subtracted, so `h` can be tiny, and
the result is as precise as the function itself. Source: Squire and Trapp, "Using
complex variables to estimate derivatives of real functions" (1998).

The function has to take complex numbers, and to be analytic: one with `abs`, `max` or `if x > 0`
is not. Where Python raises, the error is explained; where it does not (`abs` of a complex number is
real), a central difference reveals the mistake.
"""

from __future__ import annotations

import math

from autograd import tree
from autograd.testing.numerical.estimates import Estimate
from autograd.testing.numerical.lines import EPSILON, Flat, Line, is_array, parts
from autograd.testing.numerical.one_step import central

STEP = 2.0**-100


def complex_step(line: Line, h: float | None = None) -> list[Estimate]:
    """The derivatives of each output along a line, by a step along the imaginary axis.

    Args:
        line: the function along one number.
        h: the step; by default `2 ** -100` of the larger of 1 and the size of the number.

    Raises:
        TypeError: the function does not take complex numbers, or is not analytic.
    """
    step = h if h is not None else STEP * max(1.0, abs(line.x))
    values = _complex_values(line.flat, line.i, complex(line.x, step))
    estimates = []
    for y, known in zip(values, central(line), strict=True):
        slope = y.imag / step
        error = 64 * EPSILON * abs(slope)
        if math.isfinite(known.error) and abs(slope - known.value) > 4 * known.error + error:
            raise TypeError(
                "the complex step needs an analytic function (no abs, no max, no comparison): in"
                f" {line.name} it gives {slope:.6g}, and a central difference {known.value:.6g}"
            )
        estimates.append(Estimate(slope, error))
    return estimates


def _complex_values(flat: Flat, i: int, moved: complex) -> list[complex]:
    numbers = [*flat.numbers[:i], moved, *flat.numbers[i + 1 :]]
    try:
        as_complex = lambda x: x.astype(complex) if is_array(x) else x
        result = flat.f(*tree.map_parts(as_complex, flat.at(numbers)))
    except TypeError as error:
        raise TypeError(
            "the complex step needs a function that takes complex numbers (made of operators and"
            f" cmath, not of math, comparisons or this engine): {error}"
        ) from error
    return [complex(y) for y in parts(result)]
