"""Modules of PyTorch for networks of ours: what `nn.torch.to_torch` does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn as modules

from nn import torch_pairs
from nn.activation_names import ACTIVATIONS, ROW_ACTIVATIONS, activation_name, identity
from nn.dropout import Dropout
from nn.layers import MLP, Layer
from nn.module import Module
from nn.sequential import Sequential
from nn.stages import Each, Sums, stages
from nn.tensors import numbers, tensors

_NAMED = {**ACTIVATIONS, **ROW_ACTIVATIONS}
_KINDS = (MLP, Layer, Dropout, Sequential, *torch_pairs.LAYERS)


def parts_of(model: Any, shared: dict[tuple[int, ...], Any]) -> Iterator[Any]:
    """The modules of PyTorch for a network.

    Args:
        model: the network.
        shared: the parameters so far, by the Values that are in them.
    """
    for stage in stages(model, "to_torch", _KINDS, _REMEDY):
        if isinstance(stage, Sums):
            first = stage.layer.neurons[0]
            made = modules.Linear(
                len(first.weights), len(stage.layer.neurons), bias=first.bias is not None
            )
            yield _with_numbers(made, stage.layer, shared)
        elif isinstance(stage, Each):
            if stage.function is not identity:
                yield _activation(stage.function)
        elif isinstance(stage, Dropout):
            yield modules.Dropout(stage.rate)
        else:
            assert isinstance(stage, Module)  # since Residual is none of these kinds
            pair = next(x for kind, (_, x) in torch_pairs.LAYERS.items() if isinstance(stage, kind))
            yield _with_numbers(pair.to_theirs(stage), stage, shared)


_REMEDY = (
    "; for other models make the module in PyTorch, and give it the numbers: the names in"
    " model.state_dict() are those of PyTorch"
)


def _with_numbers(made: Any, layer: Module, shared: dict[tuple[int, ...], Any]) -> Any:
    """A module with the numbers of a layer, or with parameters that have them already."""
    found = tensors(layer)
    expected = torch_pairs.tensors_of(made)
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
        owner, _, attribute = name.rpartition(".")
        part = made.get_submodule(owner)
        if key in shared and shared[key].shape == getattr(part, attribute).shape:
            setattr(part, attribute, shared[key])
        shared[key] = getattr(part, attribute)
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
