"""Modules of PyTorch for networks of ours: what `nn.torch.to_torch` does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn as modules

from autograd.number import describe
from nn import torch_pairs
from nn.activation_names import ACTIVATIONS, ROW_ACTIVATIONS, activation_name, identity
from nn.dropout import Dropout
from nn.layers import MLP, Layer
from nn.module import Module
from nn.sequential import Sequential
from nn.stages import activation_of
from nn.tensors import numbers, tensors
from nn.torch_pairs import Each

_NAMED = {**ACTIVATIONS, **ROW_ACTIVATIONS}
_KINDS = (MLP, Layer, Dropout, Sequential, *torch_pairs.LAYERS)


def parts_of(model: Any, shared: dict[tuple[int, ...], Any]) -> Iterator[Any]:
    """The modules of PyTorch for a network.

    Args:
        model: the network.
        shared: the parameters so far, by the Values that are in them.
    """
    kind = next((kind for kind in _KINDS if isinstance(model, kind)), None)
    if kind is not None and type(model).__call__ is not kind.__call__:
        raise TypeError(
            f"to_torch: {type(model).__name__} has a __call__ of its own, which is not that of"
            f" {kind.__name__}; {_REMEDY}"
        )
    if isinstance(model, Layer):
        function = activation_of(model, "to_torch")
        nout, nin = len(model.neurons), len(model.neurons[0].weights)
        bias = model.neurons[0].bias is not None
        yield _with_numbers(modules.Linear(nin, nout, bias=bias), model, shared)
        if function is not identity:
            yield _activation(function)
    elif isinstance(model, MLP):
        for layer in model.layers:
            yield from parts_of(layer, shared)
            if model.dropout is not None and layer is not model.layers[-1]:
                yield modules.Dropout(model.dropout.rate)
    elif isinstance(model, Dropout):
        yield modules.Dropout(model.rate)
    elif isinstance(model, Sequential):
        for part in model.layers:
            yield from parts_of(part, shared)
    elif kind is not None:
        yield _with_numbers(torch_pairs.LAYERS[kind][1].to_theirs(model), model, shared)
    elif callable(model) and not isinstance(model, type | Module):
        yield _activation(model.function if isinstance(model, Each) else model)
    else:
        raise TypeError(
            f"to_torch: {describe(model)} has no counterpart: expected an activation, or one of"
            f" {', '.join(kind.__name__ for kind in _KINDS)}; {_REMEDY}"
        )


_REMEDY = (
    "for other models make the module in PyTorch, and give it the numbers: the names in"
    " model.state_dict() are those of PyTorch"
)


def _with_numbers(made: Any, layer: Module, shared: dict[tuple[int, ...], Any]) -> Any:
    """A module with the numbers of a layer, or with parameters that have them already."""
    found = tensors(layer)
    expected = [name for name, _ in made.named_parameters()]
    if set(found) != set(expected):
        raise TypeError(
            f"to_torch: {layer!r}: expected Values in {', '.join(expected)}, found them in"
            f" {', '.join(found)}"
        )
    made.double()
    state = layer.state_dict()
    made.load_state_dict({k: torch.tensor(x, dtype=torch.float64) for k, x in state.items()})
    for name, tensor in found.items():
        key = tuple(map(id, numbers(tensor)))
        if key in shared and shared[key].shape == getattr(made, name).shape:
            setattr(made, name, shared[key])
        shared[key] = getattr(made, name)
    return made


def _activation(function: Any) -> Any:
    try:
        make = torch_pairs.ACTIVATIONS[function]
    except (KeyError, TypeError):
        known = ", ".join(name for name, f in _NAMED.items() if f in torch_pairs.ACTIVATIONS)
        raise TypeError(
            f"to_torch: {activation_name(function)} has no counterpart in PyTorch; those that have"
            f" are {known}"
        ) from None
    return make()
