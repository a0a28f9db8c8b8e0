"""What is said to whoever called a compiled function that runs as it is."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from autograd.jit.calls.named import is_library
from autograd.text import visible_lines


def warn(name: str, problem: str) -> None:
    """Warn that a function of this name runs as it is, in the code that called the library."""
    frame: FrameType | None = sys._getframe(1)
    depth = 2
    while frame is not None and is_library(frame.f_globals.get("__name__")):
        frame, depth = frame.f_back, depth + 1
    warnings.warn(
        visible_lines(f"jit: {name} {problem}; such calls run the function as it is"),
        RuntimeWarning,
        stacklevel=depth,
    )
