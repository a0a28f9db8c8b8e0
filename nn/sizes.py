"""The sizes and rows given to layers, checked; each error says what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from autograd import Value
from autograd.number import describe, is_number
from nn.module import Module

KINDS = {Value, float}

NO_ROW = (Mapping, AbstractSet)
"""What is iterated over by its keys, or in no order: numbers in it are no row."""


def positional_slip(*given: Any) -> str:
    """What is wrong with the arguments of an MLP that were given by position."""
    sizes = [x for item in given for x in (item if isinstance(item, list | tuple) else [item])]
    whole = [x for x in sizes if type(x) is int]
    options = "".join(f", activation={x!r}" for x in sizes if isinstance(x, str))
    right = f"MLP({whole[0]}, {whole[1:]}{options})" if len(whole) > 1 else "MLP(2, [3, 1])"
    shown = ", ".join(describe(x) for x in given if x != ())
    return (
        "MLP: expected the number of inputs and a list with the size of each layer, other"
        f" arguments by name; got {shown}: write {right}"
    )


def flag(owner: str, nonlin: Any) -> bool:
    """Whether there is an activation; TypeError unless that is a bool."""
    if nonlin not in (True, False):
        raise TypeError(
            f"{owner}: nonlin must be True or False, got {describe(nonlin)}; an activation is given"
            " by name: activation='tanh'"
        )
    return bool(nonlin)


def checked_row(inputs: Iterable[Any], expected: int, owner: Module, path: str = "") -> list[Any]:
    """The inputs as a list of Values and floats, `expected` of them: itself, if it is one."""
    if inputs.__class__ is list and len(inputs) == expected and KINDS.issuperset(map(type, inputs)):
        return inputs
    is_row = hasattr(inputs, "__iter__") or hasattr(inputs, "__getitem__")
    if not is_row or isinstance(inputs, NO_ROW) or getattr(inputs, "shape", None) == ():
        raise TypeError(
            f"{path}{owner!r}: expected a row of inputs, got {describe(inputs)}: a row is a list of"
            f" {expected} number{'s' * (expected > 1)}"
        )
    row = [
        x if x.__class__ is Value or x.__class__ is float else _number(x, owner, path)
        for x in inputs
    ]
    if len(row) != expected:
        raise ValueError(f"{path}{owner!r}: expected {expected} inputs, got {len(row)}") from None
    return row


def _number(x: Any, owner: Module, path: str) -> float:
    if is_number(x):
        return float(x)
    if getattr(x, "shape", None) == ():  # a number of PyTorch's
        raise TypeError(
            f"{owner!r}: input: expected a number, got {describe(x)}: write row.tolist()"
        ) from None
    if hasattr(x, "__iter__") and not isinstance(x, str | bytes):
        if path.startswith("rows["):  # of a batch
            raise TypeError(
                f"{path}{owner!r}: input: expected a number, got {describe(x)}: each row of a batch"
                " is a list of numbers; of rows of rows Flatten() makes one"
            ) from None
        raise TypeError(
            f"{owner!r}: input: expected a number, got {describe(x)}: a model takes one row at a"
            " time: write vmap(model)(rows) (from autograd import vmap), or nn.predict(model, rows)"
            " for numbers"
        ) from None
    raise TypeError(f"{path}{owner!r}: input: expected a number, got {describe(x)}") from None
