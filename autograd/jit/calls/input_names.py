"""The names of arguments, as in the function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


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
