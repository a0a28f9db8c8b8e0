"""The names of inputs, as in the function: `x[0]` or `model.layers.0.neurons.1.bias`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import FunctionType, MethodType
from typing import Any

from autograd.jit.calls.leaves import objects_in
from autograd.jit.calls.named import globals_of, is_library, wrapped_in
from autograd.jit.calls.watched_objects import dictionary, has_parameters
from autograd.tree import paths
from autograd.value import Value


def _named_arguments(f: Callable[..., Any], description: Any) -> list[tuple[str, Any]]:
    """The tree definition of each argument, with its name."""
    _, _, (_, _, *positional), (_, keys, *keyword) = description
    names: list[str] = []
    try:
        for parameter in inspect.signature(f).parameters.values():
            if parameter.kind is parameter.VAR_POSITIONAL:
                names += [f"{parameter.name}[{i}]" for i in range(len(positional) - len(names))]
            elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
                names.append(parameter.name)
    except Exception:  # a function that does not say, or an object that says something odd
        pass
    names += [f"argument[{i}]" for i in range(len(names), len(positional))]
    return [*zip(names, positional, strict=False), *zip(keys, keyword, strict=True)]


def argument_names(f: Callable[..., Any], description: Any) -> list[str]:
    """The name of each number among the arguments.

    >>> from autograd.jit.calls.leaves import ARGUMENTS
    >>> argument_names(lambda x, y: x, ARGUMENTS.define_call(([1.0, 2.0], 3.0), {}, []))
    ['x[0]', 'x[1]', 'y']
    """
    return [path for name, part in _named_arguments(f, description) for path in paths(part, name)]


def parameter_names(f: Callable[..., Any], description: Any) -> dict[int, str]:
    """The names of the parameters that can be reached from a function, by their `id`."""
    things = [
        found for name, part in _named_arguments(f, description) for found in objects_in(part, name)
    ]
    things += _surroundings(f)
    return {id(p): name for base, thing in reversed(things) for name, p in _values(base, thing)}


def _surroundings(f: Any) -> list[tuple[str, Any]]:
    """The captured objects of a function, by name."""
    function = f.__func__ if type(f) is MethodType else f
    found = [("self", f.__self__)] if function is not f else []
    while (inner := wrapped_in(function)) is not None:
        function = inner
    if has_parameters(function):
        found.append(("self", function))
    if type(function) is FunctionType:
        code = function.__code__
        cells = zip(code.co_freevars, function.__closure__ or (), strict=False)
        found += [(name, cell.cell_contents) for name, cell in cells if _is_filled(cell)]
        outside = function.__globals__
        found += [(name, outside[name]) for name in sorted(globals_of(code)) if name in outside]
    return found


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - looking raises if there is nothing
    except ValueError:
        return False
    return True


def _values(name: str, thing: Any, seen: set[int] | None = None) -> Iterator[tuple[str, Value]]:
    """The Values in a module, list, dict or other object, with the path of each."""
    seen = set() if seen is None else seen
    if type(thing) is Value:
        yield name, thing
        return
    if id(thing) in seen:
        return
    seen.add(id(thing))
    kind = type(thing)  # what an object says of itself is its own affair
    if has_parameters(thing) and is_library(kind.named_parameters):
        for path, parameter in thing.named_parameters():
            yield f"{name}.{path}", parameter
    elif issubclass(kind, list | tuple):
        items = list.__iter__(thing) if issubclass(kind, list) else tuple.__iter__(thing)
        for i, item in enumerate(items):
            yield from _values(f"{name}[{i}]", item, seen)
    elif issubclass(kind, dict):
        for key, item in dict.items(thing):
            if type(key) in (str, int):
                yield from _values(f"{name}[{key!r}]", item, seen)
    elif not is_library(kind):
        for key, item in (dictionary(thing) or {}).items():
            yield from _values(f"{name}.{key}", item, seen)
