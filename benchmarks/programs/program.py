"""What a program is, and its numbers as lists: arguments as given, derivatives as compared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from benchmarks.programs.data import Problem

ARRAYS_FROM = 60
"""Arguments of more numbers than this are given as arrays, where they are rectangular."""


@dataclass(frozen=True, eq=False)
class Program:
    """A function of single numbers, and which of its derivatives are wanted where.

    Attributes:
        name: its key, in filters and in the JSON file.
        title: what it is called in the report.
        function: the function, with this project's functions of one number.
        make: the problem, by size.
        size: what is measured.
        small: what is tested.
        wrt: the arguments that are differentiated.
        derivative: `value_and_grad`, `jacobian` or `hessian`.
        without: peers that do not do it, each with the reason.
    """

    name: str
    title: str
    function: Callable[..., Any]
    make: Callable[[int], Problem]
    size: int
    small: int
    wrt: int | tuple[int, ...] = 0
    derivative: str = "value_and_grad"
    without: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """The last part of the module's name and the function's: where peers have it, too."""
        return self.function.__module__.rpartition(".")[2], self.function.__name__

    @property
    def wanted(self) -> tuple[int, ...]:
        """The arguments that are differentiated, also where there is one."""
        return (self.wrt,) if isinstance(self.wrt, int) else self.wrt


def fixed(function: Callable[..., Any], settings: dict[str, Any]) -> Callable[..., Any]:
    """The function of the arguments alone."""
    return (lambda *arguments: function(*arguments, **settings)) if settings else function


def rebound(
    function: Callable[..., Any],
    names: dict[str, Any],
    wrap: Callable[[Any], Any] = lambda function: function,
) -> Any:
    """A function and all others of its module, with other meanings for global names.

    Args:
        function: a function of a module.
        names: what global names are to mean to it and to the others.
        wrap: what is made of each function.

    >>> from benchmarks.programs import finance
    >>> rebound(finance.black_scholes, {"sqrt": lambda x: 1 / 0})([100, 0.03, 0.2, 1.0, 95])
    Traceback (most recent call last):
    ZeroDivisionError: division by zero
    """
    own = {
        name: part
        for name, part in function.__globals__.items()
        if inspect.isfunction(part) and part.__module__ == function.__module__
    }
    space = {**function.__globals__, **names}
    for name, part in own.items():
        again = FunctionType(part.__code__, space, name, part.__defaults__, part.__closure__)
        space[name] = wrap(again)
    return space[function.__name__]


def numbers(x: Any) -> Iterator[float]:
    """The numbers of nested structures and arrays, in order."""
    if hasattr(x, "tolist"):
        x = x.tolist()
    if isinstance(x, list | tuple):
        for part in x:
            yield from numbers(part)
    else:
        yield float(x)


def moved(x: Any, turn: Callable[[], float]) -> Any:
    """The same structure with each number a little off: by 0.4 % and 0.0005 times a turn."""
    if isinstance(x, list | tuple):
        return [moved(part, turn) for part in x]
    by = turn()
    return x * (1 + 0.004 * by) + 0.0005 * by


def as_given(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments as users have them: arrays, where there is much of it."""
    import numpy as np

    if len([*numbers(arguments)]) <= ARRAYS_FROM:
        return arguments
    return tuple(np.array(x) if isinstance(x, list) else x for x in arguments)
