"""On JAX: each primitive and its derivatives, which are those of its rule, at corners to the last
bit; primitives of a user's too."""

import math
from itertools import product
from typing import Any

import pytest
from jax_here import SMALLEST, close, jax, same_bits

import autograd
from autograd import Value, as_jax, grad, jvp, primitive, take, where
from autograd.jit import register_lowering
from autograd.jit.jax import lax_table
from autograd.jit.jax.traced_rules import rules
from autograd.jit.programs.trial import trials
from autograd.primitives import TABLE, select
from autograd.primitives.definition import Primitive
from autograd.primitives.threefry import OF_WORDS
from autograd.testing.domains import DOMAINS

jnp = jax.numpy
KINKS = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, 1e-200, 40.0, -40.0)
"""Where functions have corners and steps, and beside."""

EXTREME = (1e300, -1e300, math.inf, -math.inf, math.nan)
"""What is no ordinary number, or nearly none."""

LOWERED = [made for made in lax_table.JAX if made not in OF_WORDS]  # draws: test_jax_backend
MANY = 4
"""How many operands a primitive of any number gets."""


def one(made: Primitive) -> Any:
    """A primitive as a function of a list of numbers."""
    return lambda xs: made(*xs)


def expected(f: Any, at: list[float]) -> Any:
    """What the engine says, or None where it raises."""
    try:
        value = f(at)
        slopes = grad(f)(at)
    except (ArithmeticError, ValueError):
        return None
    return value, slopes


def points(made: Primitive) -> list[list[float]]:
    count = made.arity or MANY
    found = [[x] * count for x in (*KINKS, *EXTREME)]
    if made.arity == 1:
        return found
    others = [([y] * (count - 1), x) for x in (*KINKS[:8], *EXTREME) for y in (0.0, 1.5, -1.0)]
    return [*found, *([*ys, x] for ys, x in others), *([x, *ys] for ys, x in others)]


@pytest.mark.parametrize("made", LOWERED, ids=lambda made: made.name)
def test_lowerings_are_their_value_rules(made: Primitive) -> None:
    """At ordinary, extreme and special numbers, but for those below the normal range."""
    count = made.arity or MANY
    tried = [trial for trial in trials(made, count) if not trial.is_subnormal]
    special = [*product((0.0, -1.5, 2.0, 1.7976931348623157e308, *EXTREME), repeat=count)][
        :: 1 if count < 3 else 101
    ]
    columns = jnp.array([*[trial.at for trial in tried], *special])
    compute = jax.jit(lax_table.JAX[made])
    found = (compute(columns) if made.arity is None else compute(*columns.T)).tolist()
    for trial, number in zip(tried, found, strict=False):
        assert trial.difference(number) is None, trial
    for at, number in zip(special, found[len(tried) :], strict=True):
        try:
            known = float(made.value(*at))
        except (ArithmeticError, ValueError):
            assert not math.isfinite(number), at
            continue
        if not math.isfinite(known) and not math.isfinite(number):
            continue  # a product that is added at once is never infinite
        is_nan = math.isnan(number) and any(map(math.isnan, at))
        if not is_nan and not 0.0 < abs(known) < SMALLEST:
            assert close([number], [known]), (at, known)


@pytest.mark.parametrize("made", TABLE.values(), ids=lambda made: made.name)
def test_derivatives_are_the_engines_at_corners_and_beside(made: Primitive) -> None:
    f = one(made)
    at = [point for point in points(made) if expected(f, point) is not None]
    columns = jnp.array(at)
    on_jax = as_jax(f, next(iter(ordinary(made))))
    backward = jax.jit(jax.vmap(jax.grad(on_jax)))(columns).tolist()
    for point, slopes in zip(at, backward, strict=True):
        known: Any = expected(f, point)[1]
        if all(math.isfinite(x) for x in known):
            assert all(close([x], [y], 1e-13) for x, y in zip(slopes, known, strict=True)), point
            if all(x in (0.0, 1.0, -1.0, 0.5, -0.5) for x in known):  # what corners have
                assert all(map(same_bits, slopes, known)), point


def ordinary(made: Primitive) -> list[list[float]]:
    """Operands of all kinds that the primitive has a value at."""
    found = [trial.at for trial in trials(made, made.arity or MANY) if trial.is_ordinary]
    return [list(at) for at in found]


@pytest.mark.parametrize(
    "made", [x for x in TABLE.values() if x.name in DOMAINS], ids=lambda made: made.name
)
def test_second_derivatives_and_forward_mode(made: Primitive) -> None:
    f = one(made)
    at, tangent = ordinary(made)[1], [1.0, -0.5, 2.0, 0.25][: made.arity or MANY]
    on_jax = as_jax(f, at)

    def along(f: Any) -> Any:
        return lambda xs: sum(d * t for d, t in zip(grad(f)(xs), tangent, strict=True))

    def along_jax(xs: Any) -> Any:
        return jnp.dot(jax.grad(on_jax)(xs), jnp.array(tangent))

    try:
        forward, curved = jvp(f, (at,), (tangent,))[1], grad(along(f))(at)
    except (ArithmeticError, ValueError):
        pytest.skip("there is no derivative")
    primal, given = jnp.array(at), jnp.array(tangent)
    assert close([jax.jit(lambda x, t: jax.jvp(on_jax, (x,), (t,))[1])(primal, given)], [forward])
    assert close(jax.jit(jax.grad(along_jax))(primal), curved, 1e-11)


def ramp_slope(g: Any, out: Any, x: Any) -> Any:
    return select(x > 1.0, 0.25 * g, select(x < 0.0, autograd.SYMBOLIC_ZERO, g))


@primitive(ramp_slope)
def ramp(x: float) -> float:
    return 1.0 + 0.25 * (x - 1.0) if x > 1.0 else max(x, 0.0)


@primitive(
    ramp_slope,
    formula=lambda x: where(x > 1.0, 0.75 + 0.25 * x, autograd.max([x, autograd.relu(x)])),
)
def ramp_by_formula(x: float) -> float:
    return 0.75 + 0.25 * x if x > 1.0 else (0.0 if x < 0.0 else x)


@primitive(lambda g, out, x, y: (g * 2.0 * x if x > 0 else g * y, g * x if y > 0 else 0.0 * g))
def branching(x: float, y: float) -> float:
    return math.exp(0.1 * x) + y


@primitive(lambda g, out, *xs: [g * 3.0 * x * x for x in xs])
def cubes(*xs: float) -> float:
    return sum([x**3 for x in xs], 0.0)


@pytest.mark.parametrize("made", [ramp, ramp_by_formula])
def test_a_users_rule_is_used_and_not_the_derivative_of_its_formula(made: Any) -> None:
    on_jax = as_jax(lambda x: made(x) * 3.0, 0.5)
    for x in (-1.0, 0.0, 0.5, 1.0, 2.0):
        assert float(jax.jit(on_jax)(x)) == 3.0 * made(x)
        assert float(jax.grad(on_jax)(x)) == grad(lambda x: made(x) * 3.0)(x)


def test_a_users_rule_may_branch_and_take_any_number_of_operands() -> None:
    on_jax = as_jax(lambda x, y: branching(x, y), 1.0, 2.0)
    for at in ((1.0, 2.0), (-1.0, 2.0), (1.0, -2.0), (-1.0, -2.0)):
        found = jax.grad(on_jax, argnums=(0, 1))(*at)
        assert close(found, grad(branching, argnums=(0, 1))(*at))
    xs = [1.0, -2.0, 0.5]
    many = as_jax(lambda xs: cubes(*xs), xs)
    assert close(jax.grad(many)(jnp.array(xs)), [3.0 * x * x for x in xs])


def test_a_rule_that_takes_the_number_of_a_value_is_refused() -> None:
    @primitive(lambda g, out, x: g * math.cos(x))
    def sine(x: float) -> float:
        return math.sin(x)

    on_jax = as_jax(sine, 1.0)
    assert close([on_jax(1.0)], [math.sin(1.0)])
    with pytest.raises(autograd.TraceError, match="derivative rule of the primitive sine"):
        jax.grad(on_jax)(1.0)


def test_a_rule_that_reads_another_value_is_refused() -> None:
    scale = Value(2.0)

    @primitive(lambda g, out, x: g * scale)
    def doubled(x: float) -> float:
        return 2.0 * x

    with pytest.raises(autograd.TraceError, match="reads a Value from outside"):
        jax.grad(as_jax(doubled, 1.0))(1.0)


def test_a_lowering_of_a_user_is_tried_and_used() -> None:
    @primitive(lambda g, out, x: g * math.log(3.0) * out)
    def power_of_three(x: float) -> float:
        return 3.0**x

    with pytest.raises(ValueError, match="jax lowering of power_of_three gives"):
        register_lowering(power_of_three, "jax", lambda x: jnp.power(3.1, x))
    register_lowering(power_of_three, "jax", lambda x: jnp.power(3.0, x))
    on_jax = as_jax(power_of_three, 1.0)
    assert "callback" not in str(jax.make_jaxpr(on_jax)(2.0))
    assert close([jax.grad(on_jax)(2.0)], [9.0 * math.log(3.0)])


def test_a_users_rule_is_traced_again_for_another_function() -> None:
    """It may read a setting, which has changed since."""
    settings = {"scale": 2.0}

    @primitive(lambda g, out, x: g * settings["scale"])
    def scaled(x: float) -> float:
        return settings["scale"] * x

    for scale in (2.0, 3.0):
        settings["scale"] = scale
        assert float(jax.grad(as_jax(lambda x: scaled(x), 1.0))(1.0)) == scale


def ring_slope(g: Any, x: Any, y: Any, z: Any) -> Any:
    return (x * z) * g + g * (y * z) + g * x + where(x > 1.5, g * y, z * g)


@primitive(
    lambda g, out, *xs: [ring_slope(g, x, xs[i - 1], xs[i - 2]) for i, x in enumerate(xs)],
)
def ring(*xs: float) -> float:
    return sum(xs)


def test_a_rule_of_many_operands_may_compute_what_is_not_linear_beside_what_is() -> None:
    xs = [1.0 + 0.1 * k for k in range(24)]
    found = jax.grad(as_jax(lambda xs: ring(*xs), xs))(jnp.array(xs))
    assert close(found, grad(lambda xs: ring(*xs))(xs))


def test_xla_regroups_no_extreme_numbers() -> None:
    """Products and quotients of three, of which two would be too large or too small."""
    large = [1e200, 3e-200, -1e150, 1.5]
    operands = [*product(large, repeat=3)]
    ways: list[Any] = [
        lambda a, b, c: [a / b / c, a / (b / c), (a / b) / (c / b), a * b / c],
        *[lambda a, b, c, k=k, m=m: [a * k * m, k / a / m, k * (a / m), m / (a * k), a / k / m]
          for k in large for m in (1e200, 3e-200)],
    ]  # fmt: skip

    def every(abc: Any) -> Any:
        return [x for way in ways for x in way(*abc)]

    rows = jax.jit(jax.vmap(as_jax(every, [1.0, 2.0, 3.0])))(jnp.array(operands))
    for at, row in zip(operands, zip(*[x.tolist() for x in rows], strict=True), strict=True):
        try:
            known = every(at)
        except ZeroDivisionError:
            continue
        for x, y in zip(row, known, strict=True):
            if y == 0.0 or (SMALLEST < abs(y) < 1e300 and math.isfinite(y)):
                assert close([x], [y]), at
    on_jax = as_jax(lambda x: (x + 2.0**52) - 2.0**52, 0.3)  # which rounds
    assert [float(jax.jit(on_jax)(x)) for x in (0.3, 0.7, 2.5)] == [0.0, 1.0, 2.0]
    slope = jax.grad(as_jax(lambda a, b, c: a / b / c, 1.0, 2.0, 3.0))
    assert close([jax.jit(slope)(1.0, 1e-200, 1e250)], [1e-50])


def test_an_index_that_the_type_cannot_hold_is_refused() -> None:
    on_jax = as_jax(lambda i, rows: take(rows, i), 0.0, [0.5] * 300, dtype="bfloat16")
    with pytest.raises(TypeError, match="one of 300 numbers is chosen by an index in bfloat16"):
        on_jax(0.0, [0.5] * 300)


def test_rules_are_traced_once() -> None:
    assert rules(TABLE["tanh"], ("",)) is rules(TABLE["tanh"], ("",))
