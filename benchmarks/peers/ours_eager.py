"""This project, eager: `nn` where it has what is needed, the collector paused as `fit` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Value, logsumexp, pause_gc, value_and_grad
from autograd import hessian as second_derivatives
from benchmarks import scalar
from benchmarks.job import Job, flat
from benchmarks.problems import Chain, Network, Point, Text
from demos.gpt_model import GPT
from nn import MLP, SGD, Adam, binary_cross_entropy, cross_entropy, hinge, l2


def _training(loss: Callable[[], Value], optimizer: Any, state: Callable[[], Any]) -> Job:
    def step() -> float:
        with pause_gc():
            value = loss()
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            return value.data

    return Job(step, state)


def _network(problem: Network, **options: Any) -> MLP:
    sizes = [len(layer.biases) for layer in problem.layers]
    model = MLP(len(problem.rows[0]), sizes, **options)
    for layer, given in zip(model.layers, problem.layers, strict=True):
        for neuron, row, bias in zip(layer.neurons, given.weights, given.biases, strict=True):
            assert neuron.bias is not None
            neuron.bias.data = bias
            for weight, x in zip(neuron.weights, row, strict=True):
                weight.data = x
    return model


def _descent(problem: Network, model: MLP, loss: Callable[[list[Any]], Value]) -> Job:
    optimizer = SGD(model.parameters(), problem.lr)

    def state() -> list[float]:
        found: list[Value] = []
        for layer in model.layers:
            found += [w for n in layer.neurons for w in n.weights]
            found += [n.bias for n in layer.neurons if n.bias is not None]
        return [p.data for p in found]

    return _training(lambda: loss([model(row) for row in problem.rows]), optimizer, state)


def xor(problem: Network) -> Job:
    """`MLP` and `binary_cross_entropy`."""
    model = _network(problem, activation="sigmoid", output_activation="sigmoid")
    return _descent(problem, model, lambda p: binary_cross_entropy(p, problem.targets))


def moons(problem: Network) -> Job:
    """`MLP`, `hinge` and `l2`."""
    model = _network(problem)
    parameters = model.parameters()
    return _descent(
        problem, model, lambda p: hinge(p, problem.targets) + l2(parameters, problem.decay)
    )


def digits(problem: Network) -> Job:
    """`MLP` and `cross_entropy`."""
    return _descent(problem, _network(problem), lambda p: cross_entropy(p, problem.targets))


def gpt(problem: Text) -> Job:
    """The demo's model and `Adam`."""
    model = GPT(vocabulary=len(problem.weights["token"]), heads=problem.heads)
    parameters = model.parameters()
    for p, x in zip(parameters, flat(list(problem.weights.values())), strict=True):
        p.data = x
    optimizer = Adam(parameters, problem.lr, betas=problem.betas, eps=problem.epsilon)
    documents = problem.documents

    def loss() -> Value:
        tokens = documents[optimizer.steps % len(documents)]
        value: Value = cross_entropy(model(tokens[:-1]), tokens[1:])
        return value

    return _training(
        loss,
        optimizer,
        lambda: [*(p.data for p in parameters), *(x for s in optimizer.slots.values() for x in s)],
    )


def rosenbrock(problem: Point) -> Job:
    """`value_and_grad`."""
    both, found = value_and_grad(scalar.rosenbrock), [[0.0]]

    def step() -> float:
        value, found[0] = both(problem.x)
        return float(value)

    return Job(step, lambda: found[0])


def hessian(problem: Point) -> Job:
    """`hessian`."""
    derive, found = second_derivatives(lambda x: scalar.rosenbrock(x) + logsumexp(x)), [[[0.0]]]

    def step() -> float:
        found[0] = derive(problem.x)
        return found[0][0][0]

    return Job(step, lambda: flat(found[0]))


def chain(problem: Chain) -> Job:
    """A Python loop."""
    x = Value(problem.start)

    def step() -> float:
        with pause_gc():
            x.grad = 0.0
            value = scalar.chain(x, problem)
            value.backward()
            return value.data

    return Job(step, lambda: [x.grad], lambda: scalar.chain(x, problem))
