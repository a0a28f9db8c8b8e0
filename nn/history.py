"""The record of a training: one row of numbers for each epoch, to read, to plot, to save."""

from __future__ import annotations

import io
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograd.files import AnyPath, as_path, write_whole
from autograd.text import visible
from nn.curves import COLORS, LARGEST, WARNING, Picture, finish, plain


class History:
    """The epochs of a training, as `fit` returns it.

    Attributes:
        rows: for each epoch its number (`epoch`, from 1), the learning rate (`lr`), the `loss`, the
            metrics by name and, where there are validation data, `val_loss` and `val_...` for each
            metric. An unfinished epoch has no row.
        interrupted: whether Ctrl-C ended the training.
        diverged: the number of the first epoch in which the loss, that of the validation data or a
            parameter was infinite or NaN; `None` if all were finite.

    >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"], len(history)
    ([0.5, 0.25], 2)
    """

    def __init__(
        self,
        rows: list[dict[str, float]] | None = None,
        interrupted: bool = False,
        diverged: int | None = None,
    ) -> None:
        self._rows = [] if rows is None else rows
        self._later: list[tuple[int, list[float], list[float]]] = []  # epochs without rows as yet
        self.interrupted = interrupted
        self.diverged = diverged

    @property
    def rows(self) -> list[dict[str, float]]:
        """A dict of numbers for each epoch."""
        while found := self._later[:1]:
            [(before, rates, losses)] = found
            made = [
                {"epoch": number, "lr": rate, "loss": loss}
                for number, (rate, loss) in enumerate(zip(rates, losses, strict=True), before + 1)
            ]
            self._rows[before : before + len(made)] = made  # perhaps once more: by another thread
            with suppress(ValueError):
                self._later.remove(*found)
        return self._rows

    @rows.setter
    def rows(self, rows: list[dict[str, float]]) -> None:
        self._rows, self._later = rows, []

    def add(self, rates: list[float], losses: list[float]) -> None:
        """Add epochs that have a learning rate and a loss alone.

        Their rows are made when somebody reads them: they take longer than epochs in machine code.

        >>> history = History()
        >>> history.add([0.1, 0.1], [0.5, 0.25])
        >>> len(history), history.rows[1]
        (2, {'epoch': 2, 'lr': 0.1, 'loss': 0.25})
        """
        self._later.append((len(self), rates, losses))

    @property
    def last(self) -> dict[str, float]:
        """The last row; empty before the first epoch."""
        for before, rates, losses in self._later[-1:]:
            return {"epoch": before + len(losses), "lr": rates[-1], "loss": losses[-1]}
        return self._rows[-1] if self._rows else {}

    @property
    def columns(self) -> list[str]:
        """The names of the columns; none before the first epoch."""
        return list(self._rows[0] if self._rows else self.last)

    def __getitem__(self, column: str) -> list[float]:
        """The numbers of one column.

        Raises:
            KeyError: there is no such column.
        """
        if column not in self.columns:
            raise KeyError(f"{column!r}: expected one of {', '.join(self.columns) or 'no columns'}")
        return [row[column] for row in self.rows]

    def __len__(self) -> int:
        for before, _, losses in self._later[-1:]:
            return before + len(losses)
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        mine, its = [(x.rows, x.interrupted, x.diverged) for x in (self, other)]
        return mine == its

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = {name: x for name, x in self.last.items() if name not in ("epoch", "lr")}
        last = "".join(f", {visible(name)} {number:.4g}" for name, number in shown.items())
        interrupted = ", interrupted" if self.interrupted else ""
        diverged = "" if self.diverged is None else f", diverged in epoch {self.diverged}"
        return f"<History: {len(self)} epochs{last}{interrupted}{diverged}>"

    def to_csv(self, path: AnyPath) -> Path:
        """Write the rows with all digits to a file of comma-separated values, all of it or nothing.

        Returns:
            The path.

        Raises:
            OSError: the file cannot be written.

        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = History([{"epoch": 1, "loss": 0.1}]).to_csv(f"{folder}/history.csv")
        ...     print(path.read_text().split())
        ['epoch,loss', '1,0.1']
        """
        path = as_path(path, "History.to_csv")
        import csv  # imported here: it is slow to load

        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return write_whole(path, text.getvalue().encode())

    def plot(self, path: AnyPath) -> Path:
        """Draw the loss by epoch and, below it, the metrics, to a file: all of it or nothing.

        A loss that is positive throughout and spans a decade is drawn on a logarithmic scale. Where
        the training diverged there is a dotted line.

        Args:
            path: the file. Its suffix names the format: `.png`, `.svg`, `.pdf` or another one that
                matplotlib knows.

        Returns:
            The path.

        Raises:
            ValueError: there are no epochs, or the format is unknown.
            ImportError: matplotlib is not installed.
            OSError: the file cannot be written.
        """
        path = as_path(path, "History.plot")
        if not self.rows:
            raise ValueError("History.plot: there are no epochs to draw")
        names = [name for name in self.columns if name not in ("epoch", "lr")]
        panels = [
            [name for name in names if name.removeprefix("val_") == "loss"],
            [name for name in names if name.removeprefix("val_") != "loss"],
        ]
        panels = [panel for panel in panels if panel]
        picture = Picture(path, len(panels), "History.plot")
        for axes, panel in zip(picture.axes, panels, strict=True):
            self._draw(axes, panel)
        return picture.save()

    def _draw(self, axes: Any, names: list[str]) -> None:
        """The curves of one panel: a colour for each measure, dashes for the validation data."""
        epochs = self["epoch"]
        measures = list(dict.fromkeys(name.removeprefix("val_") for name in names))
        for name in names:
            measure = name.removeprefix("val_")
            axes.plot(
                epochs,
                [x if abs(x) < LARGEST else math.nan for x in self[name]],
                color=COLORS[measures.index(measure) % len(COLORS)],
                linestyle="-" if name == measure else "--",
                linewidth=2,
                marker="o" if len(self) <= 20 else "",
                markersize=4,
                label=f"{plain(measure)}, {'training' if name == measure else 'validation'}",
            )
        if self.diverged is not None:
            axes.axvline(self.diverged, color=WARNING, linestyle=":", linewidth=2, label="diverged")
        numbers = [x for name in names for x in self[name]]
        finish(axes, numbers, measures[0] if len(measures) == 1 else "")
