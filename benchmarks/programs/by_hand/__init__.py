"""The programs with their derivatives worked out by hand, in loops over arrays, for numba.

Modules and functions have the names of the plain ones. A function returns the value and then the
gradient by each argument wanted; of a Jacobian one dense array. What is not commented follows the
plain program backwards, statement by statement. Nothing here needs numba: it is Python over NumPy's
arrays, and slow as such.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.job import Job
from benchmarks.programs.data import Problem
from benchmarks.programs.program import Program, fixed, numbers


def written(program: Program) -> Callable[..., Any]:
    """The function that computes value and derivatives of a program."""
    module, name = program.key
    table = vars(importlib.import_module(f"benchmarks.programs.by_hand.{module}"))
    function: Callable[..., Any] = table[name]
    return function


def jobs(function: Callable[..., Any], points: Sequence[Problem]) -> list[Job]:
    """A function, compiled or not, at each of the points, on arrays."""

    def array(x: Any) -> Any:
        return np.array(x) if isinstance(x, list) else x

    def at(point: Problem) -> Job:
        arguments = tuple(map(array, point.arguments))
        settings = {name: array(x) for name, x in point.settings.items()}
        derivative, found = fixed(function, settings), None

        def step() -> None:
            nonlocal found
            found = derivative(*arguments)

        return Job(step, lambda: numbers(found))

    return [at(point) for point in points]
