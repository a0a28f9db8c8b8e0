"""Arguments that `draw`, `draw_model` and `record` share, checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from autograd.number import as_integer

Direction = Literal["LR", "RL", "TB", "BT"]
"""The direction of a drawing: left to right, right to left, top to bottom or bottom to top."""

MOST_DIGITS = 17  # enough to distinguish any two floats


def one_of(name: str, given: Any, choices: Iterable[str]) -> Any:
    """What was given, if it is one of the choices.

    >>> one_of("draw: direction", "LR", ("LR", "TB"))
    'LR'
    """
    known = tuple(choices)
    if given not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {given!r}")
    return given


def digits(name: str, given: Any) -> int:
    """The number of significant digits to show, checked.

    >>> digits("draw: precision", 18)
    Traceback (most recent call last):
    ValueError: draw: precision must be at most 17, got 18
    """
    number = as_integer(given, name, 1)
    if number > MOST_DIGITS:
        raise ValueError(f"{name} must be at most {MOST_DIGITS}, got {number}")
    return number
