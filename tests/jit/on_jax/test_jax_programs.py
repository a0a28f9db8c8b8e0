"""Programs under the transforms of JAX, equal to plain ones: of the field, and random ones."""

import math
import random
from typing import Any

import numpy as np
import pytest
from jax_here import close, has_subnormals, jax
from strength import slowly

from autograd import as_jax, value_and_grad
from autograd.testing.agreement.judge import CAUGHT, may_differ, rounding_errors
from autograd.testing.agreement.programs import random_points, random_program
from benchmarks.programs import PROGRAMS
from benchmarks.programs.ours_plain import derived
from benchmarks.programs.program import Program, fixed, numbers

HEAVY = {"neural_ode", "hmm", "kalman", "lorenz", "soft_dtw", "ctc", "lstm", "mpc", "mpc_hessian"}
SMALLER = {"lorenz": 3}
"""Turns that are compiled one by one, and XLA's time grows as the square of their number."""

TRANSFORMS: dict[str, Any] = {
    "value_and_grad": jax.value_and_grad,
    "hessian": jax.hessian,
    "jacobian": jax.jacrev,
}


def found_by_jax(chosen: Program, problem: Any) -> list[float]:
    """The derivative that is wanted, taken by JAX, in the order of the engine's."""
    given = [jax.numpy.array(x) for x in problem.arguments]
    f = as_jax(fixed(chosen.function, problem.settings), *problem.arguments)
    derivative = jax.jit(TRANSFORMS[chosen.derivative](f, argnums=chosen.wanted))
    found = derivative(*given)
    if chosen.derivative == "value_and_grad":
        return [*numbers(found[0]), *numbers(found[1])]
    if chosen.derivative == "hessian":
        ((block,),) = found
        return [*numbers(block)]
    rows = [[np.ravel(part) for part in parts] for parts in jax.tree.leaves(found, is_row)]
    return [x for row in rows for part in row for x in part.tolist()]


def is_row(x: Any) -> bool:
    """Whether these are the derivatives of one number of the result, in all arguments."""
    return isinstance(x, tuple)


@pytest.mark.parametrize("name", [slowly(x) if x in HEAVY else x for x in PROGRAMS])
def test_derivatives_by_jax_are_those_of_the_engine(name: str) -> None:
    chosen = PROGRAMS[name]
    problem = chosen.make(SMALLER.get(name, chosen.small))
    expected = derived(chosen, problem)(*problem.arguments)
    assert close(found_by_jax(chosen, problem), [*numbers(expected)])


@pytest.mark.parametrize("seed", [*range(1001, 1007), *(slowly(k) for k in range(1007, 1025))])
def test_random_programs_have_the_derivatives_of_the_engine(seed: int) -> None:
    """Where these are finite: JAX raises nothing, and multiplies 0 by infinity."""
    rng = random.Random(seed)
    program = random_program(rng)
    plain = value_and_grad(program)
    for at in random_points(rng, program.inputs, 4):
        if has_subnormals(program, at):
            continue
        try:
            expected = [*numbers(plain(at))]
        except CAUGHT:
            continue
        if not all(map(math.isfinite, expected)) or program.shape == "while":
            continue
        found = [*numbers(jax.value_and_grad(as_jax(program, at))(at))]
        if not all(close([x], [y]) for x, y in zip(found, expected, strict=True)):
            errors = rounding_errors(plain, (at,))
            assert errors is None or all(map(may_differ, expected, found, errors)), at
        return
