"""What `draw`, `draw_model` and `record` say of arguments that they cannot take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.number import as_integer

MOST_DIGITS = 17  # no float needs more to be told from all others


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
    """How many significant digits to show.

    >>> digits("draw: precision", 18)
    Traceback (most recent call last):
    ValueError: draw: precision must be at most 17, got 18
    """
    number = as_integer(given, name, 1)
    if number > MOST_DIGITS:
        raise ValueError(f"{name} must be at most {MOST_DIGITS}, got {number}")
    return number
