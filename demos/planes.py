"""Pictures of a plane of two inputs: what a classifier answers everywhere, and the rows it knows.

The two classes differ in colour (two that everyone can tell apart: Okabe and Ito, "Color universal
design", 2008) and in the shape of their points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autograd import jit, no_grad
from demos.plotting import INK

BLUE, ORANGE, GREEN, PURPLE = "#0072b2", "#e69f00", "#009e73", "#aa4499"
CLASSES = ((BLUE, "o"), (ORANGE, "s"))  # colour and marker of the classes 0 and 1
SHADES = LinearSegmentedColormap.from_list("classes", ["#a9cfe8", "#ffffff", "#f9dfa6"])

Predict = Callable[[Sequence[float]], Any]
"""From a row of two numbers to one between 0 (surely class 0) and 1; a float or a Value."""


class Line(NamedTuple):
    """The line `bias + w1 x1 + w2 x2 = 0`, and what is written in the legend for it."""

    bias: float
    w1: float
    w2: float
    name: str
    color: str = INK
    style: str = "-"


@dataclass(frozen=True)
class Plane:
    """What one plane shows.

    Attributes:
        predict: the answer for any row; the classes meet where it is 0.5.
        rows: the known rows, two numbers each.
        labels: the class of each, 0 or 1.
        title: what stands above.
        lines: lines to draw; where there are none, the curve of answer 0.5 is drawn.
    """

    predict: Predict
    rows: Sequence[Sequence[float]]
    labels: Sequence[float]
    title: str
    lines: Sequence[Line] = ()


def save_decision_boundary(
    predict: Predict,
    rows: Sequence[Sequence[float]],
    labels: Sequence[float],
    path: Path,
    title: str,
    resolution: int = 100,
) -> Path:
    """Write a picture of the plane: the answers as shades, their boundary, and the known rows.

    Rows on the wrong side of the boundary are ringed.

    Args:
        predict: gives a number from 0 to 1 for any row; the boundary is where that is 0.5.
        rows: the known rows, two numbers each.
        labels: the class of each, 0 or 1.
        path: where to; the suffix says the format.
        title: what stands above the picture.
        resolution: how many answers to compute along each side.

    Returns:
        The path.
    """
    figure = Figure(figsize=(7, 6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    draw_plane(axes, Plane(predict, rows, labels, title), resolution)
    axes.title.set_fontsize(13)
    legend_below(figure, [axes])
    figure.savefig(path)
    return path


def save_planes(planes: Sequence[Plane], path: Path, title: str, resolution: int = 200) -> Path:
    """Write a picture of several planes side by side, with one title; otherwise as above."""
    figure = Figure(figsize=(3.6 * len(planes), 4.7), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    panels = list(figure.subplots(1, len(planes), squeeze=False)[0])
    for axes, plane in zip(panels, planes, strict=True):
        draw_plane(axes, plane, resolution)
    figure.suptitle(title, color=INK, fontsize=14, fontweight="bold")
    legend_below(figure, panels)
    figure.savefig(path)
    return path


def draw_plane(axes: Axes, plane: Plane, resolution: int) -> None:
    """Draw a plane into axes; the legend is left to `legend_below`."""
    (left, right), (bottom, top) = (limits([row[i] for row in plane.rows]) for i in (0, 1))
    xs, ys = spread(left, right, resolution), spread(bottom, top, resolution)
    predict = jit(plane.predict)  # of thousands of points
    with no_grad():
        answers = [[float(predict((x, y))) for x in xs] for y in ys]
        found = [float(predict(row)) for row in plane.rows]
    axes.imshow(
        answers,
        origin="lower",
        extent=(left, right, bottom, top),
        cmap=SHADES,
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest" if plane.lines else "bilinear",
    )
    size = 11 if len(plane.rows) <= 20 else 5
    for label, (color, marker) in enumerate(CLASSES):
        points = [row for row, t in zip(plane.rows, plane.labels, strict=True) if t == label]
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            marker,
            color=color,
            markeredgecolor="white",
            markersize=size,
            label=f"class {label}",
            zorder=3,
        )
    if plane.lines:
        for line in plane.lines:
            draw_line(axes, line, (left, right), (bottom, top))
    elif min(map(min, answers)) < 0.5 < max(map(max, answers)):
        axes.contour(xs, ys, answers, levels=[0.5], colors=INK, linewidths=2)
        axes.plot([], [], color=INK, linewidth=2, label="boundary: answer 0.5")
    triples = zip(plane.rows, plane.labels, found, strict=True)
    if wrong := [row for row, t, answer in triples if (answer > 0.5) != (t > 0.5)]:
        axes.plot(
            [x for x, _ in wrong],
            [y for _, y in wrong],
            "o",
            markerfacecolor="none",
            markeredgecolor=INK,
            markeredgewidth=1.5,
            markersize=1.9 * size,
            label="on the wrong side",
        )
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_xlabel("x1", color=INK)
    axes.set_ylabel("x2", color=INK)
    axes.set_title(plane.title, color=INK, fontsize=11, fontweight="bold")
    axes.tick_params(colors=INK)
    if {x for row in plane.rows for x in row} == {0.0, 1.0}:
        axes.set_xticks([0, 1])
        axes.set_yticks([0, 1])


def draw_line(
    axes: Axes, line: Line, across: tuple[float, float], upward: tuple[float, float]
) -> None:
    """Draw a line from edge to edge; one whose weights are both 0 is none, and is not drawn."""
    if abs(line.w2) >= abs(line.w1) > 0 or line.w2 != 0 == line.w1:
        points = [(x, -(line.bias + line.w1 * x) / line.w2) for x in across]
    elif line.w1 != 0:
        points = [(-(line.bias + line.w2 * y) / line.w1, y) for y in upward]
    else:
        return
    xs, ys = zip(*points, strict=True)
    axes.plot(xs, ys, line.style, color=line.color, linewidth=2, label=line.name)


def legend_below(figure: Figure, panels: Sequence[Axes]) -> None:
    """One legend below all panels, each entry once."""
    entries: dict[str, Any] = {}
    for axes in panels:
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(name, handle)
    if "on the wrong side" in entries:  # its ring is drawn smaller here than around a point
        entries["on the wrong side"] = Line2D(
            [], [], linestyle="", marker="o", markersize=12, markerfacecolor="none", color=INK
        )
    figure.legend(
        entries.values(),
        entries.keys(),
        loc="outside lower center",
        ncols=min(len(entries), 5),
        frameon=False,
        labelcolor=INK,
    )


def limits(numbers: Sequence[float]) -> tuple[float, float]:
    """From a little below the smallest to a little above the largest.

    >>> limits([0.0, 1.0])
    (-0.5, 1.5)
    """
    low, high = min(numbers), max(numbers)
    margin = (high - low or 1.0) * (0.5 if len(numbers) <= 20 else 0.15)
    return low - margin, high + margin


def spread(low: float, high: float, count: int) -> list[float]:
    """The middles of `count` equal parts of the range, the pixels of a picture.

    >>> spread(0.0, 2.0, 2)
    [0.5, 1.5]
    """
    return [low + (high - low) * (i + 0.5) / count for i in range(count)]
