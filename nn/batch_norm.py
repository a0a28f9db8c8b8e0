"""`BatchNorm`: each number of a row brought to one scale, by the rows of the batch that it is in.

As for dropout there is no mode to be switched. A call takes one row and belongs to no training;
`on_batch` takes all rows of a batch and does. So a model stays a function of one row, and takes
batches too, one layer after the other.

What becomes of a batch does not depend on the running statistics: they are a mean of what steps
found. So a step, compiled or not, returns the statistics of its batch, and whoever made the step
moves the running ones (`update`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, TypeAlias

from autograd import FallbackError, Value, dot, mean, sqrt
from autograd.mapping import each, traced_from
from autograd.modes import current_tape, is_recording
from autograd.number import as_integer
from autograd.random import Key
from nn.data import Rows, as_rows
from nn.dropout import takes_key
from nn.module import Module, modules_of
from nn.ranges import as_ranged
from nn.sizes import checked_row
from nn.warning import warn

Statistics: TypeAlias = tuple[list[Any], list[Any]]
"""The means and the unbiased variances of a batch, one of each number of a row."""

_gathered: ContextVar[dict[int, list[Statistics]] | None] = ContextVar("gathered", default=None)
"""In a step that is made by another, such as `fit`: what was found, by the `id` of the layer."""


class BatchNorm(Module):
    """Each number of a row brought to mean 0 and variance 1 over a batch, then scaled and shifted.

    A call takes one row and the running mean and variance: a function of that row alone, as
    `predict` needs. `on_batch` takes the rows of a batch and the mean and variance of these: that
    is what a training needs, and what `fit` calls. After `freeze()` the running ones stay as they
    are, and both methods take them.

    Args:
        size: how many numbers a row has.
        eps: is added to the variance.
        momentum: the share that a batch has in the running mean and variance after it.

    Attributes:
        weight: the scale of each number, 1 at first.
        bias: its shift, 0 at first.
        running_mean: the running mean of each number, 0 at first. It is no parameter, but is saved
            and loaded with them, and so is
        running_var: the running variance, 1 at first, of batches the unbiased one.

    Raises:
        ValueError: the size is not positive, `eps` is negative, or `momentum` not from 0 to 1.
        TypeError: an argument is of the wrong kind.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift" (2015), algorithms 1 and 2; the running statistics are PyTorch's.

    >>> norm = BatchNorm(2)
    >>> rows = norm.on_batch([[1.0, 10.0], [2.0, 30.0], [3.0, 50.0]])
    >>> [[round(x.data, 3) for x in row] for row in rows]
    [[-1.225, -1.225], [0.0, 0.0], [1.225, 1.225]]
    >>> [round(x.data, 3) for x in norm.running_mean]
    [0.2, 3.0]
    >>> [round(x.data, 3) for x in norm([0.2, 3.0])]
    [0.0, 0.0]
    """

    _buffers = ("running_mean", "running_var")

    def __init__(self, size: int, *, eps: float = 1e-5, momentum: float = 0.1) -> None:
        size = as_integer(size, "BatchNorm: size", 1)
        self.eps = as_ranged(eps, "BatchNorm: eps", "at least 0 and finite")
        self.momentum = as_ranged(momentum, "BatchNorm: momentum", "at least 0 and at most 1")
        self.weight = [Value(1.0) for _ in range(size)]
        self.bias = [Value(0.0) for _ in range(size)]
        self.running_mean = [Value(0.0, f"running_mean.{i}") for i in range(size)]
        self.running_var = [Value(1.0, f"running_var.{i}") for i in range(size)]

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        """The row, normalised by the running mean and variance.

        Where a graph is recorded, a RuntimeWarning says if no batch has moved these yet.

        Raises:
            ValueError: it has another length.
            TypeError: something in it is not a number; or it is called in a step of `fit`.
        """
        row = checked_row(inputs, len(self.weight), self)
        if not self._is_frozen:
            self._check_use()
        sizes = [sqrt(v + self.eps) for v in self.running_var]
        return self._scaled(row, self.running_mean, sizes)

    def on_batch(self, rows: Rows, key: Key | None = None) -> list[Any]:
        """The rows of a batch, normalised by its means and variances, which move the running ones.

        Args:
            rows: at least two.
            key: not used.

        Raises:
            ValueError: there are fewer, or one has another length.
            TypeError: something in one is not a number.
            FallbackError: a function that is being compiled calls it, outside of `gathering`; by
                default `jit` runs it plain then, and says so.
        """
        size, given = len(self.weight), as_rows(rows, f"{self!r}: rows")
        table = [checked_row(row, size, self, f"rows[{i}]: ") for i, row in enumerate(given)]
        if self._is_frozen:
            return each(lambda _, row: self(row), table)
        count = len(table)
        if count < 2:
            raise ValueError(
                f"{self!r}: expected at least 2 rows in a batch, got {count}: choose a batch_size"
                " that leaves no row alone, or steps_per_epoch=len(rows) // batch_size"
            )
        columns = [list(column) for column in zip(*table, strict=True)]
        means = [mean(column) for column in columns]
        centred = [[x - m for x in column] for column, m in zip(columns, means, strict=True)]
        squares = [dot(column, column) for column in centred]
        self._note((means, [s / (count - 1) for s in squares]))
        sizes = [sqrt(s / count + self.eps) for s in squares]
        return each(lambda _, row: self._scaled(row, means, sizes), table)

    def update(self, statistics: Statistics) -> None:
        """Move the running statistics by those of a batch."""
        kept = self.running_mean, self.running_var
        for running, found in zip(kept, statistics, strict=True):
            for old, new in zip(running, found, strict=True):
                number = new.data if isinstance(new, Value) else new
                old.data = (1.0 - self.momentum) * old.data + self.momentum * number

    def _note(self, statistics: Statistics) -> None:
        gathered = _gathered.get()
        if gathered is not None:
            if id(self) not in gathered:
                raise TypeError(f"{self!r} is in no attribute of the model{_REMEDY}{_LATE}")
            gathered[id(self)].append(statistics)
        elif current_tape() is None:
            self.update(statistics)
        else:
            raise FallbackError(
                f"{self!r}.on_batch",
                "moves its running statistics, which compiled code does not: return those of the"
                " batch (nn.batch_norm.gathering), and move them after the call",
            )

    def _check_use(self) -> None:
        """See that nobody takes a call with one row for one of a training."""
        gathered = _gathered.get()
        if gathered is not None:
            late = "" if id(self) in gathered else _LATE
            one = "was called with one row in a step of a training"
            raise TypeError(f"{self!r} {one}{_REMEDY}{late}")
        if current_tape() is None and is_recording() and self._is_new():
            warn(
                f"{self!r} was called with one row, but no batch has moved its running statistics:"
                " a training calls model.on_batch(rows), or fit"
            )

    def _scaled(self, row: list[Any], means: list[Any], sizes: list[Any]) -> list[Any]:
        numbers = zip(self.weight, row, means, sizes, self.bias, strict=True)
        return [w * ((x - m) / size) + b for w, x, m, size, b in numbers]

    def _is_new(self) -> bool:
        is_first = all(x.data == 0.0 for x in self.running_mean)
        return is_first and all(x.data == 1.0 for x in self.running_var)

    def __repr__(self) -> str:
        return f"BatchNorm({len(self.weight)}, eps={self.eps!r}, momentum={self.momentum!r})"


_REMEDY = (
    ", where it needs all rows of the batch: put it into a Sequential, or let the module around it"
    " have a method on_batch(self, rows, key=None); freeze() it if it is not to be trained"
)
_LATE = ". What was put into the model, or unfrozen, after the training began is not known to it"


# What a training needs of it


def batch_norms(model: Any) -> list[BatchNorm]:
    """The layers in a model, or the model itself, that need a batch: those that are not frozen."""
    found = modules_of(model)
    return [x for x in found if isinstance(x, BatchNorm) and not x._is_frozen]


def of_batch(module: Any) -> Callable[..., list[Any]]:
    """The method `on_batch` of a module that has a `BatchNorm`.

    Raises:
        TypeError: it has none, or one without `key`, or of a class whose `__call__` is replaced.
    """
    for kind in type(module).__mro__:
        if "on_batch" in vars(kind):
            if not takes_key(module.on_batch):
                raise TypeError(
                    f"{type(module).__name__}.on_batch takes no key, which Sequential and fit give"
                    " it, None or what the model draws by: write def on_batch(self, rows, key=None)"
                )
            return module.on_batch  # type: ignore[no-any-return]
        if "__call__" in vars(kind):
            break
    norm = batch_norms(module)[0]
    raise TypeError(
        f"{type(module).__name__}.__call__ takes one row, but {norm!r} is in it{_REMEDY}"
    )


@contextmanager
def gathering(norms: Sequence[BatchNorm]) -> Iterator[list[list[Statistics]]]:
    """Within the block batches move no running statistics, and those of batches are gathered.

    With it a function that calls `on_batch` is one without effects, which `jit` compiles.

    Args:
        norms: the layers.

    Yields:
        for each of them a list, of the statistics of each batch.

    >>> from autograd import jit
    >>> norm = BatchNorm(1)
    >>> @jit
    ... def normalised(rows):
    ...     with gathering([norm]) as found:
    ...         return norm.on_batch(rows), found
    >>> rows, found = normalised([[1.0], [3.0]])
    >>> update([norm], found)
    >>> norm.running_mean[0].data, norm.running_var[0].data
    (0.2, 1.1)
    """
    found: list[list[Statistics]] = [[] for _ in norms]
    token = _gathered.set(dict(zip(map(id, norms), found, strict=True)))
    try:  # a loop over rows would leave what couples them written out
        with traced_from(sys.maxsize) if norms else nullcontext():
            yield found
    finally:
        _gathered.reset(token)


def update(norms: Sequence[BatchNorm], found: Sequence[Sequence[Statistics]]) -> None:
    """Move the running statistics of layers by what was gathered."""
    for norm, batches in zip(norms, found, strict=True):
        for statistics in batches:
            norm.update(statistics)
