"""Numbers as keys: a trace stops before it uses one in a dict or a set.

While a function is traced a Value stands for each number, and a Value is a key by its identity: it
would be found in no table of numbers, and two equal ones would be two. `Value` must not pay for a
method that tells them apart, since the engine keeps Values in sets, so it has one only while a
function whose code may hash something is traced.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from autograd import modes
from autograd.forks import Blocks
from autograd.jit.tracing.tape import is_inner
from autograd.jit.unsupported import Unsupported
from autograd.value import Value


@contextmanager
def numbers_are_no_keys() -> Iterator[None]:
    """Within this, hashing what stands for a plain number in a trace raises Unsupported.

    That stays so if the function catches it.
    """
    _traces.count(1)
    try:
        yield
    finally:
        _traces.count(-1)


def _show_traces(count: int) -> None:
    Value.__hash__ = _hash if count else object.__hash__  # type: ignore[method-assign,assignment]


_traces = Blocks(_show_traces)


def _hash(value: Value) -> int:
    frame = sys._getframe(1)
    if is_inner(frame) or frame.f_globals.get("__name__", "").partition(".")[0] == "nn":
        return object.__hash__(value)  # most often: these keep Values in sets
    tape = modes.current_tape()
    if tape and not tape.is_value(value):
        tape.raised = True
        raise Unsupported(
            "uses a number as a key, or in a set, where compiled code has no number yet"
            " (autograd.take chooses by a number)",
            may_pass=True,
        )
    return object.__hash__(value)
