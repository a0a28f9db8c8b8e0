"""Where the numbers of a program are, while JAX traces: places in arrays.

JAX has no buffer to write to: each operation makes an array, and a number is a place in one of
them. Numbers that an operation reads are mostly a slice of one array.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import jax.numpy as jnp
import numpy as np

from autograd.jit.jax.slices import sliced


class Store:
    """The numbers of a program: arrays one after the other, each number at a place.

    Args:
        dtype: of all arrays.
        derives: whether operations have the derivatives of their rules.
        checks: whether to note where a number is not finite.
        around: whether the guards of what is around hold so far, in a list; nothing for yes.

    Attributes:
        holds: bools, whether guards hold.
        finite: numbers that might vanish where they are not finite.
    """

    def __init__(self, dtype: Any, derives: bool, checks: bool, around: Sequence[Any] = ()) -> None:
        self.dtype = dtype
        self.derives = derives
        self.checks = checks
        self.holds: list[Any] = []
        self.finite: list[Any] = []
        self._around = around
        self._arrays: list[Any] = []
        self._starts: list[int] = [0]

    def another(self, *around: Any) -> Store:
        """An empty store of the same kind, for the body of a loop.

        Args:
            around: whether all that came before holds, where that is not what holds here.
        """
        return Store(self.dtype, self.derives, self.checks, around or self.so_far())

    def add(self, array: Any) -> Any:
        """Keep an array; the places of its numbers, in its shape."""
        start = self._starts[-1]
        self._arrays.append(array.reshape(-1))
        self._starts.append(start + array.size)
        return np.arange(start, start + array.size).reshape(array.shape)

    def read(self, places: Any) -> Any:
        """The numbers at these places: an array of NumPy, if all are constants."""
        places = np.asarray(places)
        if not places.size:
            return np.zeros(places.shape)
        owners = np.searchsorted(self._starts, places, side="right") - 1
        first = int(owners.flat[0])
        if (owners == first).all():
            flat, index = self._arrays[first], places - self._starts[first]
        else:
            arrays = np.unique(owners)
            starts = np.zeros(arrays[-1] + 1, np.int64)
            sizes = [self._arrays[i].size for i in arrays]
            starts[arrays] = np.cumsum([0, *sizes[:-1]])
            pieces = [self._arrays[i] for i in arrays]
            index = places - np.asarray(self._starts)[owners] + starts[owners]
            if all(isinstance(x, np.ndarray) for x in pieces):
                flat = np.concatenate(pieces)
            else:
                flat = jnp.concatenate([jnp.asarray(x, self.dtype) for x in pieces])
        return flat[index] if isinstance(flat, np.ndarray) else sliced(flat, index)

    def array(self, places: Any) -> Any:
        """The same, an array of JAX in each case."""
        return jnp.asarray(self.read(places), self.dtype)

    def check(self, x: Any) -> None:
        """Note whether all of these numbers are finite."""
        if self.checks and not isinstance(x, np.ndarray | float):
            self.finite.append(x.reshape(-1))

    def all_hold(self) -> list[Any]:
        """Whether all guards hold, in a list; nothing where there is none."""
        return [reduce(jnp.logical_and, self.holds)] if self.holds else []

    def so_far(self) -> list[Any]:
        """The same, with the guards of what is around."""
        held = [*self._around, *self.holds]
        return [reduce(jnp.logical_and, held)] if held else []

    def all_finite(self) -> list[Any]:
        """Whether all that was noted is finite, in a list; nothing where there is none."""
        return [jnp.isfinite(jnp.concatenate(self.finite)).all()] if self.finite else []
