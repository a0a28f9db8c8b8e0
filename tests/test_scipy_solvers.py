"""`autograd.scipy`: derivatives and solutions against closed formulas, by every method."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, cos, exp, sin, sqrt
from autograd import tree as trees
from nn import MLP, flatten, functional_call, mean_squared_error, unflatten

np = pytest.importorskip("numpy")
scipy = pytest.importorskip("scipy")

from scipy import integrate, optimize  # noqa: E402
from scipy.linalg import expm  # noqa: E402

from autograd.scipy import flat, least_squares, minimize, root, solve_ivp  # noqa: E402
from autograd.scipy.solvers import _DERIVATIVES  # noqa: E402

NUMBERS = st.floats(-2, 2)
STRUCTURES = st.one_of(
    st.recursive(
        NUMBERS,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(st.sampled_from("abc"), inner, min_size=1)
            | st.tuples(inner, inner)
        ),
        max_leaves=5,
    ),
    st.lists(NUMBERS, min_size=1, max_size=4).map(np.array),
)


def vector_of(x: Any) -> Any:
    return np.array([float(leaf) for leaf in trees.leaves(x)])


def matrix(size: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(size, size))


def energy(a: Any) -> Any:
    """x . a x / 2 + the sum of the sines of x, of whatever structure."""

    def f(x: Any) -> Any:
        xs, rows = trees.leaves(x), a.tolist()
        quadratic = sum(
            r * u * v for row, u in zip(rows, xs, strict=True) for r, v in zip(row, xs, strict=True)
        )
        return quadratic / 2 + sum(sin(u) for u in xs)

    return f


@given(x0=STRUCTURES, seed=st.integers(0, 99), compiled=st.booleans())
def test_derivatives_are_those_of_the_formula(x0: Any, seed: int, compiled: bool) -> None:
    x = vector_of(x0)
    a, p = matrix(len(x), seed), np.random.default_rng(seed).normal(size=len(x))
    g = flat(energy(a), x0, jit=compiled)
    symmetric = (a + a.T) / 2
    near = {"rtol": 1e-12, "atol": 1e-13}
    assert (g.x0 == x).all()
    for _ in range(2):
        np.testing.assert_allclose(g.fun(x), x @ a @ x / 2 + np.sin(x).sum(), **near)
        np.testing.assert_allclose(g.jac(x), symmetric @ x + np.cos(x), **near)
        np.testing.assert_allclose(g.hess(x), symmetric - np.diag(np.sin(x)), **near)
        np.testing.assert_allclose(g.hessp(x, p), symmetric @ p - np.sin(x) * p, **near)
        value, gradient = g.fun_and_jac(x)
        assert value == pytest.approx(g.fun(x))
        np.testing.assert_allclose(gradient, g.jac(x), **near)
        x = x + 0.25
    restored = g.restore(x)
    assert type(restored) is (float if isinstance(x0, float) else type(x0))
    assert (vector_of(restored) == x).all()


@given(x0=STRUCTURES, rows=st.integers(1, 3), seed=st.integers(0, 99))
def test_jacobians_are_those_of_the_formula(x0: Any, rows: int, seed: int) -> None:
    x = vector_of(x0)
    a = np.random.default_rng(seed).normal(size=(rows, len(x)))
    v = np.random.default_rng(seed).normal(size=rows)

    def f(x: Any, shift: float) -> Any:
        xs = trees.leaves(x)
        found = [
            sin(sum(r * u for r, u in zip(row, xs, strict=True)) + shift) for row in a.tolist()
        ]
        return {"first": found[0], "rest": (found[1:],)}

    g, angles = flat(f, x0), a @ x + 0.5
    np.testing.assert_allclose(g.fun(x, 0.5), np.sin(angles), atol=1e-13)
    np.testing.assert_allclose(g.jac(x, 0.5), np.cos(angles)[:, None] * a, atol=1e-13)
    np.testing.assert_allclose(g.hess_of(x, v, 0.5), -(a.T * (v * np.sin(angles))) @ a, atol=1e-13)


@pytest.mark.parametrize("method", _DERIVATIVES)
def test_every_method_of_minimize(method: str) -> None:
    if method == "cobyqa" and not hasattr(optimize._minimize, "_minimize_cobyqa"):
        pytest.skip("this SciPy has no COBYQA")
    a = matrix(4, 1)
    a = a @ a.T + np.eye(4)
    b = np.arange(4.0)

    def f(p: Any, shift: float) -> Any:
        xs = [p["bias"] - shift, *p["weights"][0], p["weights"][1]]
        return energy_of(xs)

    def energy_of(xs: Any) -> Any:
        rows = a.tolist()
        quadratic = sum(
            r * u * v for row, u in zip(rows, xs, strict=True) for r, v in zip(row, xs, strict=True)
        )
        return quadratic / 2 - sum(c * u for c, u in zip(b.tolist(), xs, strict=True))

    x0 = {"bias": 3.0, "weights": ([0.0, 1.0], 2)}
    options = {"maxiter": 20_000} if _DERIVATIVES[method] == "" else {}
    found = minimize(f, x0, (0.5,), method, options=options, tol=1e-12)
    best = np.linalg.solve(a, b)
    best[0] += 0.5
    tolerance = 1e-6 if _DERIVATIVES[method] else 1e-3
    assert list(found.x) == ["bias", "weights"]
    np.testing.assert_allclose(vector_of(found.x), best, atol=tolerance)
    if method in ("bfgs", "l-bfgs-b", "cg", "tnc"):
        assert found.nfev < 100  # five times as many by differences
        numerical = optimize.minimize(lambda x: energy_of(x), np.ones(4), method=method, tol=1e-12)
        assert found.nfev < numerical.nfev


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
@pytest.mark.parametrize("written", ["dict", "constraint"])
def test_constraints_are_functions_of_the_structure(method: str, written: str) -> None:
    def squares(p: Any) -> Any:
        return p["x"] ** 2 + p["y"][0] ** 2

    if written == "dict":
        constraint: Any = {"type": "ineq", "fun": lambda p: 1.0 - squares(p)}
    else:
        constraint = [optimize.NonlinearConstraint(squares, -np.inf, 1.0)]
    found = minimize(
        lambda p: (p["x"] - 3.0) ** 2 + (p["y"][0] - 4.0) ** 2,
        {"x": 0.1, "y": [0.1]},
        method=method,
        constraints=constraint,
    )
    assert [found.x["x"], found.x["y"][0]] == pytest.approx([0.6, 0.8], abs=1e-4)


def test_a_derivative_that_is_given_takes_the_place_of_the_exact_one() -> None:
    calls = []

    def slope(x: Any) -> Any:
        calls.append(x)
        return 2 * x

    found = minimize(lambda x: x[0] * x[0], [3.0], jac=slope)
    assert calls
    assert found.x == pytest.approx([0.0], abs=1e-8)


@given(seed=st.integers(0, 999), method=st.sampled_from(["trf", "dogbox", "lm"]))
def test_least_squares_of_lines(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    rows, y = rng.normal(size=(7, 3)), rng.normal(size=7)

    def residuals(p: Any) -> Any:
        xs = [*p["w"], p["b"]]
        return [
            sum(a * x for a, x in zip(row, xs, strict=True)) - t
            for row, t in zip(rows.tolist(), y, strict=True)
        ]

    x0 = {"w": [0.0, 0.0], "b": 1.0}
    found = least_squares(residuals, x0, method=method)
    np.testing.assert_allclose(vector_of(found.x), np.linalg.lstsq(rows, y)[0], atol=1e-7)
    np.testing.assert_allclose(found.jac, rows, atol=1e-13)
    if method != "lm":
        bounds = {"w": [-0.01, -0.01], "b": -0.02}, 0.25
        bound = least_squares(residuals, x0 | {"b": 0.1}, bounds=bounds, method=method)
        flat_bounds = np.array([-0.01, -0.01, -0.02]), np.full(3, 0.25)
        plain = optimize.lsq_linear(rows, y, flat_bounds)
        np.testing.assert_allclose(bound.cost, plain.cost, rtol=1e-4)


@pytest.mark.parametrize("method", ["trf", "dogbox"])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("bounds", [None, (-2.0, 0.9)])
def test_least_squares_by_a_sparse_jacobian(method: str, compiled: bool, bounds: Any) -> None:
    def residuals(p: Any, weight: float) -> Any:
        xs = [p["first"], *p["rest"]]
        return {
            "start": 1 - xs[0],
            "steps": [weight * (b - sin(a) - 0.3) for a, b in pairwise(xs)],
        }

    x0 = {"first": -0.5, "rest": [0.5] * 19}
    options: Any = {"args": (3.0,), "bounds": bounds, "method": method, "jit": compiled}
    found = least_squares(residuals, x0, tr_solver="lsmr", **options)
    dense = least_squares(residuals, x0, tr_solver="exact", **options)
    assert scipy.sparse.issparse(found.jac)
    assert found.jac.nnz <= 39
    assert found.cost == pytest.approx(dense.cost, rel=1e-5, abs=1e-10)
    np.testing.assert_allclose(vector_of(found.x), vector_of(dense.x), atol=1e-3)


@given(x0=STRUCTURES, seed=st.integers(0, 99), compiled=st.booleans())
def test_a_sparse_jacobian_is_the_dense_one(x0: Any, seed: int, compiled: bool) -> None:
    rng = np.random.default_rng(seed)
    picked = rng.integers(len(trees.leaves(x0)), size=(rng.integers(5), 2)).tolist()

    def f(x: Any) -> Any:
        xs = trees.leaves(x)
        return {"a": [xs[i] * sin(xs[j]) for i, j in picked], "b": xs[0]}

    for one in (f, energy(matrix(len(trees.leaves(x0)), seed))):
        function = flat(one, x0, jit=compiled)
        dense = np.atleast_2d(function.jac(function.x0))
        assert function.sparse_jac(function.x0).toarray() == pytest.approx(dense, rel=1e-12)


@pytest.mark.parametrize("method", ["hybr", "lm", "broyden1"])
@pytest.mark.parametrize("x0", [{"x": 0.9, "y": (0.9,)}, [0.9, 0.9], np.array([0.9, 0.9])], ids=str)
def test_roots(method: str, x0: Any) -> None:
    def f(p: Any, total: float) -> Any:
        x, y = trees.leaves(p)
        return [x + y - total, (x - y) * exp(x)]

    found = root(f, x0, (2.0,), method)
    np.testing.assert_allclose(vector_of(found.x), [1.0, 1.0], atol=1e-5)
    assert type(found.x) is type(x0)
    if method != "broyden1":
        assert found.njev > 0


@pytest.mark.parametrize("method", ["RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"])
def test_linear_equations_have_the_exponential_as_solution(method: str) -> None:
    a = np.array([[0.0, 1.0, 0.0], [-1.0, -0.1, 0.2], [0.0, 0.3, -30.0]])

    def f(t: Any, y: Any, scale: float) -> Any:
        ys = [y["x"], *y["rest"]]
        x, *rest = [scale * sum(r * u for r, u in zip(row, ys, strict=True)) for row in a.tolist()]
        return {"rest": rest, "x": x}  # the order of the keys is not that of y0

    at = np.linspace(0, 2, 5)
    y0 = {"x": 1.0, "rest": [0.5, 2.0]}
    options = {"rtol": 1e-8, "atol": 1e-10, "dense_output": True, "t_eval": at}
    found = solve_ivp(f, (0, 2), y0, method, args=(0.5,), **options)
    exact = np.array([expm(0.5 * a * t) @ [1.0, 0.5, 2.0] for t in at]).T
    np.testing.assert_allclose(found.y["x"], exact[0], atol=1e-5)
    np.testing.assert_allclose(found.y["rest"], exact[1:], atol=1e-5)
    assert found.sol(at[1])["x"] == pytest.approx(exact[0, 1], abs=1e-5)
    if method in ("Radau", "BDF"):
        theirs = integrate.solve_ivp(
            lambda t, y: 0.5 * a @ y, (0, 2), [1.0, 0.5, 2.0], method, **options
        )
        assert found.nfev <= theirs.nfev
        assert found.njev > 0


def test_an_event_sees_the_structure_and_time_is_an_argument() -> None:
    def height(t: Any, y: Any) -> Any:
        return y["height"]

    height.terminal = True  # type: ignore[attr-defined]
    found = solve_ivp(
        lambda t, y: {"height": y["speed"], "speed": -2.0 * t}, (0, 9),
        {"height": 9.0, "speed": 0.0}, "Radau", events=height, rtol=1e-8, atol=1e-10,
    )  # fmt: skip
    assert found.t_events[0][0] == pytest.approx(3.0, abs=1e-6)  # 9 - t**3 / 3 = 0
    plain = solve_ivp(lambda t, y: [cos(t)], (0, 1), [0.0])
    assert plain.y.shape[0] == 1
    assert plain.y[0, -1] == pytest.approx(math.sin(1.0), abs=1e-3)


def test_a_network_is_trained_by_a_solver_of_vectors() -> None:
    model = MLP(1, [4, 1], activation="tanh", rng=0)
    rows = [[-1.0 + i / 5] for i in range(11)]
    targets = [row[0] ** 2 for row in rows]

    def loss(x: Any) -> Any:
        return mean_squared_error([functional_call(model, x, row) for row in rows], targets)

    before = flatten(model)
    assert loss(before) == pytest.approx(
        mean_squared_error([model(row).data for row in rows], targets)
    )
    for x0 in (before, np.array(before)):
        found = minimize(loss, x0, method="BFGS")
        assert flatten(model) == before
        assert found.fun < 1e-4
    unflatten(model, found.x)
    assert flatten(model) == found.x.tolist()
    assert all(type(p.data) is float for p in model.parameters())


@pytest.mark.parametrize(
    ("use", "kind", "said"),
    [
        (lambda: minimize(3, [1.0]), TypeError, "expected a function, got int 3"),
        (lambda: minimize(sin, {"a": "x"}), TypeError, r"x0\['a'\]: expected a number"),
        (lambda: minimize(lambda x: 1.0, []), ValueError, "x0 holds no number"),
        (lambda: minimize(lambda x: x, [1.0, 2.0]), TypeError, "expected the function to return"),
        (lambda: flat(sin, 1.0).jac([1.0, 2.0]), ValueError, "expected a vector of 1 numbers"),
        (
            lambda: solve_ivp(lambda t, y: [1.0], (0, 1), {"x": 1.0}),
            ValueError,
            "the derivatives: expected a dict",
        ),
        (
            lambda: least_squares(lambda p: [p["a"]], {"a": 1.0}, bounds=({"b": 0.0}, 2.0)),
            ValueError,
            "bounds: expected a dict",
        ),
        (lambda: flatten(3), TypeError, "flatten: expected a Module"),
        (lambda: unflatten(MLP(1, [1]), [1.0]), ValueError, "each of 2 parameters, got 1"),
        (lambda: unflatten(MLP(1, [1]), [1.0, "x"]), TypeError, r"vector\[1\]"),
        (
            lambda: functional_call(MLP(1, [1]), [1.0], [2.0]),
            ValueError,
            "functional_call: expected a number for each of 2 parameters",
        ),
    ],
)
def test_what_does_not_fit_is_named(use: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        use()


def test_it_is_differentiated_further() -> None:
    from autograd import grad

    g = flat(lambda p: p["a"] ** 3 * p["b"], {"a": 1.0, "b": 2.0})
    assert grad(lambda s: g([s, 2.0]))(3.0) == 54.0
    assert isinstance(g([Value(1.0), 2.0]), Value)


@pytest.mark.parametrize("args", [3.0, np.array(3.0), (3.0,), [3.0]])
def test_further_arguments_are_what_they_are_in_scipy(args: Any) -> None:
    assert minimize(lambda x, a: (x[0] - a) ** 2, [0.0], args).x == pytest.approx([3.0])
    assert least_squares(lambda x, a: [x[0] - a], [0.0], args).x == pytest.approx([3.0])
    assert root(lambda x, a: [x[0] - a], [0.0], args).x == pytest.approx([3.0])
    found = solve_ivp(lambda t, y, a: [a + 0.0 * y[0]], (0, 2), [0.0], "Radau", args=args)
    assert found.y[0, -1] == pytest.approx(6.0)


def test_an_array_is_one_further_argument() -> None:
    target = np.array([1.0, -2.0])
    found = minimize(lambda x, a: ((x - a) ** 2).sum(), np.zeros(2), target)
    assert found.x == pytest.approx(target)


@pytest.mark.parametrize("solver", [minimize, root])
def test_a_function_that_returns_its_derivative_too_is_refused(solver: Any) -> None:
    with pytest.raises(ValueError, match=f"{solver.__name__}: jac=True says .* leave out jac"):
        solver(lambda x: (x[0] ** 2, [2.0 * x[0]]), [1.0], jac=True)


@pytest.mark.parametrize("method", ["RK45", "Radau"])
@pytest.mark.parametrize("before", [list, tuple, np.array])
@pytest.mark.parametrize("after", [list, tuple, np.array])
def test_derivatives_of_a_vector_are_a_vector_of_any_kind(
    before: Any, after: Any, method: str
) -> None:
    found = solve_ivp(lambda t, y: after([-y[0], y[0] - y[1]]), (0, 1), before([1.0, 0.0]), method)
    assert found.y[:, -1] == pytest.approx([np.exp(-1), np.exp(-1)], rel=1e-2)
    with pytest.raises(ValueError, match="the derivatives: expected"):
        solve_ivp(lambda t, y: after([-y[0]]), (0, 1), before([1.0, 0.0]), method)


@pytest.mark.parametrize("method", ["RK45", "RK23", "DOP853", "Radau", "BDF"])
@pytest.mark.filterwarnings("ignore")
def test_a_step_too_long_is_taken_again(method: str) -> None:
    """The first step ends at roots of negative numbers, or beyond the range of floats."""
    found = solve_ivp(lambda t, y: [-sqrt(y[0])], (0, 1.9), [1.0], method, first_step=1.9)
    assert found.success
    assert found.y[0] == pytest.approx((1 - found.t / 2) ** 2, abs=2e-3)
    found = solve_ivp(lambda t, y: [-1e9 * y[0] ** 9], (0, 1e-3), [1.0], method, first_step=1e-3)
    assert found.success
    assert found.y[0] == pytest.approx((1 + 8e9 * found.t) ** (-1 / 8), abs=0.02)


def test_where_there_is_no_step_the_message_says_why() -> None:
    found = solve_ivp(lambda t, y: [-1.0 - sqrt(y[0])], (0, 3), [1.0])
    assert not found.success
    assert "f has no value there: sqrt(" in found.message
    with pytest.raises(ValueError, match="sqrt"):
        solve_ivp(lambda t, y: [-sqrt(y[0])], (0, 3), [-1.0])


def test_states_at_events_have_the_structure() -> None:
    fall = lambda t, y: {"x": y["v"], "v": -9.8}
    events = [lambda t, y: y["x"] - 5.0, lambda t, y: y["x"] + 1e9]
    found = solve_ivp(fall, (0, 1.2), {"x": 10.0, "v": 0.0}, events=events)
    assert found.y_events[0]["x"] == pytest.approx([5.0])
    assert found.y_events[0]["v"] == pytest.approx(-9.8 * found.t_events[0])
    assert found.y_events[1]["x"].shape == (0,)


def test_many_states_at_once_and_a_wrong_weight_are_refused() -> None:
    with pytest.raises(ValueError, match="vectorized=True gives f many states"):
        solve_ivp(lambda t, y: [-y[0]], (0, 1), [1.0], vectorized=True)
    function = flat(lambda x: [x[0] * x[1], x[0]], [1.0, 2.0])
    assert function.hess_of(function.x0, [3.0, 1.0]).tolist() == [[0.0, 3.0], [3.0, 0.0]]
    for v in ([3.0], [3.0, 1.0, 1.0], [[3.0, 1.0]]):
        with pytest.raises(ValueError, match="expected a vector of 2 numbers, as the result has"):
            function.hess_of(function.x0, v)
    with pytest.raises((KeyError, ValueError), match="no function"):
        minimize(lambda x: x[0] ** 2, [1.0], constraints={"type": "eq"})
