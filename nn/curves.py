"""Curves by epoch, in a picture that is written whole or not at all; drawn by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd.extras import missing
from autograd.files import AnyPath, as_path, write_whole
from autograd.text import visible

INK, GUIDE, COLORS = "#333333", "#dddddd", ("#1f6fb2", "#d1701f", "#3a8a4d", "#8a4fa3")
WARNING = "#c0392b"
LARGEST = 1e100  # what is larger, infinite or NaN, is left out of a plot


class Picture:
    """Panels below each other, with epochs to the right.

    Args:
        path: the file. Its suffix names the format.
        panels: how many.
        owner: what draws, for errors.

    Attributes:
        axes: those of the panels.

    Raises:
        ValueError: the format is unknown.
        ImportError: matplotlib is not installed.
    """

    def __init__(self, path: AnyPath, panels: int, owner: str) -> None:
        self._path = as_path(path, owner)
        try:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
        except ImportError as error:
            raise ImportError(
                f"{missing(owner, 'demos', ['matplotlib'])}.\nto_csv needs nothing."
            ) from error
        self._figure = Figure(figsize=(8, 1.5 + 3 * panels), dpi=150, layout="constrained")
        formats = FigureCanvasAgg(self._figure).get_supported_filetypes()
        self._suffix = self._path.suffix.lower().removeprefix(".")
        if self._suffix not in formats:
            raise ValueError(
                f"{owner}: the name must end in one of {', '.join(f'.{x}' for x in formats)},"
                f" got {self._path.name!r}"
            )
        self.axes = self._figure.subplots(panels, sharex=True, squeeze=False)[:, 0]
        self.axes[-1].set_xlabel("epoch", color=INK)

    def save(self) -> Path:
        """Write the file."""
        content = io.BytesIO()
        self._figure.savefig(content, format=self._suffix)
        return write_whole(self._path, content.getvalue())


def finish(axes: Any, numbers: Iterable[float], name: str, **legend: Any) -> None:
    """The scales, the grid and the legend of a panel.

    Args:
        axes: those of matplotlib.
        numbers: all that is drawn. A loss that is positive throughout and spans a decade is drawn
            on a logarithmic scale.
        name: what the numbers are; empty for several things.
        legend: what else the legend is told.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator

    finite = [x for x in numbers if abs(x) < LARGEST] or [0.0]
    if name.removeprefix("val_") == "loss" and 0 < 10 * min(finite) < max(finite):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
        axes.set_ylabel(f"{plain(name)} (log scale)", color=INK)
    else:
        axes.set_ylabel(plain(name), color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.grid(color=GUIDE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(which="both", colors=INK)
    axes.legend(frameon=False, labelcolor=INK, **legend)


def plain(name: str) -> str:
    """A name as text for matplotlib, where a dollar sign would begin a formula.

    A leading underscore would hide the curve from the legend; a very long name is cut.
    """
    text = visible(name if len(name) <= 40 else name[:39] + "…").replace("$", r"\$")
    return f"{' ' * text.startswith('_')}{text}"
