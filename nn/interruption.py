"""Ctrl-C during a training: it ends soon, and between two steps.

The first Ctrl-C only sets a flag, which the loop checks after each step. A second one raises
`KeyboardInterrupt` at once, so that nobody has to wait for a long step, but never while parameters
are moving.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether Ctrl-C was pressed.

    Args:
        is_shared: whether the training runs in several processes, which have to end together.

    Attributes:
        asked: it was pressed.
        pressed: the training is to end: at once, or when it is said that all processes do.
    """

    def __init__(self, is_shared: bool = False) -> None:
        self.asked = self.pressed = False
        self._is_shared = is_shared
        self._held = False

    def __enter__(self) -> None:
        """Within the block, Ctrl-C is only noted, however often it is pressed."""
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False

    def press(self, signal_number: int, frame: FrameType | None) -> None:
        """What happens at Ctrl-C."""
        if self.asked and not self._held:
            raise KeyboardInterrupt
        self.asked = True
        self.pressed |= not self._is_shared


@contextmanager
def interruptible(is_shared: bool = False) -> Iterator[Interruption]:
    """Within the block, the first Ctrl-C only sets a flag; afterwards the old handler is back.

    Nothing changes outside the main thread, where no Ctrl-C arrives, and in a program that has a
    handler for it.

    >>> with interruptible() as interruption:
    ...     interruption.pressed
    False
    """
    interruption = Interruption(is_shared)
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield interruption
        return
    signal.signal(signal.SIGINT, interruption.press)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
