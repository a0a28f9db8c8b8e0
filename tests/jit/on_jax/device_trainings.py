"""Trainings by `fit(..., devices=)`, and what is left of each: run by itself, it prints all."""

import json
import math
import os
import random
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograd import Value, exp, scan, tanh
from autograd import random as draws
from nn import (
    MLP,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    CosineAnnealing,
    EarlyStopping,
    Embedding,
    ExponentialDecay,
    Layer,
    LayerNorm,
    Lion,
    Module,
    ParameterGroups,
    RMSprop,
    RNNCell,
    Sequential,
    WarmUp,
    binary_cross_entropy_with_logits,
    clip_gradient_norm,
    cross_entropy,
    fit,
    half_sum_squared_error,
    l2,
    mean_squared_error,
)
from nn.optimizer import Optimizer

untyped: Any = fit
SOURCE = random.Random(0)
ROWS = [[SOURCE.uniform(-1, 1), SOURCE.uniform(-1, 1)] for _ in range(21)]
PRODUCTS = [x * y for x, y in ROWS]
CLASSES = [int(x > 0) + int(y > 0.3) for x, y in ROWS]


def perceptron(**options: Any) -> MLP:
    return MLP(2, [3, 1], activation="tanh", rng=0, **options)


def scheduled() -> dict[str, Any]:
    model = perceptron()
    return {
        "model": model,
        "train": (ROWS, PRODUCTS),
        "loss": mean_squared_error,
        "optimizer": Adam(model.parameters(), lr=0.02, amsgrad=True),
        "batch_size": 8,
        "schedule": WarmUp(2, CosineAnnealing(4)),
        "validation": (ROWS[:5], PRODUCTS[:5]),
        "metrics": {
            "worst": lambda found, wanted: max(map(abs, map(float.__sub__, found, wanted)))
        },
    }


def dropped() -> dict[str, Any]:
    """A sum with a penalty of parameters that the loss has from elsewhere than the model."""
    model = perceptron(dropout=0.3)
    weights = model.parameters()
    return {
        "model": model,
        "train": (ROWS, PRODUCTS),
        "loss": lambda outputs, targets: (
            half_sum_squared_error(outputs, targets) + l2(weights, 0.1)
        ),
        "optimizer": SGD(weights, lr=0.02, momentum=0.5, weight_decay=0.1, nesterov=True),
        "key": draws.key(3),
    }


def classified() -> dict[str, Any]:
    model = Sequential(LayerNorm(2), Layer(2, 3, False, rng=0))
    return {
        "model": model,
        "train": (ROWS, CLASSES),
        "loss": cross_entropy,
        "optimizer": AdamW(model.parameters(), lr=0.3),
        "batch_size": 5,
        "steps_per_epoch": 3,
        "metrics": ["accuracy"],
        "validation": (ROWS[:7], CLASSES[1:8]),
        "early_stopping": EarlyStopping(patience=2),
        "epochs": 9,
    }


class Letters(Module):
    def __init__(self) -> None:
        self.embedding, self.cell = Embedding(3, 2, rng=0), RNNCell(2, 2, rng=1)
        self.out = Layer(2, 3, False, rng=2)

    def __call__(self, letters: Any) -> Any:
        state = None
        for letter in letters:
            state = self.cell(self.embedding(letter), state)
        return self.out(state)


def spelled() -> dict[str, Any]:
    model = Letters()
    text = [0, 1, 2, 1] * 3
    return {
        "model": model,
        "train": ([text[i : i + 2] for i in range(10)], text[2:]),
        "loss": cross_entropy,
        "optimizer": RMSprop(model.parameters(), lr=0.01, momentum=0.5),
        "batch_size": 4,
    }


def grouped() -> dict[str, Any]:
    model = perceptron()
    first, last = model.layers
    return {
        "model": model,
        "train": (ROWS, PRODUCTS),
        "loss": mean_squared_error,
        "optimizer": ParameterGroups(
            Adam(first.parameters(), lr=0.02), SGD(last.parameters(), lr=0.1)
        ),
        "before_step": lambda parameters: clip_gradient_norm(parameters, 0.05),
        "schedule": ExponentialDecay(0.5),
        "batch_size": 11,
    }


def frozen() -> dict[str, Any]:
    model = perceptron()
    model.layers[0].freeze()
    return {
        "model": model,
        "train": (ROWS, [x > 0.1 for x, _ in ROWS]),
        "loss": binary_cross_entropy_with_logits,
        "optimizer": Lion(model.trainable_parameters(), lr=0.02, weight_decay=0.1),
        "batch_size": 6,
    }


def streamed() -> dict[str, Any]:
    """Batches of several sizes; whole numbers come first, in a column that has others too."""
    model = perceptron()
    rows = [[1, 0.5], [2, -0.5], *ROWS]

    def batches() -> Iterator[Any]:
        start = 0
        for size in (2, 9, 3, 9):
            chosen = rows[start : start + size]
            yield chosen, [x * y for x, y in chosen]
            start += size

    return {
        "model": model,
        "train": batches,
        "loss": mean_squared_error,
        "optimizer": Adagrad(model.parameters(), lr=0.1, lr_decay=0.1),
    }


def branched() -> dict[str, Any]:
    """A model, and a loss, that ask about the numbers of a row; a target that is missing."""
    model = MLP(2, [1], activation=lambda x: x if x > 0 else 0.1 * x, rng=0)

    def loss(outputs: Any, targets: Any) -> Any:
        pairs = zip(outputs, targets, strict=True)
        return sum([(y - t) ** 2 for y, t in pairs if t == t], Value(0.0))

    return {
        "model": model,
        "train": (ROWS, [*PRODUCTS[:15], math.nan, *PRODUCTS[16:]]),
        "loss": loss,
        "optimizer": SGD(model.parameters(), lr=0.1),
    }


def flat() -> dict[str, Any]:
    """Rows that cost a plain number, the first ones among them."""
    model = perceptron()

    def loss(outputs: Any, targets: Any) -> Any:
        pairs = zip(outputs, targets, strict=True)
        return sum([(y - t) ** 2 if abs(t) > 0.0 else 0.25 for y, t in pairs])

    return {
        "model": model,
        "train": lambda: [([[0.0, 0.0]] * 10 + ROWS, [0.0] * 10 + PRODUCTS)],
        "loss": loss,
        "optimizer": SGD(model.parameters(), lr=0.02),
    }


class Signs(Optimizer):
    rule = staticmethod(lambda data, grad, *, step, lr: (data - lr / step * tanh(9.0 * grad),))


def uncertain() -> dict[str, Any]:
    """The optimiser, a user's, moves a Value of the loss too."""
    model, spread = perceptron(), Value(0.1)

    def loss(outputs: Any, targets: Any) -> Any:
        errors = [(y - t) ** 2 for y, t in zip(outputs, targets, strict=True)]
        return sum(errors) / len(errors) * exp(-spread) + spread

    return {
        "model": model,
        "train": (ROWS, PRODUCTS),
        "loss": loss,
        "optimizer": Signs([*model.parameters(), spread], lr=0.05),
        "batch_size": 10,
    }


class Walk(Module):
    def __init__(self) -> None:
        self.pull, self.start = Value(0.5), (Value(0.1), [Value(-0.2)])

    def __call__(self, row: Any) -> Any:
        start = self.start[0] if row["back"] else self.start[1][0]
        turn = lambda c, x: (tanh(c + self.pull * x), None)
        return {"end": scan(turn, start, row["steps"])[0], "pull": (self.pull,)}


def walked() -> dict[str, Any]:
    """Rows, targets and predictions that are no rows of numbers."""
    model = Walk()
    rows = [{"steps": [x, y, x * y], "back": x > 0} for x, y in ROWS]

    def loss(outputs: Any, targets: Any) -> Any:
        pairs = [*zip(outputs, targets, strict=True)]
        return sum((y["end"] - t[0]["to"]) ** 2 + y["pull"][0] * t[1] for y, t in pairs)

    return {
        "model": model,
        "train": (rows, [({"to": t}, 0.01) for t in PRODUCTS]),
        "loss": loss,
        "optimizer": SGD(model.parameters(), lr=0.01),
        "metrics": {"end": lambda found, wanted: found[3]["end"] - wanted[3][1]},
        "batch_size": 9,
    }


def annealed() -> dict[str, Any]:
    """What the loss reads changes between epochs, and so does an option of the optimiser."""
    model, strength = MLP(2, [1], rng=0), [0.5]
    optimizer = SGD(model.parameters(), lr=0.1)

    def after(epoch: Any) -> None:
        if epoch.row["epoch"] == 1:
            optimizer.momentum = 0.5  # type: ignore[attr-defined]
        if epoch.row["epoch"] == 2:
            strength[0] = 0.1
            model.layers[0].neurons[0].bias.data += 1.0

    return {
        "model": model,
        "train": (ROWS, PRODUCTS),
        "loss": lambda y, t: mean_squared_error(y, t) + l2(model.parameters(), strength[0]),
        "optimizer": optimizer,
        "callbacks": [after],
        "batch_size": 8,
    }


def moved() -> dict[str, Any]:
    """A callback that changes the rows, which are all of a batch."""
    model = perceptron()
    rows, targets = [[*row] for row in ROWS], [*PRODUCTS]

    def after(epoch: Any) -> None:
        if epoch.row["epoch"] != 2:
            rows[1][0] += 1.0
            targets[2] -= 2.0

    return {
        "model": model,
        "train": (rows, targets),
        "loss": mean_squared_error,
        "optimizer": SGD(model.parameters(), lr=0.1),
        "callbacks": [after],
    }


def diverging() -> dict[str, Any]:
    model = MLP(2, [2, 1], activation="identity", rng=0)
    return {
        "model": model,
        "train": (ROWS, PRODUCTS),
        "loss": mean_squared_error,
        "optimizer": SGD(model.parameters(), lr=1e120),
    }


TRAININGS: dict[str, tuple[Callable[[], dict[str, Any]], list[int]]] = {
    "scheduled": (scheduled, [1, 2, 8]),
    "dropped": (dropped, [8]),
    "classified": (classified, [2]),
    "spelled": (spelled, [2]),
    "grouped": (grouped, [8]),
    "frozen": (frozen, [1]),
    "streamed": (streamed, [2]),
    "branched": (branched, [8]),
    "flat": (flat, [2]),
    "uncertain": (uncertain, [2]),
    "walked": (walked, [8]),
    "annealed": (annealed, [2]),
    "moved": (moved, [2]),
    "moved in batches": (lambda: {**moved(), "batch_size": 8}, [8]),
    "diverging": (diverging, [2]),
}
"""Trainings, and on how many devices they are made."""


def left(name: str, devices: Any, **options: Any) -> dict[str, Any]:
    """What is left of a training: plain, or on so many devices."""
    how = {"jit": False} if devices is None else {"devices": devices}
    given = {"epochs": 4, "rng": 1, **TRAININGS[name][0](), **how, **options}
    model, optimizer = given.pop("model"), given["optimizer"]
    history = untyped(model, given.pop("train"), **given)
    groups = getattr(optimizer, "groups", [optimizer])
    return {
        "parameters": [p.data for p in model.parameters()],
        "held": [p.data for p in optimizer.parameters],
        "gradients": [p.grad for p in optimizer.parameters],
        "slots": [x for group in groups for column in group.slots.values() for x in column],
        "steps": [group.steps for group in groups],
        "history": [[*row.values()] for row in history.rows],
        "columns": [*history.rows[0]],
        "ended": [history.diverged, history.interrupted],
    }


def resumed(first: Any, then: Any) -> dict[str, Any]:
    """The same of a training that goes on from a checkpoint, otherwise than it began."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder, "training.json")
        left("scheduled", first, checkpoint=checkpoint, epochs=2)
        return left("scheduled", then, checkpoint=checkpoint, resume=True)


def interrupted() -> dict[str, Any]:
    """A training that Ctrl-C ends in its second epoch."""
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def press(epoch: Any) -> None:
        if epoch.row["epoch"] == 2:
            os.kill(os.getpid(), signal.SIGINT)

    return left("scheduled", 2, callbacks=[press])


def main() -> None:
    warnings.simplefilter("ignore")
    for name, (_, counts) in TRAININGS.items():
        for devices in (None, *counts):
            show(name, devices, left(name, devices))
    show("resumed", 2, resumed(None, 2))
    show("resumed", None, resumed(2, None))
    show("interrupted", 2, interrupted())


def show(name: str, devices: int | None, found: Any) -> None:
    print(json.dumps([name, devices, found]), flush=True)


if __name__ == "__main__":
    main()
