"""A noisy sine, fitted by a network of one hidden layer: a number predicted, not a class.

    python -m demos.regression

For regression the output neuron is linear (its activation is the identity), so that any number can
come out, and the loss is the mean squared error. One hidden layer of tanh neurons can come as near
to any continuous curve as one likes (Cybenko, "Approximation by superpositions of a sigmoidal
function", 1989). The noise cannot be learned: a good fit has about the noise as its error on the
data, and a much smaller error against the curve that the data came from.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from demos.plotting import CURVE, GUIDE, INK, save_loss_curve
from demos.program import (
    Clock,
    Epochs,
    Jit,
    Out,
    Rate,
    Seed,
    diverged,
    fail,
    fitted,
    program,
    written,
)
from nn import MLP, SGD, mean_squared_error
from nn.prediction import predict

ORANGE = "#e69f00"  # Okabe and Ito, "Color universal design" (2008)
TOLERANCE = 0.1  # root mean square distance from the true curve that counts as a fit
GRID = [i / 100 for i in range(-100, 101)]  # where the fit is compared with the true curve
MOMENTUM = 0.9


def true_curve(x: float) -> float:
    """The curve to find again: one period of the sine between -1 and 1.

    >>> [round(true_curve(x), 6) for x in (-0.5, 0.0, 0.5)]
    [-1.0, 0.0, 1.0]
    """
    return math.sin(math.pi * x)


@dataclass(frozen=True)
class Data:
    """Points near the true curve.

    Attributes:
        xs: from -1 to 1, in order.
        ys: what was measured there.
    """

    xs: list[float]
    ys: list[float]


def make_data(count: int, noise: float, rng: random.Random) -> Data:
    """Points spread evenly at random, each moved off the true curve by normal noise.

    Args:
        count: how many.
        noise: the standard deviation.
        rng: where the points and the noise are drawn from.

    >>> data = make_data(3, 0.0, random.Random(0))
    >>> data.ys == [true_curve(x) for x in data.xs]
    True
    """
    xs = sorted(rng.uniform(-1, 1) for _ in range(count))
    return Data(xs, [true_curve(x) + rng.gauss(0, noise) for x in xs])


@dataclass(frozen=True)
class Fit:
    """What came of a training.

    Attributes:
        data: what was fitted.
        losses: the mean squared error on it before each epoch, and after the last.
        before: the network's curve over `GRID` before the training.
        after: likewise after it.
    """

    data: Data
    losses: list[float]
    before: list[float]
    after: list[float]

    @property
    def residual(self) -> float:
        """The root mean square error on the data: about the noise, for a good fit."""
        return math.sqrt(self.losses[-1])

    @property
    def distance(self) -> float:
        """The root mean square distance of the network's curve from the true one."""
        return math.sqrt(mean_squared_error(self.after, map(true_curve, GRID)))

    @property
    def learned(self) -> bool:
        """Whether the curve is within `TOLERANCE` of the true one."""
        return self.distance < TOLERANCE


def fit(
    data: Data,
    rng: random.Random,
    hidden: int = 12,
    epochs: int = 600,
    lr: float = 0.05,
    jit: bool = True,
) -> Fit:
    """Fit a new 1-hidden-1 network by gradient descent with momentum, all points as one batch.

    Ctrl-C ends the training early.

    Args:
        data: what to fit.
        rng: where the first weights are drawn from.
        hidden: how many tanh neurons.
        epochs: how many steps to make.
        lr: the learning rate.
        jit: whether to compile the steps.

    Raises:
        OverflowError: the learning rate is so large that the training diverges.
    """
    network = MLP(1, [hidden, 1], activation="tanh", output_activation="identity", rng=rng)
    before = curve(network, GRID)
    history = fitted(
        network,
        ([[x] for x in data.xs], data.ys),
        loss=mean_squared_error,
        optimizer=SGD(network.parameters(), lr, MOMENTUM),
        epochs=epochs,
        jit=jit,
    )
    losses = [row["loss"] for row in history.rows]
    losses.append(mean_squared_error(curve(network, data.xs), data.ys))
    if not losses[-1] < math.inf:
        raise OverflowError(f"the loss is {losses[-1]}")
    return Fit(data, losses, before, curve(network, GRID))


def curve(network: MLP, xs: Sequence[float]) -> list[float]:
    """What the network answers at each x."""
    return predict(network, [[x] for x in xs])


def report(result: Fit, noise: float) -> str:
    """What was found, as text."""
    start = math.sqrt(mean_squared_error(result.before, map(true_curve, GRID)))
    lines = [
        "       x    true curve   network    error",
        *(
            f"{x:8.2f}{true_curve(x):14.4f}{y:10.4f}{abs(y - true_curve(x)):9.4f}"
            for x, y in list(zip(GRID, result.after, strict=True))[::25]
        ),
        "",
        f"root mean square errors, {len(result.losses) - 1} epochs, {len(result.data.xs)} points",
        f"  on the data          {math.sqrt(result.losses[0]):.4f} -> {result.residual:.4f}"
        f"   (the noise in it: {noise:g})",
        f"  from the true curve  {start:.4f} -> {result.distance:.4f}",
    ]
    return "\n".join(lines)


def save_fit(result: Fit, path: Path, title: str) -> Path:
    """Write a picture of the data, the true curve, and the network's before and after.

    Returns:
        The path.
    """
    figure = Figure(figsize=(8, 4.8), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot(result.data.xs, result.data.ys, "o", color="#999999", markersize=5, label="data")
    truth = [true_curve(x) for x in GRID]
    axes.plot(GRID, result.before, ":", color=CURVE, linewidth=2, label="network before training")
    axes.plot(GRID, truth, "--", color=ORANGE, linewidth=2.5, label="true curve: sin(πx)")
    axes.plot(GRID, result.after, color=CURVE, linewidth=2.5, label="network after training")
    axes.set_title(title, loc="left", color=INK, fontsize=13, fontweight="bold", pad=12)
    axes.set_xlabel("x", color=INK)
    axes.set_ylabel("y", color=INK)
    axes.grid(color=GUIDE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    figure.legend(loc="outside lower center", ncols=4, frameon=False, labelcolor=INK)
    figure.savefig(path)
    return path


def not_negative(noise: float) -> float:
    """The noise, if it can be one."""
    if not 0 <= noise < math.inf:
        raise typer.BadParameter(f"must be finite and not negative, got {noise}")
    return noise


app = program()


@app.command()
def main(
    seed: Seed = 0,
    points: Annotated[int, typer.Option(min=2, help="How many points to fit.")] = 80,
    noise: Annotated[
        float, typer.Option(callback=not_negative, help="Standard deviation of the noise.")
    ] = 0.15,
    hidden: Annotated[int, typer.Option(min=1, help="Neurons in the hidden layer.")] = 12,
    epochs: Epochs = 600,
    lr: Rate = 0.05,
    jit: Jit = True,
    out: Out = Path("out/regression"),
) -> None:
    """Fit a noisy sine with a small network whose output is a plain number.

    Writes fit.png and loss.png. Ctrl-C ends the training early. The exit code is 1 if the curve was
    not found again.
    """
    rng = random.Random(seed)
    data = make_data(points, noise, rng)
    try:
        with Clock() as clock:
            result = fit(data, rng, hidden, epochs, lr, jit)
    except OverflowError as error:
        diverged(lr, error)
    print(clock.report(len(result.losses) - 1, "epochs", jit) + "\n")
    print(report(result, noise))
    out.mkdir(parents=True, exist_ok=True)
    size = f"1-{hidden}-1"
    files = [
        save_fit(
            result, out / "fit.png", f"A {size} network finds the sine behind {points} points"
        ),
        save_loss_curve(
            result.losses,
            out / "loss.png",
            title=f"Noisy sine: the loss while a {size} network learns (seed {seed})",
            loss_name="mean squared error",
        ),
    ]
    written(files)
    if not result.learned:
        fail(
            f"Not learned: the fit is {result.distance:.3f} from the true curve, the aim is less"
            f" than {TOLERANCE}. Try more --epochs or --points, less --noise, or another --lr."
        )


if __name__ == "__main__":
    app()
