"""The penalties against their formulas and their derivatives."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value
from autograd.testing import gradcheck

away_from_zero = st.floats(0.1, 5) | st.floats(-5, -0.1)
each_penalty = pytest.mark.parametrize("penalty", [nn.l1, nn.l2], ids=["l1", "l2"])


@given(st.lists(away_from_zero, min_size=1, max_size=5), st.floats(0, 3))
def test_against_numpy_and_finite_differences(numbers: list[float], coefficient: float) -> None:
    x = np.array(numbers)
    assert nn.l1(x, coefficient) == pytest.approx(coefficient * np.abs(x).sum(), rel=1e-14)
    assert nn.l2(x, coefficient) == pytest.approx(coefficient * (x * x).sum(), rel=1e-14)
    gradcheck(lambda xs: nn.l1(xs, coefficient), (numbers,))
    gradcheck(lambda xs: nn.l2(xs, coefficient), (numbers,))


@each_penalty
def test_against_torch(torch: Any, penalty: Any) -> None:
    numbers = [0.5, -2.0, 0.0]
    values = [Value(x) for x in numbers]
    ours = penalty(values, 0.25)
    ours.backward()
    tensor = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    theirs = 0.25 * (tensor.abs() if penalty is nn.l1 else tensor**2).sum()
    theirs.backward()
    assert ours.data == theirs.item()
    assert [v.grad for v in values] == tensor.grad.tolist()


def test_l2_is_weight_decay() -> None:
    x, twin = Value(3.0), Value(3.0)
    nn.l2([x], 0.25).backward()
    nn.SGD([x], lr=0.5).step()
    nn.SGD([twin], lr=0.5, weight_decay=0.5).step()
    assert x.data == twin.data == 2.25


@each_penalty
def test_types(penalty: Any) -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    assert type(penalty(model.parameters(), 0.1)) is Value
    assert type(penalty([1.0, 2], 0.1)) is float
    assert type(penalty(2.0, 0.1)) is float


@each_penalty
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], 0.1), ValueError, "expected at least one parameter, got none"),
        (([1.0, "a"], 0.1), TypeError, r"parameters\[1\]: expected a number, got str 'a'"),
        (([1.0], -0.1), ValueError, "coefficient must be at least 0 and finite, got -0.1"),
        (([1.0], math.inf), ValueError, "coefficient must be at least 0 and finite, got inf"),
        (([1.0], None), TypeError, "coefficient: expected a number, got None"),
    ],
)
def test_errors(penalty: Any, arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"{penalty.__name__}: {message}"):
        penalty(*arguments)
