"""Where the first weights come from: a rule for one weight, and a generator of random numbers.

An initialiser is a function `(rng, nin, nout) -> float` that draws one weight of a layer with `nin`
inputs and `nout` outputs. It is called neuron by neuron, weight by weight.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from operator import index
from typing import TypeAlias

from autograd.number import describe

Initializer: TypeAlias = Callable[[random.Random, int, int], float]


def uniform(limit: float = 1.0) -> Initializer:
    """Weights spread evenly from `-limit` to `limit`.

    Args:
        limit: the largest absolute value a weight can have.

    Raises:
        ValueError: the limit is not positive and finite.

    >>> draw = uniform(0.5)
    >>> -0.5 <= draw(random.Random(0), 2, 3) <= 0.5
    True
    """
    if not 0 < limit < math.inf:
        raise ValueError(f"uniform: the limit must be positive and finite, got {limit!r}")
    return lambda rng, nin, nout: rng.uniform(-limit, limit)


INITIALIZERS: dict[str, Initializer] = {"uniform": uniform()}


def initializer(init: str | Initializer) -> Initializer:
    """The initialiser of that name, or the function itself.

    Raises:
        ValueError: there is no initialiser of that name.
        TypeError: neither a name nor a function was given.

    >>> initializer("uniform") is INITIALIZERS["uniform"]
    True
    """
    if isinstance(init, str):
        if init not in INITIALIZERS:
            raise ValueError(f"unknown init {init!r}: expected one of {', '.join(INITIALIZERS)}")
        return INITIALIZERS[init]
    if not callable(init):
        raise TypeError(f"init: expected a name or a function, got {describe(init)}")
    return init


def generator(rng: random.Random | int | None) -> random.Random:
    """The generator itself, a new one with that seed, or (`None`) the one of the module `random`.

    Raises:
        TypeError: something else was given.

    >>> generator(7).random() == random.Random(7).random()
    True
    """
    if rng is None:
        return random._inst  # what `random.seed` seeds and `random.uniform` draws from
    if isinstance(rng, random.Random):
        return rng
    try:
        return random.Random(index(rng))
    except TypeError:
        raise TypeError(
            f"rng: expected a random.Random, a seed or None, got {describe(rng)}"
        ) from None
