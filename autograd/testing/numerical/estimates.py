"""What a numerical derivative is: a value, how far from the truth it may be, and what speaks
against relying on it.
"""

from __future__ import annotations

from typing import NamedTuple

PRECISION = 1e-3
"""What a number is known for: an error above a thousandth of it, and it is not known."""

SWEEP = 2.0**-38
"""How far the rounding of a sweep through a program may put a derivative off, relative to the size
of the terms that it adds up: by a last bit for each of 2 ** 14 operations."""


class Inconclusive(NamedTuple):
    """Why a numerical derivative says nothing about a derivative.

    Attributes:
        kind: "kink", "edge", "undefined", "unsettled", "noise" or "imprecise".
        words: the same as a sentence for people, with the numbers in it.
    """

    kind: str
    words: str


class Estimate(NamedTuple):
    """A numerical derivative.

    Attributes:
        value: the derivative; NaN where there is none to be had.
        error: how far from the truth it may be.
        reason: why it cannot be relied on; `None` where it can.
        hidden: how large a derivative may be that the values do not show at all, because rounding
            inside the function may have taken it from them.
    """

    value: float
    error: float
    reason: Inconclusive | None = None
    hidden: float = 0.0


def judged(value: float, error: float, slight: float, name: str, hidden: float = 0.0) -> Estimate:
    """An estimate, with a reason against it if it is coarser than the function makes it.

    An error above a thousandth of the value is one to mention, unless it is slight: then the
    derivative may be 0, as it is at a minimum, and that is all that differences can say.

    Args:
        value: the derivative.
        error: how far from the truth it may be.
        slight: what the last few bits of the function's values come to over a small step, or a
            millionth of how steep the function is around.
        name: what errors call the number it is differentiated in.
        hidden: as in `Estimate`.

    >>> judged(1e-9, 1e-9, 1e-9, "x").reason, judged(1.0, 0.1, 1e-9, "x").reason.kind
    (None, 'imprecise')
    """
    if error <= max(PRECISION * abs(value), slight):
        return Estimate(value, error, hidden=hidden)
    words = f"the differences along {name} say {value:.6g} and may be off by {error:.2g}"
    return Estimate(value, error, Inconclusive("imprecise", words))
