"""Whether a graph still is what its leaves give: an optimiser may have changed them since."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from typing import Final

from autograd.draw.scene.numbers import operand_numbers
from autograd.draw.scene.structure import is_call
from autograd.value import Value

CHANGED: Final = "the numbers have changed since it was computed from them"
"""What is wrong with a graph of which `change_in` tells something."""


def change_in(order: Iterable[Value]) -> str | None:
    """The first operation whose operands do not give its number any more.

    What their derivatives are made of would mix two moments.

    >>> a, b = Value(2.0, "a"), Value(-3.0)
    >>> c = a * b
    >>> change_in([a, b, c])
    >>> a.data = 2.5
    >>> change_in([a, b, c])
    'mul of its operands is now -7.5, not -6.0'
    """
    for value in order:
        if value.primitive is not None:
            numbers = operand_numbers(value)
            if is_call(value.primitive) and array("d", numbers) == array("d", value.primitive.at):
                continue  # compiled code may have computed it otherwise than it would now
            try:
                now = float(value.primitive.value(*numbers))
            except Exception:  # of a user's rule, which may raise anything
                now = math.nan
            if now != value.data and not (math.isnan(now) and math.isnan(value.data)):
                name = value.primitive.name
                return f"{name} of its operands is now {now!r}, not {value.data!r}"
    return None
