"""A graph at one moment: whether its numbers are still those it was made from, and how to go back.

A graph keeps the numbers of the moment it was made at; its leaves move on with each step of an
optimiser. `recording` must never mix the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from autograd.errors import ARITHMETIC
from autograd.graph import topological_order
from autograd.value import Value


def check_up_to_date(loss: Value, epoch: int) -> None:
    """Refuse a graph whose leaves have moved on: its derivatives would be those of no moment."""
    for value in topological_order(loss):
        if value.primitive is None:
            continue
        try:
            now = value.primitive.value(*map(float, value.operands))
        except ARITHMETIC:
            now = math.nan
        if now != value.data and not (math.isnan(now) and math.isnan(value.data)):
            raise ValueError(
                f"record: epoch {epoch}: the numbers have changed since the loss was made from"
                f" them: {value.primitive.name} of its operands is now {now!r}, not"
                f" {value.data!r} (call the recording before the step of the optimiser)"
            )


@contextmanager
def holding(values: list[Value], numbers: list[float]) -> Iterator[None]:
    """Within the block the Values hold these numbers, as they once did."""
    before = [value.data for value in values]
    try:
        for value, number in zip(values, numbers, strict=True):
            value.data = number
        yield
    finally:
        for value, number in zip(values, before, strict=True):
            value.data = number
