"""The losses against the formulas that define them, their derivatives, and their errors."""

import math
from collections.abc import Callable
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value
from autograd.testing import gradcheck

numbers = st.floats(-5, 5)
probabilities = st.floats(0.01, 0.99)
ELEMENTWISE: list[tuple[Callable[..., Any], st.SearchStrategy[float], st.SearchStrategy[float]]] = [
    (nn.mean_squared_error, numbers, numbers),
    (nn.half_sum_squared_error, numbers, numbers),
    (nn.binary_cross_entropy, probabilities, probabilities),
    (nn.binary_cross_entropy, probabilities, st.sampled_from([0.0, 1.0])),
    (nn.binary_cross_entropy_with_logits, numbers, st.floats(0, 1)),
]
FUNCTIONS = list(dict.fromkeys(loss for loss, _, _ in ELEMENTWISE))
each_loss = pytest.mark.parametrize("loss", FUNCTIONS, ids=lambda f: f.__name__)


def exact_bce(z: float, t: float) -> Any:
    """The cross-entropy of sigmoid(z), straight from its definition, in many digits."""
    with mpmath.workdps(1000):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        return -(t * mpmath.log(p) + (1 - t) * mpmath.log(1 - p))


def exact_cross_entropy(logits: list[float], target: list[float]) -> Any:
    with mpmath.workdps(2000):
        powers = [mpmath.exp(mpmath.mpf(z)) for z in logits]
        total = mpmath.fsum(powers)
        return -mpmath.fsum(t * mpmath.log(x / total) for t, x in zip(target, powers, strict=True))


@pytest.mark.parametrize(
    ("loss", "prediction", "target"), ELEMENTWISE, ids=lambda x: getattr(x, "__name__", "")
)
@given(data=st.data())
def test_gradients_are_those_of_finite_differences(
    loss: Callable[..., Any],
    prediction: st.SearchStrategy[float],
    target: st.SearchStrategy[float],
    data: st.DataObject,
) -> None:
    n = data.draw(st.integers(1, 4))
    predictions = data.draw(st.lists(prediction, min_size=n, max_size=n))
    targets = data.draw(st.lists(target, min_size=n, max_size=n))
    gradcheck(lambda xs: loss(xs, targets), (predictions,))


@given(
    logits=st.lists(numbers, min_size=1, max_size=4),
    weights=st.lists(st.floats(0.1, 1), min_size=4, max_size=4),
)
def test_cross_entropy_gradients(logits: list[float], weights: list[float]) -> None:
    kept = weights[: len(logits)]
    distribution = [w / sum(kept) for w in kept]
    gradcheck(lambda zs: nn.cross_entropy(zs, distribution), (logits,))
    gradcheck(lambda zs: nn.cross_entropy([zs, zs], [0, distribution]), (logits,))


def test_squared_errors_against_numpy() -> None:
    p, t = np.array([0.1, -2.0, 3.5]), np.array([1.0, 2.0, 3.0])
    assert nn.mean_squared_error(p, t) == pytest.approx(np.mean((p - t) ** 2), rel=1e-15)
    assert nn.half_sum_squared_error(p, t) == pytest.approx(((p - t) ** 2).sum() / 2, rel=1e-15)


def test_published_squared_errors() -> None:
    target = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    right = [0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0]
    wrong = [0.1, 0.05, 0, 0, 0.05, 0, 0.8, 0, 0, 0]
    assert nn.half_sum_squared_error(right, target) == pytest.approx(0.0975)
    assert nn.half_sum_squared_error(wrong, target) == pytest.approx(0.8275)


@pytest.mark.parametrize("t", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("z", [-1000.0, -700.0, -40.0, -1e-9, 0.0, 3.0, 40.0, 1000.0])
def test_binary_cross_entropy_with_logits_is_exact(z: float, t: float) -> None:
    logit = Value(z)
    loss = nn.binary_cross_entropy_with_logits(logit, t)
    assert loss.data == pytest.approx(float(exact_bce(z, t)), rel=1e-14, abs=0)
    loss.backward()
    with mpmath.workdps(1000):
        slope = float(1 / (1 + mpmath.exp(-mpmath.mpf(z))) - t)
    assert logit.grad == pytest.approx(slope, rel=1e-14, abs=1e-16 if 0 < t < 1 else 0)


@given(z=st.floats(-20, 20), t=st.floats(0, 1))
def test_the_two_binary_cross_entropies_agree(z: float, t: float) -> None:
    p = 1 / (1 + math.exp(-z))
    expected = nn.binary_cross_entropy_with_logits(z, t)
    assert nn.binary_cross_entropy(p, t) == pytest.approx(expected, rel=1e-6, abs=1e-9)


LOGITS = [[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1000.0], [40.0, 0.0, 1.0], [0.3, 0.2, 0.1]]


@pytest.mark.parametrize("logits", LOGITS)
@pytest.mark.parametrize("k", [0, 1, 2])
def test_cross_entropy_is_exact(logits: list[float], k: int) -> None:
    one_hot = [float(j == k) for j in range(3)]
    expected = float(exact_cross_entropy(logits, one_hot))
    assert nn.cross_entropy(logits, k) == pytest.approx(expected, rel=1e-14, abs=0)
    assert nn.cross_entropy(logits, one_hot) == nn.cross_entropy(logits, np.int64(k))
    values = [Value(z) for z in logits]
    nn.cross_entropy(values, k).backward()
    with mpmath.workdps(2000):
        powers = [mpmath.exp(mpmath.mpf(z)) for z in logits]
        softmax = [float(x / mpmath.fsum(powers)) for x in powers]
    assert [v.grad for v in values] == pytest.approx(
        [p - t for p, t in zip(softmax, one_hot, strict=True)], rel=1e-13, abs=2e-16
    )


@given(
    st.lists(st.lists(st.floats(-1000, 1000), min_size=3, max_size=3), min_size=1, max_size=3),
    st.lists(st.floats(0.1, 1), min_size=3, max_size=3),
)
def test_cross_entropy_of_a_batch_is_the_mean(
    rows: list[list[float]], weights: list[float]
) -> None:
    t = [w / sum(weights) for w in weights]
    expected = float(mpmath.fsum(exact_cross_entropy(row, t) for row in rows) / len(rows))
    given_as_array = nn.cross_entropy(np.array(rows), np.array([t] * len(rows)))
    assert given_as_array == pytest.approx(expected, rel=1e-12)


def test_a_confident_right_probability_costs_nothing() -> None:
    for p, t in ((0.0, 0.0), (1.0, 1.0)):
        assert math.copysign(1, nn.binary_cross_entropy(p, t)) == 1
        assert nn.binary_cross_entropy(p, t) == 0
    sure = Value(1.0)
    nn.binary_cross_entropy(sure, 1).backward()
    assert sure.grad == -1.0


@pytest.mark.parametrize(("p", "t"), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.5), (1.0, 0.5)])
def test_a_confident_wrong_probability_raises(p: float, t: float) -> None:
    with pytest.raises(ValueError, match=r"predictions\[1\] is .* the loss is infinite"):
        nn.binary_cross_entropy([0.5, p], [0, t])


def test_targets_can_be_differentiated_in() -> None:
    gradcheck(lambda ts: nn.binary_cross_entropy([0.3, 0.6], ts), ([0.2, 0.7],))
    target = Value(1.0)
    loss = nn.binary_cross_entropy(0.25, target)
    assert isinstance(loss, Value)
    loss.backward()
    assert target.grad == pytest.approx(math.log(0.75) - math.log(0.25))


@each_loss
def test_floats_in_float_out_else_a_value(loss: Callable[..., Any]) -> None:
    assert type(loss([0.5, 0.25], [1, 0])) is float
    assert type(loss(np.array([0.5, 0.25]), np.array([1, 0]))) is float
    assert type(loss([Value(0.5), 0.25], [1, 0])) is Value
    assert type(loss([0.5, 0.25], [1, Value(0.5)])) is Value
    assert type(loss(0.5, 1)) is float
    assert loss(Value(0.5), 1).data == loss([0.5], [1])


def test_cross_entropy_types() -> None:
    assert type(nn.cross_entropy([0.5, 0.25], 0)) is float
    assert type(nn.cross_entropy([Value(0.5), 0.25], 0)) is Value
    assert type(nn.cross_entropy([0.5, 0.25], [Value(0.5), 0.5])) is Value


@each_loss
def test_errors_of_the_elementwise_losses(loss: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="got 2 predictions and 3 targets"):
        loss([0.5, 0.5], [1, 0, 1])
    with pytest.raises(ValueError, match="got 1 predictions and 2 targets"):
        loss(0.5, [1, 0])
    with pytest.raises(ValueError, match="at least one prediction, got none"):
        loss([], [])
    with pytest.raises(TypeError, match=rf"{loss.__name__}: predictions\[1\]: .* got str 'a'"):
        loss([0.5, "a"], [1, 0])
    with pytest.raises(TypeError, match=r"targets\[0\]: .* got list \[1\]"):
        loss([0.5], [[1]])


def test_errors_of_probabilities() -> None:
    for p in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match=r"predictions\[0\] must be between 0 and 1, got"):
            nn.binary_cross_entropy(p, 1)
    for loss in (nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits):
        with pytest.raises(ValueError, match=r"targets\[1\] must be between 0 and 1, got -1.0"):
            loss([0.5, 0.5], [1, -1])


@pytest.mark.parametrize(
    ("logits", "target", "error", "message"),
    [
        ([], 0, ValueError, "at least one logit, got none"),
        ([[]], [0], ValueError, r"at least one logit in logits\[0\], got none"),
        ([1.0, 2.0], 2, ValueError, "index of one of 2 classes, 0 to 1, got 2"),
        ([1.0, 2.0], -1, ValueError, "got -1"),
        ([[1.0, 2.0]] * 2, [0, 5], ValueError, r"target\[1\] must be the index .* got 5"),
        ([1.0, 2.0], [1.0], ValueError, "a probability for each of 2 classes, got 1"),
        ([1.0, 2.0], [0.5, 0.6], ValueError, "must add up to 1, got 1.1"),
        ([1.0, 2.0], [-1.0, 2.0], ValueError, r"target\[0\] must be between 0 and 1"),
        ([1.0, 2.0], 1.0, TypeError, r"a class index \(an integer\) or 2 probabilities"),
        ([[1.0, 2.0]], 1, ValueError, "one target for each of 1 rows of logits, got int 1"),
        ([[1.0, 2.0]], [0, 1], ValueError, "one target for each of 1 rows of logits, got 2"),
    ],
)
def test_errors_of_cross_entropy(
    logits: Any, target: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        nn.cross_entropy(logits, target)
