"""The graphs of the gallery: those that people draw first, and those that are hard to draw.

Each is a function that computes something, with gradients, and draws it; its options are those of
`draw`. The first line of its docstring is what stands under the picture.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from autograd import Value, dot, erf, exp, grad, log, scope, sin, softmax, sqrt, tanh
from autograd.draw import Drawing, draw
from demos.first_names import TOKENS
from demos.gpt import GRAPHED, loss_of
from demos.gpt_model import GPT
from demos.moons import HIDDEN, make_moons
from demos.xor import DRAWN_ROW, INPUTS, TARGETS, labelled_loss, new_network
from nn import MLP, binary_cross_entropy, hinge


def with_gradients(result: Value, label: str, **options: Any) -> Drawing:
    """The graph of a result that is given a label, after its backward pass."""
    result.label = label
    result.backward()
    return draw(result, **options)


def micrograd(**options: Any) -> Drawing:
    """The example of the README of micrograd."""
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = 1 + c + c - a
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    f = (c - d) ** 2
    return with_gradients(f / 2.0 + 10.0 / f, "g", **options)


def neuron(**options: Any) -> Drawing:
    """One neuron: two inputs, two weights, a bias, tanh."""
    x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
    w1, w2, b = Value(-3.0, "w1"), Value(1.0, "w2"), Value(6.88, "b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    return with_gradients(n.tanh(), "o", **options)


def xor(**options: Any) -> Drawing:
    """XOR by a 2-3-1 network: the loss of one row."""
    network = new_network()
    return draw(labelled_loss(network, DRAWN_ROW), model=network, **options)


def xor_rows(**options: Any) -> Drawing:
    """XOR by a 2-3-1 network: the loss of all four rows."""
    network = new_network()
    loss = binary_cross_entropy([network(row) for row in INPUTS], TARGETS)
    return with_gradients(loss, "loss", model=network, **options)


def black_scholes(**options: Any) -> Drawing:
    """The price of a call option by Black and Scholes, whose gradients are the Greeks."""
    names = {"S": 100.0, "K": 105.0, "r": 0.03, "sigma": 0.2, "T": 1.0}
    s, k, r, sigma, t = (Value(x, name) for name, x in names.items())
    d1 = (log(s / k) + (r + sigma**2 / 2) * t) / (sigma * sqrt(t))
    d2 = d1 - sigma * sqrt(t)
    d1.label, d2.label = "d1", "d2"
    share, paid = ((1 + erf(d / math.sqrt(2))) / 2 for d in (d1, d2))
    return with_gradients(s * share - k * exp(-r * t) * paid, "call", **options)


def softmax_loss(**options: Any) -> Drawing:
    """Softmax of three logits, and the cross-entropy of one class."""
    logits = [Value(x, f"z{k}") for k, x in enumerate([1.0, 2.0, 0.5])]
    return with_gradients(-log(softmax(logits)[1]), "loss", **options)


def mlp(**options: Any) -> Drawing:
    """A 3-4-4-1 network of tanh on four rows: the squared errors, summed."""
    model = MLP(3, [4, 4, 1], activation="tanh", rng=0)
    rows = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    targets = [1.0, -1.0, -1.0, 1.0]
    loss = sum((model(row) - y) ** 2 for row, y in zip(rows, targets, strict=True))
    return with_gradients(loss, "loss", model=model, **options)


def moons(**options: Any) -> Drawing:
    """Two half-moons of 100 points by a 2-16-16-1 network: hinge loss."""
    model = MLP(2, [*HIDDEN, 1], rng=0)
    rows, labels = make_moons(100, 0.1, random.Random(0))
    loss = hinge([model(row) for row in rows], [2 * label - 1 for label in labels])
    return with_gradients(loss, "loss", model=model, **options)


def rnn(**options: Any) -> Drawing:
    """A recurrent network of one state, 20 steps."""
    wx, wh, b, h = Value(0.5, "wx"), Value(0.8, "wh"), Value(0.1, "b"), Value(0.0, "h0")
    for k in range(20):
        h = tanh(wx * (0.1 * k) + wh * h + b)
    return with_gradients((h - 1) ** 2, "loss", **options)


def pendulum(**options: Any) -> Drawing:
    """A pendulum after 200 steps of time."""
    angle, speed, gravity = Value(1.0, "angle"), Value(0.0, "speed"), Value(9.81, "gravity")
    for _ in range(200):
        speed = speed - gravity * sin(angle) * 0.01
        angle = angle + speed * 0.01
    return with_gradients(angle, "end", **options)


def attention(**options: Any) -> Drawing:
    """One head of attention: what the last of three tokens takes from each."""
    rng = random.Random(0)
    tokens = [[Value(rng.gauss(0, 1), f"x{t}{i}") for i in range(2)] for t in range(3)]
    query, key, value = (
        [[Value(rng.gauss(0, 1), f"{name}{i}{j}") for j in range(2)] for i in range(2)]
        for name in ("Q", "K", "V")
    )

    def mixed() -> Value:
        with scope("queries, keys, values"):
            asked = [dot(row, tokens[-1]) for row in query]
            keys, values = ([[dot(row, x) for row in m] for x in tokens] for m in (key, value))
        with scope("softmax"):
            shares = softmax([dot(asked, k) / math.sqrt(2) for k in keys])
        for t, share in enumerate(shares):
            share.label = f"share{t}"
        with scope("mix"):
            out = [dot(shares, column) for column in zip(*values, strict=True)]
        loss: Value = dot(out, out)
        loss.label = "loss"
        loss.backward()
        return loss

    return draw(mixed, **options)


def gpt(**options: Any) -> Drawing:
    """A GPT of 4,192 parameters: the loss of one name."""
    model = GPT(TOKENS, rng=random.Random(0))
    return draw(lambda: loss_of(model, GRAPHED), **options)


def second_derivative(**options: Any) -> Drawing:
    """The slope of x sin x, drawn as a graph, with the second derivative as its gradient."""
    x = Value(2.0, "x")
    slope = grad(lambda x: x * sin(x))(x)
    return with_gradients(slope, "slope", **options)


GALLERY: dict[str, Callable[..., Drawing]] = {
    f.__name__: f
    for f in (
        micrograd,
        neuron,
        xor,
        xor_rows,
        black_scholes,
        softmax_loss,
        mlp,
        moons,
        rnn,
        pendulum,
        attention,
        gpt,
        second_derivative,
    )
}
