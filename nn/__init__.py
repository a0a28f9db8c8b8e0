"""Neural networks, one number at a time: neurons, layers, losses and an optimiser.

Everything here is made of `autograd.Value`s and of plain Python around them. The names and
positional arguments of `Neuron`, `Layer` and `MLP` are micrograd's, so a program written for it
runs after changing the import.

>>> from nn import MLP, SGD, mean_squared_error
>>> model = MLP(2, [3, 1], activation="tanh", rng=0)
>>> optimizer = SGD(model.parameters(), lr=0.1)
>>> loss = mean_squared_error(model([1.0, -1.0]), 0.5)
>>> loss.backward()
>>> optimizer.step()
>>> mean_squared_error(model([1.0, -1.0]), 0.5) < loss
True
"""

from nn.activations import ACTIVATIONS
from nn.initializers import INITIALIZERS, uniform
from nn.layers import MLP, Layer, Neuron
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_sum_squared_error,
    mean_squared_error,
)
from nn.module import Module
from nn.optimizers import SGD

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "MLP",
    "SGD",
    "Layer",
    "Module",
    "Neuron",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "half_sum_squared_error",
    "mean_squared_error",
    "uniform",
]
