"""A derivative that does not exist, in something that nobody differentiates with respect to.

A compiled function is one operation of all that it reads: its arguments, and the Values that it
captures. Where one of these has no derivative, those in the others are still what they are.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit_transforms import BACKENDS
from strength import examples

from autograd import (
    Value,
    acosh,
    asin,
    floor,
    grad,
    hessian,
    jacobian,
    jvp,
    sqrt,
    stop_gradient,
    value_and_grad,
    vjp,
    where,
)
from autograd.jit import jit

Function = Callable[[Any], Any]

SINGULAR: dict[str, tuple[float, Callable[[Any], Any]]] = {
    "sqrt": (0.0, sqrt),
    "power": (0.0, lambda w: w**0.25),
    "root of a square": (0.0, lambda w: sqrt(w * w)),
    "asin": (1.0, asin),
    "acosh": (1.0, acosh),
    "chosen": (0.0, lambda w: sqrt(where(w > 1.0, 2.0, w))),
}
"""Where derivatives do not exist, and functions that have a value there."""

SHAPES: dict[str, Callable[[Any, Any], Any]] = {
    "product": lambda s, p: s * p[0] * p[0],
    "sum": lambda s, p: s + p[0] * p[1],
    "not there": lambda s, p: p[0] * p[0] * p[1] if p[0] > 0 else s,
    "many": lambda s, p: sum((s + p[k % 2]) * p[(k + 1) % 2] for k in range(18)),
}

WAYS: dict[str, Callable[[Function], Function]] = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "jvp": lambda f: lambda p: jvp(f, (p,), ([1.0, -2.0],)),
    "vjp": lambda f: lambda p: vjp(f, p)[1](3.0),
    "hessian": hessian,
    "jacobian": lambda f: jacobian(lambda p: [f(p), p[0] * f(p)]),
    "grad, grad": lambda f: grad(lambda p: grad(f)(p)[0]),
    "another": lambda f: grad(lambda p: grad(f)(p)[1] * 2.0),
    "third": lambda f: hessian(lambda p: grad(f)(p)[0]),
}


def compared(plain: Function, compiled: Function, p: Any, calls: int = 4) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that some calls run plain
        expected = plain(p)
        for _ in range(calls):
            assert is_same(compiled(p), expected)


def is_same(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == pytest.approx(other, rel=1e-12, abs=1e-12))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("way", WAYS)
@given(st.sampled_from([*SHAPES]), st.sampled_from([*SINGULAR]))
@settings(max_examples=examples(8, 3))
def test_a_captured_value_at_a_singular_point(
    backend: Any, way: str, shape: str, name: str
) -> None:
    at, function = SINGULAR[name]
    w = Value(at)
    f = lambda p: SHAPES[shape](function(w), p)
    derive = WAYS[way]
    compared(derive(f), derive(jit(f, backend=backend)), [0.5, 2.0])
    compared(derive(f), jit(derive(f), backend=backend), [0.5, 2.0])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", [stop_gradient, floor, lambda v: v.detach()])
def test_an_argument_that_is_constant(backend: Any, kind: Any) -> None:
    f = lambda w, x: sqrt(w) * x * x
    compiled = jit(f, backend=backend)
    compared(grad(lambda x: f(kind(x - x), x)), grad(lambda x: compiled(kind(x - x), x)), 3.0)


def test_a_constant_that_is_a_result() -> None:
    compiled = jit(lambda w, x: sqrt(w) * x * x)
    for _ in range(5):
        x = Value(3.0)
        compiled(floor(x * 0.0), x).backward()  # which asks for all leaves: there is only one
        assert x.grad == 0.0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", SINGULAR)
def test_what_is_asked_for_and_does_not_exist_raises(backend: Any, name: str) -> None:
    at, function = SINGULAR[name]
    w = Value(at)
    f = lambda x: function(w) * x
    compiled = jit(f, backend=backend)
    for g, of_one in ((f, function), (compiled, jit(function, backend=backend))):
        for _ in range(3):
            with pytest.raises(ArithmeticError):
                g(Value(3.0)).backward()  # in all leaves
            with pytest.raises(ArithmeticError):
                grad(of_one)(at)


@pytest.mark.parametrize("backend", BACKENDS)
def test_several_outputs(backend: Any) -> None:
    w = Value(0.0)
    f = lambda p: [sqrt(w) * p[0], p[0] * p[1], sqrt(w) + p[1]]
    for k in range(3):
        for way in ("grad", "hessian", "grad, grad"):
            pick = lambda g, k=k: lambda p: g(p)[k]
            derive = WAYS[way]
            compared(derive(pick(f)), derive(pick(jit(f, backend=backend))), [0.5, 2.0])


def test_a_model_that_is_trained_in_part() -> None:
    """A scale that is not trained, and is 0."""
    scale, weight = Value(0.0), Value(2.0)
    loss = jit(lambda x, y: (weight * x - y) ** 2 + sqrt(scale) * weight)
    step = grad(lambda w, x, y: (w * x - y) ** 2 + sqrt(scale) * w)
    with pytest.raises(ArithmeticError):
        loss(1.0, 3.0).backward()  # in `scale` too
    frozen = jit(lambda x, y: (weight * x - y) ** 2 + sqrt(stop_gradient(scale)) * weight)
    for _ in range(4):
        weight.grad = 0.0
        frozen(1.0, 3.0).backward()
        assert weight.grad == step(2.0, 1.0, 3.0) == -2.0
