"""numba: the loops of `by_hand`, compiled.

The error model is NumPy's: a division by zero is infinite, as in C, and no branch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba

from benchmarks.job import Job
from benchmarks.programs import by_hand
from benchmarks.programs.data import Problem
from benchmarks.programs.program import Program, rebound


def prepare(program: Program, points: Sequence[Problem]) -> list[Job]:
    """A function and all that it calls, compiled at the first call."""
    compile_ = numba.njit(error_model="numpy")
    return by_hand.jobs(rebound(by_hand.written(program), {}, compile_), points)
