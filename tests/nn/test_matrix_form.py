"""Backpropagation in matrix form, as derived by hand, against the engine's gradients."""

import numpy as np
import pytest

import nn
from autograd import Value

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([[0.0], [1.0], [1.0], [0.0]])


def weights_and_biases(layer: nn.Layer, attribute: str) -> tuple[np.ndarray, np.ndarray]:
    """One number of each parameter: weights as (inputs x neurons), biases as a row."""
    weights = [[getattr(w, attribute) for w in neuron.weights] for neuron in layer.neurons]
    biases = [[getattr(neuron.bias, attribute) for neuron in layer.neurons]]
    return np.array(weights).T, np.array(biases)


@pytest.mark.parametrize("loss", [nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits])
@pytest.mark.parametrize("seed", range(5))
def test_the_six_formulas(loss: object, seed: int) -> None:
    on_logits = loss is nn.binary_cross_entropy_with_logits
    model = nn.MLP(
        2,
        [3, 1],
        activation="sigmoid",
        output_activation="identity" if on_logits else "sigmoid",
        rng=seed,
    )
    rng = np.random.default_rng(seed)
    for parameter in model.parameters():
        parameter.data = rng.normal()
    (w1, b1), (w2, b2) = (weights_and_biases(layer, "data") for layer in model.layers)

    a1 = 1 / (1 + np.exp(-(X @ w1 + b1)))
    y = 1 / (1 + np.exp(-(a1 @ w2 + b2)))
    dz2 = y - T
    dw2 = a1.T @ dz2
    db2 = dz2.sum(axis=0, keepdims=True)
    dz1 = (dz2 @ w2.T) * a1 * (1 - a1)
    dw1 = X.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)

    outputs = [model(row) for row in X]
    mean: Value = (
        nn.binary_cross_entropy_with_logits(outputs, T[:, 0])
        if on_logits
        else nn.binary_cross_entropy(outputs, T[:, 0])
    )
    (mean * len(X)).backward()
    engine = [g for layer in model.layers for g in weights_and_biases(layer, "grad")]
    for derived, found in zip((dw1, db1, dw2, db2), engine, strict=True):
        assert derived.shape == found.shape
        np.testing.assert_allclose(found, derived, rtol=0, atol=1e-12)
