"""Programs as people of the field write them, under the transforms of JAX: equal to plain ones."""

from typing import Any

import numpy as np
import pytest
from jax_here import close, jax
from strength import slowly

from autograd import as_jax
from benchmarks.programs import PROGRAMS
from benchmarks.programs.ours_plain import derived
from benchmarks.programs.program import Program, fixed, numbers

HEAVY = {"neural_ode", "hmm", "kalman", "lorenz", "soft_dtw", "ctc", "lstm", "mpc", "mpc_hessian"}
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
    problem = chosen.make(chosen.small)
    expected = derived(chosen, problem)(*problem.arguments)
    assert close(found_by_jax(chosen, problem), [*numbers(expected)])
