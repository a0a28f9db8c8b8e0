"""Elementary functions as vector code.

The functions of the C library take one number. Those that networks call most are formulas here,
which the processor computes for a whole vector register. They are accurate to about one unit in the
last place for any number, infinity, NaN and subnormal ones included.

For single numbers they are functions instead of inline code: LLVM takes milliseconds for each
inlined copy, and programs of single numbers would have many.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import factorial, log

from autograd.jit.native.code import Code
from autograd.jit.native.simd import Lanes, lanes

_LOG2_E = 1 / log(2.0)
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
    code, kind = x.code, lanes(x.width, "i64")

    def constant(number: int) -> str:
        return str(number) if x.width == 1 else f"splat (i64 {number})"

    offset = constant(0x4338000000000000)  # the bits of `_ROUNDS`
    n = code.value(f"sub {kind} {shifted.bits()}, {offset}")
    half = code.value(f"ashr {kind} {n}, {constant(1)}")
    others = code.value(f"sub {kind} {n}, {half}")
    for part in (half, others):
        biased = code.value(f"add {kind} {part}, {constant(1023)}")
        bits = code.value(f"shl {kind} {biased}, {constant(52)}")
        series = series * x.made(f"bitcast {kind} {bits} to {x.kind}")
    return series


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
