"""What a peer makes of a problem: something that can be repeated, and whose numbers can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Job(NamedTuple):
    """A computation of one peer.

    Attributes:
        step: does it once, and returns the loss, or what stands for it. What is timed.
        state: the numbers that the steps so far have led to, in the order of the problem:
            parameters and slots of the optimiser; or the last derivatives.
        keep: what a step leaves alive that is to be weighed, where its memory is measured.
    """

    step: Callable[[], Any]
    state: Callable[[], Iterable[float]]
    keep: Callable[[], Any] | None = None


def by_backward(x: list[Any], function: Callable[[list[Any]], Any]) -> Job:
    """The gradient of a function of numbers that have `data`, `grad` and `backward()`."""

    def step() -> float:
        for p in x:
            p.grad = 0.0
        value = function(x)
        value.backward()
        return float(value.data)

    return Job(step, lambda: [p.grad for p in x], lambda: function(x))


def flat(nested: Any) -> list[float]:
    """The numbers of nested lists, in order."""
    if hasattr(nested, "tolist"):
        nested = nested.tolist()
    if not isinstance(nested, list | tuple):
        return [float(nested)]
    return [x for part in nested for x in flat(part)]
