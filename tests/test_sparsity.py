"""Patterns of derivatives: nothing is missing from them, and nothing linear is too much."""

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    FallbackError,
    GradientError,
    TraceError,
    Value,
    floor,
    fori_loop,
    grad,
    hessian,
    maximum,
    primitive,
    scan,
    sin,
    sparsity,
    stop_gradient,
    take,
    where,
    while_loop,
)
from autograd.dependence import flowing
from autograd.flow import pullback
from autograd.jit import jit
from autograd.pattern import Pattern, bits
from autograd.primitives import TABLE
from autograd.primitives.tracing import TRACED
from autograd.sweeps import pattern_of
from autograd.testing import derivative_property, gradcheck
from autograd.trace import Trace

Rows = list[set[int]]


def nonzeros(f: Any, x: list[float]) -> Rows:
    """Where the Jacobian is not 0 here: one reverse sweep for each row, which asks no pattern."""
    trace = Trace(f, (x,), [0])
    seeds: list[Any] = [{y: 1.0} if isinstance(y, Value) else {} for y in trace.results]
    return [{j for j, d in enumerate(trace.gradients(seed)) if d != 0} for seed in seeds]


# Nothing is missing


OPERATIONS: list[Any] = [
    lambda a, b, c: a + b,
    lambda a, b, c: a * b,
    lambda a, b, c: a - b,
    lambda a, b, c: sin(a) / (2.0 + sin(b)),
    lambda a, b, c: maximum(a, b),
    lambda a, b, c: autograd.min([a, b, c]),
    lambda a, b, c: where(c > 0.3, sin(a), b),
    lambda a, b, c: abs(a) * 0.5,
    lambda a, b, c: floor(a) * b,
    lambda a, b, c: stop_gradient(a) * b,
    lambda a, b, c: sin(a) ** 2,
    lambda a, b, c: autograd.dot([a, b], [c, 0.0]),
    lambda a, b, c: autograd.sum([a, b, c]),
    lambda a, b, c: autograd.leaky_relu(-0.5, a) + autograd.elu(-2.0, b),
]


def program(seed: int, size: int, inputs: int) -> Any:
    """A random function of a list, of operations that choose by the numbers and others."""
    rng = random.Random(seed)
    steps = [
        (rng.choice(OPERATIONS), [rng.randrange(inputs + 3 + k) for _ in range(3)])
        for k in range(size)
    ]
    results = [rng.randrange(inputs, inputs + 3 + size) for _ in range(4)]

    def f(x: Any) -> Any:
        found = [*x, 0.0, 1.0, 2.0]
        for operation, places in steps:
            found.append(operation(*[found[i] for i in places]))
        return [found[i] * 1.0 for i in results]

    return f


@given(seed=st.integers(0, 10**6), size=st.integers(1, 25), inputs=st.integers(1, 6))
def test_no_entry_is_missing_at_any_point(seed: int, size: int, inputs: int) -> None:
    f = program(seed, size, inputs)
    rng = random.Random(seed)
    at = [[rng.uniform(-2, 2) for _ in range(inputs)] for _ in range(6)]
    pattern = sparsity(f)(at[0])
    assert pattern.shape == (4, inputs)
    for x in at:
        for row, found in zip(pattern.rows, nonzeros(f, x), strict=True):
            assert found <= set(row)
    scalar = lambda x: autograd.sum(f(x))
    second = sparsity(grad(scalar))(at[0])
    for x in at:
        for row, found in zip(second.rows, nonzeros(grad(scalar), x), strict=True):
            assert found <= set(row)


@pytest.mark.parametrize("name", sorted({*TABLE, *TRACED}))
def test_rules_let_nothing_through_where_nothing_is_said_to_flow(name: str) -> None:
    made = {**TABLE, **TRACED}[name]
    rng = random.Random(name)
    seen: set[int] = set()
    places = flowing(made, [None] * (made.arity or 4))
    for _ in range(200):
        count = made.arity or 4
        domain = made.domain or [(-math.inf, math.inf)] * count
        xs = [rng.uniform(max(low, -3.0), min(high, 3.0)) for low, high in [*domain] * count][
            :count
        ]
        if name in ("take", "where"):
            xs[0] = float(rng.randrange(count - 1 if name == "take" else 2))
        if name.startswith("threefry") or "key" in name:
            xs = [float(rng.randrange(1, 9)) for _ in xs]
        try:
            out = made.value(*xs)
            flow: Any = made.derivative(1.0, out, *xs)
        except (ArithmeticError, ValueError, IndexError):
            continue
        flow = (flow,) if made.arity == 1 else tuple(flow)
        seen |= {i for i, d in enumerate(flow) if d != 0}
    assert seen <= set(range(count) if places is None else places)


@pytest.mark.parametrize("name", ["add", "mul", "where", "maximum", "floor", "sub", "exp"])
def test_flow_through_common_rules_is_exact(name: str) -> None:
    expected = {"where": (1, 2), "floor": ()}.get(name)
    assert flowing(TABLE[name], ["a", "b", "c"][: TABLE[name].arity]) == expected


def test_rules_of_users_are_asked_in_each_case_that_they_tell_apart() -> None:
    @primitive(lambda g, out, x, y: (g, 0.0) if x > y else (0.0, g))
    def larger(x: float, y: float) -> float:
        return max(x, y)

    @primitive(lambda g, out, x, y: (math.cos(x) * g, 0.0))
    def of_floats(x: float, y: float) -> float:
        return math.sin(x)

    @primitive(lambda g, out, x, y: (g * y, 0.0))
    def first(x: float, y: float) -> float:
        return x * math.floor(y)

    assert flowing(larger.primitive, "xy") is None
    assert flowing(of_floats.primitive, "xy") is None  # it cannot be asked
    assert flowing(first.primitive, "xy") == (0,)
    assert (
        flowing(first.primitive, ["x", 0.0]) == (0,) or flowing(first.primitive, ["x", 0.0]) == ()
    )


@pytest.mark.parametrize("name", sorted({*TABLE, *TRACED}))
def test_constants_beside_what_varies_hide_nothing(name: str) -> None:
    made = {**TABLE, **TRACED}[name]
    rng = random.Random(name)
    plain = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.5, 3.0, 1e3, math.inf, -math.inf, math.nan]
    for _ in range(400):
        count = made.arity or rng.randrange(1, 5)
        varies = [rng.random() < 0.5 for _ in range(count)]
        domain = [*(made.domain or [(-math.inf, math.inf)])] * count
        xs = [
            rng.uniform(max(low, -4.0), min(high, 4.0)) if is_varying else rng.choice(plain)
            for is_varying, (low, high) in zip(varies, domain, strict=False)
        ]
        operands: Any = [Value(x) if v else x for x, v in zip(xs, varies, strict=True)]
        if not any(varies):
            continue
        try:
            flow = pullback(Value._apply(made, tuple(operands)), 1.0)
        except (ArithmeticError, ValueError, IndexError):
            continue
        seen = {i for i, d in enumerate(flow) if varies[i] and d != 0}
        places = flowing(made, [None if v else x for x, v in zip(xs, varies, strict=True)])
        assert seen <= set(range(count) if places is None else places), xs


@pytest.mark.parametrize("x", [-1.0, -0.3, 2.0])
def test_a_slope_that_is_learnt_is_in_the_pattern(x: float) -> None:
    f = lambda p: [autograd.leaky_relu(x, p[0]), autograd.elu(x, p[1]), p[0] * p[1]]
    at = [0.3, 0.7]
    expected = autograd.jacrev(f)(at)
    assert autograd.sparse_jacobian(f)(at).toarray().tolist() == expected
    assert autograd.jacobian(lambda p: f(p) * 20)(at) == expected * 20


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, out, x: g * 2.0 if isinstance(x, int | float | Value) else 0.0,
        lambda g, out, x: g * 2.0 if type(x) in (float, Value) else 0.0 * math.cos(x),
        lambda g, out, x: g * 2.0 if x.real > 0 else 0.0,
        lambda g, out, x: g * (2.0 if x > 0.5 else 0.0),
        lambda g, out, x: g * {1.5: 2.0}.get(x, 0.0),
    ],
)
def test_what_a_rule_of_a_user_asks_hides_nothing(rule: Any) -> None:
    twice = primitive(rule)(lambda x: 2.0 * x)
    matrix = autograd.sparse_jacobian(lambda x: [x[1], twice(x[0])])([1.5, 3.0])
    assert matrix.toarray().tolist() == [[0.0, 1.0], [2.0, 0.0]]


def test_a_rule_that_catches_what_a_probe_raises_is_not_believed() -> None:
    def rule(g: Any, out: Any, x: Any) -> Any:
        try:
            return g * math.cos(x)
        except TypeError:
            return 0.0

    assert flowing(primitive(rule)(math.sin).primitive, "x") is None


def test_a_rule_that_repeats_until_its_number_is_large_ends() -> None:
    def rule(g: Any, out: Any, x: Any) -> Any:
        found = 0.0
        while x < 8.0:
            found, x = found - 1.0 / x, x + 1.0
        return g * found

    assert flowing(primitive(rule)(math.lgamma).primitive, "x") is None


@pytest.mark.parametrize("compiled", [False, True])
def test_rules_of_users_that_read_a_setting_are_asked_again(compiled: bool) -> None:
    setting = [0.0]

    @primitive(lambda g, out, x: g if setting[0] else 0.0)
    def gate(x: float) -> float:
        return x if setting[0] else 0.0

    f = lambda x: [gate(y) for y in x]
    at = [1.0 + i for i in range(12)]
    make: Any = jit if compiled else lambda made: made
    derivatives = [make(autograd.sparse_jacobian(f)), make(autograd.jacobian(f)), sparsity(f)]
    for on in (0.0, 1.0, 0.0):
        setting[0] = on
        sparse, dense, pattern = [derivative(at) for derivative in derivatives]
        assert sparse.toarray() == pytest.approx(on * np.eye(12))
        assert np.array(dense) == pytest.approx(on * np.eye(12))
        assert pattern.nnz == 12 * on


# Exact for what is linear


@given(
    matrix=st.lists(st.lists(st.sampled_from([0.0, 0.0, 1.0, -2.5]), min_size=5, max_size=5)),
    fold=st.booleans(),
)
def test_the_pattern_of_a_linear_function_is_that_of_its_matrix(
    matrix: list[list[float]], fold: bool
) -> None:
    def f(x: Any) -> Any:
        if fold:
            return [autograd.dot(row, x) for row in matrix]
        return [autograd.sum([a * b for a, b in zip(row, x, strict=True)]) for row in matrix]

    pattern = sparsity(f)([1.0] * 5)
    assert [set(row) for row in pattern.rows] == [
        {j for j, a in enumerate(row) if a} for row in matrix
    ]
    quadratic = lambda x: autograd.sum([x[i % 5] * y for i, y in enumerate(f(x))] or [0.0])
    expected = {
        pair
        for i, row in enumerate(matrix)
        for j, a in enumerate(row)
        if a
        for pair in ((i % 5, j), (j, i % 5))
    }
    assert set(sparsity(grad(quadratic))([1.0] * 5)) == expected
    assert sparsity(grad(lambda x: autograd.sum(f(x))))([1.0] * 5).nnz == 0


def test_powers() -> None:
    f = lambda x: x[0] ** 0 + x[1] ** 1 + x[2] ** 2 + 2.0 ** x[3] + x[4] ** x[5]
    assert set(sparsity(lambda x: [f(x)])([1.0] * 6)) == {(0, j) for j in range(1, 6)}
    assert set(sparsity(grad(f))([1.0] * 6)) == {(2, 2), (3, 3), (4, 4), (4, 5), (5, 4), (5, 5)}


# What chooses by data


def test_what_chooses_by_data_depends_on_all_it_chooses_from() -> None:
    cases = [
        (lambda x: maximum(x[0], x[1]), {0, 1}),
        (lambda x: autograd.max(x), {0, 1, 2}),
        (lambda x: where(x[0] > 0.0, x[1], x[2]), {1, 2}),
        (lambda x: abs(x[0]), {0}),
        (lambda x: take([x[0], x[1] * x[2]], stop_gradient(floor(abs(sin(x[0]))))), {0, 1, 2}),
        (lambda x: x[0] if x[0] > x[1] else x[1], {0}),  # a branch
        (lambda x: autograd.relu(x[0] - 9.0) * x[1], {0, 1}),
    ]
    for f, expected in cases:
        assert set(sparsity(lambda x, f=f: [f(x)])([2.0, 1.0, 3.0]).rows[0]) == expected


def test_other_arguments_vary_too() -> None:
    f = lambda x, a: [a[0] * x[0] + a[1] * x[1], take(x, a[2])]
    assert sparsity(f)([1.0, 2.0], [0.0, 0.0, 0]).rows == ((0, 1), (0, 1))
    assert sparsity(f, 1)([1.0, 2.0], [0.0, 0.0, 0.0]).rows == ((0, 1), ())
    assert sparsity(f, (0, 1))([1.0, 2.0], [0.0, 0.0, 0.0]).rows == ((0, 1, 2, 3), (0, 1))


def test_branches_have_patterns_of_their_own() -> None:
    find = sparsity(lambda x: [x[0] * x[1] if x[0] > 0 else x[1]])
    assert [find([s, 1.0]).rows for s in (1.0, -1.0, 2.0)] == [((0, 1),), ((1,),), ((0, 1),)]


def test_captured_state_is_watched() -> None:
    factors = [1.0, 0.0]
    find = sparsity(lambda x: [factors[0] * x[0] + factors[1] * x[1]])
    assert find([1.0, 1.0]).rows == ((0,),)
    factors[1] = 2.0
    assert find([1.0, 1.0]).rows == ((0, 1),)


# Structures, loops, compiled functions


def test_structures_are_taken_apart_in_order() -> None:
    f = lambda p: {"b": p["v"][1] * p["w"], "a": (p["v"], 3.0)}
    pattern = sparsity(f)({"w": 1.0, "v": np.array([1.0, 2.0])})
    assert pattern.rows == ((0, 2), (1,), (2,), ())


def loop(x: Any) -> Any:
    def step(carry: Any, row: Any) -> Any:
        a, b = carry
        return (0.5 * a + row, sin(b)), a * row

    (a, b), left = scan(step, (x[0], x[1]), x[2:])
    return [a, b, *left]


def unrolled(x: Any) -> Any:
    a, b, left = x[0], x[1], []
    for row in x[2:]:
        left.append(a * row)
        a, b = 0.5 * a + row, sin(b)
    return [a, b, *left]


@pytest.mark.parametrize("count", [1, 2, 5, 80])
def test_loops_have_the_pattern_of_their_turns(count: int) -> None:
    at = [0.1] * (count + 2)
    assert sparsity(loop)(at) == sparsity(unrolled)(at)
    one = lambda f: grad(lambda x: autograd.sum([y * y for y in f(x)]))
    assert sparsity(one(loop))(at) >= sparsity(one(unrolled))(at)


def counted(x: Any) -> Any:
    return fori_loop(1, 12, lambda i, c: (c[0] * 0.5 + i * x[1], c[1] + c[0] * c[0]), (x[0], 0.0))


def table(x: Any) -> Any:
    rows = [[0, -1.0], [1, 2.0], [2, 0.0], [3, 1.5]] * 3

    def step(carry: Any, row: Any) -> Any:
        return sin(carry) * x[1] + row[0] * row[1], row[1] * carry

    last, left = scan(step, x[0], rows)
    return [last, *left]


@pytest.mark.parametrize("f", [loop, counted, table])
def test_second_derivatives_of_loops_are_traced_as_loops(f: Any) -> None:
    """Rows of constants, whole numbers among them, are no sets of inputs."""
    x = [0.3 + 0.1 * i for i in range(2 if f is not loop else 40)]
    total = lambda x: autograd.sum([y * y for y in f(x)])
    pattern = sparsity(grad(total))(x)
    for row, found in zip(pattern.rows, nonzeros(grad(total), x), strict=True):
        assert found <= set(row)
    fast = jit(hessian(total), fallback="raise")
    for _ in range(2):
        for row, other in zip(fast(x), hessian(total)(x), strict=True):
            assert row == pytest.approx(other, rel=1e-9, abs=1e-9)


def test_loops_of_any_number_of_turns() -> None:
    def f(x: Any) -> Any:
        turn = lambda c: (2.0 * c[0], c[2], c[1] * x[3])
        return while_loop(lambda c: c[0] < 100.0, turn, (x[0], x[1], x[2]))

    for start in (1.0, 30.0, 99.0):
        pattern = sparsity(f)([start, 1.0, 1.0, 1.0])
        assert pattern.rows[0] == (0,)
        assert {1, 2, 3} <= {*pattern.rows[1]} & {*pattern.rows[2]}


@pytest.mark.parametrize("backend", ["python", "auto"])
def test_compiled_functions_inside(backend: str) -> None:
    compiled = jit(lambda x: [x[0] * x[1], x[2], sin(x[0])], backend=backend)
    f = lambda x: [y * x[2] for y in compiled(x)]
    plain = lambda x: [x[0] * x[1] * x[2], x[2] * x[2], sin(x[0]) * x[2]]
    x = [1.0, 2.0, 3.0]
    assert sparsity(f)(x) == sparsity(plain)(x)
    for _ in range(3):
        assert pattern_of(Trace(f, (x,), [0])) == sparsity(plain)(x)
    second = lambda f: pattern_of(Trace(grad(lambda x: autograd.sum(f(x))), (x,), [0]))
    assert second(f) >= second(plain)


def test_inside_and_outside_of_compiled_functions() -> None:
    f = lambda x: [x[0] * x[1], x[1]]
    assert jit(lambda x: sparsity(f)(x))([1.0, 2.0]) == sparsity(jit(f))([1.0, 2.0])


# Edges


@pytest.mark.parametrize(
    ("f", "x", "shape"),
    [
        (lambda x: [], [1.0], (0, 1)),
        (lambda x: [1.0, 2.0], [1.0, 2.0], (2, 2)),
        (lambda x: [1.0], [], (1, 0)),
        (lambda x: 3.0, 1.0, (1, 1)),
        (lambda x: np.array([]), np.array([]), (0, 0)),
    ],
)
def test_empty_patterns(f: Any, x: Any, shape: tuple[int, int]) -> None:
    pattern = sparsity(f)(x)
    assert (pattern.shape, pattern.nnz, pattern.indices) == (shape, 0, ())


def test_what_cannot_be_traced_is_an_error() -> None:
    with pytest.raises(TypeError, match="sparsity: expected a function"):
        sparsity(3)  # type: ignore[arg-type]
    with pytest.raises(TraceError, match=r"float\(\)"):
        sparsity(lambda x: [x[0] * float(x[1])])([1.0, 2.0])
    with pytest.raises(FallbackError):
        sparsity(lambda x: [x[0] * random.random()])([1.0])
    with pytest.raises(ValueError, match="no argument 1"):
        sparsity(lambda x: x, 1)(1.0)


# The class


def test_patterns_compare_and_draw() -> None:
    pattern = Pattern(3, [[2, 0], []])
    assert str(pattern) == "# . #\n. . ."
    assert repr(pattern) == "<Pattern of 2 x 3, 2 entries>"
    assert (pattern.indptr, pattern.indices, len(pattern)) == ((0, 2, 2), (0, 2), 2)
    assert pattern.transposed.rows == ((0,), (), (0,))
    assert pattern == Pattern(3, [[0, 2], []])
    assert hash(pattern) == hash(Pattern(3, [[0, 2], []]))
    assert pattern not in (Pattern(4, [[0, 2], []]), 3)
    assert pattern <= pattern | Pattern(3, [[1], [1]])
    assert not pattern | Pattern(3, [[1], []]) <= pattern
    assert Pattern(3, [[0], [1]]).outside(pattern) == [(1, 1)]
    assert repr(Pattern(100, [[1]] * 100)) == str(Pattern(100, [[1]] * 100))
    with pytest.raises(ValueError, match="column 3"):
        Pattern(3, [[3]])
    with pytest.raises(ValueError, match="shapes"):
        pattern | Pattern(4, [[]])
    with pytest.raises(TypeError, match="pair"):
        assert 3 in pattern


@given(st.sets(st.integers(0, 300)))
def test_bits(places: set[int]) -> None:
    assert bits(sum(1 << k for k in places)) == sorted(places)


def test_a_value_read_from_outside_is_no_input() -> None:
    w = Value(0.0)
    assert sparsity(lambda x: [w * x[0], w])([1.0, 2.0]).rows == ((0,), ())


# Checks


def test_gradcheck_finds_a_derivative_outside_of_the_pattern() -> None:
    is_float = lambda x: isinstance(x, float | int)

    @primitive(lambda g, out, x, y: (g * y, g * x if is_float(x) else 0.0))
    def product(x: float, y: float) -> float:
        return x * y

    with pytest.raises(GradientError, match="outside of the pattern") as caught:
        gradcheck(lambda x, y: sin(product(x, y)), (2.0, 3.0))
    assert [violation.law for violation in caught.value.result.violations] == ["pattern"]

    @settings(database=None, max_examples=2, phases=[Phase.generate])
    @derivative_property(domain=(1.0, 2.0))
    def test_product(x: Any, y: Any) -> Any:
        return product(x, y)

    with pytest.raises(GradientError, match="outside of the pattern"):
        test_product()


def test_gradcheck_passes_what_has_a_pattern() -> None:
    f = lambda x: [x[0] * x[1], sin(x[2]), where(x[0] > 0, x[1], x[2])]
    assert gradcheck(f, ([0.5, 1.0, 2.0],), order=2).passed
