"""`as_jax`: functions of this engine under the transforms of JAX, equal to what the engine says."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from jax_here import close, jax, on_eight_devices

from autograd import (
    FallbackError,
    TraceError,
    Value,
    as_jax,
    exp,
    fori_loop,
    grad,
    hessian,
    log,
    register_dataclass,
    relu,
    scan,
    sqrt,
    stop_gradient,
    take,
    tanh,
    tree,
    vmap,
    where,
    while_loop,
)
from autograd.jit.jax import pure
from nn import MLP, functional_call

jnp = jax.numpy


def rosenbrock(x: Any) -> Any:
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


POINT = [0.5, -0.25, 1.5]


def test_it_goes_under_every_transform_of_jax() -> None:
    f = as_jax(rosenbrock, POINT)
    x = jnp.array(POINT)
    assert close([f(POINT), jax.jit(f)(x)], [rosenbrock(POINT)] * 2)
    assert close(jax.grad(f)(x), grad(rosenbrock)(POINT))
    assert close(jax.grad(f)(POINT), grad(rosenbrock)(POINT))  # in the structure that is given
    assert close(jax.jit(jax.hessian(f))(x).ravel(), np.ravel(hessian(rosenbrock)(POINT)))
    rows = [POINT, [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]
    each = jax.vmap(jax.value_and_grad(f))(jnp.array(rows))
    assert close(each[0], map(rosenbrock, rows))
    assert close(each[1].ravel(), np.ravel([grad(rosenbrock)(row) for row in rows]))
    linear = jax.linearize(f, x)[1]
    assert close([linear(jnp.ones(3))], [sum(grad(rosenbrock)(POINT))])


class Pair(NamedTuple):
    x: float
    y: list[float]


@register_dataclass(static=["name"])
@dataclass
class Line:
    slope: float
    offset: float
    name: str = "line"


STRUCTURES: list[Any] = [
    2.0,
    3,
    True,
    [1.0, 2.0],
    (1.0, 2.0, 3),
    [[1.0, 2.0], [3.0, 4.0]],
    {"w": [1.0, 2.0], "b": 3.0},
    Pair(1.0, [2.0, 3.0]),
    Line(2.0, 3.0),
    np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    [np.array([1.0, 2.0]), {"k": (np.array([[3.0]]), 4.0)}],
]


def numbers(x: Any) -> list[float]:
    found: list[float] = []
    for leaf in jax.tree.leaves(x):
        found += [float(y) for y in np.ravel(leaf)]
    return found


def summed(x: Any) -> Any:
    leaves = tree.leaves(x)
    return sum((k + 1.0) * x * x for k, x in enumerate(leaves))


@pytest.mark.parametrize("x", STRUCTURES, ids=str)
def test_structures_are_those_of_the_example(x: Any) -> None:
    if isinstance(x, bool):
        same = as_jax(lambda flag, y: y if flag else -y, x, 2.0)
        assert float(same(True, 2.0)) == 2.0
        with pytest.raises(ValueError, match="expected bool True"):
            same(False, 2.0)
        return
    f = as_jax(summed, x)
    assert close([jax.jit(f)(x)], [summed(x)])
    float_x = tree.map_leaves(float, x)
    slopes = jax.grad(f)(float_x)
    assert jax.tree.structure(slopes) == jax.tree.structure(float_x)
    assert close(numbers(slopes), numbers(grad(summed)(float_x)))
    doubled = as_jax(lambda x: tree.map_leaves(lambda y: 2.0 * y, x), float_x)(float_x)
    assert jax.tree.structure(doubled) == jax.tree.structure(float_x)
    assert numbers(doubled) == [2.0 * y for y in numbers(float_x)]


def test_an_array_may_stand_for_rows_of_lists() -> None:
    rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    f = as_jax(lambda rows: sum(a * b for a, b in rows), rows)
    assert float(f(jnp.array(rows))) == float(f(rows)) == 44.0
    assert jax.grad(f)(jnp.array(rows)).shape == (3, 2)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        (([1.0, 2.0, 3.0],), ValueError, "argument 0: expected a list of 2"),
        ((jnp.ones(3),), ValueError, r"expected the shape \(2,\) of the example, got \(3,\)"),
        (([1.0, "x"],), TypeError, r"argument 0\[1\]: expected numbers, got str"),
        (([1.0, Value(2.0)],), TypeError, "got a Value"),
        (([1.0, 1j],), TypeError, "expected numbers"),
        ((), TypeError, "was traced with 1 arguments, got 0"),
        (([1.0, 2.0], 1.0), TypeError, "got 2"),
    ],
)
def test_other_structures_are_refused(given: Any, error: type[Exception], text: str) -> None:
    f = as_jax(lambda x: x[0] * x[1], [1.0, 2.0])
    with pytest.raises(error, match=text):
        f(*given)


def test_keyword_and_static_arguments() -> None:
    def power(x: Any, n: int, *, scale: Any) -> Any:
        out = scale
        for _ in range(n):
            out = out * x
        return out

    f = as_jax(power, 2.0, 3, scale=1.0, static="n")
    assert [float(f(2.0, n, scale=3.0)) for n in (3, 0, 5)] == [24.0, 3.0, 96.0]
    g = as_jax(power, 2.0, 3, scale=1.0, static=[1])
    compiled = jax.jit(g, static_argnums=1)
    assert [float(compiled(2.0, n, scale=3.0)) for n in (3, 4)] == [24.0, 48.0]
    with pytest.raises(TypeError, match="static argument of power must be hashable"):
        g(2.0, [3], scale=1.0)
    with pytest.raises(TypeError, match=r"as_jax: power: .* integer belongs into static="):
        as_jax(power, 2.0, 3, scale=1.0)


# Branches


def crooked(x: Any, y: Any) -> Any:
    if x > y:
        return sqrt(x - y) * y
    return log(1.0 + y - x) if x > 0 else x * y


CORNERS = [(3.0, 1.0), (1.0, 3.0), (-1.0, 3.0)]


def test_a_branch_that_no_example_takes_is_an_error_wherever_it_is_read() -> None:
    f = as_jax(crooked, *CORNERS[0])
    uses: dict[str, Callable[[float, float], Any]] = {
        "call": f,
        "jit": jax.jit(f),
        "grad": jax.grad(f),
        "jitted grad": jax.jit(jax.grad(f)),
        "hessian": jax.jit(jax.hessian(f)),
        "jvp": lambda x, y: jax.jvp(f, (x, y), (1.0, 0.0))[1],
        "vmap": lambda x, y: jax.vmap(f, (0, None))(jnp.array([5.0, x]), y),
        "vmap of grad": lambda x, y: jax.jit(jax.vmap(jax.grad(f), (0, None)))(
            jnp.array([5.0, x]), y
        ),
    }
    for name, use in uses.items():
        assert np.isfinite(use(3.0, 1.0)).all(), name
        with pytest.raises(Exception, match=r"takes a branch that none of its 1 examples takes"):
            jax.block_until_ready(use(1.0, 3.0))


def test_known_branches_are_chosen_with_their_derivatives() -> None:
    f = as_jax(crooked, *CORNERS[0]).also(*CORNERS[1]).also(*CORNERS[2])
    assert f.branches == {(): 3}
    for at in CORNERS:
        assert close([f(*at)], [crooked(*at)])
        assert close(jax.grad(f, argnums=(0, 1))(*at), grad(crooked, argnums=(0, 1))(*at))
    columns = [jnp.array(column) for column in zip(*CORNERS, strict=True)]
    found = jax.jit(jax.vmap(jax.grad(f, argnums=(0, 1))))(*columns)
    assert close(found[0], [grad(crooked)(*at) for at in CORNERS])  # no NaN of a branch not taken
    assert close(found[1], [grad(crooked, argnums=1)(*at) for at in CORNERS])
    again = f.also(4.0, 1.0)
    assert again.branches == {(): 3}


def test_another_example_is_all_that_is_traced_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    known = pure.traced

    def counted(*args: Any) -> Any:
        calls.append(args[-1])
        return known(*args)

    def by_mode(x: Any, mode: str) -> Any:
        return -x if x < scale[0] else x + len(mode)

    scale = [0.0]
    monkeypatch.setattr(pure, "traced", counted)
    f = as_jax(by_mode, 1.0, "a", static="mode").also(2.0, "b").also(-1.0, "a").also(-2.0, "b")
    assert calls == [[1.0], [2.0], [-1.0], [-2.0]]
    assert sorted(f.branches.values()) == [2, 2]
    for x, mode in ((3.0, "a"), (-3.0, "a"), (3.0, "b"), (-3.0, "b")):
        assert float(f(x, mode)) == by_mode(x, mode)
    scale[0] = -5.0  # what they read has changed
    calls.clear()
    assert float(f.also(-4.0, "a")(-3.0, "a")) == -2.0
    assert len(calls) == 5


def test_nan_may_be_asked_for_instead_of_an_error() -> None:
    f = as_jax(crooked, 3.0, 1.0, otherwise="nan")
    assert math.isnan(f(1.0, 3.0))
    assert math.isnan(jax.grad(f)(1.0, 3.0))
    assert close([f(3.0, 1.0)], [crooked(3.0, 1.0)])


def test_a_branch_in_the_turns_of_a_loop_is_a_condition_too() -> None:
    def f(xs: Any) -> Any:
        return scan(lambda c, x: (c + (x * x if x > 0 else -x), None), 0.0, xs)[0]

    g = as_jax(f, [1.0, 2.0, 3.0] * 10)
    xs = [2.0, 1.0, 0.5] * 10
    assert close([g(jnp.array(xs))], [f(xs)])
    with pytest.raises(Exception, match="takes a branch"):
        jax.block_until_ready(jax.jit(jax.grad(g))(jnp.array([-1.0, *xs[1:]])))


# Loops


def garch(p: Any, returns: Any) -> Any:
    omega, alpha, beta = p

    def step(carry: Any, r: Any) -> Any:
        variance, total = carry
        total = total + log(variance) + r * r / variance
        return (omega + alpha * r * r + beta * variance, total), variance

    (_, total), left = scan(step, (1e-4, 0.0), returns)
    return 0.5 * total + left[3]


def test_loops_are_loops_of_jax() -> None:
    p, returns = [1e-6, 0.08, 0.9], [0.01, -0.02, 0.03] * 20
    f = as_jax(garch, p, returns)
    assert "scan[" in str(jax.make_jaxpr(f)(p, returns))
    value, slopes = jax.jit(jax.value_and_grad(f))(jnp.array(p), jnp.array(returns))
    assert close([value], [garch(p, returns)])
    assert close(slopes, grad(garch)(p, returns))
    curved = jax.jit(jax.hessian(f))(jnp.array(p), jnp.array(returns))
    assert close(curved.ravel(), np.ravel(hessian(garch)(p, returns)), 1e-10)


def test_a_python_loop_becomes_one() -> None:
    def f(x: Any) -> Any:
        y = 0.1
        for _ in range(400):
            y = y + 0.01 * tanh(x - y) * exp(-y * y) - 0.001 * y * x
        return y

    g = as_jax(f, 0.5)
    assert "scan[" in str(jax.make_jaxpr(g)(0.5))
    assert close([g(0.7), jax.jit(jax.grad(g))(0.7)], [f(0.7), grad(f)(0.7)])


def test_rows_that_do_not_need_each_other_are_mapped() -> None:
    model = MLP(2, [3, 1], rng=0)
    parameters = {path: p.data for path, p in model.named_parameters()}
    rows = [[math.sin(i), math.cos(3 * i)] for i in range(70)]

    def loss(parameters: Any, rows: Any) -> Any:
        found = vmap(lambda row: functional_call(model, parameters, row))(rows)
        return sum(y * y for y in found) / len(rows)

    f = as_jax(loss, parameters, rows)
    jaxpr = str(jax.make_jaxpr(f)(parameters, jnp.array(rows)))
    assert "scan[" not in jaxpr
    assert len(jaxpr) < 20_000  # it does not grow with the rows
    value, slopes = jax.jit(jax.value_and_grad(f))(parameters, jnp.array(rows))
    assert close([value], [loss(parameters, rows)])
    known = grad(loss)(parameters, rows)
    assert close([slopes[path] for path in known], known.values())


def test_while_loops_run_forwards_and_say_that_they_do_not_run_backwards() -> None:
    def f(x: Any) -> Any:
        return while_loop(lambda c: c < 100.0, lambda c: c * x, 1.0)

    g = as_jax(f, 3.0)
    assert [float(jax.jit(g)(x)) for x in (3.0, 2.0, 200.0)] == [f(3.0), f(2.0), f(200.0)]
    assert close([jax.jvp(g, (2.0,), (1.0,))[1]], [grad(f)(2.0)])
    with pytest.raises(ValueError, match="Reverse-mode differentiation does not work"):
        jax.grad(g)(2.0)


@pytest.mark.parametrize("turns", [0, 1, 5])
def test_loops_of_few_turns(turns: int) -> None:
    def f(x: Any) -> Any:
        return fori_loop(0, turns, lambda i, c: c * x + i, x * x)

    g = as_jax(f, 0.5)
    assert close([g(0.7), jax.grad(g)(0.7)], [f(0.7), grad(f)(0.7)])


# What is in a function


def test_gradients_that_are_stopped_stay_stopped() -> None:
    def f(x: Any) -> Any:
        return x * stop_gradient(x * x) + Value(x).detach()

    g = as_jax(f, 2.0)
    assert float(g(3.0)) == 30.0
    assert float(jax.grad(g)(3.0)) == 9.0


def test_an_index_takes_a_row_of_a_table() -> None:
    f = lambda table, i: take(table, i) ** 2
    g = as_jax(f, [1.0, 2.0, 3.0], 1)
    assert [float(g([1.0, 2.0, 3.0], i)) for i in (0, 2, -1)] == [1.0, 9.0, 9.0]
    assert jax.grad(g)(jnp.array([1.0, 2.0, 3.0]), 2).tolist() == [0.0, 0.0, 6.0]
    assert math.isnan(g([1.0, 2.0, 3.0], 0.5))
    assert math.isnan(g([1.0, 2.0, 3.0], 7))


def test_derivatives_inside_are_compiled_too() -> None:
    def step(x: Any, lr: Any) -> Any:
        return [a - lr * d for a, d in zip(x, grad(rosenbrock)(x), strict=True)]

    g = as_jax(step, POINT, 0.01)
    assert close(g(POINT, 0.01), step(POINT, 0.01))
    turned = jax.jit(jax.jacobian(g))(jnp.array(POINT), 0.01)
    known = [
        [float(i == j) - 0.01 * h for j, h in enumerate(row)]
        for i, row in enumerate(hessian(rosenbrock)(POINT))
    ]
    assert close(np.ravel([np.asarray(row) for row in turned]), np.ravel(known))


def test_what_a_pure_function_cannot_read_is_refused() -> None:
    w, rates = Value(2.0, label="w"), [0.5]
    with pytest.raises(FallbackError, match=r"reads Values from outside \(.*functional_call"):
        as_jax(lambda x: w * x, 1.0)
    with pytest.raises(FallbackError, match="print"):
        as_jax(lambda x: print(x), 1.0)
    with pytest.raises(TraceError, match=r"float\(\)"):
        as_jax(lambda x: math.sin(x), 1.0)
    f = as_jax(lambda x: rates[0] * x, 1.0)
    assert float(f(3.0)) == 1.5
    rates[0] = 0.25
    with pytest.raises(TraceError, match="which has changed since it was traced"):
        f(3.0)


def test_results_may_be_constants_and_arguments() -> None:
    f = as_jax(lambda x, y: {"x": x, "one": 1.0, "sum": x + y, "none": None}, 1.0, 2.0)
    found = f(3.0, 4.0)
    assert (float(found["x"]), float(found["one"]), float(found["sum"])) == (3.0, 1.0, 7.0)
    assert found["none"] is None


# Precision, devices, files


def test_float64_is_asked_for_and_never_narrowed_in_silence() -> None:
    f = as_jax(lambda x: x / 3.0, 1.0)
    with jax.enable_x64(False), pytest.raises(TypeError, match=r"jax_enable_x64.*dtype="):
        f(1.0)
    narrow = as_jax(lambda x: x / 3.0 + relu(x) ** 1.5, 1.0, dtype="float32")
    with jax.enable_x64(False):
        assert narrow(1.0).dtype == jnp.float32
        assert jax.grad(narrow)(1.0).dtype == jnp.float32
    half = as_jax(lambda x: [x / 3.0, exp(x)], 1.0, dtype="bfloat16")
    assert {y.dtype for y in half(1.0)} == {jnp.dtype("bfloat16")}
    with pytest.raises(ValueError, match="dtype must be one of 'float64'"):
        as_jax(lambda x: x, 1.0, dtype="float16")


def test_it_is_exported_with_a_symbolic_batch() -> None:
    from jax import export

    pytest.importorskip("flatbuffers")
    f = as_jax(lambda row: tanh(row[0]) * row[1] + where(row[0] > 0, row[1], 0.0), [1.0, 2.0])
    (batch,) = export.symbolic_shape("batch")
    kind = jax.ShapeDtypeStruct((batch, 2), jnp.float64)
    text = export.export(jax.jit(jax.vmap(f)))(kind).serialize()
    rows = jnp.array([[0.5, 2.0], [-1.0, 3.0], [2.0, 0.1]])
    assert close(export.deserialize(text).call(rows), jax.vmap(f)(rows))


def test_optax_trains_with_it() -> None:
    optax = pytest.importorskip("optax")
    f = as_jax(lambda p: (p["a"] - 1.0) ** 2 + (p["b"] + 2.0) ** 2, {"a": 0.0, "b": 0.0})
    optimizer = optax.sgd(0.25)
    p = {"a": 0.0, "b": 0.0}
    state = optimizer.init(p)
    for _ in range(30):
        updates, state = optimizer.update(jax.grad(f)(p), state)
        p = optax.apply_updates(p, updates)
    assert close([p["a"], p["b"]], [1.0, -2.0], 1e-7)


SHARDED = """
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P
from autograd import as_jax, log, scan, tanh

def row(w, x):
    def step(c, y):
        return 0.5 * tanh(c + w * y), c
    last, left = scan(step, 0.1, x)
    return last + sum(left) * w

f = as_jax(row, 0.5, [1.0, 2.0, 3.0])
mean = lambda w, xs: jax.vmap(f, (None, 0))(w, xs).mean()
mesh = jax.make_mesh((8,), ("data",))
def step(w, xs):
    w = jax.lax.pcast(w, "data", to="varying")
    return jax.lax.pmean(jax.value_and_grad(mean)(w, xs), "data")

sharded = jax.jit(jax.shard_map(step, mesh=mesh, in_specs=(P(), P("data")), out_specs=P()))
xs = jnp.sin(jnp.arange(48.0)).reshape(16, 3)
rows = jax.device_put(xs, jax.sharding.NamedSharding(mesh, P("data")))
found, known = sharded(0.5, rows), jax.jit(jax.value_and_grad(mean))(0.5, xs)
assert jax.device_count() == 8
for x, y in zip(found, known):
    assert abs(x - y) < 1e-14, (x, y)
mesh = jax.make_mesh((8,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))
rows = jax.device_put(xs, jax.sharding.NamedSharding(mesh, P("data")))
text = jax.jit(jax.value_and_grad(mean)).lower(0.5, rows).compile().as_text()
print("devices", jax.device_count(), "all-reduces", text.count(" all-reduce("))
"""


def test_it_runs_on_eight_devices_with_one_all_reduce() -> None:
    assert (
        on_eight_devices(SHARDED) == "devices 8 all-reduces 1\n"
    )  # of the value and the gradient together
