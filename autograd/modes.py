"""Modes that hold within a `with` block: recording, tracing, observing, the garbage collector.

`no_grad`, `tracing` and `observing` hold for the running thread (or task) alone. The whole process
has one garbage collector, so `pause_gc` counts its blocks: the first to enter pauses the collector,
the last to leave restores its state.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING, Any

from autograd.forks import Blocks

if TYPE_CHECKING:
    from autograd.jit.tracing.tape import Tape
    from autograd.value import Value

is_quiet = False
"""Whether any `no_grad`, `tracing` or `observing` block is open in the whole process: if not, which
is the usual case, an operation checks nothing else."""

is_tracing = False
"""Whether any `tracing` block is open: if not, comparisons and conversions check nothing else."""

_recording: ContextVar[bool] = ContextVar("recording", default=True)
_tape: ContextVar[Tape | None] = ContextVar("tape", default=None)
_observer: ContextVar[Callable[[Value], None] | None] = ContextVar("observer", default=None)


def _show_blocks(count: int) -> None:
    global is_quiet
    is_quiet = count > 0


def _show_traces(count: int) -> None:
    global is_tracing
    is_tracing = count > 0


_blocks = Blocks(_show_blocks)
_traces = Blocks(_show_traces)


def is_recording() -> bool:
    """Whether operations on Values are recorded now, in this thread or task.

    >>> with no_grad():
    ...     is_recording()
    False
    >>> is_recording()
    True
    """
    return _recording.get()


def current_tape() -> Tape | None:
    """The tape that records the operations of this thread or task, if there is one.

    >>> current_tape() is None
    True
    """
    return _tape.get() if is_tracing else None


def stands_for_integer(x: Any) -> bool:
    """Whether this stands for an integer argument of a function that is being traced.

    >>> stands_for_integer(3)
    False
    """
    tape = current_tape()
    return tape is not None and hasattr(x, "_apply") and x in tape.integers


def stand_for(values: Iterable[Value], inputs: Iterable[Value]) -> None:
    """In the trace under way these inputs stand for Values from outside, wherever it reads them."""
    tape = current_tape()
    assert tape is not None
    tape.standing |= dict(zip(values, inputs, strict=True))


def current_observer() -> Callable[[Value], None] | None:
    """What is called with each result in this thread or task, if anything is.

    >>> current_observer() is None
    True
    """
    return _observer.get()


class no_grad(ContextDecorator):  # noqa: N801 - used as a verb, as in PyTorch
    """Within the block (or the decorated function) results are Values without a history.

    They cost less memory, and `backward()` stops at them. Only the running thread or task is
    affected.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.operands
    (9.0, ())
    """

    def __init__(self) -> None:
        self._tokens: list[Token[bool]] = []

    def _recreate_cm(self) -> no_grad:
        return no_grad()  # each call of a decorated function gets a new block

    def __enter__(self) -> None:
        _blocks.count(1)
        self._tokens.append(_recording.set(False))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _recording.reset(self._tokens.pop())
        _blocks.count(-1)


@contextmanager
def recorded() -> Iterator[None]:
    """Within the block operations are recorded, in a `no_grad` block too.

    A transform needs the graph of the function it differentiates wherever it is called.

    >>> with no_grad(), recorded():
    ...     is_recording()
    True
    """
    token = _recording.set(True)
    try:
        yield
    finally:
        _recording.reset(token)


@contextmanager
def tracing(tape: Tape | None) -> Iterator[None]:
    """Within the block the tape records every operation; nothing does, if it is `None`.

    >>> from autograd.jit.tracing.tape import Tape
    >>> tape = Tape()
    >>> with tracing(tape):
    ...     current_tape() is tape
    True
    """
    _blocks.count(1)
    _traces.count(1)
    token = _tape.set(tape)
    try:
        yield
    finally:
        _tape.reset(token)
        _traces.count(-1)
        _blocks.count(-1)


@contextmanager
def observing(note: Callable[[Value], None]) -> Iterator[None]:
    """Within the block each result that is recorded, other than on a tape, is given to `note`.

    >>> from autograd import Value
    >>> found = []
    >>> with observing(found.append):
    ...     y = Value(3.0) * 2
    >>> found[0] is y
    True
    """
    _blocks.count(1)
    token = _observer.set(note)
    try:
        yield
    finally:
        _observer.reset(token)
        _blocks.count(-1)


class pause_gc(ContextDecorator):  # noqa: N801 - used as a verb
    """Within the block (or the decorated function) the cyclic garbage collector is paused.

    A graph of Values has no cycles, so the collector finds nothing in it, yet it visits every
    node several times while a large graph is built; pausing it makes that considerably faster.
    Memory is still freed by reference counting. At the end the collector is in its previous state:
    one that was off stays off.

    >>> import gc
    >>> with pause_gc():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """

    def __enter__(self) -> None:
        _pauses.count(1)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _pauses.count(-1)


_is_paused = False
_was_enabled = False


def _show_pauses(count: int) -> None:
    global _is_paused, _was_enabled
    if count > 0 and not _is_paused:
        _is_paused, _was_enabled = True, gc.isenabled()
        gc.disable()
    elif count <= 0 and _is_paused:
        _is_paused = False
        (gc.enable if _was_enabled else gc.disable)()


_pauses = Blocks(_show_pauses)
