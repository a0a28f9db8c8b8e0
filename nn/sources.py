"""Where the batches of a training come from: rows in memory, or batches that somebody makes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeAlias

from autograd.number import as_integer, describe
from nn.columns import of_one_container, of_one_kind
from nn.data import Rows, in_batches, order_of_epoch, paired
from nn.payoff import Payoff, PayoffOfStream
from nn.warning import warn

Pair: TypeAlias = tuple[list[Any], list[Any]]
Batches: TypeAlias = Iterable[tuple[Rows, Rows]]
Train: TypeAlias = tuple[Rows, Rows] | Batches | Callable[[], Batches]

_END: Any = object()

UNKNOWN = 100
"""So many steps an epoch is taken to have, where nothing says how many, to judge what pays."""


def source_of(
    train: Any,
    batch_size: Any,
    steps_per_epoch: Any,
    epochs: int,
    is_resumable: bool,
    rng: random.Random,
) -> InMemory | Stream:
    """The source of the data that `fit` is given; the arguments are its own.

    Raises:
        TypeError: they are neither a pair of rows nor batches, or an argument is of a wrong kind.
        ValueError: arguments contradict each other, or there are no rows.
    """
    is_array = hasattr(train, "__array__") or hasattr(train, "keys") or isinstance(train, str)
    is_made = callable(train) or hasattr(train, "__iter__")
    if isinstance(train, tuple | list) or is_array or not is_made:
        return InMemory(train, batch_size, steps_per_epoch, rng)
    return Stream(train, batch_size, steps_per_epoch, epochs, is_resumable)


class InMemory:
    """Rows, shuffled and cut into batches for each epoch.

    Attributes:
        train: inputs and targets.
        batch: the number of rows of a step; `None` for all, in one order.
        per_epoch: the number of steps of an epoch.
        order: gives the indexes of the rows of the next epoch.
        is_over: `False`.
    """

    is_over = False

    def __init__(
        self, train: Any, batch_size: Any, steps_per_epoch: Any, rng: random.Random
    ) -> None:
        self.train = pair_of("train", train)
        self.batch = None if batch_size is None else as_integer(batch_size, "fit: batch_size", 1)
        self._rows = len(self.train[0])
        self.per_epoch = self._steps(steps_per_epoch)
        drawn = None if steps_per_epoch is None else self.per_epoch * (self.batch or 0)
        self.order = partial(order_of_epoch, self._rows, self.batch, drawn, rng)

    def payoff(self, epochs: int, parameters: int) -> Payoff:
        """What says whether compiling a step pays."""
        return Payoff(*self.train, epochs, self.batch, self.per_epoch, parameters)

    def epoch(self) -> Iterator[Pair]:
        """The batches of the next epoch."""
        return in_batches(*self.train, self.order(), self.batch or self._rows)

    def _steps(self, wanted: Any) -> int:
        if wanted is None:
            return 1 if self.batch is None else -(-self._rows // self.batch)
        if self.batch is None:
            raise ValueError("fit: steps_per_epoch needs a batch_size")
        steps = as_integer(wanted, "fit: steps_per_epoch", 1)
        if steps * self.batch > self._rows:
            raise ValueError(
                f"fit: an epoch of {steps} steps takes {steps * self.batch} rows, there are"
                f" {self._rows}"
            )
        return steps


class Stream:
    """Batches that a function makes, or that an iterable has, which may be more than memory holds.

    Attributes:
        is_over: whether an iterator has no more of them.
    """

    def __init__(
        self, train: Any, batch_size: Any, steps_per_epoch: Any, epochs: int, is_resumable: bool
    ) -> None:
        self.is_over = False
        self._make: Callable[[], Any] = train if callable(train) else lambda: train
        self._is_used_up = not callable(train) and iter(train) is train
        self._steps = (
            None
            if steps_per_epoch is None
            else as_integer(steps_per_epoch, "fit: steps_per_epoch", 1)
        )
        if batch_size is not None:
            raise ValueError(
                f"fit: batch_size is for rows, and {describe(train)} gives batches: leave it out"
            )
        if self._is_used_up and self._steps is None and epochs > 1:
            raise ValueError(
                f"fit: {describe(train)} is used up after one pass, and there are {epochs} epochs:"
                " say how many batches an epoch has, steps_per_epoch=, or give the function that"
                " makes it, which is called for each epoch"
            )
        if is_resumable and (self._is_used_up or self._steps is not None):
            raise ValueError(
                "fit: a training is resumed between two epochs, where batches begin anew: with a"
                " checkpoint give a function that makes those of an epoch, and no steps_per_epoch"
            )
        self._length = len(train) if hasattr(train, "__len__") else UNKNOWN
        self._seen = 0
        self._batches = self._begun()
        self._first: Pair | None = self._next()
        if self._first is None:
            raise ValueError("fit: expected at least one batch, got none")

    def payoff(self, epochs: int, parameters: int) -> Payoff:
        """What says whether compiling a step pays."""
        assert self._first is not None
        return PayoffOfStream(*self._first, epochs, self._steps or self._length, parameters)

    def epoch(self) -> Iterator[Pair] | None:
        """The batches of the next epoch; `None` if there are no more, which is warned of."""
        if self._first is None and self._steps is None:
            self._batches = self._begun()
        first = self._first or self._next()
        self._first = None
        if first is None and not self._is_used_up:
            raise ValueError(
                "fit: expected at least one batch in each epoch, got none (an iterator is used up"
                " after one pass: make a new one for each)"
            )
        return None if first is None else self._rest(first)

    def _rest(self, first: Pair) -> Iterator[Pair]:
        yield first
        count = 1
        while self._steps is None or count < self._steps:
            found = self._next()
            if found is None:
                return
            yield found
            count += 1

    def _begun(self) -> Iterator[Any]:
        batches = self._make()
        if not hasattr(batches, "__iter__"):
            raise TypeError(
                f"fit: expected batches, pairs (inputs, targets), got {describe(batches)}"
            )
        return iter(batches)

    def _next(self) -> Pair | None:
        """The next batch; `None` if there are no more, or none at all where they begin anew."""
        batch = next(self._batches, _END)
        if batch is _END and not self._is_used_up and self._steps is not None:
            self._batches = self._begun()
            batch = next(self._batches, _END)
        if batch is not _END:
            self._seen += 1
            return pair_of(f"batch {self._seen}", batch)
        if self._is_used_up and self._steps is not None and not self.is_over:
            warn(f"fit: the batches ended after {self._seen}, before the end of the last epoch")
        self.is_over = self._is_used_up
        return None


def pair_of(name: str, pair: Any) -> Pair:
    """Inputs and targets as lists, numbers of one column of one kind.

    Raises:
        TypeError: it is no pair, or has no rows.
        ValueError: there are no rows, or another number of targets.
    """
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        hint = "" if name.startswith("batch") else ": write fit(model, (inputs, targets), ...)"
        raise TypeError(f"fit: {name} must be a pair (inputs, targets), got {describe(pair)}{hint}")
    inputs, targets = paired(f"fit: {name}", *pair)
    return of_one_kind(of_one_container(inputs)), of_one_kind(of_one_container(targets))
