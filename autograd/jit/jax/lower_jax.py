"""Lowering to JAX: a program as one function that XLA compiles.

Derivatives are programs too, so JAX takes none here. Numbers are float64 unless another type is
asked for; JAX's own switch for that (`jax_enable_x64`) is left as it is outside of a run.

As in other backends, a run that meets a number that is not finite is made again in the order of the
trace, which finds out what the function raises. In a narrower type a number may only be too large
for the type: then it is infinite or NaN, as everywhere in JAX.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from autograd.jit.arrays.nested_lists import array_reader
from autograd.jit.jax.evaluation import evaluate
from autograd.jit.jax.staging import Lifted, staged
from autograd.jit.jax.store import Store
from autograd.jit.programs.program import GuardFailure, Program

with_float64 = jax.enable_x64
"""Within `with_float64(True)` JAX has float64."""


class JaxLowered:
    """A program that XLA runs.

    Attributes:
        stats: counts by name.
    """

    backend = "jax"
    array_reader = staticmethod(array_reader)

    def __init__(self, program: Program, dtype: str) -> None:
        self._program = program
        self._dtype = jnp.dtype(dtype)
        self._staged = staged(program)
        self._function = jax.jit(self._outputs)
        plans = [x.plan for x in self._staged.stages if isinstance(x, Lifted)]
        self.stats = {
            "calls": sum(len(plan.steps) for plan in plans),
            "loops": len(self._staged.stages) - len(plans),
        }

    def _outputs(self, inputs: Any) -> tuple[Any, Any, Any]:
        """The outputs, whether all guards hold, and whether all that counts is finite."""
        store = Store(self._dtype, derives=False, checks=True)
        given = store.add(inputs.astype(self._dtype))
        found = store.array(evaluate(self._staged, given, store))
        store.check(found)
        yes = jnp.array(True)
        holds, finite = (x[0] if x else yes for x in (store.all_hold(), store.all_finite()))
        return found, holds, finite

    @property
    def source(self) -> str:
        """What JAX compiles: the jaxpr."""
        with with_float64(True):
            traced = self._function.trace(np.zeros(len(self._program.inputs)))
            return str(traced.jaxpr)

    def run(self, numbers: Sequence[float]) -> list[float]:
        """The outputs for these inputs.

        Raises:
            GuardFailure: a guard does not hold.
            FloatingPointError, ArithmeticError, ValueError, LookupError: a number cannot be
                computed.
        """
        found: list[float] = self.run_parts(numbers).tolist()
        return found

    def run_parts(self, *parts: Sequence[float] | Any) -> Any:
        """As `run`, with the inputs in several pieces, and the outputs as an array."""
        given = np.concatenate([np.asarray(part, np.float64) for part in parts])
        if len(given) != len(self._program.inputs):
            raise TypeError(f"expected {len(self._program.inputs)} inputs, got {len(given)}")
        with with_float64(True):
            outputs, holds, finite = jax.device_get(self._function(given))
        if not holds:
            raise GuardFailure("a guard failed: a condition differs from the trace")
        if not (finite and np.isfinite(given).all()):
            self._judge(given)
        return np.asarray(outputs, np.float64)

    def _judge(self, given: Any) -> None:
        """Raise what the function raises for these inputs; that a float64 is not finite too."""
        if self._dtype == np.float64:
            raise FloatingPointError("a number is not finite")
        self._program.evaluate(given.tolist())


def lower(program: Program, dtype: str = "float64") -> JaxLowered:
    """Compile a program by JAX.

    Raises:
        Unsupported: it has a loop that JAX has not.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(3)]
    >>> program.outputs += [program.apply(TABLE["mul"], x, x) for x in xs]
    >>> lower(program).run([1.0, 2.0, 3.0])
    [1.0, 4.0, 9.0]
    """
    return JaxLowered(program, dtype)
