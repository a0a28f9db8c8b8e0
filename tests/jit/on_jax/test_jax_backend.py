"""`jit(f, backend="jax")`: what every backend promises, and no plain function in its place."""

import math
import random
from typing import Any

import numpy as np
import pytest
from jax_here import close, has_subnormals, jax
from strength import examples, slowly

from autograd import (
    FallbackError,
    Value,
    exp,
    grad,
    hessian,
    jit,
    log,
    log_ndtr,
    scan,
    value_and_grad,
    vmap,
    while_loop,
)
from autograd.jit.backends import DTYPES
from autograd.random import key, normal, split, uniform
from autograd.testing.agreement.judge import check
from autograd.testing.agreement.programs import random_points, random_program
from autograd.testing.agreement.run import compare
from benchmarks.programs import PROGRAMS
from benchmarks.programs.ours_plain import derived
from benchmarks.programs.program import as_given, numbers


def loss(w: Any, xs: Any) -> Any:
    errors = [w * x - 1 for x in xs]
    return sum(e * e for e in errors) if w > 0 else -w


XS = [1.0, 2.0, 3.3]


def test_values_gradients_and_specialisations_are_those_of_other_backends() -> None:
    compiled = jit(loss, backend="jax")
    for w in (0.5, 1.0, -1.0, 2.0):
        assert close([compiled(w, XS)], [loss(w, XS)])
        assert close([grad(compiled)(w, XS)], [grad(loss)(w, XS)])
    assert compiled.stats["specialisations"] == 4  # two branches of a number, and of a Value
    assert compiled.stats["plain"] == 0
    w = Value(0.5)
    compiled(w, XS).backward()
    assert close([w.grad], [grad(loss)(0.5, XS)])
    assert "lambda" in compiled.source  # the jaxpr
    assert {x["backend"] for x in compiled.stats["programs"]} <= {"jax", None}


@pytest.mark.parametrize("seed", [*range(6), *(slowly(seed) for seed in range(6, 20))])
def test_random_programs_do_the_same(seed: int) -> None:
    rng = random.Random(seed)
    program = random_program(rng)
    uses = [(program, jit(program, backend="jax"))]
    uses.append((value_and_grad(program), jit(value_and_grad(program), backend="jax")))
    refusals: list[str] = []
    for at in random_points(rng, program.inputs, 4):
        if has_subnormals(program, at):
            continue
        for plain, compiled in uses:
            try:
                check(plain, compiled, (at,))
            except FallbackError as problem:
                refusals.append(str(problem))
    assert all("derivative of a while_loop" in text for text in refusals), refusals


QUICK = ["discounted_sum", "garch", "curve_jacobian", "logistic_regression", "nbody_20", "ising"]
"""Those that XLA compiles quickly; `test_jax_programs` has all."""


@pytest.mark.parametrize("name", QUICK)
def test_programs_of_the_field_are_equal_to_plain_ones(name: str) -> None:
    chosen = PROGRAMS[name]
    problem = chosen.make(chosen.small)
    plain = derived(chosen, problem)
    compiled = jit(plain, backend="jax")
    given = as_given(problem.arguments)
    found, expected = compiled(*given), plain(*problem.arguments)
    assert compiled.stats["plain"] == 0
    assert close(numbers(found), numbers(expected))


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_are_of_the_type_that_is_asked_for_from_the_first_call_on(dtype: str) -> None:
    compiled = jit(lambda x: [x / 3.0, exp(x)], backend="jax", dtype=dtype)
    jnp = jax.numpy
    for x in (1.0, 1.0, 2.5):
        with jax.enable_x64(True):
            known = [jnp.asarray(x, dtype) / 3, jnp.exp(jnp.asarray(x, dtype))]
        assert close(compiled(x), known, float(jnp.finfo(dtype).eps))
        assert all(float(jnp.asarray(y, dtype)) == y for y in compiled(x))
    if dtype != "float64":
        assert math.isinf(compiled(89.0)[1]) or dtype == "bfloat16"
    with pytest.raises(OverflowError):
        compiled(1000.0)


def test_the_switch_of_jax_is_left_alone() -> None:
    with jax.enable_x64(False):
        compiled = jit(lambda x: x / 3.0, backend="jax")
        assert compiled(1.0) == 1.0 / 3.0
        assert jax.numpy.ones(1).dtype == np.float32


def test_what_cannot_be_compiled_is_an_error_and_never_plain() -> None:
    compiled = jit(lambda x: print(x), backend="jax")
    for _ in range(2):
        with pytest.raises(FallbackError, match="print"):
            compiled(1.0)
    powers = jit(lambda x: while_loop(lambda c: c < 100.0, lambda c: c * x, 1.0), backend="jax")
    assert [powers(3.0), powers(2.0)] == [243.0, 128.0]
    with pytest.raises(FallbackError, match="derivative of a while_loop"):
        grad(powers)(3.0)
    steps = jit(lambda x: next(k for k in range(100) if x < k) * x, backend="jax")
    with pytest.raises(FallbackError, match="specialisations"):
        [steps(k + 0.5) for k in range(20)]


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: 1.0 / x, 0.0),
        (log, -1.0),
        (exp, 1000.0),
        (lambda x: (1e200 * x) ** 2.0, 1e10),
        (lambda x: math.inf * x, 0.0),
        (lambda x: exp(-1.0 / x), math.inf),
        (log_ndtr, -1e200),
    ],
)
def test_exceptions_and_infinities_are_those_of_the_function(f: Any, x: float) -> None:
    compiled = jit(f, backend="jax")
    compiled(0.5e-60)
    check(f, compiled, (x,))
    check(value_and_grad(f), jit(value_and_grad(f), backend="jax"), (x,))


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="dtype must be one of"):
        jit(loss, backend="jax", dtype="float16")
    with pytest.raises(ValueError, match="with backend='auto'"):
        jit(loss, dtype="float32")


def test_second_derivatives_loops_and_rows() -> None:
    def f(p: Any, xs: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            return 0.5 * c + p[0] * x * c, c * p[1]

        last, left = scan(step, 1.0, xs)
        return last * last + sum(left)

    p, xs = [0.3, -0.2], [0.1 * k for k in range(12)]
    assert close(np.ravel(jit(hessian(f), backend="jax")(p, xs)), np.ravel(hessian(f)(p, xs)))

    def rows(w: Any, xs: Any) -> Any:
        return sum(vmap(lambda x: exp(w * x) * x)(xs))

    xs = [0.01 * k for k in range(80)]
    assert close([jit(grad(rows), backend="jax")(0.5, xs)], [grad(rows)(0.5, xs)])


def test_draws_are_those_of_other_backends() -> None:
    """Uniform ones to the last bit; normal ones but for the rounding of XLA."""

    def f(k: Any) -> Any:
        first, second = split(k)
        return [*uniform(first, 5), *normal(second, 20)]

    k = key(7)
    compiled = jit(f, backend="jax")
    found, expected = compiled(k), f(k)
    assert found[:5] == expected[:5]
    assert close(found, expected, 1e-15)


def test_many_numbers_in_and_out() -> None:
    xs = np.linspace(-1.0, 1.0, examples(2000, 500))
    compiled = jit(lambda xs: [x * x if i % 2 else -x for i, x in enumerate(xs)], backend="jax")
    assert compiled(list(xs)) == [x * x if i % 2 else -x for i, x in enumerate(xs)]


def test_the_command_that_compares_programs_goes_on_where_one_is_refused() -> None:
    found = compare([77126], ["jax"], uses=["value_and_grad(jit(f))"])
    assert found.outcomes["refused"] > 0, found
    assert not found.differences
