"""`gradcheck` at many points, at a few of which it may say that it cannot tell."""

from typing import Any

from hypothesis import event

from autograd.testing import InconclusiveError, gradcheck

SHARE = 0.1
"""How many points may be inconclusive. Of those that the tests draw, one in a thousand is."""


class Judge:
    """Counts the points that were judged, and those that could not be."""

    def __init__(self) -> None:
        self.right = self.inconclusive = 0

    def check(self, f: Any, at: Any, **options: Any) -> None:
        """Fail where a derivative is wrong."""
        try:
            gradcheck(f, at, **options)
            self.right += 1
        except InconclusiveError as reason:
            event(f"inconclusive: {reason}")
            self.inconclusive += 1

    def assert_judged(self) -> None:
        """Fail where too many points were inconclusive."""
        assert self.right
        assert self.inconclusive <= SHARE * (self.right + self.inconclusive)
