"""Whether two ways of computing lead to the same numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence


def disagreement(found: Sequence[float], expected: Sequence[float], tolerance: float) -> str | None:
    """In words, how numbers differ; None if they do not by more than is allowed.

    The differences are relative to what is expected, or absolute where that is below 1.

    Args:
        found: the numbers of a peer: losses, then its state.
        expected: those of the reference.
        tolerance: what is allowed.

    >>> disagreement([1.0, 200.0], [1.0, 200.0 + 1e-8], 1e-9)
    >>> disagreement([1.0, 2.0], [1.0, 2.5], 1e-9)
    'number 1 of 2 is 2.0, expected 2.5: off by 2e-01'
    >>> disagreement([1.0], [1.0, 2.5], 1e-9)
    '1 numbers, expected 2'
    """
    if len(found) != len(expected):
        return f"{len(found)} numbers, expected {len(expected)}"
    errors = [abs(x - y) / max(1.0, abs(y)) for x, y in zip(found, expected, strict=True)]
    errors = [math.inf if math.isnan(error) else error for error in errors]
    worst = max(range(len(errors)), key=errors.__getitem__, default=None)
    if worst is None or errors[worst] <= tolerance:
        return None
    return (
        f"number {worst} of {len(found)} is {found[worst]!r},"
        f" expected {expected[worst]!r}: off by {errors[worst]:.0e}"
    )
