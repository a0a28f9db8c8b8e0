"""What a child of `os.fork` finds: no lock held, and no block open, of a thread that it lacks.

A fork copies the process, but of its threads only the one that forks. What another one was in the
middle of stays so in the child for ever.
"""

from __future__ import annotations

import os
from _thread import RLock, get_ident  # without importing threading
from collections.abc import Callable
from weakref import WeakSet


class Lock:
    """A reentrant lock, for a `with` statement, that a child finds free.

    What it guards must be right at any moment: in the child nobody ends what another thread began.

    >>> with (lock := Lock()), lock:
    ...     pass
    """

    def __init__(self) -> None:
        self._lock = RLock()
        _LOCKS.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def _free(self) -> None:
        if self._lock.acquire(blocking=False):  # nobody holds it, or this thread does
            self._lock.release()
        else:
            self._lock = RLock()


class Blocks:
    """How many blocks are open in the whole process.

    Args:
        show: called with the number whenever it changes, by one thread at a time.

    >>> blocks = Blocks(print)
    >>> blocks.count(1)
    1
    >>> blocks.count(-1)
    0
    """

    def __init__(self, show: Callable[[int], None]) -> None:
        self._all = 0
        self._own: dict[int, int] = {}  # by thread
        self._show = show
        _BLOCKS.add(self)

    def count(self, change: int) -> None:
        """Add one for a block of this thread that opens, or -1 for one that closes."""
        thread = get_ident()
        with _COUNTING:
            self._own[thread] = self._own.get(thread, 0) + change
            self._all += change
            self._show(self._all)

    def _forget_others(self) -> None:
        thread = get_ident()
        self._all = self._own.get(thread, 0)
        self._own = {thread: self._all}
        self._show(self._all)


_LOCKS: WeakSet[Lock] = WeakSet()
_BLOCKS: WeakSet[Blocks] = WeakSet()
_COUNTING = RLock()
"""Held for a moment, so that a fork waits for it."""


def _in_child() -> None:
    for lock in _LOCKS:
        lock._free()
    for blocks in _BLOCKS:
        blocks._forget_others()
    _COUNTING.release()


def at_fork(**hooks: Callable[[], object]) -> None:
    """`os.register_at_fork`, where there is one."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(**hooks)


at_fork(before=_COUNTING.acquire, after_in_parent=_COUNTING.release, after_in_child=_in_child)
