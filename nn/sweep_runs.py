"""One training of a sweep: its settings, and what it measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd.text import visible


@dataclass(frozen=True)
class Run:
    """One training of a sweep.

    Attributes:
        settings: the settings that vary, by name.
        measures: what was measured, by name: a number for each epoch, in a list, or one. Empty if
            an arithmetic error ended it.
        rest: what else it returned, the second of a pair; else `None`.
        error: the error that ended it; else empty.
    """

    settings: dict[str, Any]
    measures: dict[str, Any]
    rest: Any = None
    error: str = ""

    def curve(self, measure: str) -> list[float]:
        """The numbers of a measure, for each epoch; of one number that alone, of none nothing."""
        found = self.measures.get(measure, [])
        return found if isinstance(found, list) else [found]

    @property
    def diverged(self) -> int | None:
        """The first epoch, from 1, in which a measure is infinite or NaN.

        None if all are finite; 0 if an arithmetic error ended it, so that there are none.
        """
        if self.error:
            return 0
        places = [
            next((i for i, x in enumerate(self.curve(name), 1) if not math.isfinite(x)), None)
            for name in self.measures
        ]
        return min((i for i in places if i is not None), default=None)

    def final(self, measure: str) -> float:
        """The last number of a measure; NaN if there is none."""
        return [math.nan, *self.curve(measure)][-1]


Group: TypeAlias = tuple[dict[str, Any], list[Run]]
"""Runs, and the settings that they share."""


def text_of(x: Any) -> str:
    """A setting as text.

    >>> text_of(0.1), text_of("relu"), text_of(math.tanh), text_of([1.0, 2.0])
    ('0.1', 'relu', 'tanh', '[1.0, 2.0]')
    """
    text = x if isinstance(x, str) else getattr(x, "__name__", None) or repr(x)
    return visible(text if len(text) <= 40 else text[:39] + "…")
