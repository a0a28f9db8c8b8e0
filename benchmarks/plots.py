"""The pictures: bars of steps, and lines of growth on logarithmic axes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from autograd.files import write_whole
from benchmarks.peers import PEERS
from benchmarks.summary import BYTES, OURS, Record, figures, quantity, series, slope
from benchmarks.workloads import WORKLOADS, Workload

INK, GUIDE, OWN, OTHER = "#333333", "#dddddd", "#d55e00", "#0072b2"
MARKERS = "osD^v<>pP*Xh"


def save_plots(record: Record, folder: Path) -> list[Path]:
    """Write every picture for which there are figures, as SVG and PNG.

    Returns:
        Their paths.
    """
    import matplotlib

    written = []
    for name, figure in _pictures(record):
        for kind in ("svg", "png"):
            content = io.BytesIO()
            options = {"metadata": {"Date": None}} if kind == "svg" else {}
            with matplotlib.rc_context({"svg.hashsalt": name}):  # the same file each time
                figure.savefig(content, format=kind, **options)
            written.append(write_whole(folder / f"{name}.{kind}", content.getvalue()))
    return written


def _pictures(record: Record) -> list[tuple[str, Any]]:
    found = figures(record)
    steps = [
        w
        for w in WORKLOADS.values()
        if w.measure == "step" and w.axis is None and any(name == w.name for name, _, _ in found)
    ]
    pictures = [("steps", _bars(record, steps))] if steps else []
    growths = [w for w in WORKLOADS.values() if w.axis is not None and series(record, w)]
    return pictures + ([("growth", _lines(record, growths))] if growths else [])


def _canvas(count: int, columns: int, size: tuple[float, float]) -> tuple[Any, list[Any]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Figure((size[0] * columns, size[1] * rows), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for unused in axes[count:]:
        unused.remove()
    for each in axes[:count]:
        each.grid(which="major", color=GUIDE, linewidth=0.8)
        each.set_axisbelow(True)
        each.spines[["top", "right"]].set_visible(False)
        each.tick_params(colors=INK)
    return figure, axes[:count]


def _bars(record: Record, workloads: list[Workload]) -> Any:
    """For each workload the time of a step, the shortest on top."""
    found = figures(record)
    figure, axes = _canvas(len(workloads), 3, (4.6, 3.4))
    for each, workload in zip(axes, workloads, strict=True):
        known = [(name, found.get((workload.name, None, name))) for name in PEERS]
        shown = sorted(((n, f) for n, f in known if f), key=lambda entry: -entry[1].median)
        medians = [f.median for _, f in shown]
        errors = [[f.median - f.low for _, f in shown], [f.high - f.median for _, f in shown]]
        colours = [OWN if n == OURS else OTHER for n, _ in shown]
        titles = [PEERS[n].title for n, _ in shown]
        each.barh(titles, medians, xerr=errors, color=colours, ecolor=INK, height=0.7)
        each.set_xscale("log")
        each.set_xlim(min(medians) / 3, max(medians) * 30)
        for i, (_, f) in enumerate(shown):
            each.text(f.high * 1.2, i, quantity(f.median, "step"), va="center", color=INK, size=8)
        each.set_title(workload.title, color=INK, fontsize=11, fontweight="bold")
        each.set_xlabel("seconds a step (log scale)", color=INK)
    return figure


def _lines(record: Record, workloads: list[Workload]) -> Any:
    """For each workload that grows, time by size; the legend has the exponents."""
    figure, axes = _canvas(len(workloads), 2, (6.4, 4.2))
    for each, workload in zip(axes, workloads, strict=True):
        for number, (name, points) in enumerate(series(record, workload).items()):
            exponent = slope(points)
            label = PEERS[name].title + ("" if exponent is None else f"  {exponent:.2f}")
            colour = OWN if name == OURS else f"C{number % 10}"
            each.loglog(
                *zip(*points, strict=True),
                marker=MARKERS[number % len(MARKERS)],
                color=colour,
                linewidth=2.5 if name == OURS else 1.5,
                label=label,
            )
        each.set_xticks(workload.points, [f"{point:,}" for point in workload.points])
        each.set_xticks([], minor=True)
        each.set_title(workload.title, color=INK, fontsize=11, fontweight="bold")
        each.set_xlabel(workload.axis, color=INK)
        each.set_ylabel("bytes" if workload.measure in BYTES else "seconds", color=INK)
        each.legend(title="slope", fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure
