"""What a user says of how a function is compiled."""

from __future__ import annotations

from typing import NamedTuple

from autograd.jit.tuning import COMPILED_AT_ONCE, INTERPRETED_RUNS, MOST_INTERPRETED


class Options(NamedTuple):
    """How a function is compiled; see `jit`."""

    backend: str = "auto"
    fallback: str = "warn"
    compile_after: int | None = None
    dtype: str = "float64"

    def interpreted(self, size: int, work: int = 0) -> int:
        """How many runs of a program are interpreted before it is compiled.

        Args:
            size: the number of its inputs and operations.
            work: how many operations a run makes, those of loops in each turn.
        """
        if self.compile_after is not None:
            return self.compile_after
        is_quick = size > COMPILED_AT_ONCE and work <= MOST_INTERPRETED
        return INTERPRETED_RUNS if self.backend == "auto" and is_quick else 0
