"""The loss of a batch by the losses of its rows: what lets each device compute its part.

The loss of a batch is a mean or a sum of what rows cost, and perhaps of something that no row has a
part in, such as a penalty: L(r1 ... rn) = mean(c(ri)) + p or sum(c(ri)) + p. So what a row costs
follows from batches of one and of two:

    a mean:  c(r) + p = L(r)
    a sum:   c(r) = L(r, r) - L(r),  p = 2 L(r) - L(r, r)

That it is one of them is proved on its program (`Jitted.why_coupled`). Which one is tried, since
a program holds for one number of rows, and this compares several.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import FallbackError, TraceError, Value, jit, tree
from autograd.errors import ARITHMETIC
from autograd.modes import stand_for
from autograd.number import is_number
from autograd.random import Key, fold_in
from nn.steps import Draws, PlainSteps, forward

SHIFTS = (0.0, 0.01, -0.01, 1.0, -1.0)
"""How far the outputs of one row are moved, those of the next twice as far, and so on."""

LEAST, TRIED, MOST = 3, 8, 256
"""A loss is tried on at most `TRIED` rows, over and over in a batch as long as the one given, but
of at least `LEAST` rows and at most `MOST`; for such a batch it is proved."""


def of_row(
    plain: PlainSteps, read: Sequence[Value], is_mean: bool, wants_outputs: bool
) -> Callable[..., Any]:
    """What a row costs, as a function of all numbers that it depends on, to be traced.

    Args:
        plain: the model and the loss.
        read: the Values that these read.
        is_mean: whether the loss of a batch is a mean of its rows.
        wants_outputs: whether the predictions are wanted.

    Returns:
        A function of the numbers of `read`, the key of the step, the number of the row in it, the
        row and its target; it returns what the row costs, what does not depend on rows, 1, and the
        predictions if they are wanted.
    """
    model, loss = plain.model, plain.loss

    def row_loss(numbers: Any, draws: Any, number: Any, row: Any, target: Any) -> tuple[Any, ...]:
        stand_for(read, numbers)
        called = model
        if draws:
            called = lambda row: model(row, key=fold_in(Key(*draws), number))  # type: ignore[call-arg]
        own, outputs, _ = forward(called, valued(loss), [row], [target])
        left = tuple(outputs) if wants_outputs else ()
        if is_mean:
            return own, 0.0, 1.0, *left
        both = loss(outputs * 2, [target] * 2)
        return both - own, 2.0 * own - both, 1.0, *left

    return row_loss


def valued(loss: Callable[..., Any]) -> Callable[..., Any]:
    """A loss that is a Value where rows cost a plain number, such as nothing."""

    def of_rows(outputs: list[Any], targets: list[Any]) -> Any:
        found = loss(outputs, targets)
        return Value(found) if is_number(found) and not isinstance(found, Value) else found

    return of_rows


def not_compiled(name: str, error: FallbackError | TraceError) -> FallbackError:
    """What is raised where a part of the program cannot be traced."""
    reason = error.reason if isinstance(error, FallbackError) else str(error)
    return FallbackError(name, f"{reason} (or train without devices=)", "fit: devices")


class Form:
    """What the loss of a batch is: the mean of the losses of its rows, or their sum.

    Args:
        plain: the model and the loss.

    Attributes:
        is_mean: whether it is a mean, as far as is known.
    """

    def __init__(self, plain: PlainSteps) -> None:
        self._plain = plain
        self._may_be = {True, False}  # a mean, a sum
        self._lengths = set[int]()  # of the batches for which it was found

    @property
    def is_mean(self) -> bool:
        """Whether it is a mean."""
        return True in self._may_be

    def is_known(self, count: int) -> bool:
        """Whether it was found for batches of so many rows."""
        return min(count, MOST) in self._lengths

    def find(self, inputs: list[Any], targets: list[Any], draws: Draws, first: int = 0) -> None:
        """Prove that it is one of the two, and find which.

        Args:
            inputs: the rows of a batch.
            targets: theirs.
            draws: the key of the batch.
            first: a row that is among those on which the loss is tried.

        Raises:
            ValueError: it is neither, or another one than of batches before.
            FallbackError: it cannot be traced.
        """
        model, loss = self._plain.model, self._plain.loss
        chosen = _chosen(targets, first)
        count = max(LEAST, min(len(inputs), MOST))
        tried = [targets[i] for i in chosen]
        outputs = forward(model, valued(loss), [inputs[i] for i in chosen], tried, draws)[1]
        rows = [*zip(map(_numbers, outputs), map(_numbers, tried), strict=True)]
        of_rows = jit(lambda rows: loss([y for y, _ in rows], [t for _, t in rows]))
        try:
            problem = of_rows.why_coupled([rows[i % len(rows)] for i in range(count)])
        except TraceError as error:
            raise not_compiled("the loss of a batch", error) from None
        found = set[bool]() if problem else {True, False}
        for shift in SHIFTS:
            try:
                found = found and found & _kinds(loss, _moved(outputs, shift), tried, count)
            except ARITHMETIC:  # no probability any more, or no loss of one row
                if not shift:
                    found = set()
        self._may_be &= found
        if not self._may_be:
            why = f" ({problem})" if problem else ""
            raise ValueError(
                "fit: devices: each device computes the losses of some rows of a batch, so the loss"
                " of a batch must be the mean or the sum of the losses of its rows, and perhaps a"
                f" penalty; the one given is neither{why}. A weighted mean is sum(w * cost) /"
                " len(rows), with weights that are part of the targets and do not depend on the"
                " batch. Or train without devices="
            )
        self._lengths.add(min(len(inputs), MOST))


def _kinds(loss: Any, outputs: list[Any], targets: list[Any], count: int) -> set[bool]:
    """What it may be by its values, of these rows over and over: batches of 2, 3, and `count`."""

    def value(*rows: int) -> float:
        found = loss([outputs[i] for i in rows], [targets[i] for i in rows])
        return float(getattr(found, "data", found))  # of rows that cost nothing a plain number

    rows = range(len(outputs))
    own, both = [value(i) for i in rows], [value(i, i) for i in rows]
    penalty = 2.0 * own[0] - both[0]
    found = {True, False}
    for many in {2, LEAST, count}:
        some = [i % len(rows) for i in range(many)]
        whole = value(*some)
        close = 1e-9 * max(map(abs, [whole, *own, *both]))
        summed = math.fsum([both[i] - own[i] for i in some]) + penalty
        expected = {True: math.fsum([own[i] for i in some]) / many, False: summed}
        found &= {kind for kind, x in expected.items() if not abs(x - whole) > close}
    return found


def _moved(outputs: list[Any], shift: float) -> list[Any]:
    """Values near these outputs, those of each row moved by another number."""
    return [
        tree.map_leaves(lambda x, by=shift * (i + 1): Value(float(x) + by), output)
        for i, output in enumerate(outputs)
    ]


def _numbers(x: Any) -> Any:
    """An output or a target as it is traced: integers, and floats."""
    return tree.map_leaves(lambda y: int(y) if isinstance(y, int) else float(y), x)


def _chosen(targets: list[Any], first: int) -> list[int]:
    """The places of some rows: one that is asked for, and some with different targets."""
    found = {repr(target): i for i, target in reversed([*enumerate(targets)])}
    different = sorted(found.values())[: TRIED // 2]
    return [*dict.fromkeys([first, *different, *range(min(len(targets), TRIED))])][:TRIED]
