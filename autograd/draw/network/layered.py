"""The layers of a network, found by the paths of its parameters.

The path of a weight ends in `neurons.2.weights.1`, or in `weights.1` where a layer is a single
neuron; what stands before that is the path of its layer. Layers follow each other in the order of
`named_parameters()`; the class of the model does not matter. `diagram` draws them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.number import describe
from autograd.value import Value

PATH = re.compile(
    r"(?P<layer>(?:.+?\.)??)(?P<unit>neurons\.(?P<j>\d+)\.)?(weights\.(?P<k>\d+)|bias)", re.ASCII
)
SHAPE = (
    "layers.0.neurons.0.weights.0 and layers.0.neurons.0.bias (an MLP, or layers in attributes),"
    " neurons.0.weights.0 (a Layer) or weights.0 (a Neuron)"
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

    def path_of(self, name: str) -> str:
        """The path of one of its parameters: `weights.0`, or `bias`."""
        return f"{self.path}.{name}" if self.path else name


@dataclass(frozen=True, slots=True)
class Layer:
    """Neurons side by side.

    Attributes:
        title: its path in the model, or its kind if it is the model.
        activation: the name of its activation; empty if it is unknown.
        units: its neurons.
        owner: what stands at its path in the model; `None` if attributes do not lead there.
    """

    title: str
    activation: str
    units: Sequence[Unit]
    owner: Any = None


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
    if isinstance(model, type) or not callable(getattr(model, "named_parameters", None)):
        raise TypeError(
            "draw_model: expected a model with named_parameters(), such as an MLP, a Layer or a"
            f" Neuron, got {describe(model)}"
        )
    found: dict[str, dict[int, dict[int | None, Value]]] = {}
    kinds: dict[str, set[bool]] = {}
    for path, parameter in model.named_parameters():
        match = PATH.fullmatch(path)
        if match is None:
            raise ValueError(f"draw_model: expected parameters like {SHAPE}, found {path!r}")
        name = match["layer"].removesuffix(".")
        kinds.setdefault(name, set()).add(match["unit"] is not None)
        unit = found.setdefault(name, {}).setdefault(int(match["j"] or 0), {})
        unit[None if match["k"] is None else int(match["k"])] = parameter
    is_mixed = any(len(kind) > 1 for kind in kinds.values()) or ("" in kinds and len(kinds) > 1)
    if not found or is_mixed:
        what = "a mixture of those" if is_mixed else "no parameter"
        raise ValueError(f"draw_model: expected parameters like {SHAPE}, found {what}")
    layers: list[Layer] = []
    for name in _in_order(found):
        [in_unit] = kinds[name]
        title = name or ("layer" if in_unit else "neuron")
        prefix = f"{name}." if name else ""
        neurons = [
            Unit(
                f"{prefix}neurons.{j}" if in_unit else name,
                [parameters[k] for k in sorted(k for k in parameters if k is not None)],
                parameters.get(None),
            )
            for j, parameters in sorted(found[name].items())
        ]
        before = layers[-1].units if layers else neurons[0].weights
        _check(title, found[name], len(before))
        owner = _at(model, name)
        layers.append(Layer(title, _activation(owner), neurons, owner))
    return layers


def _in_order(names: Iterable[str]) -> list[str]:
    """The layers in the order in which they are found; those of a list by their numbers.

    >>> _in_order(["blocks.1", "blocks.0", "head"])
    ['blocks.0', 'blocks.1', 'head']

    Raises:
        ValueError: a number is left out.
    """
    lists: dict[tuple[str, bool], list[str]] = {}
    for name in names:
        stem, _, last = name.rpartition(".")
        key = (stem, True) if last.isdecimal() else (name, False)
        lists.setdefault(key, []).append(name)
    for (stem, is_list), those in lists.items():
        if is_list:
            those.sort(key=_number)
            for expected, name in enumerate(those):
                if _number(name) != expected:
                    missing = f"{stem}.{expected}" if stem else str(expected)
                    raise ValueError(f"draw_model: found {name}, but nothing in {missing}")
    return [name for those in lists.values() for name in those]


def _number(name: str) -> int:
    return int(name.rpartition(".")[2])


def _check(title: str, units: Mapping[int, Mapping[int | None, Value]], before: int) -> None:
    """Raise ValueError for a layer with gaps, or one that does not fit the layer before it."""
    for j, parameters in units.items():
        weights = sum(k is not None for k in parameters)
        if weights != before or not all(k in parameters for k in range(before)) or not before:
            raise ValueError(
                f"draw_model: {title}: neurons.{j} has {weights} unshared weights,"
                f" expected {max(before, 1)}: one for each unit before it (layers follow each other"
                " as the module lists them; draw(lambda: model(row)) draws any other order)"
            )
    if list(range(len(units))) != sorted(units):
        raise ValueError(f"draw_model: {title}: found neurons {sorted(units)}, which has gaps")


def _at(x: Any, path: str) -> Any:
    """What stands at a path of a model, or `None` if attributes and lists do not lead there."""
    for step in path.split(".") if path else ():
        try:
            if isinstance(x, dict):
                x = x[step]
            else:
                x = x[int(step)] if step.isdecimal() else getattr(x, step)
        except (AttributeError, LookupError, TypeError):
            return None
    return x


def _activation(owner: Any) -> str:
    """The name of the activation of a layer or neuron, or nothing if it has no name."""
    name = getattr(getattr(owner, "activation", None), "__name__", "")
    return name if isinstance(name, str) and name.isidentifier() else ""
