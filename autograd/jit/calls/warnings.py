"""Warnings at the line of the user: that a compiled function falls back to the plain one."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from autograd.jit.calls.libraries import is_library
from autograd.text import visible_lines


def warn(name: str, problem: str) -> None:
    """Warn, at the line that called the library, that a function falls back to the plain one."""
    warn_user(f"jit: {name} {problem}; such calls fall back to the plain function")


def warn_user(message: str) -> None:
    """Warn, at the line that called the library."""
    frame: FrameType | None = sys._getframe(1)
    depth = 2
    while frame is not None and is_library(frame.f_globals.get("__name__")):
        frame, depth = frame.f_back, depth + 1
    warnings.warn(visible_lines(message), RuntimeWarning, stacklevel=depth)
