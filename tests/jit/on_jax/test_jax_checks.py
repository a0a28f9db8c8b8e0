"""What functions of JAX raise, and that it costs nothing where nothing is raised."""

import math
from itertools import product
from typing import Any

import pytest
from jax_here import close, jax, on_eight_devices

from autograd import as_jax, erfinv, grad, primitive, relu, sin
from autograd.jit.jax.checks import checked
from autograd.jit.jax.traced_rules import may_be_unknown, rules
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

jnp = jax.numpy


# Branches under vmap


def bent(x: Any, y: Any) -> Any:
    return sin(x) * y if x > 0 else x - y


def test_rows_of_a_known_branch_call_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counting(judge: Any, *args: Any, **options: Any) -> Any:
        def judged(*given: Any) -> Any:
            calls.append(1)
            return judge(*given)

        return callback(judged, *args, **options)

    callback = jax.pure_callback
    monkeypatch.setattr(jax, "pure_callback", counting)
    f = as_jax(bent, 1.0, 2.0)
    xs = jnp.array([[0.5, 1.0, 2.0], [3.0, 4.0, 5.0]])
    for use in (f, jax.grad(f), jax.hessian(f)):
        rows = jax.jit(jax.vmap(jax.vmap(use, (0, None)), (0, None)))
        jax.block_until_ready(rows(xs, 2.0))
        assert not calls
        with pytest.raises(Exception, match="takes a branch"):
            jax.block_until_ready(rows(xs.at[1, 1].set(-1.0), 2.0))
        assert calls
        calls.clear()


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_a_check_is_a_one_that_is_differentiated_and_mapped(dtype: str) -> None:
    def f(x: Any) -> Any:
        return x * x * checked(x > 0, "not there", jnp.dtype(dtype))

    x, xs = jnp.asarray(2.0, dtype), jnp.asarray([1.0, 3.0], dtype)
    total = lambda xs: jax.vmap(f)(xs).sum()
    assert [float(f(x)), float(jax.grad(f)(x)), float(jax.hessian(f)(x))] == [4.0, 4.0, 2.0]
    assert jax.grad(jax.checkpoint(total))(xs).tolist() == [2.0, 6.0]
    assert jax.vmap(jax.linearize(f, x)[1])(xs).tolist() == [4.0, 12.0]
    carried = jax.grad(lambda xs: jax.lax.scan(lambda c, x: (c + f(x), None), 0 * x, xs)[0])
    assert carried(xs).tolist() == [2.0, 6.0]
    assert f(x).dtype == dtype
    with pytest.raises(Exception, match="not there"):
        jax.block_until_ready(jax.jit(jax.grad(total))(-xs))


@pytest.mark.parametrize("known", [lambda x: 3.0, lambda x: 3.0 * x, relu, lambda x: x * x])
@pytest.mark.parametrize("otherwise", ["raise", "nan"])
def test_derivatives_that_are_0_in_the_known_branch_are_spoilt_in_others(
    known: Any, otherwise: str
) -> None:
    f = as_jax(lambda x: known(x) if x > -1.0 else x**5, 1.0, otherwise=otherwise)
    second = jax.hessian(f)
    third = jax.grad(second)
    for use in (
        f,
        jax.grad(f),
        jax.jacfwd(f),
        second,
        jax.grad(jax.checkpoint(jax.grad(f))),
        third,
    ):
        for run in (jax.jit(use), lambda x, use=use: jax.jit(jax.vmap(use))(jnp.array([1.0, x]))):
            assert jnp.isfinite(run(1.0)).all()
            if otherwise == "nan":
                assert jnp.isnan(run(-2.0)).tolist() in (True, [False, True])
                continue
            with pytest.raises(Exception, match="takes a branch"):
                jax.block_until_ready(run(-2.0))


def test_a_result_keeps_its_sign_where_it_is_checked() -> None:
    f = as_jax(lambda x: -0.0 * x if x > 0 else x, 1.0)
    assert math.copysign(1.0, jax.jit(f)(2.0)) == -1.0


# Rules that branch


def slope(g: Any, out: Any, x: Any) -> Any:
    if x < -20.0:
        return 0.5 * g
    return 10.0 * g if 17.1 < x < 17.2 else g


@primitive(slope)
def narrow(x: float) -> float:
    return x


def three(g: Any, out: Any, x: Any, y: Any, z: Any) -> Any:
    return (
        g if x > y else 2.0 * g,
        3.0 * g if z > 4.0 else g,
        g if y > z else 5.0 * g,
    )


@primitive(three)
def branching_in_three(x: float, y: float, z: float) -> float:
    return x + y + z


@pytest.mark.parametrize("x", [0.5, -30.0, 17.0, 1e5])
def test_branches_of_a_rule_that_were_found_are_taken(x: float) -> None:
    f = as_jax(lambda x: sin(narrow(x)), 2.0)
    assert close(
        [jax.grad(f)(x), jax.jvp(f, (x,), (1.0,))[1]], [grad(lambda x: sin(narrow(x)))(x)] * 2
    )


@pytest.mark.parametrize("compiles", [True, False])
def test_a_branch_of_a_rule_that_was_not_found_is_an_error_and_no_zero(compiles: bool) -> None:
    f = as_jax(lambda x: sin(narrow(x)), 2.0)
    alone = as_jax(narrow, 2.0)  # whose rule is a constant
    under = jax.jit if compiles else lambda f: f
    uses = {
        "reverse": jax.grad(f),
        "forward": lambda x: jax.jvp(f, (x,), (1.0,))[1],
        "rows": lambda x: jax.vmap(jax.grad(f))(jnp.array([1.0, x])),
        "second": jax.hessian(alone),
        "third": jax.grad(jax.hessian(alone)),
    }
    for name, use in uses.items():
        with pytest.raises(Exception, match="rule of the primitive narrow takes a branch in which"):
            raise AssertionError(name, jax.block_until_ready(under(use)(17.15)))
    assert math.isclose(under(f)(17.15), math.sin(17.15))  # the value is known


@pytest.mark.parametrize("at", [*product((1.0, 2.0, 9.0, -3.0), repeat=3)])
def test_branches_of_a_rule_of_several_operands(at: tuple[float, ...]) -> None:
    f = FOUND.setdefault(
        "f", jax.jit(jax.grad(as_jax(branching_in_three, 1.0, 2.0, 3.0), (0, 1, 2)))
    )
    assert close(f(*at), grad(branching_in_three, argnums=(0, 1, 2))(*at))


FOUND: dict[str, Any] = {}
"""The gradient, compiled once for all points."""

BRANCHING = [
    made
    for made in TABLE.values()
    if made.arity is not None and rules(made, ("",) * made.arity)[0].program.guards
]
SPECIAL = [
    0.0,
    -0.0,
    0.5,
    -0.5,
    1.0,
    -1.0,
    2.0,
    -2.0,
    2.5,
    -2.5,
    3.0,
    -3.0,
    8.0,
    17.15,
    1e-5,
    1e150,
]
SPECIAL += [-1e150, 1e-150, math.inf, -math.inf]


@pytest.mark.parametrize("made", BRANCHING, ids=lambda made: made.name)
def test_rules_of_the_library_have_no_branch_that_was_not_found(made: Primitive) -> None:
    assert not may_be_unknown(made)
    assert may_be_unknown(narrow.primitive)
    f = lambda xs: made(*xs)
    points = []
    for at in product(SPECIAL, repeat=made.arity or 0):
        try:
            known = grad(f)([*at])
        except (ArithmeticError, ValueError):
            continue
        if all(math.isfinite(x) and not 0.0 < abs(x) < 1e-300 for x in (*known, f(at))):
            points.append((at, known))
    columns = jnp.array([at for at, _ in points])
    found = jax.jit(jax.vmap(jax.grad(as_jax(f, [2.0] * (made.arity or 0)))))(columns)
    assert len(points) > 100
    for (at, known), slopes in zip(points, found.tolist(), strict=True):
        assert all(close([x], [y]) for x, y in zip(slopes, known, strict=True)), at


# Ends of functions


def test_the_ends_of_a_range_are_those_of_the_engine() -> None:
    f = jax.jit(as_jax(erfinv, 0.5))
    assert [float(f(x)) for x in (1.0, -1.0)] == [math.inf, -math.inf]
    inverse = jax.jit(as_jax(lambda x: x**-2, 1.0))
    for x in (1.2e-154, 1e-150, 1.0, 1e150, -1.2e-154):  # a square that is below the normal range
        assert close([inverse(x)], [x**-2])


SHARDED = """
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P
from autograd import as_jax, scan

LOOPS = {
    "constant carry": lambda w, x: scan(lambda c, y: (c * w + y, None), 0.0, x)[0],
    "carry alone": lambda w, x: w * scan(lambda c, y: (c * 0.5 + y, None), 0.0, x)[0],
    "branch": lambda w, x: w * x[0] if x[1] > 0 else w - x[1],
    "loop and branch": lambda w, x: scan(
        lambda c, y: (c * w + y if y > 0 else w, c), 1.0, x)[0] * w,
}
mesh = jax.make_mesh((8,), ("data",))
xs = jnp.abs(jnp.sin(jnp.arange(1.0, 49.0))).reshape(16, 3)
rows = jax.device_put(xs, jax.sharding.NamedSharding(mesh, P("data")))
for name, f in LOOPS.items():
    row = as_jax(f, 0.5, [1.0, 2.0, 3.0])
    mean = lambda w, xs: jax.vmap(row, (None, 0))(w, xs).mean()
    def step(w, xs):
        w = jax.lax.pcast(w, "data", to="varying")
        return jax.lax.pmean(jax.value_and_grad(mean)(w, xs), "data")
    sharded = jax.jit(jax.shard_map(step, mesh=mesh, in_specs=(P(), P("data")), out_specs=P()))
    for found, known in zip(sharded(0.5, rows), jax.value_and_grad(mean)(0.5, xs)):
        assert abs(found - known) < 1e-14, (name, found, known)
    if "branch" in name:
        try:
            jax.block_until_ready(sharded(0.5, -rows))
            print("nothing raised", name)
        except Exception as error:
            assert "takes a branch" in str(error)
print("done")
"""


def test_loops_and_branches_run_on_eight_devices() -> None:
    assert on_eight_devices(SHARDED) == "done\n"
