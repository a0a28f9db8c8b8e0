"""`gradcheck` at many points, at a few of which it may say that it cannot tell; derivatives that
are Values."""

from collections.abc import Sequence
from typing import Any

from hypothesis import event

from autograd import Value
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


def derivative_values(root: Any, leaves: Sequence[Value]) -> list[Any]:
    """The derivatives in the leaves, with the graphs they were computed by.

    The derivative of the root in itself is made a Value, so that products of constants are
    operations of the graph too.
    """
    if not isinstance(root, Value):
        return [0.0] * len(leaves)
    for leaf in leaves:
        leaf.grad = 0.0
    (root * Value(1.0)).backward(create_graph=True)
    return [leaf.grad for leaf in leaves]
