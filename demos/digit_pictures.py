"""Pictures of a network that reads digits: how it learned, and what it misreads."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from demos.idx import Images
from demos.planes import BLUE, ORANGE
from demos.plotting import GUIDE, INK

if TYPE_CHECKING:
    from demos.digits import Training

NAMES = ("training rows, as they go by", "test rows")


def winner(probabilities: list[float]) -> int:
    """The class with the largest probability.

    >>> winner([0.1, 0.7, 0.2])
    1
    """
    return probabilities.index(max(probabilities))


def hardest(training: Training, test: Images, count: int) -> list[int]:
    """The indices of the test rows misread, the surest mistakes first; at most so many."""
    wrong = [
        i for i, answer in enumerate(training.probabilities) if winner(answer) != test.labels[i]
    ]
    return sorted(wrong, key=lambda i: -max(training.probabilities[i]))[:count]


def save_history(training: Training, path: Path, title: str) -> Path:
    """Write a picture of loss and accuracy per epoch, on training and test rows.

    Returns:
        The path.
    """
    figure = Figure(figsize=(10, 4.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    losses, accuracies = figure.subplots(1, 2)
    history = training.history
    epochs = [e.number for e in history]
    looks = ({"color": BLUE, "marker": "o"}, {"color": ORANGE, "marker": "s", "linestyle": "--"})
    curves = (
        (losses, [e.train_loss for e in history], [e.test_loss for e in history]),
        (accuracies, [e.train_accuracy for e in history], [e.test_accuracy for e in history]),
    )
    for axes, *both in curves:
        for name, values, look in zip(NAMES, both, looks, strict=True):
            axes.plot(epochs, values, label=name, linewidth=2, markersize=5, **look)
        axes.set_xlabel("epoch", color=INK)
        axes.grid(color=GUIDE, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
    losses.set_ylabel("mean cross-entropy", color=INK)
    losses.set_ylim(bottom=0)
    accuracies.set_ylabel("accuracy", color=INK)
    accuracies.set_ylim(0, 1.03)
    last = f"{history[-1].test_accuracy:.3f} of the test rows right"
    accuracies.annotate(last, (1, 0.05), xycoords="axes fraction", ha="right", color=INK)
    figure.suptitle(title, color=INK, fontsize=13, fontweight="bold")
    handles, names = losses.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
    figure.savefig(path)
    return path


def save_confusion(table: list[list[int]], path: Path) -> Path:
    """Write a picture of the confusion matrix; its diagonal counts what is right.

    Returns:
        The path.
    """
    figure = Figure(figsize=(6.5, 6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    shares = [[n / max(1, sum(row)) for n in row] for row in table]
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(table):
        for j, n in enumerate(row):
            if n:
                color = "white" if shares[i][j] > 0.5 else INK
                weight = "normal" if i == j else "bold"
                axes.text(j, i, str(n), ha="center", va="center", color=color, fontweight=weight)
    axes.set_xticks(range(len(table)))
    axes.set_yticks(range(len(table)))
    axes.set_xlabel("read as", color=INK)
    axes.set_ylabel("written", color=INK)
    axes.set_title("Which digits are taken for which", color=INK, fontsize=13, fontweight="bold")
    figure.colorbar(image, ax=axes, label="share of the digits written", shrink=0.8)
    figure.savefig(path)
    return path


def save_misread(training: Training, test: Images, path: Path) -> Path:
    """Write a picture of the test digits misread, at most 18, the surest mistakes first.

    Returns:
        The path.
    """
    picked = hardest(training, test, 18)
    total = len(hardest(training, test, len(test.rows)))
    figure = Figure(figsize=(9, 1.2 + 1.75 * max(1, math.ceil(len(picked) / 6))), dpi=150)
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained")
    grid = figure.subplots(max(1, math.ceil(len(picked) / 6)), 6, squeeze=False)
    panels: list[Axes] = [axes for row in grid for axes in row]
    for axes in panels:
        axes.set_axis_off()
    for axes, i in zip(panels, picked, strict=False):
        lines = range(0, len(test.rows[i]), test.width)
        shades = [test.rows[i][start : start + test.width] for start in lines]
        axes.set_axis_on()
        axes.imshow(shades, cmap="gray_r", vmin=0, vmax=1)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_color(GUIDE)
        answer = training.probabilities[i]
        axes.set_title(
            f"{test.labels[i]}, read as {winner(answer)}\n({max(answer):.0%} sure)",
            color=INK,
            fontsize=9,
        )
    shown = "" if len(picked) == total else f": the {len(picked)} surest mistakes"
    figure.suptitle(
        f"{total} of {len(test.rows)} test digits misread{shown}",
        color=INK,
        fontsize=13,
        fontweight="bold",
    )
    figure.savefig(path)
    return path
