"""A function seen along one of its arguments: the calls that numerical derivatives are made of.

A function of structures becomes a function of one flat list of numbers (`Flat`), and that, with all
numbers but one held, a `Line`. Every call serves all outputs at once. Where the function is not
defined, the answer is `None` (it raised an error of arithmetic) or a number that is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from sys import float_info
from typing import Any

from autograd import tree
from autograd.errors import ARITHMETIC

EPSILON = float_info.epsilon
LAST_BITS = 8 * EPSILON  # of a value: what the rounding of a few operations may come to


class Flat:
    """A function of structures as a function of a flat list of numbers.

    Attributes:
        structure: the arguments, as floats.
        numbers: the arguments' numbers, in order.
        out: what the function returns at the arguments: a structure of floats.
        values: the numbers of that, in order.
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any]) -> None:
        self.f = f
        self.structure = tree.map_leaves(float, tuple(args), path="args")
        self.numbers: list[float] = tree.leaves(self.structure)
        self.out = tree.map_leaves(float, f(*self.structure), path="the result of the function")
        self.values: list[float] = tree.leaves(self.out)

    def __call__(self, numbers: Sequence[float]) -> list[float] | None:
        """The function's numbers at other arguments; `None` where it has no value."""
        try:
            result = self.f(*tree.rebuild(self.structure, iter(numbers)))
        except ARITHMETIC:
            return None
        return [float(y) for y in tree.leaves(result, path="the result of the function")]


class Line:
    """A function of several numbers, along one of them.

    Attributes:
        x: where the one number stands.
        here: the function's values there.
        noise: how far the values may be off by the rounding inside the function.
        name: what errors call the number.
    """

    def __init__(self, flat: Flat, i: int, noise: Sequence[float], name: str = "x") -> None:
        self.flat = flat
        self.i = i
        self.x = flat.numbers[i]
        self.here = flat.values
        self.noise = noise
        self.name = name

    def __call__(self, x: float) -> list[float] | None:
        """The values with the number moved to `x`; `None` where there are none."""
        numbers = list(self.flat.numbers)
        numbers[self.i] = x
        return self.flat(numbers)

    def exact_step(self, h: float) -> float:
        """A step near `h` that takes `x` up and down by just as much, without rounding.

        The sum with the larger size stands on the coarser grid of floats, so a step that it can
        take can be taken the other way too.

        >>> line = Line(Flat(lambda x: x, (1e8,)), 0, [0.0])
        >>> h = line.exact_step(1e-3)
        >>> (1e8 + h) - 1e8 == h == 1e8 - (1e8 - h)
        True
        """
        away = math.copysign(h, self.x)
        return abs((self.x + away) - self.x)

    def rounding(self, output: int, *values: float) -> float:
        """How far off the given values of an output may be, by the rounding inside the function."""
        return self.noise[output] + LAST_BITS * max(*map(abs, values), float_info.min)


def paths(structure: Any, root: str = "") -> list[str]:
    """How to reach each leaf of a nested structure, in order.

    >>> paths({"w": [1.0, 2.0], "b": 3.0})
    ["['w'][0]", "['w'][1]", "['b']"]
    """
    if isinstance(structure, dict):
        return [p for key, x in structure.items() for p in paths(x, f"{root}[{key!r}]")]
    if isinstance(structure, list | tuple):
        return [p for i, x in enumerate(structure) for p in paths(x, f"{root}[{i}]")]
    return [root]
