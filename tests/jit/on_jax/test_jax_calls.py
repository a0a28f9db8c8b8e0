"""Calls of functions made by `as_jax`: arguments of every kind, what is compiled once, results."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from jax_here import close, jax

from autograd import FallbackError, Value, as_jax, grad, jit, lgamma, log, scan, sin, where
from autograd.random import key, uniform

jnp = jax.numpy


# Static arguments


def power(x: Any, n: int, *, scale: Any = 1.0) -> Any:
    for _ in range(n):
        x = x * scale * x
    return x


def summed(*xs: Any, n: int = 1) -> Any:
    return sum(xs) * n


@pytest.mark.parametrize("static", ["n", 1, ["n"], [1, "n"]])
@pytest.mark.parametrize("by_name", [True, False])
def test_static_arguments_are_given_by_place_or_name(static: Any, by_name: bool) -> None:
    f = as_jax(power, 1.5, n=2, static=static) if by_name else as_jax(power, 1.5, 2, static=static)
    for n in (2, 3):
        assert float(f(1.5, n)) == float(f(1.5, n=n)) == power(1.5, n)
    assert len(f.branches) == 2
    named = jax.jit(f, static_argnames="n")
    assert float(named(1.5, n=3)) == power(1.5, 3)


def test_places_after_a_star_are_no_names() -> None:
    f = as_jax(summed, 1.0, 2.0, n=3, static="n")
    assert float(f(1.0, 5.0, n=3)) == 18.0
    assert float(jax.grad(f, argnums=1)(1.0, 5.0, n=2)) == 2.0
    assert float(as_jax(summed, 1.0, 2.0, 3.0, static=2)(5.0, 2.0, 3.0)) == 10.0


@pytest.mark.parametrize(
    ("static", "error", "text"),
    [
        ("m", ValueError, "power has no argument 'm', which static= names"),
        (-1, ValueError, "has no argument -1"),
        (2, ValueError, "has no argument 2"),
        (["n", "q"], ValueError, "has no argument 'q'"),
        (1.5, TypeError, "static must be places or names of arguments, got float 1.5"),
        (None, TypeError, "got None"),
        (True, TypeError, "got bool True"),
    ],
)
def test_static_arguments_that_are_none_are_refused(static: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        as_jax(power, 1.5, 2, static=static)


def test_a_static_argument_that_jax_traces_is_named_with_the_remedy() -> None:
    f = as_jax(power, 1.5, 2, static="n")
    with pytest.raises(TypeError, match=r"static argument 1 of power is traced .*static_argnums"):
        jax.jit(f)(1.5, 2)


@pytest.mark.parametrize(
    "values", [(1, 1.0, True), (0.0, -0.0), ((1, 2), (1.0, 2), (True, 2)), (0, False, "0")]
)
def test_static_values_that_are_equal_are_not_the_same(values: Any) -> None:
    f = as_jax(lambda x, n: {repr(n): x}, 1.0, values[0], static="n")
    assert [[*f(1.0, n)] for n in values] == [[repr(n)] for n in values]


def test_other_static_values_have_the_branches_of_all_examples() -> None:
    def f(x: Any, mode: str) -> Any:
        y = log(x) if mode == "log" else 2.0 * x
        return y if x > 0.5 else -y

    g = as_jax(f, 0.0, "twice", static="mode").also(1.0, "twice").also(0.25, "twice")
    assert g.branches == {((1, (str, "twice")),): 2}
    under = jax.jit(g, static_argnums=1)  # which traces them while JAX does
    for use in (under, g):
        for x in (0.3, 3.0):  # the first example has no logarithm
            assert close([use(x, "log")], [f(x, "log")])
    with pytest.raises(ValueError, match=r"math domain error|expected a "):
        as_jax(f, 0.0, "twice", static="mode")(1.0, "log")


# Examples


def test_examples_by_keyword_are_examples() -> None:
    def size(*, x: Any) -> Any:
        return x if x > 0 else -2.0 * x

    f = as_jax(size, x=1.0).also(x=-1.0)
    assert f.branches == {(): 2}
    assert [float(f(x=x)) for x in (3.0, -3.0)] == [3.0, 6.0]


def weighted(p: Any, x: Any) -> Any:
    return sum(a * b for a, b in zip(p["w"], x, strict=True)) + p["b"] * len(x)


@pytest.mark.parametrize("make", [jnp.asarray, np.asarray])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "int32", "int64"])
def test_examples_may_be_arrays_of_every_type_of_real_numbers(make: Any, dtype: str) -> None:
    p = {"w": make([1, 2, 3], jnp.dtype(dtype)), "b": make(2, jnp.dtype(dtype))}
    f = as_jax(weighted, p, make([1, 1, 1], jnp.dtype(dtype)))
    given = {"w": jnp.array([1.5, 2.0, 3.0]), "b": jnp.array(0.1)}
    x = [1.0, 5.0, 0.3]
    known = grad(weighted)({"w": [1.5, 2.0, 3.0], "b": 0.1}, x)
    found = jax.jit(jax.grad(f))(given, jnp.array(x))
    assert close([*found["w"], found["b"]], [*known["w"], known["b"]])


def test_a_bool_of_jax_is_data() -> None:
    f = as_jax(lambda x, flag: x if flag else -x, 2.0, jnp.array(True)).also(2.0, jnp.array(False))
    assert [float(f(3.0, jnp.array(flag))) for flag in (True, False)] == [3.0, -3.0]


def test_examples_of_no_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="an example is made of numbers, got a tracer of JAX"):
        jax.jit(lambda x: as_jax(lambda y: y * y, x)(x))(2.0)
    with pytest.raises(FallbackError, match=r"as_jax: .* is given an array of JAX"):
        as_jax(lambda k: 1.0, jax.random.key(0))
    with pytest.raises(FallbackError, match=r"jit: .* is given an array of JAX .*numpy.asarray"):
        jit(lambda x: x[0], backend="jax")(jnp.ones(2))


ARRAY = jnp.ones(3)
FUNCTIONS_OF_JAX: list[Callable[[Any], Any]] = [
    lambda x: jnp.sin(x),
    lambda x: jnp.where(x > 0, x, 0.0),
    lambda x: jnp.sum(x),
    lambda x: jax.nn.relu(x),
    lambda x: jax.lax.scan(lambda c, y: (c + y, c), 0.0, x)[0],
    lambda x: jax.vmap(lambda y: 2.0 * y)(x),
    lambda x: x * ARRAY[0],
    jax.jit(lambda x: x * x),
    jnp.sin,
]


@pytest.mark.parametrize("f", FUNCTIONS_OF_JAX)
def test_functions_and_arrays_of_jax_inside_are_named_with_the_remedy(f: Any) -> None:
    text = r"as_jax: .* reads .* which is JAX's: take the function of autograd, and numpy.asarray"
    with pytest.raises(FallbackError, match=text):
        as_jax(f, 1.0)


def test_a_number_of_a_module_of_jax_is_a_number() -> None:
    assert float(as_jax(lambda x: x * jnp.pi, 1.0)(2.0)) == 2.0 * math.pi


class Pair(NamedTuple):
    high: float
    low: float


def test_an_array_may_stand_for_a_named_tuple() -> None:
    f = as_jax(lambda pair: pair.high - pair.low, Pair(1.0, 2.0))
    assert float(f(jnp.array([5.0, 3.0]))) == 2.0
    keys = [key(seed) for seed in range(4)]
    draws = jax.vmap(as_jax(lambda k: uniform(k), keys[0]))(jnp.array(keys, float))
    assert draws.tolist() == [uniform(k) for k in keys]


@pytest.mark.parametrize("x", [10**400, -(10**400), jax.random.key(0), "1", None, 1j, np.array(1j)])
def test_what_is_no_number_of_jax_is_named(x: Any) -> None:
    f = as_jax(lambda x: 2.0 * x, 1.0)
    with pytest.raises(TypeError, match="as_jax: <lambda>: argument 0: expected numbers, got"):
        f(x)


@pytest.mark.parametrize("x", [2**53 + 1, -(2**60), np.int64(2**53 + 1), np.array([0, 2**53 + 1])])
def test_whole_numbers_are_not_rounded_in_silence(x: Any) -> None:
    f = as_jax(lambda x: x[1] % 10, [0, 7])
    with pytest.raises(ValueError, match=r"argument 0.*: expected whole numbers .* up to 2\*\*53"):
        f(x if isinstance(x, np.ndarray) else [0, x])
    assert float(f([0, 2**53])) == 2.0


def test_different_structures_of_examples_are_named() -> None:
    with pytest.raises(ValueError, match=r"as_jax: results of .* have different structures"):
        as_jax(lambda x: (x, x) if x > 0 else x, 1.0).also(-1.0)
    with pytest.raises(ValueError, match=r"as_jax: arguments of .* have different structures"):
        as_jax(lambda x: x[0], [1.0]).also([1.0, 2.0])


# Results


def iterated(x: Any) -> Any:
    count = 0
    while x < 100.0:
        x, count = 2.0 * x, count + 1
    return x, count, count > 2, np.array([count, 1])


@pytest.mark.parametrize("place", range(4))
def test_a_result_of_another_branch_is_an_error_whichever_is_read(place: int) -> None:
    """A number of a result that depends on nothing but the branch is no constant of JAX."""
    f = as_jax(iterated, 30.0)
    for use in (lambda x: f(x)[place], jax.jit(lambda x: f(x)[place])):
        assert close(np.ravel(use(31.0)), np.ravel(iterated(31.0)[place]))
        with pytest.raises(Exception, match="takes a branch"):
            jax.block_until_ready(use(1.0))
    both = jax.jit(lambda x: f.also(1.0)(x)[place])
    for x in (31.0, 1.0):
        assert close(np.ravel(both(x)), np.ravel(iterated(x)[place]))


def test_an_error_outside_of_jax_is_an_ordinary_one() -> None:
    with pytest.raises(ValueError, match="as_jax: iterated takes a branch that none of its 1"):
        as_jax(iterated, 30.0)(1.0)


# What is compiled once


class Compilations(logging.Handler):
    """How often XLA compiles while this is on."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += "Finished XLA compilation" in record.getMessage()


def compilations(call: Callable[[], Any]) -> int:
    handler, logger = Compilations(), logging.getLogger("jax")
    logger.addHandler(handler)
    try:
        with jax.log_compiles(True):
            jax.block_until_ready(call())
    finally:
        logger.removeHandler(handler)
    return handler.count


AGAIN: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "plain": (lambda x, y: sin(x) * y, (1.0, 2.0)),
    "branch": (lambda x: x * x if x > 0 else -x, (1.0,)),
    "scan": (lambda x, ys: scan(lambda c, y: (c * x + y, None), 0.0, ys)[0], (0.5, [1.0] * 30)),
    "callback": (lambda x: 2.0 * lgamma(x), (2.0,)),
}


@pytest.mark.parametrize("name", AGAIN)
def test_a_second_call_compiles_nothing(name: str) -> None:
    f, at = AGAIN[name]
    on_jax = as_jax(f, *at)
    uses = {
        "call": on_jax,
        "grad": jax.grad(on_jax),
        "hessian": jax.jit(jax.hessian(on_jax)),
        "vmap": lambda *at: jax.vmap(on_jax)(*[jnp.array([x, x]) for x in at]),
    }
    for use, call in uses.items():
        first = compilations(lambda call=call: call(*at))  # type: ignore[misc]
        call(*at)
        assert first, use  # so that the count is known to count
        assert compilations(lambda call=call: call(*at)) == 0, use  # type: ignore[misc]


def test_a_long_list_costs_no_compilation_of_its_own() -> None:
    """XLA takes minutes to make one array of 20,000 scalars."""
    f = as_jax(lambda xs: scan(lambda c, x: (0.5 * c + x, None), 0.0, xs)[0], [1.0] * 20_000)
    start = time.perf_counter()
    for x in (1.0, 2.0):
        assert close([f([x] * 20_000)], [2.0 * x])
    assert time.perf_counter() - start < 30.0


def test_an_array_may_stand_for_an_empty_list() -> None:
    f = as_jax(lambda x, xs, rows: x + sum(xs) + len(rows), 1.0, [], [[], []])
    assert float(f(3.0, jnp.zeros(0), np.zeros((2, 0)))) == float(f(3.0, [], [[], []])) == 5.0


def test_an_object_of_another_class_is_told_how_it_becomes_a_structure() -> None:
    @dataclass
    class Point:
        x: float

    f = as_jax(lambda p: p.x * 2.0, Point(1.0))
    with pytest.raises(ValueError, match=r"autograd.register_dataclass\(Point\) makes it"):
        f(Point(2.0))


def test_grad_of_the_engine_is_not_of_jax() -> None:
    f = as_jax(lambda x: where(x > 0, x, 0.0), 1.0)
    with pytest.raises(TypeError, match=r"got a Value \(give it x.data\)"):
        f(Value(1.0))
    assert math.isclose(jax.grad(f)(2.0), 1.0)
