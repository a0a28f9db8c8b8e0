"""Elementary functions as vector code.

The functions of the C library take one number. Those that networks call most are formulas here,
which the processor computes for a whole vector register. They are accurate to about one unit in the
last place for any number, infinity, NaN and subnormal ones included.

For single numbers they are functions instead of inline code: LLVM takes milliseconds for each
inlined copy, and programs of single numbers would have many.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from math import factorial, inf, nan
from struct import pack

from autograd.jit.native.code import Code
from autograd.jit.native.simd import Lanes, lanes

_LOG2_E = 1 / math.log(2.0)
_LN2_HIGH = float.fromhex("0x1.62e42fefa3800p-1")
_LN2_LOW = float.fromhex("0x1.ef35793c76730p-45")
"""The logarithm of 2 in two parts; a whole number up to 2**11 times the first is exact."""

_ROUNDS = 1.5 * 2.0**52
"""Added to a number, this rounds it to a whole number, which is in the last bits of the sum."""


def fma(a: Lanes, b: Lanes | float, c: Lanes | float) -> Lanes:
    """`a * b + c`, by one instruction where the processor has it."""
    b, c = (x if isinstance(x, Lanes) else a.like(x) for x in (b, c))
    return a.intrinsic("fmuladd", b, c)


def polynomial(x: Lanes, coefficients: list[float]) -> Lanes:
    """The value of a polynomial, the highest coefficient first (Horner's scheme)."""
    first, *others = coefficients
    found = x.like(first)
    for coefficient in others:
        found = fma(found, x, coefficient)
    return found


def called_for_one(formula: Callable[..., Lanes]) -> Callable[..., Lanes]:
    """The formula, as a separate function for single numbers, or all (`Code.is_compact`)."""

    @wraps(formula)
    def written(*xs: Lanes) -> Lanes:
        x, *_ = xs
        code, width, kind = x.code, x.width, x.kind
        if width > 1 and not code.is_compact:
            return formula(*xs)
        name = f"{'one' if width == 1 else f'all{width}'}_{formula.__name__}"
        if name not in code.helpers:
            body, given = Code(), [f"%x{i}" for i in range(len(xs))]
            result = formula(*[Lanes(body, name, width) for name in given])
            head = f"define internal {kind} @{name}({_typed(kind, given)}) {{"
            text = "\n".join([head, *body.lines, f"  ret {kind} {result.name}", "}"])
            code.helpers |= body.helpers | {name: text}
            code.functions |= body.functions
        return x.made(f"call {kind} @{name}({_typed(kind, [x.name for x in xs])})")

    return written


def _typed(kind: str, names: list[str]) -> str:
    return ", ".join([f"{kind} {name}" for name in names])


@called_for_one
def exp(x: Lanes) -> Lanes:
    """A power of 2 times `exp(r)`, with a rest r of at most half the logarithm of 2.

    The exponential of the rest is its Taylor series; the power of 2 is written into the exponents
    of two floats, since one of them cannot hold it where the result is subnormal.
    """
    x = x.like(-760.0).where(x < -760.0, x)
    x = x.like(720.0).where(x > 720.0, x)
    shifted = fma(x, _LOG2_E, _ROUNDS)
    whole = shifted - _ROUNDS
    rest = fma(whole, -_LN2_LOW, fma(whole, -_LN2_HIGH, x))
    series = polynomial(rest, [1 / factorial(k) for k in range(13, -1, -1)])
    n = _whole(x, "sub", shifted.bits(), _bits(_ROUNDS))
    half = _whole(x, "ashr", n, 1)
    others = _whole(x, "sub", n, half)
    for part in (half, others):
        series = series * _float(x, _whole(x, "shl", _whole(x, "add", part, 1023), 52))
    return series


def _bits(number: float) -> int:
    """Those of a float, as a whole number."""
    return int.from_bytes(pack("<d", number), "little")


def _whole(x: Lanes, operation: str, a: str, b: str | int) -> str:
    """An operation on whole numbers of 64 bits, as many as `x` has."""
    if isinstance(b, int):
        b = str(b) if x.width == 1 else f"splat (i64 {b})"
    return x.code.value(f"{operation} {lanes(x.width, 'i64')} {a}, {b}")


def _float(x: Lanes, bits: str) -> Lanes:
    """The floats that have these bits."""
    return x.made(f"bitcast {lanes(x.width, 'i64')} {bits} to {x.kind}")


_LOG = [
    *(1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01),
    *(2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01),
    6.666666666666735130e-01,
]
"""A polynomial for the logarithm near 1 (Sun Microsystems, msun, e_log.c)."""

_EXACT = 2.0**52
"""The last bit of a float of this size is 1: a whole number written into its bits is added."""


def _log(u: Lanes, lost: Lanes | float) -> Lanes:
    """The logarithm of a sum `u + lost * u`, the second part far smaller than the first.

    It is that of a power of 2, and of a number between the roots of 1/2 and 2.
    """
    is_small = u < 2.0**-1022
    scaled = (u * 2.0**54).where(is_small, u)
    middle = _bits(math.sqrt(0.5))
    moved = _whole(u, "add", scaled.bits(), _bits(1.0) - middle)
    exponent = _whole(u, "or", _whole(u, "lshr", moved, 52), _bits(_EXACT))
    k = _float(u, exponent) - u.like(_EXACT + 1023 + 54).where(is_small, _EXACT + 1023)
    f = _float(u, _whole(u, "add", _whole(u, "and", moved, 2**52 - 1), middle)) - 1.0
    half = f * f * 0.5
    s = f / (f + 2.0)
    square = s * s
    rest = s * fma(square, polynomial(square, _LOG), half)
    found = fma(k, _LN2_LOW, rest + lost) - half + f
    found = fma(k, _LN2_HIGH, found)
    found = found.where(u > 0.0, u.like(-inf).where(u.compared("oeq", 0.0), nan))
    return found.where(u < inf, u)


@called_for_one
def _log_of_many(x: Lanes) -> Lanes:
    return _log(x, 0.0)


@called_for_one
def _log1p_of_many(x: Lanes) -> Lanes:
    u = x + 1.0
    lost = (1.0 - (u - x)).where(x > 1.0, x - (u - 1.0))
    return _log(u, lost / u).intrinsic("copysign", x)


def log(x: Lanes) -> Lanes:
    """The natural logarithm; of a single number the C library has it sooner, by a table."""
    return _log_of_many(x) if x.width > 1 else x.call("log")


def log1p(x: Lanes) -> Lanes:
    """That of `1 + x`: of their sum, and of what that loses by rounding."""
    return _log1p_of_many(x) if x.width > 1 else x.call("log1p")


_TANH_ABOVE = [-0.964399179425052238628, -99.2877231001918586564, -1614.68768441708447952]
_TANH_BELOW = [1.0, 112.811678491632931402, 2235.48839060100448583, 4844.06305325125486048]
"""A rational approximation near 0 (S. L. Moshier, Cephes mathematical library, tanh)."""


@called_for_one
def tanh(x: Lanes) -> Lanes:
    """Near 0 by a rational function, elsewhere by the exponential."""
    square, size = x * x, abs(x)
    quotient = polynomial(square, _TANH_ABOVE) / polynomial(square, _TANH_BELOW)
    near = fma(size * square, quotient, size)
    far = 1.0 - 2.0 / (exp(size + size) + 1.0)
    return near.where(size < 0.625, far).intrinsic("copysign", x)


@called_for_one
def sigmoid(x: Lanes) -> Lanes:
    """`1 / (1 + exp(-x))`, by the exponential that cannot overflow."""
    small = exp(-abs(x))
    return x.like(1.0).where(x >= 0.0, small) / (small + 1.0)
