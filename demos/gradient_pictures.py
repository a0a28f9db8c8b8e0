"""Pictures of training by numerical differentiation beside backpropagation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from demos.planes import BLUE, ORANGE
from demos.plotting import GUIDE, INK

if TYPE_CHECKING:
    from demos.numerical_vs_backprop import Result
    from demos.two_gradients import Cost


def save_training(result: Result, path: Path, aim: float) -> Path:
    """Write a picture of loss and accuracy, both ways in one.

    Returns:
        The path.
    """
    figure = Figure(figsize=(10, 4.8), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    losses, accuracies = figure.subplots(1, 2)
    looks = {
        "numerical": {"color": ORANGE, "marker": "o", "markersize": 9, "linestyle": ""},
        "backpropagation": {"color": BLUE, "linewidth": 2},
    }
    for name, way in result.ways.items():
        losses.plot(way.losses, label=name, **looks[name])
        accuracies.plot(way.test, **looks[name])
    accuracies.axhline(aim, color=INK, linestyle=":", linewidth=1)
    accuracies.annotate(
        f"aim: {aim}", (0, aim), xytext=(0, 4), textcoords="offset points", color=INK
    )
    losses.set_ylabel("loss on the training rows", color=INK)
    accuracies.set_ylabel("accuracy on the test rows", color=INK)
    losses.set_ylim(bottom=0)
    accuracies.set_ylim(0.4, 1.02)
    title = "Either way" if len(result.ways) > 1 else "By backpropagation"
    size = "-".join(map(str, result.sizes))
    figure.suptitle(f"{title} a {size} network learns", color=INK, fontsize=13, fontweight="bold")
    figure.legend(loc="outside lower center", ncols=2, frameon=False, labelcolor=INK)
    for axes in (losses, accuracies):
        axes.set_xlabel("step", color=INK)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        polish(axes)
    figure.savefig(path)
    return path


def save_growth(costs: Sequence[Cost], path: Path) -> Path:
    """Write a picture of the times of one gradient, and of their ratio, over the parameters.

    Returns:
        The path.
    """
    figure = Figure(figsize=(10, 4.8), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    times, ratios = figure.subplots(1, 2)
    counts = [cost.parameters for cost in costs]
    ratio = [cost.numerical / cost.backprop for cost in costs]
    for values, color, marker, name in (
        ([cost.numerical for cost in costs], ORANGE, "o", "numerical"),
        ([cost.backprop for cost in costs], BLUE, "s", "backpropagation"),
    ):
        times.plot(counts, values, color=color, marker=marker, linewidth=2, label=name)
    ratios.plot(counts, ratio, color=INK, marker="D", linewidth=2)
    for i, place in ((0, (-4, 8)), (-1, (-8, 4))):
        ratios.annotate(
            f"{ratio[i]:.2g}" if ratio[i] < 10 else f"{ratio[i]:.0f}",
            (counts[i], ratio[i]),
            xytext=place,
            textcoords="offset points",
            ha="center" if i == 0 else "right",
            color=INK,
            fontweight="bold",
        )
    times.set_title("Seconds for one gradient", loc="left", color=INK, fontsize=11)
    times.set_ylabel("seconds (log scale)", color=INK)
    ratios.set_title("Numerical / backpropagation", loc="left", color=INK, fontsize=11)
    ratios.set_ylabel("ratio of the times (log scale)", color=INK)
    for axes in (times, ratios):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("parameters of the network (log scale)", color=INK)
        polish(axes)
    figure.suptitle(
        "The more parameters, the more backpropagation saves",
        color=INK,
        fontsize=13,
        fontweight="bold",
    )
    figure.legend(loc="outside lower center", ncols=2, frameon=False, labelcolor=INK)
    figure.savefig(path)
    return path


def polish(axes: Axes) -> None:
    """Give axes the look of all the pictures."""
    axes.grid(color=GUIDE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
