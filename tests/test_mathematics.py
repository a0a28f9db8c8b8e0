"""What math, NumPy and JAX have for single numbers: values, derivatives, edges, compiled."""

import math
from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import BACKENDS

import autograd as ag
from autograd import Value, grad, hessian, jvp
from autograd.jit import jit
from autograd.testing import gradcheck

LEFT_OUT = {
    *("comb", "factorial", "gcd", "isqrt", "lcm", "perm"),  # of integers
    *("fma", "frexp", "fsum", "ldexp", "nextafter", "ulp"),  # of digits
    *("e", "inf", "nan", "pi", "tau"),
}

CALLS: dict[str, tuple[Any, tuple[float, ...]]] = {
    "copysign": (ag.copysign, (3.0, -2.0)),
    "digamma": (ag.digamma, (0.3,)),
    "dist": (lambda a, b, c, d: ag.dist([a, b], [c, d]), (1.0, 2.0, 4.0, 6.5)),
    "fmod": (ag.fmod, (-7.5, 2.0)),
    "gamma": (ag.gamma, (4.4,)),
    "hypot of one": (ag.hypot, (-2.0,)),
    "hypot of three": (ag.hypot, (2.0, 3.0, 6.0)),
    "hypot of five": (ag.hypot, (0.0, 1.0, 2.0, 3.0, 6.0)),
    "lgamma": (ag.lgamma, (2.5,)),
    "lgamma of a negative": (ag.lgamma, (-1.3,)),
    "log with a base": (ag.log, (8.0, 2.0)),
    "log_sigmoid": (ag.log_sigmoid, (-3.0,)),
    "logaddexp": (ag.logaddexp, (1.0, 0.5)),
    "logit": (ag.logit, (0.2,)),
    "modf": (lambda x: ag.modf(x)[0] * ag.modf(x)[1], (-2.75,)),
    "polygamma": (lambda x: ag.polygamma(2, x), (1.7,)),
    "pow": (ag.pow, (1.5, 2.5)),
    "remainder": (ag.remainder, (7.4, 2.0)),
    "rint": (lambda x: ag.rint(x) * x, (2.7,)),
    "sumprod": (lambda a, b, c, d: ag.sumprod([a, b], [c, d]), (1.0, 2.0, 3.0, 4.0)),
}


def test_every_function_of_the_math_module_is_there() -> None:
    names = {name for name in dir(math) if not name.startswith("_")}
    assert names - set(ag.functions.__all__) - LEFT_OUT == set()


@pytest.mark.parametrize("name", CALLS)
def test_derivatives(name: str) -> None:
    f, at = CALLS[name]
    assert type(f(*at)) is float
    gradcheck(f, at, order=2)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CALLS)
def test_compiled(name: str, backend: str) -> None:
    f, at = CALLS[name]
    argnums = tuple(range(len(at)))
    many = lambda *xs: sum((k + 1) * f(*[x * (1 + k / 64) for x in xs]) for k in range(5))
    for plain in (f, many):
        for transform in (lambda g: g, lambda g: grad(g, argnums), lambda g: hessian(g, argnums)):
            compiled = jit(transform(plain), backend=backend)
            for scale in (1.0, 1.01, 1.02):
                point = [x * scale for x in at]
                expected = np.ravel(transform(plain)(*point))
                assert np.ravel(compiled(*point)) == pytest.approx(expected, rel=1e-13, abs=1e-14)


@given(st.floats(-20, 20), st.floats(0.01, 5) | st.floats(-5, -0.01))
def test_values_are_those_of_the_math_module(x: float, y: float) -> None:
    for name in ("fmod", "remainder", "copysign", "dist", "hypot", "isclose"):
        points = ([x], [y]) if name == "dist" else (x, y)
        assert getattr(ag, name)(*points) == getattr(math, name)(*points)
    for number in (x, 0.5, -0.5, -0.0, 5e-324, math.inf, -math.inf, math.nan):
        assert repr(ag.modf(number)) == repr(math.modf(number))
        assert repr(tuple([float(part) for part in ag.modf(Value(number))])) == repr(
            math.modf(number)
        )
    assert ag.hypot(x, y, 1.0) == math.hypot(x, y, 1.0)
    assert ag.rint(x) == float(np.rint(x))
    for zero in (0.0, -0.0):
        assert math.copysign(1, ag.fmod(zero, y)) == math.copysign(1, zero)
        assert math.copysign(1, ag.rint(zero)) == math.copysign(1, zero)


@pytest.mark.parametrize("x", [2.5, -0.5, math.inf, Value(2.5)])
def test_what_is_stopped_is_of_the_kind_that_was_given(x: Any) -> None:
    for f in (ag.stop_gradient, ag.modf, lambda x: [ag.stop_gradient(x * 2), ag.stop_gradient(3)]):
        compiled = jit(f)
        for _ in range(3):
            assert repr(compiled(x)) == repr(f(x))


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "softmax", "logsumexp"])
def test_what_is_no_list_of_numbers_is_named(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name}: expected numbers in a list, got None; write"):
        getattr(ag, name)(None)
    with pytest.raises(TypeError, match="dot: expected numbers in a list"):
        ag.dot(Value(1.0), [2.0])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="of the generator's own"):
        getattr(ag, name)(_spoilt())


def _spoilt() -> Iterator[float]:
    yield 1.0
    raise TypeError("of the generator's own")


@pytest.mark.parametrize("x", [5e-324, 1e-310, 5e-309, 171.7])
def test_a_gamma_beyond_floats_is_an_error(x: float) -> None:
    for f in (ag.gamma, jit(lambda x: ag.gamma(x))):
        with pytest.raises(OverflowError):
            f(x)


def test_slopes_of_remainders() -> None:
    assert grad(ag.fmod, (0, 1))(7.5, 2.0) == (1.0, -3.0)
    assert grad(ag.fmod, (0, 1))(-7.5, 2.0) == (1.0, 3.0)
    assert grad(ag.fmod, (0, 1))(7.5, -2.0) == (1.0, 3.0)
    assert grad(ag.remainder, (0, 1))(7.5, 2.0) == (1.0, -4.0)
    assert grad(ag.remainder, (0, 1))(5.0, 2.0) == (1.0, -2.0)  # the even one of 2 and 3
    assert grad(ag.copysign, (0, 1))(-3.0, -0.0) == (1.0, 0.0)
    assert grad(ag.copysign, (0, 1))(0.0, 1.0) == (0.0, 0.0)
    for f in (ag.fmod, ag.remainder):
        with pytest.raises(ValueError, match="math domain error"):
            f(Value(1.0), 0.0)


def test_log_with_a_base() -> None:
    slopes = grad(ag.log, (0, 1))(8.0, 2.0)
    assert slopes == pytest.approx((1 / (8 * math.log(2)), -3 / (2 * math.log(2))), rel=1e-15)
    assert grad(lambda x: ag.log(x, 10))(5.0) == pytest.approx(1 / (5 * math.log(10)), rel=1e-15)
    for x, base in ((0.0, 2.0), (2.0, -1.0), (2.0, 0.0)):
        with pytest.raises(ValueError, match="log"):
            ag.log(Value(x), base)
    with pytest.raises(ZeroDivisionError):
        ag.log(2.0, 1.0)


def test_logaddexp_and_log_sigmoid_far_out() -> None:
    assert ag.logaddexp(1000.0, 1000.0) == 1000 + math.log(2)
    assert ag.logaddexp(-math.inf, 2.0) == 2.0
    assert ag.logaddexp(-math.inf, -math.inf) == -math.inf
    assert grad(ag.logaddexp, (0, 1))(1000.0, -1000.0) == (1.0, 0.0)
    assert grad(ag.log_sigmoid)(-1000.0) == 1.0
    assert grad(ag.log_sigmoid)(1000.0) == 0.0


def test_lengths_of_any_number_of_coordinates() -> None:
    assert ag.hypot() == 0.0
    assert ag.hypot(-3.0) == 3.0
    assert grad(ag.hypot, (0, 1, 2))(0.0, 0.0, 6.0) == (0.0, 0.0, 1.0)
    huge, tiny = 1e300, 5e-320
    for size in (huge, tiny):
        assert grad(ag.hypot, (0, 1, 2))(2 * size, 3 * size, 6 * size) == pytest.approx(
            (2 / 7, 3 / 7, 6 / 7), rel=1e-15
        )
    with pytest.raises(ZeroDivisionError, match="norm"):
        grad(ag.hypot, (0, 1, 2))(0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="dist: expected equal lengths, got 1 and 2"):
        ag.dist([1.0], [1.0, 2.0])


@pytest.mark.parametrize("x", [1 + 2.0**-52, 1 - 2.0**-53, 1 + 1e-9, 2 - 1e-12, 2 + 1e-9])
def test_lgamma_near_its_zeros(x: float) -> None:
    with mpmath.workdps(50):
        assert ag.lgamma(x) == pytest.approx(float(mpmath.loggamma(x)), rel=1e-15)


@pytest.mark.parametrize("distance", [0.0, 1e-15, -1e-12, 1e-6, -0.1, 0.5])
def test_digamma_near_its_zero(distance: float) -> None:
    x = 1.4616321449683622 + distance
    with mpmath.workdps(50):
        assert ag.digamma(x) == pytest.approx(float(mpmath.digamma(x)), rel=1e-15)


@pytest.mark.parametrize("x", [0.1, 0.9, 1.5, 3.0, 25.0, 1e4, -0.5, -3.7, -310.25])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_polygamma(n: int, x: float) -> None:
    with mpmath.workdps(50):
        expected = float(mpmath.psi(n, x))
    assert ag.polygamma(n, x) == pytest.approx(expected, rel=1e-13)
    slope = grad(lambda x: ag.polygamma(n, x))(x)
    assert slope == pytest.approx(ag.polygamma(n + 1, x), rel=1e-15)
    assert jvp(lambda x: ag.polygamma(n, x), (x,), (1.0,))[1] == slope


def test_derivatives_of_lgamma_of_any_order() -> None:
    f: Any = ag.lgamma
    for n in range(5):
        f = grad(f)
        assert f(2.3) == pytest.approx(ag.polygamma(n, 2.3), rel=1e-15)
    assert grad(grad(ag.lgamma))(3.0) == pytest.approx(math.pi**2 / 6 - 1.25, rel=1e-14)


@pytest.mark.parametrize("f", [ag.gamma, ag.lgamma, ag.digamma, lambda x: ag.polygamma(2, x)])
def test_poles_raise(f: Any) -> None:
    for pole in (0.0, -0.0, -1.0, -7.0, -math.inf):
        if f is ag.lgamma and pole == -math.inf:  # as the math module has it
            assert f(pole) == math.inf
            continue
        for x in (pole, Value(pole)):
            with pytest.raises(ValueError, match=r"math domain error|expected a noninteger"):
                f(x)
    assert math.isnan(f(math.nan))


def test_orders_are_whole_and_not_negative() -> None:
    with pytest.raises(TypeError, match="polygamma: the order must be an integer"):
        ag.polygamma(1.5, 2.0)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="polygamma: the order must be at least 0"):
        ag.polygamma(-1, 2.0)


NUMBERS = (0.0, 1.0, -1.0, math.inf, -math.inf, math.nan)


def test_checks_of_numbers() -> None:
    for x in NUMBERS:
        for name in ("isfinite", "isinf", "isnan"):
            check = getattr(ag, name)
            assert check(Value(x)) is check(x) is getattr(math, name)(x)
        for y in NUMBERS:
            assert ag.isclose(Value(x), y) is math.isclose(x, y)
    assert ag.isclose(1.0, Value(1.1), rel_tol=0.2)
    assert ag.isclose(1.0, Value(1.1), abs_tol=0.2)
    with pytest.raises(ValueError, match="tolerances must not be negative"):
        ag.isclose(1.0, 1.0, rel_tol=-1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_checks_are_guards_of_compiled_functions(backend: str) -> None:
    f = lambda x, y: x * y if ag.isclose(x, y, abs_tol=0.5) and ag.isfinite(x) else x + y
    compiled = jit(f, backend=backend)
    for x, y in ((1.0, 1.2), (1.0, 3.0), (2.0, 2.1), (5.0, 1.0)):
        assert compiled(x, y) == f(x, y)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_sign_of_a_zero_counts_in_compiled_code(backend: str) -> None:
    f = lambda x, y: ag.copysign(x, y * x)
    compiled = jit(f, backend=backend)
    for x, y in ((1.0, 2.0), (3.0, 0.0), (3.0, -0.0), (0.0, -2.0), (2.0, -1.0)):
        assert math.copysign(1, compiled(x, y)) == math.copysign(1, f(x, y))
        assert compiled(x, y) == f(x, y)
