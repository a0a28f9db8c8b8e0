"""What the kit takes: arrays, functions of Values, and functions with an edge nearby."""

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from strength import examples

import autograd as ag
from autograd import GradientError, Value, exp, log, primitive, sqrt, tanh
from autograd.testing import InconclusiveError, gradcheck, numerical_gradient, numerical_jacobian
from autograd.testing.properties import derivative_property
from nn import MLP

VECTOR = np.array([1.0, 2.0, -0.5])
MATRIX = np.array([[0.5, -1.0, 2.0], [0.25, 2.0, -0.75]])


class Layer(NamedTuple):
    w: Any
    b: Any


def squares(v: Any) -> Any:
    return (v * v).sum()


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (squares, (VECTOR,)),
        (squares, (VECTOR.astype(np.float32),)),
        (squares, (np.array([1, 2, 3]),)),
        (squares, (np.array([Value(1.0), 2, 0.5], object),)),
        (squares, (np.array([]),)),
        (lambda v: v * v, (VECTOR,)),
        (lambda v: np.asarray(v * v), (np.array(2.0),)),
        (lambda w, x: tanh((w @ x).sum()), (MATRIX / 4, VECTOR)),
        (lambda w, x: [tanh(ag.dot(row, x)) for row in w], (MATRIX, VECTOR)),
        (lambda p: squares(p["w"]) * exp(p["b"]), ({"w": MATRIX / 4, "b": 0.5},)),
        (lambda p: {"out": p.w @ p.b, "b": p.b[0]}, (Layer(MATRIX, VECTOR),)),
        (lambda v, x: np.sin(v) * x[0], (VECTOR, [2.0])),
    ],
)  # fmt: skip
def test_arrays(f: Any, args: Any, order: int) -> None:
    assert gradcheck(f, args, order=order).passed


@settings(max_examples=examples(30))
@given(
    arrays.arrays(
        np.float64, arrays.array_shapes(max_dims=3, max_side=3), elements=st.floats(-2, 2)
    )
)
def test_arrays_of_any_shape(x: Any) -> None:
    (slope,) = numerical_gradient(lambda x: (x * x * x).sum(), (x,))
    assert slope.shape == x.shape
    assert slope == pytest.approx(3 * x * x, rel=1e-9, abs=1e-9)
    gradcheck(lambda x: (x * x).sum() + x.ravel()[0], (x,))
    with pytest.raises(GradientError):
        gradcheck(lambda x: (x * x).sum(), (x,), derivative=lambda x: 2 * x + 0.1)


def test_jacobians_of_arrays() -> None:
    by_w, by_x = numerical_jacobian(lambda w, x: w @ x, (MATRIX, VECTOR))
    assert by_w.shape == (2, 2, 3)
    assert by_x == pytest.approx(MATRIX)
    found = numerical_jacobian(
        lambda p: {"a": p["w"] @ VECTOR, "b": p["s"]}, ({"w": MATRIX, "s": 2.0},)
    )
    assert found["a"][0]["w"].shape == (2, 2, 3)
    assert found["a"][0]["s"].tolist() == [0.0, 0.0]
    assert found["b"][0]["s"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("f", "args", "derivative"),
    [
        (squares, (VECTOR,), lambda v: 2 * v),
        (squares, (VECTOR,), lambda v: list(2 * v)),
        (lambda v: v[0] * v[1], ([1.0, 2.0],), lambda v: np.array([v[1], v[0]])),
        (lambda v: v * v, (VECTOR,), lambda v: np.diag(2 * v)),
        (lambda v: v * v, (VECTOR,), lambda v: np.diag(2 * v).tolist()),
        (lambda v: v * v, (VECTOR,), lambda v: (np.diag(2 * v),)),
        (
            lambda w, x: w @ x,
            (MATRIX, VECTOR),
            lambda w, x: (np.stack([np.stack([x, 0 * x]), np.stack([0 * x, x])]), w),
        ),
        (np.linalg.norm, (VECTOR,), lambda v: v / np.linalg.norm(v)),
        (lambda v: np.log(v).sum(), (np.array([0.01, 0.2]),), lambda v: 1 / v),
    ],
)
def test_derivatives_by_hand_in_arrays(f: Any, args: Any, derivative: Any) -> None:
    assert gradcheck(f, args, derivative=derivative).passed
    wrong = lambda *xs: ag.tree.map_leaves(lambda d: float(d) + 0.5, derivative(*xs))
    with pytest.raises(GradientError):
        gradcheck(f, args, derivative=wrong)


def test_a_derivative_of_another_shape_is_named() -> None:
    with pytest.raises(ValueError, match="derivative must return one gradient"):
        gradcheck(squares, (VECTOR,), derivative=lambda v: 2.0)
    with pytest.raises(ValueError, match=r"an array of the result's shape \(3,\)"):
        gradcheck(lambda v: v * v, (VECTOR,), derivative=lambda v: 2.0)


@derivative_property(
    domain={"x": arrays.arrays(np.float64, 3, elements=st.floats(-2, 2)), "scale": (0.5, 2.0)}
)
def test_a_property_of_arrays(x: Any, scale: Any) -> Any:
    return scale * (x * x * x).sum()


def test_complex_steps_of_arrays() -> None:
    (found,) = numerical_gradient(
        lambda p: (np.sin(p.w) * p.b).sum(), (Layer(VECTOR, 2.0),), "complex"
    )
    assert found.w == pytest.approx(2 * np.cos(VECTOR), rel=1e-14)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: x.tanh(), (0.5,)),
        (lambda x: x.relu() * 3, (0.5,)),
        (lambda v: [a.exp() for a in v], ([0.5, -1.0],)),
        (lambda v: v[0].tanh() * v[1], (VECTOR,)),
        (lambda x, y: (x * y).sigmoid(), (0.5, 2.0)),
        (lambda x: MLP(1, [2, 1], rng=0)([x]).tanh(), (0.3,)),
        (lambda x: x.log(), (0.01,)),
    ],
)
def test_functions_of_values_alone(f: Any, args: Any, order: int) -> None:
    assert gradcheck(f, args, order=order).passed


def test_functions_of_values_by_hand_and_by_numbers() -> None:
    f = lambda x: x.tanh()
    gradcheck(f, (0.5,), derivative=lambda x: 1 - math.tanh(x) ** 2)
    gradcheck(f, (0.5,), derivative=lambda x: 1 - x.tanh() ** 2)
    with pytest.raises(GradientError):
        gradcheck(f, (0.5,), derivative=lambda x: 1.0)
    assert numerical_gradient(f, (0.5,)) == (pytest.approx(1 - math.tanh(0.5) ** 2, rel=1e-9),)
    assert numerical_gradient(lambda x: x.data * 2, (0.5,)) == (pytest.approx(2.0),)
    with pytest.raises(AttributeError, match="'float' object has no attribute 'wrong'"):
        gradcheck(lambda x: x.wrong(), (0.5,))


EDGES = {
    "sqrt": (lambda x: x**0.5, lambda x: 0.5 * x**-0.5),
    "one by sqrt": (lambda x: x**-0.5, lambda x: -0.5 * x**-1.5),
    "x sqrt": (lambda x: x**1.5, lambda x: 1.5 * x**0.5),
    "sqrt of sqrt": (lambda x: (x**0.5) ** 0.5, lambda x: 0.25 * x**-0.75),
    "log of sqrt": (lambda x: math.log(x**0.5), lambda x: 0.5 / x),
    "compared": (lambda x: x**0.3 if x**0.3 > 0 else 0.0, lambda x: 0.3 * x**-0.7),
    "in an array": (lambda x: (np.array([x]) ** 0.3)[0], lambda x: 0.3 * x**-0.7),
    "nothing": (lambda x: x**0.5 if x > 0 else None, lambda x: 0.5 * x**-0.5),
    "a word": (lambda x: x**0.5 if x > 0 else "none", lambda x: 0.5 * x**-0.5),
    "shorter": (lambda x: [x**0.5] if x > 0 else [], lambda x: 0.5 * x**-0.5),
    "nan": (lambda x: x**0.5 if x > 0 else math.nan, lambda x: 0.5 * x**-0.5),
}


@pytest.mark.parametrize("name", EDGES)
@settings(max_examples=examples(30))
@given(exponent=st.floats(-9, 2))
def test_steps_out_of_the_domain(name: str, exponent: float) -> None:
    """Whatever says that there is no value, a smaller step is made."""
    f, right = EDGES[name]
    x = 10.0**exponent
    by_hand = right if name != "shorter" else lambda x: [right(x)]
    assert gradcheck(f, (x,), derivative=by_hand).passed
    wrong = (lambda x: [1.01 * right(x)]) if name == "shorter" else lambda x: 1.01 * right(x)
    with pytest.raises(GradientError):
        gradcheck(f, (x,), derivative=wrong)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: x**0.5, (0.2,)),
        (lambda x: x**0.5, (0.01,)),
        (lambda x: (-x) ** 0.3, (-0.1,)),
        (lambda x: [x[0] * x[1] ** 0.3], ([-2.0, 0.2],)),
        (lambda x, p: x**p, (0.2, 0.4)),
        (lambda v: v**0.5, (np.array([0.01, 0.2]),)),
        (lambda x: log(x**0.5), (0.1,)),
        (ag.asin, (0.99999,)),
        (lambda x: 1e308 * x, (1.7,)),
    ],
)
def test_the_engine_beside_an_edge(f: Any, args: Any) -> None:
    assert gradcheck(f, args).passed


def test_at_an_edge_and_beyond() -> None:
    for f in (lambda x: x**1.5, lambda x: sqrt(x) * x if x >= 0 else x * 1j):
        with pytest.raises(InconclusiveError, match="not defined below"):
            gradcheck(f, (0.0,), derivative=lambda x: 0.0)
    with pytest.raises(ValueError, match="complex at the arguments, which are outside its domain"):
        numerical_gradient(lambda x: x**0.5, (-2.0,))
    with pytest.raises(TypeError, match="got None"):
        gradcheck(lambda x: None, (1.0,))
    assert math.isnan(numerical_gradient(lambda x: x**0.5, (1e-9,), "backward")[0])


def test_a_wrong_power_is_found() -> None:
    @primitive(lambda g, out, x: g * 0.5 * x**0.5)
    def root(x: float) -> float:
        return x**0.5

    with pytest.raises(GradientError):
        gradcheck(root, (0.2,))
