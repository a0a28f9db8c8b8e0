"""What the turns of loops compute in tests: operations, chosen by numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from autograd import exp, maximum, sin, tanh, where

BINARY: list[Callable[[Any, Any], Any]] = [
    operator.add,
    operator.sub,
    operator.mul,
    maximum,
    lambda a, b: where(a < b, a * 0.5, b),
    lambda a, b: a / (1.5 + b * b),
    lambda a, b: (1.5 + sin(a)) ** b,
    lambda a, b: 1.25 ** (a * b) + b**2,
]
UNARY: list[Callable[[Any], Any]] = [sin, tanh, operator.neg, lambda a: exp(-a * a), lambda a: a]

numbers = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))


def mixed(choices: list[int], given: list[Any], count: int) -> list[Any]:
    """So many numbers, each computed from those given, by operations that are chosen."""
    pool = list(given)
    for k in choices:
        a, b = pool[k % len(pool)], pool[k // 7 % len(pool)]
        f = UNARY[k // 49 % len(UNARY)]
        pool.append(f(BINARY[k // 343 % len(BINARY)](a, b)))
    return pool[-count:]
