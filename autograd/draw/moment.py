"""A graph at one moment: whether its leaves still have the numbers it was computed from.

A graph holds the numbers of the moment at which it was computed; each step of an optimiser changes
its leaves. `recording` must never mix the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from autograd.errors import ARITHMETIC
from autograd.graph import topological_order
from autograd.value import Value


def check_up_to_date(loss: Value, epoch: int) -> None:
    """Raise ValueError if leaves have changed: the derivatives would mix two moments."""
    for value in topological_order(loss):
        if value.primitive is None:
            continue
        try:
            now = value.primitive.value(*map(float, value.operands))
        except ARITHMETIC:
            now = math.nan
        if now != value.data and not (math.isnan(now) and math.isnan(value.data)):
            raise ValueError(
                f"record: epoch {epoch}: the numbers have changed since the loss was computed from"
                f" them: {value.primitive.name} of its operands is now {now!r}, not"
                f" {value.data!r} (call the recording before the step of the optimiser)"
            )


@contextmanager
def holding(values: list[Value], numbers: list[float]) -> Iterator[None]:
    """Within the block the Values hold these earlier numbers."""
    before = [value.data for value in values]
    try:
        for value, number in zip(values, numbers, strict=True):
            value.data = number
        yield
    finally:
        for value, number in zip(values, before, strict=True):
            value.data = number
