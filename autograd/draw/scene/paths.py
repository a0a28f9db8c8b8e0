"""Paths of parameters, as `layers.0.neurons.2.weights.1`, and the boxes that they name.

A step of a path is a name with the index that follows it, if any: `layers.0`, `bias`. The last step
is the parameter in its box; all steps before it are nested boxes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any, TypeAlias

from autograd.number import describe
from autograd.value import Value

Box: TypeAlias = tuple[str, ...]
"""The steps that lead to a box: `("layers.0", "neurons.2")`."""


def parameter_paths(model: Any, caller: str) -> dict[Value, str]:
    """The path of each parameter of a model.

    Raises:
        TypeError: the model has no method `named_parameters` that gives pairs of path and Value.
    """
    if model is None:
        return {}
    if not callable(getattr(model, "named_parameters", None)):
        raise TypeError(
            f"{caller}: model must have a method named_parameters() that gives a path and a Value"
            f" for each parameter, as nn.Module has; got {describe(model)}"
        )
    paths: dict[Value, str] = {}
    for item in model.named_parameters():
        match item:
            case (str(path), Value() as parameter):
                paths.setdefault(parameter, path)
            case _:
                raise TypeError(
                    f"{caller}: model.named_parameters() must give pairs of a path and a Value,"
                    f" got {describe(item)}"
                )
    return paths


def steps(path: str) -> tuple[str, ...]:
    """The steps of a path.

    >>> steps("layers.0.neurons.2.weights.1")
    ('layers.0', 'neurons.2', 'weights.1')
    >>> steps("head.bias")
    ('head', 'bias')
    """
    found: list[str] = []
    for part in path.split("."):
        if part.isdecimal() and found:
            found[-1] += f".{part}"
        else:
            found.append(part)
    return tuple(found)


def box_of(path: str) -> Box:
    """The box that a parameter is in.

    >>> box_of("layers.0.neurons.2.bias")
    ('layers.0', 'neurons.2')
    """
    return steps(path)[:-1]


def title(box: Box) -> str:
    """The title of a box.

    >>> title(("layers.0", "neurons.2"))
    'layers.0.neurons.2'
    """
    return ".".join(box)


def common(boxes: Iterable[Box]) -> Box:
    """The innermost box around all of these.

    >>> common([("layers.0", "neurons.1"), ("layers.0", "neurons.2")])
    ('layers.0',)
    """
    levels = zip(*boxes, strict=False)
    return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels))


def pattern(paths: Iterable[str]) -> str:
    """One path for several: `*` stands for the parts in which they differ.

    >>> pattern(["layers.0.neurons.1.bias", "layers.0.neurons.2.bias"])
    'layers.0.neurons.*.bias'
    >>> pattern(["scale", "layers.0.bias"])
    ''
    """
    split = [path.split(".") for path in paths]
    if len({len(parts) for parts in split}) != 1:
        return ""
    return ".".join(parts[0] if len(set(parts)) == 1 else "*" for parts in zip(*split, strict=True))
