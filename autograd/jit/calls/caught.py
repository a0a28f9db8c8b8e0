"""Exceptions that a function catches because a Value stands for its number in a trace.

`rows[n]` of an integer raises TypeError there, and `n.bit_length()` AttributeError. A function that
catches that takes a branch which plain execution does not, so the trace is given up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from re import search
from types import FrameType
from typing import Any

from autograd.jit.tracing.tape import Tape, is_inner
from autograd.jit.unsupported import Unsupported


@contextmanager
def noticed(tape: Tape) -> Iterator[None]:
    """Within this `tape.raised` is set where a user's code gets an error that names a Value.

    Raises:
        Unsupported: a debugger is active, which watches in the same way.
    """
    if sys.gettrace() is not None:
        raise Unsupported("catches exceptions, and is not traced while a debugger is active")

    def look(frame: FrameType, event: str, arg: Any) -> Any:
        if event == "exception" and issubclass(arg[0], TypeError | AttributeError):
            tape.raised |= search(r"\bValue\b", str(arg[1])) is not None
        return look

    def begin(frame: FrameType, event: str, arg: Any) -> Any:
        if is_inner(frame):
            return None
        frame.f_trace_lines = False
        return look

    sys.settrace(begin)
    try:
        yield
    finally:
        sys.settrace(None)
