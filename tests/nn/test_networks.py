"""Small networks of every shape: their gradients agree with finite differences."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strength import examples

from autograd import Value, grad
from autograd.testing import gradcheck
from nn import MLP, mean_squared_error

SMOOTH = ["identity", "sigmoid", "tanh", "gelu", "silu", "softplus"]

networks = st.builds(
    MLP,
    st.integers(1, 3),
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    activation=st.sampled_from(SMOOTH),
    output_activation=st.sampled_from(SMOOTH),
    bias=st.booleans(),
    rng=st.integers(0, 1000),
)


def with_parameters(network: MLP, numbers: list[Any]) -> MLP:
    """The network with these numbers, floats or Values, as its parameters."""
    left = (x if isinstance(x, Value) else Value(x) for x in numbers)
    for layer in network.layers:
        for neuron in layer.neurons:
            neuron.weights = [next(left) for _ in neuron.weights]
            if neuron.bias is not None:
                neuron.bias = next(left)
    return network


def outputs(network: MLP, row: Any) -> list[Any]:
    out = network(row)
    return out if isinstance(out, list) else [out]


@settings(max_examples=examples(30))
@given(network=networks, data=st.data())
def test_gradients_of_networks(network: MLP, data: st.DataObject) -> None:
    nin = len(network.layers[0].neurons[0].weights)
    row = data.draw(st.lists(st.floats(-2, 2), min_size=nin, max_size=nin))
    start = [p.data for p in network.parameters()]

    def loss(numbers: list[Any], inputs: list[Any]) -> Any:
        predictions = outputs(with_parameters(network, numbers), inputs)
        return mean_squared_error(predictions, [0.3] * len(predictions))

    gradcheck(loss, (start, row))

    parameters = [Value(x) for x in start]
    loss(parameters, row).backward()
    assert [p.grad for p in parameters] == pytest.approx(grad(loss)(start, row), rel=1e-12)
