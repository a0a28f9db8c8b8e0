"""This project as it is without its compiler; what all others are compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd
from benchmarks.job import Job
from benchmarks.programs.data import Problem
from benchmarks.programs.program import Program, as_given, fixed, numbers


def derived(program: Program, problem: Problem) -> Callable[..., Any]:
    """The program and its derivatives, as one function."""
    function = fixed(program.function, problem.settings)
    transform: Callable[..., Any] = getattr(autograd, program.derivative)
    derivative: Callable[..., Any] = transform(function, program.wrt)
    return derivative


def jobs(function: Callable[..., Any], points: Sequence[Problem]) -> list[Job]:
    """A function at each of the points."""

    def at(arguments: tuple[Any, ...]) -> Job:
        found: Any = None

        def step() -> None:
            nonlocal found
            found = function(*arguments)

        return Job(step, lambda: numbers(found))

    return [at(as_given(point.arguments)) for point in points]


def prepare(program: Program, points: Sequence[Problem]) -> list[Job]:
    """Nothing to prepare."""
    return jobs(derived(program, points[0]), points)
