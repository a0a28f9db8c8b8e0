"""Networks to PyTorch and back: `to_torch` makes a `torch.nn.Sequential`, `from_torch` one of ours.

Outputs agree to rounding. Numbers are copied: nothing that is done to one side changes the other.
This module needs PyTorch.

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

from collections.abc import Iterator
from typing import Any

import autograd
from autograd.extras import missing
from autograd.number import describe
from nn.activation_names import ACTIVATIONS, ROW_ACTIVATIONS, activation_name, identity
from nn.dropout import Dropout
from nn.layers import MLP, Layer
from nn.sequential import Residual, Sequential

try:
    import torch
    from torch import nn as modules
except ImportError as error:
    raise ImportError(missing("nn.torch", "torch", ["torch"])) from error

__all__ = ["from_torch", "to_torch"]

_PAIRS: dict[Any, Any] = {
    autograd.sigmoid: modules.Sigmoid,
    autograd.tanh: modules.Tanh,
    autograd.relu: modules.ReLU,
    autograd.leaky_relu: modules.LeakyReLU,
    autograd.elu: modules.ELU,
    autograd.gelu: modules.GELU,
    autograd.silu: modules.SiLU,
    # from its threshold on it is x itself; by default 20, where that is off by 2e-9
    autograd.softplus: lambda: modules.Softplus(threshold=40.0),
    autograd.softsign: modules.Softsign,
    autograd.softmax: lambda: modules.Softmax(dim=-1),
    autograd.log_softmax: lambda: modules.LogSoftmax(dim=-1),
}
"""By activation: what makes PyTorch's module with the same arguments."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "LeakyReLU": {"negative_slope": 0.01},
    "ELU": {"alpha": 1.0},
    "GELU": {"approximate": "none"},
    "Softplus": {"beta": 1.0},
    "Softmax": {"dim": -1},
    "LogSoftmax": {"dim": -1},
}
"""The attributes that a module of PyTorch must have, by its class."""


def to_torch(model: Any) -> Any:
    """A `torch.nn.Sequential` that computes what a network does, in double precision.

    Args:
        model: an `MLP`, a `Layer`, a `Dropout` or a `Sequential` of these.

    Returns:
        The module. It takes a tensor of shape (..., inputs) and returns one of shape
        (..., outputs), where a network with one output returns its number itself.

    Raises:
        TypeError: the model, or an activation in it, has no counterpart in PyTorch.
    """
    return modules.Sequential(*_parts(model)).double()


def from_torch(module: Any) -> MLP | Sequential:
    """A network that computes what a `torch.nn.Sequential` does.

    Args:
        module: a `Sequential` of `Linear`, activations and `Dropout`, or of such ones.

    Outputs agree to rounding; but PyTorch's `Softplus()` is `x` itself from 20 on, which is off by
    2e-9 there, and ours is not.

    Returns:
        An `MLP` where it is one: layers with one activation, and another one after the last; else
        a `Sequential` of layers.

    Raises:
        TypeError: a module in it, or an argument of one, has no counterpart here.
        ValueError: it has no `Linear`.
    """
    layers = _layers(module)
    weighted = [layer for layer in layers if isinstance(layer, Layer)]
    if not weighted:
        raise ValueError(f"from_torch: expected at least one Linear, got {module!r}")
    return _as_mlp(layers, weighted) or Sequential(*layers)


def _parts(model: Any) -> Iterator[Any]:
    """The modules of PyTorch for a network."""
    if isinstance(model, Layer):
        yield _linear(model)
        if model.activation is not identity:
            yield _activation(model.activation)
    elif isinstance(model, MLP):
        for layer in model.layers:
            yield from _parts(layer)
            if model.dropout is not None and layer is not model.layers[-1]:
                yield modules.Dropout(model.dropout.rate)
    elif isinstance(model, Dropout):
        yield modules.Dropout(model.rate)
    elif isinstance(model, Sequential):
        for part in model.layers:
            yield from _parts(part)
    elif not isinstance(model, Residual) and callable(model) and not isinstance(model, type):
        yield _activation(model)
    else:
        raise TypeError(
            "to_torch: expected an MLP, or a Sequential of Layer and Dropout, got"
            f" {describe(model)}"
        )


def _linear(layer: Layer) -> Any:
    state = layer.state_dict()
    weight = torch.tensor(state["weight"], dtype=torch.float64)
    made = modules.Linear(weight.shape[1], weight.shape[0], bias="bias" in state).double()
    made.load_state_dict({k: torch.tensor(x, dtype=torch.float64) for k, x in state.items()})
    return made


def _activation(function: Any) -> Any:
    try:
        make = _PAIRS[function]
    except (KeyError, TypeError):
        known = ", ".join(name for name, f in _NAMED.items() if f in _PAIRS)
        raise TypeError(
            f"to_torch: {activation_name(function)} has no counterpart in PyTorch; those that have"
            f" are {known}"
        ) from None
    return make()


_NAMED = {**ACTIVATIONS, **ROW_ACTIVATIONS}


def _layers(module: Any) -> list[Any]:
    """The layers for a module of PyTorch: an activation belongs to the layer before."""
    if type(module) is modules.Linear:
        return [_layer(module)]
    if not isinstance(module, modules.Sequential):
        raise TypeError(_odd(module))
    found: list[Any] = []
    for part in module:
        if isinstance(part, modules.Sequential | modules.Linear):
            found += _layers(part)
        elif type(part) is modules.Dropout:
            found.append(Dropout(part.p))
        elif type(part) is not modules.Identity:
            function = _function(part)
            last = found[-1] if found else None
            if isinstance(last, Layer) and last.activation is identity:
                found[-1] = _layer_with(last, function)
            else:
                found.append(function if function in ROW_ACTIVATIONS.values() else _Each(function))
    return found


class _Each:
    """An activation by itself: of each number of a row."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, row: Any) -> Any:
        return [self.function(x) for x in row] if hasattr(row, "__iter__") else self.function(row)

    def __repr__(self) -> str:
        return activation_name(self.function)


def _layer(linear: Any) -> Layer:
    made = Layer(
        linear.in_features,
        linear.out_features,
        activation="identity",
        bias=linear.bias is not None,
        rng=0,
    )
    made.load_state_dict({name: tensor.detach() for name, tensor in linear.state_dict().items()})
    return made


def _layer_with(layer: Layer, function: Any) -> Layer:
    """The same layer with an activation."""
    if function in ROW_ACTIVATIONS.values():
        layer.row_activation = function
    else:
        for neuron in layer.neurons:
            neuron.activation = function
    return layer


def _function(module: Any) -> Any:
    """The function of an activation of PyTorch's."""
    for function, make in _PAIRS.items():
        kind = type(make())
        if type(module) is kind:
            options = _OPTIONS.get(kind.__name__, {})
            wrong = [name for name, x in options.items() if getattr(module, name) != x]
            if not wrong or wrong == ["dim"]:
                return function
            raise TypeError(f"from_torch: {module!r}: expected {options}")
    raise TypeError(_odd(module))


def _odd(module: Any) -> str:
    known = ", ".join(type(make()).__name__ for make in _PAIRS.values())
    return (
        "from_torch: expected a torch.nn.Sequential of Linear, Dropout and activations"
        f" ({known}), got {module!r}"
    )


def _as_mlp(layers: list[Any], weighted: list[Layer]) -> MLP | None:
    """An MLP of these layers, if it is one."""
    sizes = [len(weighted[0].neurons[0].weights), *[len(layer.neurons) for layer in weighted]]
    hidden = {layer.activation for layer in weighted[:-1]}
    biased = {layer.neurons[0].bias is not None for layer in weighted}
    rates = {layer.rate for layer in layers if isinstance(layer, Dropout)}
    between = len(weighted) - 1
    regular = [x for layer in weighted for x in (layer, "dropout")][:-1] if rates else weighted
    kinds = ["dropout" if isinstance(layer, Dropout) else layer for layer in layers]
    if kinds != regular or len(hidden) > 1 or len(biased) > 1 or len(rates) > 1:
        return None
    made = MLP(
        sizes[0],
        sizes[1:],
        activation=hidden.pop() if between else "relu",
        output_activation=weighted[-1].activation,
        bias=biased.pop(),
        rng=0,
        dropout=rates.pop() if rates else 0.0,
    )
    made.layers = weighted
    return made
