"""`Perceptron`: a multilayer perceptron as a plain function of its parameters and a row.

It is for tests, and uses primitives only; `nn.MLP` is the network to train.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd import functions
from autograd.primitives import TABLE

ACTIVATIONS = ("identity", "tanh", "sigmoid", "relu", "softplus", "gelu", "silu")


@dataclass(frozen=True)
class Perceptron:
    """Layers of `activation(weights @ row + biases)`, one after the other.

    Args:
        sizes: the length of the row, then the size of each layer.
        activations: for each layer the name of a primitive of one number.
        parameters: for each layer a pair `[weights, biases]`, with a list of weights for each
            neuron: floats, to call it with directly or as Values.

    >>> f = Perceptron((2, 1), ("tanh",), [[[[0.5, -1.0]], [0.25]]])
    >>> f(f.parameters, [0.5, 0.5])
    0.0
    >>> from autograd import grad
    >>> grad(f)(f.parameters, [0.5, 0.5])
    [[[[0.5, 0.5]], [1.0]]]
    >>> print(f)
    from autograd import dot, tanh
    <BLANKLINE>
    <BLANKLINE>
    def mlp(parameters, row):  # sizes 2, 1
        weights, biases = parameters[0]
        row = [tanh(dot(w, row) + b) for w, b in zip(weights, biases, strict=True)]
        return row[0]
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    parameters: list[Any]

    def __call__(self, parameters: Sequence[Any], row: Sequence[Any]) -> Any:
        """The outputs for a row: one number, or a list of them if the last layer has several."""
        numbers: list[Any] = list(row)
        for (weights, biases), activation in zip(parameters, self.activations, strict=True):
            numbers = [
                TABLE[activation](functions.dot(w, numbers) + b)
                for w, b in zip(weights, biases, strict=True)
            ]
        return numbers[0] if len(numbers) == 1 else numbers

    @property
    def source(self) -> str:
        """Python source of a function `mlp(parameters, row)` that computes the same."""
        calls = {name: "+" if name == "identity" else name for name in self.activations}
        names = sorted({"dot", *calls} - {"identity"})
        lines = [f"def mlp(parameters, row):  # sizes {', '.join(map(str, self.sizes))}"]
        for i, name in enumerate(self.activations):
            lines += [
                f"weights, biases = parameters[{i}]",
                f"row = [{calls[name]}(dot(w, row) + b)"
                " for w, b in zip(weights, biases, strict=True)]",
            ]
        lines.append("return row[0]" if self.sizes[-1] == 1 else "return row")
        return f"from autograd import {', '.join(names)}\n\n\n" + "\n    ".join(lines)

    def __str__(self) -> str:
        return self.source
