"""Activation functions, as primitives; `sigmoid` and `tanh` are among the elementary ones."""

import math
from typing import Any

from autograd.primitives.definition import Unary, primitive, select
from autograd.primitives.elementary import (
    EXP_MINUS_64,
    TWO_BY_SQRT_PI,
    bell,
    erfc,
    exp,
    expm1,
    sigmoid,
)
from autograd.primitives.piecewise import fabs
from autograd.primitives.zero import SYMBOLIC_ZERO

__all__ = ["relu", "silu", "softplus", "softsign"]

INV_SQRT_2 = 1 / math.sqrt(2)
INV_SQRT_2PI = 1 / math.sqrt(2 * math.pi)
GELU_SCALE = 2 * math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


@primitive(lambda g, out, x: select(x > 0, g, SYMBOLIC_ZERO), facts="total finite exact follows")
def relu(x: float) -> float:
    """`max(x, 0)`: the rectified linear unit. Derivative: 1 above 0, else 0 (at 0 too).

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010).

    >>> relu(-2.0), relu(3.0)
    (0.0, 3.0)
    """
    return 0.0 if x < 0 else x


@primitive(
    lambda g, out, x, slope: (
        select(x > 0, g, g * slope),
        select(x > 0, SYMBOLIC_ZERO, g * x),
    ),
    is_product=True,
    facts="total",
)
def leaky_relu(x: float, slope: float) -> float:
    """`x` above 0, else `slope * x`. Derivative: 1 above 0, else `slope` (at 0 too).

    Source: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models"
    (2013). With a Value for the slope it is the parametric form of He et al. (2015).

    >>> leaky_relu(-2.0, 0.1)
    -0.2
    """
    return slope * x if x <= 0 else x


@primitive(lambda g, out, x, alpha: _elu_slopes(g, x, alpha), facts="total finite")
def elu(x: float, alpha: float) -> float:
    """`x` above 0, else `alpha * (exp(x) - 1)`. Derivative: 1 above 0, else `alpha * exp(x)`.

    Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
    exponential linear units" (2015).

    >>> elu(2.0, 1.0), elu(-1000.0, 1.0)
    (2.0, -1.0)
    """
    return alpha * math.expm1(x) if x <= 0 else x


def _elu_slopes(g: Any, x: Any, alpha: Any) -> tuple[Any, Any]:
    """`g` times the derivatives of `elu`; `exp(x / 2)` twice does not underflow before `alpha`."""
    below = -relu(-x)
    root = exp(0.5 * below)
    in_alpha = select(x > 0, SYMBOLIC_ZERO, g * expm1(below))
    return select(x > 0, g, g * alpha * root * root), in_alpha


def _normal_cdf(x: Any) -> Any:
    """The standard normal distribution function, on floats or Values."""
    return 0.5 * erfc(-INV_SQRT_2 * x)


@primitive(
    lambda g, out, x: g * (_normal_cdf(x) + bell(INV_SQRT_2PI * x, x, 0.5)), facts="total finite"
)
def gelu(x: float) -> float:
    """`x` times the standard normal distribution function at `x`.

    Derivative: the distribution function plus `x` times the density.
    Source: Hendrycks and Gimpel, "Gaussian error linear units" (2016).

    >>> gelu(0.0), round(gelu(1.0), 6)
    (0.0, 0.841345)
    """
    if x > -1:
        return 0.5 * x * math.erfc(-x * INV_SQRT_2)
    if x < -30:
        return _gelu_far_left(x)
    # `erfc` magnifies the rounding of its argument `t`: correct for that rounding.
    t = -x * INV_SQRT_2
    lost = _half_square_minus_square(x, t) / (2 * t)
    return 0.5 * x * (math.erfc(t) - lost * TWO_BY_SQRT_PI * math.exp(-t * t))


def _gelu_far_left(x: float) -> float:
    """`gelu` where its `erfc` is subnormal, from the asymptotic series of Mills' ratio.

    Source: Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964), 26.2.12.
    """
    tail = 1.0
    for k in (13, 11, 9, 7, 5, 3, 1):
        tail = 1.0 - k / x / x * tail
    return float(bell(-INV_SQRT_2PI * tail, x, 0.5))


def _half_square_minus_square(x: float, t: float) -> float:
    """`x * x / 2 - t * t` for two nearly equal terms, by splitting both numbers (Dekker, 1971)."""
    scaled_x, scaled_t = (2.0**27 + 1) * x, (2.0**27 + 1) * t
    x_high, t_high = scaled_x - (scaled_x - x), scaled_t - (scaled_t - t)
    x_low, t_low = x - x_high, t - t_high
    high = 0.5 * x_high * x_high - t_high * t_high
    return high + (x_high * x_low - 2 * t_high * t_low) + (0.5 * x_low * x_low - t_low * t_low)


def _gelu_logit(x: Any) -> Any:
    """Twice the argument of the tanh in `gelu_tanh`, on floats or Values."""
    return GELU_SCALE * (x * (1 + GELU_CUBIC * (x * x)))


def _gelu_tanh_slope(x: Any) -> Any:
    """The derivative of `gelu_tanh`, on floats or Values."""
    logit = _gelu_logit(x)
    gate = sigmoid(logit)
    bump = x * (gate * sigmoid(-logit)) * (GELU_SCALE * (1 + 3 * GELU_CUBIC * (x * x)))
    return gate + select(fabs(x) < 1e3, bump, 0.0)  # further out it is 0, but for 0 * inf


@primitive(lambda g, out, x: g * _gelu_tanh_slope(x), facts="total propagates finite")
def gelu_tanh(x: float) -> float:
    """The tanh approximation of `gelu`: `0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x ** 3)))`.

    Source: Hendrycks and Gimpel, "Gaussian error linear units" (2016), section 2. Written with the
    sigmoid, since `(1 + tanh(u)) / 2 = sigmoid(2u)`.

    >>> gelu_tanh(0.0), round(gelu_tanh(1.0), 6)
    (0.0, 0.841192)
    """
    logit: float = _gelu_logit(x)
    return x * sigmoid(logit)


@primitive(lambda g, out, x: g * _silu_slope(x), facts="total propagates finite")
def silu(x: float) -> float:
    """`x * sigmoid(x)`, also called swish. Derivative: `sigmoid(x) * (1 + x * sigmoid(-x))`.

    Source: Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning" (2017).

    >>> silu(0.0)
    0.0
    """
    if (
        x < -700
    ):  # the sigmoid is the exponential there, and would be subnormal before the product is
        root = math.exp(0.5 * x)
        return x * root * root
    return x * sigmoid(x)


def _silu_slope(x: Any) -> Any:
    """The derivative of `silu`, on floats or Values."""
    is_far = x < -600  # there, another formula avoids subnormal numbers
    lift, lower = select(is_far, 64.0, 0.0), select(is_far, EXP_MINUS_64, 1.0)
    return sigmoid(x + lift) * (1 + x * sigmoid(-x)) * lower


@primitive(lambda g, out, x: g * sigmoid(x), facts="total finite unsigned")
def softplus(x: float) -> float:
    """`log(1 + exp(x))`, without overflow for any `x`. Derivative: `sigmoid(x)`.

    >>> softplus(1000.0), softplus(-1000.0)
    (1000.0, 0.0)
    """
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@primitive(
    lambda g, out, x: g / (1 + fabs(x)) / (1 + fabs(x)), facts="total propagates finite follows"
)
def softsign(x: float) -> float:
    """`x / (1 + |x|)`. Derivative: `1 / (1 + |x|) ** 2`.

    >>> softsign(1.0)
    0.5
    """
    return x / (1 + abs(x))


_GELU_FORMS = {"none": gelu, "tanh": gelu_tanh}


def gelu_form(approximate: str) -> Unary:
    """The form of GELU by the name that PyTorch gives it: "none" or "tanh".

    >>> gelu_form("none") is gelu
    True
    """
    if approximate not in _GELU_FORMS:
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return _GELU_FORMS[approximate]
