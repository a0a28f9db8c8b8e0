"""HIPS autograd: NumPy's functions, traced again in each step; the update in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
import autograd.scipy.special as special

import autograd
from benchmarks.job import Job, flat
from benchmarks.problems import Chain, Network, Point, Text

Array = Any


def _descent(problem: Network, loss: Callable[[Any], Array]) -> Job:
    parameters = [
        np.array(part)
        for layer in problem.layers
        for part in (np.transpose(layer.weights), layer.biases)
    ]
    both = autograd.value_and_grad(loss)

    def step() -> float:
        value, gradients = both(parameters)
        for p, g in zip(parameters, gradients, strict=True):
            p -= problem.lr * g
        return float(value)

    return Job(step, lambda: [x for p in parameters for x in flat(p.T)])


def xor(problem: Network) -> Job:
    """Sigmoids; the last one is part of the loss."""
    x, t = np.array(problem.rows), np.array(problem.targets, dtype=float)

    def loss(p: Any) -> Array:
        hidden = special.expit(np.dot(x, p[0]) + p[1])
        z = (np.dot(hidden, p[2]) + p[3])[:, 0]
        return np.mean(np.logaddexp(0.0, z) - t * z)

    return _descent(problem, loss)


def _outputs(x: Array, p: Any) -> Array:
    for i in range(0, len(p) - 2, 2):
        x = np.maximum(np.dot(x, p[i]) + p[i + 1], 0.0)
    return np.dot(x, p[-2]) + p[-1]


def moons(problem: Network) -> Job:
    """ReLUs, a hinge and weight decay."""
    x, t = np.array(problem.rows), np.array(problem.targets, dtype=float)

    def loss(p: Any) -> Array:
        hinge = np.mean(np.maximum(1.0 - t * _outputs(x, p)[:, 0], 0.0))
        return hinge + problem.decay * sum(np.sum(q * q) for q in p)

    return _descent(problem, loss)


def digits(problem: Network) -> Job:
    """ReLUs and a logsumexp."""
    x, t = np.array(problem.rows), np.array(problem.targets)
    rows = np.arange(len(t))

    def loss(p: Any) -> Array:
        logits = _outputs(x, p)
        return np.mean(special.logsumexp(logits, axis=1) - logits[rows, t])

    return _descent(problem, loss)


def gpt(problem: Text) -> Job:
    """All positions at once, behind a causal mask."""
    w = {name: np.array(rows) for name, rows in problem.weights.items()}
    m, v = ({name: np.zeros_like(x) for name, x in w.items()} for _ in range(2))
    documents = [np.array(d) for d in problem.documents]
    length, heads = len(problem.documents[0]) - 1, problem.heads
    mask, rows_of = np.triu(np.full((length, length), -1e300), 1), np.arange(length)
    beta, gamma = problem.betas
    steps = 0

    def normalise(x: Array) -> Array:
        return x * (np.mean(x * x, axis=1, keepdims=True) + 1e-5) ** -0.5

    def loss(w: dict[str, Array], tokens: Array) -> Array:
        x = w["token"][tokens[:-1]] + w["position"][:length]
        n = normalise(x)
        q, k, u = (
            np.transpose(np.reshape(np.dot(n, w[name].T), (length, heads, -1)), (1, 0, 2))
            for name in ("query", "key", "value")
        )
        scores = np.matmul(q, np.transpose(k, (0, 2, 1))) * q.shape[-1] ** -0.5 + mask
        shares = np.exp(scores - special.logsumexp(scores, axis=2, keepdims=True))
        mixed = np.reshape(np.transpose(np.matmul(shares, u), (1, 0, 2)), (length, -1))
        x = x + np.dot(mixed, w["mix"].T)
        hidden = np.maximum(np.dot(normalise(x), w["expand"].T), 0.0)
        x = x + np.dot(hidden, w["contract"].T)
        logits = np.dot(normalise(x), w["logits"].T)
        return np.mean(special.logsumexp(logits, axis=1) - logits[rows_of, tokens[1:]])

    both = autograd.value_and_grad(loss)

    def step() -> float:
        nonlocal steps
        value, gradient = both(w, documents[steps % len(documents)])
        steps += 1
        rate, scale = problem.lr / (1 - beta**steps), 1 / (1 - gamma**steps)
        for name, g in gradient.items():
            m[name] = beta * m[name] + (1 - beta) * g
            v[name] = gamma * v[name] + (1 - gamma) * g * g
            w[name] -= rate * m[name] / (np.sqrt(v[name] * scale) + problem.epsilon)
        return float(value)

    return Job(step, lambda: [x for part in (w, m, v) for a in part.values() for x in flat(a)])


def _rosenbrock(x: Array) -> Array:
    head = x[:-1]
    return np.sum(100.0 * (x[1:] - head**2) ** 2 + (1.0 - head) ** 2)


def rosenbrock(problem: Point) -> Job:
    """One vector."""
    x, both, found = np.array(problem.x), autograd.value_and_grad(_rosenbrock), [0.0]

    def step() -> float:
        value, found[0] = both(x)
        return float(value)

    return Job(step, lambda: flat(found[0]))


def hessian(problem: Point) -> Job:
    """`autograd.hessian`."""
    derive = autograd.hessian(lambda x: _rosenbrock(x) + special.logsumexp(x))
    x, found = np.array(problem.x), [0.0]

    def step() -> float:
        found[0] = derive(x)
        return float(found[0][0, 0])

    return Job(step, lambda: flat(found[0]))


def chain(problem: Chain) -> Job:
    """A Python loop."""

    def value(x: Any) -> Any:
        for _ in range(problem.length // 2):
            x = x * problem.factor + problem.term
        return x

    both, found = autograd.value_and_grad(value), [0.0]

    def step() -> float:
        result, found[0] = both(problem.start)
        return float(result)

    return Job(step, lambda: flat(found[0]), lambda: autograd.make_vjp(value)(problem.start))
