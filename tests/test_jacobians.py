"""Dense Jacobians and Hessians, in both modes: the same numbers, kinds and shapes."""

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strength import examples, slowly

import autograd
from autograd import (
    Value,
    cos,
    exp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    maximum,
    sin,
    sparse_jacobian,
    tree,
    value_and_jacobian,
    vjp,
)
from autograd.jit import jit
from autograd.jit.backends import BACKENDS
from autograd.trace import Trace

INSTALLED = [*(name for name, backend in BACKENDS.items() if not backend.missing), "auto"]
MODES = ("auto", "forward", "reverse")


def by_rows(f: Any, x: Any) -> Any:
    """The Jacobian by a reverse sweep over the whole graph for each row: no pattern."""
    trace = Trace(f, (x,), [0])
    rows = [trace.gradients({y: 1.0} if isinstance(y, Value) else {}) for y in trace.results]
    return tree.outer(trace.definition, trace.arguments[0], rows)


def same(a: Any, b: Any) -> bool:
    """Whether two structures have the same kinds and shapes, and numbers within rounding."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and np.allclose(a, b, 1e-12, 1e-12)
    return a == pytest.approx(b, rel=1e-12, abs=1e-12)


SHAPES: list[Any] = [
    lambda xs: list(xs),
    lambda xs: tuple(xs),
    lambda xs: np.array(xs),
    lambda xs: {"a": list(xs[:1]), "b": tuple(xs[1:])},
    lambda xs: [np.array(xs[:2]), np.array(xs[2:])] if len(xs) > 3 else list(xs),
    lambda xs: [np.array([x]) for x in xs],
]


def function(seed: int, count: int, shape: int) -> Any:
    """A function of a structure of numbers that returns one, with many zeros in its Jacobian."""
    rng = random.Random(seed)
    terms = [
        (rng.randrange(6), rng.randrange(count), rng.randrange(count), rng.uniform(-2, 2))
        for _ in range(rng.randrange(1, 60))
    ]

    def f(x: Any) -> Any:
        xs = tree.leaves(x)
        made = []
        for kind, i, j, c in terms:
            a, b = xs[i], xs[j]
            made.append((a * b, sin(a) + c, 3.0 * a - b, maximum(a, c) * b, exp(-a * a), c)[kind])
        if shape % 2 and len(made) > 2:
            return SHAPES[shape]([*made[:-1], made[-1] * made[0]])
        return SHAPES[shape](made)

    return f


@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 9),
    into=st.integers(0, len(SHAPES) - 1),
    out=st.integers(0, len(SHAPES) - 1),
)
def test_every_mode_gives_what_a_sweep_for_each_row_gives(
    seed: int, count: int, into: int, out: int
) -> None:
    f, rng = function(seed, count, out), random.Random(seed)
    x = SHAPES[into]([rng.uniform(-2, 2) for _ in range(count)])
    expected = by_rows(f, x)
    for mode in MODES:
        assert same(jacobian(f, mode=mode)(x), expected)
    assert same(jacfwd(f)(x), expected)
    assert same(jacrev(f)(x), expected)
    value, found = value_and_jacobian(f)(x)
    assert same(found, expected)
    assert tree.leaves(value) == [y.data if isinstance(y, Value) else y for y in tree.leaves(f(x))]


@pytest.mark.parametrize("backend", [INSTALLED[0], *map(slowly, INSTALLED[1:-1]), "auto"])
@settings(max_examples=examples(30, quick=8))
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 9),
    into=st.integers(0, len(SHAPES) - 1),
    out=st.integers(0, len(SHAPES) - 1),
    mode=st.sampled_from(MODES),
)
def test_compiled_ones_are_the_same(
    backend: str, seed: int, count: int, into: int, out: int, mode: str
) -> None:
    f, rng = function(seed, count, out), random.Random(seed)
    plain = value_and_jacobian(f, mode=mode)
    fast = jit(plain, backend=backend, compile_after=0)
    for _ in range(3):
        x = SHAPES[into]([rng.uniform(-2, 2) for _ in range(count)])
        found, expected = fast(x), plain(x)
        assert same(found, expected) or not tree.leaves(expected[0])
    assert fast.stats["plain"] == 0


@given(seed=st.integers(0, 10**6), count=st.integers(1, 7), mode=st.sampled_from(MODES))
def test_hessians(seed: int, count: int, mode: str) -> None:
    f, rng = function(seed, count, 0), random.Random(seed)
    total = lambda x: autograd.sum([y * y for y in f(x)])
    for x in (
        [rng.uniform(-2, 2) for _ in range(count)],
        np.array([rng.uniform(-2, 2) for _ in range(count)]),
    ):
        expected = by_rows(grad(total), x)
        assert same(hessian(total, mode=mode)(x), expected)
        fast = jit(hessian(total, mode=mode))
        assert same(fast(x), expected)
        assert same(fast(x), expected)
        v = type(x)([1.0] * count) if isinstance(x, list) else np.ones(count)
        product = np.array(expected, float) @ np.ones(count)
        for times in (hvp(total), jit(hvp(total))):
            found = times(x, v)
            assert type(found) is type(x)
            assert found == pytest.approx(product, rel=1e-9, abs=1e-9)


@settings(max_examples=examples(30, quick=8))
@given(seed=st.integers(0, 10**6), count=st.integers(2, 6))
def test_they_compose(seed: int, count: int) -> None:
    f, rng = function(seed, count, 0), random.Random(seed)
    x = [rng.uniform(-2, 2) for _ in range(count)]
    norm = lambda mode: (
        lambda x: autograd.sum([d * d for row in jacobian(f, mode=mode)(x) for d in row])
    )
    slopes = [grad(norm(mode))(x) for mode in MODES]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-9, abs=1e-9)
    assert slopes[0] == pytest.approx(slopes[2], rel=1e-9, abs=1e-9)
    second = by_rows(lambda x: by_rows(f, x), x)
    assert same(jacobian(jacobian(f))(x), second)
    assert same(jacfwd(jacrev(f))(x), second)
    assert same(
        jacobian(lambda x: jvp(f, (x,), (x,))[1])(x),
        jacobian(jit(lambda x: jvp(f, (x,), (x,))[1]))(x),
    )


def test_values_stay_values() -> None:
    w = Value(2.0)
    rows = jacobian(lambda x: [sin(w * x[i % 9]) for i in range(20)])([1.0] * 9)
    assert {type(d) for row in rows for d in row} == {float}
    rows = jacobian(lambda x: [sin(w * x[i % 9]) for i in range(20)])([Value(1.0)] * 9)
    assert {type(d) for row in rows for d in row} == {Value}
    zeros = [d for row in rows for d in row if d.data == 0]
    assert len(set(map(id, zeros))) == len(zeros) > 100
    rows[0][0].backward()
    assert w.grad == pytest.approx(float(np.cos(2.0) - 2 * np.sin(2.0)))


# How much is done


def test_auto_takes_the_mode_that_does_less() -> None:
    def tall(x: Any) -> Any:
        a, b = x
        for _ in range(20):
            a, b = sin(a), a * b
        return [sin(a * i) * b for i in range(60)]

    wide = lambda x: [autograd.sum([sin(y) * x[0] for y in x]), autograd.prod(x)]
    at = [0.5] * 60
    for f, x, better, worse in (
        (tall, [0.5, 2.0], "forward", "reverse"),
        (wide, at, "reverse", "forward"),
    ):
        nodes = {}
        for mode in MODES:
            fast = jit(jacobian(f, mode=mode))
            fast(x)
            nodes[mode] = fast.stats["nodes"]["traced"]
        assert nodes["auto"] == nodes[better] <= nodes[worse]


def test_zeros_are_not_traced() -> None:
    f = lambda x: [sin(a) * b for a, b in pairwise(x)]
    sizes = {}
    for n in (50, 100):
        fast = jit(jacobian(f))
        fast([0.1] * n)
        sizes[n] = fast.stats["nodes"]["traced"]
    assert sizes[100] < 2.2 * sizes[50]


@pytest.mark.parametrize("backend", INSTALLED)
def test_rows_of_compiled_results_share_nothing_that_is_seen(backend: str) -> None:
    squares = lambda x: [*(x[i] * x[i] for i in range(6)), 3.0 * x[2], 4.0 * x[1] - x[5]]
    f = jit(jacobian(squares), backend=backend, compile_after=0)
    x = np.arange(1.0, 7.0)
    first = f(x)
    first[0][:] = 99.0
    assert first[1].tolist() == [0.0, 4.0, 0.0, 0.0, 0.0, 0.0]
    last = f(x)
    assert last[0].tolist() == [2.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert last[6].tolist() == [0.0, 0.0, 3.0, 0.0, 0.0, 0.0]  # rows that never change
    last[7][:] = 99.0
    assert f(x)[7].tolist() == [0.0, 4.0, 0.0, 0.0, 0.0, -1.0]
    assert np.array_equal(f(x), jacobian(squares)(x))


@pytest.mark.parametrize("backend", INSTALLED)
def test_signs_of_constants_in_results(backend: str) -> None:
    f = lambda x: np.array([-0.0, 0.0, 1.5, *(-0.0 for _ in range(40)), *(y * y for y in x)])
    fast = jit(f, backend=backend, compile_after=0)
    x = np.arange(1.0, 9.0)
    for _ in range(3):
        found = fast(x)
        assert np.array_equal(found, f(x))
        assert np.array_equal(np.signbit(found), np.signbit(f(x)))
    lists = jit(lambda x: [0.0, -0.0] * 30 + [y * y for y in x], backend=backend, compile_after=0)
    for _ in range(3):
        assert str(lists(x)) == str([0.0, -0.0] * 30 + (x * x).tolist())


def test_pullbacks_compile() -> None:
    x = np.arange(1.0, 20.0)
    out, pull = vjp(lambda x: [sin(a) * b for a, b in pairwise(x)], x)
    fast = jit(pull)
    for g in (np.ones(18), np.arange(18.0)):
        for _ in range(3):
            (found,), (expected,) = fast(g.tolist()), pull(g.tolist())
            assert found == pytest.approx(expected)
    assert fast.stats["plain"] == 0
    assert len(out) == 18


def test_solvers_take_hessian_products() -> None:
    minimize = pytest.importorskip("scipy.optimize").minimize
    f = lambda x, scale: autograd.sum([scale * cos(y) + y * y for y in x])
    found = minimize(f, np.full(5, 0.7), (0.5,), "trust-ncg", jac=jit(grad(f)), hessp=jit(hvp(f)))
    assert found.success
    assert found.x == pytest.approx(np.zeros(5), abs=1e-6)


def test_bad_input_is_refused() -> None:
    for make in (jacobian, hessian, value_and_jacobian):
        with pytest.raises(ValueError, match="'auto', 'forward' or 'reverse', got str 'both'"):
            make(sin, mode="both")
        with pytest.raises(TypeError, match=f"{make.__name__}: expected a function"):
            make(3.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="hvp: without primals"):
        hvp(sin, argnums=1)
    with pytest.raises(TypeError, match="expected tangents"):
        hvp(sin, (1.0,))
    assert jacobian(sin).__name__ == "jacobian(sin)"
    assert hessian(sin).__name__ == "hessian(sin)"


def test_dense_and_sparse_are_the_same_numbers() -> None:
    pytest.importorskip("scipy")
    f = lambda x: [sin(a) * b for a, b in pairwise(x)]
    x = [0.3 * i for i in range(12)]
    assert sparse_jacobian(f)(x).toarray().tolist() == jacobian(f)(x)
