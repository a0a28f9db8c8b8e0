"""What is computed: the numbers that every peer starts from, as plain lists.

A problem holds data and first parameters, and nothing about how to compute with them. It is drawn
from a seed, so that each process makes the same one for itself.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from itertools import pairwise

Row = list[float]
Matrix = list[Row]


@dataclass(frozen=True)
class Layer:
    """Weights, a row of them for each neuron, and the biases."""

    weights: Matrix
    biases: Row


@dataclass(frozen=True)
class Network:
    """A fully connected network, a batch that it learns, and how.

    Attributes:
        rows: the inputs.
        targets: one for each row: 0 or 1, -1 or 1, or the index of a class.
        layers: from the inputs to the outputs.
        lr: the learning rate of plain gradient descent.
        decay: what the sum of all squared parameters weighs in the loss.
    """

    rows: Matrix
    targets: list[int]
    layers: list[Layer]
    lr: float
    decay: float = 0.0


@dataclass(frozen=True)
class Shared:
    """A network whose rows are shared out.

    Attributes:
        network: the network.
        devices: among how many devices.
        processes: in how many processes these are, as many in each.
    """

    network: Network
    devices: int
    processes: int = 1


@dataclass(frozen=True)
class Text:
    """A GPT without biases, and the documents that it learns, one a step, by Adam.

    Attributes:
        documents: the tokens of each, all of the same number.
        weights: by name, in the order in which parameters are listed.
        heads: how many mixtures an attention makes.
        lr, betas, epsilon: of Adam.
    """

    documents: list[list[int]]
    weights: dict[str, Matrix]
    heads: int = 4
    lr: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8


@dataclass(frozen=True)
class Point:
    """Where a function is differentiated."""

    x: Row


@dataclass(frozen=True)
class Chain:
    """`x = x * factor + term`, again and again.

    Attributes:
        length: how many operations that is.
    """

    length: int
    start: float = 1.0
    factor: float = 1.0000001
    term: float = 1e-9


@dataclass(frozen=True)
class Nothing:
    """For what needs no numbers: importing a package."""

    seed: int = field(default=0)


def layers(sizes: list[int], rng: random.Random) -> list[Layer]:
    """Weights drawn evenly, less spread the more inputs there are; small biases."""
    return [
        Layer(
            [[rng.uniform(-1, 1) / math.sqrt(nin) for _ in range(nin)] for _ in range(nout)],
            [rng.uniform(-0.1, 0.1) for _ in range(nout)],
        )
        for nin, nout in pairwise(sizes)
    ]


def xor(seed: int) -> Network:
    """The four rows of XOR, and a 2-3-1 network of sigmoids; mean binary cross-entropy."""
    rows = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    return Network(rows, [0, 1, 1, 0], layers([2, 3, 1], random.Random(seed)), lr=0.5)


def moons(seed: int, samples: int = 100, width: int = 16, depth: int = 2) -> Network:
    """Two half-moons and a network of ReLUs; mean hinge loss and the sum of squared parameters.

    Args:
        seed: of noise and weights.
        samples: how many points.
        width: how many neurons in each hidden layer.
        depth: how many hidden layers.
    """
    rng = random.Random(seed)
    rows, targets = [], []
    for i in range(samples):
        angle, side = math.pi * rng.random(), i % 2
        x, y = math.cos(angle), math.sin(angle)
        moon = (1 - x, 0.5 - y) if side else (x, y)
        rows.append([z + rng.gauss(0, 0.1) for z in moon])
        targets.append(2 * side - 1)
    return Network(rows, targets, layers([2, *[width] * depth, 1], rng), lr=0.05, decay=1e-4)


def rows_in_arrays(seed: int, samples: int) -> Network:
    """The same in NumPy arrays: to make one of a million lists takes JAX ten seconds."""
    import numpy as np

    made = moons(seed, samples)
    return replace(made, rows=np.array(made.rows), targets=np.array(made.targets))


def digits(seed: int) -> Network:
    """100 pictures of 8 x 8 in 16 greys, half of it empty; 64-32-10 with ReLU; cross-entropy.

    They have the shape of scikit-learn's handwritten digits, but are drawn at random: what a step
    takes does not depend on what is in the pictures, and nothing has to be loaded.
    """
    rng = random.Random(seed)
    rows = [[max(0, rng.randint(-16, 16)) / 16 for _ in range(64)] for _ in range(100)]
    return Network(rows, [rng.randrange(10) for _ in rows], layers([64, 32, 10], rng), lr=0.1)


def pictures(seed: int) -> Network:
    """100 pictures of the size of MNIST's, 28 x 28, drawn as those of `digits`; 784-128-10."""
    rng = random.Random(seed)
    rows = [[max(0, rng.randint(-16, 16)) / 16 for _ in range(784)] for _ in range(100)]
    return Network(rows, [rng.randrange(10) for _ in rows], layers([784, 128, 10], rng), lr=0.1)


def shared(seed: int, devices: int = 1, samples: int = 80_000) -> Shared:
    """Moons, shared out."""
    return Shared(moons(seed, samples), devices)


def joint(seed: int, processes: int = 1, samples: int = 80_000) -> Shared:
    """Moons, shared out among processes of a device each."""
    return Shared(moons(seed, samples), processes, processes)


def gpt(seed: int, letters: int = 6, width: int = 16) -> Text:
    """One block of width 16 with 4 heads over 26 letters and an end; 4,192 parameters."""
    rng = random.Random(seed)
    tokens, length = 27, 16
    shapes = {
        "token": (tokens, width),
        "position": (length, width),
        "query": (width, width),
        "key": (width, width),
        "value": (width, width),
        "mix": (width, width),
        "expand": (4 * width, width),
        "contract": (width, 4 * width),
        "logits": (tokens, width),
    }
    weights = {
        name: [[rng.gauss(0, 0.08) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in shapes.items()
    }
    documents = [[26, *[rng.randrange(26) for _ in range(letters)], 26] for _ in range(8)]
    return Text(documents, weights)


def point(seed: int, dimensions: int = 100) -> Point:
    """A point near (0, 0, ...)."""
    rng = random.Random(seed)
    return Point([rng.uniform(-1, 1) for _ in range(dimensions)])


def chain(seed: int, nodes: int = 1000) -> Chain:
    """A chain that starts at 1 whatever the seed."""
    return Chain(nodes)


def few(seed: int) -> Point:
    """A point in 20 dimensions."""
    return point(seed, 20)


def long_chain(seed: int) -> Chain:
    """A chain to be weighed."""
    return Chain(50_000)


def settings(seed: int, functions: int = 10) -> Point:
    """The settings of so many functions."""
    return point(seed, functions)


def nothing(seed: int) -> Nothing:
    """No numbers."""
    return Nothing(seed)
