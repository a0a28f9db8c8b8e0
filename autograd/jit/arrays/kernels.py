"""Kernels: each primitive on whole arrays, by NumPy calls that allocate nothing.

A kernel is given the array for the results and those of the operands, once, before the first run.
It returns the *calls* that a run makes, functions without arguments, with whatever scratch arrays
they need already made. Most primitives are one NumPy function; the others follow the value rules in
`autograd.primitives` step by step, so that they are as accurate. A primitive without a kernel is
computed number by number by its value rule.

The calls run with NumPy's floating-point errors raised, on finite numbers only: where a value rule
raises, so does a kernel. (A kernel also raises where a Python operator would return infinity. The
caller then runs the plain function.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, NamedTuple

import numpy as np

from autograd.jit.arrays.random_kernels import DRAWS
from autograd.jit.arrays.reduction_kernels import (
    Call,
    Kernel,
    logsumexp,
    reduction,
    signed_sum,
    sum_of_rows,
)
from autograd.jit.arrays.views import Numbers, fixed
from autograd.jit.programs.one_exponential import EXP_MINUS_ABS, SIGMOID_BY
from autograd.jit.programs.rewrites import BUILT_IN, CHOICES
from autograd.jit.tuning import IN_CACHE
from autograd.primitives import activations as act
from autograd.primitives.definition import Primitive


class Lowering(NamedTuple):
    """How NumPy computes an operation.

    Attributes:
        kernel: binds the arrays; returns the calls.
        signed: the same, where zeros need the signs that the value rule gives them, if `kernel`
            gives others.
        spans: of a reduction, NumPy's function for rows of various lengths.
    """

    kernel: Kernel
    signed: Kernel | None = None
    spans: Any = None


def _one_call(function: Any) -> Kernel:
    return lambda out, *operands: [partial(function, *operands, out)]


def _like(out: Numbers) -> Numbers:
    return np.empty(out.shape)


def _mask(out: Numbers) -> Any:
    return np.empty(out.shape, np.bool_)


def _copy(out: Numbers, x: Numbers) -> list[Call]:
    return [partial(np.copyto, out, x)]


def _power(out: Numbers, x: Numbers, exponent: Numbers) -> list[Call]:
    """Powers; by a faster form if there is one exponent for all that has one."""
    if exponent.shape == () and float(exponent) in _POWERS:
        return _POWERS[float(exponent)](out, x)
    return [partial(np.power, x, exponent, out)]


_POWERS: dict[float, Kernel] = {
    1.0: _copy,
    2.0: lambda out, x: [partial(np.multiply, x, x, out)],
    -1.0: lambda out, x: [partial(np.divide, 1.0, x, out)],
}


_OTHERWISE = {
    "less": "greater_equal",
    "less_equal": "greater",
    "equal": "not_equal",
    "not_equal": "equal",
}
"""The comparisons, and what holds of finite numbers where each does not."""


def _compare(name: str, out: Numbers, a: Numbers, b: Numbers) -> list[Call]:
    """A comparison through a mask: NumPy would convert the outcomes in pieces."""
    mask = _mask(out)
    return [partial(getattr(np, name), a, b, mask), partial(np.copyto, out, mask)]


def _where(out: Numbers, condition: Numbers, x: Numbers, y: Numbers) -> list[Call]:
    return _where_compared("not_equal", out, condition, fixed(np.zeros(())), x, y)


def _where_compared(
    name: str, out: Numbers, a: Numbers, b: Numbers, x: Numbers, y: Numbers
) -> list[Call]:
    """`where(a < b, x, y)`, or another comparison: copies one array, and the other into the mask.

    NumPy puts numbers where a mask holds faster than it copies them there, but only one number, or
    those of an array as large as the mask.
    """
    mask = _mask(out)
    if y.shape in ((), out.shape):
        name, x, y = _OTHERWISE[name], y, x
    if x.shape in ((), out.shape):
        put: Call = partial(np.putmask, out, mask, x)
    else:
        put = partial(np.copyto, out, x, where=mask)
    calls: list[Call] = [partial(getattr(np, name), a, b, mask)]
    if not _is_same(out, y):
        calls.append(partial(np.copyto, out, y))
    return [*calls, put]


def _is_same(out: Numbers, x: Numbers) -> bool:
    """Whether an operand is at the place of the results."""
    return out.__array_interface__ == x.__array_interface__


def _exp_of_minus_size(out: Numbers, x: Numbers) -> list[Call]:
    """`exp(-|x|)`, which does not overflow."""
    return [
        partial(np.absolute, x, out),
        partial(np.negative, out, out),
        partial(np.exp, out, out),
    ]


def _sigmoid(out: Numbers, x: Numbers) -> list[Call]:
    """`exp(min(x, 0)) / (1 + exp(-|x|))`: both forms of the value rule at once."""
    below = _like(out)
    return [
        partial(np.minimum, x, 0.0, out=below),
        partial(np.exp, below, below),
        *_exp_of_minus_size(out, x),
        partial(np.add, out, 1.0, out),
        partial(np.divide, below, out, out),
    ]


def _sigmoid_by(out: Numbers, x: Numbers, e: Numbers) -> list[Call]:
    above, is_positive = _like(out), _mask(out)
    return [
        partial(np.copyto, above, e),
        partial(np.greater_equal, x, 0.0, is_positive),
        partial(np.putmask, above, is_positive, 1.0),
        partial(np.add, e, 1.0, out),
        partial(np.divide, above, out, out),
    ]


def _softplus(out: Numbers, x: Numbers) -> list[Call]:
    above = _like(out)
    return [
        partial(np.maximum, x, 0.0, out=above),
        *_exp_of_minus_size(out, x),
        partial(np.log1p, out, out),
        partial(np.add, above, out, out),
    ]


def _softsign(out: Numbers, x: Numbers) -> list[Call]:
    return [
        partial(np.absolute, x, out),
        partial(np.add, out, 1.0, out),
        partial(np.divide, x, out, out),
    ]


def _silu(out: Numbers, x: Numbers) -> list[Call]:
    """`x * root * root / (1 + exp(-|x|))`, with a root that is not subnormal where `exp(x)` is."""
    root = _like(out)
    return [
        partial(np.minimum, x, 0.0, out=root),
        partial(np.multiply, root, 0.5, root),
        partial(np.exp, root, root),
        *_exp_of_minus_size(out, x),
        partial(np.add, out, 1.0, out),
        partial(np.divide, x, out, out),
        partial(np.multiply, out, root, out),
        partial(np.multiply, out, root, out),
    ]


def _gelu_tanh(out: Numbers, x: Numbers) -> list[Call]:
    logit = _like(out)
    return [
        partial(np.multiply, x, x, logit),
        partial(np.multiply, logit, act.GELU_CUBIC, logit),
        partial(np.add, logit, 1.0, logit),
        partial(np.multiply, logit, x, logit),
        partial(np.multiply, logit, act.GELU_SCALE, logit),
        *_sigmoid(out, logit),
        partial(np.multiply, out, x, out),
    ]


def _relu(out: Numbers, x: Numbers) -> list[Call]:
    """The larger of each number and 0; NumPy compares arrays faster than an array and a number."""
    zero = fixed(np.zeros(out.shape if out.size <= IN_CACHE else ()))
    return [partial(np.maximum, x, zero, out=out)]


def _leaky_relu(out: Numbers, x: Numbers, slope: Numbers) -> list[Call]:
    above = _mask(out)
    return [
        partial(np.multiply, x, slope, out),
        partial(np.greater, x, 0.0, above),
        partial(np.copyto, out, x, where=above),
    ]


def _elu(out: Numbers, x: Numbers, alpha: Numbers) -> list[Call]:
    above = _mask(out)
    return [
        partial(np.minimum, x, 0.0, out=out),
        partial(np.expm1, out, out),
        partial(np.multiply, out, alpha, out),
        partial(np.greater, x, 0.0, above),
        partial(np.copyto, out, x, where=above),
    ]


def _signed_relu(out: Numbers, x: Numbers) -> list[Call]:
    below = _mask(out)
    return [
        partial(np.less, x, 0.0, below),
        *([] if _is_same(out, x) else [partial(np.copyto, out, x)]),
        partial(np.putmask, out, below, 0.0),
    ]


def _signed_elu(out: Numbers, x: Numbers, alpha: Numbers) -> list[Call]:
    above = _mask(out)
    below = _like(out)
    return [
        partial(np.greater, x, 0.0, above),
        partial(np.copyto, below, x),
        partial(np.putmask, below, above, 0.0),
        partial(np.expm1, below, below),
        partial(np.multiply, below, alpha, below),
        partial(np.copyto, below, x, where=above),
        partial(np.copyto, out, below),
    ]


def _whole(function: Any) -> Lowering:
    """A whole number; the signed form gives 0.0 rather than -0.0, as for Python's integers."""

    def signed(out: Numbers, x: Numbers) -> list[Call]:
        return [partial(function, x, out), partial(np.add, out, 0.0, out)]

    return Lowering(_one_call(function), signed)


def _reduction(function: Any) -> Lowering:
    return Lowering(reduction(function), spans=function.reduceat)


def of_arrays(function: Callable[..., Any], made: Primitive) -> Lowering:
    """The lowering of a user's primitive: a function of arrays of one dimension and one length."""

    @wraps(function)
    def compute(*arrays: Numbers) -> None:
        *operands, out = arrays
        given = [np.broadcast_to(x, out.shape).reshape(-1) for x in operands]  # to be read only
        np.copyto(out, np.broadcast_to(function(*given), out.size).reshape(out.shape))
        if not np.isfinite(out).all():
            raise FloatingPointError(f"a result of {made.name} is not finite")

    compute.__name__ = made.name
    return Lowering(_one_call(compute))


def number_by_number(made: Primitive) -> Lowering:
    """The value rule, called for each number."""

    def compute(*columns: Numbers) -> list[float]:
        return [made.value(*at) for at in zip(*[x.tolist() for x in columns], strict=True)]

    return of_arrays(compute, made)


_FUNCTIONS: dict[str, Any] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "floordiv": np.floor_divide, "mod": np.remainder, "fmod": np.fmod, "copysign": np.copysign,
    "abs": np.absolute, "sign": np.sign, "rint": np.rint, "sqrt": np.sqrt, "cbrt": np.cbrt,
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2,
    "log10": np.log10, "log1p": np.log1p, "hypot": np.hypot, "atan2": np.arctan2,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "degrees": np.degrees, "radians": np.radians,
}  # fmt: skip

_LOWERINGS: dict[str, Lowering] = {
    **{name: Lowering(_one_call(function)) for name, function in _FUNCTIONS.items()},
    **dict.fromkeys(("identity", "stop_gradient"), Lowering(_copy)),
    "finite": Lowering(_copy),  # every number of a run is
    **dict.fromkeys(("pow", "pow_number", "number_pow"), Lowering(_power)),
    **{name: _whole(getattr(np, name)) for name in ("floor", "ceil", "trunc")},
    "maximum": Lowering(
        lambda out, x, y: [partial(np.maximum, x, y, out=out)],
        lambda out, x, y: _where_compared("less", out, x, y, y, x),
    ),
    "minimum": Lowering(
        lambda out, x, y: [partial(np.minimum, x, y, out=out)],
        lambda out, x, y: _where_compared("less", out, y, x, y, x),
    ),
    "where": Lowering(_where),
    **{name: Lowering(partial(_compare, name)) for name in _OTHERWISE},
    "sigmoid": Lowering(_sigmoid),
    "relu": Lowering(_relu, _signed_relu),
    "leaky_relu": Lowering(_leaky_relu),
    "elu": Lowering(_elu, _signed_elu),
    "silu": Lowering(_silu),
    "softplus": Lowering(_softplus),
    "softsign": Lowering(_softsign),
    "gelu_tanh": Lowering(_gelu_tanh),
    "sum": Lowering(sum_of_rows, signed_sum, np.add.reduceat),
    "prod": _reduction(np.multiply),
    "max": _reduction(np.maximum),
    "min": _reduction(np.minimum),
    "logsumexp": Lowering(logsumexp),
}
"""The lowering of each built-in operation, by name."""

NUMPY: dict[Primitive, Lowering] = {
    **{BUILT_IN[name]: lowering for name, lowering in _LOWERINGS.items()},
    **{made: Lowering(partial(_where_compared, x.name)) for x, made in CHOICES.items()},
    **{made: of_arrays(function, made) for made, function in DRAWS.items()},
    EXP_MINUS_ABS: Lowering(_exp_of_minus_size),
    SIGMOID_BY: Lowering(_sigmoid_by),
}
"""The lowering of each operation that array code computes as a whole.

Matrix products, numbers taken by an index and copies are separate steps (`lower_numpy`).
"""


__all__ = ["NUMPY", "Call", "Kernel", "Lowering", "number_by_number", "of_arrays"]
