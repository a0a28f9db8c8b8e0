"""Where a module finds its parameters."""

from typing import Any

import nn
from autograd import Value


class Nested(nn.Module):
    def __init__(self) -> None:
        self.name = "nested"
        self.first = Value(1.0)
        self.table: dict[str, Any] = {"a": [Value(2.0), (Value(3.0),)], "b": nn.Neuron(1)}
        self.again = self.first
        self.parent = self
        self.shared = self.table["a"]
        self.twin = Value(1.0)
        self.result = self.first * 2


def test_paths() -> None:
    module = Nested()
    named = list(module.named_parameters())
    assert [path for path, _ in named] == [
        "first",
        "table.a.0",
        "table.a.1.0",
        "table.b.weights.0",
        "table.b.bias",
        "twin",
    ]
    assert module.parameters() == [value for _, value in named]
    assert named[0][1] is module.first


def test_paths_of_a_network() -> None:
    model = nn.MLP(2, [3, 1])
    paths = [path for path, _ in model.named_parameters()]
    assert len(paths) == len(set(paths)) == 13
    assert paths[:3] == [f"layers.0.neurons.0.{x}" for x in ("weights.0", "weights.1", "bias")]
    assert paths[8] == "layers.0.neurons.2.bias"
    assert paths[-1] == "layers.1.neurons.0.bias"
    assert (
        model.layers[0].neurons[2].weights[1]
        is dict(model.named_parameters())["layers.0.neurons.2.weights.1"]
    )


def test_an_activation_with_parameters() -> None:
    class Slope(nn.Module):
        def __init__(self) -> None:
            self.slope = Value(0.1)

        def __call__(self, x: Value) -> Value:
            return x.leaky_relu(self.slope)

    layer = nn.Layer(1, 2, activation=Slope(), rng=0)
    assert [path for path, _ in layer.named_parameters() if "slope" in path] == [
        "neurons.0.activation.slope"
    ]


def test_zero_grad() -> None:
    model = nn.MLP(2, [2, 1], activation="tanh", rng=0)
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * 9


def test_a_module_without_parameters() -> None:
    assert nn.Module().parameters() == []
