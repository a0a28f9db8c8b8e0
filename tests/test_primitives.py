"""Every primitive of the table, by properties: value, derivatives of first to third order.

How accurate values and first derivatives are, to the last bit: `testing/test_accuracy`.
"""

import math
import random
import re
from pathlib import Path
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import Judge, derivative_values
from strength import examples

from autograd import Value, digamma, grad, log, primitive
from autograd.flow import pullback
from autograd.primitives import PAGES, TABLE
from autograd.testing import DOMAINS, gradcheck
from autograd.testing.accuracy.references import REFERENCES, SLOPES
from autograd.testing.detection import random_point
from autograd.testing.domains import SMOOTH, differentiable
from autograd.testing.numerical.rounding import running_error
from autograd.testing.strategies import points

ACCURACY = Path(__file__).parent.parent / "docs" / "accuracy.md"


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_has_what_it_is_tested_with(name: str) -> None:
    assert name in REFERENCES, "what is its value in mpmath? (accuracy/references.py)"
    assert name in SLOPES, "what are its derivatives in mpmath? (accuracy/references.py)"
    rows = re.findall(r"^\| `(\w+)` ", ACCURACY.read_text(encoding="utf-8"), re.MULTILINE)
    assert name in rows, "how accurate is it? (docs/accuracy.md says which command measures it)"


def test_nothing_is_tested_that_is_no_primitive() -> None:
    assert set(TABLE) == set(DOMAINS) == set(REFERENCES) == set(SLOPES)


def test_no_two_primitives_share_a_name() -> None:
    made = [f for page in PAGES for f in vars(page).values() if hasattr(f, "primitive")]
    assert len({f.primitive for f in made}) == len(TABLE)


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_what_floats_values_and_transforms_give_is_the_same(name: str, data: st.DataObject) -> None:
    """And the derivative rule is linear in the adjoint."""
    at = data.draw(points(name))
    node = TABLE[name](*map(Value, at))
    assert node.data == TABLE[name](*at) == TABLE[name].value(*at)
    once, thrice = pullback(node, 1.0), pullback(node, 3.0)
    assert thrice == pytest.approx([3 * d for d in once], rel=1e-14, abs=1e-300)
    f, free = differentiable(name, at)
    operands = [Value(x) for x in free]
    f(*operands).backward()
    assert tuple(x.grad for x in operands) == grad(f, range(len(free)))(*free)


@pytest.mark.parametrize("name", TABLE)
def test_derivatives_match_differences(name: str) -> None:
    judge = Judge()

    @settings(max_examples=examples(30, quick=10))
    @given(points(name))
    def check(at: list[float]) -> None:
        judge.check(*differentiable(name, at), order=2)

    check()
    judge.assert_judged()


@pytest.mark.parametrize("name", TABLE)
def test_derivatives_can_be_judged_and_match_at_everyday_operands(name: str) -> None:
    rng = random.Random(name)
    for _ in range(examples(10, quick=5)):
        gradcheck(*differentiable(name, random_point(name, rng)), order=2)


@pytest.mark.parametrize("name", SMOOTH)
@settings(max_examples=examples(30, quick=10))
@given(data=st.data())
def test_third_derivative_matches_mpmath(name: str, data: st.DataObject) -> None:
    at = data.draw(points(name))
    along = data.draw(
        st.lists(st.sampled_from([0.5, 1.0, -1.0]), min_size=len(at), max_size=len(at))
    )
    if (constant := DOMAINS[name].constant) is not None:
        along[constant] = 0.0

    def on_line(f: Any, t: Any) -> Any:
        return f(*[x + t * u if u else x for x, u in zip(at, along, strict=True)])

    t = Value(0.0)
    derivative = on_line(TABLE[name], t)
    for _ in range(3):
        [derivative] = derivative_values(derivative, [t])
    with mpmath.workdps(60):
        expected = mpmath.diff(lambda t: on_line(REFERENCES[name], t), 0, 3)
        error = abs(float(derivative) - expected)
    assert error <= running_error(derivative) + 1e-25


# A user's own


@primitive(lambda g, out, x, y: (2 * g * x * y, g * x * x), symbol="x2y")
def square_times(x: float, y: float) -> float:
    return x * x * y


def test_own_primitive_works_like_a_built_in_one() -> None:
    gradcheck(square_times, (1.5, -2.0), order=2)
    assert square_times(2.0, 3.0) == 12.0
    assert square_times(Value(2.0), 3.0)._op == "x2y"
    assert "square_times" not in TABLE


def test_own_primitive_of_many_operands() -> None:
    @primitive(lambda g, out, *xs: [g * 2 * x for x in xs])
    def sum_of_squares(*xs: float) -> float:
        return math.fsum(x * x for x in xs)

    gradcheck(sum_of_squares, (1.0, -2.0, 3.0))
    assert sum_of_squares(Value(1.0), 2, 3).operands[1:] == (2.0, 3.0)


def test_rule_with_too_few_derivatives_is_named() -> None:
    @primitive(lambda g, out, x, y: (g,))
    def forgetful(x: float, y: float) -> float:
        return x + y

    with pytest.raises(ValueError, match=r"derivative of forgetful.*1 numbers for 2 operands"):
        forgetful(Value(1.0), Value(2.0)).backward()


@pytest.mark.parametrize("create_graph", [False, True])
def test_rule_that_gives_no_number_is_named(create_graph: bool) -> None:
    @primitive(lambda g, out, x, y: (g, None))
    def half(x: float, y: float) -> float:
        return x + y

    with pytest.raises(ValueError, match=r"derivative of half.*gave None where it must give a num"):
        half(Value(1.0), Value(2.0)).backward(create_graph=create_graph)


def test_value_rule_that_gives_no_number_is_named() -> None:
    @primitive(lambda g, out, x: g)
    def broken(x: float) -> float:
        return "one"  # type: ignore[return-value]

    with pytest.raises(TypeError, match=r"the value of broken: expected a number, got str 'one'"):
        broken(Value(1.0))
    with pytest.raises(TypeError, match=r"the value of broken"):
        broken(1.0)


def test_built_in_function_is_a_value_rule() -> None:
    own = primitive(lambda g, out, x: g * out * digamma(x))(math.gamma)
    gradcheck(own, (2.5,))
    assert own(4.0) == 6.0
    arc = primitive(lambda g, out, y, x: (g * x / (x * x + y * y), -g * y / (x * x + y * y)))
    gradcheck(arc(math.atan2), (0.5, -2.0))


def test_operands_by_name_and_by_default() -> None:
    @primitive(lambda g, out, x, n: (g * n * x ** (n - 1), g * out * log(x)))
    def raised(x: float, n: float = 2.0) -> float:
        return float(x**n)

    x = Value(3.0)
    y: Any = raised(x)
    y.backward()
    assert (y.data, x.grad, len(y.operands)) == (9.0, 6.0, 2)
    by_name: Any = raised
    assert by_name(n=3.0, x=2.0) == 8.0
    with pytest.raises(TypeError, match=r"raised: missing a required argument: 'x'"):
        by_name(n=3.0)
    with pytest.raises(TypeError, match=r"raised: got an unexpected keyword argument 'm'"):
        by_name(2.0, m=3.0)


def keyed(x: float, *, n: float) -> float:
    return x * n


def test_what_is_no_operand_is_said() -> None:
    def rule(g: Any, out: Any, *xs: Any) -> list[Any]:
        return [g for _ in xs]

    with pytest.raises(TypeError, match=r"the parameter 'n' of keyed takes no place among its op"):
        primitive(rule)(keyed)
    with pytest.raises(TypeError, match=r"Python does not know how many operands log takes"):
        primitive(rule)(math.log)
