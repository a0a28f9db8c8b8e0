"""Pictures of a training, drawn with matplotlib straight into files: no window, no global state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, GUIDE, CURVE = "#333333", "#dddddd", "#1f6fb2"


def save_loss_curve(losses: Sequence[float], path: Path, title: str, loss_name: str) -> Path:
    """Write a picture of the loss before each epoch and after the last, on a logarithmic scale.

    Args:
        losses: the first is the loss before the training.
        path: where to; the suffix says the format.
        title: what stands above the picture.
        loss_name: what the loss is, for the axis.

    Returns:
        The path.
    """
    figure = Figure(figsize=(8, 4.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot(losses, color=CURVE, linewidth=2)
    axes.set_yscale("log")
    top, bottom = max(losses), min(loss for loss in losses if loss > 0)
    axes.set_ylim(min(bottom, top / 10) / 1.3, top * 1.5)  # a decade at least: 1 % is no mountain
    last = len(losses) - 1
    axes.set_xlim(-0.02 * max(last, 1), 1.12 * max(last, 1))
    for epoch, offset in ((0, (8, 6)), (last, (8, -3))):
        axes.plot(epoch, losses[epoch], "o", color=CURVE, markersize=5)
        axes.annotate(
            f"{losses[epoch]:.2g}",
            (epoch, losses[epoch]),
            xytext=offset,
            textcoords="offset points",
            color=CURVE,
            fontweight="bold",
        )
    axes.set_title(title, loc="left", color=INK, fontsize=13, fontweight="bold", pad=12)
    axes.set_xlabel("epoch", color=INK)
    axes.set_ylabel(f"{loss_name} (log scale)", color=INK)
    axes.grid(which="major", color=GUIDE, linewidth=0.8)
    axes.grid(which="minor", axis="y", color=GUIDE, linewidth=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    figure.savefig(path)
    return path
