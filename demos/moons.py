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
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from tqdm import tqdm  # type: ignore[import-untyped]

from autograd import Value, no_grad, pause_gc, sigmoid
from demos.planes import BLUE, ORANGE, save_decision_boundary
from demos.plotting import GUIDE, INK
from demos.xor import Progress, until_interrupted
from nn import MLP, SGD, hinge, l2

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


def learning_rate(step: int, steps: int) -> float:
    """From 1.0 in equal parts almost down to 0.1.

    >>> learning_rate(0, 100), round(learning_rate(99, 100), 6)
    (1.0, 0.109)
    """
    return 1.0 - 0.9 * step / steps


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


def train(
    moons: Moons, rng: random.Random, steps: int = 100, progress: Progress = iter
) -> Training:
    """Train a new network on all rows as one batch.

    Args:
        moons: the rows with their labels.
        rng: where the first weights are drawn from.
        steps: how many to make.
        progress: wraps the steps, to watch them go by or to end them early.
    """
    network = MLP(2, [*HIDDEN, 1], rng=rng)
    parameters = network.parameters()
    optimizer = SGD(parameters, learning_rate(0, steps))
    targets = [2 * label - 1 for label in moons.labels]  # -1 and 1, as the hinge takes them
    training = Training(network, [], [])

    def measure() -> Value:
        scores = [network(row) for row in moons.rows]
        loss: Value = hinge(scores, targets) + l2(parameters, DECAY)
        training.losses.append(loss.data)
        pairs = zip(scores, targets, strict=True)
        training.accuracies.append(sum((s > 0) == (t > 0) for s, t in pairs) / len(scores))
        return loss

    with pause_gc():
        for step in progress(range(steps)):
            loss = measure()
            optimizer.lr = learning_rate(step, steps)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with no_grad():
        measure()
    return training


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


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    seed: Annotated[int, typer.Option(help="Seed of the noise and of the first weights.")] = 0,
    rows: Annotated[int, typer.Option(min=4, help="Points on the two moons together.")] = 100,
    noise: Annotated[
        float, typer.Option(callback=at_most_one, help="Standard deviation of the noise.")
    ] = 0.1,
    steps: Annotated[int, typer.Option(min=1, help="Steps of gradient descent.")] = 100,
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder for boundary.png and training.png.")
    ] = Path("out/moons"),
) -> None:
    """Tell two half-moons apart: micrograd's demonstration.

    Ctrl-C ends the training early. The exit code is 1 if a row is left on the wrong side.
    """
    moons = make_moons(rows, noise, random.Random(f"rows {seed}"))
    training = train(
        moons,
        random.Random(seed),  # its own: the first weights do not depend on the rows
        steps,
        progress=lambda steps: until_interrupted(
            tqdm(steps, desc="training", unit=" steps", disable=None)
        ),
    )
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
    print("\nwritten: " + ", ".join(map(str, files)))
    if not training.learned:
        wrong = round((1 - training.accuracies[-1]) * rows)
        print(
            f"\nNot learned: {wrong} of {rows} rows on the wrong side."
            " Try more --steps, less --noise, or another --seed.",
            file=sys.stderr,
        )
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
