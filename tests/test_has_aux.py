"""`has_aux`: what a function returns besides is handed on, as JAX does; and `stop_gradient`."""

from typing import Any

import numpy as np
import pytest
from installed import BACKENDS

from autograd import Value, grad, hessian, jacobian, jvp, sin, stop_gradient, value_and_grad, vjp
from autograd.jit import jit


def f(x: Any, y: Any = 2.0) -> Any:
    return x * x * y, {"seen": [x + 1, y], "name": "f"}


def test_each_transform_hands_it_on() -> None:
    aux = {"seen": [4.0, 2.0], "name": "f"}
    assert grad(f, has_aux=True)(3.0) == (12.0, aux)
    assert value_and_grad(f, has_aux=True)(3.0) == ((18.0, aux), 12.0)
    assert grad(f, (0, 1), has_aux=True)(3.0, 2.0) == ((12.0, 9.0), aux)
    assert hessian(f, has_aux=True)(3.0) == (4.0, aux)
    assert jacobian(lambda x: ([x, x * x], x * 5), has_aux=True)(3.0) == ([1.0, 6.0], 15.0)
    assert jvp(f, (3.0,), (1.0,), has_aux=True) == (18.0, 12.0, aux)
    value, pull, also = vjp(f, 3.0, has_aux=True)
    assert (value, pull(2.0), also) == (18.0, (24.0,), aux)


def test_numbers_are_plain_where_the_caller_gave_such() -> None:
    (_, aux), _ = value_and_grad(f, has_aux=True)(3.0)
    assert type(aux["seen"][0]) is float
    x = Value(3.0)
    slope, aux = grad(f, has_aux=True)(x)
    assert type(slope) is type(aux["seen"][0]) is Value
    aux["seen"][0].backward()
    assert x.grad == 1.0


def test_an_outer_derivative_goes_through_it() -> None:
    def through(x: Any) -> Any:
        slope, aux = grad(lambda y: (y * y, sin(x) * x), has_aux=True)(x)
        return slope * aux

    def beside(x: Any) -> Any:  # only what is returned besides depends on x
        slope, aux = grad(lambda y: (y * y, [x * x]), has_aux=True)(5.0)
        return slope * aux[0]

    assert grad(through)(0.5) == pytest.approx(grad(lambda x: 2 * x * sin(x) * x)(0.5), rel=1e-14)
    assert grad(beside)(3.0) == 60.0
    assert grad(grad(beside))(3.0) == 20.0
    assert jvp(beside, (3.0,), (1.0,)) == (90.0, 60.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_compiled(backend: str) -> None:
    def g(xs: Any) -> Any:
        return sum(x * x for x in xs), [3 * xs[0], {"last": xs[-1]}]

    for transform in (grad, value_and_grad, hessian):
        compiled = jit(transform(g, has_aux=True), backend=backend)
        for xs in ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]):
            assert compiled(xs) == transform(g, has_aux=True)(xs)


def test_arrays_and_what_is_no_number() -> None:
    slope, (array, none, made) = grad(
        lambda a: ((a * a).sum(), (a + 1, None, "text")), has_aux=True
    )(np.array([1.0, 2.0]))
    assert slope.tolist() == [2.0, 4.0]
    assert array.dtype == float
    assert (array.tolist(), none, made) == ([2.0, 3.0], None, "text")


def test_what_is_no_pair_is_refused() -> None:
    for out in (lambda x: x, lambda x: (x, x, x), lambda x: {"a": x, "b": x}):
        with pytest.raises(TypeError, match=r"has_aux: expected the function to return a pair"):
            grad(out, has_aux=True)(1.0)


def test_stop_gradient() -> None:
    assert grad(lambda x: stop_gradient(x * x) * x)(3.0) == 9.0
    assert grad(grad(lambda x: stop_gradient(x) * x * x))(3.0) == 6.0
    assert jvp(lambda x: stop_gradient(x) * x, (3.0,), (1.0,)) == (9.0, 3.0)
    assert type(stop_gradient(3)) is type(stop_gradient(np.float64(3))) is float
    assert stop_gradient({"a": [Value(1.0), 2.0]})["a"][0].operands == ()
    assert stop_gradient(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]
    with pytest.raises(TypeError, match=r"stop_gradient: expected a number"):
        stop_gradient("x")


@pytest.mark.parametrize("backend", BACKENDS)
def test_stop_gradient_compiled(backend: str) -> None:
    g = lambda xs: sum(stop_gradient(sin(x)) * x for x in xs) + sum(stop_gradient(xs))
    compiled = jit(value_and_grad(g), backend=backend)
    for xs in ([1.0, 2.0], [0.3, 0.4], [0.5, -0.6]):
        value, slope = compiled(xs)
        expected, expected_slope = value_and_grad(g)(xs)
        assert value == pytest.approx(expected, rel=1e-15)
        assert slope == pytest.approx(expected_slope, rel=1e-15)
