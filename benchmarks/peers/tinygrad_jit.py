"""tinygrad: the whole step under `TinyJit`, float64, on the CPU by clang, or else by LLVM."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DEV", "CPU" if shutil.which("clang") else "LLVM")

from tinygrad import Tensor, TinyJit, dtypes

from benchmarks.job import Job, flat
from benchmarks.problems import Network, Point, Text

Array = Any

try:
    (Tensor([1.0]) + 1.0).tolist()
except Exception as problem:
    raise ImportError(f"tinygrad finds no compiler: {problem}") from problem


def _tensor(numbers: Any) -> Array:
    return Tensor(numbers, dtype=dtypes.float64).contiguous().realize()


def _descent(problem: Network, loss: Callable[[list[Array]], Array]) -> Job:
    parameters = [
        _tensor(part) for layer in problem.layers for part in (layer.weights, layer.biases)
    ]

    @TinyJit
    def update() -> Array:
        value = loss(parameters)
        for p, g in zip(parameters, value.gradient(*parameters), strict=True):
            p.assign(p - problem.lr * g)
        return value.realize(*parameters)

    return Job(lambda: update().item(), lambda: [x for p in parameters for x in flat(p)])


def xor(problem: Network) -> Job:
    """Sigmoids; the last one is part of the loss."""
    x, t = _tensor(problem.rows), _tensor(problem.targets)

    def loss(p: list[Array]) -> Array:
        z = (x.linear(p[0].T, p[1]).sigmoid().linear(p[2].T, p[3]))[:, 0]
        return z.binary_crossentropy_logits(t)

    return _descent(problem, loss)


def _outputs(x: Array, p: list[Array]) -> Array:
    for i in range(0, len(p) - 2, 2):
        x = x.linear(p[i].T, p[i + 1]).relu()
    return x.linear(p[-2].T, p[-1])


def moons(problem: Network) -> Job:
    """ReLUs, a hinge and weight decay."""
    x, t = _tensor(problem.rows), _tensor(problem.targets)

    def loss(p: list[Array]) -> Array:
        hinge = (1 - t * _outputs(x, p)[:, 0]).relu().mean()
        return hinge + problem.decay * sum(q.square().sum() for q in p)

    return _descent(problem, loss)


def digits(problem: Network) -> Job:
    """ReLUs and a cross-entropy."""
    x, t = _tensor(problem.rows), Tensor(problem.targets).realize()
    return _descent(problem, lambda p: _outputs(x, p).sparse_categorical_crossentropy(t))


def gpt(problem: Text) -> Job:
    """All positions at once, behind a causal mask; Adam in the same step."""
    w = {name: _tensor(rows) for name, rows in problem.weights.items()}
    m, v = ([_tensor([[0.0] * p.shape[1]] * p.shape[0]) for p in w.values()] for _ in range(2))
    parameters = list(w.values())
    documents = [Tensor(d).realize() for d in problem.documents]
    length, heads = len(problem.documents[0]) - 1, problem.heads
    beta, gamma = problem.betas
    powers = _tensor([1.0, 1.0])

    def normalise(x: Array) -> Array:
        return x * (x.square().mean(axis=1, keepdim=True) + 1e-5).rsqrt()

    def loss(tokens: Array) -> Array:
        x = w["token"][tokens[:-1]] + w["position"][:length]
        n = normalise(x)
        q, k, u = (
            n.linear(w[name].T).reshape(length, heads, -1).transpose(0, 1)
            for name in ("query", "key", "value")
        )
        mixed = q.scaled_dot_product_attention(k, u, is_causal=True)
        x = x + mixed.transpose(0, 1).reshape(length, -1).linear(w["mix"].T)
        x = x + normalise(x).linear(w["expand"].T).relu().linear(w["contract"].T)
        return normalise(x).linear(w["logits"].T).sparse_categorical_crossentropy(tokens[1:])

    @TinyJit
    def update(tokens: Array) -> Array:
        value = loss(tokens)
        powers.assign(powers * _tensor([beta, gamma]))
        for p, a, b, g in zip(parameters, m, v, value.gradient(*parameters), strict=True):
            a.assign(beta * a + (1 - beta) * g)
            b.assign(gamma * b + (1 - gamma) * g * g)
            scaled = (b / (1 - powers[1])).sqrt() + problem.epsilon
            p.assign(p - problem.lr / (1 - powers[0]) * a / scaled)
        return value.realize(*parameters, *m, *v, powers)

    steps = 0

    def step() -> float:
        nonlocal steps
        steps += 1
        return update(documents[(steps - 1) % len(documents)]).item()

    return Job(step, lambda: [x for part in (parameters, m, v) for a in part for x in flat(a)])


def rosenbrock(problem: Point) -> Job:
    """One vector."""
    x, found = _tensor(problem.x), [_tensor(problem.x)]

    @TinyJit
    def derive() -> Any:
        head = x[:-1]
        value = (100 * (x[1:] - head.square()).square() + (1 - head).square()).sum()
        (gradient,) = value.gradient(x)
        value.realize(gradient)
        return value, gradient

    def step() -> float:
        value, found[0] = derive()
        return value.item()

    return Job(step, lambda: flat(found[0]))
