"""Two half-moons, told apart by micrograd's own demonstration on this engine.

    python -m demos.moons

The network (2-16-16-1, ReLU), the loss (a hinge for every row, and the sum of all squared
parameters times 0.0001) and the learning rate (from 1.0 down to 0.1 in 100 steps) are those of the
notebook `demo.ipynb` in Karpathy's micrograd (2020). The hinge loss is that of a support vector
machine (Cortes and Vapnik, "Support-vector networks", 1995): a row costs nothing once it is on its
side of the boundary by a margin of 1.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from autograd import no_grad, sigmoid
from demos.planes import BLUE, ORANGE, save_decision_boundary
from demos.plotting import GUIDE, INK
from demos.program import Clock, Jit, Out, Seed, Steps, fail, program, written
from nn import MLP, SGD, fit, hinge, l2
from nn.prediction import predict, sign_accuracy
from nn.schedules import Schedule

HIDDEN = [16, 16]
DECAY = 1e-4  # the weight of the squared parameters in the loss
Row = tuple[float, float]


class Moons(NamedTuple):
    """Points of the plane, and for each the half-moon it lies on: 0, the upper, or 1, the lower."""

    rows: list[Row]
    labels: list[int]


def make_moons(count: int, noise: float, rng: random.Random) -> Moons:
    """Two interleaving half circles of radius 1, evenly dotted, each dot moved by normal noise.

    Args:
        count: how many points, half of them on each moon.
        noise: the standard deviation, in each coordinate.
        rng: where the noise is drawn from.

    >>> moons = make_moons(4, 0.0, random.Random(0))
    >>> [(round(x, 6), round(y, 6)) for x, y in moons.rows]
    [(1.0, 0.0), (0.0, 0.5), (-1.0, 0.0), (2.0, 0.5)]
    >>> moons.labels
    [0, 1, 0, 1]
    """
    moons = Moons([], [])
    for i in range(count):
        angle = math.pi * (i // 2) / max(1, (count - 1) // 2)
        x, y = math.cos(angle), math.sin(angle)
        if i % 2 == 1:
            x, y = 1 - x, 0.5 - y
        moons.rows.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
        moons.labels.append(i % 2)
    return moons


class Falling(Schedule):
    """From 1 in equal parts almost down to 0.1.

    >>> Falling(100)(0), round(Falling(100)(99), 6)
    (1.0, 0.109)
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def factor(self, epoch: int, loss: float | None) -> float:
        """Of the learning rate in a step."""
        return 1.0 - 0.9 * epoch / self.steps


@dataclass(frozen=True)
class Training:
    """What came of a training.

    Attributes:
        network: the trained network.
        losses: before each step, and after the last.
        accuracies: the share of rows on their side of the boundary, likewise.
    """

    network: MLP
    losses: list[float]
    accuracies: list[float]

    @property
    def learned(self) -> bool:
        """Whether every row is on its side."""
        return self.accuracies[-1] == 1


def train(moons: Moons, rng: random.Random, steps: int = 100, jit: bool = True) -> Training:
    """Train a new network on all rows as one batch; Ctrl-C ends the training early.

    Args:
        moons: the rows with their labels.
        rng: where the first weights are drawn from.
        steps: how many to make.
        jit: whether to compile them.
    """
    network = MLP(2, [*HIDDEN, 1], rng=rng)
    parameters = network.parameters()
    targets = [2 * label - 1 for label in moons.labels]  # -1 and 1, as the hinge takes them

    def loss(scores: list[Any], targets: list[Any]) -> Any:
        return hinge(scores, targets) + l2(parameters, DECAY)

    history = fit(
        network,
        (moons.rows, targets),
        loss=loss,
        optimizer=SGD(parameters, lr=1.0),
        schedule=Falling(steps),
        epochs=steps,  # with all rows in one batch, an epoch is a step
        metrics=["sign_accuracy"],
        jit=jit,
    )
    with no_grad():
        scores = predict(network, moons.rows)
        losses = [*(row["loss"] for row in history.rows), float(loss(scores, targets))]
    accuracies = [row["sign_accuracy"] for row in history.rows]
    return Training(network, losses, [*accuracies, sign_accuracy(scores, targets)])


def report(training: Training, rows: int) -> str:
    """How the training went, as text."""
    last = len(training.losses) - 1
    shown = sorted({*range(0, last, max(1, last // 10)), last})
    size = "-".join(map(str, (2, *HIDDEN, 1)))
    return "\n".join(
        [
            f"{size} network, {len(training.network.parameters())} parameters, {rows} rows",
            "",
            "  step     loss  accuracy",
            *(f"{i:6}{training.losses[i]:9.4f}{training.accuracies[i]:10.0%}" for i in shown),
        ]
    )


def save_training(training: Training, path: Path, title: str) -> Path:
    """Write a picture of loss and accuracy, step by step, one above the other.

    Returns:
        The path.
    """
    figure = Figure(figsize=(8, 5.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2, 1, sharex=True)
    upper.plot(training.losses, color=BLUE, linewidth=2)
    upper.set_yscale("log")
    upper.set_ylabel("loss (log scale)", color=INK)
    lower.plot([100 * accuracy for accuracy in training.accuracies], color=ORANGE, linewidth=2)
    lower.set_ylabel("accuracy (%)", color=INK)
    lower.set_xlabel("step", color=INK)
    for axes in (upper, lower):
        axes.grid(which="both", color=GUIDE, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
    figure.suptitle(title, color=INK, fontsize=13, fontweight="bold")
    figure.savefig(path)
    return path


def at_most_one(noise: float) -> float:
    """The noise, if there are moons left in it."""
    if not 0 <= noise <= 1:
        raise typer.BadParameter(f"must be from 0 to 1, got {noise}")
    return noise


app = program()


@app.command()
def main(
    seed: Seed = 0,
    rows: Annotated[int, typer.Option(min=4, help="Points on the two moons together.")] = 100,
    noise: Annotated[
        float, typer.Option(callback=at_most_one, help="Standard deviation of the noise.")
    ] = 0.1,
    steps: Steps = 100,
    jit: Jit = True,
    out: Out = Path("out/moons"),
) -> None:
    """Tell two half-moons apart: micrograd's demonstration.

    Writes boundary.png and training.png. Ctrl-C ends the training early. The exit code is 1 if a
    row is left on the wrong side.
    """
    moons = make_moons(rows, noise, random.Random(f"rows {seed}"))
    with Clock() as clock:  # the weights have a generator of their own, whatever the rows took
        training = train(moons, random.Random(seed), steps, jit)
    print(clock.report(len(training.losses) - 1, "steps", jit) + "\n")
    print(report(training, rows))
    out.mkdir(parents=True, exist_ok=True)
    size = "-".join(map(str, (2, *HIDDEN, 1)))
    files = [
        save_decision_boundary(
            lambda row: sigmoid(training.network(row)),
            moons.rows,
            moons.labels,
            out / "boundary.png",
            f"Two half-moons, told apart by a {size} network (seed {seed})",
        ),
        save_training(training, out / "training.png", f"Half-moons: a {size} network learns"),
    ]
    written(files)
    if not training.learned:
        wrong = round((1 - training.accuracies[-1]) * rows)
        fail(
            f"Not learned: {wrong} of {rows} rows on the wrong side."
            " Try more --steps, less --noise, or another --seed."
        )


if __name__ == "__main__":
    app()
