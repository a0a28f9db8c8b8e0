"""Arrays of Values: NumPy's own functions on them compute Values, with the right derivatives."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value, grad, where
from autograd.jit import jit
from autograd.testing import numerical_gradient

ANYWHERE = """
arccos arcsin arcsinh arctan arctanh cbrt conjugate cos cosh deg2rad degrees exp exp2 expm1 log
log10 log1p log2 negative positive rad2deg radians reciprocal sin sinh sqrt square tan tanh
"""
UNARY = dict.fromkeys(ANYWHERE.split(), 0.3) | {"absolute": -0.7, "fabs": -0.7, "arccosh": 1.7}
BINARY = ["add", "arctan2", "divide", "hypot", "maximum", "minimum", "multiply", "power"]
BINARY += ["fmax", "fmin", "remainder", "subtract"]

WHOLE: dict[str, Callable[[Any], Any]] = {
    "clip": lambda a: np.clip(a, 0.1, 0.6).sum(),
    "cumulated": lambda a: np.cumsum(a)[-2] * np.cumprod(a)[-1],
    "differences": lambda a: (np.diff(a) ** 2).sum(),
    "inner product": lambda a: np.dot(a, a[::-1]) + a @ np.array([1.0, 2.0, 3.0, 4.0]),
    "integral": lambda a: np.trapezoid(a * a) if hasattr(np, "trapezoid") else np.trapz(a * a),
    "largest": lambda a: np.max(a) * np.min(a),
    "matrices": lambda a: np.trace(a.reshape(2, 2) @ a.reshape(2, 2).T),
    "mean": np.mean,
    "median": np.median,
    "mixed": lambda a: (np.linspace(0, 1, 4) * a + np.float64(2.0) * a[0]).sum(),
    "norm": np.linalg.norm,
    "norm of 1": lambda a: np.linalg.norm(a, 1),
    "product": np.prod,
    "standard deviation": np.std,
    "standard deviations": lambda a: np.std(a.reshape(2, 2), axis=0).sum(),
    "sum": lambda a: np.sum(a, axis=0),
    "tensors": lambda a: np.einsum("i,j->", a, a) + np.outer(a, a)[0, 1],
    "variance": lambda a: np.var(a, ddof=1),
}

AT = np.array([0.7, -0.4, 0.5, 0.2])


def of_numbers(name: str) -> Callable[[Any], Any]:
    return lambda x: getattr(np, name)(np.array([x], dtype=object))[0]


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one(name: str) -> None:
    x, function = UNARY[name], getattr(np, name)
    out = of_numbers(name)(Value(x))
    assert type(out) is Value
    assert out.data == pytest.approx(function(x), rel=1e-15)
    slope = grad(of_numbers(name))(x)
    assert slope == pytest.approx(numerical_gradient(function, [x])[0], rel=1e-8)
    assert jit(grad(of_numbers(name)))(x) == pytest.approx(slope, rel=1e-14)
    if name != "conjugate":
        assert getattr(np, name)(Value(x)).data == out.data  # and of a Value by itself


@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two(name: str) -> None:
    function = getattr(np, name)
    f = lambda x, y: function(np.array([x], dtype=object), np.array([y], dtype=object))[0]
    assert f(Value(0.7), Value(0.4)).data == pytest.approx(function(0.7, 0.4), rel=1e-15)
    expected = numerical_gradient(function, [0.7, 0.4])
    assert grad(f, (0, 1))(0.7, 0.4) == pytest.approx(tuple(expected), rel=1e-8)
    assert function(Value(0.7), 0.4).data == pytest.approx(function(0.7, 0.4), rel=1e-15)


@pytest.mark.parametrize("name", WHOLE)
def test_functions_of_an_array(name: str) -> None:
    f = WHOLE[name]
    assert float(f(np.array([Value(x) for x in AT]))) == pytest.approx(f(AT), rel=1e-14)
    slopes = grad(f)(AT)
    assert slopes.dtype == float
    [expected] = numerical_gradient(lambda xs: f(np.array(xs)), [list(AT)])
    assert slopes == pytest.approx(np.array(expected), rel=1e-7, abs=1e-9)


def test_numbers_of_numpy_beside_a_value() -> None:
    v = Value(3.0)
    for x in (np.float64(2.0), np.float32(2.0), np.int64(2), np.bool_(True)):
        for out in (x * v, v * x, x + v, x - v, x / v, x**v, x // v, x % v):
            assert type(out) is Value
    assert np.float64(2.0) < v
    assert np.float64(2.0) != v
    array = np.arange(3.0) * v
    assert [x.data for x in array] == [0.0, 3.0, 6.0]
    assert [x.data for x in np.arange(3.0) - v] == [-3.0, -2.0, -1.0]
    assert ((np.arange(5.0) < v) == [True, True, True, False, False]).all()


def test_comparisons_with_numbers_of_numpy_are_guards_of_compiled_functions() -> None:
    for f in (
        lambda x: where(np.float64(0.5) < x, x * 2, x * 3),
        lambda x: where(x > np.float64(0.5), x * 2, x * 3),
    ):
        compiled = jit(f)
        for x in (1.0, 0.2, 0.7, 0.1, np.float64(0.9)):
            assert compiled(x) == f(x)


def test_what_numpy_cannot_compute_is_named_with_a_remedy() -> None:
    for function in (np.heaviside, np.nextafter):
        with pytest.raises(TypeError, match=rf"numpy\.{function.__name__}.*autograd\.exp.*detach"):
            function(Value(1.0), 2.0)
    floats = np.zeros(3)
    with pytest.raises(TypeError, match=r"numpy\.add cannot take a Value: .*float64"):
        floats += Value(1.0)
    assert [x.data for x in np.add.outer(np.arange(2.0), Value(1.0)).tolist()] == [1.0, 2.0]


OF_THE_CLASS = {"fromhex", "from_number"}


def test_what_else_a_float_has() -> None:
    v = Value(0.75)
    assert (v.real, v.imag, v.conjugate()) == (v, 0.0, v)
    assert v.as_integer_ratio() == (3, 4)
    assert float.fromhex(v.hex()) == 0.75
    assert (v.is_integer(), Value(-2.0).is_integer(), Value(math.inf).is_integer()) == (0, 1, 0)
    assert complex(v) == 0.75 + 0j
    assert {name for name in dir(float) if not name.startswith("_")} <= {*dir(Value), *OF_THE_CLASS}
