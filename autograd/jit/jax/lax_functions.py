"""The functions of arrays that the table of JAX is made of (`lax_table`).

They follow the value rules in `autograd.primitives`, step by step where that is more accurate than
one function of JAX. Where a rule raises they give infinity or NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import jax.numpy as jnp
from jax import lax

from autograd.primitives import activations as act
from autograd.primitives.elementary import TWO_BY_SQRT_PI
from autograd.primitives.threefry import MASK, Functions, OfWords, block

Lowering: TypeAlias = Callable[..., Any]

COMPARED = {
    "less": jnp.less,
    "less_equal": jnp.less_equal,
    "equal": jnp.equal,
    "not_equal": jnp.not_equal,
}
"""The comparisons, as functions that make bools."""


EXTREME = {"sum": 2.0**50, "product": 1e60}
"""Constants from so large on, and as small factors, are kept apart (`apart`)."""


def apart(kind: str, x: Any, other: Any) -> Any:
    """An operand of a sum or product: if it is an extreme constant, one that XLA does not know.

    XLA regroups constants: of `x * 1e200 * 1e200` it makes `x * inf`, and it drops the sum with a
    number and the difference with the same, which round.
    """
    if not isinstance(x, float) or x == 0.0 or isinstance(other, float):
        return x
    is_extreme = abs(x) >= EXTREME[kind] or (kind == "product" and abs(x) <= 1.0 / EXTREME[kind])
    return lax.optimization_barrier(jnp.asarray(x, other.dtype)) if is_extreme else x


def by_pairs(kind: str, function: Lowering) -> Lowering:
    """A sum, difference or product with extreme constants kept apart."""
    return lambda a, b: function(apart(kind, a, b), apart(kind, b, a))


def quotient(a: Any, b: Any) -> Any:
    """A quotient that XLA does not regroup.

    Of `a / b / c` it would make `a / (b * c)`, and of `a / (b / c)` `a * c / b`, where a product is
    infinite or 0 though the quotient is not. The choice between them, which depends on the divisor
    alone, so that a derivative is linear, keeps it from that.
    """
    a, b = apart("product", a, b), apart("product", b, a)
    return a / b if isinstance(b, float) else jnp.where(b == b, a / b, jnp.nan)


def unsigned(x: Any) -> Any:
    """The number with 0.0 for -0.0; a sum with 0.0 XLA would drop."""
    return jnp.where(x == 0.0, jnp.zeros_like(x), x)


def whole(function: Lowering) -> Lowering:
    """A whole number; 0.0 rather than -0.0, as for Python's integers."""
    return lambda x: unsigned(function(x))


def compared(name: str, a: Any, b: Any) -> Any:
    """A comparison: 1 or 0."""
    return COMPARED[name](a, b).astype(jnp.result_type(a, b))


def chosen(name: str, a: Any, b: Any, x: Any, y: Any) -> Any:
    """`where(a < b, x, y)`, or another comparison."""
    return jnp.where(COMPARED[name](a, b), x, y)


def power(a: Any, b: Any) -> Any:
    """A power; a product, if the exponent is one small whole number."""
    if isinstance(b, float) and b.is_integer() and 1 <= abs(b) <= 8:
        return lax.integer_pow(a if b > 0 else 1.0 / a, int(abs(b)))
    return jnp.power(a, b)


def truncated_rest(a: Any, b: Any) -> tuple[Any, Any]:
    """What a truncated division leaves, and whether its sign is not the divisor's."""
    rest = lax.rem(*together(a, b))
    return rest, (rest != 0.0) & ((rest < 0.0) != (b < 0.0))


def together(a: Any, b: Any) -> list[Any]:
    """Two arrays of one shape and type."""
    dtype = jnp.result_type(a, b)
    return list(jnp.broadcast_arrays(jnp.asarray(a, dtype), jnp.asarray(b, dtype)))


def mod(a: Any, b: Any) -> Any:
    """The remainder with the sign of the divisor, as Python has it."""
    rest, has_other_sign = truncated_rest(a, b)
    moved = jnp.where(has_other_sign, rest + b, rest)
    return jnp.where(moved == 0.0, jnp.copysign(0.0, b), moved)


def floordiv(a: Any, b: Any) -> Any:
    """The floor of a quotient: of the quotient without the remainder, so as not to round up."""
    rest, has_other_sign = truncated_rest(a, b)
    quotient = (a - rest) / b
    quotient = jnp.where(has_other_sign, quotient - 1.0, quotient)
    floor = jnp.floor(quotient)
    floor = jnp.where(quotient - floor > 0.5, floor + 1.0, floor)
    return jnp.where(quotient == 0.0, jnp.copysign(0.0, a / b), floor)


def remainder(a: Any, b: Any) -> Any:
    """The remainder of IEEE 754, every step of which is exact (as in fdlibm)."""
    a, b = together(a, b)
    size = jnp.abs(b)
    rest = jnp.where(size <= jnp.finfo(a.dtype).max / 2, lax.rem(jnp.abs(a), size + size), abs(a))
    tiny = size < 4 * jnp.finfo(a.dtype).tiny

    def lowered(rest: Any) -> Any:
        first = jnp.where(tiny, rest + rest > size, rest > 0.5 * size)
        once = rest - size
        second = jnp.where(tiny, once + once >= size, once >= 0.5 * size)
        return jnp.where(first, jnp.where(second, once - size, once), rest)

    found = lowered(rest)
    found = jnp.where(jnp.signbit(a), -found, found)
    found = jnp.where(found == 0.0, jnp.copysign(0.0, a), found)
    found = jnp.where(jnp.isinf(b) & jnp.isfinite(a), a, found)
    return jnp.where((b == 0.0) | (b != b) | jnp.isinf(a), jnp.nan, found)


def maximum(x: Any, y: Any) -> Any:
    """As the rule: of two zeros the first, and NaN if either is."""
    return jnp.where((x < y) | (y != y), y, x)


def minimum(x: Any, y: Any) -> Any:
    """As the rule: of two zeros the first, and NaN if either is."""
    return jnp.where((y < x) | (y != y), y, x)


def sign(x: Any) -> Any:
    """As the rule: 0.0 for both zeros."""
    return unsigned(jnp.sign(x))


def sigmoid(x: Any) -> Any:
    """`exp(min(x, 0)) / (1 + exp(-|x|))`: both forms of the value rule at once."""
    return jnp.exp(jnp.minimum(x, 0.0)) / (1.0 + jnp.exp(-jnp.abs(x)))


def softplus(x: Any) -> Any:
    """As the value rule."""
    return jnp.maximum(x, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(x)))


def silu(x: Any) -> Any:
    """`x * root * root / (1 + exp(-|x|))`, with a root that is not subnormal where `exp(x)` is."""
    root = jnp.exp(jnp.minimum(x, 0.0) * 0.5)
    return x / (jnp.exp(-jnp.abs(x)) + 1.0) * root * root


def gelu_tanh(x: Any) -> Any:
    """As the value rule."""
    return x * sigmoid((x * x * act.GELU_CUBIC + 1.0) * x * act.GELU_SCALE)


def gelu(x: Any) -> Any:
    """As the value rule: `erfc` corrected for the rounding of its argument; a series far out."""
    is_far = x < -30.0
    middle = jnp.where(is_far, -1.0, jnp.minimum(x, 40.0))
    t = -middle * act.INV_SQRT_2
    is_left = middle <= -1.0
    safe = jnp.where(is_left, t, 1.0)
    lost = act._half_square_minus_square(middle, t) / (2.0 * safe)
    correction = jnp.where(is_left, lost * TWO_BY_SQRT_PI * jnp.exp(-safe * safe), 0.0)
    near = 0.5 * x * (lax.erfc(t) - correction)
    far, tail = jnp.where(is_far, x, -30.0), 1.0
    for k in (13, 11, 9, 7, 5, 3, 1):
        tail = 1.0 - k / far / far * tail
    return jnp.where(is_far, -act.INV_SQRT_2PI * tail * jnp.exp(-0.5 * far * far), near)


def cbrt(x: Any) -> Any:
    """As the value rule: a root, and a Newton step."""
    root = jnp.cbrt(x)
    is_plain = (root != 0.0) & jnp.isfinite(root)
    safe = jnp.where(is_plain, root, 1.0)
    return jnp.where(is_plain, safe - (safe - x / (safe * safe)) / 3.0, root)


def hypot(x: Any, y: Any) -> Any:
    """By the larger of the two, so that no square is too large or too small."""
    x, y = jnp.abs(x), jnp.abs(y)
    large, small = jnp.maximum(x, y), jnp.minimum(x, y)
    ratio = small / jnp.where(large > 0.0, large, 1.0)
    found = jnp.where(large > 0.0, large * jnp.sqrt(1.0 + ratio * ratio), large)
    return jnp.where(jnp.isinf(x) | jnp.isinf(y), jnp.inf, found)


def norm(x: Any) -> Any:
    """By the largest, so that no square is too large or too small."""
    size = jnp.abs(x)
    top = jnp.max(size, axis=-1, initial=0.0)
    scale = jnp.where((top > 0.0) & jnp.isfinite(top), top, 1.0)
    # XLA multiplies by the reciprocal, which is not to be below the normal range
    shrink = jnp.where(scale > 1e300, 2.0**-100, 1.0)
    ratios = size * shrink[..., None] / (scale * shrink)[..., None]
    return scale * jnp.sqrt(jnp.sum(ratios * ratios, axis=-1))


def logsumexp(x: Any) -> Any:
    """As the value rule: the largest aside, the others relative to it."""
    at = jnp.argmax(x, axis=-1)
    top = jnp.max(x, axis=-1)
    safe = jnp.where(jnp.isinf(top), 0.0, top)
    rest = jnp.exp(x - safe[..., None])
    is_top = jnp.arange(x.shape[-1]) == at[..., None]
    others = jnp.sum(jnp.where(is_top, 0.0, rest), axis=-1)
    return jnp.where(jnp.isinf(top), top, safe + jnp.log1p(others))


def dot(x: Any) -> Any:
    """The inner product of the first half of the last axis with the second."""
    half = x.shape[-1] // 2
    return jnp.sum(x[..., :half] * x[..., half:], axis=-1)


def take(index: Any, rows: Any) -> Any:
    """Of each row (the last axis) the number at an index, from the end where it is negative.

    NaN for an index that is not whole, or where there is no such number.

    Raises:
        TypeError: there are more numbers than the type can count.
    """
    count, digits = rows.shape[-1], jnp.finfo(index.dtype).nmant + 1
    if count > 2**digits:
        raise TypeError(
            f"take on JAX: one of {count} numbers is chosen by an index in {index.dtype}, which has"
            f" whole numbers up to {2**digits}: ask for dtype='float64'"
        )
    whole = jnp.where(jnp.isfinite(index), index, 0.0).astype(jnp.int32)
    is_there = (whole == index) & (whole >= -count) & (whole < count)
    at = jnp.where(is_there, whole % count, 0)
    found = jnp.take_along_axis(rows, at[..., None], axis=-1)[..., 0]
    return jnp.where(is_there, found, jnp.nan)


def varying(x: Any, *others: Any) -> Any:
    """The same numbers, said to differ between devices where others do (`jax.shard_map`)."""
    for other in others:
        if other.size:
            mark = other.reshape(-1)[0]
            x = jnp.where(mark == mark, x, x)
    return x


def draw(of_words: OfWords, *operands: Any) -> Any:
    """A draw, of words that are whole numbers in float64; NaN of others."""
    operands = tuple(jnp.broadcast_arrays(*operands))
    if operands[0].dtype != jnp.float64:
        raise TypeError(
            "random draws on JAX: a key is two words of 32 bits, which need dtype='float64', got"
            f" {operands[0].dtype}"
        )
    words = [jnp.clip(x, 0.0, MASK).astype(jnp.uint32) for x in operands]
    is_word = jnp.stack([w.astype(jnp.float64) == x for w, x in zip(words, operands, strict=True)])
    first, second = block(*words)
    found = of_words(_Word(first), _Word(second), _FUNCTIONS)
    return lax.stop_gradient(jnp.where(is_word.all(axis=0), found, jnp.nan))


class _Word:
    """A word as the functions of `threefry` use it: a product with a float is one of float64."""

    def __init__(self, bits: Any) -> None:
        self._bits = bits

    def __mul__(self, factor: float) -> Any:
        return self._bits.astype(jnp.float64) * factor

    def __rshift__(self, count: int) -> _Word:
        return _Word(self._bits >> count)


_FUNCTIONS = Functions(jnp.sqrt, jnp.frexp, jnp.where)
