"""Random programs against PyTorch in float64: the same program, value and derivatives.

Both libraries compute the same numbers by other formulas, so each may be off by as much as the
running error analysis of `running_error` says, and they may be apart by twice that.
"""

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from judging import derivative_values
from smooth_programs import Point, smooth_programs

from autograd import Value
from autograd.primitives import TABLE
from autograd.testing.numerical.rounding import running_error
from autograd.testing.programs.expressions import Expression

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers

F = torch.nn.functional


def half(xs: tuple[Any, ...], start: int) -> Any:
    return torch.stack(xs[start * len(xs) // 2 :][: len(xs) // 2])


def trigamma(x: Any) -> Any:
    return torch.special.zeta(torch.full_like(x, 2.0), x)


# PyTorch's own `polygamma(1, x)`, the derivative of its digamma, is off in the tenth digit.


def with_slope(value: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of PyTorch's with another derivative, which can be differentiated in its turn."""

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return value(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * slope(*ctx.saved_tensors)

    return Function.apply  # type: ignore[no-any-return]


digamma = with_slope(torch.digamma, trigamma)
lgamma = with_slope(torch.lgamma, digamma)
# PyTorch's own, such as `1 - tanh(x) ** 2`, cancel where the function is level.
sigmoid = with_slope(torch.sigmoid, lambda x: sigmoid(x) * sigmoid(-x))
tanh = with_slope(torch.tanh, lambda x: torch.cosh(x) ** -2)
softsign = with_slope(F.softsign, lambda x: (1 + x.abs()) ** -2)


PLAIN: dict[str, Callable[..., Any]] = {
    "identity": lambda a: +a,
    "neg": torch.neg,
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "floordiv": lambda a, b: torch.floor(a / b),
    "mod": torch.remainder,
    # PyTorch's own has the derivative 0 in `a` at `b = 0`, and loses the mixed second derivative.
    "pow": lambda a, b: torch.exp(b * torch.log(a)),
    "pow_number": torch.pow,
    "number_pow": torch.pow,
    "cbrt": lambda x: x ** (1 / 3),  # of numbers above 0, as programs take it
    "degrees": torch.rad2deg,
    "radians": torch.deg2rad,
    "gamma": lambda x: torch.exp(lgamma(x)),  # of numbers above 0
    "lgamma": lgamma,
    "digamma": digamma,
    "trigamma": trigamma,
    "rint": torch.round,
    "remainder": lambda a, b: a - b * torch.round(a / b),
    "where": lambda condition, x, y: torch.where(condition != 0, x, y),
    "leaky_relu": lambda x, slope: torch.where(x > 0, x, slope * x),
    "elu": lambda x, alpha: torch.where(x > 0, x, alpha * torch.expm1(x)),
    "relu": F.relu,
    "silu": F.silu,
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "sigmoid": sigmoid,
    "softsign": softsign,
    "tanh": tanh,
    "sum": lambda *xs: torch.stack(xs).sum(),
    "prod": lambda *xs: reduce(torch.mul, xs),  # `torch.prod` divides in its second derivative
    "dot": lambda *xs: torch.dot(half(xs, 0), half(xs, 1)),
    "max": lambda *xs: torch.stack(xs).amax(),
    "min": lambda *xs: torch.stack(xs).amin(),
    "log_ndtr": torch.special.log_ndtr,
    "logsumexp": lambda *xs: torch.logsumexp(torch.stack(xs), 0),
}


def of_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its constants made tensors."""
    return lambda *xs: function(*[torch.as_tensor(x, dtype=torch.float64) for x in xs])


COMPARED = [name for name in TABLE if name not in ("gelu", "gelu_tanh")]
"""PyTorch's gelu is `x * (1 + erf(...)) / 2`, which cancels below 0: it is 9 ulp off at -4."""

OPERATIONS = {
    name: of_tensors(PLAIN[name] if name in PLAIN else getattr(torch, name)) for name in COMPARED
}


def derivatives(result: Any, inputs: list[Any]) -> list[Any]:
    """PyTorch's derivatives, which can be differentiated in their turn."""
    if not result.requires_grad:
        return [torch.zeros_like(x) for x in inputs]
    return list(torch.autograd.grad(result, inputs, create_graph=True, materialize_grads=True))


def check_first(program: Expression, point: tuple[float, float]) -> tuple[list[Any], ...]:
    """Compare value and gradient; the gradients and the inputs, of the engine and of PyTorch."""
    leaves = [Value(x) for x in point]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    mine, theirs = program(leaves), program.evaluate(tensors, OPERATIONS)
    assert abs(float(mine) - theirs.item()) <= 2 * running_error(mine)
    gradient, other = derivative_values(mine, leaves), derivatives(theirs, tensors)
    for g, t in zip(gradient, other, strict=True):
        assert abs(float(g) - t.item()) <= 2 * running_error(g)
    return gradient, leaves, other, tensors


@given(smooth_programs(operations=COMPARED))
def test_first_derivatives_agree(drawn: tuple[Expression, Point]) -> None:
    check_first(*drawn)


@given(smooth_programs(operations=COMPARED))
def test_second_derivatives_agree(drawn: tuple[Expression, Point]) -> None:
    gradient, leaves, other, tensors = check_first(*drawn)
    for g, t in zip(gradient, other, strict=True):
        for mine, theirs in zip(derivative_values(g, leaves), derivatives(t, tensors), strict=True):
            assert abs(float(mine) - theirs.item()) <= 2 * running_error(mine)
    assert all(math.isfinite(float(g)) for g in gradient)
