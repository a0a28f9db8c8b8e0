"""This project, compiled: a pure step, `jit(step)` with `value_and_grad` inside.

Of the documented styles this is the quickest per step (`fit`, which compiles whole steps as well,
looks after history, callbacks and interruptions besides). The programs are the plain Python loops
of `benchmarks.scalar`. Between steps the parameters are a list of floats in `xor`, where there are
few of them, and arrays elsewhere. `ours_without_llvm` is the same without machine code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import (
    dot,
    exp,
    jit,
    log,
    logsumexp,
    relu,
    sigmoid,
    softmax,
    sqrt,
    take,
    value_and_grad,
    vmap,
)
from autograd import hessian as second_derivatives
from benchmarks import scalar
from benchmarks.job import Job, flat
from benchmarks.problems import Chain, Network, Point, Text

OPERATIONS = scalar.Operations(
    exp=exp,
    log=log,
    relu=relu,
    sigmoid=sigmoid,
    dot=dot,
    take=take,
    softmax=softmax,
    cross_entropy=lambda logits, target: logsumexp(logits) - take(logits, target),
)


def _descent(problem: Network, loss: Callable[..., Any], backend: str) -> Job:
    structure, lr = scalar.parameters(problem, float), problem.lr
    shape = scalar.shape(structure)
    both = value_and_grad(lambda p, x, t: loss(scalar.nested(shape, p), x, t))

    @jit(backend=backend)
    def update(p: Any, x: Any, t: Any) -> Any:
        p = p.tolist()
        value, gradient = both(p, x.tolist(), t.tolist())
        return np.array([a - lr * g for a, g in zip(p, gradient, strict=True)]), value

    parameters = np.array(scalar.listed(structure))
    return _steps(update, parameters, np.array(problem.rows), np.array(problem.targets, float))


def _steps(update: Callable[..., Any], parameters: Any, x: Any, t: Any) -> Job:
    def step() -> Any:
        nonlocal parameters
        parameters, value = update(parameters, x, t)
        return value

    return Job(step, lambda: flat(parameters))


def xor(problem: Network, backend: str = "auto") -> Job:
    """Python loops, over lists."""
    structure, lr = scalar.parameters(problem, float), problem.lr
    shape = scalar.shape(structure)
    both = value_and_grad(lambda p, x, t: scalar.xor(scalar.nested(shape, p), x, t, OPERATIONS))

    @jit(backend=backend)
    def update(p: Any, x: Any, t: Any) -> Any:
        value, gradient = both(p, x, t)
        return [a - lr * g for a, g in zip(p, gradient, strict=True)], value

    return _steps(update, scalar.listed(structure), problem.rows, [*map(float, problem.targets)])


def moons(problem: Network, backend: str = "auto") -> Job:
    """Python loops."""
    decay = problem.decay
    return _descent(problem, lambda p, x, t: scalar.moons(p, x, t, OPERATIONS, decay), backend)


def mapped(problem: Network, backend: str = "auto") -> Job:
    """`vmap` of the loss of one row."""

    def loss(p: Any, x: Any, t: Any) -> Any:
        rows = vmap(lambda row, y: relu(1.0 - y * scalar.outputs(p, row, OPERATIONS)[0]))(x, t)
        squares = problem.decay * sum([w * w for w in scalar.listed(p)])
        return sum(rows) / len(rows) + squares

    return _descent(problem, loss, backend)


def digits(problem: Network, backend: str = "auto") -> Job:
    """Python loops."""
    return _descent(problem, lambda p, x, t: scalar.digits(p, x, t, OPERATIONS), backend)


def gpt(problem: Text, backend: str = "auto") -> Job:
    """Token by token, and Adam in the same program."""
    structure = scalar.parameters(problem, float)
    shape = scalar.shape(structure)
    both = value_and_grad(
        lambda p, tokens: scalar.gpt(scalar.nested(shape, p), tokens, OPERATIONS, problem.heads)
    )
    (beta, gamma), lr, epsilon = problem.betas, problem.lr, problem.epsilon

    @jit(backend=backend)
    def update(p: Any, m: Any, v: Any, rate: float, scale: float, tokens: Any) -> Any:
        p, m, v = p.tolist(), m.tolist(), v.tolist()
        value, gradient = both(p, tokens)
        m = [beta * a + (1 - beta) * g for a, g in zip(m, gradient, strict=True)]
        v = [gamma * a + (1 - gamma) * g * g for a, g in zip(v, gradient, strict=True)]
        p = [x - rate * a / (sqrt(b * scale) + epsilon) for x, a, b in zip(p, m, v, strict=True)]
        return np.array(p), np.array(m), np.array(v), value

    p = np.array(scalar.listed(structure))
    m, v, steps = np.zeros(len(p)), np.zeros(len(p)), 0
    documents = problem.documents

    def step() -> Any:
        nonlocal p, m, v, steps
        tokens = documents[steps % len(documents)]
        steps += 1
        rate, scale = lr / (1 - beta**steps), 1 / (1 - gamma**steps)
        p, m, v, value = update(p, m, v, rate, scale, tokens)
        return value

    return Job(step, lambda: [*flat(p), *flat(m), *flat(v)])


def _derivatives(f: Callable[[Any], Any], x: Any, backend: str) -> Job:
    """A function of an array that returns an array of derivatives, and before it a value."""
    compiled, found = jit(f, backend=backend), [0.0]

    def step() -> Any:
        value, found[0] = compiled(x)
        return value

    return Job(step, lambda: flat(found[0]))


def rosenbrock(problem: Point, backend: str = "auto") -> Job:
    """A Python loop."""
    both = value_and_grad(scalar.rosenbrock)

    def derive(x: Any) -> Any:
        value, gradient = both(x.tolist())
        return value, np.array(gradient)

    return _derivatives(derive, np.array(problem.x), backend)


def hessian(problem: Point, backend: str = "auto") -> Job:
    """A Python loop."""
    second = second_derivatives(lambda x: scalar.rosenbrock(x) + logsumexp(x))

    def derive(x: Any) -> Any:
        rows = second(x.tolist())
        return rows[0][0], np.array(rows)

    return _derivatives(derive, np.array(problem.x), backend)


def chain(problem: Chain, backend: str = "auto") -> Job:
    """A Python loop."""
    return _derivatives(value_and_grad(lambda x: scalar.chain(x, problem)), problem.start, backend)


def watched(problem: Point, backend: str = "auto") -> Job:
    """A chain of functions that add a setting, read from outside: watched at each call."""

    class Settings:
        def __init__(self, rate: float) -> None:
            self.rate = rate

    def adding(settings: Settings) -> Callable[[float], float]:
        return lambda x: x + settings.rate

    functions = [adding(Settings(rate)) for rate in problem.x]
    found = 0.0

    @jit(backend=backend)
    def through(x: float) -> float:
        for f in functions:
            x = f(x)
        return x

    def step() -> float:
        nonlocal found
        found = through(1.0)
        return found

    return Job(step, lambda: [found])
