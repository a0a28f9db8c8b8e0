"""CasADi called as its manual does: `f(p, x, t)` with matrices of its own, `DM`, in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import casadi as ca

from benchmarks.job import Job
from benchmarks.peers import casadi_sx
from benchmarks.problems import Network


def _descent(problem: Network, loss: Callable[..., Any]) -> Job:
    inputs, outputs, numbers = casadi_sx.descent(problem, loss)
    function = ca.Function("step", inputs, outputs)
    p, x, t = map(ca.DM, numbers)

    def step() -> float:
        nonlocal p
        p, value = function(p, x, t)
        return float(value)

    return Job(step, lambda: p.full().ravel().tolist())


def xor(problem: Network) -> Job:
    """Sigmoids and logarithms."""
    return _descent(problem, casadi_sx.xor_loss)


def moons(problem: Network) -> Job:
    """ReLUs, a hinge and weight decay."""
    return _descent(problem, casadi_sx.moons_loss(problem))


def digits(problem: Network) -> Job:
    """ReLUs and a softmax."""
    return _descent(problem, casadi_sx.digits_loss)
