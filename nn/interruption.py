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

    Attributes:
        pressed: it was.
    """

    def __init__(self) -> None:
        self.pressed = False
        self._held = False

    def __enter__(self) -> None:
        """Within the block, Ctrl-C is only noted, however often it is pressed."""
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False

    def press(self, signal_number: int, frame: FrameType | None) -> None:
        """What happens at Ctrl-C."""
        if self.pressed and not self._held:
            raise KeyboardInterrupt
        self.pressed = True


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Within the block, the first Ctrl-C only sets a flag; afterwards the old handler is back.

    Nothing changes outside the main thread, where no Ctrl-C arrives, and in a program that has a
    handler for it.

    >>> with interruptible() as interruption:
    ...     interruption.pressed
    False
    """
    interruption = Interruption()
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
