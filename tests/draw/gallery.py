"""The graphs that people draw first."""

from __future__ import annotations

import math
import random
from typing import Any

from autograd import Value, erf, exp, log, sin, softmax, sqrt, tanh
from autograd.draw import draw
from autograd.draw.picture import Drawing
from nn import MLP, mean_squared_error


def with_gradients(result: Value, label: str = "", **options: Any) -> Drawing:
    result.label = label
    result.backward()
    return draw(result, **options)


def neuron(**options: Any) -> Drawing:
    x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
    w1, w2, b = Value(-3.0, "w1"), Value(1.0, "w2"), Value(6.88, "b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    return with_gradients(n.tanh(), "o", **options)


def micrograd(**options: Any) -> Drawing:
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = 1 + c + c - a
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    f = (c - d) ** 2
    return with_gradients(f / 2.0 + 10.0 / f, "g", **options)


def black_scholes(**options: Any) -> Drawing:
    names = {"S": 100.0, "K": 105.0, "r": 0.03, "sigma": 0.2, "T": 1.0}
    s, k, r, sigma, t = (Value(x, name) for name, x in names.items())
    d1 = (log(s / k) + (r + sigma**2 / 2) * t) / (sigma * sqrt(t))
    d2 = d1 - sigma * sqrt(t)
    d1.label, d2.label = "d1", "d2"
    share, paid = ((1 + erf(d / math.sqrt(2))) / 2 for d in (d1, d2))
    return with_gradients(s * share - k * exp(-r * t) * paid, "call", **options)


def one_row(**options: Any) -> Drawing:
    model = MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid", rng=0)
    return with_gradients(mean_squared_error(model([1.0, 0.0]), 1.0), model=model, **options)


def four_rows(**options: Any) -> Drawing:
    model = MLP(3, [4, 4, 1], activation="tanh", rng=0)
    rows = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    return with_gradients(sum((model(row) - 1) ** 2 for row in rows), model=model, **options)


def moons(**options: Any) -> Drawing:
    model = MLP(2, [8, 8, 1], activation="relu", rng=0)
    chance = random.Random(0)
    rows = [([chance.random(), chance.random()], (-1.0) ** k) for k in range(20)]
    return with_gradients(
        sum((1 - y * model(x)).relu() for x, y in rows) / 20, model=model, **options
    )


def recurrence(**options: Any) -> Drawing:
    wx, wh, b, h = Value(0.5, "wx"), Value(0.8, "wh"), Value(0.1, "b"), Value(0.0, "h0")
    for k in range(20):
        h = tanh(wx * (0.1 * k) + wh * h + b)
    return with_gradients((h - 1) ** 2, "loss", **options)


def pendulum(**options: Any) -> Drawing:
    angle, speed, gravity = Value(1.0, "angle"), Value(0.0, "speed"), Value(9.81, "gravity")
    for _ in range(200):
        speed = speed - gravity * sin(angle) * 0.01
        angle = angle + speed * 0.01
    return with_gradients(angle, "end", **options)


def cross_entropy(**options: Any) -> Drawing:
    logits = [Value(x, f"z{k}") for k, x in enumerate([1.0, 2.0, 0.5])]
    return with_gradients(-log(softmax(logits)[1]), "loss", **options)


GALLERY = [
    neuron,
    micrograd,
    black_scholes,
    one_row,
    four_rows,
    moons,
    recurrence,
    pendulum,
    cross_entropy,
]
