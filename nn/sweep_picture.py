"""The picture of a sweep: a measure by epoch, a colour for each combination of settings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from statistics import median
from typing import Any

from autograd.files import AnyPath
from nn.curves import GUIDE, LARGEST, WARNING, Picture, finish, plain
from nn.sweep_runs import Group, text_of

MOST_COLORS = 12
"""So many combinations of settings have a colour; the others are grey."""


def draw_runs(path: AnyPath, measure: str, groups: Sequence[Group]) -> Path:
    """Write the picture.

    Args:
        path: the file.
        measure: what is drawn.
        groups: runs of one colour.
    """
    picture = Picture(path, 1, "Sweep.plot")
    from matplotlib import colormaps

    (axes,) = picture.axes
    best = sorted(range(len(groups)), key=lambda i: _end(groups[i], measure))[:MOST_COLORS]
    shown = sorted(best)
    drawn: list[float] = []
    for i, (settings, runs) in enumerate(groups):
        is_shown = i in shown
        share = shown.index(i) / max(len(shown) - 1, 1) if is_shown else 0.0
        color = colormaps["viridis"](0.9 * share) if is_shown else GUIDE
        label = ", ".join(f"{name}={text_of(x)}" for name, x in settings.items()) or measure
        curves = [_finite(run.curve(measure)) for run in runs]
        middle = _medians(curves)
        for curve in [*(curves if len(curves) > 1 else []), middle]:
            is_middle = curve is middle
            axes.plot(
                range(1, len(curve) + 1),
                curve,
                color=color,
                linewidth=2 if is_middle else 0.7,
                alpha=1.0 if is_middle else 0.5,
                zorder=2 + is_shown,
                label=plain(label) if is_middle and is_shown else None,
            )
            drawn += curve
        _crosses(axes, [(run, curve) for run, curve in zip(runs, curves, strict=True)])
    left = len(groups) - len(shown)
    title = f"best {len(shown)} of {len(groups)}" if left else None
    finish(
        axes, drawn, measure, title=title, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5)
    )
    return picture.save()


def _crosses(axes: Any, runs: Sequence[tuple[Any, list[float]]]) -> None:
    """A cross at the last number of each run that diverged."""
    ends = [(len(curve), curve[-1]) for run, curve in runs if run.diverged is not None and curve]
    for x, y in ends:
        is_named = any(line.get_label() == "diverged" for line in axes.lines)
        label = None if is_named else "diverged"
        axes.plot([x], [y], "x", color=WARNING, markersize=6, zorder=4, label=label)


def _finite(curve: Sequence[float]) -> list[float]:
    """A curve as far as it can be drawn."""
    end = next((i for i, x in enumerate(curve) if not abs(x) < LARGEST), len(curve))
    return list(curve[:end])


def _medians(curves: Sequence[Sequence[float]]) -> list[float]:
    """For each epoch the median of all runs, as long as half of them go on."""
    found = []
    for column in zip_longest(*curves):
        numbers = [x for x in column if x is not None]
        if 2 * len(numbers) < len(curves):
            break
        found.append(median(numbers))
    return found


def _end(group: Group, measure: str) -> float:
    """What the middle run ends with; infinite where it diverged."""
    ends = [run.final(measure) if run.diverged is None else math.inf for run in group[1]]
    return median(math.inf if math.isnan(x) else x for x in ends)
