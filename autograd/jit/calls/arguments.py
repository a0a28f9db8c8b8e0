"""What the structure of arguments tells: their names, the objects in them, what occurs twice."""

from __future__ import annotations

import inspect
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.containers import CONTAINERS, container_of
from autograd.definitions import FIXED, INTEGER, VECTORS, Definition, is_array, kinds
from autograd.jit.calls.leaves import PLAIN
from autograd.jit.calls.libraries import is_library
from autograd.jit.calls.plain import is_plain
from autograd.modes import current_tape
from autograd.value import Value


def named_arguments(f: Callable[..., Any], description: Any) -> list[tuple[str, Any]]:
    """The tree definition of each argument, with its name.

    >>> from autograd.jit.calls.leaves import ARGUMENTS
    >>> named_arguments(lambda x, y: x, ARGUMENTS.define_call(([1.0, 2.0], 3.0), {}, []))
    [('x', ('floats', 2)), ('y', 'number')]
    """
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


def objects_in(definition: Definition, path: str) -> Iterator[tuple[str, Any]]:
    """The objects in a structure that code may ask for more than numbers, with their paths.

    These are the objects that are not numbers, the classes of containers with what makes them, and
    keys of a user's classes.
    """
    if definition.__class__ is str or definition[0] in (*VECTORS, "numbers"):
        return
    kind, static, *parts = definition
    if kind in FIXED:
        yield path, static.thing
        return
    container = CONTAINERS[kind]
    own: list[Any] = [kind] if isinstance(kind, type) and not is_library(kind) else []
    if container.is_registered:
        own += [container.make, *(key.thing for key in static)]
    elif kind is defaultdict:
        own.append(static[0])
    keys = static[1] if kind is defaultdict else static if kind in (dict, OrderedDict) else ()
    yield from ((path, x) for x in (*own, *(key for key in keys if not is_plain(key))))
    for step, part in zip(container.steps(static, len(parts)), parts, strict=True):
        yield from objects_in(part, path + step)


def repeats(x: Any, met: set[int], containers: bool) -> bool:
    """Whether a Value, or a container too, occurs twice in a structure, or has been met before.

    >>> row = [1.0, 2.0]
    >>> repeats([row, row], set(), containers=True), repeats([row, row], set(), containers=False)
    (True, False)
    """
    kind = type(x)
    container = container_of(kind)
    if kind is Value or (containers and (container is not None or is_array(x))):
        if id(x) in met:
            return True
        met.add(id(x))
    if container is not None:
        items = container.take(x)[0]
    elif is_array(x) and x.dtype.kind == "O":
        items = x.ravel().tolist()
    else:
        return False
    return not {*map(type, items)} <= PLAIN and any(repeats(y, met, containers) for y in items)


def mark_integers(definition: Definition, leaves: Sequence[Any]) -> None:
    """Record on the tape which leaves of traced arguments stand for integers."""
    tape = current_tape()
    if tape is not None:
        found = zip(leaves, kinds(definition), strict=True)
        tape.integers |= {leaf for leaf, kind in found if kind == INTEGER}
