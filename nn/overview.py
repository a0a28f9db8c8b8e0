"""A table of where the parameters of a model are: one line for each layer."""

from __future__ import annotations

import math

from autograd.text import visible
from nn.layers import Layer
from nn.module import Module, named_modules


def summary(model: Module) -> str:
    """Describe a model as a table: the path of each layer, its kind, its shape, its parameters.

    A layer is a `Layer`, or a module without modules inside; other modules have a line for the
    parameters that are directly theirs. The shape `weights 3 x 2` means 3 neurons of 2 weights.

    Args:
        model: any Module.

    Raises:
        TypeError: it is not one.

    >>> from nn import MLP
    >>> print(summary(MLP(2, [3, 1])))
    path      kind   shape                  parameters
    layers.0  Layer  weights 3 x 2, bias 3           9
    layers.1  Layer  weights 1 x 3, bias 1           4
    total                                           13
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary: expected a Module, got {type(model).__name__}")
    modules = dict(named_modules(model, "", set()))
    groups: dict[str, list[str]] = {}
    for path, _ in model.named_parameters():
        owner = _owner(path, modules)
        groups.setdefault(owner, []).append(path[len(owner) + 1 :] if owner else path)
    lines: list[tuple[str, ...]] = [("path", "kind", "shape", "parameters")]
    for owner, paths in groups.items():
        kind = type(modules[owner]).__name__
        shown = (owner or "(itself)", kind, _shape(paths), str(len(paths)))
        lines.append(tuple(map(visible, shown)))
    total = sum(map(len, groups.values()))
    lines.append(("total", "", "", str(total)))
    widths = [max(len(line[i]) for line in lines) for i in range(4)]
    return "\n".join(
        f"{path:<{widths[0]}}  {kind:<{widths[1]}}  {shape:<{widths[2]}}  {count:>{widths[3]}}"
        for path, kind, shape, count in lines
    )


def _owner(path: str, modules: dict[str, Module]) -> str:
    """The path of the layer that a parameter belongs to: the outermost `Layer`, else the last."""
    parts = path.split(".")
    around = [p for i in range(len(parts)) if (p := ".".join(parts[:i])) in modules]
    layers = [p for p in around if isinstance(modules[p], Layer)]
    return layers[0] if layers else around[-1]


def _shape(paths: list[str]) -> str:
    """`weights.0`, `weights.1`, `bias` as `weights 2, bias`."""
    names: dict[str, list[list[str]]] = {}
    for path in paths:
        parts = path.split(".")
        name = ".".join(part for part in parts if not part.isdigit() and part != "neurons")
        names.setdefault(name, []).append([part for part in parts if part.isdigit()])
    shown = []
    for name, places in names.items():
        sizes = [len(set(at)) for at in zip(*places, strict=False)]
        if len({len(place) for place in places}) == 1 and math.prod(sizes) == len(places):
            size = " x ".join(map(str, sizes))
        else:  # rows of different lengths
            size = str(len(places))
        shown.append(f"{name} {size}".strip())
    return ", ".join(shown)
