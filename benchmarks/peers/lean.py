"""The leanest pure-Python class (`benchmarks.lean`): a graph of tuples, a recursive sort."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from benchmarks import scalar
from benchmarks.job import Job, by_backward
from benchmarks.lean import Value
from benchmarks.problems import Chain, Network, Point, Text

sys.setrecursionlimit(10_000_000)  # it sorts its graph by recursion

OPERATIONS = scalar.Operations(
    exp=Value.exp,
    log=Value.log,
    relu=Value.relu,
    sigmoid=scalar.sigmoid_by_exp(Value.exp),
    plain=lambda v: v.data,
)


def _descent(problem: Network, loss: Callable[[Any], Value]) -> Job:
    structure = scalar.parameters(problem, Value)
    parameters = scalar.listed(structure)

    def step() -> float:
        value = loss(structure)
        value.backward()
        for p in parameters:
            p.data -= problem.lr * p.grad
            p.grad = 0.0
        return value.data

    return Job(step, lambda: [p.data for p in parameters])


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
    weights = scalar.parameters(problem, Value)
    parameters = scalar.listed(weights)
    adam = scalar.Adam(problem, len(parameters))
    documents, steps = problem.documents, 0

    def step() -> float:
        nonlocal steps
        loss = scalar.gpt(weights, documents[steps % len(documents)], OPERATIONS, problem.heads)
        steps += 1
        loss.backward()
        for p, move in zip(parameters, adam.moves([p.grad for p in parameters]), strict=True):
            p.data -= move
            p.grad = 0.0
        return loss.data

    return Job(step, lambda: [*(p.data for p in parameters), *adam.m, *adam.v])


def rosenbrock(problem: Point) -> Job:
    """A Python loop."""
    return by_backward(list(map(Value, problem.x)), scalar.rosenbrock)


def chain(problem: Chain) -> Job:
    """A Python loop."""
    return by_backward([Value(problem.start)], lambda x: scalar.chain(x[0], problem))
