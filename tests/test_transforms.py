"""The functional transforms: structures, order, nesting, and never a touch of `.grad`."""

import math
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Value,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    sin,
    tanh,
    value_and_grad,
    vjp,
)
from autograd.jit import jit
from autograd.testing import gradcheck
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions


class Pair(NamedTuple):
    left: Any
    right: Any


inputs = st.tuples(st.floats(-2, 2), st.floats(-2, 2))
small = st.floats(-2, 2)


def bowl(p: dict[str, Any]) -> Any:
    return p["w"][0] ** 2 * p["w"][1] + sin(p["b"]) * p["w"][0]


AT = {"w": [2.0, 3.0], "b": 0.5}


# Structures


def test_gradient_has_the_structure_of_the_argument() -> None:
    slope = grad(bowl)(AT)
    assert slope == {
        "w": [pytest.approx(12 + math.sin(0.5)), 4.0],
        "b": pytest.approx(2 * math.cos(0.5)),
    }
    assert type(slope["w"][1]) is float


def test_tuples_and_named_tuples() -> None:
    assert grad(lambda t: t[0] * t[1][0])((2.0, (3.0,))) == (3.0, (2.0,))
    slope = grad(lambda p: p.left * p.right)(Pair(2.0, 3.0))
    assert slope == Pair(3.0, 2.0)
    assert type(slope) is Pair


def test_argnums() -> None:
    f = lambda x, y, z: x * y**2 * z**3
    assert grad(f)(2.0, 3.0, 1.0) == 9.0
    assert grad(f, 1)(2.0, 3.0, 1.0) == 12.0
    assert grad(f, -1)(2.0, 3.0, 1.0) == 54.0
    assert grad(f, (2, 0))(2.0, 3.0, 1.0) == (54.0, 9.0)
    assert grad(f, [0])(2.0, 3.0, 1.0) == (9.0,)
    assert value_and_grad(f, (0, 1))(2.0, 3.0, 1.0) == (18.0, (9.0, 12.0))


def test_other_arguments_are_handed_on_untouched() -> None:
    def f(x: Any, mode: str, *, scale: float) -> Any:
        return x * x * scale if mode == "square" else x

    assert grad(f)(3.0, "square", scale=2.0) == 12.0
    assert grad(f)(3.0, "linear", scale=2.0) == 1.0


@pytest.mark.parametrize(
    "number", [3, True, np.float64(3), np.int64(3), np.float32(3)], ids=lambda x: type(x).__name__
)
def test_numbers_of_all_kinds(number: Any) -> None:
    slope = grad(lambda x: x * x)(number)
    assert slope == 2 * float(number)
    assert type(slope) is float


def test_jacobian_of_structures() -> None:
    f = lambda x, y: {"product": [x[0] * y, x[1]], "constant": 7.0}
    assert jacobian(f)([2.0, 3.0], 4.0) == {
        "product": [[4.0, 0.0], [0.0, 1.0]],
        "constant": [0.0, 0.0],
    }
    assert jacobian(f, (0, 1))([2.0, 3.0], 4.0)["product"][0] == ([4.0, 0.0], 2.0)


def test_hessian_of_structures() -> None:
    assert hessian(bowl)(AT) == {
        "w": [{"w": [6.0, 4.0], "b": pytest.approx(math.cos(0.5))}, {"w": [4.0, 0.0], "b": 0.0}],
        "b": {"w": [pytest.approx(math.cos(0.5)), 0.0], "b": pytest.approx(-2 * math.sin(0.5))},
    }


def test_functions_that_do_not_depend_on_their_argument() -> None:
    assert grad(lambda x: 5.0)(2.0) == 0.0
    assert grad(lambda x: Value(5.0))(2.0) == 0.0
    assert hessian(lambda x: x[0])([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert jvp(lambda x: 5.0, (2.0,), (1.0,)) == (5.0, 0.0)
    assert jacobian(lambda x: [])([1.0]) == []
    assert grad(lambda x: 1.0)([]) == []


def test_function_that_returns_its_argument() -> None:
    assert value_and_grad(lambda x: x)(2.0) == (2.0, 1.0)
    assert jacobian(lambda x: x)([1.0, 2.0]) == [[1.0, 0.0], [0.0, 1.0]]
    out, pull = vjp(lambda x: [x, x], 2.0)
    assert (out, pull([1.0, 10.0])) == ([2.0, 2.0], (11.0,))


# Kinds of numbers


def test_plain_in_plain_out_and_values_in_values_out() -> None:
    value, slope = value_and_grad(bowl)(AT)
    assert type(value) is float
    x = Value(2.0)
    value, slope = value_and_grad(lambda x: x**3)(x)
    assert type(value) is Value
    assert type(slope) is Value
    (value + slope).backward()
    assert x.grad == 12.0 + 12.0


@pytest.mark.parametrize("compiled", [lambda f: f, jit], ids=["plain", "jit"])
@pytest.mark.parametrize("f", [lambda x: 2 * x, lambda x: 3.0, lambda x: Value(3.0), lambda x: x])
def test_values_in_values_out_where_the_derivative_is_constant(f: Any, compiled: Any) -> None:
    x = Value(1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [
            *compiled(value_and_grad(f))(x),
            compiled(grad(grad(f)))(x),
            compiled(hessian(f))(x),
            *compiled(jacobian(lambda v: [f(v[0])]))([x])[0],
            *compiled(lambda t: jvp(f, (t,), (1.0,)))(x),
            *compiled(lambda t: vjp(f, t)[1](1.0))(x),
            compiled(lambda t: hvp(f, (t,), (1.0,)))(x),
        ]
    assert {type(y) for y in found} == {Value}
    assert compiled(grad(lambda t: grad(f)(t).tanh()))(1.0) == 0.0


def test_parameters_in_the_closure_do_not_make_results_values() -> None:
    w = Value(5.0)
    value, slope = value_and_grad(lambda x: w * x * x)(2.0)
    assert (value, slope) == (20.0, 20.0)
    assert type(slope) is float


@given(program=expressions(smooth=True), at=inputs)
def test_grad_fields_are_never_touched(program: Expression, at: tuple[float, float]) -> None:
    x, y = Value(at[0]), Value(at[1])
    x.grad, y.grad = 7.0, 8.0
    grad(program, (0, 1))(x, y)
    jvp(program, (x, y), (1.0, 0.0))
    assert (x.grad, y.grad) == (7.0, 8.0)


# Nesting


def test_derivatives_of_any_order() -> None:
    f = lambda x: exp(2 * x)
    for order in range(1, 6):
        f = grad(f)
        assert f(0.3) == pytest.approx(2**order * math.exp(0.6), rel=1e-13)


def test_perturbations_are_not_confused() -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(2.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * y)(3.0))(2.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(2.0) == 3 * 2 * 2.0**2
    constant = lambda x: grad(lambda y: x)(1.0) * x
    assert grad(constant)(2.0) == 0.0
    tangent = lambda x: jvp(lambda y: x * y, (1.0,), (1.0,))[1]
    assert jvp(tangent, (2.0,), (1.0,)) == (2.0, 1.0)


def test_transforms_of_transforms() -> None:
    f = lambda x: sin(x) * x * x
    second = lambda x: 2 * math.sin(x) + 4 * x * math.cos(x) - x * x * math.sin(x)
    at = 0.7
    pulled = lambda x: vjp(f, x)[1](1.0)[0]
    pushed = lambda x: jvp(f, (x,), (1.0,))[1]
    for first in (grad(f), jacobian(f), pulled, pushed):
        for both in (
            grad(first)(at),
            jacobian(first)(at),
            jvp(first, (at,), (1.0,))[1],
            vjp(first, at)[1](1.0)[0],
        ):
            assert both == pytest.approx(second(at), rel=1e-13)
    assert hessian(f)(at) == pytest.approx(second(at), rel=1e-13)
    assert hvp(f, (at,), (2.0,)) == pytest.approx(2 * second(at), rel=1e-13)


def test_derivative_in_a_cotangent_and_in_a_tangent() -> None:
    assert grad(lambda g: vjp(lambda y: y**3, 2.0)[1](g)[0])(5.0) == 12.0
    assert grad(lambda t: jvp(lambda y: y**3, (2.0,), (t,))[1])(5.0) == 12.0


def test_gradient_descent_inside_a_derivative() -> None:
    """The derivative of where descent ends in its learning rate."""

    def end(rate: Any) -> Any:
        x: Any = 1.0
        for _ in range(3):
            x = x - rate * grad(lambda y: y * y * y)(x)
        return x

    gradcheck(end, (0.05,))


@given(program=expressions(), at=inputs, v=inputs, w=small)
def test_transforms_give_the_value_too_and_the_pullback_is_linear(
    program: Expression, at: tuple[float, float], v: tuple[float, float], w: float
) -> None:
    out, pull = vjp(program, *at)
    assert out == jvp(program, at, v)[0] == value_and_grad(program)(*at)[0] == program(*at)
    assert pull(0.0) == (0.0, 0.0)
    assert pull(w) == pytest.approx([w * d for d in grad(program, (0, 1))(*at)], rel=1e-12)


@given(program=expressions(smooth=True), at=inputs, v=inputs)
def test_hessian_is_symmetric_and_hvp_multiplies_by_it(
    program: Expression, at: tuple[float, float], v: tuple[float, float]
) -> None:
    f = lambda p: program(*p)
    matrix = np.array(hessian(f)(list(at)))
    size = 1e-10 * (1 + np.abs(matrix).max())
    assert matrix == pytest.approx(matrix.T, rel=1e-9, abs=size)
    assert hvp(f, (list(at),), (list(v),)) == pytest.approx(matrix @ v, rel=1e-9, abs=4 * size)


# Surroundings


def test_no_grad_outside_does_not_matter_inside() -> None:
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        slope = grad(lambda x: x**3)(Value(2.0))
    assert (slope.data, slope.operands) == (12.0, ())


def test_threads() -> None:
    f = lambda x: grad(lambda y: tanh(x * y) * y)(x)
    expected = [grad(f)(i / 7) for i in range(20)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(grad(f), [i / 7 for i in range(20)])) == expected


def test_an_exception_in_the_function_passes_and_leaves_nothing_behind() -> None:
    def fails(x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        grad(fails)(1.0)
    w = Value(3.0)
    assert type(grad(lambda x: x * w)(1.0)) is float


def test_names() -> None:
    def loss(x: Any) -> Any:
        return x

    assert grad(loss).__name__ == "grad(loss)"
    assert repr(hessian(loss)).startswith("<function hessian(loss)")


# Errors


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: grad(lambda x: [x, x])(1.0), TypeError, r"one number, got list.*jacobian"),
        (lambda: grad(lambda x: None)(1.0), TypeError, r"got None \(is its `return` missing"),
        (lambda: grad(Value(2.0) * 3), TypeError, r"got Value.*write grad\(f\)\(x\)"),
        (lambda: hessian(1.0), TypeError, r"hessian: expected a function, got float 1.0"),
        (lambda: jvp(1.0, (1.0,), (1.0,)), TypeError, r"jvp: expected a function, got float 1.0"),
        (lambda: grad(abs, "x"), TypeError, r"argnums: expected the position.*got str 'x'"),
        (lambda: grad(abs, 1.5), TypeError, r"argnums: expected the position.*got float 1.5"),
        (lambda: grad(abs, True), TypeError, r"argnums: expected the position.*got bool True"),
        (lambda: grad(abs, [0, "b"]), TypeError, r"argnums: .*got list \[0, 'b'\]"),
        (lambda: jacobian(abs, None), TypeError, r"argnums: expected the position.*got None"),
        (lambda: grad(abs, 0, 1), TypeError, r"grad: has_aux must be True or False, got int 1"),
        (lambda: grad(lambda x: x)(x=1.0), ValueError, r"keyword arguments are not differentiated"),
        (lambda: jacobian(lambda x: [x, "y"])(1.0), TypeError, r"result of the function\[1\].*'y'"),
        (lambda: grad(len)({"w": [1.0, "two"]}), TypeError, r"^argument 0\['w'\]\[1\].*str 'two'"),
        (lambda: grad(len, 1)(1.0, None), TypeError, r"^argument 1: .*got None"),
        (
            lambda: grad(len)(np.array([[1.0, "two"]], dtype=object)),
            TypeError,
            r"^argument 0\[0\]\[1\].*'two'",
        ),
        (lambda: grad(len, 2)(1.0), ValueError, r"no argument 2 among the 1 given"),
        (lambda: grad(len)(), ValueError, r"no argument 0 among the 0 given"),
        (lambda: grad(len, (0, -1))(1.0), ValueError, r"different arguments"),
        (lambda: jvp(abs, (1.0,), (1.0, 2.0)), ValueError, r"tangents: expected a tuple of 1"),
        (lambda: jvp(abs, ([1.0],), ({},)), ValueError, r"tangents\[0\]: expected a list of 1"),
        (lambda: jvp(abs, 1.0, 1.0), TypeError, r"jvp: expected primals as a list or tuple"),
        (lambda: vjp(abs, 1.0)[1]([1.0]), ValueError, r"cotangent: expected a number, got list"),
    ],
)
def test_errors(call: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        call()


def test_a_function_may_write_to_its_arguments() -> None:
    def squares_in_place(v: Any) -> Any:
        v *= v
        return v.sum()

    def list_in_place(xs: list[Any]) -> Any:
        xs[0] = xs[0] * xs[1]
        xs.append(xs[0] * 3)
        return xs.pop() + xs[1]

    def dict_in_place(d: dict[str, Any]) -> Any:
        d["w"] = d["w"] ** 2
        d["new"] = d.pop("w") * 2
        return d["new"]

    given = np.array([1.0, 2.0, 3.0])
    assert grad(squares_in_place)(given).tolist() == [2.0, 4.0, 6.0]
    assert given.tolist() == [1.0, 2.0, 3.0]
    assert grad(list_in_place)([2.0, 5.0]) == [15.0, 7.0]
    assert grad(dict_in_place)({"w": 3.0}) == {"w": 12.0}
    assert jvp(squares_in_place, (given,), (np.ones(3),))[1] == 12.0
    assert vjp(squares_in_place, given)[1](1.0)[0].tolist() == [2.0, 4.0, 6.0]
    assert hessian(list_in_place)([2.0, 5.0]) == [[0.0, 3.0], [3.0, 0.0]]
