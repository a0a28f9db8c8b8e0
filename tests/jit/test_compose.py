"""Compiled functions among other things: each other, transforms, methods, copies, side effects."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from jit_transforms import BACKENDS

from autograd import Value, grad, hessian, jvp, no_grad, sin, sqrt, tree, value_and_grad
from autograd.jit import jit

# Compiled functions in each other


@pytest.mark.parametrize("backend", BACKENDS)
def test_recursion_by_its_compiled_name(backend: str) -> None:
    @jit(backend=backend)
    def power(x: Any, n: Any) -> Any:
        return x * power(x, n - 1) if n > 0 else 1.0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x, n in product((2.0, 1.5), (3.0, 1.0, 0.0, 3.0)):
            assert power(x, n) == x**n
            assert grad(power)(x, n) == n * x ** (n - 1)


@pytest.mark.parametrize("x", [2.0, 0.0])
def test_higher_derivatives_of_several_outputs_share_programs(x: float) -> None:
    def plain(x: Any) -> list[Any]:
        return [x**3, sin(x) * x, sqrt(x) * 2.0]  # at 0 the last has no derivative

    compiled = jit(plain, compile_after=0)
    for k in (0, 1, 2) if x else (0, 1):
        expected = grad(grad(lambda x, k=k: plain(x)[k]))(x)
        found = [grad(grad(lambda x, k=k: compiled(x)[k]))(x) for _ in range(3)]
        assert found == [pytest.approx(expected, rel=1e-12)] * 3
    assert compiled.stats["derivatives"] <= 2


@pytest.mark.parametrize("given", [3.0, Value(3.0)])
def test_a_value_that_the_function_makes_is_one_to_an_inner_derivative(given: Any) -> None:
    for f in (
        lambda x: grad(lambda y: y * y)(Value(x)),
        lambda x: jvp(lambda y: y * y, (Value(x),), (1.0,))[1],
        lambda x: grad(lambda y: y * y)(x),
    ):
        assert type(jit(f)(given)) is type(f(given))


def test_perturbations_are_not_confused() -> None:
    """The inner derivative is in `y` alone (Siskind and Pearlmutter, 2005)."""
    for made in (
        jit(grad(lambda x: x * grad(lambda y: x + y)(1.0))),
        grad(jit(lambda x: x * grad(jit(lambda y: x + y))(1.0))),
        jit(lambda x: jvp(lambda z: z * jvp(lambda y: z + y, (1.0,), (1.0,))[1], (x,), (1.0,))[1]),
    ):
        assert [made(x) for x in (1.0, 2.0)] == [1.0, 1.0]


def test_a_value_made_outside_keeps_its_history() -> None:
    w = Value(2.0)
    f = jit(lambda x: x * w)
    for _ in range(3):
        y = w * w
        w.grad = 0.0
        f(y * 3).backward()
        assert w.grad == 3 * 3 * 4.0  # of 3 w ** 3


def test_no_grad_inside_and_outside() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        with no_grad():
            scale = w * x
        return scale * x

    compiled = jit(f)
    for x in (1.0, 2.0, 3.0):
        with no_grad():
            assert compiled(Value(x)).operands == ()
        leaf = Value(x)
        compiled(leaf).backward()
        assert leaf.grad == 2 * x  # nothing flows through the scale


# Methods, callables, decorators


def test_all_kinds_of_callables() -> None:
    class Scale:
        factor = 3.0

        @jit
        def method(self, x: Any) -> Any:
            return x * self.factor

        @staticmethod
        @jit
        def static(x: Any) -> Any:
            return x * 2

        @classmethod
        @jit
        def of_class(cls, x: Any) -> Any:
            return x * cls.factor

        def __call__(self, x: Any) -> Any:
            return x * self.factor

        def plain(self, x: Any) -> Any:
            return x * self.factor

    scale = Scale()
    functions: list[tuple[Callable[..., Any], float]] = [
        (scale.method, 3.0),
        (scale.static, 2.0),
        (Scale.static, 2.0),
        (Scale.of_class, 3.0),
        (jit(scale), 3.0),
        (jit(scale.plain), 3.0),
        (jit(functools.partial(Scale.plain, scale)), 3.0),
        (jit(lambda x: x * 3), 3.0),
        (jit(backend="python")(lambda x: x * 3), 3.0),
        (jit(abs), 1.0),
    ]
    for f, factor in functions:
        assert [f(x) for x in (1.0, 2.0, 0.5)] == [factor, 2 * factor, factor / 2]
        assert grad(f)(2.0) == factor


def test_names_and_documentation_stay() -> None:
    def area(radius: Any) -> Any:
        """Of a circle."""
        return radius * radius * math.pi

    compiled = jit(area)
    assert (compiled.__name__, compiled.__doc__) == ("area", "Of a circle.")
    assert compiled.__wrapped__ is area  # type: ignore[attr-defined]
    assert repr(compiled) == "<jit of area>"


async def _coroutine(x: Any) -> Any:
    return x


def _generator(x: Any) -> Any:
    yield x


async def _async_generator(x: Any) -> Any:
    yield x


@pytest.mark.parametrize("f", [_coroutine, _generator, _async_generator])
def test_what_is_no_function_of_numbers_is_refused(f: Any) -> None:
    with pytest.raises(TypeError, match=r"generator|coroutine"):
        jit(f)


def test_a_generator_that_is_returned_is_made_anew() -> None:
    f = jit(lambda x: (x * k for k in range(3)))
    with pytest.warns(RuntimeWarning, match="could not be traced"):
        assert [list(f(x)) for x in (1.0, 2.0)] == [[0.0, 1.0, 2.0], [0.0, 2.0, 4.0]]


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian, lambda f: grad(grad(f))])
def test_a_transform_gives_plain_numbers_for_such_whatever_else_the_function_reads(
    transform: Callable[..., Any],
) -> None:
    w = Value(0.5)
    derivative = transform(lambda x: x * x * w)
    compiled = jit(derivative)
    for x in (1.0, 3.0, Value(3.0)):
        expected = tree.leaves(derivative(x))
        found = tree.leaves(compiled(x))
        assert [type(y) for y in found] == [type(y) for y in expected]
        assert found == expected
    assert jit(lambda x: grad(lambda y: grad(lambda z: z**3 * w)(y) * y)(x))(2.0) == 18.0


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian, lambda f: grad(grad(f))])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_derivative_that_is_a_value_made_inside_is_a_number(
    transform: Callable[..., Any], backend: str
) -> None:
    derivative = transform(lambda x: x * Value(3.0) * x / 3.0 + x * Value(2.0))
    linear = transform(lambda x: x * Value(3.0))
    for plain in (derivative, linear):
        compiled = jit(plain, backend=backend)
        for x in (1.0, 2.0, 2.0):
            found = tree.leaves(compiled(x))
            assert found == tree.leaves(plain(x))
            assert {type(y) for y in found} == {float}
    pushed = jit(lambda x: jvp(lambda y: [y * Value(3.0), y], (x,), (1.0,)), backend=backend)
    assert repr(pushed(2.0)) == repr(pushed(2.0)) == "([6.0, 2.0], [3.0, 1.0])"
