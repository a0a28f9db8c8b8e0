"""The stages of compiling, and how long each takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

STAGES = ("trace", "differentiate", "simplify", "lift", "lower")
"""The stages in order; what goes to plain Python is not lifted."""


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Record the time that the block takes."""
    start = perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + perf_counter() - start
