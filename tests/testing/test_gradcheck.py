"""`gradcheck` passes what is right, catches what is wrong, and says when it cannot tell."""

import math
import pickle
from typing import Any

import pytest

from autograd import GradientError, LeftGraphWarning, exp, log, log1p, primitive, relu, sqrt
from autograd.testing import InconclusiveError, gradcheck


def loss(p: dict[str, Any], x: list[float]) -> float:
    """Half a squared error of plain floats."""
    e = p["w"][0] * x[0] + p["w"][1] * x[1] + p["b"] - 0.5
    return e * e / 2


def loss_gradient(p: dict[str, Any], x: list[float]) -> Any:
    e = p["w"][0] * x[0] + p["w"][1] * x[1] + p["b"] - 0.5
    return {"w": [e * x[0], e * x[1]], "b": e}, [e * p["w"][0], e * p["w"][1]]


AT = ({"w": [0.3, -0.7], "b": 0.1}, [1.5, 2.5])


def test_a_gradient_written_by_hand() -> None:
    result = gradcheck(loss, AT, derivative=loss_gradient)
    assert result.passed
    assert len(result.entries) == 5

    def wrong(p: Any, x: Any) -> Any:
        params, rest = loss_gradient(p, x)
        return {**params, "b": -params["b"]}, rest

    with pytest.raises(AssertionError) as caught:
        gradcheck(loss, AT, derivative=wrong)
    [entry] = caught.value.result.wrong  # type: ignore[attr-defined]
    assert entry.path == "args[0]['b']"
    assert entry.ratio == pytest.approx(-1)
    assert "d out / d args[0]['b']" in str(caught.value)
    assert "args[1]" not in str(caught.value)
    assert "likely: the sign" in str(caught.value)


def test_a_gradient_of_a_single_argument_needs_no_tuple() -> None:
    for given in ([2.0, 3.0], ([2.0, 3.0],)):
        gradcheck(lambda x: 2 * x[0] + 3 * x[1], ([0.5, 0.7],), derivative=lambda x, g=given: g)
    gradcheck(lambda x: [x[0] * 2], ([0.5],), derivative=lambda x: [[2.0]])
    with pytest.raises(ValueError, match="derivative must return one gradient for each of 2"):
        gradcheck(lambda x, y: x * y, (1.0, 2.0), derivative=lambda x, y: [x])


def test_a_derivative_of_a_structure() -> None:
    right = {"a": (3.0, 2.0), "b": (1.0, 1.0)}
    f = lambda x, y: {"a": x * y, "b": x + y}
    gradcheck(f, (2.0, 3.0), derivative=lambda x, y: right)
    with pytest.raises(GradientError) as caught:
        gradcheck(f, (2.0, 3.0), derivative=lambda x, y: {**right, "b": (1.0, 2.0)})
    assert [entry.name for entry in caught.value.result.wrong] == ["d out['b'] / d args[1]"]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_every_order(order: int) -> None:
    result = gradcheck(lambda x, p: x * exp(p[0] * x), (0.7, [0.4]), order=order)
    assert len(result.entries) == 2 * sum(2**n for n in range(1, order + 1))


@pytest.mark.filterwarnings("ignore::autograd.LeftGraphWarning")
def test_a_wrong_second_derivative() -> None:
    @primitive(lambda g, out, x: g * float(out))  # right, but no longer to be differentiated
    def frozen_exp(x: float) -> float:
        return math.exp(x)

    gradcheck(frozen_exp, (0.5,))
    with pytest.raises(GradientError, match=r"d2 out / d args\[0\] d args\[0\]"):
        gradcheck(frozen_exp, (0.5,), order=2)


@pytest.mark.filterwarnings("ignore::autograd.LeftGraphWarning")
def test_a_hessian_that_is_not_symmetric() -> None:
    @primitive(lambda g, out, x, y: (g * y, g * float(x)))
    def product(x: float, y: float) -> float:
        return x * y

    with pytest.raises(GradientError) as caught:
        gradcheck(product, (2.0, 3.0), order=2)
    assert [e.inputs for e in caught.value.result.wrong if e.mode == "reverse"] == [
        ("args[1]", "args[0]")
    ]


def test_a_rule_that_is_not_linear() -> None:
    @primitive(lambda g, out, x: 2 * x * (g if abs(float(g)) <= 1 else 1.0))
    def clipped_square(x: float) -> float:
        return x * x

    # Right for the cotangent 1, which is all that a comparison with differences asks for.
    gradcheck(clipped_square, (3.0,), modes=("reverse",))
    gradcheck(clipped_square, (3.0,), modes=("forward",))
    with pytest.raises(GradientError, match="no linear pullback"):
        gradcheck(clipped_square, (3.0,))


@pytest.mark.parametrize("given", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_does_not_pass(given: float) -> None:
    with pytest.raises(GradientError):
        gradcheck(lambda x: x, (1.0,), derivative=lambda x: given)


def test_what_cannot_be_judged() -> None:
    with pytest.raises(InconclusiveError) as caught:
        gradcheck(lambda x, y: relu(x) + y, (0.0, 1.0))
    assert not isinstance(caught.value, AssertionError)
    assert "a kink" in str(caught.value)
    assert {entry.path for entry in caught.value.result.inconclusive} == {"args[0]"}
    result = gradcheck(lambda x, y: relu(x) + y, (0.0, 1.0), inconclusive="skip")
    assert not result.passed
    assert not result.wrong


def test_a_derivative_that_rounding_hides_is_unresolved() -> None:
    result = gradcheck(lambda x: 1 + 1e-15 * x, (0.5,), derivative=lambda x: 1e-15)
    assert result.passed
    assert [entry.verdict for entry in result.entries] == ["unresolved"]
    assert "distinguished from 0" in str(result)
    with pytest.raises(GradientError):
        gradcheck(lambda x: 1 + 1e-15 * x, (0.5,), derivative=lambda x: 1e-9)


@pytest.mark.parametrize(("f", "x"), [(lambda x: 3.7, 0.5), (relu, -0.5)])
def test_a_derivative_of_exactly_0_is_right(f: Any, x: float) -> None:
    assert [e.verdict for e in gradcheck(f, (x,), modes=("reverse",)).entries] == ["right"]


def test_laws_are_checked_beside_what_is_inconclusive() -> None:
    @primitive(lambda g, out, x: 2 * x * g * abs(float(g)))
    def unit_square(x: float) -> float:
        return x * x

    for f in (lambda x, y: [relu(x) + unit_square(y)], lambda x, y: [relu(x), unit_square(y)]):
        with pytest.raises(GradientError, match="no linear pullback"):
            gradcheck(f, (0.0, 3.0))


def test_what_is_wrong_comes_before_what_cannot_be_judged() -> None:
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x, y: abs(x) + y, (0.0, 1.0), derivative=lambda x, y: (0.0, 2.0))
    assert "inconclusive here" in str(caught.value)


def test_an_error_of_the_rule_comes_through() -> None:
    with pytest.raises(ZeroDivisionError, match="derivative of sqrt"):
        gradcheck(sqrt, (0.0,))


def test_long_tables_are_cut_with_the_worst_first() -> None:
    def by_hand(xs: list[float]) -> list[float]:
        return [2 * x + 1e-3 * (i + 1) for i, x in enumerate(xs)]

    with pytest.raises(GradientError) as caught:
        gradcheck(lambda xs: sum(x * x for x in xs), ([1.0] * 50,), derivative=by_hand)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("50 of 50")
    assert lines[22] == "... and 30 more"
    assert len(caught.value.result.wrong) == 50


def test_a_graph_that_is_cut_is_named() -> None:
    cut = pytest.raises(GradientError, match="likely: the graph is cut")
    with pytest.warns(LeftGraphWarning, match=r"autograd\.exp"), cut:
        gradcheck(lambda x: math.exp(x), (1.0,))


def test_the_error_travels() -> None:
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x: x * x, (1.0,), derivative=lambda x: x)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.result.wrong == caught.value.result.wrong


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"order": 0}, "order must be"),
        ({"modes": "reverse"}, "modes must be"),
        ({"modes": ("sideways",)}, "modes must be"),
        ({"inconclusive": "pass"}, "inconclusive must be"),
        ({"derivative": lambda x: 1.0, "order": 2}, "is checked at order 1"),
        ({"method": "guess"}, "method must be"),
    ],
)
def test_bad_options(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        gradcheck(lambda x: x, (1.0,), **options)


@pytest.mark.parametrize("target", [0.1, 0.25, 0.3, 0.7])
def test_the_minimum_of_a_loss_is_no_place_to_be_inconclusive(target: float) -> None:
    def cross_entropy(p: Any) -> Any:
        return -target * log(p) - (1 - target) * log1p(-p)

    assert gradcheck(cross_entropy, (target,)).entries
    with pytest.raises(GradientError):
        gradcheck(cross_entropy, (target,), derivative=lambda p: 1e-9)


def test_the_text_says_how_exact_the_differences_were() -> None:
    exact = gradcheck(lambda v: [2.0 * v[0], 3.0 * v[1]], ([1.0, 2.0],), modes=("reverse",))
    assert str(exact) == "all 4 derivatives agree with finite differences"  # two of them are 0
    loose = gradcheck(lambda x: x * x + 1e10, (1.0,), derivative=lambda x: 2.0 * x)
    assert str(loose).endswith("finite differences, which know them to 2e-04 or better")
