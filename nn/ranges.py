"""Numbers given as arguments, checked to be in a range; the error says which."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd.number import as_float

RANGES: dict[str, Callable[[float], bool]] = {
    "finite": math.isfinite,
    "positive": lambda x: x > 0,
    "positive and finite": lambda x: 0 < x < math.inf,
    "at least 0 and finite": lambda x: 0 <= x < math.inf,
    "at least 0 and below 1": lambda x: 0 <= x < 1,
    "at least 0 and at most 1": lambda x: 0 <= x <= 1,
    "above 0 and at most 1": lambda x: 0 < x <= 1,
    "above 0 and below 1": lambda x: 0 < x < 1,
}
"""What holds for a number, by the words of the error. NaN is in no range."""


def as_ranged(x: Any, role: str, wanted: str) -> float:
    """Return `x` as a Python float that is in a range.

    Args:
        x: the number.
        role: its name in errors.
        wanted: the range, one of `RANGES`.

    Raises:
        ValueError: it is not in the range.
        TypeError: it is not a number.

    >>> as_ranged(-1, "huber: delta", "positive and finite")
    Traceback (most recent call last):
    ValueError: huber: delta must be positive and finite, got -1
    """
    number = as_float(x, role)
    if not RANGES[wanted](number):
        raise ValueError(f"{role} must be {wanted}, got {x!r}")
    return number
