"""This project: `jit(value_and_grad(f))` and its kin."""

from __future__ import annotations

from collections.abc import Sequence

from autograd import jit
from benchmarks.job import Job
from benchmarks.programs.data import Problem
from benchmarks.programs.ours_plain import derived, jobs
from benchmarks.programs.program import Program


def prepare(program: Program, points: Sequence[Problem]) -> list[Job]:
    """The whole derivative is compiled."""
    return jobs(jit(derived(program, points[0])), points)
