"""A progress bar for long work, where the error output is a terminal and tqdm is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def with_progress(items: Iterable[T], what: str, count: int | None = None) -> Iterable[T]:
    """The items, with a bar that moves as they are taken, and goes when all are.

    Args:
        items: what the work is done for.
        what: the name of the work.
        count: how many items there are, if they cannot say so themselves.

    >>> list(with_progress([1, 2], "numbers"))
    [1, 2]
    """
    if sys.stderr is None or not sys.stderr.isatty():
        return items
    try:
        from tqdm import tqdm  # type: ignore[import-untyped]
    except ImportError:
        return items
    bar: Iterable[T] = tqdm(items, desc=what, total=count, leave=False)
    return bar
