"""Traces beside other threads: what these change meanwhile is not the work of the trace.

What a trace changes is put back. If another thread has changed it, that would be lost. So where
there are other threads, it is put back in a turn in which they do not run, as Python lets them only
after an interval, and the function is traced again. What does not change this time is theirs, and
is set again before they run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

from autograd.forks import Blocks
from autograd.jit.calls.snapshot import Changes, Snapshot, set_again
from autograd.jit.tuning import LONGEST_TURN, MOST_DISTURBED


class Conflicts:
    """The traces of a function in a row that something has changed in."""

    def __init__(self) -> None:
        self._count = 0
        self._turn = 0.0  # seconds, long enough for a trace
        self._before: Snapshot | None = None  # of the last one, if that is to be undone
        self._undone: list[Changes] = []

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A trace is made within this, the longer undisturbed the more were disturbed before."""
        start = time.perf_counter()
        if not self._count:
            yield
            self._turn = 4 * (time.perf_counter() - start)
            return
        _intervals["turn"] = min(max(self._turn, sys.getswitchinterval()), LONGEST_TURN)
        _turns.count(1)
        try:
            time.sleep(1e-9)  # the others run once more, and then begin to wait anew
            if self._before is not None:
                self._undone.append(self._before.restore())
                self._before = None
            yield
        except BaseException:
            if self._before is not None:  # interrupted
                self._before.restore()
            self.redo()
            raise
        finally:
            _turns.count(-1)

    def undo(self, snapshot: Snapshot) -> bool:
        """Put back what has changed since a snapshot, now or when the function is traced again.

        Returns:
            Whether others may have changed it, so that the function is to be traced again.
        """
        may_be_others = self._count < MOST_DISTURBED and len(sys._current_frames()) > 1
        if may_be_others and snapshot.change() is not None:
            self._count += 1
            self._before = snapshot
            return True
        self.redo(snapshot.restore())
        return False

    def redo(self, changed: Container[Any] = ()) -> bool:
        """Set again what was put back, but for what the last trace has changed: it is of others.

        Returns:
            Whether there was something to set.
        """
        found = any(self._undone)
        while self._undone:
            set_again(self._undone.pop(), changed)
        return found


_intervals = {"turn": LONGEST_TURN}  # and the one to return to, where there are such traces


def _show_turns(count: int) -> None:
    before = _intervals.pop("before", None)
    if count:
        _intervals["before"] = sys.getswitchinterval() if before is None else before
        sys.setswitchinterval(_intervals["turn"])
    elif before is not None:
        sys.setswitchinterval(before)


_turns = Blocks(_show_turns)
