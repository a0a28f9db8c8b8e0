"""PyTorch as its tutorials write it: `nn.Sequential`, a loss, `optim.SGD`, `backward()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.job import Job
from benchmarks.problems import Network

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.set_default_dtype(torch.float64)

Tensor = Any


def _network(
    problem: Network, hidden: type, last: list[Any], loss: Callable[[Any, Tensor], Tensor]
) -> Job:
    modules: list[Any] = []
    for layer in problem.layers:
        linear = nn.Linear(len(layer.weights[0]), len(layer.biases))
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(layer.weights))
            linear.bias.copy_(torch.tensor(layer.biases))
        modules += [linear, hidden()]
    model = nn.Sequential(*modules[:-1], *last)
    optimizer = torch.optim.SGD(model.parameters(), lr=problem.lr)
    x = torch.tensor(problem.rows)

    def step() -> float:
        optimizer.zero_grad()
        value = loss(model, model(x))
        value.backward()
        optimizer.step()
        return value.item()

    return Job(step, lambda: [x for p in model.parameters() for x in p.flatten().tolist()])


def xor(problem: Network) -> Job:
    """Sigmoids and `BCELoss`."""
    t, criterion = torch.tensor(problem.targets, dtype=torch.float64)[:, None], nn.BCELoss()
    return _network(problem, nn.Sigmoid, [nn.Sigmoid()], lambda _, y: criterion(y, t))


def moons(problem: Network) -> Job:
    """ReLUs, a hinge and weight decay."""
    t = torch.tensor(problem.targets, dtype=torch.float64)[:, None]

    def loss(model: Any, y: Tensor) -> Tensor:
        decay = sum((p**2).sum() for p in model.parameters())
        return (1 - t * y).clamp(min=0).mean() + problem.decay * decay

    return _network(problem, nn.ReLU, [], loss)


def digits(problem: Network) -> Job:
    """ReLUs and `CrossEntropyLoss`."""
    t, criterion = torch.tensor(problem.targets), nn.CrossEntropyLoss()
    return _network(problem, nn.ReLU, [], lambda _, y: criterion(y, t))
