"""Where the accuracy of each primitive is measured: its whole domain, and the hard places in it.

A `Region` is the interval of one operand and its hard places. The points drawn from it are, in
turn: the hard places and their neighbours, numbers spread evenly over all exponents from the
smallest subnormal to the largest float, numbers around the hard places at distances spread over all
exponents, and numbers spread evenly over everyday ranges.

Points of several operands are drawn operand by operand, and from `JOINT` where a relation between
operands is hard: a sum that cancels, a power of a base next to 1.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count as counting
from sys import float_info

from autograd.primitives import TABLE

Point = tuple[float, ...]

TINY, HUGE = math.ulp(0.0), float_info.max
PLACES = (0.0, TINY, float_info.min, 1e-300, 1e-16, 2.0**-26, 0.5, 1.0, 2.0, 1e16, 1e300, HUGE)
EVERYDAY = (1.0, 5.0, 40.0, 800.0)


@dataclass(frozen=True)
class Region:
    """The numbers an operand may be.

    Attributes:
        low: the least of them.
        high: the greatest of them.
        places: hard places, besides `PLACES` of either sign and the two ends.
        whole: whether there are only whole numbers.
    """

    low: float = -HUGE
    high: float = HUGE
    places: tuple[float, ...] = ()
    whole: bool = False

    def __contains__(self, x: float) -> bool:
        return self.low <= x <= self.high and (not self.whole or x == math.floor(x))

    @property
    def hard(self) -> tuple[float, ...]:
        """All hard places."""
        everywhere = (*PLACES, *(-x for x in PLACES))
        return tuple(x for x in (self.low, self.high, *self.places, *everywhere) if x in self)

    def numbers(self, rng: random.Random) -> Iterator[float]:
        """Numbers of this region, an infinite iterator."""
        hard = self.hard
        first = [math.nextafter(x, to) for x in hard for to in (x, math.inf, -math.inf)]
        yield from rng.sample(first, len(first))  # each operand in another order
        while True:
            yield _spread(rng)
            near = rng.choice(hard)
            yield near * (1.0 + rng.choice((-1.0, 1.0)) * 2.0 ** rng.uniform(-53, 0))
            scale = rng.choice(EVERYDAY)
            yield rng.uniform(-scale, scale)
            if self.whole:
                yield float(rng.randint(-20, 20))
            elif self.high - self.low < math.inf:
                yield rng.uniform(self.low, self.high)


def _spread(rng: random.Random, decades: float | None = None) -> float:
    """A number of either sign, up to N decades above or below 1; by default, any float."""
    sign = rng.choice((-1.0, 1.0))
    if decades is None:
        return math.ldexp(sign * rng.uniform(0.5, 1.0), rng.randint(-1073, 1024))
    return sign * math.pow(10.0, rng.uniform(-decades, decades))


REAL = Region()
POSITIVE = Region(low=TINY)
TURNS = Region(places=tuple(k * math.pi / 4 for k in (1, 2, 3, 4, 6, 8, 22, 710)))
UNIT = Region(-1.0, 1.0)
TAILS = Region(places=(-745.13, -708.4, -37.5, -36.7, -30.0, -1.278464542761074, 709.78))
NORMAL_TAILS = Region(places=(-38.6, -37.6, -30.0, -26.5, -8.3, -0.7517915246935645, 8.3))
GAMMA = (0.5, 1.2, 1.4616321449683622, 2.0, 2.1, 2.5, 8.0, 12.0)
GAMMA_ZEROS = (-0.504083008264455, -1.573498473162390, -2.457024738220801, -3.143580888349980)
NORMAL_TAILS_TANH = Region(places=(-21.6, -21.0, -8.0, -0.7524614220710162, 8.0))

REGIONS: dict[str, tuple[Region, ...]] = {
    "pow_number": (POSITIVE, REAL),
    "number_pow": (POSITIVE, REAL),
    "exp": (Region(high=709.782712893384, places=(-745.13, -708.4)),),
    "exp2": (Region(high=math.nextafter(1024.0, 0.0), places=(-1074.0, -1022.0)),),
    "expm1": (Region(high=709.782712893384, places=(-37.4, -1.0)),),
    "sin": (TURNS,),
    "cos": (TURNS,),
    "tan": (TURNS,),
    "asin": (UNIT,),
    "acos": (UNIT,),
    "sinh": (Region(-710.4758600739439, 710.4758600739439),),
    "cosh": (Region(-710.4758600739439, 710.4758600739439),),
    "tanh": (Region(places=(-372.0, -354.0, -22.0, 19.0, 22.0, 354.0, 372.0)),),
    "acosh": (Region(low=1.0),),
    "erf": (Region(places=(-27.2, -26.5, -6.0, 6.0, 26.5, 27.2)),),
    "erfinv": (Region(-1.0 + 2.0**-53, 1.0 - 2.0**-53, (-0.85, 0.85)),),
    "log_ndtr": (NORMAL_TAILS,),
    "erfc": (Region(places=(-27.2, -6.0, 6.0, 26.5, 27.2)),),
    "sigmoid": (TAILS,),
    "gamma": (Region(low=1 / HUGE, high=171.6243769563027, places=GAMMA),),
    "lgamma": (Region(low=TINY, high=2.55e305, places=GAMMA),),
    "digamma": (Region(low=1 / HUGE, places=GAMMA),),
    "trigamma": (Region(low=1 / math.sqrt(HUGE), places=GAMMA),),
    "elu": (TAILS, REAL),
    "gelu": (NORMAL_TAILS,),
    "gelu_tanh": (NORMAL_TAILS_TANH,),
    "silu": (TAILS,),
    "softplus": (TAILS,),
}
"""The operands' regions, where they are not the domain, or have hard places."""

NONZERO = {"div": 1, "floordiv": 1, "mod": 1, "fmod": 1, "remainder": 1}
"""The index of the operand that must not be 0."""


def _base_near_one(rng: random.Random) -> Point:
    """A power that neither overflows nor vanishes, of a base next to 1."""
    base = 1.0 + rng.choice((-1.0, 0.5)) * 2.0 ** rng.uniform(-53, 0)
    base = base if 0.0 < base != 1.0 else 1.5
    return base, rng.uniform(-745, 709) / math.log(base)


def _any_power(rng: random.Random) -> Point:
    """A base of any size, and a power of it that is a float."""
    base = abs(_spread(rng))
    return base, rng.uniform(-745, 709) / (math.log(base) or 1.0)


def _whole_power(rng: random.Random) -> Point:
    """A small whole power of a number of either sign, where that is a float."""
    exponent = float(rng.randint(-9, 9))
    size = 300 / max(abs(exponent), 1.0)
    return rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-size, size), exponent


def _near_quotient(rng: random.Random) -> Point:
    """Two numbers of which the first is next to a multiple of the second."""
    divisor = rng.choice((-1.0, 1.0)) * math.exp(rng.uniform(-20, 20))
    return divisor * rng.randint(-1000, 1000), divisor


def _alike(rng: random.Random) -> Point:
    """Two numbers of any size, about equally large."""
    x = _spread(rng, 300.0)
    return x, _spread(rng, 2.0) * x


def _subnormal_quotient(rng: random.Random) -> Point:
    """A subnormal number and a divisor, with a subnormal quotient."""
    return math.ldexp(rng.uniform(0.5, 1.0), rng.randint(-1073, -1040)), 10.0 ** rng.uniform(-4, 4)


def _cancelling_terms(rng: random.Random) -> Point:
    """Numbers whose sum is much smaller than they are."""
    terms = [_spread(rng, rng.choice((1.0, 8.0, 150.0))) for _ in range(rng.randint(1, 7))]
    return *terms, -math.fsum(terms) * (1.0 + rng.choice((0.0, 2.0 ** rng.uniform(-53, 0))))


def _cancelling_products(rng: random.Random) -> Point:
    """Two rows whose inner product is much smaller than its terms."""
    terms = _cancelling_terms(rng)
    weights = [_spread(rng, 3.0) for _ in terms]
    return *(t / w for t, w in zip(terms, weights, strict=True)), *weights


def _factors(rng: random.Random) -> Point:
    """Up to eight numbers of any size, some of them 0."""
    decades = rng.choice((1.0, 37.0, 300.0))
    return tuple(
        0.0 if rng.random() < 0.05 else _spread(rng, decades) for _ in range(rng.randint(1, 8))
    )


def _terms(rng: random.Random) -> Point:
    """Up to eight numbers of any size."""
    decades = rng.choice((0.0, 1.0, 300.0, 308.2))
    return tuple(_spread(rng, decades) for _ in range(rng.randint(1, 8)))


def _logarithms(rng: random.Random) -> Point:
    """Logarithms of probabilities, whose logsumexp is about 0."""
    weights = [10.0 ** rng.uniform(-rng.choice((0, 3, 30)), 0) for _ in range(rng.randint(1, 8))]
    total = math.fsum(weights)
    return tuple(math.log(w / total) for w in weights)


def _far_apart(rng: random.Random) -> Point:
    """Numbers, some so far below the largest that they hardly count."""
    middle, width = rng.uniform(-1, 1) * rng.choice((0, 1, 1e3, 1e16)), rng.choice((1, 40, 800))
    return tuple(middle + rng.uniform(-width, width) for _ in range(rng.randint(1, 8)))


def _between_poles(rng: random.Random) -> Point:
    """A negative number that is not whole, or is where the digamma or `lgamma` is 0."""
    if rng.random() < 0.2:
        return (rng.choice(GAMMA_ZEROS) * (1.0 + 2.0 ** rng.uniform(-53, -10)),)
    away = rng.choice((-1.0, 1.0)) * 2.0 ** rng.uniform(-20, -1)
    return (away - rng.randint(1, rng.choice((3, 30, 160))),)


Draw = Callable[[random.Random], Point]

JOINT: dict[str, tuple[Draw, ...]] = {
    "div": (_alike, _subnormal_quotient),
    "floordiv": (_near_quotient, _alike),
    "mod": (_near_quotient, _alike),
    "pow": (_base_near_one, _any_power),
    "pow_number": (_base_near_one, _any_power, _whole_power),
    "number_pow": (_base_near_one, _any_power),
    "atan2": (_alike,),
    "hypot": (_alike,),
    **dict.fromkeys(("gamma", "lgamma", "digamma", "trigamma"), (_between_poles,)),
    "fmod": (_near_quotient, _alike),
    "remainder": (_near_quotient, _alike),
    "maximum": (lambda rng: (_spread(rng, 300.0),) * 2,),
    "minimum": (lambda rng: (_spread(rng, 300.0),) * 2,),
    "sum": (_cancelling_terms, _terms),
    "prod": (_factors,),
    "dot": (_cancelling_products, lambda rng: _terms(rng) * 2),
    "max": (_terms,),
    "min": (_terms,),
    "logsumexp": (_logarithms, _far_apart, _terms),
    "log_ndtr": (lambda rng: (rng.choice((36.99987608971378, rng.uniform(30.0, 38.0))),),),
}
"""Points of several operands that are hard together. They may be outside the `REGIONS`."""


def points(name: str, arity: int | None, count: int, seed: int = 0) -> Iterator[Point]:
    """Operands to measure a primitive at.

    Args:
        name: of the primitive. One without an entry here is measured in all of its domain.
        arity: how many operands it takes; `None` for any number.
        count: how many points.
        seed: of the random numbers. The same seed gives the same points.

    >>> at = list(points("tanh", 1, 100))
    >>> len(at), at == list(points("tanh", 1, 100)), at == list(points("tanh", 1, 100, seed=1))
    (100, True, False)
    """
    rng = random.Random(f"{name} {seed}")
    joint = JOINT.get(name, ())
    domain = TABLE[name].domain or ((-math.inf, math.inf),) * (arity or 0)
    regions = REGIONS.get(name) or [
        Region(math.nextafter(low, high), math.nextafter(high, low)) for low, high in domain
    ]
    streams = [region.numbers(rng) for region in regions]
    drawn = 0
    for turn in counting():
        if drawn == count:
            return
        if joint and (turn % 2 or not streams):
            point = joint[turn // 2 % len(joint)](rng)
        else:
            point = tuple(map(next, streams))
            if not all(x in region for x, region in zip(point, regions, strict=True)):
                continue
            if name in NONZERO and point[NONZERO[name]] == 0.0:
                continue
        drawn += 1
        yield tuple(x + 0.0 for x in point)  # mpmath knows no negative zero
