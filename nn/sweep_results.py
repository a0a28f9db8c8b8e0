"""What a sweep found: its runs, as a table, as a picture, and the best of them."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from autograd.files import AnyPath, as_path, write_whole
from autograd.number import describe
from autograd.text import visible
from nn.sweep_picture import draw_runs
from nn.sweep_runs import Group, Run, text_of

COLUMNS = ("runs", "diverged", "smallest", "largest")
"""Columns of the table that are no settings and no measures."""


class Sweep(Sequence[Run]):
    """The runs of a sweep, in order; `sweep` returns it.

    Attributes:
        axes: the values of each setting that varies.
        runs: the runs.
        measures: the names of what was measured.
    """

    def __init__(self, axes: dict[str, Sequence[Any]], runs: list[Run]) -> None:
        self.axes = axes
        self.runs = runs
        self.measures = list(dict.fromkeys(name for run in runs for name in run.measures))
        others = {*axes, *COLUMNS, *(x for name in self.measures for x in self._ends(name))}
        for name in self.measures:
            if name in others:
                raise ValueError(
                    f"sweep: a measure is called {name!r}, as another column of the table"
                )

    def __len__(self) -> int:
        return len(self.runs)

    def __getitem__(self, i: Any) -> Any:
        return self.runs[i]

    def __iter__(self) -> Iterator[Run]:
        return iter(self.runs)

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        lost = sum(run.diverged is not None for run in self.runs)
        best = ""
        if lost < len(self):
            found, name = self.best(), self._measure(None)
            settings = ", ".join(f"{visible(k)}={text_of(x)}" for k, x in found.settings.items())
            best = f"; best {visible(name)} {found.final(name):.4g} at {settings or 'once'}"
        over = f" of {', '.join(map(visible, self.axes))}" if self.axes else ""
        return f"<Sweep: {len(self)} runs{over}, {lost} diverged{best}>"

    def best(self, measure: str | None = None, *, largest: bool = False) -> Run:
        """The run whose measure is smallest in the end, of those that did not diverge.

        Args:
            measure: its name; `None` for `val_loss`, or else `loss`, or else the first.
            largest: whether more is better, as for an accuracy.

        Raises:
            ValueError: all runs diverged.
            KeyError: there is no such measure.
        """
        name = self._measure(measure)
        known = [run for run in self.runs if run.diverged is None and name in run.measures]
        if not known:
            raise ValueError(f"Sweep.best: all {len(self)} runs diverged")
        return (max if largest else min)(known, key=lambda run: run.final(name))

    def rows(self, over: str | None = None) -> list[dict[str, Any]]:
        """The table, as a list of dicts.

        Args:
            over: `None` for a row for each run: its settings, the last number of each measure, and
                in which epoch it diverged. The name of a setting, mostly `"seed"`, for a row for
                each combination of the others: how many runs there are, how many diverged and, of
                those that did not, the median of each measure, and the smallest and largest number.

        Raises:
            KeyError: there is no such setting.
        """
        if over is None:
            return [
                {
                    **run.settings,
                    **{name: run.final(name) for name in self.measures},
                    "diverged": run.diverged,
                }
                for run in self.runs
            ]
        found = []
        for settings, runs in self._groups(over):
            known = [run for run in runs if run.diverged is None]
            row = {**settings, "runs": len(runs), "diverged": len(runs) - len(known)}
            for name in self.measures:
                numbers = [run.final(name) for run in known if name in run.measures] or [math.nan]
                smallest, largest = self._ends(name)
                row |= {name: median(numbers), smallest: min(numbers), largest: max(numbers)}
            found.append(row)
        return found

    def table(self, over: str | None = None) -> str:
        """The same as text: numbers to four digits, settings with all."""
        rows = self.rows(over)
        columns = list(rows[0])
        lines = [[visible(name) for name in columns]]
        for row in rows:
            lines.append([self._cell(name, row[name], over) for name in columns])
        widths = [max(len(line[k]) for line in lines) for k in range(len(columns))]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def to_csv(self, path: AnyPath, over: str | None = None) -> Path:
        """Write the table with all digits to a file of comma-separated values, or nothing.

        Returns:
            The path.

        Raises:
            KeyError: there is no such setting.
            OSError: the file cannot be written.
        """
        path = as_path(path, "Sweep.to_csv")
        import csv  # imported here: it is slow to load

        rows = self.rows(over)
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return write_whole(path, text.getvalue().encode())

    def plot(self, path: AnyPath, measure: str | None = None, over: str = "seed") -> Path:
        """Draw a measure by epoch, a colour for each combination of settings, to a file.

        Runs that differ in `over` alone are thin lines, with their median as a thick one. A cross
        is where a run diverged, after which it has no line. Of many combinations those that end
        best have a colour.

        Args:
            path: the file. Its suffix names the format: `.png`, `.svg`, `.pdf` or another one that
                matplotlib knows.
            measure: its name; `None` for `val_loss`, or else `loss`, or else the first.
            over: the setting that has no colour, if there is one of that name.

        Returns:
            The path.

        Raises:
            ValueError: no run has the measure for several epochs, or the format is unknown.
            KeyError: there is no such measure.
            ImportError: matplotlib is not installed.
            OSError: the file cannot be written.
        """
        name = self._measure(measure)
        groups = self._groups(over if over in self.axes else None)
        if not any(len(run.curve(name)) > 1 for run in self.runs):
            raise ValueError(f"Sweep.plot: no run has {name!r} for several epochs")
        return draw_runs(path, name, groups)

    def _ends(self, name: str) -> tuple[str, str]:
        """What the columns of the smallest and the largest number of a measure are called."""
        own = "" if len(self.measures) == 1 else f" {name}"
        return f"smallest{own}", f"largest{own}"

    def _measure(self, name: str | None) -> str:
        """The name of a measure, checked to be one."""
        if name is None:
            usual = [x for x in ("val_loss", "loss") if x in self.measures]
            return [*usual, *self.measures, "loss"][0]
        if name not in self.measures:
            there = ", ".join(self.measures) or "none, since all runs ended in errors"
            raise KeyError(f"measure {describe(name)}: expected one of {there}")
        return name

    def _groups(self, over: str | None) -> list[Group]:
        """The runs that have the same settings but for one; each by itself, if none is named."""
        if over is not None and over not in self.axes:
            there = ", ".join(self.axes) or "none"
            raise KeyError(f"setting {describe(over)}: expected one of {there}")
        places = product(*(range(1 if x == over else len(self.axes[x])) for x in self.axes))
        found: dict[tuple[int, ...], Group] = {place: ({}, []) for place in places}
        every = product(*(range(len(values)) for values in self.axes.values()))
        for place, run in zip(every, self.runs, strict=True):
            own = [0 if name == over else i for i, name in zip(place, self.axes, strict=True)]
            settings, runs = found[tuple(own)]
            settings.update({name: x for name, x in run.settings.items() if name != over})
            runs.append(run)
        return [*found.values()]

    def _cell(self, name: str, x: Any, over: str | None) -> str:
        if name == "diverged" and over is None:
            return "" if x is None else f"epoch {x}" if x else "error"
        return text_of(x) if name in self.axes or isinstance(x, int) else f"{x:.4g}"
