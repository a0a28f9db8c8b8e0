"""JAX: what `in_jax` has, differentiated, jitted, in float64; results are waited for.

Jacobians are taken forward or in reverse, whichever has fewer directions.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.job import Job
from benchmarks.programs.data import Problem
from benchmarks.programs.program import Program, fixed, numbers

jax.config.update("jax_enable_x64", True)


def prepare(program: Program, points: Sequence[Problem]) -> list[Job]:
    """One jitted function; arguments are on the device."""
    given = [tuple(map(jnp.array, point.arguments)) for point in points]
    compiled = jax.jit(fixed(_derivative(program, points[0]), points[0].settings))
    return [_job(program, compiled, arguments) for arguments in given]


def _derivative(program: Program, problem: Problem) -> Callable[..., Any]:
    module, name = program.key
    table = vars(importlib.import_module(f"benchmarks.programs.in_jax.{module}"))
    blocks: Callable[..., Any] | None = table.get(f"{name}_{program.derivative}")
    if blocks is not None:
        return blocks
    function, wrt = table[name], program.wrt
    match program.derivative:
        case "jacobian":
            inputs = len([*numbers([problem.arguments[i] for i in program.wanted])])
            outputs = len([*numbers(program.function(*problem.arguments, **problem.settings))])
            transform = jax.jacfwd if inputs <= outputs else jax.jacrev
        case other:
            transform = getattr(jax, other)
    derivative: Callable[..., Any] = transform(function, argnums=wrt)
    return derivative


def _job(program: Program, compiled: Callable[..., Any], arguments: tuple[Any, ...]) -> Job:
    found: Any = None

    def step() -> None:
        nonlocal found
        found = jax.block_until_ready(compiled(*arguments))

    def state() -> list[float]:
        if program.derivative == "jacobian" and isinstance(found, tuple):
            rows = [part.reshape(len(part), -1) for part in found]
            return [*numbers(jnp.concatenate(rows, axis=1))]
        return [*numbers(found)]

    return Job(step, state)
