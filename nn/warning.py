"""Warnings that point at the line of the user's program that called `nn`."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from autograd.text import visible_lines


def warn(message: str) -> None:
    """Give a RuntimeWarning at the innermost line outside this library."""
    frame: FrameType | None = sys._getframe(1)
    depth = 2
    while frame is not None and _is_own(frame):
        frame, depth = frame.f_back, depth + 1
    warnings.warn(visible_lines(message), RuntimeWarning, stacklevel=depth)


def _is_own(frame: FrameType) -> bool:
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    return package in ("nn", "autograd", "contextlib")
