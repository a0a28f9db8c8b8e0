"""Several results of one compiled call: what flows back from them is what flows in the plain graph.

The plain graph adds up, at each number that results have in common, what flows from all of them;
then it multiplies. That decides whether the result is infinite, NaN or a number, and what it is
when a number of the graph has been assigned to between the call and `backward()`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jit_transforms import BACKENDS, compiler

from autograd import Value, cbrt, exp, grad, log, prod, sqrt, tanh, vjp, where
from autograd.testing.agreement.judge import Raised, result_of

INF, NAN = math.inf, math.nan
F = Callable[..., Any]

backends = st.sampled_from(BACKENDS)
numbers = st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, -3.0, INF, -INF, NAN])
weights = st.lists(numbers, min_size=4, max_size=4)


def roots(x: Any, y: Any) -> list[Any]:
    u = cbrt(x)  # with an infinite slope at 0
    return [u * u * y, u * y, u * 3.0 + y * y, exp(u) * y]


def nested_roots(x: Any, y: Any) -> list[Any]:
    u = x * y
    v = sqrt(where(u > 0.0, u, 0.0 * u))
    return [v * v * x, v * y, v, u]


def quotients(x: Any, y: Any) -> list[Any]:
    u = x / y
    return [tanh(u), u * u, where(u > 1.0, u, y), log(1.0 + u * u)]


def products(x: Any, y: Any) -> list[Any]:
    u = prod([x, y, x])
    return [u, u * INF, u - u * y, exp(-u)]


def slopes(x: Any, y: Any) -> list[Any]:
    by_x, by_y = grad(lambda x, y: cbrt(x) ** 4.0 * y + x * x * exp(y), argnums=(0, 1))(x, y)
    return [by_x, by_y, by_x * by_y, by_x - by_y]


FUNCTIONS = [roots, nested_roots, quotients, products, slopes]


def weighted(outs: Sequence[Any], ws: Sequence[float]) -> Any:
    total = ws[0] * outs[0]
    for w, out in zip(ws[1:], outs[1:], strict=True):
        total = total + w * out
    return total


def backward(f: F, at: Sequence[float], ws: Sequence[float]) -> list[Any]:
    leaves = [Value(x) for x in at]
    weighted(f(*leaves), ws).backward()
    return [x.grad for x in leaves]


def chained(f: F, at: Sequence[float], ws: Sequence[float]) -> list[Any]:
    """Results that are operands of one another outside, so that their adjoints come in turns."""
    leaves = [Value(x) for x in at]
    a, b, c, d = f(*leaves)
    weighted([a, b * a, tanh(c) * b, d], ws).backward()
    return [x.grad for x in leaves]


def twice(f: F, at: Sequence[float], ws: Sequence[float]) -> list[Any]:
    """Two calls, one of which is given what the other one returns."""
    leaves = [Value(x) for x in at]
    a, b, c, d = f(*leaves)
    weighted([*f(a, b)[:2], c, d], ws).backward()
    return [x.grad for x in leaves]


def pulled(f: F, at: Sequence[float], ws: Sequence[float]) -> Any:
    return vjp(f, *at)[1](list(ws))


def of_sum(f: F, at: Sequence[float], ws: Sequence[float]) -> Any:
    return grad(lambda *x: weighted(f(*x), ws), argnums=(0, 1))(*at)


def with_graph(f: F, at: Sequence[float], ws: Sequence[float]) -> list[Any]:
    leaves = [Value(x) for x in at]
    weighted(f(*leaves), ws).backward(create_graph=True)
    return [float(x.grad) for x in leaves]


USES = [backward, chained, twice, pulled, of_sum, with_graph]


def check_same(expected: Any, found: Any, *where: Any) -> None:
    if isinstance(expected, Raised) or isinstance(found, Raised):
        assert getattr(found, "kind", found) is getattr(expected, "kind", expected), where
        return
    for x, y in zip(found, expected, strict=True):
        both_nan = x != x and y != y
        assert both_nan or x == y or math.isclose(x, y, rel_tol=1e-12), (found, expected, *where)


@pytest.mark.parametrize("f", FUNCTIONS)
@given(
    at=st.lists(st.tuples(numbers, numbers, weights), min_size=2, max_size=5),
    use=st.sampled_from(USES),
    backend=backends,
)
def test_what_flows_from_all_results_decides(
    f: F, use: F, at: list[tuple[float, float, list[float]]], backend: str
) -> None:
    compiled = compiler(backend)(f)
    for x, y, ws in (*at, at[0]):
        expected = result_of(use, f, (x, y), ws)
        check_same(expected, result_of(use, compiled, (x, y), ws), x, y, ws)


finite = st.sampled_from([0.25, 0.5, 1.0, 2.0, -1.0, -3.0])
hidden = Value(1.5)


def simple(x: Any, y: Any) -> Any:
    return [tanh(x * hidden) * y + exp(y)]


def several(x: Any, y: Any) -> Any:
    u = exp(x * y) * hidden
    return [u, u * u, u * hidden - y, tanh(hidden)]


def derived(x: Any, y: Any) -> Any:
    value = grad(lambda x, y: tanh(x * hidden) * x * y, argnums=(0, 1))(x, y)
    return [*value, x * y]


def assigned(f: F, before: Sequence[float], after: Sequence[Any], create_graph: bool) -> Any:
    """The gradients when numbers of the graph are assigned to before `backward()`.

    Of `after`, what is None is not assigned to. Where there are several results, none of them is:
    in compiled code one knows nothing of the others.
    """
    given = [Value(x) for x in before[:2]]
    hidden.data, hidden.grad = before[2], 0.0
    operands = [given[0], given[1] * 2.0]
    outs = f(*operands)
    changed = [*given, hidden, operands[1], *(outs if len(outs) == 1 else ())]
    for x, number in zip(changed, after, strict=False):
        if number is not None:
            x.data = number
    weighted(outs, [1.0, 0.5, 2.0, -1.0][: len(outs)]).backward(create_graph=create_graph)
    found = [float(x.grad) for x in (*given, hidden, operands[1])]
    hidden.grad = 0.0
    return found


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("f", [simple, several, derived])
@given(
    calls=st.lists(
        st.tuples(
            st.lists(finite, min_size=3, max_size=3),
            st.lists(st.none() | finite, min_size=5, max_size=5),
        ),
        min_size=1,
        max_size=3,
    ),
    backend=backends,
)
def test_a_number_assigned_to_before_backward_counts_as_in_plain(
    f: F, create_graph: bool, calls: Any, backend: str
) -> None:
    compiled = compiler(backend)(f)
    for before, after in (*calls, calls[0]):
        expected = assigned(f, before, after, create_graph)
        check_same(expected, assigned(compiled, before, after, create_graph), before, after)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_derivative_after_an_assignment_is_of_both_moments(backend: str) -> None:
    x, w = Value(2.0), Value(3.0)
    out = compiler(backend)(lambda x: exp(x * w) * w)(x)
    w.data = 1.0
    out.backward()
    assert x.grad == pytest.approx(1.0 * math.exp(6.0) * 1.0)  # the node of exp has kept its number
    assert w.grad == pytest.approx(2.0 * math.exp(6.0) + math.exp(6.0))
