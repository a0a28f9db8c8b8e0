"""A network with `BatchNorm`, rows for it, and a training of it."""

import random
from typing import Any

import nn
from autograd import tanh, tree
from nn.module import named_numbers

RNG = random.Random(0)
ROWS = [[RNG.gauss(i, 1 + i) for i in range(3)] for _ in range(12)]
TARGETS = [RNG.gauss(0, 1) for _ in ROWS]


def network(rate: float = 0.0) -> nn.Sequential:
    inner = nn.Sequential(nn.Layer(4, 4, False, bias=False, rng=1), nn.BatchNorm(4, momentum=0.3))
    return nn.Sequential(
        nn.BatchNorm(3, eps=1e-3),
        nn.Layer(3, 4, activation="tanh", rng=0),
        nn.Residual(inner),
        nn.Dropout(rate),
        tanh,
        nn.Layer(4, 1, False, rng=2),
    )


def state(model: nn.Module) -> dict[str, float]:
    return {path: x.data for path, x in named_numbers(model)}


def flat(x: Any) -> list[float]:
    return [float(leaf) for leaf in tree.leaves(x)]


def trained(model: nn.Module, epochs: int = 20, **options: Any) -> nn.History:
    optimizer = nn.SGD(model.trainable_parameters(), lr=0.05, momentum=0.5)
    options = {"rng": 3, **options}
    data = ROWS, TARGETS
    return nn.fit(
        model, data, loss=nn.mean_squared_error, optimizer=optimizer, epochs=epochs, **options
    )
