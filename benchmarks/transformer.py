"""One training step of a small transformer, written with single numbers for any `Value` class."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

Matrix = list[list[Any]]

VOCABULARY, WIDTH, HEADS, BLOCK = 27, 16, 4, 16


def parameters(value: type, seed: int) -> dict[str, Matrix]:
    """The weights, as Values of the given class."""
    rng = random.Random(seed)

    def matrix(rows: int, columns: int) -> Matrix:
        return [[value(rng.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

    return {
        "token": matrix(VOCABULARY, WIDTH),
        "position": matrix(BLOCK, WIDTH),
        "query": matrix(WIDTH, WIDTH),
        "key": matrix(WIDTH, WIDTH),
        "value": matrix(WIDTH, WIDTH),
        "mix": matrix(WIDTH, WIDTH),
        "expand": matrix(4 * WIDTH, WIDTH),
        "contract": matrix(WIDTH, 4 * WIDTH),
        "logits": matrix(VOCABULARY, WIDTH),
    }


def linear(x: list[Any], weights: Matrix) -> list[Any]:
    """A matrix times a vector."""
    return [sum(w * xi for w, xi in zip(row, x, strict=True)) for row in weights]


def softmax(logits: list[Any]) -> list[Any]:
    """Shares that add up to 1."""
    top = max(z.data for z in logits)
    powers = [(z - top).exp() for z in logits]
    total = sum(powers)
    return [power / total for power in powers]


def normalise(x: list[Any]) -> list[Any]:
    """Root mean square normalisation."""
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def loss(weights: dict[str, Matrix], tokens: list[int]) -> Any:
    """Mean cross-entropy of predicting each token from those before it."""
    size = WIDTH // HEADS
    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    losses = []
    for position, (token, target) in enumerate(pairwise(tokens)):
        x = [
            t + p
            for t, p in zip(weights["token"][token], weights["position"][position], strict=True)
        ]
        residual, x = x, normalise(x)
        query = linear(x, weights["query"])
        keys.append(linear(x, weights["key"]))
        values.append(linear(x, weights["value"]))
        mixed = []
        for start in range(0, WIDTH, size):
            head = range(start, start + size)
            scores = [sum(query[i] * key[i] for i in head) / size**0.5 for key in keys]
            shares = softmax(scores)
            mixed += [sum(s * v[i] for s, v in zip(shares, values, strict=True)) for i in head]
        x = [a + b for a, b in zip(linear(mixed, weights["mix"]), residual, strict=True)]
        residual, x = x, normalise(x)
        x = [h.relu() for h in linear(x, weights["expand"])]
        x = [a + b for a, b in zip(linear(x, weights["contract"]), residual, strict=True)]
        losses.append(-softmax(linear(x, weights["logits"]))[target].log())
    return (1 / len(losses)) * sum(losses)


def step(weights: dict[str, Matrix], tokens: list[int], lr: float = 0.01) -> float:
    """Loss, gradients and an update by gradient descent; returns the loss."""
    total = loss(weights, tokens)
    total.backward()
    for rows in weights.values():
        for row in rows:
            for p in row:
                p.data -= lr * p.grad
                p.grad = 0.0
    return float(total.data)
