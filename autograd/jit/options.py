"""What a user says of how a function is compiled."""

from __future__ import annotations

from typing import NamedTuple

from autograd.jit.tuning import COMPILED_AT_ONCE, INTERPRETED_RUNS


class Options(NamedTuple):
    """How a function is compiled; see `jit`."""

    backend: str = "auto"
    fallback: str = "warn"
    compile_after: int | None = None

    def interpreted(self, size: int) -> int:
        """How many runs of a program are interpreted before it is compiled.

        Args:
            size: the number of its inputs and operations.
        """
        if self.compile_after is not None:
            return self.compile_after
        return INTERPRETED_RUNS if self.backend == "auto" and size > COMPILED_AT_ONCE else 0
