"""What losses are given: numbers in sequences, checked one by one, the place in the error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, TypeAlias

from autograd import Value
from autograd.functions import Number
from autograd.number import describe, is_number

Values: TypeAlias = Value | Iterable[Value]
Floats: TypeAlias = float | Iterable[float]
Numbers: TypeAlias = Number | Iterable[Number]


def checked_pairs(name: str, predictions: Any, targets: Any) -> tuple[list[Any], list[Any]]:
    """The predictions and as many targets, as Values and floats."""
    left = checked_numbers(name, "predictions", predictions)
    right = checked_numbers(name, "targets", targets)
    if len(left) != len(right):
        raise ValueError(
            f"{name}: expected a target for each prediction,"
            f" got {len(left)} predictions and {len(right)} targets"
        )
    if not left:
        raise ValueError(f"{name}: expected at least one prediction, got none")
    return left, right


def checked_numbers(name: str, role: str, given: Any) -> list[Any]:
    """The numbers, or the one number in a list, as Values and floats."""
    if not hasattr(given, "__iter__"):
        given = [given]
    return [checked_number(name, role, i, x) for i, x in enumerate(given)]


def checked_number(name: str, role: str, i: int, x: Any) -> Any:
    """The number as a Value or a float."""
    if isinstance(x, Value):
        return x
    return float(x) if is_number(x) else _refuse(name, role, i, x)


def _refuse(name: str, role: str, i: int, x: Any) -> NoReturn:
    remedy = ""
    if isinstance(x, str):
        remedy = (
            ": number the classes, names = sorted(set(labels)), and then"
            " targets = [names.index(label) for label in labels]"
        )
    elif hasattr(x, "__iter__"):
        remedy = (
            f": {name} takes single numbers; of a column of rows make"
            f" [x for row in {role} for x in row]"
        )
    raise TypeError(f"{name}: {role}[{i}]: expected a number, got {describe(x)}{remedy}")


def check_probability(name: str, role: str, i: int, x: Any) -> None:
    """Raise ValueError unless the number is from 0 to 1."""
    if not (x >= 0 and x <= 1):
        number = x.detach() if isinstance(x, Value) else x
        raise ValueError(f"{name}: {role}[{i}] must be between 0 and 1, got {number!r}")
