"""What a network computes, stage by stage: how `nn.onnx` and `nn.torch` read a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from autograd.number import describe
from nn.activation_names import identity
from nn.batch_norm import BatchNorm
from nn.dropout import Dropout
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.sequential import Residual, Sequential


class Sums(NamedTuple):
    """The weighted sums of a layer, before its activation."""

    layer: Layer


class Each(NamedTuple):
    """A function of each number of a row, or of the row."""

    function: Any


class Around(NamedTuple):
    """A module whose input is added to what it returns."""

    module: Any


Stage: TypeAlias = Sums | Each | Around | Module
KINDS = (MLP, Layer, Dropout, BatchNorm, Sequential, Residual)


def stages(
    model: Any, caller: str, kinds: tuple[Any, ...] = KINDS, remedy: str = ""
) -> Iterator[Stage]:
    """The stages of a network, in their order.

    Args:
        model: an `MLP`, a `Layer`, a `Dropout`, a `BatchNorm`, a function, or a `Sequential` or
            `Residual` of these.
        caller: the name to put into errors.
        kinds: the classes of modules that are right; one of another class is a stage by itself.
        remedy: what to do about others, for errors.

    Raises:
        TypeError: the model, or a module in it, is something else, or computes something else than
            its class does.

    >>> from nn import MLP
    >>> [type(stage).__name__ for stage in stages(MLP(2, [3, 1], rng=0), "to_onnx")]
    ['Sums', 'Each', 'Sums', 'Each']
    """
    kind = next((kind for kind in kinds if isinstance(model, kind)), None)
    if kind is None and (not callable(model) or isinstance(model, type | Module)):
        names = ", ".join(kind.__name__ for kind in kinds)
        raise TypeError(
            f"{caller}: {describe(model)} has no counterpart: expected an activation, or one of"
            f" {names}{remedy}"
        )
    if kind is not None and type(model).__call__ is not kind.__call__:
        raise TypeError(
            f"{caller}: {type(model).__name__} has a __call__ of its own, which is not that of"
            f" {kind.__name__}{remedy}"
        )
    if isinstance(model, Layer):
        yield Sums(model)
        yield Each(_activation_of(model, caller))
    elif isinstance(model, MLP):
        for layer in model.layers:
            yield from stages(layer, caller, kinds, remedy)
            if model.dropout is not None and layer is not model.layers[-1]:
                yield from stages(model.dropout, caller, kinds, remedy)
    elif isinstance(model, Sequential):
        for part in model.layers:
            yield from stages(part, caller, kinds, remedy)
    elif isinstance(model, Residual):
        yield Around(model.module)
    elif kind is not None:
        yield model
    else:
        yield Each(model)


def _activation_of(layer: Layer, caller: str) -> Any:
    """The activation of a layer; TypeError if its neurons do not agree."""
    kinds = {id(neuron.activation) for neuron in layer.neurons}
    is_odd = any(type(neuron).__call__ is not Neuron.__call__ for neuron in layer.neurons)
    if layer.row_activation is not None:
        is_odd |= layer.neurons[0].activation is not identity
    if is_odd or len(kinds) > 1:
        raise TypeError(
            f"{caller}: {layer!r}: expected neurons with one activation, got"
            f" {', '.join(map(repr, layer.neurons))}"
        )
    return layer.row_activation or layer.neurons[0].activation
