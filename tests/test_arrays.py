"""Derivatives of NumPy arrays are arrays of floats, of the shapes that JAX gives."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as nps
from installed import BACKENDS

from autograd import Value, grad, hessian, hvp, jacobian, jvp, sin, sum, value_and_grad, vjp
from autograd.jit import jit

SHAPES = nps.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


def coefficients(out: tuple[int, ...], into: tuple[int, ...]) -> Any:
    """A matrix of that shape with no two numbers equal."""
    size = math.prod(out) * math.prod(into)
    return (np.arange(size, dtype=float) + 1.0).reshape(out + into)


def linear(matrix: Any, out: tuple[int, ...]) -> Callable[[Any], Any]:
    """A function whose Jacobian is the matrix."""

    def f(x: Any) -> Any:
        numbers = np.ravel(np.array(x, dtype=object)).tolist()
        rows = matrix.reshape(math.prod(out), len(numbers)).tolist()
        results = [sum([a * b for a, b in zip(row, numbers, strict=True)]) for row in rows]
        made = np.empty(len(results), dtype=object)
        made[:] = results
        return made.reshape(out)

    return f


def check(found: Any, right: Any) -> None:
    if right.shape == ():
        assert type(found) is float
    else:
        assert type(found) is np.ndarray
        assert found.dtype == np.float64
        assert found.shape == right.shape
    assert np.allclose(found, right)


@given(SHAPES, SHAPES)
def test_a_jacobian_has_the_shape_of_result_and_argument(
    out: tuple[int, ...], into: tuple[int, ...]
) -> None:
    matrix = coefficients(out, into)
    check(jacobian(linear(matrix, out))(np.ones(into)), matrix)


@given(SHAPES)
def test_a_hessian_has_the_shape_of_the_argument_twice(shape: tuple[int, ...]) -> None:
    matrix = coefficients(shape, shape)

    def quadratic(x: Any) -> Any:
        products = np.ravel(linear(matrix, shape)(x)).tolist()
        numbers = np.ravel(np.array(x, dtype=object)).tolist()
        return sum([a * b for a, b in zip(products, numbers, strict=True)])

    n = math.prod(shape)
    flat = matrix.reshape(n, n)
    check(hessian(quadratic)(np.ones(shape)), (flat + flat.T).reshape(shape + shape))
    check(grad(quadratic)(np.ones(shape)), ((flat + flat.T) @ np.ones(n)).reshape(shape))


def cubes(p: Any) -> Any:
    return np.sum(p["w"] ** 3) * p["b"] + sum([x * x for x in p["list"]])


def test_structures_of_arrays_are_structures_of_blocks() -> None:
    w = np.array([1.0, 2.0])
    found = hessian(cubes)({"w": w, "b": 2.0, "list": [3.0, 4.0]})
    check(found["w"]["w"], np.diag(6 * w * 2.0))
    check(found["w"]["b"], 3 * w**2)
    check(found["b"]["w"], 3 * w**2)
    assert found["b"]["b"] == 0.0
    assert found["list"][1]["list"] == [0.0, 2.0]
    check(found["list"][0]["w"], np.zeros(2))
    assert [type(block) for block in found["w"]["list"]] == [np.ndarray, np.ndarray]


def test_argnums_give_tuples_of_blocks() -> None:
    a, b = np.array([1.0, 2.0]), np.array([[3.0], [4.0]])
    found = hessian(lambda a, b: np.sum(a) * np.sum(b * b), (0, 1))(a, b)
    check(found[0][0], np.zeros((2, 2)))
    check(found[0][1], np.broadcast_to(2 * b, (2, 2, 1)))
    check(found[1][0], np.transpose(np.broadcast_to(2 * b, (2, 2, 1)), (1, 2, 0)))
    check(found[1][1], 2 * np.sum(a) * np.eye(2).reshape(2, 1, 2, 1))
    (one,) = jacobian(lambda a: a * a, [0])(a)
    check(one, np.diag(2 * a))


def test_lists_and_arrays_together() -> None:
    into_array = jacobian(lambda x: np.array([x[0] * x[1], x[0]]))([2.0, 3.0])
    assert type(into_array) is list
    check(into_array[0], np.array([3.0, 1.0]))
    check(into_array[1], np.array([2.0, 0.0]))
    into_list = jacobian(lambda x: [x[0] * x[1], x[0]])(np.array([2.0, 3.0]))
    assert type(into_list) is list
    check(into_list[0], np.array([3.0, 2.0]))
    check(jacobian(lambda x: np.array([x, x * x]))(3.0), np.array([1.0, 6.0]))
    assert hessian(lambda v: v[0] ** 2 * v[1])([2.0, 3.0]) == [[6.0, 4.0], [4.0, 0.0]]


@pytest.mark.parametrize("kind", [int, np.int32, np.float32, bool, object])
def test_arrays_of_other_numbers_have_derivatives_in_float64(kind: Any) -> None:
    x = np.array([1, 0, 1], dtype=kind)
    check(grad(lambda v: np.sum(v * v))(x), 2.0 * x.astype(float))
    check(hessian(lambda v: np.sum(v * v))(x), 2.0 * np.eye(3))


def test_arrays_without_dimensions_are_numbers() -> None:
    x = np.array(2.0)
    square = lambda x: np.array(x * x)
    assert value_and_grad(square)(x) == (4.0, 4.0)
    for found, right in (
        (grad(square)(x), 4.0),
        (jacobian(square)(x), 4.0),
        (hessian(square)(x), 2.0),
        (hvp(square, (x,), (np.array(3.0),)), 6.0),
        (jvp(square, (x,), (np.array(3.0),))[1], 12.0),
        (vjp(square, x)[1](np.array(3.0))[0], 12.0),
        (jit(grad(square))(x), 4.0),
        (grad(lambda p: p["x"] * p["x"])({"x": x})["x"], 4.0),
    ):
        check(found, np.array(right))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", [(3,), (2, 2), (1,)])
def test_compiled_ones_have_the_same(backend: str, shape: tuple[int, ...]) -> None:
    x = np.linspace(0.1, 0.9, math.prod(shape)).reshape(shape)

    def f(x: Any) -> Any:
        return np.array([sin(y) * y for y in np.ravel(x)]).reshape(shape)

    def total(x: Any) -> Any:
        return np.sum(f(x) ** 2)

    inner, outer = jit(f, backend=backend), jit(total, backend=backend)
    for at in (x, x + 0.1, x * 0.5):
        check(jit(jacobian(f), backend=backend)(at), jacobian(f)(at))
        check(jit(hessian(total), backend=backend)(at), hessian(total)(at))
        check(jacobian(inner)(at), jacobian(f)(at))
        check(hessian(outer)(at), hessian(total)(at))


def test_within_another_derivative_they_hold_values() -> None:
    x = np.array([1.0, 2.0])
    found = jacobian(lambda v: v**3)(np.array([Value(1.0), Value(2.0)]))
    assert (found.shape, found.dtype, type(found[0, 0])) == ((2, 2), object, Value)
    third = jacobian(hessian(lambda v: np.sum(v**4)))(x)
    check(third, np.array([[[24.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 48.0]]]))
    norm = grad(lambda v: np.sum(jacobian(lambda u: u**3)(v) ** 2))(x)
    check(norm, 36.0 * x**3)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"expected a number or a nested list.*got matrix"):
        grad(lambda m: m.sum())(np.matrix([[1.0, 2.0]]))


@pytest.mark.parametrize(
    "x", [np.array([1j]), np.array("a"), np.array([b"a"]), np.array([1], dtype="M8[s]")]
)
@pytest.mark.parametrize("transform", [grad, jacobian, hessian])
def test_arrays_of_what_is_no_number_are_refused_by_name(x: Any, transform: Any) -> None:
    with pytest.raises(TypeError, match=r"argument 0\['b'\]: expected a number.*got ndarray"):
        transform(lambda p: p["a"])({"a": np.ones(2), "b": x})
