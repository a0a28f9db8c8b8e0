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
    (nn.mean_absolute_error, numbers, st.floats(6, 8)),
    (nn.mean_absolute_error, numbers, st.floats(-8, -6)),
    (nn.huber, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)),
    (nn.huber, numbers, st.floats(7, 8)),
    (nn.huber, numbers, st.floats(-8, -7)),
    (nn.hinge, st.floats(-0.9, 0.9), st.sampled_from([-1.0, 1.0])),
    (nn.hinge, st.floats(1.1, 5), st.sampled_from([-1.0, 1.0])),
]
FUNCTIONS = list(dict.fromkeys(loss for loss, _, _ in ELEMENTWISE))
each_loss = pytest.mark.parametrize("loss", FUNCTIONS, ids=lambda f: f.__name__)


def test_the_table_is_complete() -> None:
    ours = {loss.__name__ for loss in FUNCTIONS}
    assert ours == {*nn.losses.__all__} - {"cross_entropy", "cross_entropy_of_probabilities"}
    assert ours < {*nn.__all__}


def exact_bce(z: float, t: float) -> Any:
    """The cross-entropy of sigmoid(z), straight from its definition, in many digits."""
    with mpmath.workdps(1000):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        return -(t * mpmath.log(p) + (1 - t) * mpmath.log(1 - p))


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


def test_squared_errors_against_numpy() -> None:
    p, t = np.array([0.1, -2.0, 3.5]), np.array([1.0, 2.0, 3.0])
    assert nn.mean_squared_error(p, t) == pytest.approx(np.mean((p - t) ** 2), rel=1e-15)
    assert nn.half_sum_squared_error(p, t) == pytest.approx(((p - t) ** 2).sum() / 2, rel=1e-15)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5), st.floats(0.1, 4))
def test_absolute_and_huber_against_numpy(pairs: list[tuple[float, float]], delta: float) -> None:
    p, t = np.array(pairs).T
    error = np.abs(p - t)
    assert nn.mean_absolute_error(p, t) == pytest.approx(error.mean(), rel=1e-14)
    cases = np.where(error <= delta, error**2 / 2, delta * (error - delta / 2))
    assert nn.huber(p, t, delta) == pytest.approx(cases.mean(), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize(
    ("error", "slope"), [(0.0, 0.0), (0.5, 0.5), (-2.0, -2.0), (2.0, 2.0), (1e300, 2.0)]
)
def test_slopes_of_huber(error: float, slope: float) -> None:
    x = Value(error)
    nn.huber(x, 0.0, delta=2.0).backward()
    assert x.grad == slope


@given(st.lists(st.tuples(numbers, st.sampled_from([-1, 1])), min_size=1, max_size=5))
def test_hinge_against_numpy(pairs: list[tuple[float, int]]) -> None:
    p, t = np.array(pairs).T
    assert nn.hinge(p, t) == pytest.approx(np.maximum(0, 1 - t * p).mean(), rel=1e-14)


def test_corners() -> None:
    x = Value(1.0)
    nn.hinge(x, 1).backward()
    nn.mean_absolute_error(x, 1.0).backward()
    assert x.grad == 0.0


PREDICTIONS, TARGETS, SIGNS = [0.2, 0.9, 0.6], [1.0, 0.0, 0.25], [1.0, -1.0, 1.0]


@pytest.mark.parametrize(
    ("loss", "targets", "theirs"),
    [
        (nn.mean_squared_error, TARGETS, lambda f, p, t: f.mse_loss(p, t)),
        (nn.half_sum_squared_error, TARGETS, lambda f, p, t: f.mse_loss(p, t, reduction="sum") / 2),
        (nn.mean_absolute_error, TARGETS, lambda f, p, t: f.l1_loss(p, t)),
        (nn.huber, TARGETS, lambda f, p, t: f.huber_loss(p, t)),
        (lambda p, t: nn.huber(p, t, 0.3), TARGETS, lambda f, p, t: f.huber_loss(p, t, delta=0.3)),
        (nn.binary_cross_entropy, TARGETS, lambda f, p, t: f.binary_cross_entropy(p, t)),
        (
            nn.binary_cross_entropy_with_logits,
            TARGETS,
            lambda f, p, t: f.binary_cross_entropy_with_logits(p, t),
        ),
        (nn.hinge, SIGNS, lambda f, p, t: f.margin_ranking_loss(p, 0 * p, t, margin=1.0)),
        (nn.cross_entropy, [0.5, 0.2, 0.3], lambda f, p, t: f.cross_entropy(p, t)),
        (
            nn.cross_entropy_of_probabilities,
            [0.5, 0.2, 0.3],
            lambda f, p, t: -(t * (p + 1e-7).log()).sum(),
        ),
    ],
)
def test_losses_and_gradients_are_those_of_torch(
    torch: Any, loss: Any, targets: Any, theirs: Any
) -> None:
    values = [Value(p) for p in PREDICTIONS]
    ours = loss(values, targets)
    ours.backward()
    tensor = torch.tensor(PREDICTIONS, dtype=torch.float64, requires_grad=True)
    expected = theirs(torch.nn.functional, tensor, torch.tensor(targets, dtype=torch.float64))
    expected.backward()
    assert ours.data == pytest.approx(expected.item(), rel=1e-14)
    assert [v.grad for v in values] == pytest.approx(tensor.grad.tolist(), rel=1e-13, abs=1e-16)


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
    assert type(loss([0.5, 0.25], [1, 1])) is float
    assert type(loss(np.array([0.5, 0.25]), np.array([1, 1]))) is float
    assert type(loss([Value(0.5), 0.25], [1, 1])) is Value
    assert type(loss([0.5, 0.25], [1, Value(1.0)])) is Value
    assert type(loss(0.5, 1)) is float
    assert loss(Value(0.5), 1).data == loss([0.5], [1])


@each_loss
def test_errors_of_the_elementwise_losses(loss: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="got 2 predictions and 3 targets"):
        loss([0.5, 0.5], [1, 0, 1])
    with pytest.raises(ValueError, match="got 1 predictions and 2 targets"):
        loss(0.5, [1, 0])
    with pytest.raises(ValueError, match="at least one prediction, got none"):
        loss([], [])
    with pytest.raises(TypeError, match=rf"{loss.__name__}: predictions\[1\]: .* got str 'a'"):
        loss([0.5, "a"], [1, 1])
    with pytest.raises(TypeError, match=r"targets\[0\]: .* got list \[1\]"):
        loss([0.5], [[1]])


def test_errors_of_probabilities() -> None:
    for p in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match=r"predictions\[0\] must be between 0 and 1, got"):
            nn.binary_cross_entropy(p, 1)
    for loss in (nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits):
        with pytest.raises(ValueError, match=r"targets\[1\] must be between 0 and 1, got -1.0"):
            loss([0.5, 0.5], [1, -1])


def test_an_error_within_a_training_is_no_number_that_leaves_the_graph() -> None:
    model = nn.MLP(1, [1], rng=0)  # without a sigmoid at the end
    with pytest.raises(ValueError, match=r"predictions\[0\] must be between 0 and 1, got"):
        nn.fit(
            model,
            ([[9.0], [-9.0]], [1, 0]),
            loss=nn.binary_cross_entropy,
            optimizer=nn.SGD(model.parameters(), lr=0.1),
            epochs=1,
        )


@pytest.mark.parametrize("target", [0.0, 0.5, math.nan])
def test_hinge_refuses_other_targets(target: float) -> None:
    with pytest.raises(ValueError, match=rf"hinge: targets\[1\] must be -1 or 1, got {target}"):
        nn.hinge([0.5, 0.5], [1, target])


@pytest.mark.parametrize("delta", [0.0, -1.0, math.inf, math.nan])
def test_huber_refuses(delta: float) -> None:
    with pytest.raises(ValueError, match=f"huber: delta must be positive and finite, got {delta}"):
        nn.huber(1.0, 0.0, delta)
