"""micrograd, with its own `MLP`, in the manner of its demonstration notebook."""

from __future__ import annotations

import sys

from micrograd.engine import Value
from micrograd.nn import MLP

from benchmarks import scalar
from benchmarks.job import Job, by_backward
from benchmarks.problems import Chain, Network, Point

sys.setrecursionlimit(10_000_000)  # it sorts its graph by recursion


def moons(problem: Network) -> Job:
    """The notebook's loss and update."""
    model = MLP(len(problem.rows[0]), [len(layer.biases) for layer in problem.layers])
    for layer, given in zip(model.layers, problem.layers, strict=True):
        for neuron, row, bias in zip(layer.neurons, given.weights, given.biases, strict=True):
            neuron.b.data = bias
            for w, x in zip(neuron.w, row, strict=True):
                w.data = x

    def step() -> float:
        inputs = [list(map(Value, row)) for row in problem.rows]
        scores = list(map(model, inputs))
        losses = [(1 + -t * s).relu() for t, s in zip(problem.targets, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses))
        loss = loss + problem.decay * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= problem.lr * p.grad
        return float(loss.data)

    def state() -> list[float]:
        neurons = [layer.neurons for layer in model.layers]
        return [
            p.data
            for layer in neurons
            for p in (*(w for n in layer for w in n.w), *(n.b for n in layer))
        ]

    return Job(step, state)


def rosenbrock(problem: Point) -> Job:
    """A Python loop."""
    return by_backward(list(map(Value, problem.x)), scalar.rosenbrock)


def chain(problem: Chain) -> Job:
    """A Python loop."""
    return by_backward([Value(problem.start)], lambda x: scalar.chain(x[0], problem))
