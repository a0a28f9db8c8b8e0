"""Where each built-in primitive may be tested: one entry for every entry of the primitives' table.

The test suite fails for a primitive without one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

Interval = tuple[float, float]


def nowhere(*operands: float) -> bool:
    """No point is near a corner.

    >>> nowhere(0.0)
    False
    """
    return False


@dataclass(frozen=True)
class Domain:
    """Where a primitive has a derivative, far enough from where it has none.

    Attributes:
        operands: an open interval for each operand; of a primitive that takes any number of
            operands, one for all of them.
        smooth: whether it has derivatives of every order there.
        near_corner: which points of these intervals to leave out.
        constant: the operand that is always a plain number, if there is one.
    """

    operands: tuple[Interval, ...]
    smooth: bool = True
    near_corner: Callable[..., bool] = nowhere
    constant: int | None = None


REAL = (-4.0, 4.0)
POSITIVE = (0.05, 8.0)
UNIT = (-0.95, 0.95)


def _near_zero(x: float, *others: float) -> bool:
    return abs(x) < 0.05


def _near_whole(x: float) -> bool:
    return abs(x - round(x)) < 0.05


def _near_pole_of_tan(x: float) -> bool:
    return abs(math.cos(x)) < 0.05


def _near_tie(*xs: float) -> bool:
    ordered = sorted(xs)
    return any(b - a < 0.05 for a, b in pairwise(ordered))


def _near_jump_of_quotient(a: float, b: float) -> bool:
    return abs(b) < 0.5 or _near_whole(a / b)


def _near_origin(x: float, y: float) -> bool:
    return math.hypot(x, y) < 0.1


DOMAINS: dict[str, Domain] = {
    # arithmetic
    "identity": Domain((REAL,)),
    "neg": Domain((REAL,)),
    "add": Domain((REAL, REAL)),
    "sub": Domain((REAL, REAL)),
    "mul": Domain((REAL, REAL)),
    "div": Domain((REAL, REAL), near_corner=lambda a, b: abs(b) < 0.1),
    "floordiv": Domain((REAL, REAL), smooth=False, near_corner=_near_jump_of_quotient),
    "mod": Domain((REAL, REAL), smooth=False, near_corner=_near_jump_of_quotient),
    "pow": Domain((POSITIVE, REAL)),
    "pow_number": Domain((POSITIVE, REAL), constant=1),
    "number_pow": Domain((POSITIVE, REAL), constant=0),
    # elementary
    "exp": Domain((REAL,)),
    "exp2": Domain((REAL,)),
    "expm1": Domain((REAL,)),
    "log": Domain((POSITIVE,)),
    "log2": Domain((POSITIVE,)),
    "log10": Domain((POSITIVE,)),
    "log1p": Domain(((-0.95, 8.0),)),
    "sqrt": Domain((POSITIVE,)),
    "cbrt": Domain((REAL,), near_corner=_near_zero),
    "sin": Domain((REAL,)),
    "cos": Domain((REAL,)),
    "tan": Domain((REAL,), near_corner=_near_pole_of_tan),
    "asin": Domain((UNIT,)),
    "acos": Domain((UNIT,)),
    "atan": Domain((REAL,)),
    "atan2": Domain((REAL, REAL), near_corner=lambda y, x: _near_origin(x, y) or x < 0.1 > abs(y)),
    "hypot": Domain((REAL, REAL), near_corner=_near_origin),
    "sinh": Domain((REAL,)),
    "cosh": Domain((REAL,)),
    "tanh": Domain((REAL,)),
    "asinh": Domain((REAL,)),
    "acosh": Domain(((1.05, 8.0),)),
    "atanh": Domain((UNIT,)),
    "erf": Domain((REAL,)),
    "erfc": Domain((REAL,)),
    "degrees": Domain((REAL,)),
    "radians": Domain((REAL,)),
    "sigmoid": Domain((REAL,)),
    # piecewise
    "sign": Domain((REAL,), smooth=False, near_corner=_near_zero),
    "abs": Domain((REAL,), smooth=False, near_corner=_near_zero),
    "floor": Domain((REAL,), smooth=False, near_corner=_near_whole),
    "ceil": Domain((REAL,), smooth=False, near_corner=_near_whole),
    "trunc": Domain((REAL,), smooth=False, near_corner=_near_whole),
    "maximum": Domain((REAL, REAL), smooth=False, near_corner=_near_tie),
    "minimum": Domain((REAL, REAL), smooth=False, near_corner=_near_tie),
    "where": Domain((REAL, REAL, REAL), smooth=False, near_corner=_near_zero),
    # activations
    "relu": Domain((REAL,), smooth=False, near_corner=_near_zero),
    "leaky_relu": Domain((REAL, REAL), smooth=False, near_corner=_near_zero),
    "elu": Domain((REAL, REAL), smooth=False, near_corner=_near_zero),
    "gelu": Domain((REAL,)),
    "gelu_tanh": Domain((REAL,)),
    "silu": Domain((REAL,)),
    "softplus": Domain((REAL,)),
    "softsign": Domain((REAL,), smooth=False, near_corner=_near_zero),
    # reductions
    "sum": Domain((REAL,)),
    "prod": Domain((REAL,)),
    "dot": Domain((REAL,)),
    "max": Domain((REAL,), smooth=False, near_corner=_near_tie),
    "min": Domain((REAL,), smooth=False, near_corner=_near_tie),
    "logsumexp": Domain((REAL,)),
}
