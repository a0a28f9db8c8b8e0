"""The progress bar of a training, shown where the output is a terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeAlias

from autograd.extras import missing
from autograd.text import visible

Report: TypeAlias = Callable[[dict[str, float], int], None]


def progress_bar(wanted: bool | None, epochs: int, done: int) -> AbstractContextManager[Report]:
    """Show a bar within a `with` block.

    Args:
        wanted: `None` for where the error output is a terminal and tqdm is installed.
        epochs: how many there are in all.
        done: how many of them are done already.

    Returns:
        A context manager; it gives a function to call with the numbers of an epoch, and how many
        have passed since the last call.

    Raises:
        ImportError: a bar is wanted and tqdm is not installed.

    >>> with progress_bar(False, epochs=1, done=0) as report:
    ...     report({"loss": 0.5}, 1)
    """
    if wanted or (wanted is None and sys.stderr is not None and sys.stderr.isatty()):
        try:
            from tqdm import tqdm  # type: ignore[import-untyped]
        except ImportError as error:
            if wanted:
                raise ImportError(missing("fit: progress=True", "demos", ["tqdm"])) from error
        else:
            return _drawn(tqdm(total=epochs, initial=done, desc="training", unit="epoch"))
    return nullcontext(lambda row, passed: None)


@contextmanager
def _drawn(bar: Any) -> Iterator[Report]:
    def report(row: dict[str, float], passed: int) -> None:
        shown = {name: x for name, x in row.items() if name not in ("epoch", "lr")}
        if not all(map(math.isfinite, row.values())):
            bar.set_description_str("diverged", False)
        bar.set_postfix_str(
            ", ".join(f"{visible(name)} {x:.4g}" for name, x in shown.items()), False
        )
        bar.update(passed)

    with bar:
        yield report
