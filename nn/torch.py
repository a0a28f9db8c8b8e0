"""Networks to PyTorch and back: `to_torch` makes a `torch.nn.Sequential`, `from_torch` one of ours.

Outputs agree to rounding. Numbers are copied: nothing that is done to one side changes the other.
What is shared within a network, such as a layer that is in two places, is shared in the other;
what is frozen there is frozen here. This module needs PyTorch.

>>> import torch
>>> from nn import MLP
>>> from nn.torch import from_torch, to_torch
>>> model = MLP(2, [3, 1], activation="tanh", rng=0)
>>> twin = to_torch(model)
>>> twin
Sequential(
  (0): Linear(in_features=2, out_features=3, bias=True)
  (1): Tanh()
  (2): Linear(in_features=3, out_features=1, bias=True)
)
>>> abs(twin(torch.tensor([1.0, 2.0], dtype=torch.float64)).item() - model([1.0, 2.0]).data) < 1e-12
True
>>> from_torch(twin)
MLP(2, [3, 1], activation='tanh', output_activation='identity')
"""

from __future__ import annotations

from typing import Any

from autograd.extras import missing
from nn.module import Module, frozen_parameters
from nn.sequential import Sequential

try:
    from torch import nn as modules
except ImportError as error:
    raise ImportError(missing("nn.torch", "torch", ["torch"])) from error

from nn.torch_making import parts_of
from nn.torch_pairs import ALONE, LAYERS, not_in_a_sequence
from nn.torch_reading import PAIRED, as_mlp, layers_of

__all__ = ["from_torch", "to_torch"]


def to_torch(model: Any) -> Any:
    """A module of PyTorch that computes what a network does, in double precision.

    Args:
        model: an `MLP`, a `Layer`, a `Dropout`, another layer that PyTorch has (`Embedding`,
            `LayerNorm`, `RMSNorm`, `BatchNorm`, `Conv1d`, `Conv2d`, `RNNCell`, `GRUCell`,
            `LSTMCell`, `Flatten`), or a `Sequential` of these; or a `MultiHeadAttention`.

    Returns:
        A `torch.nn.Sequential`; for one of those other layers the module itself. It takes a tensor
        of shape (..., inputs) and returns one of shape (..., outputs), where a network with one
        output returns its number itself; with `Flatten` or `BatchNorm`, a batch. It is in
        PyTorch's mode of a training until its `eval()` is called. A `MultiheadAttention` is called
        as `attention(rows, rows, rows)`, and returns a pair, the outputs first.

    Raises:
        TypeError: the model, or an activation in it, has no counterpart in PyTorch, or it computes
            something else than its class does.
    """
    shared: dict[tuple[int, ...], Any] = {}
    parts = list(parts_of(model, shared))
    alone = type(model) in LAYERS
    odd = next((part for part in parts if isinstance(part, ALONE)), None)
    if odd is not None and not alone:
        raise TypeError(f"to_torch: {not_in_a_sequence(odd)}")
    if sum(map(len, shared)) != len({x for tensor in shared for x in tensor}):
        raise TypeError(
            "to_torch: a parameter is in two tensors that differ; PyTorch shares whole tensors"
        )
    still = {id(p) for p in frozen_parameters(model)} if isinstance(model, Module) else set()
    for values, parameter in shared.items():
        if still.intersection(values):
            if not still.issuperset(values):
                raise TypeError(
                    "to_torch: a part of a tensor is frozen; PyTorch freezes whole tensors: freeze"
                    " the layer, or unfreeze its neurons"
                )
            parameter.requires_grad_(False)
    return (parts[0] if alone else modules.Sequential(*parts)).double()


def from_torch(module: Any) -> Any:
    """A network that computes what a `torch.nn.Sequential` does.

    Outputs agree to rounding; but PyTorch's `Softplus()` is `x` itself from 20 on, which is off by
    2e-9 there, and ours is not.

    Args:
        module: a `Sequential` of `Linear`, activations, `Dropout` and the layers of `to_torch`, or
            of such ones; or one of them.

    Returns:
        An `MLP` where it is one: layers with one activation, and another one after the last; a
        layer, where the module is one of those other ones; else a `Sequential` of layers.

    Raises:
        TypeError: a module in it, or an argument of one, has no counterpart here, or it has hooks
            or a `forward` of its own.
        ValueError: it has no layer with parameters.
    """
    layers = layers_of(module, {})
    if type(module) in PAIRED:
        return layers[0]
    if not any(isinstance(layer, Module) and layer.parameters() for layer in layers):
        raise ValueError(f"from_torch: expected at least one Linear, got {module!r}")
    return as_mlp(layers) or Sequential(*layers)
