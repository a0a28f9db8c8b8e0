"""Pictures of a trajectory, of patterns, and of how a solver came to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from demos.cart_pole import SwingUp
from demos.plotting import CURVE, GUIDE, INK, WRONG

LEAST = 1e-16  # what is smaller is drawn here, where the scale is logarithmic


def save_path(problem: SwingUp, z: Sequence[float], path: Path) -> Path:
    """Write a picture of cart and pole at all points of time, and of the force.

    Args:
        problem: what was solved.
        z: the unknowns.
        path: where to; the suffix says the format.

    Returns:
        The path.
    """
    states, forces = problem.points(z)
    figure = Figure(figsize=(8, 5.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, height_ratios=(3, 1))
    tips = [problem.tip(state) for state in states]
    for k, (state, (x, y)) in enumerate(zip(states, tips, strict=True)):
        shade = 0.15 + 0.85 * k / problem.intervals
        above.plot([state[0], x], [0.0, y], color=CURVE, alpha=shade, linewidth=1.5)
        above.plot(state[0], 0.0, "s", color=INK, alpha=shade, markersize=7)
        above.plot(x, y, "o", color=WRONG, alpha=shade, markersize=5)
    above.plot([x for x, _ in tips], [y for _, y in tips], color=WRONG, linewidth=0.8)
    above.axhline(0.0, color=GUIDE, zorder=0)
    above.set_aspect("equal")
    above.set_ylabel("height (m)", color=INK)
    _finish(above, "A pole is swung up: cart, pole and its end, darker later")
    times = [k * problem.step for k in range(len(states))]
    below.plot(times, forces, color=CURVE, linewidth=2, marker="o", markersize=3)
    below.set_xlabel("seconds", color=INK)
    below.set_ylabel("force (N)", color=INK)
    _finish(below, "")
    figure.savefig(path)
    return path


def save_patterns(derivatives: Mapping[str, Any], path: Path) -> Path:
    """Write a picture of where sparse derivatives are not 0, what one sweep computes in one colour.

    Args:
        derivatives: each a `SparseDerivative` that has been called, by name.
        path: where to; the suffix says the format.

    Returns:
        The path.
    """
    figure = Figure(figsize=(5 * len(derivatives), 5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(derivatives), squeeze=False)[0]
    for axes, (name, derivative) in zip(panels, derivatives.items(), strict=True):
        pattern, sweeps = derivative.pattern, derivative.sweeps
        places = list(pattern)
        colours = [sweep for sweep, _ in sweeps.places]
        axes.scatter(
            [j for _, j in places], [i for i, _ in places], c=colours, cmap="tab10", s=5, marker="s"
        )
        rows, columns = pattern.shape
        axes.set_xlim(-1, columns)
        axes.set_ylim(rows, -1)
        axes.set_aspect("equal")
        _finish(axes, f"{name}:\n{pattern.nnz} of {rows * columns:,} entries, {len(sweeps)} sweeps")
    figure.suptitle(
        "Where derivatives are not 0: one colour is one sweep",
        color=INK,
        fontsize=14,
        fontweight="bold",
    )
    figure.savefig(path)
    return path


def save_convergence(costs: Sequence[float], defects: Sequence[float], path: Path) -> Path:
    """Write a picture of the cost and the largest defect after each iteration.

    Args:
        costs: the cost.
        defects: the largest defect.
        path: where to; the suffix says the format.

    Returns:
        The path.
    """
    figure = Figure(figsize=(8, 4.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, sharex=True)
    after = range(1, len(costs) + 1)
    above.plot(after, costs, color=CURVE, linewidth=2)
    above.set_ylabel("cost", color=INK)
    _finish(above, "The solver on its way")
    below.plot(after, [max(x, LEAST) for x in defects], color=WRONG, linewidth=2)
    below.set_yscale("log")
    below.set_ylabel("largest defect", color=INK)
    below.set_xlabel("iteration", color=INK)
    below.xaxis.get_major_locator().set_params(integer=True)
    _finish(below, "")
    figure.savefig(path)
    return path


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", color=INK, fontsize=12, fontweight="bold")
    axes.grid(color=GUIDE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
