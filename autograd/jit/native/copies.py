"""Numbers that are copied by a loop: at each side one after the other, or at one stride."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Copy(NamedTuple):
    """Neighbours that are copied.

    Attributes:
        source: the place of the first one.
        target: where it is copied to.
        stride: how far apart they are there.
        length: how many they are.
    """

    source: int
    target: int
    stride: int
    length: int


def copies(places: Iterable[tuple[int, int]]) -> list[Copy]:
    """Copies of numbers from place to place, as few as may be.

    Args:
        places: for each number where it is, and where it is copied to.

    >>> copies([(10, 0), (20, 1), (11, 2), (21, 3), (12, 4), (22, 5)])
    [Copy(source=10, target=0, stride=2, length=3), Copy(source=20, target=1, stride=2, length=3)]
    >>> copies([(10, 7), (10, 8)])
    [Copy(source=10, target=7, stride=1, length=1), Copy(source=10, target=8, stride=1, length=1)]
    """
    found: list[Copy] = []
    for source, target in sorted(places):
        if found:
            last = found[-1]
            stride = last.stride if last.length > 1 else target - last.target
            is_next = source == last.source + last.length and stride > 0
            if is_next and target == last.target + last.length * stride:
                found[-1] = last._replace(stride=stride, length=last.length + 1)
                continue
        found.append(Copy(source, target, 1, 1))
    return found
