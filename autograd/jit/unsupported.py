"""The exception for what compiled code cannot do, where the plain function takes over."""

from __future__ import annotations


class Unsupported(Exception):  # noqa: N818 - not an error: the plain function runs
    """Compiled code cannot stand for a function, or for one of its calls.

    Args:
        reason: why, in words that follow the name of the function; empty if there is nothing to
            tell anybody.
        may_pass: whether another call may do better.
    """

    def __init__(self, reason: str = "", may_pass: bool = False) -> None:
        super().__init__(reason)
        self.may_pass = may_pass
