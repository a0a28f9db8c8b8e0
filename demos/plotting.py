"""Pictures of a training, drawn with matplotlib straight into files: no window, no global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

INK, GUIDE, CURVE = "#333333", "#dddddd", "#1f6fb2"
WRONG = "#d55e00"
LOOKS = ((CURVE, "-"), (WRONG, "--"), ("#009e73", "-."), ("#aa4499", ":"))
"""Colours and lines of up to four curves."""


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


def save_loss_curves(
    curves: Mapping[str, Sequence[float]], path: Path, title: str, loss_name: str
) -> Path:
    """Write a picture of several losses, each named, on one logarithmic scale.

    Args:
        curves: up to four, each with the loss before each epoch and after the last.
        path: where to; the suffix says the format.
        title: what stands above the picture.
        loss_name: what the loss is, for the axis.

    Returns:
        The path.
    """
    figure = Figure(figsize=(8, 4.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for (name, losses), (color, style) in zip(curves.items(), LOOKS[: len(curves)], strict=True):
        axes.plot(losses, style, color=color, linewidth=2, label=name)
    axes.set_yscale("log")
    axes.set_title(title, loc="left", color=INK, fontsize=13, fontweight="bold", pad=12)
    axes.set_xlabel("epoch", color=INK)
    axes.set_ylabel(f"{loss_name} (log scale)", color=INK)
    axes.grid(color=GUIDE, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    axes.legend(frameon=False, labelcolor=INK)
    figure.savefig(path)
    return path


def save_derivatives(
    names: Sequence[str],
    numerical: Sequence[float],
    claimed: Mapping[str, Sequence[float]],
    wrong: Mapping[str, Sequence[str]],
    path: Path,
    title: str,
) -> Path:
    """Write a picture of claimed derivatives and numerical ones, a panel for each set of claims.

    Args:
        names: what the derivatives are taken in.
        numerical: one for each name, by finite differences.
        claimed: sets of as many, each with its name.
        wrong: for each set, which of `names` are wrong.
        path: where to; the suffix says the format.
        title: what stands above the picture.

    Returns:
        The path.
    """
    figure = Figure(figsize=(10, 1.2 + 2 * len(claimed)), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(claimed), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (name, derivatives) in zip(panels, claimed.items(), strict=True):
        bad = [i for i in range(len(names)) if names[i] in wrong[name]]
        fine = [i for i in range(len(names)) if i not in bad]
        axes.vlines(
            bad, [numerical[i] for i in bad], [derivatives[i] for i in bad], color=WRONG, zorder=1
        )
        axes.plot(numerical, "o", ms=11, mfc="none", mec=INK, label="finite differences")
        axes.plot(fine, [derivatives[i] for i in fine], "o", color=CURVE, label="claimed, right")
        axes.plot(
            bad, [derivatives[i] for i in bad], "X", color=WRONG, ms=9, label="claimed, wrong"
        )
        axes.set_title(name, loc="left", color=INK, fontsize=11, fontweight="bold")
        axes.set_ylabel("derivative", color=INK)
        axes.margins(y=0.2)
        axes.grid(color=GUIDE)
        axes.set_axisbelow(True)
        axes.tick_params(colors=INK)
    panels[0].legend(frameon=False, ncols=3, loc="upper left", labelcolor=INK)
    panels[-1].set_xticks(range(len(names)), names, rotation=40, ha="right")
    figure.suptitle(title, color=INK, fontsize=14, fontweight="bold")
    figure.savefig(path)
    return path


NamedMatrix: TypeAlias = tuple[str, Any]
"""What a matrix is called, and its rows of numbers."""

SIGNS = LinearSegmentedColormap.from_list("signs", ["#6baed6", "#ffffff", "#f5b041"])
INNER = "#aa4499"


@dataclass(frozen=True)
class Product:
    """A matrix product, `left right = result`; `inner` says what it sums over."""

    left: NamedMatrix
    right: NamedMatrix
    result: NamedMatrix
    inner: str


def save_products(products: Sequence[Product], path: Path, title: str) -> Path:
    """Write a picture of matrix products, one below the other, as cells that show their numbers.

    Blue is negative, orange positive; the axis that each product sums over is marked.

    Args:
        products: as they are.
        path: where to; the suffix says the format.
        title: what stands above the picture.

    Returns:
        The path.
    """
    figure = Figure(figsize=(9, 2.6 * len(products)), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(products), squeeze=False)[:, 0]
    for axes, product in zip(panels, products, strict=True):
        _draw_product(axes, product)
    figure.suptitle(title, color=INK, fontsize=14, fontweight="bold")
    figure.savefig(path)
    return path


def _draw_product(axes: Axes, product: Product) -> None:
    height = max(len(matrix) for _, matrix in (product.left, product.right, product.result))
    corners = []
    x = 0.0
    for sign, (name, matrix) in zip(
        ("", "x", "="), (product.left, product.right, product.result), strict=True
    ):
        rows, columns = len(matrix), len(matrix[0])
        axes.text(x - 0.5, height / 2, sign, ha="center", va="center", fontsize=18, color=INK)
        corners.append((x, (height - rows) / 2, columns, rows))
        _draw_cells(axes, matrix, x, (height - rows) / 2)
        axes.text(
            x + columns / 2,
            (height + rows) / 2 + 0.15,
            f"{name}  ({rows} x {columns})",
            ha="center",
            va="top",
            color=INK,
            fontweight="bold",
        )
        x += columns + 1.0
    (x, y, columns, _), (right, top, _, rows), _ = corners
    axes.plot([x + 0.05, x + columns - 0.05], [y - 0.1] * 2, color=INNER, linewidth=3)
    axes.plot([right - 0.08] * 2, [top + 0.05, top + rows - 0.05], color=INNER, linewidth=3)
    axes.text(x, y - 0.2, product.inner, color=INNER, ha="left", va="bottom")
    axes.set_xlim(-0.2, 12.2)
    axes.set_ylim(height + 0.6, -0.55)
    axes.set_axis_off()


def _draw_cells(axes: Axes, matrix: Any, left: float, top: float) -> None:
    """The numbers of a matrix in a grid of cells, each 1 wide and high."""
    scale = Normalize(-1, 1)
    for i, row in enumerate(matrix):
        for j, number in enumerate(row):
            color = SIGNS(scale(max(-1.0, min(1.0, float(number)))))
            cell = Rectangle((left + j, top + i), 1, 1, facecolor=color, edgecolor=INK)
            axes.add_patch(cell)
            axes.text(
                left + j + 0.5, top + i + 0.5, f"{number:.4f}", ha="center", va="center", color=INK
            )
