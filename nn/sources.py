"""Where the batches of a training come from: rows in memory, or batches that somebody makes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from operator import length_hint
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

NONE_LEFT = (
    "fit: expected at least one batch in each epoch, got none (an iterator is used up after one"
    " pass: make a new one for each)"
)


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
        picked: those of the rows of the last batch.
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

    def begin_anew(self) -> None:
        """Nothing: what an epoch depends on is drawn when it begins."""

    def payoff(self, epochs: int, parameters: int) -> Payoff:
        """What says whether compiling a step pays."""
        return Payoff(*self.train, epochs, self.batch, self.per_epoch, parameters)

    def epoch(self) -> Iterator[Pair]:
        """The batches of the next epoch."""
        order, size = self.order(), self.batch or self._rows
        for start, batch in zip(count(0, size), in_batches(*self.train, order, size)):
            self.picked = order[start : start + size]
            yield batch

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
        self._length = length_hint(train, UNKNOWN)  # `len` of a DataLoader may be a TypeError
        self._seen = 0
        self._batches = self._begun()
        self._first: Pair | None = self._next()
        if self._first is None:
            raise ValueError("fit: expected at least one batch, got none")

    def begin_anew(self) -> None:
        """Make the batches of the next epoch once more: by an `rng` that was restored, perhaps."""
        self._first = None

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
            raise ValueError(NONE_LEFT)
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
            if batch is _END and self._seen:
                raise ValueError(NONE_LEFT)
        if batch is not _END:
            self._seen += 1
            inputs, targets = pair_of(f"batch {self._seen}", batch)
            return inputs, _copied(targets)  # metrics need them when the reader has gone on
        if self._is_used_up and self._steps is not None and self._seen and not self.is_over:
            warn(f"fit: the batches ended after {self._seen}, before the end of the last epoch")
        self.is_over = self._is_used_up
        return None


def pair_of(name: str, pair: Any) -> Pair:
    """Inputs and targets as lists, numbers of one column of one kind.

    Raises:
        TypeError: it is no pair, or has no rows.
        ValueError: there are no rows, or another number of targets.
    """
    if not isinstance(pair, tuple | list) or len(pair) != 2 or _are_two_batches(name, pair):
        raise TypeError(
            f"fit: {name} must be a pair (inputs, targets), got {describe(pair)}:"
            f" {_remedy(name, pair)}"
        )
    if _is_batch(name) and not all(hasattr(part, "__iter__") for part in pair):
        raise TypeError(
            f"fit: {name} must be a pair of rows and their targets, got {describe(pair)}: of one"
            " row make a batch, ([row], [target])"
        )
    inputs, targets = paired(f"fit: {name}", *pair)
    return of_one_kind(of_one_container(inputs)), of_one_kind(of_one_container(targets))


def _are_two_batches(name: str, given: Any) -> bool:
    """Whether it is a list of two batches, pairs of rows and targets, which is a pair too."""
    if name != "train" or not isinstance(given, list):
        return False
    try:
        return all(
            isinstance(batch, tuple) and len(batch) == 2 and len(batch[0]) == len(batch[1])
            and hasattr(batch[0][0], "__iter__")
            for batch in given
        )  # fmt: skip
    except (TypeError, LookupError):  # numbers, or none
        return False


def _remedy(name: str, given: Any) -> str:
    """What to write in place of what is no pair."""
    if name == "validation":
        return "write validation=(inputs, targets)"
    if not _is_batch(name):
        are_pairs = isinstance(given, tuple | list) and all(
            isinstance(pair, tuple | list) and len(pair) == 2 for pair in given
        )
        if are_pairs:
            return (
                "batches in a list are made by a function: write fit(model, lambda: batches, ...)"
            )
        return "write fit(model, (inputs, targets), ...)"
    keys = [*given][:2] if isinstance(given, dict) else [0, 1]
    if len(keys) == 2 and (isinstance(given, dict) or _are_parts(given)):
        first, second = (f"b[{key!r}]" for key in keys)
        return f"write fit(model, lambda: (({first}, {second}) for b in batches), ...)"
    return "what makes batches gives pairs of lists, rows and their targets"


def _are_parts(given: Any) -> bool:
    """Whether it is a batch of more than two parts, rather than rows."""
    is_list = isinstance(given, list) and all(hasattr(part, "shape") for part in given)
    return (isinstance(given, tuple) or is_list) and len(given) > 2


def _is_batch(name: str) -> bool:
    return name.startswith("batch")


def _copied(x: Any) -> Any:
    """The same in lists and dicts of its own."""
    if x.__class__ is dict:
        return {key: _copied(item) for key, item in x.items()}
    return [*map(_copied, x)] if x.__class__ is list else x
