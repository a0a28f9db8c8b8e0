"""Clipping of gradients: by hand, beside PyTorch's, and what it refuses."""

import math
from typing import Any

import pytest

import nn
from autograd import Value


def with_gradients(numbers: list[float]) -> list[Value]:
    parameters = [Value(0.0) for _ in numbers]
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.grad = number
    return parameters


@pytest.mark.parametrize("limit", [0.1, 1.0, 5.0, 100.0])
def test_clipping_is_that_of_torch(torch: Any, limit: float) -> None:
    numbers = [3.0, -4.0, 0.5, 0.0]
    for ours, theirs in [
        (nn.clip_gradient_norm, torch.nn.utils.clip_grad_norm_),
        (nn.clip_gradient_value, torch.nn.utils.clip_grad_value_),
    ]:
        parameters = with_gradients(numbers)
        tensor = torch.zeros(4, dtype=torch.float64)
        tensor.grad = torch.tensor(numbers, dtype=torch.float64)
        before, expected = ours(parameters, limit), theirs([tensor], limit)
        if before is not None:
            assert before == pytest.approx(expected.item(), rel=1e-15)
        # torch adds 1e-6 to the norm that it divides by
        assert [p.grad for p in parameters] == pytest.approx(tensor.grad.tolist(), rel=1e-6)


def test_clipping_by_hand() -> None:
    x, y = parameters = with_gradients([3.0, -4.0])
    assert nn.clip_gradient_norm([*parameters, x], 5.0) == 5.0
    assert (x.grad, y.grad) == (3.0, -4.0)
    assert nn.clip_gradient_norm(parameters, 0.5) == 5.0
    assert (x.grad, y.grad) == pytest.approx((0.3, -0.4))
    nn.clip_gradient_value(parameters, 0.35)
    assert (x.grad, y.grad) == pytest.approx((0.3, -0.35))
    assert nn.clip_gradient_norm([], 1.0) == 0.0
    (huge,) = with_gradients([-math.inf])
    nn.clip_gradient_value([huge], 2.0)
    assert huge.grad == -2.0


@pytest.mark.parametrize(
    ("clip", "numbers", "limit", "message"),
    [
        (nn.clip_gradient_norm, [1.0, math.nan], 1.0, r"gradient of parameters\[1\] is nan"),
        (nn.clip_gradient_norm, [-math.inf, 1.0], 1.0, r"gradient of parameters\[0\] is -inf"),
        (nn.clip_gradient_norm, [1.7e308, 1.7e308], 1.0, "must be finite, but it overflows"),
        (nn.clip_gradient_norm, [1.0], 0.0, "max_norm must be positive, got 0.0"),
        (nn.clip_gradient_value, [9.0, math.nan], 1.0, r"gradient of parameters\[1\] is nan"),
        (nn.clip_gradient_value, [1.0], math.nan, "limit must be positive, got nan"),
    ],
)
def test_clipping_refuses(clip: Any, numbers: list[float], limit: float, message: str) -> None:
    parameters = with_gradients(numbers)
    with pytest.raises(ValueError, match=rf"{clip.__name__}: .*{message}"):
        clip(parameters, limit)
    assert repr([p.grad for p in parameters]) == repr(numbers)
    with pytest.raises(
        TypeError, match=r"a parameter must be a Value, got float 1.0 as parameters\[0\]"
    ):
        clip([1.0], 1.0)
