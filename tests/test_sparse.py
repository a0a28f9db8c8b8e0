"""Sparse Jacobians and Hessians: the dense ones, in as many sweeps as the pattern has colours."""

import copy
import pickle
import random
import sys
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strength import examples, slowly

import autograd
from autograd import (
    PatternError,
    TraceError,
    Value,
    cos,
    exp,
    grad,
    maximum,
    scan,
    sin,
    sparse_hessian,
    sparse_jacobian,
    sparsity,
    sqrt,
)
from autograd.jit import jit
from autograd.jit.backends import BACKENDS
from autograd.pattern import Pattern
from autograd.trace import Trace

pytest.importorskip("scipy")

MODES = ("auto", "forward", "reverse")
INSTALLED = [*(name for name, backend in BACKENDS.items() if not backend.missing), "auto"]


def dense(f: Any, *args: Any, argnums: Any = 0) -> Any:
    """The Jacobian by a reverse sweep over the whole graph for each row: no pattern."""
    trace = Trace(f, args, [argnums] if isinstance(argnums, int) else argnums)
    rows = [trace.gradients({y: 1.0} if isinstance(y, Value) else {}) for y in trace.results]
    return np.array(rows, float).reshape(len(trace.results), len(trace.inputs))


STEPS: list[Any] = [
    lambda a, b, c: a + b,
    lambda a, b, c: a * b,
    lambda a, b, c: 3.0 * a - b,
    lambda a, b, c: sin(a) / (2.0 + cos(b)),
    lambda a, b, c: maximum(a, b) * c,
    lambda a, b, c: exp(-a * a) + 1.0,
    lambda a, b, c: autograd.dot([a, b], [c, a]),
    lambda a, b, c: 2.5,
]


def program(seed: int, inputs: int) -> Any:
    rng = random.Random(seed)
    size, outputs = rng.randrange(1, 20), rng.randrange(0, 8)
    steps = [
        (rng.choice(STEPS), [rng.randrange(inputs + 1 + k) for _ in range(3)]) for k in range(size)
    ]
    results = [rng.randrange(inputs + 1 + size) for _ in range(outputs)]

    def f(x: Any) -> Any:
        found = [*x, 0.5]
        for operation, places in steps:
            found.append(operation(*[found[i] for i in places]))
        return [found[i] for i in results]

    return f


@given(seed=st.integers(0, 10**6), inputs=st.integers(1, 7), mode=st.sampled_from(MODES))
def test_jacobians_of_random_programs(seed: int, inputs: int, mode: str) -> None:
    f = program(seed, inputs)
    rng = random.Random(seed)
    x, y = ([rng.uniform(-2, 2) for _ in range(inputs)] for _ in range(2))
    jacobian = sparse_jacobian(f, mode=mode)
    assert jacobian(x).toarray() == pytest.approx(dense(f, x), rel=1e-12, abs=1e-12)
    matrix = jacobian(y)
    assert matrix.toarray() == pytest.approx(dense(f, y), rel=1e-12, abs=1e-12)
    assert jacobian.pattern == sparsity(f)(x)
    assert (tuple(matrix.indices), tuple(matrix.indptr)) == (
        jacobian.pattern.indices,
        jacobian.pattern.indptr,
    )
    assert np.array_equal(jacobian.values(y), matrix.data)
    if mode != "auto":
        assert jacobian.sweeps.mode == mode


@settings(max_examples=examples(30, quick=8))
@given(seed=st.integers(0, 10**6), inputs=st.integers(4, 9), rows=st.integers(0, 2))
def test_jacobians_with_full_rows_and_columns(seed: int, inputs: int, rows: int) -> None:
    """Where sweeps of both modes are fewer: plain, nested in another derivative, and compiled."""
    inner = program(seed, inputs)

    def f(x: Any) -> Any:
        full = [autograd.sum([sin(y) * (i + 1) for y in x]) for i in range(rows)]
        return [*(x[i] * cos(x[0]) for i in range(inputs)), *full, *inner(x)[:2]]

    rng = random.Random(seed)
    x, y = ([rng.uniform(-2, 2) for _ in range(inputs)] for _ in range(2))
    jacobian = sparse_jacobian(f)
    fast = jit(jacobian)
    for at in (x, y, x):
        assert jacobian(at).toarray() == pytest.approx(dense(f, at), rel=1e-12, abs=1e-12)
        assert fast(at).toarray() == pytest.approx(dense(f, at), rel=1e-12, abs=1e-12)
    total = lambda way: grad(lambda x: autograd.sum([sin(d) for d in way(x)]))(x)
    entries = lambda mode: total(sparse_jacobian(f, mode=mode).values)
    assert entries("auto") == pytest.approx(entries("forward"), rel=1e-10, abs=1e-10)


@given(seed=st.integers(0, 10**6), inputs=st.integers(1, 7), mode=st.sampled_from(MODES))
def test_hessians_of_random_programs(seed: int, inputs: int, mode: str) -> None:
    f = program(seed, inputs)
    total = lambda x: autograd.sum([sin(y) for y in f(x)] or [0.0])
    rng = random.Random(seed)
    x = [rng.uniform(-2, 2) for _ in range(inputs)]
    matrix = sparse_hessian(total, mode=mode)(x)
    assert matrix.toarray() == pytest.approx(dense(grad(total), x), rel=1e-10, abs=1e-10)
    assert (matrix != matrix.T).nnz == 0


@pytest.mark.parametrize("backend", [INSTALLED[0], *map(slowly, INSTALLED[1:-1]), "auto"])
@settings(max_examples=examples(30, quick=8))
@given(
    seed=st.integers(0, 10**6),
    inputs=st.integers(1, 5),
    mode=st.sampled_from(MODES),
    given_as=st.sampled_from([list, np.array]),
)
def test_compiled_ones(backend: str, seed: int, inputs: int, mode: str, given_as: Any) -> None:
    f = program(seed, inputs)
    rng = random.Random(seed)
    points = [[rng.uniform(-2, 2) for _ in range(inputs)] for _ in range(3)]
    total = lambda x: autograd.sum([sin(y) for y in f(x)] or [0.0])
    for make, g in ((sparse_jacobian, f), (sparse_hessian, total)):
        plain, fast = make(g, mode=mode), jit(make(g, mode=mode), backend=backend, compile_after=0)
        for x in points:
            found, expected = fast(given_as(x)), plain(x)
            assert found.toarray() == pytest.approx(expected.toarray(), rel=1e-9, abs=1e-9)
            assert fast.values(given_as(x)) == pytest.approx(found.data, rel=1e-12, abs=1e-12)
            assert found.data.dtype == float
        assert fast.pattern == plain.pattern
        assert fast.compiled.stats["plain"] == 0


# Sweeps


def chain(width: int) -> Any:
    def f(x: Any) -> Any:
        near = [x[max(0, i - width) : i + width + 1] for i in range(len(x))]
        return [autograd.prod([sin(y) + 2.0 for y in part]) for part in near]

    return f


def energy(f: Any) -> Any:
    return lambda x: autograd.sum([y * y for y in f(x)])


def grid(x: Any) -> Any:
    n = round(len(x) ** 0.5)
    total = 0.0
    for i in range(n):
        for j in range(n):
            total = total + exp(x[i * n + j])
            for k, m in ((i + 1, j), (i, j + 1)):
                if k < n and m < n:
                    total = total + sin(x[i * n + j] * x[k * n + m])
    return total


CASES: list[Any] = [
    (sparse_jacobian, chain(1), 30, 3),
    (sparse_jacobian, chain(3), 30, 7),
    (sparse_jacobian, lambda x: [x[0] * y for y in x], 30, 2),
    (sparse_jacobian, lambda x: [autograd.sum([y * y for y in x]), *x[1:]], 30, 2),
    (sparse_jacobian, lambda x: [autograd.sum(x), *(x[0] * sin(y) for y in x[1:])], 30, 3),
    (
        sparse_jacobian,
        lambda x: [*(x[-1] * y for y in x), autograd.sum(x), autograd.prod(x)],
        30,
        4,
    ),
    (
        sparse_jacobian,
        lambda x: [autograd.prod(x[i - i % 3 : i - i % 3 + 3]) for i in range(9)],
        9,
        3,
    ),
    (sparse_jacobian, lambda x: [autograd.prod([y + i for y in x]) for i in range(6)], 6, 6),
    (sparse_jacobian, lambda x: [autograd.prod(x)], 6, 1),
    (sparse_jacobian, lambda x: [x[0] * i for i in range(1, 7)], 1, 1),
    (sparse_hessian, lambda x: autograd.sum([x[0] * y * y for y in x]), 30, 2),
    (sparse_hessian, grid, 49, 5),
    (sparse_hessian, lambda x: autograd.prod(x), 6, 6),
    (sparse_hessian, lambda x: autograd.sum(x), 6, 0),
]


@pytest.mark.parametrize(("make", "f", "n", "sweeps"), CASES)
def test_sweeps_are_as_many_as_colours_are_needed(make: Any, f: Any, n: int, sweeps: int) -> None:
    derivative = make(f)
    rng = random.Random(n)
    x = [rng.uniform(0.5, 1.5) for _ in range(n)]
    g = grad(f) if make is sparse_hessian else f
    assert derivative(x).toarray() == pytest.approx(dense(g, x), rel=1e-10, abs=1e-10)
    assert len(derivative.sweeps) == sweeps


def test_sweeps_over_loops() -> None:
    def f(x: Any) -> Any:
        step = lambda c, r: ((sin(c[0]) + r, c[0]), c[1] * r)
        _, left = scan(step, (x[0], x[1]), x[2:])
        return left

    x = [0.1 * i for i in range(40)]
    expected = dense(f, x)
    for mode in MODES:
        plain = sparse_jacobian(f, mode=mode)
        fast = jit(plain)
        for _ in range(2):
            assert plain(x).toarray() == pytest.approx(expected, abs=1e-12)
            assert fast(x).toarray() == pytest.approx(expected, abs=1e-12)
        assert fast.pattern == plain.pattern


# Arguments and results


def test_structures_and_several_arguments() -> None:
    f = lambda p, scale, q: {"a": [p["w"][0] * q, p["w"][1]], "b": scale * p["b"]}
    args = {"w": np.array([2.0, 3.0]), "b": 5.0}, 7.0, 11.0
    matrix = sparse_jacobian(f, (0, 2))(*args)
    expected = [[11.0, 0.0, 0.0, 2.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 7.0, 0.0]]
    assert matrix.toarray().tolist() == expected
    assert jit(sparse_jacobian(f, (0, 2)))(*args).toarray().tolist() == expected
    second = sparse_hessian(lambda x, y: x[0] * y**2, (0, -1))([3.0], 2.0)
    assert second.toarray().tolist() == [[0.0, 4.0], [4.0, 6.0]]


@pytest.mark.parametrize("compiled", [False, True])
def test_empty_ones(compiled: bool) -> None:
    for f, x, shape in (
        (lambda x: [], [1.0, 2.0], (0, 2)),
        (lambda x: [3.0, 4.0], [1.0], (2, 1)),
        (lambda x: [3.0], [], (1, 0)),
    ):
        derivative = sparse_jacobian(f)
        matrix = (jit(derivative) if compiled else derivative)(x)
        assert (matrix.shape, matrix.nnz) == (shape, 0)
    assert sparse_hessian(lambda x: 2.0 * x[0])([1.0]).nnz == 0


def test_a_matrix_shares_nothing_with_the_next_one() -> None:
    jacobian = jit(sparse_jacobian(lambda x: [x[0] * x[1], 0.0 * x[0] + x[1]]))
    first = jacobian([0.0, 1.0])
    first.data[:] = 0.0
    first.eliminate_zeros()
    assert jacobian([2.0, 1.0]).toarray().tolist() == [[1.0, 2.0], [0.0, 1.0]]
    assert jacobian([2.0, 1.0]) @ np.array([1.0, 1.0]) == pytest.approx([3.0, 1.0])


# Branches


def kinked(x: Any) -> Any:
    return [x[0] * x[1] if x[0] > 0 else x[2], x[1]]


@pytest.mark.parametrize("compiled", [False, True])
def test_each_branch_has_its_matrix(compiled: bool) -> None:
    jacobian: Any = sparse_jacobian(kinked)
    jacobian = jit(jacobian) if compiled else jacobian
    for x in ([1.0, 2.0, 3.0], [-1.0, 2.0, 3.0], [4.0, 2.0, 3.0], [-2.0, 2.0, 3.0]):
        matrix = jacobian(x)
        assert matrix.toarray().tolist() == dense(kinked, x).tolist()
        assert matrix.nnz == (3 if x[0] > 0 else 2)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_fixed_pattern_is_kept_or_refused(compiled: bool) -> None:
    jacobian: Any = sparse_jacobian(kinked)
    jacobian = jit(jacobian) if compiled else jacobian
    with pytest.raises(PatternError, match="after the first call"):
        assert jacobian.pattern
    right, left = [1.0, 2.0, 3.0], [-1.0, 2.0, 3.0]
    assert jacobian.values(right).tolist() == [2.0, 1.0, 1.0]
    with pytest.raises(PatternError, match=r"other branches, and the\s+entry \(0, 2\)"):
        jacobian.values(left)
    assert jacobian(left).nnz == 2
    jacobian.pattern = sparsity(kinked)(right) | sparsity(kinked)(left)
    assert jacobian.values(right).tolist() == [2.0, 1.0, 0.0, 1.0]
    assert jacobian.values(left).tolist() == [0.0, 0.0, 1.0, 1.0]
    with pytest.raises(TypeError, match="Pattern"):
        jacobian.pattern = 3


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("other", [[1.0], [1.0, 2.0], [1.0, 2.0, 3.0, 4.0]])
@pytest.mark.parametrize("f", [lambda x: [y * y for y in x], lambda x: [x[0] * 2.0]])
def test_a_fixed_pattern_is_of_one_shape(f: Any, other: list[float], compiled: bool) -> None:
    jacobian: Any = sparse_jacobian(f)
    jacobian = jit(jacobian) if compiled else jacobian
    expected = jacobian.values([1.0, 2.0, 3.0]).tolist()
    with pytest.raises(PatternError, match=rf"x 3.*is one of \d x {len(other)}: .values keeps"):
        jacobian.values(other)
    assert jacobian(other).shape[1] == len(other)
    assert jacobian.values([1.0, 2.0, 3.0]).tolist() == expected


def test_half_of_the_pattern_of_a_hessian_says_all() -> None:
    hessian = sparse_hessian(lambda x: x[0] * x[1] ** 2)
    hessian.pattern = Pattern(2, [[0, 1], [1]])
    assert hessian.pattern.nnz == 4
    assert hessian.values([3.0, 5.0]).tolist() == [0.0, 10.0, 10.0, 6.0]
    hessian.pattern = Pattern(2, [[0], [1]])
    with pytest.raises(PatternError, match=r"sparsity\(grad\(f\)\)\(x\) \|"):
        hessian.values([3.0, 5.0])


@pytest.mark.filterwarnings("ignore:jit. sparse_jacobian")
def test_functions_of_many_branches_have_a_pattern_for_each() -> None:
    def f(x: Any) -> Any:
        least, *others = sorted(x)
        return [least * others[0], x[0]]

    find = sparsity(f)
    derivatives = [sparse_jacobian(f), jit(sparse_jacobian(f))]
    for x in permutations([1.0, 2.0, 3.0, 4.0]):
        expected = dense(f, list(x))
        assert find(list(x)) == Pattern(4, [np.flatnonzero(row) for row in expected])
        for derivative in derivatives:
            assert derivative(list(x)).toarray().tolist() == expected.tolist()


@pytest.mark.parametrize("compiled", [False, True])
def test_entries_that_are_values_are_refused_as_a_matrix(compiled: bool) -> None:
    jacobian: Any = sparse_jacobian(lambda x: [x[0] * x[1]])
    jacobian = jit(jacobian) if compiled else jacobian
    with pytest.raises(TypeError, match=r"the entries are Values.*\.values\(x\).* jacobian\(f\)"):
        jacobian([Value(2.0), Value(3.0)])
    assert [x.data for x in jacobian.values([Value(2.0), Value(3.0)])] == [3.0, 2.0]
    assert grad(lambda a: autograd.sum(jacobian.values([a * a, a])))(3.0) == 7.0
    with pytest.raises(TypeError, match="the entries are Values"):
        grad(lambda a: jacobian([a * a, a]))(3.0)


def test_captured_state_that_changes_the_pattern_is_seen() -> None:
    factors = [1.0, 0.0]
    f = lambda x: [factors[0] * x[0] + factors[1] * x[1]]
    for jacobian in (sparse_jacobian(f), jit(sparse_jacobian(f))):
        factors[1] = 0.0
        assert jacobian([1.0, 1.0]).toarray().tolist() == [[1.0, 0.0]]
        factors[1] = 2.0
        assert jacobian([1.0, 1.0]).toarray().tolist() == [[1.0, 2.0]]
        with pytest.raises(PatternError):
            jacobian.values([1.0, 1.0])


def test_what_cannot_be_traced_has_the_pattern_of_each_call() -> None:
    f = lambda x: [x[0] * x[int(x[1].data if isinstance(x[1], Value) else x[1])]]
    jacobian = sparse_jacobian(f)
    assert jacobian([3.0, 0.0, 5.0]).toarray().tolist() == [[6.0, 0.0, 0.0]]
    assert jacobian([3.0, 2.0, 5.0]).toarray().tolist() == [[5.0, 0.0, 3.0]]
    with pytest.raises(PatternError):
        jacobian.values([3.0, 2.0, 5.0])


def test_numbers_that_are_not_finite_are_those_of_the_dense_one() -> None:
    f = lambda x: [sqrt(x[0] * x[1]), x[2] * x[0]]
    for derivative in (sparse_jacobian(f), jit(sparse_jacobian(f))):
        for x in ([1.0, 4.0, 1.0], [1.0, 1e300, float("inf")]):
            assert np.array_equal(derivative(x).toarray(), dense(f, x), equal_nan=True)
        with pytest.raises(ZeroDivisionError):
            derivative([0.0, 1.0, 1.0])


# As an object


def square(x: Any) -> Any:
    return [y * y for y in x]


def test_names_copies_and_pickles() -> None:
    for made in (sparse_jacobian(square), jit(sparse_jacobian(square), backend="python")):
        assert made.__name__ == "sparse_jacobian(square)"
        assert made.__wrapped__ is square
        for other in (copy.copy(made), pickle.loads(pickle.dumps(made))):
            assert other([1.0, 2.0]).toarray().tolist() == [[2.0, 0.0], [0.0, 4.0]]
            assert (other.compiled is None) == (made.compiled is None)
            assert repr(other) == repr(made)
    assert repr(jit(sparse_jacobian(square))) == "<jit of sparse_jacobian(square)>"


def test_bad_input_is_refused() -> None:
    with pytest.raises(TypeError, match="sparse_jacobian: expected a function"):
        sparse_jacobian([1.0])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'auto', 'forward' or 'reverse', got str 'back'"):
        sparse_hessian(square, mode="back")
    with pytest.raises(TypeError, match="one number"):
        sparse_hessian(square)([1.0])
    with pytest.raises(ValueError, match="no argument 1"):
        sparse_jacobian(square, 1)([1.0])
    jacobian = sparse_jacobian(square)
    with pytest.raises(TraceError, match="cannot be part of what jit compiles"):
        jit(lambda x: jacobian(x))([1.0])


def test_without_scipy_there_are_triples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    monkeypatch.setattr("autograd.matrices._template", autograd.matrices._template.__wrapped__)  # type: ignore[attr-defined]
    data, rows, columns = sparse_jacobian(lambda x: [x[0] * x[1], x[1]])([2.0, 3.0])
    assert [data.tolist(), rows.tolist(), columns.tolist()] == [
        [3.0, 2.0, 1.0],
        [0, 0, 1],
        [0, 1, 1],
    ]


# Solvers


def rosenbrock(x: Any) -> Any:
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def test_solvers_of_scipy_take_them() -> None:
    from scipy.optimize import least_squares, minimize

    gradient, hessian = jit(grad(rosenbrock)), jit(sparse_hessian(rosenbrock))
    start = np.full(20, 0.5)
    found = minimize(rosenbrock, start, jac=gradient, hess=hessian, method="trust-constr")
    assert found.x == pytest.approx(np.ones(20), abs=1e-4)
    residuals = lambda x: [10 * (b - a * a) for a, b in pairwise(x)] + [1 - a for a in x]
    fitted = least_squares(
        jit(lambda x: np.array(residuals(x))), start, jac=jit(sparse_jacobian(residuals))
    )
    assert fitted.x == pytest.approx(np.ones(20), abs=1e-6)


def test_patterns_are_what_others_find() -> None:
    jacobian = sparse_jacobian(chain(2))
    matrix = jacobian([0.3 * i for i in range(12)])
    assert jacobian.pattern == Pattern(12, [np.flatnonzero(row) for row in matrix.toarray()])
