"""Long code: compiled quickly, and once more for speed when its runs have paid for that."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from autograd.jit.native.target import library
from autograd.jit.tuning import LINES_AT_FULL_SPEED


class Hurried:
    """The functions of a module.

    LLVM takes three times as long to compile for speed; the results are the same, bit by bit.

    Args:
        text: the module.
        calls: the functions outside of it that it calls.
        runs: after how many runs long code is worth it; 0 if it never is.

    Attributes:
        library: the functions.
        runs: how many are left until there are faster ones; 0 if these are as fast as can be.
    """

    def __init__(self, text: str, calls: Iterable[str], runs: int) -> None:
        calls, is_long = frozenset(calls), text.count("\n") > LINES_AT_FULL_SPEED
        self.library = library(text, calls, is_quick=is_long)
        self.runs = runs * self.library.is_quick
        self._compile_faster = partial(library, text, calls) if self.runs else None

    def count(self, runs: int = 1) -> bool:
        """Count runs; whether there is faster code from now on."""
        self.runs = max(self.runs - runs, 0)
        if self.runs == 0 and (compile_faster := self._compile_faster) is not None:
            self._compile_faster = None  # other threads go on with the quick code meanwhile
            with suppress(OSError, RuntimeError):  # the quick code goes on
                self.library = compile_faster()
        return not self.library.is_quick
