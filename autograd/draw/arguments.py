"""Arguments that `draw`, `draw_model` and `record` share, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any, Literal

from autograd.number import as_integer, describe
from autograd.value import Value

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


def integer(name: str, given: Any, least: int) -> int:
    """The integer that was given, if it is at least `least`; a flag is none.

    >>> integer("draw: max_nodes", True, 1)
    Traceback (most recent call last):
    TypeError: draw: max_nodes must be an integer, got bool True
    """
    if isinstance(given, bool):
        raise TypeError(f"{name} must be an integer, got {describe(given)}")
    return as_integer(given, name, least)


def digits(name: str, given: Any) -> int:
    """The number of significant digits to show, checked.

    >>> digits("draw: precision", 18)
    Traceback (most recent call last):
    ValueError: draw: precision must be at most 17, got 18
    """
    number = integer(name, given, 1)
    if number > MOST_DIGITS:
        raise ValueError(f"{name} must be at most {MOST_DIGITS}, got {number}")
    return number


def check_labels(caller: str, values: Iterable[Value]) -> None:
    """Raise TypeError if a label is no string: `Value` refuses it, an assignment later does not.

    >>> x = Value(2.0)
    >>> x.label = 4.5
    >>> check_labels("draw", [x])
    Traceback (most recent call last):
    TypeError: draw: a label must be a string, got float 4.5 of Value(data=2.0, grad=0.0, label=4.5)
    """
    for value in values:
        if not isinstance(value.label, str):
            raise TypeError(
                f"{caller}: a label must be a string, got {describe(value.label)} of {value!r}"
            )


def check_computes(caller: str, function: Callable[..., Any]) -> None:
    """Raise TypeError if a function that is to compute a Value cannot be called without arguments.

    >>> check_computes("draw", lambda x: x * x)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    TypeError: draw: expected a Value or a function without arguments, got f (missing ...
    """
    try:
        signature(function).bind()
    except TypeError as error:
        name = getattr(function, "__name__", "f").replace("<lambda>", "f")
        raise TypeError(
            f"{caller}: expected a Value or a function without arguments, got {name} ({error}):"
            f" write {caller}(lambda: {name}(Value(2.0, 'x')))"
        ) from None
    except ValueError:
        pass  # what is built in may have no signature
