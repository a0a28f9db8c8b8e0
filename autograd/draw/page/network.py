"""The network of a recorded training, as the page shows it: units in columns, weights as lines.

`layered` finds the layers, and which parameters are whose. Of a network of two inputs each unit has
a map: what it computes at every place of the plane, in each frame.
"""

from __future__ import annotations

import math
from array import array
from base64 import b64encode
from collections.abc import Mapping, Sequence
from statistics import median_high
from typing import Any

from autograd.draw.network.layered import Layer, layers_of
from autograd.draw.network.placement import Column
from autograd.modes import no_grad
from autograd.text import visible

Maps = Sequence["array[float]"]
"""For each unit that is shown, its output at each place."""

HALF = frozenset({"sigmoid", "hard_sigmoid"})
"""Activations whose middle is 0.5; that of the others is 0."""


class Network:
    """The layers of a model, as far as they are shown.

    Args:
        layers: from the first to the last.

    >>> from nn import MLP
    >>> network = network_of(MLP(2, [3, 1], rng=0))
    >>> [column.size for column in network.columns]
    [2, 3, 1]
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        self.columns = [Column.of("inputs", len(layers[0].units[0].weights))] + [
            Column.of(layer.title, len(layer.units), layer.note) for layer in layers
        ]

    @property
    def width(self) -> int:
        """How many units are shown."""
        return sum(len(column.shown) for column in self.columns[1:])

    def outputs(self, row: Sequence[Any]) -> list[Any]:
        """The output of each unit that is shown, for one row of inputs."""
        return [
            outputs[j]
            for outputs, column in zip(self._through(row), self.columns[1:], strict=True)
            for j in column.shown
        ]

    def is_chain(self, model: Any, rows: Sequence[Sequence[float]]) -> bool:
        """Whether the model gives for these rows what its layers give, one after the other."""
        if not callable(model) or not all(callable(layer.owner) for layer in self.layers):
            return False
        try:
            with no_grad():
                return all(_numbers(model(row)) == _numbers(self._through(row)[-1]) for row in rows)
        except Exception:  # it takes something else than rows
            return False

    def _through(self, row: Sequence[Any]) -> list[Sequence[Any]]:
        found: list[Sequence[Any]] = []
        for layer in self.layers:
            outputs = layer.owner(row)
            row = outputs if isinstance(outputs, list | tuple) else [outputs]
            found.append(row)
        return found

    @property
    def paths(self) -> list[str]:
        """The paths of the parameters that are shown."""
        return [
            layer.units[j].path_of(name)
            for layer, before, column in zip(
                self.layers, self.columns, self.columns[1:], strict=False
            )
            for j in column.shown
            for name in (*(f"weights.{k}" for k in before.shown), "bias")
        ]

    def described(self, parameters: Mapping[str, int]) -> dict[str, Any]:
        """For the page; parameters by their place among those of the page.

        Args:
            parameters: which of the page's parameters has a path.
        """
        before = self.columns[0]
        layers = []
        for layer, column in zip(self.layers, self.columns[1:], strict=True):
            units = [layer.units[j] for j in column.shown]
            layers.append(
                {
                    "title": visible(layer.title),
                    "activation": visible(layer.note),
                    "size": column.size,
                    "shown": list(column.shown),
                    "units": [
                        {
                            "path": visible(unit.path),
                            "weights": [
                                parameters.get(unit.path_of(f"weights.{k}")) for k in before.shown
                            ],
                            "bias": parameters.get(unit.path_of("bias")),
                        }
                        for unit in units
                    ],
                }
            )
            before = column
        inputs = self.columns[0]
        return {"inputs": {"size": inputs.size, "shown": list(inputs.shown)}, "layers": layers}

    def painted(self, frames: Sequence[Maps]) -> dict[str, Any]:
        """The maps of all frames as bytes: 128 is the middle, 1 and 255 a layer's reach away."""
        scales, first = [], 0
        for layer, column in zip(self.layers, self.columns[1:], strict=True):
            middle = 0.5 if layer.activation in HALF else 0.0
            last = first + len(column.shown)
            scales.append({"middle": middle, "reach": _reach(frames, first, last, middle)})
            first = last
        of_unit = [
            s for s, column in zip(scales, self.columns[1:], strict=True) for _ in column.shown
        ]
        levels = b"".join(
            _levels(numbers, **scale)
            for maps in frames
            for scale, numbers in zip(of_unit, maps, strict=True)
        )
        size = math.isqrt(len(frames[0][0]))
        return {"size": size, "scales": scales, "pixels": b64encode(levels).decode()}


def network_of(model: Any) -> Network | None:
    """The network of a model; `None` if it is none, or not one of layers that follow each other."""
    try:
        layers = layers_of(model)
    except (TypeError, ValueError):
        return None
    return None if any(layer.adds for layer in layers) else Network(layers)


def _numbers(x: Any) -> list[float]:
    return [float(y) for y in x] if isinstance(x, list | tuple) else [float(x)]


def _reach(frames: Sequence[Maps], first: int, last: int, middle: float) -> float:
    """How far outputs of a layer are from the middle, in most frames: a training may diverge."""
    far = [
        max(
            (abs(x - middle) for numbers in maps[first:last] for x in numbers if math.isfinite(x)),
            default=0.0,
        )
        for maps in frames
    ]
    return median_high(far) or 1.0


def _levels(numbers: array[float], middle: float, reach: float) -> bytes:
    least, most = middle - reach, middle + reach
    return bytes(
        128 + round(127 * ((min(max(x, least), most) - middle) / reach)) if x == x else 128
        for x in numbers
    )
