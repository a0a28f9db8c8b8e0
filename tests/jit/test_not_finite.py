"""Numbers that are not finite: what a compiled function gives is what the plain one gives.

A derivative in which nothing flows to an infinite number multiplies nothing by it; a program with
infinite constants is compiled; and what compiled code never can serve it no longer tries to.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit_transforms import BACKENDS, GRADIENTS, compiler
from strength import examples

from autograd import (
    clip,
    copysign,
    exp,
    grad,
    hessian,
    hypot,
    logsumexp,
    maximum,
    minimum,
    prod,
    relu,
    softmax,
    sqrt,
    sum,
    tanh,
    value_and_grad,
    where,
)
from autograd.jit import jit
from autograd.testing.agreement.judge import result_of

INF, NAN = math.inf, math.nan

numbers = st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 1e200, -1e200, INF, -INF, NAN, 1e-310])
backends = st.sampled_from(BACKENDS)

Function = Callable[[Any], Any]

STOPS: dict[str, Function] = {
    "where": lambda x: where(x[0] > 0.5, x[1] * x[1], x[2] * x[2] * x[2]),
    "nested where": lambda x: where(x[0] > 0.5, x[1], where(x[1] > 0.5, x[2] / 3.0, x[2] * x[0])),
    "clip": lambda x: clip(x[0] * x[0] * x[1], -1e6, 1e6) + x[2],
    "relu": lambda x: relu(x[0] * x[1] * x[1]) * x[2],
    "maximum": lambda x: maximum(x[0] * x[1], minimum(x[1], x[2] * x[2])),
    "logsumexp": lambda x: logsumexp([x[0], logsumexp([x[1], x[2]]) + x[0]]),
    "softmax": lambda x: softmax([x[0], x[1] + x[0], x[2]])[1],
    "masked": lambda x: sum([where(x[0] > 0.5, (y * x[1] - 1.0) ** 2, 0.0) for y in x[1:]]),
    "sqrt beside 0": lambda x: where(x[0] > 0, sqrt(where(x[0] > 0, x[0], 1.0)), 0.0) * x[1],
    "infinite side": lambda x: where(x[0] > 0, x[1], x[1] * INF) + minimum(x[2], INF),
    "many": lambda x: sum([where(x[0] > i, x[1] * x[2] * i, x[2] * x[2]) for i in range(40)]),
}
"""Functions in which nothing flows to some of the numbers."""


def same(one: Any, other: Any) -> bool:
    """Whether two results are alike: structures, floats to the rounding, nan where nan is."""
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if one != one or other != other:
        return one != one and other != other
    return one == other or abs(one - other) <= 1e-12 * max(abs(one), abs(other))


@pytest.mark.parametrize("name", STOPS)
@given(
    at=st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=4),
    backend=backends,
    use=st.sampled_from([*GRADIENTS]),
)
def test_what_does_not_flow_is_not_multiplied(
    name: str, at: list[list[float]], backend: str, use: str
) -> None:
    transform, made = GRADIENTS[use]
    plain, compiled = transform(STOPS[name]), made(STOPS[name], compiler(backend))
    for x in (*at, at[0]):
        expected, found = result_of(plain, x), result_of(compiled, x)
        if type(expected).__name__ == "Raised":
            assert getattr(found, "kind", found) is expected.kind
        else:
            assert same(found, expected), (x, found, expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_derivative_that_decides_is_that_of_the_plain_function(backend: str) -> None:
    def f(x: Any) -> Any:
        slope = grad(lambda y: where(y > 0.0, y, y * INF))(x)
        return 1.0 if slope < 2.0 else 5.0

    g = jit(f, backend=backend)
    assert [g(2.0) for _ in range(4)] == [f(2.0)] * 4 == [1.0] * 4


MASK = [[0.0 if j <= i else -INF for j in range(12)] for i in range(12)]


def attention(scores: Any) -> Any:
    rows = [
        softmax([s + m for s, m in zip(row, line, strict=True)])
        for row, line in zip(scores, MASK, strict=True)
    ]
    return sum([(j + 1) * p * p for row in rows for j, p in enumerate(row)])


def lowest(scores: Any) -> Any:
    found: Any = INF
    for row in scores:
        for s in row:
            found = minimum(found, s)
    return found


def paths(scores: Any) -> Any:
    return sum(
        [exp(s + m) for row in zip(scores, MASK, strict=True) for s, m in zip(*row, strict=True)]
    )


@pytest.mark.parametrize("f", [attention, lowest, paths, value_and_grad(attention), grad(lowest)])
@pytest.mark.parametrize("backend", BACKENDS)
def test_infinite_constants_are_compiled(f: Function, backend: str) -> None:
    g = jit(f, backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for shift in (0.0, 1.0, 2.0):
            scores = [[math.sin(i + 2.0 * j + shift) for j in range(12)] for i in range(12)]
            assert same(g(scores), f(scores))
    assert g.stats["plain"] == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_numbers_that_are_infinite_at_every_call_are_compiled(backend: str) -> None:
    def f(x: Any) -> Any:
        return sum([exp(a) * i for i, a in enumerate(x)])

    g, slope = jit(f, backend=backend), jit(grad(f), backend=backend)
    x = [-INF if i % 3 else 0.1 * i for i in range(40)]
    for _ in range(30):
        assert same(g(x), f(x))
        assert same(slope(x), grad(f)(x))
    assert g.stats["plain"] == slope.stats["plain"] == 0
    assert same(g([1.0] * 40), f([1.0] * 40))


def unservable(x: Any) -> Any:
    return where(x > 0.0, 3.0 * x, hypot(x - 2.0, 0.0))  # which has no derivative at 2


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "made", [lambda f, b: jit(grad(f), backend=b), lambda f, b: grad(jit(f, backend=b))]
)
def test_what_is_never_served_is_given_up_with_one_warning(
    made: Callable[[Function, str], Function], backend: str
) -> None:
    g = made(unservable, backend)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = [g(x) for x in [3.0] + [2.0] * 50]
    assert found == [3.0] * 51
    assert len(said) == 1
    assert "in 16 calls in a row" in str(said[0].message)
    assert said[0].filename == __file__


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_call_that_is_served_in_between_keeps_compiled_code(backend: str) -> None:
    g = jit(grad(unservable), backend=backend)
    g(3.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(60):
            x = 2.0 if i % 10 else 3.0
            assert g(x) == 3.0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * -INF / -INF,
        lambda x: NAN * x / INF,
        lambda x: (lambda y: y - y)(maximum(0.5, x * NAN)),  # once 0 * nan is folded
    ],
)
def test_a_derivative_that_is_nan_by_constants_alone_is_the_plain_one(
    f: Callable[[Any], Any], backend: str
) -> None:
    for compiled in (value_and_grad(jit(f, backend=backend)), jit(value_and_grad(f))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for x in (1e-200, -0.5, 3.0, 4.0, 5.0, 6.0, 7.0):
                assert repr(compiled(x)) == repr(value_and_grad(f)(x)) == "(nan, 0.0)"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_nan_among_constants_keeps_its_sign(sign: float, backend: str) -> None:
    compiled = jit(lambda x: copysign(x, math.copysign(NAN, sign)), backend=backend)
    assert [compiled(x) for x in (1.0, 2.0, -3.0)] == [sign, 2.0 * sign, 3.0 * sign]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_product_that_overflows_before_it_meets_a_zero_is_nan(backend: str) -> None:
    compiled = jit(lambda x: maximum(x[1], prod([0.5, x[1] + x[0], x[1], -0.0])), backend=backend)
    for _ in range(3):
        assert math.isnan(compiled([2.0, 1.7976931348623157e308]))
        assert compiled([2.0, 3.0]) == 3.0


HUGE = st.sampled_from([1e308, -1e308, 1.5e308, -1.5e308, 1e154, -1e154, 1.0, 0.5])


def alternating(x: Any) -> Any:
    total = x[0]
    for i, a in enumerate(x[1:]):
        total = total - a if i % 2 == 0 else total + a
    return total


SUMMED: dict[str, Callable[[Any], Any]] = {
    "products first": lambda x: x[0] * x[1] + x[2] + x[3] * x[1] - x[4],
    "differences": alternating,
}


@pytest.mark.parametrize("name", SUMMED)
@given(st.lists(HUGE, min_size=8, max_size=8), st.sampled_from(BACKENDS))
@settings(max_examples=examples(30, quick=20))
def test_a_sum_that_overflows_in_another_order_is_added_up_again(
    name: str, x: list[float], backend: str
) -> None:
    f = SUMMED[name]
    compiled = jit(f, backend=backend)
    for _ in range(2):
        compiled([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    expected = f(x)
    if math.isfinite(expected):
        assert math.isfinite(compiled(x))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_sum_that_overflows_unseen_is_added_up_again(backend: str) -> None:
    f = lambda x: 1.0 / (x[0] * x[0] + x[1] + x[2] * x[2])
    compiled = jit(f, backend=backend)
    assert [compiled([1.0, 2.0, 3.0]) for _ in range(2)] == [1 / 12] * 2
    at = [1e154, -1.5e308, 1e154]
    assert compiled(at) == f(at) > 0.0


@pytest.mark.parametrize("backend", ["python", "numpy", "native", "auto"])
def test_an_infinite_second_derivative_is_that_of_plain(backend: Any) -> None:
    if backend == "native":
        pytest.importorskip("llvmlite")

    def f(x: Any) -> Any:
        return tanh(x[1]) - x[0] * (x[1] * x[1] + 0.5)

    plain = hessian(f)
    compiled = jit(plain, backend=backend)
    for x in ([0.0, math.inf], [1.0, 2.0], [0.0, math.inf], [math.inf, 0.0], [1.0, -math.inf]):
        found, expected = ([number for row in f(x) for number in row] for f in (compiled, plain))
        assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)
