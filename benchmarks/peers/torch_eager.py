"""PyTorch, eager: tensors of float64 on one thread, the fused functional losses, `optim`.

Plain gradient descent is written out under `no_grad` over the gradients of one `autograd.grad`, as
that is quicker than `optim.SGD` on so few tensors; Adam is `optim.Adam` in its fused form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name

from benchmarks.job import Job
from benchmarks.problems import Chain, Network, Point, Text

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.set_default_dtype(torch.float64)

Tensor = Any


def _network(problem: Network, loss: Callable[[list[Tensor]], Tensor]) -> Job:
    parameters = [
        torch.tensor(part, requires_grad=True)
        for layer in problem.layers
        for part in (layer.weights, layer.biases)
    ]

    def step() -> float:
        value = loss(parameters)
        gradients = torch.autograd.grad(value, parameters)
        with torch.no_grad():
            torch._foreach_add_(parameters, gradients, alpha=-problem.lr)
        return value.item()

    return Job(step, lambda: [x for p in parameters for x in p.flatten().tolist()])


def xor(problem: Network) -> Job:
    """Sigmoids; the last one is part of the loss."""
    x = torch.tensor(problem.rows)
    t = torch.tensor(problem.targets, dtype=torch.float64)[:, None]

    def loss(p: list[Tensor]) -> Tensor:
        hidden = torch.sigmoid(F.linear(x, p[0], p[1]))
        return F.binary_cross_entropy_with_logits(F.linear(hidden, p[2], p[3]), t)

    return _network(problem, loss)


def _outputs(x: Tensor, p: list[Tensor]) -> Tensor:
    for i in range(0, len(p) - 2, 2):
        x = F.relu(F.linear(x, p[i], p[i + 1]))
    return F.linear(x, p[-2], p[-1])


def moons(problem: Network) -> Job:
    """ReLUs, a hinge and weight decay."""
    x = torch.tensor(problem.rows)
    t = torch.tensor(problem.targets, dtype=torch.float64)

    def loss(p: list[Tensor]) -> Tensor:
        hinge = F.relu(1 - t * _outputs(x, p)[:, 0]).mean()
        return hinge + problem.decay * sum(q.square().sum() for q in p)

    return _network(problem, loss)


def digits(problem: Network) -> Job:
    """ReLUs and `cross_entropy`."""
    x, t = torch.tensor(problem.rows), torch.tensor(problem.targets)
    return _network(problem, lambda p: F.cross_entropy(_outputs(x, p), t))


def gpt(problem: Text) -> Job:
    """All positions at once, behind a causal mask."""
    w = {name: torch.tensor(rows, requires_grad=True) for name, rows in problem.weights.items()}
    parameters = list(w.values())
    adam = torch.optim.Adam(
        parameters, lr=problem.lr, betas=problem.betas, eps=problem.epsilon, fused=True
    )
    documents = [torch.tensor(d) for d in problem.documents]
    length, heads = len(problem.documents[0]) - 1, problem.heads
    steps = 0

    def normalise(x: Tensor) -> Tensor:
        return x * (x.square().mean(dim=1, keepdim=True) + 1e-5).rsqrt()

    def attention(x: Tensor) -> Tensor:
        q, k, v = (
            F.linear(x, w[name]).view(length, heads, -1).transpose(0, 1)
            for name in ("query", "key", "value")
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return F.linear(mixed.transpose(0, 1).reshape(length, -1), w["mix"])

    def step() -> float:
        nonlocal steps
        tokens = documents[steps % len(documents)]
        steps += 1
        x = F.embedding(tokens[:-1], w["token"]) + w["position"][:length]
        x = x + attention(normalise(x))
        x = x + F.linear(F.relu(F.linear(normalise(x), w["expand"])), w["contract"])
        loss = F.cross_entropy(F.linear(normalise(x), w["logits"]), tokens[1:])
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    def state() -> list[float]:
        slots = [[adam.state[p][name] for p in parameters] for name in ("exp_avg", "exp_avg_sq")]
        return [x for part in (parameters, *slots) for t in part for x in t.flatten().tolist()]

    return Job(step, state)


def _rosenbrock(x: Tensor) -> Tensor:
    head = x[:-1]
    return (100 * (x[1:] - head.square()).square() + (1 - head).square()).sum()


def rosenbrock(problem: Point) -> Job:
    """One vector."""
    x = torch.tensor(problem.x, requires_grad=True)
    found: list[Any] = [None]

    def step() -> float:
        value = _rosenbrock(x)
        found[:] = torch.autograd.grad(value, x)
        return value.item()

    return Job(step, lambda: found[0].tolist())


def hessian(problem: Point) -> Job:
    """`torch.func.hessian`."""
    x = torch.tensor(problem.x)
    found: list[Any] = [None]
    derive = torch.func.hessian(lambda x: _rosenbrock(x) + torch.logsumexp(x, dim=0))

    def step() -> float:
        found[0] = derive(x)
        return found[0][0, 0].item()

    return Job(step, lambda: found[0].flatten().tolist())


def chain(problem: Chain) -> Job:
    """One number at a time, as a scalar program would."""
    start = torch.tensor(problem.start, requires_grad=True)

    def build() -> Tensor:
        x = start
        for _ in range(problem.length // 2):
            x = x * problem.factor + problem.term
        return x

    def step() -> float:
        start.grad = None
        x = build()
        x.backward()
        return x.item()

    return Job(step, lambda: [start.grad.item()], build)
