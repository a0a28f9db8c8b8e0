"""`gradcheck` passes what is right and catches what is wrong, small errors too."""

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from programs import points

from autograd import GradientError, Value, primitive
from autograd.primitives import TABLE, Primitive
from autograd.testing import DOMAINS, gradcheck, numerical_gradient
from autograd.testing.differences import central_difference

BREAKS = {
    "sign": lambda flow: [-d for d in flow],
    "factor": lambda flow: [d * 1.0001 for d in flow],
    "offset": lambda flow: [d + 0.01 for d in flow],
    "dropped": lambda flow: [0.0 if abs(d) == max(map(abs, flow)) else d for d in flow],
}


STEPS = {"floordiv", "sign", "floor", "ceil", "trunc"}  # of their derivative 0 only one can differ
BREAKABLE = [
    (name, kind)
    for name, domain in DOMAINS.items()
    for kind in BREAKS
    if domain.constant is None and (name not in STEPS or kind == "offset")
]


def broken(rule: Primitive, kind: str) -> Primitive:
    def derivative(g: Any, out: Any, *operands: Any) -> Any:
        flow = rule.derivative(g, out, *operands)
        wrong = BREAKS[kind]([flow] if rule.arity == 1 else list(flow))
        return wrong[0] if rule.arity == 1 else wrong

    return Primitive(rule.name, rule.value, derivative)


@pytest.mark.parametrize(("name", "kind"), BREAKABLE)
@given(data=st.data())
def test_every_broken_rule_is_caught(name: str, kind: str, data: st.DataObject) -> None:
    at = data.draw(points(name))
    wrong = broken(TABLE[name], kind)
    right = TABLE[name].derivative(1.0, TABLE[name](*at), *at)
    flow = [right] if wrong.arity == 1 else list(right)
    differences = [abs(a - b) for a, b in zip(flow, BREAKS[kind](flow), strict=True)]
    assume(max(differences) > 1e-5 * max(map(abs, flow)) + 1e-7)
    with pytest.raises(GradientError, match="disagree with finite differences"):
        gradcheck(wrong, at)


def test_the_table_names_the_argument() -> None:
    @primitive(lambda g, out, x, y: (g * y, g * y))
    def product(x: float, y: float) -> float:
        return x * y

    with pytest.raises(AssertionError) as caught:
        gradcheck(lambda p, q: {"z": product(p["a"], q[0])}, ({"a": 2.0}, [3.0]))
    text = str(caught.value)
    assert "1 of 2 derivatives" in text
    assert "d out['z'] / d args[1][0]" in text
    assert "args[0]" not in text


def test_nan_from_the_engine_does_not_pass() -> None:
    @primitive(lambda g, out, x: math.nan)
    def hole(x: float) -> float:
        return x

    with pytest.raises(GradientError):
        gradcheck(hole, (1.0,))


@given(st.floats(-3, 3))
def test_the_estimated_error_covers_the_true_error(x: float) -> None:
    [cubic, wave, power] = central_difference(lambda t: [t**3, math.sin(5 * t), math.exp(t)], x)
    assert abs(cubic.value - 3 * x * x) <= cubic.error
    assert abs(wave.value - 5 * math.cos(5 * x)) <= wave.error
    assert abs(power.value - math.exp(x)) <= power.error


def test_numerical_gradient_keeps_the_structure_and_calls_with_floats() -> None:
    seen = set()

    def f(p: dict[str, Any], x: float) -> float:
        seen.update({type(p["w"][0]), type(x)})
        return float(p["w"][0] * x)

    gradient = numerical_gradient(f, ({"w": [Value(2.0)]}, 3))
    assert gradient == ({"w": [pytest.approx(3.0)]}, pytest.approx(2.0))
    assert seen == {float}


def test_step_of_ones_own() -> None:
    (slope,) = numerical_gradient(lambda x: x * x * x, (2.0,), h=0.5)
    assert slope == pytest.approx(12.25)


def test_wrong_kinds_are_named() -> None:
    with pytest.raises(TypeError, match=r"expected f to return one number, got list"):
        numerical_gradient(lambda x: [x], (1.0,))
    with pytest.raises(TypeError, match=r"args\[0\]: expected a number.*'one'"):
        numerical_gradient(lambda x: x, ("one",))
