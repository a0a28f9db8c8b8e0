"""What the compiler does of its own in the middle of a function's trace."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unwatched() -> Iterator[None]:
    """Within this a trace is not watched for effects (`calls.effects`); a user's profiler stays."""
    judge = sys.getprofile()
    is_ours = getattr(judge, "__module__", "") == "autograd.jit.calls.effects"
    if is_ours:
        sys.setprofile(None)
    try:
        yield
    finally:
        if is_ours:
            sys.setprofile(judge)
