"""A numerical derivative: a value, its estimated error, and any reason not to rely on it."""

from __future__ import annotations

from typing import NamedTuple

PRECISION = 1e-3
"""The relative error above which a number counts as unknown."""

SWEEP = 2.0**-38
"""The rounding error that a sweep through a program may give a derivative, relative to the size of
the terms that it adds up: one last bit for each of 2 ** 14 operations."""


class Inconclusive(NamedTuple):
    """Why a numerical derivative cannot be relied on.

    Attributes:
        kind: "kink", "edge", "undefined", "unsettled", "noise" or "imprecise".
        words: the same as a sentence, with the numbers.
    """

    kind: str
    words: str


class Estimate(NamedTuple):
    """A numerical derivative.

    Attributes:
        value: the derivative; NaN where it could not be estimated.
        error: the estimated error.
        reason: why it cannot be relied on, or `None`.
        hidden: the largest derivative that rounding inside the function may hide from the values.
    """

    value: float
    error: float
    reason: Inconclusive | None = None
    hidden: float = 0.0


def judged(value: float, error: float, slight: float, name: str, hidden: float = 0.0) -> Estimate:
    """An estimate, with a reason against it if its error is too large.

    Too large is above a thousandth of the value, unless the error is slight: then the derivative
    may be 0, as at a minimum, and differences cannot say more.

    Args:
        value: the derivative.
        error: the estimated error.
        slight: the last few bits of the function's values divided by a small step, or a millionth
            of the slopes around.
        name: the name in errors of the number it is differentiated in.
        hidden: as in `Estimate`.

    >>> judged(1e-9, 1e-9, 1e-9, "x").reason, judged(1.0, 0.1, 1e-9, "x").reason.kind
    (None, 'imprecise')
    """
    if error <= max(PRECISION * abs(value), slight):
        return Estimate(value, error, hidden=hidden)
    words = f"the differences along {name} say {value:.6g} and may be off by {error:.2g}"
    return Estimate(value, error, Inconclusive("imprecise", words))
