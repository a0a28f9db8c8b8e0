"""The public functions: floats in, floats out; Values in, Values out; right at the edges."""

import math
from itertools import accumulate
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import BACKENDS

import autograd
from autograd import Value, functions, grad, hessian, jvp
from autograd.jit import jit
from autograd.testing import gradcheck

FAR = (-1000.0, -30.0, 0.0, 30.0, 1000.0)
rows = st.lists(st.floats(-20, 20), min_size=1, max_size=5)
logits = st.lists(st.sampled_from([-1000.0, -999.0, -1.0, 0.0, 1.0, 999.0, 1000.0]), min_size=1)


@st.composite
def spread_rows(draw: st.DrawFn) -> list[float]:
    """One to five numbers, no two of them nearly equal, in any order."""
    gaps = draw(st.lists(st.floats(0.125, 8.0), max_size=4))
    return draw(st.permutations([*accumulate(gaps, initial=draw(st.floats(-20, -12)))]))


def test_every_name_is_exported_and_documented() -> None:
    for name in functions.__all__:
        function = getattr(autograd, name)
        assert ">>>" in function.__doc__, name
        assert name in autograd.__all__


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid", "relu", "softplus", "floor", "silu"])
def test_kind_of_result_follows_the_operands(name: str) -> None:
    function = getattr(autograd, name)
    assert type(function(0.5)) is float
    assert type(function(1)) is float
    assert type(function(np.float64(0.5))) is float
    assert type(function(Value(0.5))) is Value


def test_functions_of_two_take_either_kind_in_either_place() -> None:
    for function in (autograd.hypot, autograd.atan2, autograd.maximum, autograd.minimum):
        assert type(function(1.0, 2)) is float
        expected = function(1.0, 2.0)
        for operands in ((Value(1.0), 2.0), (1.0, Value(2.0)), (Value(1.0), Value(2.0))):
            assert function(*operands).data == expected


def test_a_function_names_itself_in_errors() -> None:
    with pytest.raises(TypeError, match=r"^exp: expected a number, got str '1'"):
        autograd.exp("1")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"^hypot: expected a number, got None"):
        autograd.hypot(Value(1.0), None)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match=r"^log\(0\.0\): "):
        autograd.log(0.0)
    with pytest.raises(ValueError, match=r"^log\(Value\(data=-1\.0, grad=0\.0, label='p'\)\): "):
        autograd.log(Value(-1.0, "p"))


# Stable forms


@pytest.mark.parametrize("x", FAR)
def test_stable_functions_far_from_zero(x: float) -> None:
    with mpmath.workdps(1000):
        sigmoid = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
        softplus = mpmath.log1p(mpmath.exp(mpmath.mpf(x)))
        assert autograd.sigmoid(x) == pytest.approx(float(sigmoid), rel=1e-15)
        assert autograd.softplus(x) == pytest.approx(float(softplus), rel=1e-15)
        slope = float(sigmoid * (1 - sigmoid))
        assert grad(autograd.sigmoid)(x) == pytest.approx(slope, rel=1e-14, abs=0)
        assert grad(autograd.softplus)(x) == pytest.approx(float(sigmoid), rel=1e-14)
        tanh_slope = float(1 - mpmath.tanh(mpmath.mpf(x)) ** 2)
        assert grad(autograd.tanh)(x) == pytest.approx(tanh_slope, rel=1e-14, abs=0)
    for name in ("silu", "gelu", "elu", "leaky_relu", "softsign", "relu"):
        assert math.isfinite(getattr(autograd, name)(x))
        assert math.isfinite(grad(getattr(autograd, name))(x))


@pytest.mark.parametrize(("x", "slope"), [(1e200, 1.0), (-1e200, 0.0)])
def test_activations_at_the_ends_of_the_floats(x: float, slope: float) -> None:
    for name in ("relu", "silu", "gelu", "softplus", "elu"):
        assert grad(getattr(autograd, name))(x) == slope
    assert grad(lambda x: autograd.gelu(x, "tanh"))(x) == slope
    for name in ("sigmoid", "tanh", "erf", "atan", "softsign"):
        assert grad(getattr(autograd, name))(x) == 0.0


@given(logits)
def test_stable_reductions_far_from_zero(xs: list[float]) -> None:
    with mpmath.workdps(1000):
        powers = [mpmath.exp(mpmath.mpf(x)) for x in xs]
        total = mpmath.fsum(powers)
        soft = [float(p / total) for p in powers]
        log_soft = [float(mpmath.log(p / total)) for p in powers]
        log_total = float(mpmath.log(total))
    assert autograd.logsumexp(xs) == pytest.approx(log_total, rel=1e-14, abs=1e-15)
    assert autograd.softmax(xs) == pytest.approx(soft, rel=1e-14, abs=0)
    assert autograd.log_softmax(xs) == pytest.approx(log_soft, rel=1e-14, abs=1e-15)
    assert grad(autograd.logsumexp)(xs) == pytest.approx(soft, rel=1e-12, abs=0)
    values = [Value(x) for x in xs]
    assert [y.data for y in autograd.softmax(values)] == autograd.softmax(xs)
    assert [y.data for y in autograd.log_softmax(values)] == autograd.log_softmax(xs)


def test_logsumexp_of_infinities() -> None:
    assert autograd.logsumexp([-math.inf, -math.inf]) == -math.inf
    assert autograd.logsumexp([-math.inf, 1.0]) == 1.0
    assert autograd.logsumexp([math.inf, 1.0]) == math.inf


# Several numbers at once


@given(rows)
def test_reductions_match_numpy(xs: list[float]) -> None:
    assert autograd.sum(xs) == pytest.approx(np.sum(xs), rel=1e-12, abs=1e-12)
    assert autograd.mean(xs) == pytest.approx(np.mean(xs), rel=1e-12, abs=1e-12)
    assert autograd.prod(xs) == pytest.approx(np.prod(xs), rel=1e-12)
    assert autograd.dot(xs, xs) == pytest.approx(np.dot(xs, xs), rel=1e-12)
    assert autograd.max(xs) == autograd.max(*xs, -1e9) == np.max(xs)
    assert autograd.min(xs) == autograd.min(*xs, 1e9) == np.min(xs)
    for name in ("sum", "mean", "prod", "max", "min", "logsumexp"):
        of_values = getattr(autograd, name)(Value(x) for x in xs)
        assert of_values.data == getattr(autograd, name)(xs)


@given(spread_rows())
def test_derivatives_of_reductions(xs: list[float]) -> None:
    small = [x / 10 for x in xs]
    for name in ("sum", "mean", "max", "min", "logsumexp", "softmax", "log_softmax", "prod"):
        gradcheck(getattr(autograd, name), (small,))
    gradcheck(autograd.dot, (small, list(reversed(small))))


def test_reductions_are_one_node() -> None:
    xs = [Value(1.0), 2.0, Value(3.0)]
    for name in ("sum", "prod", "max", "min", "logsumexp"):
        node = getattr(autograd, name)(xs)
        assert node.operands == tuple(xs)
        assert node.primitive.name == name
    assert autograd.dot(xs, [4.0, 5.0, 6.0]).operands == (*xs, 4.0, 5.0, 6.0)


def test_nothing_to_reduce() -> None:
    assert autograd.sum([]) == 0.0
    assert autograd.prod([]) == 1.0
    assert autograd.dot([], []) == 0.0
    for name in ("mean", "max", "min", "logsumexp", "softmax", "log_softmax"):
        with pytest.raises(ValueError, match=rf"^{name}: expected at least one number, got none"):
            getattr(autograd, name)([])


def test_sum_starts_where_the_builtin_does() -> None:
    assert autograd.sum([1.0, 2.0], 10) == 13.0
    assert autograd.sum([1.0], Value(2.0)).operands == (2.0, 1.0)


def test_lengths_of_dot() -> None:
    with pytest.raises(ValueError, match="expected equal lengths, got 2 and 3"):
        autograd.dot([1.0, 2.0], [1.0, 2.0, 3.0])


# Derivatives at the edges, as the docstrings state them


@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (autograd.relu, 0.0, 0.0),
        (autograd.fabs, 0.0, 0.0),
        (abs, 0.0, 0.0),
        (autograd.sign, 0.0, 0.0),
        (lambda x: autograd.leaky_relu(x, 0.2), 0.0, 0.2),
        (autograd.elu, 0.0, 1.0),
        (lambda x: autograd.maximum(x, 1.0), 1.0, 0.5),
        (lambda x: autograd.minimum(1.0, x), 1.0, 0.5),
        (lambda x: autograd.clip(x, 0.0, 1.0), 0.0, 0.5),
        (lambda x: autograd.clip(x, 0.0, 1.0), 1.0, 0.5),
        (lambda x: autograd.clip(x, 0.0, 1.0), 2.0, 0.0),
        (lambda x: autograd.clip(x, 0.0, 1.0), 0.5, 1.0),
        (autograd.floor, 2.0, 0.0),
        (lambda x: x // 2, 4.0, 0.0),
        (lambda x: x % 2, 4.0, 1.0),
        (lambda x: 7 % x, 2.0, -3.0),
        (lambda x: x**0, 0.0, 0.0),
        (lambda x: x**1, 0.0, 1.0),
        (lambda x: x**2, 0.0, 0.0),
        (lambda x: x**2, -3.0, -6.0),
        (lambda x: autograd.max([x, 1.0, 1.0, 0.0]), 1.0, 1 / 3),
        (lambda x: autograd.min([x, x, 2.0]), 1.0, 1.0),
        (lambda x: autograd.prod([x, 0.0, 3.0]), 2.0, 0.0),
        (lambda x: autograd.prod([x, 2.0, 3.0]), 0.0, 6.0),
    ],
)
def test_derivative_at_an_edge(f: Any, at: float, expected: float) -> None:
    assert grad(f)(at) == expected


@pytest.mark.parametrize(
    ("f", "at", "error"),
    [
        (autograd.sqrt, 0.0, ZeroDivisionError),
        (autograd.cbrt, 0.0, ZeroDivisionError),
        (lambda x: x**0.5, 0.0, ZeroDivisionError),
        (lambda x: 0**x, 0.0, ValueError),
        (lambda x: (-2) ** x, 2.0, ValueError),
        (autograd.asin, 1.0, ZeroDivisionError),
        (autograd.acos, -1.0, ZeroDivisionError),
        (autograd.acosh, 1.0, ZeroDivisionError),
        (lambda x: autograd.hypot(x, 0.0), 0.0, ZeroDivisionError),
        (lambda x: autograd.atan2(x, x), 0.0, ZeroDivisionError),
    ],
)
def test_derivative_that_does_not_exist(f: Any, at: float, error: type[Exception]) -> None:
    assert math.isfinite(f(at))
    with pytest.raises(error, match=r"^derivative of "):
        grad(f)(at)


def test_powers_of_zero_have_all_derivatives_where_they_exist() -> None:
    third = grad(grad(grad(lambda x: x**2)))
    assert third(0.0) == 0.0
    assert grad(grad(lambda x: x**2))(0.0) == 2.0


NONE = math.nan


@pytest.mark.parametrize(
    ("base", "exponent", "in_base", "in_exponent"),
    [
        (-3.0, 2.0, -6.0, NONE),
        (-2.0, -3.0, -3 / 16, NONE),
        (-2.0, 0.0, 0.0, NONE),
        (-2.0, 1.0, 1.0, NONE),
        (0.0, 3.0, 0.0, 0.0),
        (0.0, 1.5, 0.0, 0.0),
        (0.0, 1.0, 1.0, 0.0),
        (-0.0, 1.0, 1.0, 0.0),
        (0.0, 0.5, math.inf, 0.0),
        (0.0, 0.0, 0.0, NONE),
        (2.0, 3.0, 12.0, 8 * math.log(2)),
    ],
)
def test_a_derivative_of_a_power_that_does_not_exist_leaves_the_other(
    base: float, exponent: float, in_base: float, in_exponent: float
) -> None:
    expected = pytest.approx((in_base, in_exponent), rel=1e-14, nan_ok=True)

    def f(x: Any, n: Any) -> Any:
        return x**n

    x, n = Value(base), Value(exponent)
    f(x, n).backward()
    assert (x.grad, n.grad) == expected
    x, n = Value(base), Value(exponent)
    f(x, n).backward(create_graph=True)
    assert (x.grad.data, n.grad.data) == expected
    assert grad(f, (0, 1))(base, exponent) == expected
    assert grad(lambda x: x ** Value(exponent))(base) == pytest.approx(in_base, rel=1e-14)
    tangents = (jvp(f, (base, exponent), d)[1] for d in ((1.0, 0.0), (0.0, 1.0)))
    assert tuple(tangents) == expected
    for backend in BACKENDS:
        compiled = jit(grad(f, (0, 1)), backend=backend)
        compiled(1.5, 2.5)
        for _ in range(2):
            assert compiled(base, exponent) == expected


def test_second_derivatives_of_a_power_where_they_exist() -> None:
    second = hessian(lambda z: z[0] ** z[1])
    (in_base, _), _ = second([-3.0, 2.0])
    assert in_base == pytest.approx(2.0)
    (in_base, mixed), (_, in_exponent) = second([0.0, 2.0])
    assert (in_base, mixed, in_exponent) == (2.0, 0.0, 0.0)
    assert second([0.0, 3.0]) == [[0.0, 0.0], [0.0, 0.0]]
    (_, mixed), (again, in_exponent) = second([0.0, 1.0])
    assert not math.isfinite(mixed)
    assert again == -math.inf
    assert in_exponent == 0.0
    assert second([0.0, 0.5]) == [[-math.inf, -math.inf], [-math.inf, 0.0]]
    for at in ([0.0, 0.0], [-3.0, 2.0]):  # a derivative that does not exist has none of its own
        assert math.isnan(second(at)[1][1])
        assert math.isnan(second(at)[0][1])


def test_where_takes_one_side() -> None:
    x, y, c = Value(2.0), Value(3.0), Value(1.0)
    picked = autograd.where(x < y, x * 2, y * 5)
    picked.backward()
    assert (picked.data, x.grad, y.grad) == (4.0, 2.0, 0.0)
    assert autograd.where(c, 1.0, 2.0) == 1.0
    assert autograd.where(0, x, y).data == 3.0
    assert autograd.where(x > y, 1, 2) == 2.0


def test_clip_wants_ordered_limits() -> None:
    with pytest.raises(ValueError, match=r"clip: low must not be above high, got low=2\.0"):
        autograd.clip(Value(0.0), 2.0, 1.0)
