"""A function along one of its arguments: the calls that numerical derivatives need.

A function of structures becomes a function of one flat list of numbers (`Flat`), and that, with all
numbers except one fixed, a `Line`. Every call gives all outputs at once. Where the function is not
defined, the result is `None` (it raised an error, or returned something that is not a real number)
or a number that is not finite.

A function is called with floats. One that takes Values only (`x.tanh()`) is called with Values, and
their numbers are read. A `BoundedLine` always calls with Values: the graphs bound the rounding
error of each number.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from autograd import tree
from autograd.definitions import Definition
from autograd.errors import ARITHMETIC, LeftGraphWarning
from autograd.testing.numerical.rounding import (
    has_fine_steps,
    is_bounded,
    running_errors,
    steps_below,
)
from autograd.value import Value

EPSILON = sys.float_info.epsilon
LAST_BITS = 8 * EPSILON  # relative: the rounding of a few operations

OUTSIDE = (ArithmeticError, ValueError, TypeError)
"""What a function may raise where it has no value. Python raises TypeError for a complex number (a
power of a negative one) where a real number is expected."""


class Flat:
    """A function of structures as a function of a flat list of numbers.

    Attributes:
        numbers: the arguments' numbers, in order, as floats.
        arguments: the tree definition of the tuple of arguments.
        values: the numbers of the result there, in order, as floats.
        results: the tree definition of the result.
        takes_values: whether the function is called with Values, since it does not take floats.
        failure: the last error of a call elsewhere, if there was one.

    Raises:
        ValueError: the function is complex at the arguments.
        TypeError: the arguments or the result hold something that is not a number.
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any]) -> None:
        self.function = f
        self.numbers, self.arguments = _flat(unwrapped(tuple(args)), "args")
        self.takes_values = False
        self.failure: Exception | None = None
        result = self._first_call()
        if any(isinstance(y, complex) for y in parts(result)):
            raise ValueError(
                f"the function is complex at the arguments, which are outside its domain: {result}"
            )
        self.values, self.results = _flat(result, "the result of the function")

    def f(self, *args: Any) -> Any:
        """The function, with a number wherever it returns an array without dimensions."""
        return unwrapped(self.function(*args))

    def at(self, numbers: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments with other numbers: a new structure for each call."""
        made: tuple[Any, ...] = tree.unflatten(self.arguments, numbers)
        return made

    def _first_call(self) -> Any:
        """What the function returns at the arguments, and whether it takes Values only."""
        try:
            return self.f(*self.at(self.numbers))
        except ARITHMETIC:
            raise
        except Exception:
            try:
                result = self.f(*self.at(list(map(Value, self.numbers))))
            except Exception:
                result = None
            if result is None:
                raise
            self.takes_values = True
            return result

    def __call__(self, numbers: Sequence[float]) -> list[float] | None:
        """The numbers of the result at other arguments; `None` where it has no value."""
        given = list(map(Value, numbers)) if self.takes_values else numbers
        try:
            with quiet():
                result = self.f(*self.at(given))
            if result.__class__ is float:  # most often
                values = [result]
            else:
                found = tree.leaves(result, path="the result of the function")
                values = [float(y) for y in found]
        except OUTSIDE as error:
            self.failure = error
            return None
        return values if len(values) == len(self.values) else None

    def traced(self, numbers: Sequence[float]) -> tuple[list[Any], list[Value]] | None:
        """The numbers that the function returns for Values, and these; `None` if it raises."""
        given = list(map(Value, numbers))
        try:
            with watching_graph():
                results = tree.leaves(self.f(*self.at(given)))
        except Exception:  # a function of floats may raise anything for a Value
            return None
        return (results, given) if len(results) == len(self.values) else None


def _flat(structure: Any, path: str) -> tuple[list[float], Definition]:
    return tree.flatten(tree.map_leaves(float, structure, path=path))


class Line:
    """A function of several numbers, along one of them.

    Attributes:
        x: the number that varies.
        here: the function's values there.
        noise: the rounding error that each value may have.
        name: the name of the number in errors.
        is_thorough: whether to spend calls on what rounding may hide.
    """

    is_bounded = False
    """Whether `rounding` is a bound, not an estimate from values."""

    def __init__(
        self,
        flat: Flat,
        i: int,
        noise: Sequence[float],
        name: str = "x",
        *,
        is_thorough: bool = False,
    ) -> None:
        self.is_thorough = is_thorough
        self.flat = flat
        self.i = i
        self.x = flat.numbers[i]
        self.here = flat.values
        self.noise = noise
        self.name = name

    def moved(self, x: float) -> list[float]:
        """All numbers, with the varying one at `x`."""
        numbers = list(self.flat.numbers)
        numbers[self.i] = x
        return numbers

    def __call__(self, x: float) -> list[float] | None:
        """The values with the number moved to `x`; `None` where they do not exist."""
        return self.flat(self.moved(x))

    def exact_step(self, h: float) -> float:
        """A step near `h` by which `x` can go up and down without rounding.

        Of `x + h` and `x - h`, the larger in size is on the coarser grid of floats; a step that is
        exact there is exact on the other side too.

        >>> line = Line(Flat(lambda x: x, (1e8,)), 0, [0.0])
        >>> h = line.exact_step(1e-3)
        >>> (1e8 + h) - 1e8 == h == 1e8 - (1e8 - h)
        True
        """
        away = math.copysign(h, self.x)
        return abs((self.x + away) - self.x)

    def rounding(self, output: int, h: float, *values: float) -> float:
        """The error that the values of an output at the point and a step away may have.

        Args:
            output: the index of the output.
            h: the step.
            values: its values there.
        """
        return self.noise[output] + LAST_BITS * max(*map(abs, values), sys.float_info.min)


class BoundedLine(Line):
    """A line by calls with Values, whose graphs bound the rounding inside the function.

    Attributes:
        has_graph: for each output whether it has a graph, and so a bound.
        is_certain: for each whether the bound covers its whole graph.
        has_fine_steps: for each whether it goes by steps too fine to be seen.

    Raises:
        ValueError: the function does not take Values, or does not return any.
    """

    is_bounded = True

    def __init__(self, flat: Flat, i: int, name: str = "x") -> None:
        super().__init__(flat, i, [0.0] * len(flat.values), name)
        self._bounds: dict[float, list[float]] = {}
        traced = flat.traced(flat.numbers)
        here = self(self.x)
        if traced is None or here is None:
            raise ValueError("the function does not run on Values")
        self.here = here
        self.has_graph = [isinstance(y, Value) for y in traced[0]]
        self.is_certain = [is_bounded(y) for y in traced[0]]
        self.has_fine_steps = [has_fine_steps(y) for y in traced[0]]

    def __call__(self, x: float) -> list[float] | None:
        """The values with the number moved to `x`; their bounds are stored."""
        traced = self.flat.traced(self.moved(x))
        if traced is None:
            return None
        self._bounds[x] = running_errors(traced[0])
        return [float(y) for y in traced[0]]

    def detail(self, output: int, x: float) -> tuple[float, list[int]] | None:
        """The engine's derivative with the number moved to `x`, and the steps it stands on."""
        traced = self.flat.traced(self.moved(x))
        if traced is None or not isinstance(traced[0][output], Value):
            return None
        try:
            traced[0][output].backward()
        except ARITHMETIC:
            return None
        return float(traced[1][self.i].grad), steps_below(traced[0][output])

    def rounding(self, output: int, h: float, *values: float) -> float:
        """The largest error that the values of an output at the point and a step away can have."""
        around = (self._bounds.get(x) for x in (self.x - h, self.x, self.x + h))
        return max(bounds[output] for bounds in around if bounds is not None)


def is_array(x: Any) -> bool:
    """Whether this is a NumPy array; NumPy is not imported for that.

    >>> is_array([1.0])
    False
    """
    return type(x).__module__ == "numpy" and hasattr(type(x), "__array_finalize__")


def unwrapped(structure: Any) -> Any:
    """A structure with numbers in place of arrays without dimensions."""
    if structure.__class__ is float or structure.__class__ is Value:  # most often
        return structure
    return tree.map_parts(lambda x: x[()] if is_array(x) and x.shape == () else x, structure)


def parts(structure: Any) -> list[Any]:
    """The leaves of a structure, numbers or not: `tree` does not take complex ones.

    >>> parts({"w": [1j, None], "b": 3.0})
    [1j, None, 3.0]
    """
    found: list[Any] = []
    tree.map_parts(lambda x: found.extend(x.ravel() if is_array(x) else [x]), structure)
    return found


@contextmanager
def watching_graph() -> Iterator[None]:
    """Within the block a number that leaves the graph raises, and there are no warnings."""
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", LeftGraphWarning)
        yield


def quiet() -> AbstractContextManager[None]:
    """Within the block NumPy does not warn of NaN and infinity, which steps may reach."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return nullcontext()
    block: AbstractContextManager[None] = numpy.errstate(all="ignore")
    return block
