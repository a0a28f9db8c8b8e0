"""The loss of a batch by the losses of its rows: what lets each device compute its part.

The loss of a batch is a mean or a sum of what rows cost, and perhaps of something that no row has a
part in, such as a penalty: L(r1 ... rn) = mean(c(ri)) + p or sum(c(ri)) + p. So what a row costs
follows from batches of one and of two:

    a mean:  c(r) + p = L(r)
    a sum:   c(r) = L(r, r) - L(r),  p = 2 L(r) - L(r, r)

A loss does not say which it is, so it is tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, tree
from autograd.errors import ARITHMETIC
from autograd.modes import stand_for
from autograd.random import Key, fold_in
from nn.steps import Draws, PlainSteps, forward

SHIFTS = (0.0, 0.01, -0.01, 1.0, -1.0)
"""How far the outputs of one row are moved, those of the next twice as far, and so on."""

LEAST, MOST = 3, 8
"""On how many rows a loss is tried."""


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
        own, outputs = forward(called, loss, [row], [target])
        left = tuple(outputs) if wants_outputs else ()
        if is_mean:
            return own, 0.0, 1.0, *left
        both = loss(outputs * 2, [target] * 2)
        return both - own, 2.0 * own - both, 1.0, *left

    return row_loss


def is_mean(plain: PlainSteps, inputs: list[Any], targets: list[Any], draws: Draws) -> bool:
    """Whether the loss of a batch is a mean of the losses of its rows, rather than a sum.

    Args:
        plain: the model and the loss.
        inputs: the rows of a batch, on some of which the loss is tried.
        targets: theirs.
        draws: the key of the batch.

    Raises:
        ValueError: it is neither.
    """
    chosen = _chosen(targets)
    targets = [targets[i] for i in chosen]
    outputs = forward(plain.model, plain.loss, [inputs[i] for i in chosen], targets, draws)[1]
    found = {True, False}
    for shift in SHIFTS:
        try:
            found &= _kinds(plain.loss, _moved(outputs, shift), targets)
        except ARITHMETIC:  # no probability any more, or no loss of one row
            if not shift:
                found = set()
    if not found:
        raise ValueError(
            "fit: devices: each device computes the losses of some rows of a batch, so the loss of"
            " a batch must be the mean or the sum of the losses of its rows, and perhaps a penalty;"
            " the one given is neither (a weighted mean is sum(w * cost) / len(rows), with weights"
            " that do not depend on the batch). Train without devices="
        )
    return True in found


def _kinds(loss: Any, outputs: list[Any], targets: list[Any]) -> set[bool]:
    """Which it may be, by the losses of these rows: a mean, a sum, or both."""

    def value(*rows: int) -> float:
        return float(loss([outputs[i] for i in rows], [targets[i] for i in rows]).data)

    rows = range(len(outputs))
    own, both = [value(i) for i in rows], [value(i, i) for i in rows]
    found = {True, False}
    for count in {2, len(rows)}:
        some, whole = rows[:count], value(*rows[:count])
        summed = [both[i] - own[i] for i in some] + [2.0 * own[0] - both[0]]
        close = 1e-9 * max(map(abs, [whole, *own, *both]))
        expected = {True: math.fsum(own[:count]) / count, False: math.fsum(summed)}
        found &= {kind for kind, x in expected.items() if not abs(x - whole) > close}
    return found


def _moved(outputs: list[Any], shift: float) -> list[Any]:
    """Values near these outputs, those of each row moved by another number."""
    return [
        tree.map_leaves(lambda x, by=shift * (i + 1): Value(float(x) + by), output)
        for i, output in enumerate(outputs)
    ]


def _chosen(targets: list[Any]) -> list[int]:
    """The places of some rows with different targets, as far as there are: some several times."""
    first = {repr(target): i for i, target in reversed([*enumerate(targets)])}
    found = [*dict.fromkeys([*sorted(first.values())[: MOST // 2], *range(len(targets))])][:MOST]
    return found * -(-LEAST // len(found))
