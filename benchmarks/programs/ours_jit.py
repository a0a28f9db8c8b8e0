"""This project: `jit(value_and_grad(f))` and its kin.

A program that cannot be compiled is an error here: left to the plain function, it would only look
slow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from autograd import jit
from benchmarks.job import Job
from benchmarks.programs.data import Problem
from benchmarks.programs.ours_plain import derived, jobs
from benchmarks.programs.program import Program

with contextlib.suppress(ImportError):  # LLVM is loaded before anything is timed
    square = jit(lambda x: x * x, backend="native")
    square(0.5), square(0.6)


def prepare(program: Program, points: Sequence[Problem]) -> list[Job]:
    """The whole derivative is compiled."""
    return jobs(jit(derived(program, points[0]), fallback="raise"), points)
