"""The six formulas of backpropagation for a 2-3-1 network of sigmoids, all rows as one batch.

By hand one derives them for whole matrices (Bishop, *Pattern Recognition and Machine Learning*,
2006, section 5.3), and the code then transposes what no formula for one number does. The cost is
the binary cross-entropy, summed over all rows of XOR.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Value
from demos.plotting import Product
from demos.xor import INPUTS, TARGETS
from nn import MLP, Layer

Matrix: TypeAlias = npt.NDArray[np.float64]
Matrices: TypeAlias = dict[str, Matrix]

X = np.array(INPUTS)
T = np.array(TARGETS).reshape(-1, 1)
GRADIENTS = ("dW2", "db2", "dW1", "db1")

FORMULAS = {
    "dz2": (
        "y - t",
        "Sigmoid and cross-entropy cancel: what is left is the error of each row.",
    ),
    "dW2": (
        "a1^T dz2",
        "W2 is 3 x 1, so its gradient is. a1 is 4 x 3: transposed, it has the 4 rows of the data",
        "as the inner axis of the product, which sums over it.",
    ),
    "db2": (
        "column sums of dz2",
        "Every row has the bias once, with the factor 1: the same sum over the data, without a1.",
    ),
    "dz1": (
        "(dz2 W2^T) * a1 * (1 - a1)",
        "Back through W2, from 1 number a row to 3: here the inner axis is the output neuron, and",
        "the rows stay apart. Then sigmoid' = a (1 - a), entry by entry.",
    ),
    "dW1": (
        "x^T dz1",
        "W1 is 2 x 3, so its gradient is. Again the inner axis is the data.",
    ),
    "db1": (
        "column sums of dz1",
        "As db2: the sum over the data.",
    ),
}


def network(seed: int) -> MLP:
    """A 2-3-1 network of sigmoids; weights from -1 to 1, biases 0."""
    return MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid", rng=seed)


def matrices(model: MLP, of: Callable[[Value], float]) -> Matrices:
    """One number of each parameter: `W1` (2 x 3), `b1` (1 x 3), `W2` (3 x 1), `b2` (1 x 1).

    The engine keeps the weights neuron by neuron, one neuron's in a row; a formula that multiplies
    rows of data from the left wants one neuron's in a column.
    """

    def weights(layer: Layer) -> Matrix:
        return np.array([[of(w) for w in neuron.weights] for neuron in layer.neurons]).T

    def biases(layer: Layer) -> Matrix:
        return np.array([[of(neuron.bias) for neuron in layer.neurons if neuron.bias is not None]])

    first, second = model.layers
    return {"W1": weights(first), "b1": biases(first), "W2": weights(second), "b2": biases(second)}


def forward(p: Matrices) -> Matrices:
    """The outputs of both layers for all rows: `a1` (4 x 3), `y` (4 x 1)."""
    a1 = 1 / (1 + np.exp(-(X @ p["W1"] + p["b1"])))
    return {"a1": a1, "y": 1 / (1 + np.exp(-(a1 @ p["W2"] + p["b2"])))}


def backward(p: Matrices) -> Matrices:
    """The six formulas, in the order in which they are computed."""
    a1, y = forward(p).values()
    dz2 = y - T
    dw2 = a1.T @ dz2
    db2 = dz2.sum(axis=0, keepdims=True)
    dz1 = (dz2 @ p["W2"].T) * a1 * (1 - a1)
    dw1 = X.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return {"dz2": dz2, "dW2": dw2, "db2": db2, "dz1": dz1, "dW1": dw1, "db1": db1}


def products(model: MLP) -> list[Product]:
    """The three matrix products of the backward pass, for a picture."""
    p = matrices(model, lambda parameter: parameter.data)
    a1, g = forward(p)["a1"], backward(p)
    data = "sum over the 4 rows of the data"
    return [
        Product(("a1^T", a1.T), ("dz2", g["dz2"]), ("dW2", g["dW2"]), data),
        Product(
            ("dz2", g["dz2"]),
            ("W2^T", p["W2"].T),
            ("dz2 W2^T", g["dz2"] @ p["W2"].T),
            "sum over the 1 output neuron",
        ),
        Product(("x^T", X.T), ("dz1", g["dz1"]), ("dW1", g["dW1"]), data),
    ]
