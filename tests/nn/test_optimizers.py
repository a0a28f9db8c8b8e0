"""Gradient descent, against steps computed by hand."""

import math
from typing import Any

import pytest

import nn
from autograd import Value


def test_plain_steps() -> None:
    x = Value(1.0)
    sgd = nn.SGD([x], lr=0.5)
    x.grad = 3.0
    sgd.step()
    assert x.data == -0.5
    sgd.step()
    assert x.data == -2.0
    sgd.zero_grad()
    assert x.grad == 0.0
    sgd.step()
    assert x.data == -2.0


def test_momentum_steps() -> None:
    x, y = Value(1.0), Value(0.0)
    sgd = nn.SGD(iter([x, y]), lr=0.1, momentum=0.5)
    for gradients, expected in [
        ((2.0, 0.0), (1.0 - 0.1 * 2.0, 0.0)),  # v = 2
        ((1.0, 4.0), (0.8 - 0.1 * 2.0, -0.1 * 4.0)),  # v = 0.5 * 2 + 1 = 2; 4
        ((0.0, 0.0), (0.6 - 0.1 * 1.0, -0.4 - 0.1 * 2.0)),  # v = 1; 2
    ]:
        x.grad, y.grad = gradients
        sgd.step()
        assert (x.data, y.data) == pytest.approx(expected, rel=1e-15)


def test_the_learning_rate_may_change() -> None:
    x = Value(1.0)
    sgd = nn.SGD([x], lr=0.5)
    x.grad = 1.0
    sgd.lr = 0.25
    sgd.step()
    assert x.data == 0.75


def test_a_parameter_given_twice_moves_once() -> None:
    x, twin = Value(1.0), Value(1.0)
    x.grad = 1.0
    nn.SGD([x, twin, x], lr=0.5).step()
    assert (x.data, twin.data) == (0.5, 1.0)


def test_a_gradient_that_is_a_value_leaves_no_graph_behind() -> None:
    x = Value(3.0)
    (x * x).backward(create_graph=True)
    sgd = nn.SGD([x], lr=0.5, momentum=0.9)
    sgd.step()
    assert x.data == 0.0
    assert [type(v) for v in sgd.velocities] == [float]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], 0.1), "at least one parameter, got none"),
        (([Value(1.0)], 0.0), "lr must be positive and finite, got 0.0"),
        (([Value(1.0)], math.inf), "got inf"),
        (([Value(1.0)], math.nan), "got nan"),
        (([Value(1.0)], 0.1, 1.0), "momentum must be at least 0 and below 1, got 1.0"),
        (([Value(1.0)], 0.1, -0.1), "got -0.1"),
    ],
)
def test_errors(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nn.SGD(*arguments)


def test_what_is_no_parameter() -> None:
    with pytest.raises(TypeError, match=r"a parameter must be a Value, got float 2\.0"):
        nn.SGD([2.0], lr=0.1)  # type: ignore[list-item]


def test_repr() -> None:
    assert repr(nn.SGD([Value(1.0)], 0.1)) == "SGD(1 parameters, lr=0.1)"
    assert repr(nn.SGD([Value(1.0)], 0.1, 0.9)) == "SGD(1 parameters, lr=0.1, momentum=0.9)"
