"""Many epochs by one call of machine code, where nobody has to be asked between them.

The machine code is that of the single step, repeated (`Jitted.repeat`), so the training is the same
to the last bit, whatever is done at once and whatever step by step. So a clock may decide how much
it is: as many epochs as take well below a tenth of a second, after which there are Ctrl-C, progress
and history again. What machine code leaves undone, numbers that are not finite or a branch that
goes another way, is done step by step, from the beginning of that epoch.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from time import perf_counter
from typing import Any, TypeAlias

from autograd import pause_gc, tree
from autograd.number import MOST_EXACT
from autograd.random import Key, fold_in
from nn.compiled_steps import CompiledSteps
from nn.history import History
from nn.interruption import Interruption
from nn.passes import mean_loss
from nn.schedules import is_pure, rate_of
from nn.sources import InMemory

SECONDS = 0.03
"""How long one call is to last."""

LEAST_STEPS = 4
"""Fewer are made one by one."""

MOST_NUMBERS = 1 << 18
"""About how many numbers, of all rows and results, one call handles: what a cache holds."""

MOST_WAITED = 1024
"""After calls in vain, at most so many epochs are made step by step before the next."""


NEEDED = ("numpy", "llvmlite")
"""The packages without which there is no machine code."""

Lists: TypeAlias = list[list[float]]


def numbers_of(rows: list[Any]) -> Lists | None:
    """The numbers of each row, as many in each; None if a compiled function may see it otherwise.

    >>> numbers_of([[1, 2.0], [True, 4.0]]), numbers_of([["a", 1.0]]), numbers_of([[1], [1, 2]])
    ([[1.0, 2.0], [1.0, 4.0]], None, None)
    """
    try:
        found = [tree.flatten(row)[0] for row in rows]
    except TypeError:
        return None
    is_plain = all(
        x.__class__ is float or (x.__class__ in (int, bool) and abs(x) <= MOST_EXACT)
        for row in found
        for x in row
    )
    is_even = len(set(map(len, found))) == 1
    return [[*map(float, row)] for row in found] if is_plain and is_even else None


class EpochsAtOnce:
    """The next epochs of a training.

    Args:
        steps: the steps, all with batches of one shape.
        train: inputs and targets.
        tables: the numbers of each row of these; `None` if all rows make a step, in this order.
        batch: how many rows make a step.
        per_epoch: how many steps make an epoch.
        order: draws the order of an epoch's rows.
        rng: what it draws by.
        rate: the learning rate of an epoch, by its index; a pure function. `None` if it is that of
            the optimiser in all of them.
        key: what the model draws by.
    """

    def __init__(
        self,
        steps: CompiledSteps,
        train: tuple[list[Any], list[Any]],
        tables: list[Lists] | None,
        batch: int,
        per_epoch: int,
        order: Callable[[], list[int]],
        rng: random.Random,
        rate: Callable[[int], float] | None,
        key: Key | None,
    ) -> None:
        self._steps = steps
        self._first = [rows[:batch] for rows in train]
        self._tables = tables
        self._arrays: list[Any] = []  # these, once they are needed
        self._batch = batch
        self._per_epoch = per_epoch
        self._order = order
        self._rng = rng
        self._rate = rate
        self._key = key
        self._began: float | None = None  # when an epoch was begun step by step
        self._pace = math.inf  # seconds a step, lately
        self._least = per_epoch * -(-LEAST_STEPS // per_epoch)
        self._dared = self._least  # steps that may be planned in vain
        self._waits = self._failed = 0

    def make(self, history: History, epochs: int, interruption: Interruption) -> int:
        """Make epochs, and their rows of the history; how many, perhaps none.

        Args:
            history: the epochs before.
            epochs: how many there are to be at most.
            interruption: whether Ctrl-C was pressed.
        """
        began = perf_counter()
        if self._began is not None:
            self._pace = (began - self._began) / self._per_epoch
        self._began = began
        state = self._steps.state
        if state is None or self._waits:
            self._waits = max(self._waits - 1, 0)
            return 0
        per_epoch, width = self._per_epoch, state.size
        most = min(SECONDS / self._pace, MOST_NUMBERS / (3 * width), self._dared)
        if self._tables is not None:
            most = min(most, MOST_NUMBERS / (self._batch * sum(len(x[0]) for x in self._tables)))
        epochs = min(epochs, int(most / per_epoch))
        if epochs * per_epoch < LEAST_STEPS:
            return 0
        made = self._made(history, epochs, interruption)
        if made == epochs:
            self._pace = (perf_counter() - began) / (made * per_epoch)
            self._began = None
            self._dared = max(self._dared, 8 * made * per_epoch)
            self._failed = 0
        else:
            self._dared = self._least
            self._failed = 0 if made else self._failed + 1
            self._waits = min(2**self._failed, MOST_WAITED)
        return made

    def _made(self, history: History, epochs: int, interruption: Interruption) -> int:
        first, is_drawn = len(history), self._tables is not None
        before = self._rng.getstate() if is_drawn else None
        made = 0
        try:
            indexes = range(first, first + epochs)
            rate, optimizer = self._rate, self._steps.optimizer
            rates = [*map(rate, indexes)] if rate else [optimizer.lr] * epochs
            orders = [self._order() for _ in indexes] if is_drawn else []
            found = self._steps.repeat(self._first, self._rows(indexes, rates, orders))
            made = len(found) // self._per_epoch
            with interruption, pause_gc():
                if made:
                    losses = self._steps.proceed(found[: made * self._per_epoch])
                    means = self._means(losses)
                    history.add(rates[:made], means)
                    optimizer.lr = rates[made - 1]
        finally:
            if before is not None and made < epochs:  # as if nothing else had been drawn
                self._rng.setstate(before)
                for _ in range(len(history) - first):
                    self._order()
        return made

    def _means(self, losses: Any) -> list[float]:
        """The loss of each epoch."""
        n = self._per_epoch
        if n == 1:
            return (losses + 0.0).tolist()  # type: ignore[no-any-return]  # the mean of one
        sizes = [self._batch] * n
        return [mean_loss(sizes, epoch) for epoch in losses.reshape(-1, n).tolist()]

    def _rows(self, indexes: range, rates: list[float], orders: list[list[int]]) -> Any:
        """For each step what changes: learning rate, number, key, and batch."""
        import numpy as np

        n = self._per_epoch
        count = len(indexes) * n
        steps: Any = self._steps.optimizer
        columns = [np.repeat(rates, n), np.arange(count) + (steps.steps + 1.0)]
        if self._key is not None:
            keys = [fold_in(fold_in(self._key, i), k) for i in indexes for k in range(n)]
            columns += list(np.array(keys).T)
        rows = [np.stack(columns, axis=1)]
        if self._tables is not None:
            self._arrays = self._arrays or [np.array(table) for table in self._tables]
            at = np.array(orders).reshape(count, self._batch)
            rows += [array[at].reshape(count, -1) for array in self._arrays]
        return np.concatenate(rows, axis=1)


def epochs_at_once(
    steps: CompiledSteps,
    source: InMemory,
    rng: random.Random,
    schedule: Any,
    base: float,
    key: Key | None,
) -> EpochsAtOnce | None:
    """What makes epochs at once, for steps of one shape; None if it cannot.

    Args:
        steps: as in `EpochsAtOnce`.
        source: the rows, and how they are cut into batches.
        rng: as there.
        schedule: that of the learning rate.
        base: the learning rate at the start.
        key: as there.
    """
    if not (schedule is None or is_pure(schedule)) or not all(map(find_spec, NEEDED)):
        return None
    rate = None if schedule is None else partial(rate_of, schedule, base)
    train, batch, per_epoch, order = source.train, source.batch, source.per_epoch, source.order
    if batch is None:
        return EpochsAtOnce(steps, train, None, len(train[0]), 1, order, rng, rate, key)
    found = [numbers_of(rows) for rows in train] if type(rng) is random.Random else [None]
    tables = [table for table in found if table is not None]
    if len(tables) < len(train):
        return None
    size = min(batch, len(train[0]))
    return EpochsAtOnce(steps, train, tables, size, per_epoch, order, rng, rate, key)
