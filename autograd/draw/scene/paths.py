"""Paths of parameters, as `layers.0.neurons.2.weights.1`, and the boxes that they name.

A step of a path is a name with the index that follows it, if any: `layers.0`, `bias`. The last step
is the parameter in its box; all steps before it are nested boxes. `Names` has the paths of a graph,
and what was recorded of its scopes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby, takewhile
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from autograd.number import describe
from autograd.scopes import Scope, is_module
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
    if isinstance(model, type):
        raise TypeError(
            f"{caller}: expected a model, got the class {model.__name__} itself:"
            f" write model = {model.__name__}(...) and model=model"
        )
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


class Names(NamedTuple):
    """What the parts of a graph are called.

    Attributes:
        paths: the path of each parameter.
        scopes: the scope that each result was computed in, where that was recorded.
        titles: the title of each module's box, by the module's `id`; that of the model is empty.
    """

    paths: Mapping[Value, str] = MappingProxyType({})
    scopes: Mapping[Value, Scope] = MappingProxyType({})
    titles: Mapping[int, str] = MappingProxyType({})

    @staticmethod
    def of(model: Any, scopes: Mapping[Value, Scope], caller: str) -> Names:
        """The names in a model, and in the modules that were called beside it.

        Without a model, one module that calls all others is the model.

        Raises:
            TypeError: the model has no method `named_parameters`, as for `parameter_paths`.
        """
        roots = [] if model is None else [model]
        known = {inner for root in roots for inner, _ in modules_in(root, "")}
        for innermost in dict.fromkeys(scopes.values()):
            for module in reversed([scope.module for scope in innermost.outward()]):
                if module is not None and id(module) not in known:
                    roots.append(module)
                    known.update(inner for inner, _ in modules_in(module, ""))
        names = [""] if model is not None or len(roots) == 1 else []
        classes = [type(root).__name__ for root in roots[len(names) :]]
        for n, name in enumerate(classes):
            number = f" {classes[: n + 1].count(name)}" if classes.count(name) > 1 else ""
            names.append(f"{name}{number}")
        paths: dict[Value, str] = {}
        titles: dict[int, str] = {}
        for root, name in zip(roots, names, strict=True):
            for parameter, path in parameter_paths(root, caller).items():
                paths.setdefault(parameter, f"{name}.{path}" if name else path)
            found = list(modules_in(root, name))
            if found[:1] == found and _calls(root, scopes) > 1:
                titles[id(root)] = name or type(root).__name__
            for inner, title in found:
                titles.setdefault(inner, title)
        return Names(paths, scopes, titles)


NO_NAMES = Names()


def _calls(module: Any, scopes: Mapping[Value, Scope]) -> int:
    """How many calls of a module have left a Value."""
    known = {around for scope in set(scopes.values()) for around in scope.outward()}
    return sum(scope.module is module for scope in known)


def modules_in(x: Any, path: str) -> Iterator[tuple[int, str]]:
    """The `id` and the path of a module and of each one in its attributes, and in lists there.

    >>> class Line:
    ...     def named_parameters(self): return []
    >>> class Two(Line):
    ...     def __init__(self): self.lines = [Line(), Line()]
    >>> [path for _, path in modules_in(Two(), "")]
    ['', 'lines.0', 'lines.1']
    """
    waiting = [(x, path)]
    seen: set[int] = set()
    while waiting:
        x, path = waiting.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        items: Iterable[tuple[Any, Any]] = ()
        if is_module(x):
            yield id(x), path
            items = getattr(x, "__dict__", {}).items()
        elif isinstance(x, dict):
            items = x.items()
        elif isinstance(x, list | tuple):
            items = enumerate(x)
        inside = [(item, f"{path}.{key}" if path else str(key)) for key, item in items]
        waiting += reversed(inside)


@cache
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


def without_digits(name: str) -> str:
    """A name without its digits: `h1` and `h2` are the same in a loop.

    >>> without_digits("h12")
    'h'
    """
    return "".join(c for c in name if not c.isdigit()) or name


def common_name(names: Collection[str]) -> str:
    """One name for several that differ in their digits only: without those that differ.

    It is empty if they differ in more.

    >>> common_name(["h1_2", "h1_3"]), common_name(["h1"]), common_name(["h1", "v1"])
    ('h1_', 'h1', '')
    """
    if len(set(names)) < 2:
        return next(iter(names), "")
    if len(set(map(without_digits, names))) > 1:
        return ""
    split = [["".join(run) for _, run in groupby(name, str.isdigit)] for name in names]
    if len(set(map(len, split))) == 1:
        parts = [run[0] for run in zip(*split, strict=True) if len(set(run)) == 1]
        if parts and not all(map(str.isdigit, parts)):
            return "".join(parts)
    found = without_digits(next(iter(names)))
    return "" if found.isdigit() else found
