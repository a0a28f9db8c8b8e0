"""Whether a function draws random numbers: those of one call must not become constants.

The state of every generator that it may use is compared before and after.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from typing import Any


class Randomness:
    """The state of all sources of random numbers that a function may draw from.

    Args:
        generators: those besides the ones of the modules `random` and `numpy.random`.

    >>> found = Randomness([])
    >>> _ = random.random()
    >>> found.has_moved()
    True
    """

    def __init__(self, generators: Iterable[Any]) -> None:
        numpy = sys.modules.get("numpy.random")
        is_loaded = hasattr(numpy, "get_state")  # another thread may be using it
        self._sources = [random, *([numpy] if is_loaded else []), *generators]
        self._states = [_state(source) for source in self._sources]

    def has_moved(self) -> bool:
        """Whether one has been drawn from."""
        return any(
            _comparable(_state(source)) != _comparable(state)
            for source, state in zip(self._sources, self._states, strict=True)
        )

    def restore(self) -> None:
        """Restore the state of all generators."""
        for source, state in zip(self._sources, self._states, strict=True):
            for name in ("setstate", "set_state"):
                if hasattr(source, name):
                    getattr(source, name)(state)
                    break
            else:
                getattr(source, "bit_generator", source).state = state


def _state(source: Any) -> Any:
    for name in ("getstate", "get_state"):
        if hasattr(source, name):
            return getattr(source, name)()
    return getattr(source, "bit_generator", source).state


def _comparable(state: Any) -> Any:
    """A state as something that `==` compares: arrays as lists, what is unknown as text."""
    if isinstance(state, int | str):
        return state
    if isinstance(state, list | tuple):
        return [*map(_comparable, state)]
    if isinstance(state, dict):
        return {key: _comparable(x) for key, x in state.items()}
    return state.tolist() if hasattr(state, "tolist") else repr(state)
