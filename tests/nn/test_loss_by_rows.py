"""What `fit(..., devices=)` asks of a loss: whether it is the mean or the sum of losses of rows."""

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, exp, log, relu
from autograd import max as largest
from autograd import random as draws
from nn import (
    MLP,
    SGD,
    Module,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    cross_entropy_of_probabilities,
    fit,
    half_sum_squared_error,
    hinge,
    huber,
    l1,
    mean_absolute_error,
    mean_squared_error,
)
from nn.row_loss import Form
from nn.steps import PlainSteps

untyped: Any = fit


class Flat(Module):
    """A model that returns the same for every row, as one whose weights are 0."""

    def __init__(self, output: Any = 0.0, spread: float = 0.0) -> None:
        self.offset, self.output, self.spread = Value(0.0), output, spread

    def __call__(self, row: Any) -> Any:
        shift = self.offset + self.spread * row[0]
        if isinstance(self.output, list):
            return [shift + x for x in self.output]
        return shift + self.output


def judged(loss: Any, targets: list[Any], model: Any = None) -> bool:
    """Whether it is a mean; a ValueError if it is neither."""
    model = model or Flat()
    rng = random.Random(1)
    rows = [[rng.uniform(-1, 1)] for _ in targets]
    form = Form(PlainSteps(model, loss, SGD(model.parameters(), lr=0.1)))
    form.find(rows, targets, ())
    return form.is_mean


LOSSES: dict[str, tuple[Any, Any, list[Any], bool]] = {
    "mean_squared_error": (mean_squared_error, 0.0, [1.0, -1.0], True),
    "half_sum_squared_error": (half_sum_squared_error, 0.0, [1.0, -1.0], False),
    "mean_absolute_error": (mean_absolute_error, 0.0, [1.0, -1.0], True),
    "huber": (huber, 0.0, [0.5, 3.0], True),
    "hinge": (hinge, 0.0, [1, -1], True),
    "binary_cross_entropy": (binary_cross_entropy, 0.5, [0, 1], True),
    "binary_cross_entropy_with_logits": (binary_cross_entropy_with_logits, 0.0, [0, 1], True),
    "cross_entropy": (cross_entropy, [0.0, 0.0, 0.0], [0, 1, 2], True),
    "cross_entropy_of_probabilities": (
        cross_entropy_of_probabilities,
        [0.25, 0.5],
        [0, 1],
        True,
    ),
}


@pytest.mark.parametrize("name", LOSSES)
@given(count=st.integers(1, 12), penalty=st.sampled_from([0.0, 1e-3, 2.0]), spread=st.booleans())
def test_those_of_nn_are_told_with_penalties_and_from_any_start(
    name: str, count: int, penalty: float, spread: bool
) -> None:
    loss, output, kinds, is_a_mean = LOSSES[name]
    model = Flat(output, 0.1 * spread)

    def penalised(outputs: Any, targets: Any) -> Any:
        return loss(outputs, targets) + l1([model.offset, 3.0], penalty)

    targets = [kinds[i % len(kinds)] for i in range(count)]
    assert judged(penalised if penalty else loss, targets, model) is is_a_mean


def test_all_losses_of_nn_are_tried() -> None:
    from nn import losses

    assert set(LOSSES) == set(losses.__all__)


def errors(outputs: Any, targets: Any) -> list[Any]:
    return [(y - t) ** 2 for y, t in zip(outputs, targets, strict=True)]


OWN: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda y, t: sum(errors(y, t)),
    "sum by a constant": lambda y, t: sum(errors(y, t)) / 32.0,
    "mean of corners": lambda y, t: (
        sum(relu(1.0 - a * b) for a, b in zip(y, t, strict=True)) / len(y)
    ),
    "weighted by the target": lambda y, t: (
        sum(e * (2.0 + x) for e, x in zip(errors(y, t), t, strict=True)) / len(y)
    ),
}

COUPLED: dict[str, Callable[[Any, Any], Any]] = {
    "root of a mean": lambda y, t: (sum(errors(y, t)) / len(y)) ** 0.5,
    "largest": lambda y, t: largest(errors(y, t)),
    "logarithm of a sum": lambda y, t: log(sum(exp(e) for e in errors(y, t))),
    "weighted mean": lambda y, t: (
        sum(e * (2.0 + x) for e, x in zip(errors(y, t), t, strict=True)) / sum(2.0 + x for x in t)
    ),
    "by its place": lambda y, t: sum(e / (1 + i) for i, e in enumerate(errors(y, t))),
    "variance": lambda y, t: sum((x - sum(y) / len(y)) ** 2 for x in y) / len(y),
    "neighbours": lambda y, t: sum(errors(y, t)) + sum((a - b) ** 2 for a, b in pairwise(y)),
    "by the root of the number": lambda y, t: sum(errors(y, t)) / len(y) ** 0.5,
    "half of them": lambda y, t: sum(errors(y, t)[: len(y) // 2 + 1]),
    "needs two": lambda y, t: sum(errors(y, t)) / (len(y) - 1),
}


@given(count=st.integers(1, 12), spread=st.booleans(), name=st.sampled_from(sorted(OWN)))
def test_those_of_users_are_told(count: int, spread: bool, name: str) -> None:
    """From a start at which all rows cost the same, too."""
    targets = [1.0, -1.0] * 6
    assert judged(OWN[name], targets[:count], Flat(0.0, 0.1 * spread)) is ("sum" not in name)


@given(count=st.integers(1, 12), spread=st.booleans(), name=st.sampled_from(sorted(COUPLED)))
def test_those_that_couple_rows_are_refused(count: int, spread: bool, name: str) -> None:
    targets = [1.0, -1.0] * 6
    kind: type[Exception] = ValueError
    words = r"must be the mean or the sum .* train without devices="
    if (name, count) == ("needs two", 1):  # it raises itself, as in any training
        kind, words = ZeroDivisionError, "div"
    with pytest.raises(kind, match=words):
        judged(COUPLED[name], targets[:count], Flat(0.0, 0.1 * spread))


def test_a_weight_that_all_of_the_first_rows_share_is_seen() -> None:
    targets = [1.0] * 40 + [-1.0] * 2
    with pytest.raises(ValueError, match="the mean or the sum"):
        judged(COUPLED["weighted mean"], targets)


@given(size=st.integers(1, 9), seed=st.integers(0, 9))
def test_a_model_that_draws_is_judged_as_it_draws(size: int, seed: int) -> None:
    model = MLP(1, [3, 1], activation="tanh", rng=seed, dropout=0.5)
    form = Form(PlainSteps(model, half_sum_squared_error, SGD(model.parameters(), lr=0.1)))
    rows = [[math.sin(i)] for i in range(size)]
    form.find(rows, [0.5] * size, draws.key(seed))
    assert not form.is_mean


def test_devices_need_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nn.fit_arguments.find_spec", lambda name: None)
    model = MLP(1, [1], rng=0)
    with pytest.raises(ImportError, match=r"fit: devices needs jax and numpy, .*\n.*\[jax\]"):
        untyped(
            model,
            ([[1.0]], [1.0]),
            loss=mean_squared_error,
            optimizer=SGD(model.parameters(), lr=0.1),
            epochs=1,
            devices="all",
        )
