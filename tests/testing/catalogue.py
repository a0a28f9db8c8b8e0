"""Functions and points at which numerical derivatives are held to the truth.

Each function is written once, over a module of functions: `math` gives its float values, rounding
and all, and `mpmath` the mathematical function, which is what the truth is the derivative of.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Formula = Callable[[Any, Any], Any]


class Case(NamedTuple):
    """A function of the catalogue.

    Attributes:
        formula: the function of a number and a module.
        length: over what distance from a point it changes its character: the size of its waves, how
            far a pole or a corner is away; `None` for functions that are not smooth.
        is_hopeless: at which points no values tell the truth, one of the `LIMITS` below.
    """

    formula: Formula
    length: Callable[[float], float] | None = None
    is_hopeless: Callable[[float], bool] = lambda x: False


# The limits of differences. Each is a rule with a reason, and holds for a few functions.


def wider_steps(width: Callable[[float], float]) -> Callable[[float], bool]:
    """Rounding makes steps (or teeth) wider than a thousandth of the larger of 1 and `|x|`.

    Over that width the values are those of another function, such as a constant.
    """
    return lambda x: width(x) > 2.0**-11 * max(1.0, abs(x))


def finer_steps(width: float) -> Callable[[float], bool]:
    """The function has steps, of no more than 2 ** 13 spacings of the floats there.

    No rounding of less than 13 bits is told from noise.
    """
    return lambda x: width <= 2**13 * math.ulp(x)


def drowned(offset: float) -> Callable[[float], bool]:
    """The last 3 bits of the values are as large as a hundredth of its changes."""
    return lambda x: 8 * math.ulp(offset) > 0.01


def small(limit: float) -> Callable[[float], bool]:
    """The point is close to 0, and rounding is larger a step away, where the values are large.

    Noise is measured at the point, and spreads over the steps from there.
    """
    return lambda x: abs(x) < limit


def small_or_turning(x: float) -> bool:
    """A sine in single precision, close to 0 (see `small`) or to where it turns.

    There its steps are wide, and when they are taken from something, the teeth are curved: they
    break off no faster than the function turns away.
    """
    return abs(x) < 1e-5 or abs(math.cos(x)) < 1e-2


def _single(x: Any, m: Any) -> Any:
    """The number in single precision; mathematically, the number."""
    return struct.unpack("f", struct.pack("f", x))[0] if m is math else x


def _of(length: float) -> Callable[[float], float]:
    return lambda x: length


def _own(x: float) -> float:
    return abs(x)


def _wide(x: float) -> float:
    return max(1.0, abs(x))


def _waves() -> Iterator[tuple[str, Case]]:
    for exponent in range(7):
        w = 10.0**exponent
        yield f"sin 1e{exponent} x", Case(lambda x, m, w=w: m.sin(w * x), _of(1 / w))
        yield f"cos 1e{exponent} x + x", Case(lambda x, m, w=w: m.cos(w * x) + x, _of(1 / w))


def _offsets() -> Iterator[tuple[str, Case]]:
    for exponent in range(6, 16):
        c = 10.0**exponent
        name, q = f"1e{exponent}", math.ulp(c)
        wide = wider_steps(_of(q))
        sloping = wider_steps(lambda x, q=q: q / max(abs(math.cos(x)), 1e-300))
        yield f"sin + {name}", Case(lambda x, m, c=c: m.sin(x) + c, _of(1.0), drowned(c))
        yield f"square + {name}", Case(lambda x, m, c=c: x * x + c, _wide)
        yield f"(x + {name}) - {name}", Case(lambda x, m, c=c: (x + c) - c, None, wide)
        yield f"(sin + {name}) - {name}", Case(lambda x, m, c=c: (m.sin(x) + c) - c, None, sloping)
        yield f"sawtooth {name}", Case(lambda x, m, c=c: (x + c) - c - x, None, wide)
        yield (
            f"tilted sawtooth {name}",
            Case(lambda x, m, c=c: (x + c) - c - x + 1e-3 * x, None, wide),
        )
        yield f"exp of stairs {name}", Case(lambda x, m, c=c: m.exp(-abs((x + c) - c)), None, wide)


def _scales() -> Iterator[tuple[str, Case]]:
    for exponent in (-300, -100, -12, 12, 100, 290):
        c = 10.0**exponent
        yield f"1e{exponent} sin", Case(lambda x, m, c=c: c * m.sin(x), _of(1.0))
        yield f"1e{exponent} / (1 + x^2)", Case(lambda x, m, c=c: c / (1 + x * x), _wide)


def _sum(x: Any, m: Any) -> Any:
    total = x * 0
    for i in range(1, 1001):
        total = total + m.sin(x * (i / 1000)) / i
    return total


def _alternating(x: Any, m: Any) -> Any:
    total = x * 0
    for i in range(1, 1001):
        total = total + (-1) ** i * m.cos(x / i)
    return total


CATALOGUE: dict[str, Case] = {
    "constant": Case(lambda x, m: x * 0 + 3.7, _wide),
    "identity": Case(lambda x, m: x, _wide),
    "line": Case(lambda x, m: 3.7 * x - 1.1, _wide),
    "square": Case(lambda x, m: x * x, _wide),
    "cubic": Case(lambda x, m: x**3 - 2 * x + 1, _wide),
    "degree 9": Case(lambda x, m: x**9 - 5 * x**4 + x, _wide),
    "shifted square": Case(lambda x, m: (x - 0.3) ** 2, _wide),
    "exp": Case(lambda x, m: m.exp(x), _of(1.0)),
    "exp of -x": Case(lambda x, m: m.exp(-x), _of(1.0)),
    "exp - 1": Case(lambda x, m: m.exp(x) - 1, _of(1.0)),
    "log": Case(lambda x, m: m.log(x), _own),
    "log of 1 + x^2": Case(lambda x, m: m.log(1 + x * x), _wide),
    "x log x": Case(lambda x, m: x * m.log(x), _own),
    "1 / x": Case(lambda x, m: 1 / x, _own),
    "1 / x^2": Case(lambda x, m: 1 / (x * x), _own),
    "1 / x + 1": Case(lambda x, m: 1 / x + 1, _own),
    "sqrt": Case(lambda x, m: m.sqrt(x), _own),
    "x sqrt x": Case(lambda x, m: x * m.sqrt(x), _own),
    "sqrt of 1 + x^2": Case(lambda x, m: m.sqrt(1 + x * x), _wide),
    "tanh": Case(lambda x, m: m.tanh(x), _of(1.0)),
    "sigmoid": Case(lambda x, m: 1 / (1 + m.exp(-x)), _of(1.0)),
    "softplus": Case(lambda x, m: m.log1p(m.exp(x)), _of(1.0)),
    "softplus, naively": Case(
        lambda x, m: m.log(1 + m.exp(x)),
        None,
        wider_steps(lambda x: 2.2e-16 * math.exp(min(-x, 700))),
    ),
    "bell": Case(lambda x, m: m.exp(-x * x), _of(1.0)),
    "narrow bell": Case(lambda x, m: m.exp(-1e8 * x * x), lambda x: max(1e-4, abs(x))),
    "Runge": Case(lambda x, m: 1 / (1 + 25 * x * x), lambda x: max(0.2, abs(x))),
    "1 - cos": Case(lambda x, m: 1 - m.cos(x), _of(1.0)),
    "tan": Case(lambda x, m: m.tan(x), lambda x: abs(math.cos(x))),
    "sin of 1 / x": Case(lambda x, m: m.sin(1 / x), lambda x: min(abs(x), x * x)),
    "steep arctan": Case(lambda x, m: m.atan(1e6 * x), lambda x: max(1e-6, abs(x))),
    "abs": Case(lambda x, m: abs(x), _own),
    "relu": Case(lambda x, m: max(x, x * 0), _own),
    "leaky relu + square": Case(lambda x, m: max(x, 0.01 * x) + x * x, _own),
    "relu of sin": Case(lambda x, m: max(m.sin(x), x * 0)),
    "clamp": Case(lambda x, m: min(max(x, -1.0), 1.0) + x * 0),
    "floor": Case(lambda x, m: m.floor(x) + x * 0, None, finer_steps(1.0)),
    "floor of 100 x": Case(lambda x, m: m.floor(100 * x) / 100 + x * 0, None, finer_steps(0.01)),
    "fraction": Case(lambda x, m: x - m.floor(x), None, finer_steps(1.0)),
    "floor + sin": Case(lambda x, m: m.floor(x) + m.sin(x), None, finer_steps(1.0)),
    "sin of floor": Case(lambda x, m: m.sin(m.floor(x)) + x * 0, None, finer_steps(1.0)),
    "sign": Case(lambda x, m: x * 0 + (x > 0)),
    "single sin": Case(lambda x, m: _single(m.sin(x), m), None, small_or_turning),
    "sin of single": Case(lambda x, m: m.sin(_single(x, m)), None, small_or_turning),
    "single in between": Case(
        lambda x, m: _single(m.sin(x), m) * m.exp(-x * x) + x, None, small_or_turning
    ),
    "single error": Case(
        lambda x, m: _single(m.sin(x), m) - m.sin(x) + 1e-3 * m.sin(x), None, small_or_turning
    ),
    "slow part rounded": Case(lambda x, m: (1000 + 1e-6 * x) - 1000 + x, None, small(1.0)),
    "sum of 1000": Case(_sum, _of(1.0)),
    "alternating sum of 1000": Case(_alternating),
    **dict(_waves()),
    **dict(_offsets()),
    **dict(_scales()),
}


def is_well_behaved(case: Case, x: float, slope: float) -> bool:
    """Whether nothing stands in the way of a precise derivative.

    The function is smooth over a length that is not tiny beside the point, its derivative is no
    tiny part of its values over the widest step, and the floats do not end nearby.
    """
    scale = max(1.0, abs(x))
    if case.length is None or case.is_hopeless(x) or not 1e-290 < abs(slope) < 1e290:
        return False
    around = [abs(value(case, x + k * scale / 4)) for k in (-1, 0, 1)]
    size = max(y for y in around if not math.isnan(y))
    return case.length(x) >= 1e-4 * scale and size <= 1e3 * abs(slope) * case.length(x)


def points(rng: random.Random, count: int) -> list[float]:
    """0, 1, and points of every size from 1e-12 to 1e12 and either sign, some of them round."""
    found = [0.0, 1.0, rng.choice((1e-8, -1e-8))]
    for _ in range(count):
        size = 10.0 ** rng.uniform(-12, 12)
        if rng.random() < 0.2:
            size = float(f"{size:.0e}")
        found.append(rng.choice((-1.0, 1.0)) * size)
    return found + [rng.uniform(-3, 3) for _ in range(count)]


def value(case: Case, x: float) -> float:
    """The function in floats; NaN where it has no finite value."""
    try:
        y = float(case.formula(x, math))
    except (ArithmeticError, ValueError):
        return math.nan
    return y if math.isfinite(y) else math.nan


def truth(case: Case, x: float) -> float:
    """The derivative of the mathematical function, by mpmath at 50 digits and more; NaN at ends."""
    import mpmath

    with mpmath.workdps(50):
        slope = mpmath.diff(lambda t: case.formula(t, mpmath), mpmath.mpf(x))
        return float(slope) if isinstance(slope, mpmath.mpf) else math.nan
