"""XAD: single numbers on a tape that is written again in each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xad.math as xm
from xad.adj_1st import Real, Tape

from benchmarks import scalar
from benchmarks.job import Job
from benchmarks.problems import Chain, Network, Point, Text

OPERATIONS = scalar.Operations(
    exp=xm.exp,
    log=xm.log,
    relu=lambda x: xm.max(x, 0.0),
    sigmoid=scalar.sigmoid_by_exp(xm.exp),
    plain=lambda x: x.value,
)

Function = Callable[[list[Any]], Any]


def _derive(function: Function, numbers: list[float]) -> tuple[float, list[float]]:
    """Value and gradient."""
    with Tape() as tape:
        x = list(map(Real, numbers))
        tape.registerInputs(x)
        tape.newRecording()
        value = function(x)
        tape.registerOutput(value)
        value.derivative = 1.0
        tape.computeAdjoints()
        return value.value, [a.derivative for a in x]


def _descent(problem: Network, loss: Function) -> Job:
    structure = scalar.parameters(problem, float)
    shape = scalar.shape(structure)
    parameters = scalar.listed(structure)

    def step() -> float:
        nonlocal parameters
        value, gradient = _derive(lambda p: loss(scalar.nested(shape, p)), parameters)
        parameters = [p - problem.lr * g for p, g in zip(parameters, gradient, strict=True)]
        return value

    return Job(step, lambda: parameters)


def xor(problem: Network) -> Job:
    """Python loops."""
    return _descent(problem, lambda p: scalar.xor(p, problem.rows, problem.targets, OPERATIONS))


def moons(problem: Network) -> Job:
    """Python loops."""
    rows, targets, decay = problem.rows, problem.targets, problem.decay
    return _descent(problem, lambda p: scalar.moons(p, rows, targets, OPERATIONS, decay))


def digits(problem: Network) -> Job:
    """Python loops."""
    return _descent(problem, lambda p: scalar.digits(p, problem.rows, problem.targets, OPERATIONS))


def gpt(problem: Text) -> Job:
    """Token by token, keys and values remembered."""
    structure = scalar.parameters(problem, float)
    shape = scalar.shape(structure)
    parameters = scalar.listed(structure)
    adam = scalar.Adam(problem, len(parameters))
    documents, steps = problem.documents, 0

    def step() -> float:
        nonlocal parameters, steps
        tokens = documents[steps % len(documents)]
        steps += 1
        loss = lambda p: scalar.gpt(scalar.nested(shape, p), tokens, OPERATIONS, problem.heads)
        value, gradient = _derive(loss, parameters)
        parameters = [p - d for p, d in zip(parameters, adam.moves(gradient), strict=True)]
        return value

    return Job(step, lambda: [*parameters, *adam.m, *adam.v])


def rosenbrock(problem: Point) -> Job:
    """A Python loop."""
    return _gradient(scalar.rosenbrock, problem.x)


def chain(problem: Chain) -> Job:
    """A Python loop."""

    def value(x: list[Any]) -> Any:
        return scalar.chain(x[0], problem)

    def keep() -> Any:
        tape = Tape()
        tape.activate()
        start = Real(problem.start)
        tape.registerInput(start)
        tape.newRecording()
        kept = tape, start, scalar.chain(start, problem)
        tape.deactivate()
        return kept

    return _gradient(value, [problem.start])._replace(keep=keep)


def _gradient(function: Function, x: list[float]) -> Job:
    found: list[float] = []

    def step() -> float:
        value, found[:] = _derive(function, x)
        return value

    return Job(step, lambda: found)
