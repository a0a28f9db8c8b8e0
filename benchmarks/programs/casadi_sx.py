"""CasADi: the source of the program run on SX symbols, called through buffers, which copy nothing.

Sparse results stay sparse: a call fills the derivatives that are not 0 by structure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import casadi as ca
import numpy as np

from benchmarks.job import Job
from benchmarks.programs.data import Problem
from benchmarks.programs.program import Program, fixed, numbers, rebound

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{f.__name__: f for f in (ca.exp, ca.log, ca.sqrt, ca.sin, ca.cos, ca.tan, ca.tanh, ca.erf)},
    "maximum": ca.fmax,
    "relu": lambda x: ca.fmax(x, 0),
    "sigmoid": lambda x: 1 / (1 + ca.exp(-x)),
    "logsumexp": lambda xs: ca.logsumexp(ca.vertcat(*xs)),
}
"""What the functions of this project are on symbols."""


def prepare(program: Program, points: Sequence[Problem]) -> list[Job]:
    """One function of all numbers of the arguments."""
    symbols: list[ca.SX] = []

    def symbolic(x: Any) -> Any:
        if isinstance(x, list):
            return [symbolic(part) for part in x]
        symbols.append(ca.SX.sym(f"x{len(symbols)}"))
        return symbols[-1]

    given, ends = [], [0]
    for argument in points[0].arguments:
        given.append(symbolic(argument))
        ends.append(len(symbols))
    wrt = ca.vertcat(*(x for i in program.wanted for x in symbols[ends[i] : ends[i + 1]]))
    result = fixed(rebound(program.function, FUNCTIONS), points[0].settings)(*given)
    match program.derivative:
        case "value_and_grad":
            outputs = [result, ca.densify(ca.gradient(result, wrt))]
        case "jacobian":
            outputs = [ca.jacobian(ca.vertcat(*result), wrt)]
        case "hessian":
            outputs = [ca.hessian(result, wrt)[0]]
        case other:
            raise ValueError(f"no derivative {other!r}")
    function = ca.Function("f", [ca.vertcat(*symbols)], outputs)
    return [_job(function, point) for point in points]


def _job(function: ca.Function, point: Problem) -> Job:
    buffer, run = function.buffer()
    arrays: list[Any] = [np.fromiter(numbers(point.arguments), float)]
    buffer.set_arg(0, memoryview(arrays[0]))
    for i in range(function.n_out()):
        arrays.append(np.zeros(function.nnz_out(i)))
        buffer.set_res(i, memoryview(arrays[-1]))

    def state() -> list[float]:
        full = [
            ca.DM(function.sparsity_out(i), array).full().ravel()
            for i, array in enumerate(arrays[1:])
        ]
        return [*numbers(full)]

    return Job(run, state, lambda: buffer)  # the buffer must outlive what it made
