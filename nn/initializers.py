"""Initialisers: a rule that draws one weight, and a generator of random numbers.

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
from nn.ranges import as_ranged

Initializer: TypeAlias = Callable[[random.Random, int, int], float]


def _spread(rng: random.Random, std: float) -> float:
    """A number drawn evenly from a range around 0, with that standard deviation."""
    limit = math.sqrt(3) * std
    return rng.uniform(-limit, limit)


def constant(number: float) -> Initializer:
    """The same number for all weights; nothing is drawn.

    Equal neurons have equal gradients and stay equal: use it where that is what you want to see.

    Args:
        number: the weight.

    Raises:
        ValueError: it is not finite.

    >>> constant(0.5)(random.Random(0), 2, 3)
    0.5
    """
    weight = as_ranged(number, "constant: number", "finite")
    return lambda rng, nin, nout: weight


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
    limit = as_ranged(limit, "uniform: limit", "positive and finite")
    return lambda rng, nin, nout: rng.uniform(-limit, limit)


def normal(std: float = 1.0) -> Initializer:
    """Normally distributed weights with mean 0.

    Args:
        std: their standard deviation.

    Raises:
        ValueError: the standard deviation is not positive and finite.

    >>> 0.0 < abs(normal(0.05)(random.Random(0), 2, 3)) < 0.2
    True
    """
    std = as_ranged(std, "normal: std", "positive and finite")
    return lambda rng, nin, nout: rng.gauss(0.0, std)


def xavier_uniform(gain: float = 1.0) -> Initializer:
    """Evenly spread weights with the variance `gain ** 2 * 2 / (nin + nout)`.

    With it, neither outputs nor gradients grow or shrink from layer to layer, on average, as long
    as the activation is close to linear: the choice for tanh, and also called Glorot's.

    Args:
        gain: what the activation asks for; 1 for a linear one, 5/3 is usual for tanh.

    Raises:
        ValueError: the gain is not positive and finite.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks" (2010), eq. 16: the limit is `sqrt(6 / (nin + nout))`.

    >>> draw = xavier_uniform()
    >>> -1.0 <= draw(random.Random(0), 2, 4) <= 1.0
    True
    """
    gain = as_ranged(gain, "xavier_uniform: gain", "positive and finite")
    return lambda rng, nin, nout: _spread(rng, gain * math.sqrt(2 / (nin + nout)))


def xavier_normal(gain: float = 1.0) -> Initializer:
    """Normally distributed weights with the variance `gain ** 2 * 2 / (nin + nout)`.

    Args:
        gain: as for `xavier_uniform`.

    Raises:
        ValueError: the gain is not positive and finite.

    Source: Glorot and Bengio (2010), eq. 12.

    >>> 0.2 < abs(xavier_normal()(random.Random(0), 3, 5)) < 0.5
    True
    """
    gain = as_ranged(gain, "xavier_normal: gain", "positive and finite")
    return lambda rng, nin, nout: rng.gauss(0.0, gain * math.sqrt(2 / (nin + nout)))


def he_uniform(gain: float = math.sqrt(2)) -> Initializer:
    """Evenly spread weights with the variance `gain ** 2 / nin`.

    With it, outputs keep their size from layer to layer under ReLU: the gain makes up for the half
    of the variance that ReLU loses. Also called Kaiming's.

    Args:
        gain: what the activation asks for; the square root of 2 for ReLU.

    Raises:
        ValueError: the gain is not positive and finite.

    Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers" (2015), eq. 10.

    >>> draw = he_uniform()
    >>> -1.0 <= draw(random.Random(0), 6, 4) <= 1.0
    True
    """
    gain = as_ranged(gain, "he_uniform: gain", "positive and finite")
    return lambda rng, nin, nout: _spread(rng, gain / math.sqrt(nin))


def he_normal(gain: float = math.sqrt(2)) -> Initializer:
    """Normally distributed weights with the variance `gain ** 2 / nin`.

    Args:
        gain: as for `he_uniform`.

    Raises:
        ValueError: the gain is not positive and finite.

    Source: He, Zhang, Ren and Sun (2015), eq. 10.

    >>> 0.2 < abs(he_normal()(random.Random(0), 8, 4)) < 0.5
    True
    """
    gain = as_ranged(gain, "he_normal: gain", "positive and finite")
    return lambda rng, nin, nout: rng.gauss(0.0, gain / math.sqrt(nin))


INITIALIZERS: dict[str, Initializer] = {
    "zeros": constant(0.0),
    "uniform": uniform(),
    "normal": normal(),
    "xavier_uniform": xavier_uniform(),
    "xavier_normal": xavier_normal(),
    "glorot_uniform": xavier_uniform(),
    "glorot_normal": xavier_normal(),
    "he_uniform": he_uniform(),
    "he_normal": he_normal(),
    "kaiming_uniform": he_uniform(),
    "kaiming_normal": he_normal(),
}


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
