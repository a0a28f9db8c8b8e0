"""`gradcheck` accuses no derivative that is right, however little of it rounding leaves."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from judging import Judge
from strength import examples, slowly

import autograd as ag
from autograd import GradientError, Value, grad, primitive
from autograd.primitives import TABLE
from autograd.testing import gradcheck, random_expression
from autograd.testing.breaks import BREAKS, broken
from autograd.testing.numerical.rounding import adjoint_errors, running_error

Formula = Callable[..., Any]

CANCELLING: dict[str, Formula] = {
    "log of sigmoid": lambda m, x: m.log(1 / (1 + m.exp(-x))),
    "1 - tanh": lambda m, x: 1 - m.tanh(x),
    "1 - tanh squared": lambda m, x: 1 - m.tanh(x) ** 2,
    "softplus, naively": lambda m, x: m.log(1 + m.exp(-x)),
    "1 - erf": lambda m, x: 1 - m.erf(x / 5),
    "1 less a sigmoid": lambda m, x: 1 - 1 / (1 + m.exp(-x)),
    "a large part added and taken": lambda m, x: (m.exp(x) + 1) - m.exp(x),
    "cosh - sinh": lambda m, x: m.cosh(x) - m.sinh(x),
    "sqrt(x^2 + 1) - x": lambda m, x: m.sqrt(1e6 * x * x + 1) - 1e3 * x,
    "1 - cos": lambda m, x: 1 - m.cos(x * 1e-9),
    "(1 - cos) / x^2": lambda m, x: (1 - m.cos(x * 1e-6)) / (x * x * 1e-12),
    "sin x - x": lambda m, x: m.sin(x * 1e-5) - x * 1e-5,
    "exp - 1": lambda m, x: m.exp(x * 1e-12) - 1,
    "an offset": lambda m, x: (x + 1e12) - 1e12,
    "an offset that is kept": lambda m, x: 1e20 + x * x,
    "a binomial, expanded": lambda m, x: (x * 1e8 + 1) ** 2 - 1e16 * x * x - 2e8 * x,
    "a power, expanded": lambda m, x: (
        (y := 1 + x * 1e-4) ** 7 - 7 * y**6 + 21 * y**5 - 35 * y**4 + 35 * y**3 - 21 * y**2 + y * 7
    ),
    "waves at large arguments": lambda m, x: m.sin(1e10 * x),
    "a sum": lambda m, x: sum((m.sin(x * (i / 33)) for i in range(1, 100)), 0.0),
}


NOISY = (
    "an offset",
    "an offset that is kept",
    "waves at large arguments",
    "(1 - cos) / x^2",
    "a binomial, expanded",
)
"""So much that differences say nothing beside them."""


def residual(m: Any, x: Any, at: float) -> Any:
    return (3.0 * m.sin(x) - 3.0 * math.sin(at)) ** 2


def fourth_power(m: Any, x: Any, at: float) -> Any:
    return (m.exp(x) - math.exp(at)) ** 4


def by_the_engine(f: Formula) -> Callable[..., Any]:
    """What a user writes by hand without a mistake: the derivative as the engine computes it."""
    return lambda *xs: grad(lambda *vs: f(ag, *vs), tuple(range(len(xs))))(*xs)


def check(f: Formula, at: Sequence[Any], **options: Any) -> None:
    """The engine's derivative, and the same given by hand for a function of floats alone."""
    gradcheck(lambda *xs: f(ag, *xs), at, inconclusive="skip", **options)
    gradcheck(lambda *xs: f(math, *xs), at, derivative=by_the_engine(f), inconclusive="skip")


@pytest.mark.parametrize("name", CANCELLING)
@settings(max_examples=examples(24, quick=8))
@given(x=st.floats(0.5, 60.0), scale=st.sampled_from([1.0, 1e6, 1e-300]))
def test_cancellation_is_no_mistake(name: str, x: float, scale: float) -> None:
    """A function of floats shows nothing of a large factor that stands outside."""
    f = lambda m, x: scale * CANCELLING[name](m, x)
    gradcheck(lambda x: f(ag, x), (x,), inconclusive="skip")
    if scale <= 1:
        check(f, (x,))


@pytest.mark.parametrize("x", [slowly(18.0), 19.05, slowly(36.7), 40.0, slowly(300.0)])
@pytest.mark.parametrize("name", CANCELLING)
def test_cancellation_at_its_worst(name: str, x: float) -> None:
    check(CANCELLING[name], (x,))
    gradcheck(lambda x: CANCELLING[name](ag, x), (x,), order=2, inconclusive="skip")


SMALL: dict[str, Formula] = {
    "sin(x) / x": lambda m, x: m.sin(x) / x,
    "(exp(x) - 1) / x": lambda m, x: (m.exp(x) - 1) / x,
    "log(1 + x) / x": lambda m, x: m.log(1 + x) / x,
    "(1 - cos(x)) / x**2": lambda m, x: (1 - m.cos(x)) / x**2,
    "(x - sin(x)) / x**3": lambda m, x: (x - m.sin(x)) / x**3,
    "1 / x - 1 / sin(x)": lambda m, x: 1 / x - 1 / m.sin(x),
}


@pytest.mark.parametrize("x", [1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13, 1e-15])
@pytest.mark.parametrize("name", SMALL)
def test_a_derivative_that_cancels_is_rounded_itself(name: str, x: float) -> None:
    """Be the values as smooth as they like: `cos(x) / x - sin(x) / x**2` is 0 at 1e-9."""
    gradcheck(lambda x: SMALL[name](ag, x), (x,), inconclusive="skip")


@pytest.mark.parametrize("gap", [1.0, 20.0, 36.0, 40.0, 80.0])
def test_the_loss_of_a_certain_class(gap: float) -> None:
    """The derivative of `-log_softmax` in the logit of the class is `softmax - 1`: as good as 0."""
    gradcheck(lambda logits: -ag.log_softmax(logits)[0], ([gap, 0.0, -gap],), inconclusive="skip")


@given(at=st.floats(-5.0, 5.0))
def test_a_residual_that_vanishes(at: float) -> None:
    check(lambda m, x: residual(m, x, at), (at,))
    check(lambda m, x: fourth_power(m, x, at), (at,))


def rosenbrock(m: Any, x: Any, y: Any) -> Any:
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def beale(m: Any, x: Any, y: Any) -> Any:
    return sum(((c - x + x * y**n) ** 2 for n, c in enumerate((1.5, 2.25, 2.625), 1)), 0.0)


def powell(m: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    return (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("f", "at"),
    [
        (rosenbrock, (1.0, 1.0)),
        (beale, (3.0, 0.5)),
        (powell, (0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_published_optima(f: Formula, at: Sequence[float], order: int) -> None:
    assert gradcheck(lambda *xs: f(ag, *xs), at, order=order).passed
    assert gradcheck(lambda *xs: f(math, *xs), at, derivative=by_the_engine(f)).passed


@pytest.mark.parametrize("seed", range(12))
def test_a_fit_that_is_exact_of_floats_alone(seed: int) -> None:
    """What rounding leaves of a derivative of 0 may look like a kink, which none can see."""
    rng = random.Random(seed)
    rows = [[rng.gauss(0, 1) for _ in range(5)] for _ in range(50)]
    weights = [rng.gauss(0, 1) for _ in range(5)]
    predictions = lambda v: [sum(a * w for a, w in zip(row, v, strict=True)) for row in rows]
    off = lambda v: [p - t for p, t in zip(predictions(v), predictions(weights), strict=True)]
    loss = lambda v: float(sum(r * r for r in off(v)))

    def gradient(v: Sequence[float], scale: float = 2.0) -> list[float]:
        return [
            scale * sum(r * row[j] for r, row in zip(off(v), rows, strict=True)) for j in range(5)
        ]

    assert gradcheck(loss, (weights,), derivative=gradient).passed
    aside = [w + 1e-3 for w in weights]
    with pytest.raises(GradientError):
        gradcheck(loss, (aside,), derivative=lambda v: gradient(v, 2.001))


@given(
    large=st.floats(1e-3, 1.0),
    target=st.floats(1e-12, 1e-3) | st.integers(10, 30).map(lambda k: 2.0**-k),
)
@example(large=0.25, target=2.0**-23)
def test_a_tiny_term_beside_a_large_one(large: float, target: float) -> None:
    """The values may be equal at the point and a step away, as those of a parabola are."""
    loss = lambda xs: (0.5 * (xs[0] - large) ** 2 + 0.5 * (xs[1] - target) ** 2) / 2
    assert gradcheck(loss, ([0.0, 0.0],)).passed


@given(program=st.integers(0, 10**6), size=st.sampled_from([1e-9, 1e-3, 1.0, 30.0, 1e4]))
def test_right_programs_at_points_of_every_size(program: int, size: float) -> None:
    rng = random.Random(program)
    f = random_expression(rng, 2)
    at = [rng.uniform(-size, size) for _ in range(2)]
    try:
        grad(f, (0, 1))(*at)
    except (ValueError, ArithmeticError):
        return
    gradcheck(f, at, inconclusive="skip")


EXTREME = [0.0, 1e-300, 1e-160, 1e-100, 1e-8, 20.0, 700.0, 1e8, 1e16, 1e100, 1e150]


@settings(max_examples=examples(60))
@given(
    program=st.integers(0, 10**6),
    at=st.tuples(*[st.sampled_from(EXTREME).flatmap(lambda x: st.sampled_from([x, -x]))] * 2),
    scale=st.floats(0.5, 2.0),
)
def test_right_programs_at_extreme_points(
    program: int, at: tuple[float, float], scale: float
) -> None:
    f = random_expression(random.Random(program), 2)
    numbers = [x * scale for x in at]
    try:
        if not all(map(math.isfinite, grad(f, (0, 1))(*numbers))):
            return
    except (ValueError, ArithmeticError):
        return
    gradcheck(f, numbers, modes=("reverse",), inconclusive="skip")


FINE: dict[str, tuple[Callable[[Any], Any], float]] = {
    "a wave": (lambda x: ag.cbrt(ag.sin(x) + 2.0) - x, 1.2e100),
    "a wave of which a last bit shows": (lambda x: ag.hypot(x, 1.5 * ag.sin(x) + 2.0), 93772619.9),
    "steps": (lambda x: ag.atan(ag.ceil(x)), 134871819.8),
    "steps of what grows": (lambda x: ag.softsign(ag.floor(ag.sinh(x))), 26.577738243303052),
    "the sign of a zero": (
        lambda x: ag.copysign(x, ag.rint(-0.1 * ag.lgamma(ag.sin(x) + 2.0))),
        -1e-100,
    ),
    "a slope of one point": (lambda x: ag.copysign(x, x), 0.0),
    "an adjoint that is subnormal": (lambda x: 0.75 ** ag.asinh(ag.sinh(-x)), -574.3173613525913),
}


@pytest.mark.parametrize("name", FINE)
def test_structure_too_fine_for_differences_is_no_mistake(name: str) -> None:
    f, x = FINE[name]
    result = gradcheck(f, (x,), modes=("reverse",), inconclusive="skip")
    assert result.inconclusive or result.unresolved


@pytest.mark.parametrize("x", [0.0, 1.0, 1e3, 1e5])
def test_what_is_broken_is_found_where_waves_can_be_seen(x: float) -> None:
    sine = broken(TABLE["sin"], "factor 1 + 1e-5" if x < 10 else "factor 2")
    with pytest.raises(GradientError):
        gradcheck(lambda x: ag.cbrt(sine(x) + 2.0) - 1e-3 * x, (x,), modes=("reverse",))


@pytest.mark.parametrize("name", [name for name in TABLE if TABLE[name].arity == 1])
@given(x=st.floats(allow_nan=False, allow_infinity=False))
def test_primitives_are_right_everywhere(name: str, x: float) -> None:
    f = TABLE[name]
    try:
        grad(f)(x)
    except (ValueError, ArithmeticError):
        return
    gradcheck(f, (x,), inconclusive="skip")


def test_most_of_what_cancels_is_judged() -> None:
    judge = Judge()
    for name in CANCELLING:
        for x in (1.0, 2.0, 5.0, 10.0):
            judge.check(lambda x, f=CANCELLING[name]: f(ag, x), (x,))
    judge.assert_judged()


@pytest.mark.parametrize("kind", sorted(BREAKS))
def test_what_is_broken_is_found_beside_what_cancels(kind: str) -> None:
    """The bound on the rounding is no excuse where the derivative can be resolved."""
    for name, f in CANCELLING.items():
        square = broken(TABLE["pow_number"], kind)
        whole = lambda x, f=f, square=square: square(x, 2.0) + 1e-3 * f(ag, x)
        if kind == "swapped" or name in NOISY:
            continue
        with pytest.raises(GradientError):
            gradcheck(whole, (1.5,), modes=("reverse",))


@pytest.mark.parametrize(
    ("f", "x", "wrong"),
    [
        (lambda x: x.relu(), -0.5, 1e-9),
        (lambda x: 1e-300 * (x - 1) ** 2, 1.5, -1e-300),
        (lambda x: 1e300 * x.sin(), 0.5, 0.8775e300),
        (lambda x: 1 - x.tanh(), 5.0, 1.8158e-4),
        (lambda x: (x - 3.0) ** 2, 3.0, 1e-9),
        (lambda x: x.exp() - x.exp(), 2.0, 1e-9),
    ],
)
def test_a_wrong_derivative_by_hand_is_still_found(f: Any, x: float, wrong: float) -> None:
    with pytest.raises(GradientError):
        gradcheck(f, (x,), derivative=lambda x: wrong)


def test_a_primitive_with_hidden_rounding_is_not_accused() -> None:
    @primitive(lambda g, out, x: g / (1 + ag.exp(x)))
    def log_sigmoid(x: float) -> float:
        return math.log(1 / (1 + math.exp(-x)))

    for x in (18.0, 37.0, 40.0, 100.0):
        gradcheck(log_sigmoid, (x,), inconclusive="skip")


def test_a_straight_through_rounding_does_not_pass() -> None:
    @primitive(lambda g, out, x: g)
    def rounded(x: float) -> float:
        return round(x * 1e9) / 1e9

    assert not gradcheck(rounded, (0.5,), inconclusive="skip").passed


def test_bounds_hold_and_are_not_idle() -> None:
    x = Value(1.0 / 3.0)
    tenth = (x + 1e8) - 1e8
    assert abs(tenth.data - 1 / 3) <= running_error(tenth) <= 1e-7
    assert running_error(abs(-x)) == 0.0
    residual = (3.0 * x.sin() - 3.0 * math.sin(1 / 3)) ** 2
    [error] = adjoint_errors(residual, [x])
    assert 1e-16 < error < 1e-13
