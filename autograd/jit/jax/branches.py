"""A branch of a function, for JAX: what it computes where it decides as in one call of it.

The function is traced by the compiler's trace, at an example; the conditions of the trace say where
the branch is the one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from autograd.definitions import Definition, paths
from autograd.jit.calls.arguments import named_arguments, objects_in
from autograd.jit.calls.calls import call
from autograd.jit.calls.captured import CapturedState, Learned, observe, watch
from autograd.jit.jax.evaluation import evaluate
from autograd.jit.jax.pytrees import ResultsAsNumbers
from autograd.jit.jax.staging import Staged, differentiable, staged
from autograd.jit.jax.store import Store
from autograd.jit.programs.roll import recovered
from autograd.jit.tracing.tracer import Traced, trace
from autograd.jit.unsupported import Unsupported
from autograd.value import Value

F = Callable[..., Any]


@dataclass(frozen=True)
class Branch:
    """What a function computes for some numbers.

    Attributes:
        arguments: the tree definition of the pair of arguments and keyword arguments.
        result: that of the result.
        example: the numbers at which it was traced.
        made: the program.
        order: for each number of the result, which output of the program it is, or a constant.
        captured_state: what the function read from outside.
    """

    arguments: Definition
    result: Definition
    example: Sequence[float]
    made: Staged
    order: Sequence[int | float]
    captured_state: CapturedState

    def outputs(self, inputs: Sequence[Any], dtype: Any) -> tuple[Any, Any]:
        """The numbers of the result, and whether the conditions hold; None if there are none.

        Args:
            inputs: the numbers of the arguments, in flat arrays.
            dtype: their type.
        """
        store = Store(dtype, derives=True, checks=False)
        given = [place for x in inputs for place in store.add(x)]
        places = evaluate(self.made, given, store)
        where = [
            int(places[x]) if isinstance(x, int) else int(store.add(np.array([x]))[0])
            for x in self.order
        ]
        holds = store.all_hold()
        return store.array(np.array(where, np.int64)), holds[0] if holds else None


def traced(f: F, name: str, definition: Definition, numbers: Sequence[float]) -> Branch:
    """Trace a function at some numbers.

    Raises:
        Unsupported: it cannot be traced, or reads Values from outside.
    """
    arguments = named_arguments(f, definition)
    objects = [found for path, part in arguments for found in objects_in(part, path)]
    rule = ResultsAsNumbers([x for _, x in objects])
    learned = Learned()
    names = [path for path, part in arguments for path in paths(part, path)]
    given = [Value(x) for x in numbers]

    def run(captured_state: CapturedState) -> Traced:
        known = captured_state.paths()
        return trace(
            lambda fresh: call(f, definition, fresh, captured_state.eyes()),
            given,
            names,
            rule.leaves_of,
            lambda parameter: known.get(id(parameter), parameter.label),
            rolls=not learned.unrolls,
            watch=watch,
        )

    captured_state, traced = observe(f, objects, learned, run)
    if traced.parameters:
        read = [traced.program.names.get(i, "") for i in traced.program.inputs[len(numbers) :]]
        raise Unsupported(
            f"reads Values from outside ({', '.join(filter(None, read[:3])) or 'without names'}),"
            " which a pure function cannot: pass them as arguments (nn.functional_call makes a"
            " model a function of its parameters)"
        )
    leaves: list[Any] = []
    result = rule.define(traced.out, leaves)
    results = iter(range(len(traced.program.outputs)))
    order = [next(results) if isinstance(x, Value) else float(x) for x in leaves]
    made = staged(differentiable(recovered(traced.program)))
    return Branch(definition, result, list(numbers), made, order, captured_state)


def holding(branch: Branch, inputs: Sequence[Any], dtype: Any) -> Any:
    """Whether the conditions of a branch hold."""
    holds = branch.outputs(inputs, dtype)[1]
    return jnp.array(True) if holds is None else holds


def takes(branch: Branch, numbers: Sequence[float]) -> bool:
    """Whether a branch is the one for some numbers."""
    with jax.enable_x64(True), jax.ensure_compile_time_eval():  # also where JAX traces
        return bool(holding(branch, [jnp.asarray(numbers, jnp.float64)], jnp.float64))
