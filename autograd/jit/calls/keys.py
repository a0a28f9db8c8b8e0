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
from threading import Lock
from typing import Any

from autograd import modes
from autograd.jit.unsupported import Unsupported
from autograd.tape import Tape, is_inner
from autograd.value import Value

_lock = Lock()
_traces = 0


@contextmanager
def numbers_are_no_keys() -> Iterator[None]:
    """Within this, hashing what stands for a plain number in a trace raises Unsupported.

    That stays so if the function catches it.
    """
    global _traces
    with _lock:
        _traces += 1
        Value.__hash__ = _hash  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        with _lock:
            _traces -= 1
            if not _traces:
                Value.__hash__ = object.__hash__  # type: ignore[method-assign,assignment]


def _hash(value: Value) -> int:
    tape = modes.current_tape() if modes.is_tracing else None
    if tape is not None and not is_inner(sys._getframe(1)) and _is_plain(value, tape):
        tape.raised = True
        raise Unsupported(
            "uses a number as a key, or in a set, where compiled code has no number yet"
            " (autograd.take chooses by a number)",
            may_pass=True,
        )
    return object.__hash__(value)


def _is_plain(value: Value, tape: Tape) -> bool:
    """Whether this is a plain number in the plain function: all that it comes from is."""
    seen, waiting = {id(value)}, [value]
    while waiting:
        x: Any = waiting.pop()
        if x in tape.plain or x.__class__ is not Value:
            continue
        if x in tape.values or not (x._primitive or x in tape.constants):
            return False
        for operand in x.operands:
            if id(operand) not in seen:
                seen.add(id(operand))
                waiting.append(operand)
    return True
