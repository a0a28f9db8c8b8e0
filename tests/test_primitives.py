"""Every primitive of the table, by properties: value, derivatives of first to third order."""

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import SMOOTH, differentiable, points

from autograd import Value, grad, primitive
from autograd.primitives import PAGES, TABLE
from autograd.reverse import pullback
from autograd.testing import DOMAINS, gradcheck


def test_every_primitive_has_a_domain_and_a_reference() -> None:
    assert set(TABLE) == set(DOMAINS) == set(REFERENCES)


def test_no_two_primitives_share_a_name() -> None:
    made = [f for page in PAGES for f in vars(page).values() if hasattr(f, "primitive")]
    assert len({f.primitive for f in made}) == len(TABLE)


def gelu_tanh(x: Any) -> Any:
    return x / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf(0.044715) * x**3)))


REFERENCES: dict[str, Callable[..., Any]] = {
    "identity": lambda a: a,
    "neg": lambda a: -a,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "floordiv": lambda a, b: mpmath.floor(a / b),
    "mod": lambda a, b: a - b * mpmath.floor(a / b),
    "pow": lambda a, b: a**b,
    "pow_number": lambda a, b: a**b,
    "number_pow": lambda a, b: a**b,
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "log1p": mpmath.log1p,
    "sqrt": mpmath.sqrt,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "atan2": mpmath.atan2,
    "hypot": lambda x, y: mpmath.sqrt(x * x + y * y),
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "degrees": mpmath.degrees,
    "radians": mpmath.radians,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "sign": mpmath.sign,
    "abs": abs,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
    "maximum": max,
    "minimum": min,
    "where": lambda c, x, y: x if c else y,
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * mpmath.expm1(x),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "gelu_tanh": gelu_tanh,
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "sum": lambda *xs: mpmath.fsum(xs),
    "prod": lambda *xs: mpmath.fprod(xs),
    "dot": lambda *ab: mpmath.fdot(ab[: len(ab) // 2], ab[len(ab) // 2 :]),
    "max": max,
    "min": min,
    "logsumexp": lambda *xs: mpmath.log(mpmath.fsum(mpmath.exp(x) for x in xs)),
}


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_value_matches_mpmath(name: str, data: st.DataObject) -> None:
    at = data.draw(points(name))
    with mpmath.workdps(50):
        expected = REFERENCES[name](*map(mpmath.mpf, at))
        error = abs(TABLE[name](*at) - expected)
    # Absolute where terms of the operands' size may cancel, relative elsewhere.
    assert error <= 1e-15 * len(at) * max(abs(float(expected)), 1e-3, *map(abs, at))
    assert TABLE[name](*map(Value, at)).data == TABLE[name](*at)


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_derivative_matches_differences(name: str, data: st.DataObject) -> None:
    f, at = differentiable(name, data.draw(points(name)))
    gradcheck(f, at)


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_backward_gives_what_the_transform_gives(name: str, data: st.DataObject) -> None:
    f, at = differentiable(name, data.draw(points(name)))
    operands = [Value(x) for x in at]
    f(*operands).backward()
    assert tuple(x.grad for x in operands) == grad(f, range(len(at)))(*at)


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_second_derivative_matches_differences(name: str, data: st.DataObject) -> None:
    f, at = differentiable(name, data.draw(points(name)))
    for i in range(len(at)):
        gradcheck(grad(f, i), at)


@pytest.mark.parametrize("name", SMOOTH)
@given(data=st.data())
def test_third_derivative_matches_mpmath(name: str, data: st.DataObject) -> None:
    at = data.draw(points(name))
    along = data.draw(
        st.lists(st.sampled_from([0.5, 1.0, -1.0]), min_size=len(at), max_size=len(at))
    )
    if (constant := DOMAINS[name].constant) is not None:
        along[constant] = 0.0

    def on_line(t: Any) -> Any:
        moved = [x + t * u if u else x for x, u in zip(at, along, strict=True)]
        return TABLE[name](*moved)

    with mpmath.workdps(60):

        def third(direction: list[float], scale: float = 0.0) -> Any:
            start = [mpmath.mpf(x) * (1 + mpmath.mpf(scale)) for x in at]
            return mpmath.diff(
                lambda t: REFERENCES[name](
                    *[x + t * u for x, u in zip(start, direction, strict=True)]
                ),
                0,
                3,
            )

        expected = third(along)
        # Moving the operands by a few units in the last place moves the truth by this much.
        conditioning = sum(abs(third(along, s) - expected) for s in (4e-15, -4e-15))
        # Terms of this size are added up, and may cancel.
        size = sum(abs(third(unit_vector(i, along))) for i in range(len(at)))
        error = abs(grad(grad(grad(on_line)))(0.0) - expected)
        assert error <= 1e-9 * abs(expected) + conditioning + 1e-14 * (1 + 4 * size)


def unit_vector(i: int, along: list[float]) -> list[float]:
    return [u if j == i else 0.0 for j, u in enumerate(along)]


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_derivative_rule_is_linear_in_the_adjoint(name: str, data: st.DataObject) -> None:
    at = data.draw(points(name))
    node = TABLE[name](*map(Value, at))
    once, thrice = pullback(node, 1.0), pullback(node, 3.0)
    assert thrice == pytest.approx([3 * d for d in once], rel=1e-14, abs=1e-300)


# A user's own


@primitive(lambda g, out, x, y: (2 * g * x * y, g * x * x), symbol="x2y")
def square_times(x: float, y: float) -> float:
    return x * x * y


def test_own_primitive_works_like_a_built_in_one() -> None:
    gradcheck(square_times, (1.5, -2.0))
    gradcheck(grad(square_times), (1.5, -2.0))
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
        half(Value(1.0), Value(2.0)).backward(create_graph)


def test_value_rule_that_gives_no_number_is_named() -> None:
    @primitive(lambda g, out, x: g)
    def broken(x: float) -> float:
        return "one"  # type: ignore[return-value]

    with pytest.raises(TypeError, match=r"the value of broken: expected a number, got str 'one'"):
        broken(Value(1.0))
    with pytest.raises(TypeError, match=r"the value of broken"):
        broken(1.0)
