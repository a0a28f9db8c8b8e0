"""Whether compiling a step pays: by what it costs, which is counted and not timed.

A plain step takes time by the size of its graph, its nodes and their operands; compiling one takes
as long as some plain steps, and the compiler has to be loaded. How many steps will have batches of
a shape is known from the data. A clock would say it more exactly, but not twice the same, and
compiled numbers differ from plain ones in the last bits: a training that is resumed must decide as
if it had never been stopped. So all of it depends on the arguments of `fit` alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from math import prod
from typing import Any
from zlib import crc32

RATIO = 25
"""How many plain steps take as long as compiling one."""

FIXED = 250_000
"""What compiling costs besides, in nodes and operands: about a microsecond for each."""

REUSE = 10
"""A bound on the size of a graph, for each parameter and each number of the inputs."""


_CONTAINERS = (list, tuple, dict)


class Payoff:
    """The steps of a training, as far as compiling is concerned.

    Args:
        inputs: all rows.
        targets: all targets.
        epochs: how many there are.
        batch: how many rows make a step; `None` for all, in one order.
        per_epoch: how many steps make an epoch.
        parameters: how many the model has.
    """

    def __init__(
        self,
        inputs: list[Any],
        targets: list[Any],
        epochs: int,
        batch: int | None,
        per_epoch: int,
        parameters: int,
    ) -> None:
        self.epochs = epochs
        self.parameters = parameters
        self._count = len(inputs)
        self._size = min(batch or self._count, self._count)
        self._full = min(self._count // self._size, per_epoch)
        self._shapes: Counter[Hashable] | None = None
        if batch is not None:
            self._shapes = Counter(map(_shape, inputs, targets))
        self._is_possible = self.is_possible(inputs[: self._size], self.epochs * per_epoch)

    def __bool__(self) -> bool:
        """Whether it may pay to compile any step."""
        return self._is_possible

    def steps(self, inputs: list[Any], targets: list[Any]) -> float:
        """How many steps are to be expected with batches of this shape."""
        each = self._full if len(inputs) == self._size else 1
        likely = 1.0
        if self._shapes is not None and len(self._shapes) > 1:
            found = [self._shapes[_shape(*pair)] for pair in zip(inputs, targets, strict=True)]
            likely = prod(count / self._count for count in found)
        return self.epochs * each * likely

    def is_possible(self, inputs: list[Any], steps: float) -> bool:
        """Whether so many steps may pay, before the size of the graph is known."""
        return self.pays(REUSE * self.parameters * sum(map(_numbers, inputs)), steps)

    def pays(self, size: int, steps: float, compiled: int = 0) -> bool:
        """Whether it pays to compile for so many steps.

        Args:
            size: the nodes and operands of a step's graph.
            steps: how many there will be.
            compiled: how many programs there are for them already.
        """
        return (steps - RATIO * (compiled + 1)) * size > FIXED


def key_of_shape(inputs: list[Any], targets: list[Any]) -> str:
    """What tells batches of one shape from those of another, in any process."""
    return f"{crc32(repr(_shape(inputs, targets)).encode()):08x}"


def _shape(row: Any, target: Any) -> Hashable:
    return _lengths(row), _lengths(target)


def _lengths(x: Any) -> Hashable:
    """How long the sequences and dicts are in a row."""
    if x.__class__ not in _CONTAINERS:
        return None
    items = x.values() if x.__class__ is dict else x
    inside = [_lengths(y) for y in items if y.__class__ in _CONTAINERS]
    return (len(x), *inside)


def _numbers(x: Any) -> int:
    """How many numbers there are in a row, or at most."""
    if isinstance(x, list | tuple):
        return sum(map(_numbers, x))
    return sum(map(_numbers, x.values())) if isinstance(x, dict) else 1
