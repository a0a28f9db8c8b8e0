"""Whether compiling a step pays: its cost is counted, not timed.

A plain step takes time in proportion to the size of its graph, nodes and operands; compiling takes
as long as some plain steps, and the compiler has to be loaded. The data say how many steps will
have batches of a shape. A clock would be more exact, but not the same twice, and compiled numbers
differ from plain ones in the last bits: a training that is resumed must decide as if it had never
been stopped. So all of it depends on the arguments of `fit` alone.
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
"""The fixed cost of compiling, in nodes and operands: about a microsecond each."""

REUSE = 10
"""A bound on the size of a graph, for each parameter and each number of the inputs."""

STEPS_A_ROW = 20
"""How many steps with all rows traced save the time that tracing one more row takes.

Measured with an MLP 2-16-16-1 and 300 to 1,000 rows: 14 ms a row, and 0.6 ms a step.
"""

MANY_ROWS = 1500
"""From so many rows on steps are loops anyhow (`autograd.jit.programs.roll`)."""


_CONTAINERS = (list, tuple, dict)
_NUMBERS = (float, int, bool)


class Payoff:
    """The cost model of a training: what steps cost, plain and compiled.

    Args:
        inputs: all rows.
        targets: all targets.
        epochs: the number of epochs.
        batch: the number of rows of a step; `None` for all, in one order.
        per_epoch: the number of steps of an epoch.
        parameters: the number of parameters of the model.
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
        self._per_epoch = per_epoch
        self._shapes = Counter(map(_shape, inputs, targets))
        self._is_whole = batch is None
        self._is_possible = self.is_possible(inputs[: self._size], self.epochs * per_epoch)

    def __bool__(self) -> bool:
        """Whether it may pay to compile any step."""
        return self._is_possible

    @property
    def is_uniform(self) -> bool:
        """Whether all steps have batches of one shape."""
        return self._is_whole or (len(self._shapes) == 1 and self._full == self._per_epoch)

    @property
    def least_rows(self) -> int:
        """From how many rows of a step on one of them is traced, and the step a loop over rows.

        That is compiled at once, but of a few hundred rows array code is up to twice as fast.
        """
        return min(self.epochs * self._full // STEPS_A_ROW, MANY_ROWS)

    is_known = True
    """Whether the data say how many steps have batches of a shape."""

    def steps(self, inputs: list[Any], targets: list[Any], rank: int = 0) -> float:
        """The expected number of steps with batches of this shape.

        Args:
            inputs: those of such a batch.
            targets: its targets.
            rank: how many other shapes came before it.
        """
        each = self._full if len(inputs) == self._size else 1
        likely = 1.0
        if not self._is_whole and len(self._shapes) > 1:
            found = [self._shapes[_shape(*pair)] for pair in zip(inputs, targets, strict=True)]
            likely = prod(count / self._count for count in found)
        return self.epochs * each * likely

    def key(self, inputs: list[Any], targets: list[Any]) -> str:
        """The key of a batch's shape, the same in every process."""
        if self._is_whole or len(self._shapes) == 1:
            return str(len(inputs))
        shapes = [*map(_shape, inputs, targets)]
        return f"{crc32(repr(shapes).encode()):08x}"

    def is_possible(self, inputs: list[Any], steps: float) -> bool:
        """Whether compiling may pay for that number of steps, before the graph's size is known."""
        return self.pays(REUSE * self.parameters * sum(map(_numbers, inputs)), steps)

    def pays(self, size: int, steps: float) -> bool:
        """Whether compiling pays for that number of steps.

        Args:
            size: the number of nodes and operands of a step's graph.
            steps: the expected number of steps.
        """
        return (steps - RATIO) * size > FIXED


class PayoffOfStream(Payoff):
    """The same where the first batch is all that is known.

    A shape is taken to be that of all steps, or of half of them if another one came before, and so
    on; or of twice as many as there were. So what compiling costs in vain is bounded by what the
    training takes anyhow.

    Args:
        inputs: those of the first batch.
        targets: its targets.
        epochs: the number of epochs.
        per_epoch: the number of steps of an epoch, as far as that is known.
        parameters: the number of parameters of the model.
    """

    def __init__(
        self,
        inputs: list[Any],
        targets: list[Any],
        epochs: int,
        per_epoch: int,
        parameters: int,
    ) -> None:
        super().__init__(inputs, targets, epochs, None, per_epoch, parameters)
        self._full = per_epoch

    @property
    def is_uniform(self) -> bool:
        """Whether all steps have batches of one shape: that is not known."""
        return False

    is_known = False

    def steps(self, inputs: list[Any], targets: list[Any], rank: int = 0) -> float:
        """Its share of all steps: later batches must not decide, nor where a training resumed."""
        return self.epochs * self._per_epoch / (rank + 1)

    def key(self, inputs: list[Any], targets: list[Any]) -> str:
        """The key of a batch's shape, the same in every process."""
        shapes = [*map(_shape, inputs, targets)]
        kinds = shapes[:1] if len(set(shapes)) == 1 else shapes
        return f"{len(inputs)} of {crc32(repr(kinds).encode()):08x}"


def _shape(row: Any, target: Any) -> Hashable:
    return _lengths(row), _lengths(target)


def _lengths(x: Any) -> Hashable:
    """The lengths of the sequences and dicts in a row, and what is text in it."""
    if x.__class__ not in _CONTAINERS:
        return x if x.__class__ is str else None
    keys = tuple(x) if x.__class__ is dict else len(x)
    items = x.values() if x.__class__ is dict else x
    return (keys, *[_lengths(y) for y in items if y.__class__ not in _NUMBERS])


def _numbers(x: Any) -> int:
    """The number of numbers in a row, or an upper bound."""
    if isinstance(x, list | tuple):
        return sum(map(_numbers, x))
    return sum(map(_numbers, x.values())) if isinstance(x, dict) else 1
