"""Loops that go on while a condition holds, on JAX: they end wherever a branch is another one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jax_here import jax, on_eight_devices

from autograd import as_jax, grad, jit, scan, while_loop

jnp = jax.numpy


def before(x: Any) -> Any:
    return while_loop(lambda c: c < 10.0, lambda c: c * 2.0, x) if x > 0.0 else -x


def in_the_body(x: Any) -> Any:
    return while_loop(lambda c: c < 10.0, lambda c: c * 2.0 if c > 0.0 else c + 1.0, x)


def in_the_condition(x: Any) -> Any:
    return while_loop(lambda c: c < 10.0 if c > 0.0 else c > -5.0, lambda c: c * 1.5, x)


def in_a_turn(x: Any) -> Any:
    def turn(c: Any, _: Any) -> tuple[Any, Any]:
        return c - 2.0, while_loop(lambda d: d < 10.0, lambda d: d * 1.5, c) if c > 0.0 else -c

    last, left = scan(turn, x, [0.0] * 3)
    return last + sum(left)


def in_the_turn_before(x: Any) -> Any:
    def turn(c: Any, _: Any) -> tuple[Any, Any]:
        d = while_loop(lambda d: d < 10.0, lambda d: d * 1.5, c)
        return c - 2.0 if c > 4.0 else c + 30.0, d

    last, left = scan(turn, x, [0.0] * 5)
    return last + sum(left)


def in_a_loop_around(x: Any) -> Any:
    def once(c: Any) -> Any:
        inner = while_loop(lambda d: d < 10.0, lambda d: d * 3.0, c) if c > 0.0 else c * c + 1.0
        return inner - 8.5

    return while_loop(lambda c: c < 2.0, once, x)


ENDLESS: list[tuple[Callable[[Any], Any], float, float]] = [
    (before, 1.0, -1.0),
    (in_the_body, 1.0, -1.5),
    (in_the_condition, 1.0, -1.0),
    (in_a_turn, 30.0, 3.0),
    (in_the_turn_before, 30.0, 5.0),
    (in_a_loop_around, 1.5, -5.0),
]
"""Functions, an example, and a number at which the branch of the example would never end."""


@pytest.mark.parametrize(("f", "example", "x"), ENDLESS)
def test_a_loop_of_another_branch_ends(f: Any, example: float, x: float) -> None:
    one = as_jax(f, example)
    for call in (one, jax.jit(one), lambda x: jax.jvp(one, (x,), (1.0,))[1]):
        with pytest.raises(Exception, match="takes a branch"):
            jax.block_until_ready(call(x))
    both, at = one.also(x), jnp.array([x, example])
    assert jax.jit(jax.vmap(both))(at).tolist() == [f(x), f(example)]
    slopes = jax.jit(jax.vmap(jax.jacfwd(both)))(at)
    assert slopes.tolist() == [grad(f)(x), grad(f)(example)]
    assert not jnp.isfinite(as_jax(f, example, otherwise="nan")(x))


@pytest.mark.parametrize(("f", "example", "x"), ENDLESS)
def test_a_compiled_function_takes_the_other_branch(f: Any, example: float, x: float) -> None:
    compiled = jit(f, backend="jax")
    assert [compiled(y) for y in (example, x, example)] == [f(example), f(x), f(example)]


def test_what_a_condition_raises_is_raised() -> None:
    def f(x: Any) -> Any:
        return while_loop(lambda c: 1.0 / (c * c) < 4.0, lambda c: c - 1.0, x)

    compiled = jit(f, backend="jax")
    assert compiled(2.5) == f(2.5)
    with pytest.raises(ZeroDivisionError):
        compiled(2.0)


def test_they_run_on_several_devices() -> None:
    found = on_eight_devices(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})"
        """
import jax
jax.config.update("jax_enable_x64", True)
from jax.sharding import PartitionSpec as P
from test_jax_while import ENDLESS
from autograd import as_jax
mesh = jax.make_mesh((8,), ("rows",))
for f, example, x in ENDLESS:
    g = as_jax(f, example).also(x)
    rows = jax.numpy.array([example, x] * 8)
    rows = jax.device_put(rows, jax.sharding.NamedSharding(mesh, P("rows")))
    mapped = jax.shard_map(jax.vmap(g), mesh=mesh, in_specs=P("rows"), out_specs=P("rows"))
    assert jax.jit(mapped)(rows).tolist() == [f(example), f(x)] * 8
print("done")
"""
    )
    assert found == "done\n"
