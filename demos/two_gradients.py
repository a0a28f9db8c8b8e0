"""The gradient of a small network in two ways: by central differences, and by backpropagation.

The numerical side runs on plain floats, which is the fastest it can be in Python.
`demos.numerical_vs_backprop` sets the two side by side, on the data made here.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import mul
from time import perf_counter
from typing import NamedTuple

from autograd import pause_gc
from nn import MLP, cross_entropy, normal

H = 1e-4  # the step of the central differences
SAMPLE = 12  # parameters measured where measuring all would take too long
GROWTH_ROWS = 20  # of the networks whose gradients are timed

Rows = Sequence[Sequence[float]]


class Data(NamedTuple):
    """Rows of numbers, and for each its label: 0 for noise, 1 for a constant."""

    rows: list[list[float]]
    labels: list[int]

    def pick(self, indices: Sequence[int]) -> Data:
        """Some of the rows, in that order."""
        return Data([self.rows[i] for i in indices], [self.labels[i] for i in indices])


def make_data(count: int, padding: int, inputs: int, rng: random.Random) -> Data:
    """The tutorial's data: for i = 1, 2, ... in turn a row of one constant and a row of noise.

    Args:
        count: how many rows.
        padding: shifts the constants, so that test rows are none of the training rows.
        inputs: how many numbers in a row.
        rng: where the noise is drawn from.

    Returns:
        For odd i the constant ((i + padding) mod 100) / 10 repeated, labelled 1; for even i draws
        from the standard normal distribution, labelled 0.

    >>> data = make_data(3, 257, 2, random.Random(0))
    >>> data.labels, data.rows[0], data.rows[2]
    ([1, 0, 1], [5.8, 5.8], [6.0, 6.0])
    """
    data = Data([], [])
    for i in range(1, count + 1):
        constant = ((i + padding) % 100) / 10
        noise = i % 2 == 0
        data.rows.append([rng.gauss(0, 1) for _ in range(inputs)] if noise else [constant] * inputs)
        data.labels.append(0 if noise else 1)
    return data


def new_network(inputs: int, hidden: int, rng: random.Random) -> MLP:
    """A network with two outputs, its weights drawn from N(0, 0.01^2), its biases 0."""
    return MLP(inputs, [hidden, 2], activation="sigmoid", init=normal(0.01), rng=rng)


def plain_logits(numbers: Sequence[float], sizes: Sequence[int], rows: Rows) -> list[list[float]]:
    """What the network answers, on plain floats.

    Args:
        numbers: the parameters in the network's order: neuron by neuron the weights and the bias.
        sizes: of the layers, that of the inputs first.
        rows: the inputs.
    """
    start = 0
    signals = [list(row) for row in rows]
    for depth, (nin, nout) in enumerate(pairwise(sizes), start=1):
        at = range(start, start + nout * (nin + 1), nin + 1)
        neurons = [(numbers[i : i + nin], numbers[i + nin]) for i in at]
        start = at.stop
        signals = [[sum(map(mul, w, row)) + bias for w, bias in neurons] for row in signals]
        if depth < len(sizes) - 1:  # the sigmoid, in a form that cannot overflow
            signals = [[0.5 + 0.5 * math.tanh(0.5 * x) for x in row] for row in signals]
    return signals


def plain_loss(numbers: Sequence[float], sizes: Sequence[int], data: Data) -> float:
    """The mean cross-entropy of the softmax, on plain floats."""
    total = 0.0
    logits = plain_logits(numbers, sizes, data.rows)
    for row, label in zip(logits, data.labels, strict=True):
        top = max(row)
        total += top + math.log(sum(math.exp(x - top) for x in row)) - row[label]
    return total / len(logits)


def central_difference(
    numbers: Sequence[float], i: int, loss: Callable[[Sequence[float]], float]
) -> float:
    """The derivative of the loss in one parameter, from two values of the loss.

    >>> round(central_difference([1.0, 3.0], 1, lambda p: p[0] * p[1] ** 2), 6)
    6.0
    """
    moved = list(numbers)
    moved[i] = numbers[i] + H
    above = loss(moved)
    moved[i] = numbers[i] - H
    return (above - loss(moved)) / (2 * H)


def backprop(network: MLP, numbers: Sequence[float], data: Data) -> list[float]:
    """The derivatives of the loss in all parameters, from one pass back through its graph."""
    parameters = network.parameters()
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.data, parameter.grad = number, 0.0
    with pause_gc():
        cross_entropy([network(row) for row in data.rows], data.labels).backward()
    return [float(parameter.grad) for parameter in parameters]


class Cost(NamedTuple):
    """The seconds that one gradient of a network of that many parameters takes, each way."""

    parameters: int
    numerical: float
    backprop: float


def growth(sizes: Sequence[tuple[int, int]], seed: int) -> list[Cost]:
    """The time of one gradient on a few rows, for networks of that many inputs and hidden neurons.

    Backpropagation is measured thrice and the shortest time counts. Of the numerical derivatives
    `SAMPLE` are measured, and the shortest counts for each of them: they all cost the same.
    """
    costs = []
    for inputs, hidden in sizes:
        rng = random.Random(seed)
        data, network = make_data(GROWTH_ROWS, 0, inputs, rng), new_network(inputs, hidden, rng)
        numbers = [p.data for p in network.parameters()]
        loss = lambda moved, sizes=(inputs, hidden, 2), data=data: plain_loss(moved, sizes, data)
        times = []
        for _ in range(3):
            begun = perf_counter()
            backprop(network, numbers, data)
            times.append(perf_counter() - begun)
        sample = rng.sample(range(len(numbers)), min(SAMPLE, len(numbers)))
        ones = []
        for i in sample:
            begun = perf_counter()
            central_difference(numbers, i, loss)
            ones.append(perf_counter() - begun)
        costs.append(Cost(len(numbers), min(ones) * len(numbers), min(times)))
    return costs
