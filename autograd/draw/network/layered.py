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
from autograd.text import visible
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
        before: functions, and modules without parameters, that come before it, if it is the first.
        after: those between it and the next; `+` where units are added.
        adds: the columns whose units are added to its outputs; 0 is that of the inputs.
    """

    title: str
    activation: str
    units: Sequence[Unit]
    owner: Any = None
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    adds: Sequence[int] = ()

    @property
    def note(self) -> str:
        """What becomes of the weighted sums: `relu`, or `relu, Dropout(0.5)`."""
        is_linear = self.activation == "identity" and self.after and self.after[0] != "+"
        return ", ".join(
            [self.activation] * (not is_linear and self.activation != "") + [*self.after]
        )


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
            raise ValueError(
                f"draw_model: expected parameters like {SHAPE}, found {path!r}:"
                " draw(lambda: model(row)) draws any model"
            )
        name = match["layer"].removesuffix(".")
        kinds.setdefault(name, set()).add(match["unit"] is not None)
        unit = found.setdefault(name, {}).setdefault(int(match["j"] or 0), {})
        unit[None if match["k"] is None else int(match["k"])] = parameter
    is_mixed = any(len(kind) > 1 for kind in kinds.values()) or ("" in kinds and len(kinds) > 1)
    if not found or is_mixed:
        what = "a mixture of those" if is_mixed else "no parameter"
        raise ValueError(f"draw_model: expected parameters like {SHAPE}, found {what}")
    layers: list[Layer] = []
    names, between = _in_order(model, found)
    for i, name in enumerate(names):
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
        inputs = layers[-1].units if layers else neurons[0].weights
        _check(title, found[name], len(inputs))
        owner = _at(model, name)
        around = _around(model, names, i)
        after = _joined(between[i + 1], around)
        before = [shown for _, shown in between[0]] if i == 0 else []
        layers.append(
            Layer(title, _activation(owner), neurons, owner, before, after, [*around.values()])
        )
    return layers


def _in_order(model: Any, names: Iterable[str]) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """The layers in the order in which they are found; those of a list by their numbers.

    Args:
        model: has them.
        names: their paths.

    Returns:
        The paths; and what stands in those lists before the first layer, after it, and so on:
        functions, and modules without parameters, each with its path.

    >>> _in_order(None, ["blocks.1", "blocks.0", "head"])
    (['blocks.0', 'blocks.1', 'head'], [[], [], [], []])

    Raises:
        ValueError: a number is left out, or a layer is there twice.
    """
    ranks: dict[str, int] = {}
    lists: dict[str, set[int]] = {}
    for name in names:
        for path in _prefixes(name):
            ranks.setdefault(path, len(ranks))
            stem, _, last = path.rpartition(".")
            if last.isdecimal():
                lists.setdefault(stem, set()).add(int(last))

    def place(path: str) -> list[tuple[bool, int]]:
        """Where a path stands among the others."""
        return [
            (False, int(last)) if last.isdecimal() else (True, ranks[prefix])
            for prefix in _prefixes(path)
            for last in [prefix.rpartition(".")[2]]
        ]

    ordered = sorted(names, key=place)
    between: list[list[tuple[str, str]]] = [[] for _ in range(len(ordered) + 1)]
    bare: list[str] = []
    for stem, numbers in lists.items():
        there = _at(model, stem)
        count = len(there) if isinstance(there, list | tuple) else max(numbers) + 1
        for number in sorted({*range(count)} - numbers):
            path = f"{stem}.{number}" if stem else str(number)
            later = min((n for n in numbers if n > number), default=None)
            item = _at(model, path)
            if _is_bare(item):
                bare.append(path)
            elif callable(item):
                raise ValueError(
                    f"draw_model: {path}, {describe(item)}, has the parameters of another layer,"
                    " which a picture of layers one after the other does not show:"
                    " draw(lambda: model(row)) does"
                )
            elif later is not None:
                found = f"{stem}.{later}" if stem else str(later)
                raise ValueError(f"draw_model: found {found}, but nothing in {path}")
    for path in sorted(bare, key=place):
        shown = _shown(_at(model, path))
        if shown:
            between[sum(place(name) < place(path) for name in ordered)].append((path, shown))
    return ordered, between


def _prefixes(path: str) -> list[str]:
    """A path from the model on: `a`, `a.b` and `a.b.c` for the last of these."""
    steps = path.split(".") if path else []
    return [".".join(steps[: i + 1]) for i in range(len(steps))]


def _is_bare(x: Any) -> bool:
    """Whether it is a function, or a module that has no parameters."""
    listed = getattr(x, "named_parameters", None)
    return callable(x) and not (callable(listed) and any(True for _ in listed()))


def _shown(x: Any) -> str:
    name = getattr(x, "__name__", None) or repr(x)
    return "" if name == "identity" else visible(name)


def _around(model: Any, names: Sequence[str], i: int) -> dict[str, int]:
    """The modules that end with a layer and add their inputs; by path, the column of these.

    A module says so by an attribute `adds_inputs`, as `nn.Residual` does.
    """
    found = {}
    for path in ["", *_prefixes(names[i])]:
        inside = [_is_in(name, path) for name in names]
        if not any(inside[i + 1 :]) and getattr(_at(model, path), "adds_inputs", False) is True:
            found[path] = inside.index(True)
    return found


def _joined(after: Sequence[tuple[str, str]], around: Iterable[str]) -> list[str]:
    """What comes after a layer, a `+` at the end of each module around it that adds its inputs."""
    found = list(after)
    for path in reversed([*around]):
        found.insert(sum(_is_in(item, path) for item, _ in found), (path, "+"))
    return [shown for _, shown in found]


def _is_in(path: str, module: str) -> bool:
    return not module or path == module or path.startswith(f"{module}.")


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
