"""`autograd.scipy`: bounds and callbacks in the structure of what is optimised."""

from itertools import pairwise
from typing import Any

import pytest

np = pytest.importorskip("numpy")
optimize = pytest.importorskip("scipy.optimize")

from autograd.scipy import least_squares, minimize, root  # noqa: E402

START: dict[str, Any] = {"xs": [-1.2, 1.0, 0.5], "last": 2.0}
PAIRS = [(None, 0.5), (0.0, 2.0), (0.0, 2.0), (0.0, None)]


def rosenbrock(p: dict[str, Any]) -> Any:
    xs = [*p["xs"], p["last"]]
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(xs))


def vector(p: Any) -> Any:
    return np.array([*p["xs"], p["last"]])


@pytest.mark.parametrize("method", [None, "SLSQP", "trust-constr", "Nelder-Mead"])
@pytest.mark.parametrize(
    "bounds",
    [
        {"last": PAIRS[3], "xs": PAIRS[:3]},
        {"last": list(PAIRS[3]), "xs": tuple(PAIRS[:3])},
        PAIRS,
        np.array([(-np.inf, 0.5), (0.0, 2.0), (0.0, 2.0), (0.0, np.inf)]),
        optimize.Bounds([-np.inf, 0.0, 0.0, 0.0], [0.5, 2.0, 2.0, np.inf]),
    ],
    ids=["structure", "lists and tuples", "pairs", "array", "Bounds"],
)
def test_bounds_are_pairs_in_the_structure_or_those_of_scipy(method: Any, bounds: Any) -> None:
    found = minimize(rosenbrock, START, method=method, bounds=bounds, options={"maxiter": 30})
    given = {"xs": found.x["xs"], "last": found.x["last"]}
    plain = optimize.minimize(
        optimize.rosen, vector(START), method=method, bounds=PAIRS, options={"maxiter": 30},
        jac=optimize.rosen_der if method != "Nelder-Mead" else None,
        hessp=optimize.rosen_hess_prod if method == "trust-constr" else None,
    )  # fmt: skip
    np.testing.assert_allclose(vector(given), plain.x, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("x0", [3.0, [3.0], np.array([3.0]), [[3.0]], ({"a": 3.0},)])
def test_a_number_alone_may_be_bounded(x0: Any) -> None:
    def square(x: Any) -> Any:
        while not hasattr(x, "real") or hasattr(x, "shape"):
            x = next(iter(x.values() if isinstance(x, dict) else x))
        return x * x

    assert minimize(square, x0, bounds=[(1.0, None)]).fun == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"xs": PAIRS[:3]}, r"bounds: expected a dict with the keys \['xs', 'last'\]"),
        ({"xs": PAIRS[:2], "last": (0, 1)}, r"bounds\['xs'\]: expected a list of 3"),
        ({"xs": [0.0, 0.0, 0.0], "last": 1.0}, r"expected a pair \(lower, upper\) for each number"),
        ({"xs": [*PAIRS[:2], (0.0, "x")], "last": (0, 1)}, r"pair .* got tuple \(0.0, 'x'\)"),
        ((START, START), "bounds: expected a dict"),
        ((0.0, 1.0), "as many|bounds: expected a dict"),
    ],
)
def test_bounds_of_another_structure_are_named(bounds: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        minimize(rosenbrock, START, bounds=bounds)


METHODS = ["BFGS", "L-BFGS-B", "Nelder-Mead", "Newton-CG", "SLSQP", "trust-constr", "trust-exact"]


@pytest.mark.parametrize("method", METHODS)
def test_a_callback_gets_the_structure(method: str) -> None:
    seen: list[Any] = []

    def callback(x: Any, *state: Any) -> None:
        assert isinstance(rosenbrock(x), float)
        seen.append(x)

    minimize(rosenbrock, START, method=method, callback=callback, options={"maxiter": 5})
    assert seen
    assert all(x.keys() == START.keys() for x in seen)


def test_a_callback_of_an_intermediate_result_gets_the_structure_and_may_stop() -> None:
    seen: list[Any] = []

    def callback(intermediate_result: Any) -> None:
        seen.append(intermediate_result)
        if len(seen) == 3:
            raise StopIteration

    found = minimize(rosenbrock, START, callback=callback)
    assert len(seen) == 3
    assert rosenbrock(seen[-1].x) == pytest.approx(seen[-1].fun)
    assert found.x == seen[-1].x


def test_callbacks_of_the_others_get_the_structure() -> None:
    seen: list[Any] = []
    f = lambda p: {"u": p["x"] ** 2 + p["y"] - 3.0, "v": p["x"] - p["y"] + 1.0}
    hear = lambda x, values: seen.append(x)
    root(f, {"x": 2.0, "y": 1.0}, method="broyden1", callback=hear)
    assert seen[-1].keys() == {"x", "y"}
    if "callback" in optimize.least_squares.__code__.co_varnames:  # from SciPy 1.16 on
        seen.clear()
        least_squares(f, {"x": 2.0, "y": 1.0}, callback=lambda x: seen.append(x))
        assert seen[-1].keys() == {"x", "y"}
