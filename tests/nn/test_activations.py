"""The table of activations against PyTorch, and what is made of names."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from autograd.testing import gradcheck
from nn.activation_names import activation_function, activation_name, row_activation

untyped: Any = nn
POINTS = [-30.0, -3.0, -0.5, 0.0, 0.25, 1.0, 40.0]
ROWS = [[0.5, 1.5, 2.5], [0.0, 1000.0], [-3.0], [1.0, 1.0, -40.0]]


def torch_function(torch: Any, name: str) -> Any:
    if name == "identity":
        return torch.clone
    if name == "step":
        return lambda x: torch.heaviside(x, torch.zeros_like(x))
    return getattr(torch.nn.functional, name)


@pytest.mark.parametrize("name", nn.ACTIVATIONS)
def test_values_and_derivatives_are_those_of_torch(torch: Any, name: str) -> None:
    for point in POINTS:
        x = Value(point)
        y = nn.ACTIVATIONS[name](x)
        y.backward()
        tensor = torch.tensor(point, dtype=torch.float64, requires_grad=name != "step")
        result = torch_function(torch, name)(tensor)
        assert y.data == pytest.approx(result.item(), rel=1e-14, abs=1e-16)
        if name != "step":  # torch has no derivative of that
            result.backward()
            assert x.grad == pytest.approx(tensor.grad.item(), rel=1e-13, abs=1e-16)


@pytest.mark.parametrize("name", nn.ROW_ACTIVATIONS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_rows_are_those_of_torch(torch: Any, name: str, row: list[float]) -> None:
    values = [Value(x) for x in row]
    outputs = nn.ROW_ACTIVATIONS[name](values)
    autograd.dot(outputs, [float(i + 1) for i in range(len(row))]).backward()
    tensor = torch.tensor(row, dtype=torch.float64, requires_grad=True)
    expected = getattr(torch, name)(tensor, dim=0)
    (expected * torch.arange(1, len(row) + 1)).sum().backward()
    assert [y.data for y in outputs] == pytest.approx(expected.tolist(), rel=1e-14, abs=1e-300)
    assert [v.grad for v in values] == pytest.approx(tensor.grad.tolist(), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("x", "y"), [(-2.0, 0.0), (0.0, 0.0), (5e-324, 1.0), (3.0, 1.0)])
def test_step(x: float, y: float) -> None:
    value = Value(x)
    out = nn.ACTIVATIONS["step"](value)
    out.backward()
    assert (out.data, value.grad) == (y, 0.0)


@pytest.mark.parametrize("name", nn.ROW_ACTIVATIONS)
@given(row=st.lists(st.floats(-5, 5), min_size=1, max_size=4))
def test_gradients_of_a_layer_over_its_row(name: str, row: list[float]) -> None:
    layer = nn.Layer(len(row), 3, activation=name, rng=0)
    gradcheck(lambda xs: layer(xs), (row,))


@pytest.mark.parametrize("name", nn.ROW_ACTIVATIONS)
def test_names_and_functions_are_the_same(name: str) -> None:
    function = nn.ROW_ACTIVATIONS[name]
    assert row_activation(name) is row_activation(function) is function
    assert activation_name(function) == repr(name)
    for given_as in (name, function):
        with pytest.raises(ValueError, match=f"activation '{name}' is one of a whole layer, not"):
            untyped.Neuron(2, activation=given_as)


def test_unknown() -> None:
    assert row_activation("soft") is None
    names = "identity, step, .*, softsign, softmax, log_softmax"
    with pytest.raises(ValueError, match=f"unknown activation 'soft': expected one of {names}"):
        activation_function("soft")
    with pytest.raises(TypeError, match="expected a name or a function, got int 3"):
        untyped.Layer(1, 1, activation=3)
