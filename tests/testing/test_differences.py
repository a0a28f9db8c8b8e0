"""Numerical derivatives are as near to the truth as they say, and say where they are none."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, exp
from autograd.testing import numerical_gradient, numerical_jacobian
from autograd.testing.numerical.differences import METHODS, differentiate
from autograd.testing.numerical.estimates import Estimate
from autograd.testing.numerical.lines import Flat
from autograd.testing.numerical.noise import noise_of


def estimate(f: Callable[[float], Any], x: float, method: str = "ridders") -> Estimate:
    return differentiate(f, (x,), method).rows[0][0]


@given(n=st.integers(2, 5), exponent=st.floats(-300, 0), sign=st.sampled_from([-1.0, 1.0]))
@example(n=3, exponent=math.log10(6.103515625e-05), sign=1.0)
@example(n=3, exponent=-83.87, sign=1.0)
def test_powers_are_smooth_close_to_their_zero(n: int, exponent: float, sign: float) -> None:
    x = sign * 10.0**exponent
    found = estimate(lambda x: x**n, x)
    assert found.reason is None
    assert abs(found.value - n * x ** (n - 1)) <= found.error


@given(st.floats(1e7, 1e8))
def test_steps_at_a_huge_argument_find_a_wave(x: float) -> None:
    found = estimate(math.sin, x)
    assert abs(found.value - math.cos(x)) <= found.error <= 5e-6


@given(st.floats(1e-6, 1.0) | st.just(1e-14), st.booleans())
def test_a_corner_close_by_does_not_count(distance: float, above: bool) -> None:
    found = estimate(lambda x: max(x, 0.0), distance if above else -distance)
    assert found.reason is None
    assert abs(found.value - float(above)) <= found.error < 1e-7


@pytest.mark.parametrize(
    ("kind", "f", "x"),
    [
        ("kink", abs, 0.0),
        ("kink", lambda x: x * x + 0.01 * abs(x), 0.0),
        ("edge", lambda x: math.sqrt(x) * x, 0.0),
        ("edge", math.asin, 1.0),
        ("undefined", lambda x: math.inf if x else math.nan, 0.0),
        ("unsettled", lambda x: float(math.floor(x)), 1.0),
        ("noise", lambda x: (x + 1e8) - 1e8, 0.3),
        ("noise", lambda x: (x + 1e8) - 1e8 - x, 0.3),
        ("noise", lambda x: float(math.floor(x)), 1e8 + 0.3),
        ("noise", lambda x: math.cos(1e3 * x) + x, 1e10),
        ("noise", lambda x: 1 / x if x else 0.0, 0.0),
        ("noise", lambda x: x + 1e-3 * math.sin(1e15 * x), 0.5),
    ],
)
def test_what_is_no_derivative_has_a_reason(kind: str, f: Any, x: float) -> None:
    found = estimate(f, x)
    assert found.reason is not None
    assert found.reason.kind == kind
    assert "args[0]" in found.reason.words


@pytest.mark.parametrize("x", [0.5, -0.25, 3.999])
def test_steps_are_flat_between_the_jumps(x: float) -> None:
    assert estimate(lambda x: float(math.floor(x)), x)[::2] == (0.0, None)


def test_steps_wider_than_a_thousandth_are_taken_for_a_function_of_steps() -> None:
    assert estimate(lambda x: (x + 1e15) - 1e15, 0.3)[::2] == (0.0, None)


def test_one_sweep_serves_all_outputs() -> None:
    calls = []

    def f(x: float) -> list[float]:
        calls.append(x)
        return [x, x * x, math.exp(x)] * 10

    rows = differentiate(f, (0.7,)).rows
    assert len(rows) == 30
    assert len(calls) < 60
    alone = differentiate(lambda x: math.exp(x), (0.7,)).rows[0][0]
    assert abs(rows[2][0].value - alone.value) <= rows[2][0].error + alone.error


@pytest.mark.parametrize("method", ["central", "forward", "backward"])
@given(x=st.floats(-3, 3))
def test_the_methods_of_one_step(method: str, x: float) -> None:
    found = estimate(math.exp, x, method)
    assert abs(found.value - math.exp(x)) <= 1.5 * found.error
    assert found.error < 1e-5 * math.exp(3)


def test_one_sided_methods_stay_on_their_side() -> None:
    assert numerical_gradient(lambda x: max(x, 0.0), (0.0,), "forward") == (1.0,)
    assert numerical_gradient(lambda x: max(x, 0.0), (0.0,), "backward") == (0.0,)


def test_step_of_ones_own() -> None:
    (slope,) = numerical_gradient(lambda x: x * x * x, (2.0,), "central", h=0.5)
    assert slope == pytest.approx(12.25)


@given(st.floats(-3, 3))
def test_complex_step_is_exact(x: float) -> None:
    found = estimate(lambda z: (z * z * z + 2) / (z * z + 1), x, "complex")
    truth = (3 * x * x * (x * x + 1) - 2 * x * (x**3 + 2)) / (x * x + 1) ** 2
    assert abs(found.value - truth) <= 1e-14 * (1 + abs(truth))


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (math.exp, "takes complex numbers"),
        (exp, "takes complex numbers"),
        (lambda x: max(x, 0.5), "takes complex numbers"),
        (lambda x: abs(x) * 2, "analytic"),
    ],
)
def test_complex_step_refuses_what_is_not_analytic(f: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        numerical_gradient(f, (0.7,), "complex")


@given(st.floats(0.1, 10.0), st.integers(4, 9))
def test_noise_is_seen_where_it_is(x: float, digits: int) -> None:
    offset = 10.0**digits
    flat = Flat(lambda x: (x + offset) - offset, (x,))
    [noise] = noise_of(flat, [x], flat.values)
    quantum = math.ulp(offset)
    assert noise > quantum / 4 or noise < 16 * 2.3e-16 * (x + quantum)
    assert noise < 16 * quantum
    if digits > 7:
        assert noise > quantum / 4


def test_gradient_keeps_the_structure_and_calls_with_floats() -> None:
    seen = set()

    def f(p: dict[str, Any], x: float) -> float:
        seen.update({type(p["w"][0]), type(x)})
        return float(p["w"][0] * x)

    gradient = numerical_gradient(f, ({"w": [Value(2.0)]}, 3))
    assert gradient == ({"w": [pytest.approx(3.0)]}, pytest.approx(2.0))
    assert seen == {float}
    assert numerical_jacobian(lambda x: {"a": x[0] * x[1]}, ([2.0, 5.0],)) == {
        "a": ([pytest.approx(5.0), pytest.approx(2.0)],)
    }


def test_wrong_kinds_are_named() -> None:
    with pytest.raises(TypeError, match=r"expected f to return one number, got list"):
        numerical_gradient(lambda x: [x], (1.0,))
    with pytest.raises(TypeError, match=r"args\[0\]: expected a number.*'one'"):
        numerical_gradient(lambda x: x, ("one",))
    with pytest.raises(TypeError, match=r"expected a list or tuple of arguments"):
        numerical_gradient(lambda x: x, 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"must be one of {', '.join(METHODS)}"):
        numerical_gradient(lambda x: x, (1.0,), "exact")
    with pytest.raises(ValueError, match="h must be above 0"):
        numerical_gradient(lambda x: x, (1.0,), h=0.0)


@pytest.mark.parametrize("y", [1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
def test_a_kink_near_a_small_number_is_not_stepped_over(y: float) -> None:
    """Wide steps see a parabola, exactly; only at the size of the number there is another slope."""
    [[estimate]] = differentiate(lambda x: abs(x * x - 9 * y * y), (y,)).rows
    assert estimate.reason is not None or estimate.value == pytest.approx(-2 * y, rel=1e-6)


@pytest.mark.parametrize("x", [1e-300, 1e-307, 1e-310, 1e-318, 5e-324])
def test_a_point_beside_zero_is_no_edge(x: float) -> None:
    assert numerical_gradient(lambda x: x * x * x, (x,)) == (pytest.approx(0.0, abs=1e-100),)
    assert numerical_gradient(lambda x: x * x + x, (x,)) == (pytest.approx(1.0, rel=1e-9),)
