"""Programs in micrograd's idiom run after changing the import, from the same weights."""

import random
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import Value
from nn import MLP, Layer, Neuron


def test_the_weights_are_the_same_to_the_last_bit() -> None:
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    random.seed(1337)
    expected: list[float] = []
    for nin, nout in ((2, 16), (16, 16), (16, 1)):
        for _ in range(nout):
            expected += [random.uniform(-1, 1) for _ in range(nin)]
            expected.append(0.0)
    assert [p.data for p in model.parameters()] == expected
    assert len(model.parameters()) == 337


def test_single_neurons_and_layers_too() -> None:
    random.seed(1337)
    neuron, layer = Neuron(3), Layer(2, 2, nonlin=False)
    random.seed(1337)
    assert [w.data for w in neuron.w] == [random.uniform(-1, 1) for _ in range(3)]
    assert [w.data for n in layer.neurons for w in n.w] == [random.uniform(-1, 1) for _ in range(4)]
    assert neuron.b is not None
    assert neuron.b.data == 0


def reference(parameters: list[float], sizes: list[int], row: Any) -> float:
    """The forward pass, in NumPy."""
    numbers = iter(parameters)
    x = np.asarray(row)
    for i, (nin, nout) in enumerate(pairwise(sizes)):
        block = np.array([[next(numbers) for _ in range(nin + 1)] for _ in range(nout)])
        x = block[:, :-1] @ x + block[:, -1]
        if i < len(sizes) - 2:
            x = np.maximum(x, 0)
    return float(x[0])


def moons(count: int) -> tuple[Any, Any]:
    """Two interleaved half circles, labelled -1 and 1."""
    angle = np.linspace(0, np.pi, count // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    noise = np.random.default_rng(1337).normal(0, 0.05, (count, 2))
    labels = np.array([0] * (count // 2) + [1] * (count // 2))
    return np.concatenate([upper, lower]) + noise, labels * 2 - 1


def test_a_training_loop_in_its_own_idiom() -> None:
    np.random.seed(1337)
    random.seed(1337)
    X, y = moons(40)  # noqa: N806
    model = MLP(2, [16, 16, 1])
    first = reference([p.data for p in model.parameters()], [2, 16, 16, 1], X[0])
    assert abs(model(X[0]).data - first) < 1e-12

    def loss() -> tuple[Any, float]:
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
        return total_loss, sum(accuracy) / len(accuracy)

    acc = 0.0
    for k in range(60):
        total_loss, acc = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 60
        for p in model.parameters():
            p.data -= learning_rate * p.grad
    assert acc == 1.0
    assert total_loss.data < 0.1
    assert model(X[0]).data == model(list(map(Value, X[0]))).data
