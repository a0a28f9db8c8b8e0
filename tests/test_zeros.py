"""Zeros in the chain rule: a computed one is passed on, a symbolic one says that nothing flows.

Every mode must say the same: reverse and forward, on floats and on Values, compiled or not.
"""

import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from installed import BACKENDS

import autograd as ag
from autograd import Value, grad, jacobian, jvp, value_and_grad, vjp
from autograd.draw.scene.numbers import numbers_of_backward
from autograd.graph import topological_order
from autograd.jit import jit
from autograd.primitives.zero import SYMBOLIC_ZERO, SymbolicZero

Unary = Callable[[Any], Any]


def outcome(f: Callable[[], Any]) -> Any:
    """A number, or numbers, or the class of the error."""
    try:
        found = f()
        return [float(x) for x in found] if isinstance(found, list | tuple) else float(found)
    except (ArithmeticError, ValueError) as error:
        return type(error)


def by_backward(f: Callable[..., Any], *at: float, create_graph: bool = False) -> list[Any]:
    leaves = [Value(x) for x in at]
    y = f(*leaves)
    if isinstance(y, Value):
        y.backward(create_graph=create_graph)
    return [leaf.grad for leaf in leaves]


MODES: dict[str, Callable[[Unary, float], Any]] = {
    "backward": lambda f, x: by_backward(f, x)[0],
    "backward, create_graph": lambda f, x: by_backward(f, x, create_graph=True)[0],
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x)[1],
    "jacobian": lambda f, x: jacobian(f)(x),
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
}


def modes() -> dict[str, Callable[[Unary, float], Any]]:
    """All of them, compiled ones too: traced where they are called, and elsewhere."""
    found = dict(MODES)
    for backend in BACKENDS:

        def first(f: Unary, x: float, backend: str = backend) -> Any:
            return jit(grad(f), backend=backend)(x)

        def later(f: Unary, x: float, backend: str = backend) -> Any:
            compiled = jit(grad(f), backend=backend)
            outcome(lambda: compiled(x + 0.3))
            return compiled(x)

        found |= {f"{backend}, first call": first, f"{backend}, later call": later}
    return found


def all_say(f: Unary, x: float) -> Any:
    """What every mode says, which must be one thing."""
    expected = outcome(lambda: MODES["backward"](f, x))
    for name, mode in modes().items():
        found = outcome(lambda mode=mode: mode(f, x))  # type: ignore[misc]
        if isinstance(expected, float) and isinstance(found, float):
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True), name
        else:
            assert found == expected, name
    return expected


@ag.primitive(lambda g, out, y, x: (g * x / (x * x + y * y), -g * y / (x * x + y * y)))
def angle_by_hand(y: float, x: float) -> float:
    """The angle of a point, with a rule as users write it: a 0 in it is no factor alone."""
    return math.atan2(y, x)


@ag.primitive(lambda g, out, x: 0.0)
def zero_by_hand(x: float) -> float:
    """0, with a rule as users write it."""
    return 0.0 * x


@pytest.mark.filterwarnings("ignore:jit:RuntimeWarning")  # it says what runs as it is
@pytest.mark.parametrize(
    ("f", "expected"),
    [
        # What was computed to be 0 meets an infinite slope: there is no telling what comes of it.
        (lambda x: ag.cbrt(x) ** 3, ZeroDivisionError),
        (lambda x: ag.sqrt(x) ** 2, ZeroDivisionError),
        (lambda x: (ag.sqrt(x) - 0.0) ** 2, ZeroDivisionError),
        (lambda x: ag.sqrt(x) * ag.sqrt(x), ZeroDivisionError),
        (lambda x: x * ag.sqrt(x), ZeroDivisionError),
        (lambda x: ag.prod([x, ag.sqrt(x), 2.0]), ZeroDivisionError),
        (lambda x: 1 - ag.cos(ag.sqrt(x)), ZeroDivisionError),
        (lambda x: abs(ag.sqrt(x)), ZeroDivisionError),
        (lambda x: ag.atan2(x, 0.0) + x, ZeroDivisionError),
        (lambda x: angle_by_hand(x, 0.0) + x, ZeroDivisionError),
        (lambda x: (x - 1) * ag.asin(1 - x), ZeroDivisionError),
        (lambda x: ag.hypot(x, x) ** 2, ZeroDivisionError),
        # Nothing flows there.
        (lambda x: ag.where(x > 0, ag.sqrt(x), x), 1.0),
        (lambda x: ag.maximum(ag.sqrt(x), x + 1), 1.0),
        (lambda x: ag.minimum(ag.cbrt(x) + 2, 3 * x), 3.0),
        (lambda x: ag.max([ag.sqrt(x), x + 1, 0.5]), 1.0),
        (lambda x: ag.relu(ag.sqrt(x) - 1) + x, 1.0),
        (lambda x: ag.leaky_relu(ag.sqrt(x) - 1, 0.0) + x, 1.0),
        (lambda x: ag.clip(ag.sqrt(x), 0.5, 1.0) + x, 1.0),
        (lambda x: ag.floor(ag.sqrt(x)) + x, 1.0),
        (lambda x: ag.sign(ag.cbrt(x)) + x, 1.0),
        (lambda x: ag.sqrt(x) // 1.0 + x, 1.0),
        (lambda x: ag.sqrt(x) ** 0 + x, 1.0),
        (lambda x: 0.0 * ag.sqrt(x) + x, 1.0),
        (lambda x: ag.sqrt(x) * 0 + x, 1.0),
        (lambda x: ag.dot([ag.sqrt(x), x], [0.0, 1.0]), 1.0),
        (lambda x: ag.prod([ag.sqrt(x), 0.0]) + x, 1.0),
        (lambda x: 0 / (1 + ag.sqrt(x)) + x, 1.0),
        (lambda x: zero_by_hand(ag.sqrt(x)) + x, 1.0),
        (lambda x: ag.relu(ag.sqrt(x)) + x, 1.0),
        # What it flows to is constant.
        (lambda x: ag.sqrt(ag.relu(x)) + x, 1.0),
        (lambda x: ag.sqrt(ag.floor(x + 0.5)) + x, 1.0),
        (lambda x: ag.sqrt(ag.relu(x - 1)) + x, 1.0),
        (lambda x: ag.sqrt((x + 2) ** 0.0 - 1) + x, 1.0),
        (lambda x: ag.cbrt(ag.sign(x + 2) - 1) * ag.exp(x) + x, 1.0),
        (lambda x: ag.sqrt(zero_by_hand(x)) + x, 1.0),
        # Zeros that meet nothing infinite.
        (lambda x: ag.relu(x) ** 2, 0.0),
        (lambda x: (x - 0.0) ** 2 + x * x * ag.exp(x), 0.0),
        (lambda x: abs(x) * x, 0.0),
    ],
)
def test_every_mode_says_the_same_of_a_zero(f: Unary, expected: Any) -> None:
    assert all_say(f, 0.0) == expected


INNER: list[Unary] = [
    ag.sqrt,
    ag.cbrt,
    ag.relu,
    ag.log1p,
    abs,
    lambda x: x**0.5,
    lambda x: 2 * x,
    lambda x: x * x,
    lambda x: ag.asin(1 - x),
    lambda x: ag.acos(x - 1),
    lambda x: ag.acosh(1 + x),
    lambda x: ag.hypot(x, x),
    lambda x: ag.atan2(x, 2 * x),
    lambda x: x**x,
    lambda x: x ** (1 + x),
]
MIDDLE: list[Unary] = [
    lambda u: u**3,
    lambda u: u * 0.0,
    lambda u: 0.0 * u + 1.0,
    lambda u: ag.relu(u - 1.0),
    lambda u: ag.where(u > 0, u, 0.5),
    lambda u: ag.maximum(u, 1.0),
    lambda u: ag.minimum(u, 0.0),
    lambda u: u,
    lambda u: ag.floor(u),
    lambda u: ag.sqrt(ag.floor(u)),
    lambda u: ag.sqrt(ag.relu(u - 0.25)),
    lambda u: ag.clip(u, 0.0, 0.25),
    lambda u: ag.sin(u),
    lambda u: abs(u),
    lambda u: zero_by_hand(u),
    lambda u: 1 - ag.cosh(u),
]
OUTER: list[Callable[[Any, Any], Any]] = [
    lambda u, v: u + v,
    lambda u, v: u * v,
    lambda u, v: ag.prod([u, 0.0, v]) + u,
    lambda u, v: abs(u) ** (1 + abs(v)),
    lambda u, v: ag.max([u, v, 0.0]),
    lambda u, v: ag.where(u > v, u, v),
    lambda u, v: ag.dot([u, 0.0], [v, v]),
    lambda u, v: ag.hypot(u, 1.0 + v),
    lambda u, v: (u - v) ** 2,
    lambda u, v: ag.logsumexp([u, v]),
]


@pytest.mark.filterwarnings("ignore:jit:RuntimeWarning")
@given(
    st.sampled_from(OUTER),
    st.tuples(st.sampled_from(INNER), st.sampled_from(MIDDLE)),
    st.tuples(st.sampled_from(INNER), st.sampled_from(MIDDLE)),
    st.sampled_from([0.0, 0.0, 0.25, 1.0]),
)
def test_every_mode_says_the_same_around_singular_points(
    outer: Callable[[Any, Any], Any], a: tuple[Unary, Unary], b: tuple[Unary, Unary], x: float
) -> None:
    all_say(lambda t: outer(a[1](a[0](t)), b[1](b[0](t))), x)


def test_a_direction_or_a_cotangent_of_zero_does_not_move() -> None:
    def f(x: Any, y: Any) -> Any:
        return x + ag.sqrt(y)

    assert jvp(f, (3.0, 0.0), (1.0, 0.0)) == (3.0, 1.0)
    _, pull = vjp(lambda x: [x, ag.sqrt(x)], 0.0)
    assert pull([1.0, 0.0]) == (1.0,)
    with pytest.raises(ZeroDivisionError, match="derivative of sqrt"):
        pull([1.0, 1e-9])
    with pytest.raises(ZeroDivisionError, match="derivative of sqrt"):
        jvp(f, (3.0, 0.0), (1.0, 1e-9))


def test_the_error_of_one_output_is_none_of_another() -> None:
    assert jvp(lambda x: x + 0 * ag.sqrt(x), (0.0,), (1.0,)) == (0.0, 1.0)
    with pytest.raises(ZeroDivisionError):
        jacobian(lambda x: [x, ag.sqrt(x)])(0.0)


@given(st.floats())
def test_the_symbolic_zero_is_the_zero_of_algebra(x: float) -> None:
    zero = SYMBOLIC_ZERO
    assert zero == 0.0
    assert SymbolicZero() is zero
    for found in (zero * x, x * zero, -zero):
        assert found is zero
    for found in (zero + x, x + zero, x - zero):
        assert found is x
    assert math.isnan(zero - x) if math.isnan(x) else zero - x == -x
    assert zero / x is zero
    value = Value(x)
    for found in (value * zero, zero * value):
        assert found is zero
    for found in (value + zero, zero + value, value - zero):
        assert found is value


def test_the_symbolic_zero_is_one_object_everywhere() -> None:
    assert pickle.loads(pickle.dumps(SYMBOLIC_ZERO)) is SYMBOLIC_ZERO
    x = Value(-1.0)
    ag.relu(x).backward()
    assert type(x.grad) is float
    assert type(grad(ag.relu)(-1.0)) is float


@pytest.mark.parametrize(
    "f",
    [
        lambda x: ag.logsumexp([x, ag.logsumexp([x - math.inf, x - math.inf]) + x]),
        lambda x: ag.log(sum(ag.exp(s) for s in (x, ag.logsumexp([x - math.inf, x - math.inf])))),
        lambda x: x + ag.exp(ag.logsumexp([x - math.inf, x - math.inf])),
        lambda x: ag.where(x > 0, x, x * math.inf),
        lambda x: x + 0.0 * (x * math.inf),
        lambda x: x + ag.dot([0.0, 0.0], [x * 1e200 * 1e200, x]),
    ],
)
def test_what_is_infinite_and_has_no_weight_does_not_move(f: Unary) -> None:
    assert {name: mode(f, 2.0) for name, mode in MODES.items()} == dict.fromkeys(MODES, 1.0)


SECOND: dict[str, Callable[[Unary, float], Any]] = {
    "grad of grad": lambda f, x: grad(grad(f))(x),
    "hessian": lambda f, x: ag.hessian(f)(x),
    "hvp": lambda f, x: ag.hvp(f, (x,), (1.0,)),
    "grad of jvp": lambda f, x: grad(lambda t: jvp(f, (t,), (1.0,))[1])(x),
    "jvp of jvp": lambda f, x: jvp(lambda t: jvp(f, (t,), (1.0,))[1], (x,), (1.0,))[1],
}


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: ag.where(x > 0, ag.sqrt(x), x * x), 2.0),
        (lambda x: ag.relu(ag.sqrt(x) - 1) + x * x, 2.0),
        (lambda x: 0.0 * ag.cbrt(x) + x * x, 2.0),
        (lambda x: ag.sqrt(ag.floor(x + 0.5)) + x * x, 2.0),
        (lambda x: zero_by_hand(ag.sqrt(x)) + x * x, 2.0),
        (lambda x: ag.cbrt(x) ** 3, ZeroDivisionError),
        (lambda x: x**1.5, ZeroDivisionError),
        (lambda x: x * abs(x), 0.0),
    ],
)
def test_every_mode_says_the_same_of_a_second_derivative(f: Unary, expected: Any) -> None:
    found = {name: outcome(lambda mode=mode: mode(f, 0.0)) for name, mode in SECOND.items()}  # type: ignore[misc]
    assert found == dict.fromkeys(SECOND, expected)


def test_the_numbers_of_a_drawing_are_those_of_backward() -> None:
    x = Value(0.0)
    constant = ag.floor(x + 0.5)
    root = ag.sqrt(constant)
    y = root + ag.where(x > 0, ag.sqrt(x), x * 3)
    y.backward()
    numbers = numbers_of_backward(order := topological_order(y), y)
    assert numbers.failure is None
    assert numbers.grad == [node.grad for node in order]
    assert x.grad == 3.0


def test_gradients_collected_before_trouble_are_collected_once() -> None:
    x, w = Value(0.0), Value(2.0)
    for _ in range(2):
        (w * 3 + ag.sqrt(ag.floor(x)) + zero_by_hand(ag.sqrt(x)) * w + x * 5).backward()
    assert (w.grad, x.grad) == (6.0, 10.0)


def test_a_rule_may_say_nan_for_the_operand_without_a_derivative() -> None:
    @ag.primitive(lambda g, out, a, b: (g * b, g * math.nan))
    def step_by_second(a: float, b: float) -> float:
        return a * b

    a, b = Value(2.0), Value(3.0)
    step_by_second(a, b).backward()
    assert a.grad == 3.0
    assert math.isnan(b.grad)
    assert grad(lambda a: step_by_second(a, b))(2.0) == 3.0
    assert jvp(lambda a: step_by_second(a, b), (2.0,), (1.0,)) == (6.0, 3.0)


REVERSE: dict[str, Callable[[Callable[..., Any], list[float]], Any]] = {
    "backward, create_graph": lambda f, at: by_backward(f, *at, create_graph=True),
    "grad": lambda f, at: grad(f, (0, 1))(*at),
    "vjp": lambda f, at: vjp(f, *at)[1](1.0),
}


EXTREME = [math.inf, -math.inf, math.nan, 0.0, -0.0, 0.25, 1e200, -1e200, 1e-200, 5e-324]
FAR: list[Unary] = [lambda x: 1 / x, lambda x: x - x, lambda x: ag.prod([x, x, 0.5]), ag.exp]


@given(
    st.sampled_from(OUTER),
    st.tuples(st.sampled_from(INNER + FAR), st.sampled_from(MIDDLE + FAR)),
    st.tuples(st.sampled_from(INNER + FAR), st.sampled_from(MIDDLE + FAR)),
    st.lists(st.sampled_from(EXTREME), min_size=2, max_size=2),
)
@example(lambda u, v: u, (ag.cbrt, lambda u: u), (abs, abs), [math.inf, 0.0])
def test_every_reverse_mode_says_the_same_where_numbers_are_not_finite(
    outer: Callable[[Any, Any], Any],
    a: tuple[Unary, Unary],
    b: tuple[Unary, Unary],
    at: list[float],
) -> None:
    def f(x: Any, y: Any) -> Any:
        return outer(a[1](a[0](x * y)), b[1](b[0](y)))

    expected = outcome(lambda: by_backward(f, *at))
    for name, mode in REVERSE.items():
        found = outcome(lambda mode=mode: mode(f, at))  # type: ignore[misc]
        if isinstance(expected, list) and isinstance(found, list):
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-300, nan_ok=True), name
        else:
            assert found == expected, name
