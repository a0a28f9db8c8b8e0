"""Networks of ours for modules of PyTorch: what `nn.torch.from_torch` does."""

from __future__ import annotations

from functools import reduce
from typing import Any

from torch import nn as modules

from nn import torch_pairs
from nn.activation_names import ROW_ACTIVATIONS, identity
from nn.dropout import Dropout
from nn.layers import MLP, Layer
from nn.module import Module
from nn.tensors import shape, tensors

PAIRED = {theirs: ours for ours, (theirs, _) in torch_pairs.LAYERS.items()}
"""By class of PyTorch: the layer."""


def layers_of(module: Any, shared: dict[int, Any]) -> list[Any]:
    """The layers for a module of PyTorch: an activation belongs to the layer before.

    Args:
        module: the module.
        shared: the Values so far, by the `id` of the parameter that they stand for.
    """
    kind = type(module)
    if kind in PAIRED or kind in (modules.Linear, modules.Dropout):
        return [_layer(module, shared)]
    if not isinstance(module, modules.Sequential) or kind.forward is not _SEQUENCE:
        raise TypeError(_odd(module))
    _check(module, {})
    found: list[Any] = []
    for part in module:
        function = _function(part)
        last = found[-1] if found else None
        if type(part) in torch_pairs.ALONE:
            raise TypeError(f"from_torch: {torch_pairs.not_in_a_sequence(part)}")
        if function is None:
            found += layers_of(part, shared)
        elif isinstance(last, Layer) and last.activation is identity:
            found[-1] = _layer_with(last, function)
        elif function is not identity:
            found.append(function)
    return found


_SEQUENCE = modules.Sequential.forward


def _layer(module: Any, shared: dict[int, Any]) -> Module:
    """The layer for a module, with its numbers, or with the Values that have them already."""
    kind = type(module)
    _check(module, torch_pairs.LAYERS[PAIRED[kind]][1].options if kind in PAIRED else {})
    if kind is modules.Dropout:
        return Dropout(module.p)
    if kind is modules.Linear:
        bias = module.bias is not None
        made: Module = Layer(module.in_features, module.out_features, False, bias=bias, rng=0)
    else:
        made = torch_pairs.LAYERS[PAIRED[kind]][1].to_ours(module)
    theirs = torch_pairs.tensors_of(module)
    found = {name: shape(tensor) for name, tensor in tensors(made).items()}
    given = {name: tuple(tensor.shape) for name, tensor in theirs.items()}
    if found != given:
        raise TypeError(f"from_torch: {module!r}: expected parameters of {found}, got {given}")
    made.load_state_dict({name: tensor.detach() for name, tensor in theirs.items()})
    moved = dict(module.named_parameters())
    still = [name for name, tensor in moved.items() if not tensor.requires_grad]
    if still:
        if len(still) < len(moved):
            raise TypeError(
                f"from_torch: {module!r}: requires_grad is False of {', '.join(still)} alone; here"
                " a whole layer is frozen, or nothing of it"
            )
        made.freeze()
    for name, tensor in theirs.items():
        values: Any = shared.setdefault(id(tensor), tensors(made)[name])
        *path, attribute = name.split(".")
        owner = reduce(getattr, path, made)
        if not isinstance(owner, Layer):
            setattr(owner, attribute, values)
        else:
            for neuron, row in zip(owner.neurons, values, strict=True):
                setattr(neuron, "weights" if attribute == "weight" else attribute, row)
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
    """The function of an activation of PyTorch's; `None` where it is none."""
    if type(module) is modules.Identity:
        return identity
    for function, make in torch_pairs.ACTIVATIONS.items():
        kind = type(make())
        if type(module) is kind:
            _check(module, torch_pairs.ACTIVATION_OPTIONS.get(kind.__name__, {}))
            return function
    return None


def _check(module: Any, options: dict[str, tuple[Any, ...]]) -> None:
    """Raise TypeError unless a module is as its class makes it, with these options."""
    if "forward" in vars(module) or module._forward_hooks or module._forward_pre_hooks:
        raise TypeError(
            f"from_torch: {module!r} has hooks, or a forward of its own, which would be left out:"
            " take them off first, as torch.nn.utils.prune.remove and remove_weight_norm do"
        )
    wrong = {k: known for k, known in options.items() if getattr(module, k) not in known}
    if wrong:
        expected = ", ".join(f"{k}={known[0]!r}" for k, known in wrong.items())
        raise TypeError(f"from_torch: {module!r}: expected {expected}")
    if isinstance(getattr(module, "padding", None), str):
        raise TypeError(f"from_torch: {module!r}: expected the padding as numbers")


def _odd(module: Any) -> str:
    known = [type(make()).__name__ for make in torch_pairs.ACTIVATIONS.values()]
    known += [kind.__name__ for kind in PAIRED]
    return (
        f"from_torch: expected a torch.nn.Sequential of Linear, Dropout, {', '.join(known)}, got"
        f" {module!r}; for others make the model in nn, and model.load_state_dict(...)"
    )


def as_mlp(layers: list[Any]) -> MLP | None:
    """An MLP of these layers, if it is one."""
    weighted = [layer for layer in layers if isinstance(layer, Layer)]
    if not weighted:
        return None
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
