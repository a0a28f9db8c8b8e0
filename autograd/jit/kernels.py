"""Kernels: each primitive on whole arrays, by NumPy calls that allocate nothing.

A kernel is given the array for the results and those of the operands, once, before the first run.
It returns the *calls* that a run makes, functions without arguments, with whatever scratch arrays
they need already made. Most primitives are one NumPy function; the others follow the value rules in
`autograd.primitives` step by step, so that they are as accurate. A primitive without a kernel is
computed number by number by its value rule.

The calls run with NumPy's floating-point errors raised, on finite numbers alone: where a value rule
raises, so does a kernel. (A kernel also raises where an operator of Python's would go on with
infinity. The caller then runs the plain function.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from autograd.jit.views import Numbers
from autograd.primitives import activations as act

Call: TypeAlias = Callable[[], Any]
Kernel: TypeAlias = Callable[..., list[Call]]


def _one_call(function: Any) -> Kernel:
    return lambda out, *operands: [partial(function, *operands, out)]


def _like(out: Numbers) -> Numbers:
    return np.empty(out.shape)


def _mask(out: Numbers) -> Any:
    return np.empty(out.shape, np.bool_)


def _copy(out: Numbers, x: Numbers) -> list[Call]:
    return [partial(np.copyto, out, x)]


def _power(out: Numbers, x: Numbers, exponent: Numbers) -> list[Call]:
    """Powers; those with one exponent for all that have a faster form, by that."""
    if exponent.shape == () and float(exponent) in _POWERS:
        return _POWERS[float(exponent)](out, x)
    return [partial(np.power, x, exponent, out)]


_POWERS: dict[float, Kernel] = {
    1.0: _copy,
    2.0: lambda out, x: [partial(np.multiply, x, x, out)],
    -1.0: lambda out, x: [partial(np.divide, 1.0, x, out)],
}


def _where(out: Numbers, condition: Numbers, x: Numbers, y: Numbers) -> list[Call]:
    mask = np.empty(condition.shape, np.bool_)
    return [
        partial(np.not_equal, condition, 0.0, mask),
        partial(np.copyto, out, y),
        partial(np.copyto, out, x, where=mask),
    ]


def _sigmoid(out: Numbers, x: Numbers) -> list[Call]:
    """`exp(min(x, 0)) / (1 + exp(-|x|))`: both forms of the value rule at once."""
    below = _like(out)
    return [
        partial(np.minimum, x, 0.0, out=below),
        partial(np.exp, below, below),
        partial(np.absolute, x, out),
        partial(np.negative, out, out),
        partial(np.exp, out, out),
        partial(np.add, out, 1.0, out),
        partial(np.divide, below, out, out),
    ]


def _softplus(out: Numbers, x: Numbers) -> list[Call]:
    above = _like(out)
    return [
        partial(np.maximum, x, 0.0, out=above),
        partial(np.absolute, x, out),
        partial(np.negative, out, out),
        partial(np.exp, out, out),
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
    return [*_sigmoid(out, x), partial(np.multiply, out, x, out)]


def _gelu_tanh(out: Numbers, x: Numbers) -> list[Call]:
    logit = _like(out)
    return [
        partial(np.multiply, x, x, logit),
        partial(np.multiply, logit, act.GELU_CUBIC, logit),
        partial(np.add, logit, 1.0, logit),
        partial(np.multiply, logit, x, logit),
        partial(np.multiply, logit, act.GELU_SCALE, logit),
        *_silu(out, logit)[:-1],
        partial(np.multiply, out, x, out),
    ]


def _relu(out: Numbers, x: Numbers) -> list[Call]:
    return [partial(np.maximum, x, 0.0, out=out)]


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


KERNELS: dict[str, Kernel] = {
    "add": _one_call(np.add),
    "sub": _one_call(np.subtract),
    "mul": _one_call(np.multiply),
    "div": _one_call(np.divide),
    "floordiv": _one_call(np.floor_divide),
    "mod": _one_call(np.remainder),
    "neg": _one_call(np.negative),
    "identity": _copy,
    "stop_gradient": _copy,
    "finite": _copy,  # every number of a run is
    "pow": _power,
    "pow_number": _power,
    "number_pow": _power,
    "abs": _one_call(np.absolute),
    "sign": _one_call(np.sign),
    "floor": _one_call(np.floor),
    "ceil": _one_call(np.ceil),
    "trunc": _one_call(np.trunc),
    "maximum": lambda out, x, y: [partial(np.maximum, x, y, out=out)],
    "minimum": lambda out, x, y: [partial(np.minimum, x, y, out=out)],
    "where": _where,
    "less": _one_call(np.less),
    "less_equal": _one_call(np.less_equal),
    "greater": _one_call(np.greater),
    "greater_equal": _one_call(np.greater_equal),
    "equal": _one_call(np.equal),
    "not_equal": _one_call(np.not_equal),
    **{
        name: _one_call(getattr(np, name))
        for name in (
            *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt"),
            *("sin", "cos", "tan", "sinh", "cosh", "tanh", "hypot", "degrees", "radians"),
        )
    },
    "asin": _one_call(np.arcsin),
    "acos": _one_call(np.arccos),
    "atan": _one_call(np.arctan),
    "atan2": _one_call(np.arctan2),
    "asinh": _one_call(np.arcsinh),
    "acosh": _one_call(np.arccosh),
    "atanh": _one_call(np.arctanh),
    "sigmoid": _sigmoid,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "silu": _silu,
    "softplus": _softplus,
    "softsign": _softsign,
    "gelu_tanh": _gelu_tanh,
}
"""The primitives of a fixed number of operands, by name."""


def _reduction(function: Any) -> Kernel:
    def bind(out: Numbers, x: Numbers) -> list[Call]:
        axes = tuple(range(out.ndim, x.ndim))
        return [partial(function.reduce, x, axes, None, out)]

    return bind


def _logsumexp(out: Numbers, x: Numbers) -> list[Call]:
    """As the value rule: the largest aside, the others relative to it."""
    count, length = out.size, x.size // max(out.size, 1)
    rows, rest = np.empty((count, length)), np.empty((count, length))
    top, column = np.empty(count), np.empty(count, np.intp)
    first = np.arange(count) * length
    index, flat = np.empty(count, np.intp), rest.reshape(-1)
    result = np.empty(count)
    return [
        partial(np.copyto, rows.reshape(x.shape), x),
        partial(rows.argmax, 1, column),
        partial(np.add, first, column, index),
        partial(rows.reshape(-1).take, index, None, top, "clip"),
        partial(np.subtract, rows, top[:, None], rest),
        partial(np.exp, rest, rest),
        partial(flat.__setitem__, index, 0.0),
        partial(np.add.reduce, rest, 1, None, result),
        partial(np.log1p, result, result),
        partial(np.add, top.reshape(out.shape), result.reshape(out.shape), out),
    ]


REDUCTIONS: dict[str, Kernel] = {
    "sum": _reduction(np.add),
    "prod": _reduction(np.multiply),
    "max": _reduction(np.maximum),
    "min": _reduction(np.minimum),
    "logsumexp": _logsumexp,
}
"""The primitives of any number of operands, but for `dot`, by name."""

JOINS = {"sum": "add", "prod": "mul", "max": "maximum", "min": "minimum"}
"""What makes the result for a whole row of the results for its parts."""

_THREADED = 2**16
"""From about so many multiplications on BLAS may use threads."""


def product(out: Numbers, left: Numbers, right: Numbers) -> list[Call]:
    """The calls for `out = left @ right.T`."""
    calls: list[Call] = [partial(np.matmul, left, right.swapaxes(-1, -2), out)]
    if out.size * left.shape[-1] >= _THREADED:
        calls.append(_finite_check(out))
    return calls


def _finite_check(x: Numbers) -> Call:
    """What raises if a number is not finite: errors in threads of BLAS raise nothing."""
    finite = np.empty(x.shape, np.bool_)

    def check() -> None:
        np.isfinite(x, finite)
        if not finite.all():
            raise FloatingPointError("overflow in a matrix product")

    return check


def is_known(name: str) -> bool:
    """Whether a primitive of that name has a kernel.

    >>> is_known("tanh"), is_known("erf")
    (True, False)
    """
    return name in KERNELS or name in REDUCTIONS or name == "dot"


__all__ = ["JOINS", "KERNELS", "REDUCTIONS", "Call", "Kernel", "is_known", "product"]
