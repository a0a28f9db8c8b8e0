"""A function of two inputs at every place of a grid, as often as a training asks.

The function is mapped over the places and compiled, since a training asks for thousands of them in
each frame. What cannot be compiled is called place by place.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from autograd.modes import no_grad
from autograd.number import is_number
from autograd.value import Value

Row = Sequence[float]


class EveryPlace:
    """The numbers that a function gives at each place.

    Args:
        f: from a row of two numbers to numbers, as many for each row.
        places: the rows.
        width: how many numbers.

    >>> f = EveryPlace(lambda row: [row[0] + row[1], 1 / row[0]], [[0.0, 1.0], [2.0, 1.0]], 2)
    >>> f()
    [[nan, nan], [3.0, 0.5]]
    """

    def __init__(
        self, f: Callable[[Row], Sequence[Any]], places: Sequence[Row], width: int
    ) -> None:
        from autograd.jit import jit  # only a training whose plane is watched needs the compiler
        from autograd.mapping import vmap

        self._f = f
        self._places = places
        self._width = width
        self._mapped: Callable[[Any], Any] | None = jit(vmap(f), backend="python")
        self.failure: tuple[Row, Exception] | None = None

    def __call__(self) -> list[list[float]]:
        """What it gives now; NaN where it fails: other than in arithmetic, `failure` says how."""
        with no_grad():
            found = self._at_once()
            return [self._at(place) for place in self._places] if found is None else found

    def one_by_one(self) -> list[list[float]]:
        """The same by plain calls, from now on: what is compiled does something else."""
        self._mapped = None
        return self()

    def _at_once(self) -> list[list[float]] | None:
        if self._mapped is None:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # `jit` warns of what it cannot compile
            try:
                return [list(map(_number, row)) for row in self._mapped(self._places)]
            except ArithmeticError:  # somewhere; the others have numbers
                return None
            except Exception:
                self._mapped = None
                return None

    def _at(self, place: Row) -> list[float]:
        try:
            return list(map(_number, self._f(place)))
        except ArithmeticError:  # such as an overflow, in a training that diverges
            pass
        except Exception as error:  # only there: where it was asked in its epoch it had a number
            self.failure = self.failure or (place, error)
        return [math.nan] * self._width


def _number(x: Any) -> float:
    """The number of a result; NaN if it is none."""
    return x.data if isinstance(x, Value) else float(x) if is_number(x) else math.nan
