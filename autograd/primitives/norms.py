"""The length of a vector of any number of coordinates: what `hypot` of more than two records.

It is not in the primitives' table: a random program must not use it where all operands are near 0,
which an interval for each operand cannot express. `hypot` of two is in the table.
"""

import math
from typing import Any

from autograd.primitives.definition import primitive, select


@primitive(lambda g, out, *xs: _direction(g, out, xs))
def norm(*xs: float) -> float:
    """The square root of the sum of the squares, without overflow on the way; 0 for no numbers.

    Derivative in each: that number over the result; at the origin the backward pass raises
    ZeroDivisionError.

    >>> norm(2.0, 3.0, 6.0)
    7.0
    """
    return math.hypot(*xs)


def _direction(g: Any, radius: Any, xs: Any) -> list[Any]:
    """`g` times the unit vector, on floats or Values."""
    lift = select(radius < 1e-290, 2.0**100, 1.0)  # a subnormal radius has lost its digits
    xs = [x * lift for x in xs]
    radius = norm(*xs)
    return [g * (x / radius) for x in xs]
