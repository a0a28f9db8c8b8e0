"""The layers of a network, found by the paths of its parameters.

A network is anything whose `named_parameters()` have paths such as `layers.0.neurons.2.weights.1`
and `layers.0.neurons.2.bias`; its class does not matter. The paths of a single layer lack the first
part, those of a single neuron the first two. `diagram` draws the layers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.number import describe
from autograd.value import Value

PATH = re.compile(
    r"(?P<layer>layers\.(?P<i>\d+)\.)?(?P<unit>neurons\.(?P<j>\d+)\.)?(weights\.(?P<k>\d+)|bias)",
    re.ASCII,
)
SHAPE = (
    "layers.0.neurons.0.weights.0 and layers.0.neurons.0.bias (an MLP), neurons.0.weights.0"
    " (a Layer) or weights.0 (a Neuron)"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One neuron.

    Attributes:
        path: its path in the model; empty for a single neuron.
        weights: one for each unit of the layer before.
        bias: its bias, or `None`.
    """

    path: str
    weights: Sequence[Value]
    bias: Value | None


@dataclass(frozen=True, slots=True)
class Layer:
    """Neurons side by side.

    Attributes:
        title: its path in the model, or its kind if it is the model.
        activation: the name of its activation; empty if it is unknown.
        units: its neurons.
    """

    title: str
    activation: str
    units: Sequence[Unit]


def layers_of(model: Any) -> list[Layer]:
    """The layers of a network, from the first to the last.

    Args:
        model: an MLP, a layer or a neuron, or anything with parameters by the same paths.

    Raises:
        TypeError: it has no `named_parameters()`.
        ValueError: its parameters have other paths, or do not make layers that fit.

    >>> from nn import MLP
    >>> [(layer.title, layer.activation, len(layer.units)) for layer in layers_of(MLP(2, [3, 1]))]
    [('layers.0', 'relu', 3), ('layers.1', 'identity', 1)]
    """
    if not callable(getattr(model, "named_parameters", None)):
        raise TypeError(
            "draw_model: expected a model with named_parameters(), such as an MLP, a Layer or a"
            f" Neuron, got {describe(model)}"
        )
    found: dict[int, dict[int, dict[int | None, Value]]] = {}
    kinds = set()
    for path, parameter in model.named_parameters():
        match = PATH.fullmatch(path)
        if match is None or (match["layer"] and not match["unit"]):
            raise ValueError(f"draw_model: expected parameters like {SHAPE}, found {path!r}")
        kinds.add((match["layer"] is not None, match["unit"] is not None))
        unit = found.setdefault(int(match["i"] or 0), {}).setdefault(int(match["j"] or 0), {})
        unit[None if match["k"] is None else int(match["k"])] = parameter
    if len(kinds) != 1:
        what = "a mixture of those" if kinds else "no parameter"
        raise ValueError(f"draw_model: expected parameters like {SHAPE}, found {what}")
    ((in_layer, in_unit),) = kinds
    layers: list[Layer] = []
    for i, units in sorted(found.items()):
        title = f"layers.{i}" if in_layer else "layer" if in_unit else "neuron"
        prefix = f"layers.{i}." if in_layer else ""
        neurons = [
            Unit(
                f"{prefix}neurons.{j}" if in_unit else "",
                [parameters[k] for k in sorted(k for k in parameters if k is not None)],
                parameters.get(None),
            )
            for j, parameters in sorted(units.items())
        ]
        before = len(layers[-1].units) if layers else len(neurons[0].weights)
        _check(title, i if in_layer else 0, len(layers), units, before)
        owner = model.layers[i] if in_layer and hasattr(model, "layers") else model
        layers.append(Layer(title, _activation(owner), neurons))
    return layers


def _check(
    title: str,
    number: int,
    expected: int,
    units: dict[int, dict[int | None, Value]],
    before: int,
) -> None:
    """Raise ValueError for a layer with gaps, or one that does not fit the layer before it."""
    if number != expected:
        raise ValueError(f"draw_model: found {title}, but nothing in layers.{expected}")
    for j, parameters in units.items():
        weights = sum(k is not None for k in parameters)
        if weights != before or not all(k in parameters for k in range(before)) or not before:
            raise ValueError(
                f"draw_model: {title}: neurons.{j} has {weights} unshared weights,"
                f" expected {max(before, 1)}: one for each unit before it"
            )
    if list(range(len(units))) != sorted(units):
        raise ValueError(f"draw_model: {title}: found neurons {sorted(units)}, which has gaps")


def _activation(owner: Any) -> str:
    """The name of the activation of a layer or neuron, or nothing if it has no name."""
    name = getattr(getattr(owner, "activation", None), "__name__", "")
    return name if isinstance(name, str) and name.isidentifier() else ""
