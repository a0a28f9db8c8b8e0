"""Derivatives of compiled derivatives: where they are not finite, plain execution decides.

A loop carries adjoints that are 0 because nothing flows there, and code multiplies them like any
others. What is not finite for that reason is what the plain function makes of it.
"""

from __future__ import annotations

import math
import threading
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
    exp,
    fori_loop,
    grad,
    hessian,
    jvp,
    maximum,
    no_grad,
    scan,
    sin,
    sqrt,
    stop_gradient,
    vmap,
    where,
)
from autograd.jit import jit
from autograd.testing.agreement.judge import result_of

Function = Callable[[Any], Any]
INF = math.inf


def beside(p: Any) -> Any:
    """Of two numbers that a loop carries, the first never reaches the second."""
    step = lambda c, x: ((c[0] * x, c[1] * x * p[2]), None)
    return scan(step, (p[0], p[1]), [1.0, 2.0, 3.0])[0][1]


def shifted(p: Any) -> Any:
    """Only the last of the rows reaches the result."""
    return scan(lambda c, x: ((c[1], x), c[0]), (p[0], p[1]), [p[0], p[1], p[2], p[1]])[0][1]


def left(p: Any) -> Any:
    """One number of a row that the turns leave."""
    return scan(lambda c, x: (c * x, c + x), p[0], [p[1], p[2], p[1]])[1][1] * p[1]


def chosen(p: Any) -> Any:
    step = lambda i, c: (where(c[1] > 0.5, c[0], p[0] * c[1]), c[1] * 0.75)
    return fori_loop(0, 4, step, (p[1], p[2]))[0]


def stopped(p: Any) -> Any:
    return scan(lambda c, x: (c + stop_gradient(c) * x, None), p[0], [p[1], p[2]])[0]


def plain_loop(p: Any) -> Any:
    a, b = p[0], p[1]
    for i in range(40):
        a, b = a * p[2] * 0.75, b + sin(b) * 0.125 * (i % 3)
    return b


def mapped(p: Any) -> Any:
    rows = [p[k % 3] for k in range(70)]
    return vmap(lambda x: maximum(x, 0.25) * exp(-x))(rows)[4]


def unrolled(p: Any) -> Any:
    """No loop: what is of no use beside what is."""
    return sqrt(p[0]) * p[1] * p[1] + where(p[2] > 0, p[2] * p[2], p[0])


LOOPS: dict[str, Function] = {
    f.__name__: f for f in (beside, shifted, left, chosen, stopped, plain_loop, mapped, unrolled)
}


def slopes_scaled(slope: Function, i: int, weight: float) -> Function:
    return lambda p: slope(p)[i] * weight


def moved(f: Function) -> Function:
    return lambda p: list(jvp(f, (p,), ([1.0, 0.0, -2.0],)))


def kept(f: Function) -> Function:
    """The derivative of a derivative, by `backward()`."""

    def run(p: Any) -> Any:
        given = [Value(x) for x in p]
        out = f(given)
        if isinstance(out, Value):
            out.backward()
        return [x.grad for x in given]

    return run


WAYS: dict[str, Callable[[Function, Any, int, float], Function]] = {
    "grad, jit(grad)": lambda f, jit, i, w: grad(slopes_scaled(jit(grad(f)), i, w)),
    "grad, grad(jit)": lambda f, jit, i, w: grad(slopes_scaled(grad(jit(f)), i, w)),
    "jit": lambda f, jit, i, w: jit(grad(slopes_scaled(grad(f), i, w))),
    "jvp": lambda f, jit, i, w: moved(slopes_scaled(jit(grad(f)), i, w)),
    "jit(jvp)": lambda f, jit, i, w: grad(slopes_scaled(jit(moved(f)), i % 2, w)),
    "backward": lambda f, jit, i, w: kept(slopes_scaled(jit(grad(f)), i, w)),
    "hessian": lambda f, jit, i, w: hessian(lambda p: jit(f)(p) * w),
}


def listed(x: Any) -> Any:
    return list(map(listed, x)) if isinstance(x, list | tuple) else float(x)


def is_same(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if one != one or other != other:
        return one != one and other != other
    return one == other or abs(one - other) <= 1e-12 * max(abs(one), abs(other))


# Their products are far from the largest number: in which order they are taken makes no difference.
numbers = st.sampled_from([0.0, 0.5, 1.0, 2.0, -1.0, 1e20, INF])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", LOOPS)
@given(
    at=st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=6),
    i=st.integers(0, 2),
    weight=st.sampled_from([INF, -INF, 1e100, 1.0, 0.0]),
    backend=st.sampled_from(BACKENDS),
)
@settings(max_examples=examples(10, quick=3))
def test_what_is_not_finite_is_decided_by_plain_execution(
    name: str, way: str, at: list[list[float]], i: int, weight: float, backend: Any
) -> None:
    f, made = LOOPS[name], WAYS[way]
    plain = made(f, lambda f: f, i, weight)
    compiled = made(f, lambda f: jit(f, backend=backend), i, weight)
    for p in (*at, at[0]):
        expected, found = result_of(plain, p), result_of(compiled, p)
        if type(expected).__name__ == "Raised":
            assert getattr(found, "kind", found) is expected.kind
        else:
            assert is_same(listed(found), listed(expected)), (p, found, expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_parameters_are_among_what_is_decided(backend: Any) -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        return scan(lambda c, y: ((c[0] * w, c[1] * y * x), None), (x, x), [1.0, 2.0])[0][1]

    for _ in range(4):
        found = []
        for slope in (grad(f), jit(grad(f), backend=backend)):
            x, w.grad = Value(3.0), 0.0
            (slope(x) * INF).backward()
            found.append((x.grad, w.grad))
        assert found[0] == found[1] == (INF, 0.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_has_changed_since_is_not_read(backend: Any) -> None:
    state = {"rate": 2.0}
    compiled = jit(grad(lambda x: x * x * x * state["rate"]), backend=backend)
    for _ in range(3):
        x, state["rate"] = Value(3.0), 2.0
        out = compiled(x) * INF
        state["rate"] = -5.0
        out.backward()
        assert x.grad == INF


@pytest.mark.parametrize("backend", BACKENDS)
def test_arguments_are_what_they_were(backend: Any) -> None:
    def f(x: Any, n: int, rows: Any) -> Any:
        return sum((x * x * rows[k][1] for k in range(n)), x * 0.0) + rows[n % 2][0]

    compiled = jit(grad(f), backend=backend)
    for n in (1, 2, 1):
        for rows in ([[1, 0.5], [2, 3]], [(True, 2), (0.5, 1)]):
            by = [grad(lambda x, s=s: s(x, n, rows) * INF)(2.0) for s in (grad(f), compiled)]  # noqa: B023
            assert by[0] == by[1] == INF


def test_arrays_are_arrays_again() -> None:
    np = pytest.importorskip("numpy")
    scale = np.array([1.0, 2.0, 3.0])
    f = lambda x, s: (x * np.exp(s) * x).sum()
    compiled = jit(grad(f))
    for _ in range(3):
        found = [
            grad(lambda x, slope=slope: slope(x, scale)[0] * INF)(np.array([1.0, 2.0, 3.0]))
            for slope in (grad(f), compiled)
        ]
        assert found[0].tolist() == found[1].tolist() == [INF, 0.0, 0.0]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x * x * INF, 2.0),
        (lambda x: exp(x * x) * 1.0, 26.64),
        (lambda x: 1 / x**2, 1e-160),
        (lambda x: grad(lambda y: y * y * y)(x) * INF, 2.0),
    ],
)
def test_where_nothing_is_recorded_the_derivative_is_the_same(
    f: Function, x: float, backend: Any
) -> None:
    compiled = jit(f, backend=backend)
    for _ in range(3):
        found = []
        for g in (f, compiled):
            given = Value(x)
            out = g(given)
            with no_grad():
                out.backward()
            found.append(given.grad)
        assert found[0] == found[1]
        assert not math.isfinite(found[0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_trouble_elsewhere_does_not_count(backend: Any) -> None:
    """That one asks which calls take part says nothing of their derivatives."""
    f = jit(lambda x: x * 0.5 + sin(x) * 0.25, backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            x = y = Value(0.0)
            for _ in range(20):
                y = f(y)
            with pytest.raises(ZeroDivisionError):
                (y + sqrt(x * x)).backward()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_parameter_that_was_read_gets_the_derivative(backend: Any) -> None:
    """Though there is another one of that number in its place by now."""
    state = {"w": Value(2.0)}
    f = jit(grad(lambda x: x * x * x * x * state["w"]), backend=backend)

    def g(x: Any, read: Value, after: Value) -> Any:
        state["w"] = read
        out = f(x) * INF
        state["w"] = after
        return out

    for _ in range(3):
        x, read, after = Value(3.0), Value(2.0), Value(2.0)
        slope = grad(lambda y, a=read, b=after: g(y, a, b))(x)
        slope.backward()
        assert (slope.data, x.grad, read.grad, after.grad) == (INF, INF, INF, 0.0)


def test_no_lock_is_taken_in_a_backward_pass() -> None:
    lock = threading.Lock()

    def f(x: Any) -> Any:
        with lock:
            return grad(lambda y: y * y * y)(x)

    compiled, found = jit(f), []

    def run() -> None:
        for _ in range(3):
            x = Value(2.0)
            out = compiled(x) * INF
            with lock:
                out.backward()
            found.append(x.grad)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert found == [INF] * 3


def test_what_raises_only_now_is_what_it_was() -> None:
    np = pytest.importorskip("numpy")
    large = np.array([1e300, 1.0])
    f = jit(lambda x: grad(lambda y: y * y * y * float((large * 1e300)[1]))(x))
    for _ in range(3):
        x = Value(3.0)
        with np.errstate(over="ignore"):
            out = f(x) * INF
        with np.errstate(all="raise"):
            out.backward()
        assert x.grad == INF


@pytest.mark.parametrize("backend", BACKENDS)
def test_compiled_functions_inside_are_plain_then(backend: Any) -> None:
    inner = lambda p: (p[1] + p[2]) / ((p[1] * p[0]) * (p[1] * p[0]) + 0.5)
    f = lambda jit: jit(lambda p: jvp(jit(inner), (p,), ([1.0, 0.0, -2.0],))[1])
    for at in ([0.5, 1e200, -0.5], [0.5, 2.0, -0.5]):
        expected = kept(f(lambda f: f))(at)
        assert kept(f(lambda f: jit(f, backend=backend)))(at) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_derivative_that_plain_execution_has_not_does_not_count(backend: Any) -> None:
    f = jit(lambda x: sqrt(x) * 2.0, backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(20):
            with pytest.raises(ZeroDivisionError):
                f(Value(0.0)).backward()
