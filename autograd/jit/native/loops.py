"""Loops: vectorised operations on views of the buffer.

The axes of the views are merged where possible, and the last one is cut into vectors (*strips*): as
wide as a register, and narrower ones for the rest. Contiguous numbers are loaded at once; one
number for the whole axis is loaded before the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from autograd.jit.arrays.views import Shape, View
from autograd.jit.native.code import Code, Index
from autograd.jit.native.simd import Lanes, load, store
from autograd.jit.tuning import MOST_UNROLLED_STRIPS


@dataclass(frozen=True)
class Nest:
    """Axes that several views go along together, the fastest last.

    Attributes:
        shape: their lengths.
        strides: of each view, a stride for each axis.
    """

    shape: Shape
    strides: tuple[Shape, ...]


def nest(shape: Shape, views: Sequence[View]) -> Nest:
    """The fewest axes for views that are broadcast to a shape.

    >>> nest((2, 3), [View(0, (2, 3), (3, 1)), View(9, (3,), (1,))])
    Nest(shape=(2, 3), strides=((3, 1), (0, 1)))
    >>> nest((2, 3), [View(0, (2, 3), (3, 1)), View(6, (2, 3), (3, 1))])
    Nest(shape=(6,), strides=((1,), (1,)))
    """
    padded = [(0,) * (len(shape) - len(x.shape)) + x.strides for x in views]
    merged: list[tuple[int, Shape]] = []
    for n, strides in zip(shape, zip(*padded, strict=True), strict=True):
        if n == 1:
            continue
        if merged and merged[-1][1] == tuple(n * s for s in strides):
            n *= merged.pop()[0]
        merged.append((n, strides))
    merged = merged or [(1, (0,) * len(views))]
    return Nest(tuple(n for n, _ in merged), tuple(zip(*(s for _, s in merged), strict=True)))


@contextmanager
def over(
    code: Code, shape: Shape, starts: Sequence[Index], strides: Sequence[Shape]
) -> Iterator[list[Index]]:
    """Loops over all axes; where each view is at every turn."""
    if not shape:
        yield list(starts)
        return
    with code.loop(0, shape[0]) as i:
        moved = [code.plus(x, code.times(i, s[0])) for x, s in zip(starts, strides, strict=True)]
        with over(code, shape[1:], moved, [s[1:] for s in strides]) as found:
            yield found


def strips(code: Code, length: int, width: int) -> Iterator[tuple[Index, int]]:
    """Cut an axis into strips: where each starts, and how wide it is.

    What is done for the strips of full width is written once, in a loop.
    """
    full = length // width * width if length // width > MOST_UNROLLED_STRIPS else 0
    if full:
        with code.loop(0, full, width) as start:
            yield start, width
    for place, narrow in cuts(full, length, width):
        yield str(place), narrow


def cuts(start: int, length: int, width: int) -> list[tuple[int, int]]:
    """The strips of the rest of an axis.

    >>> cuts(0, 21, 8)
    [(0, 8), (8, 8), (16, 4), (20, 1)]
    """
    found = []
    while start < length:
        while width > length - start:
            width //= 2
        found.append((start, width))
        start += width
    return found


def widths(length: int, width: int) -> list[int]:
    """How wide the strips of an axis are, each width once.

    >>> widths(21, 8)
    [8, 4, 1]
    """
    return list(dict.fromkeys([found for _, found in cuts(0, length, width)]))


def read(code: Code, start: Index, stride: int, index: Index, width: int) -> Lanes:
    """Numbers along an axis, from an index on."""
    at = code.plus(start, code.times(index, stride))
    if width == 1 or stride == 1:
        return load(code, at, width)
    if stride == 0:
        return load(code, start).spread(width)
    numbers = [load(code, code.plus(at, str(stride * i))) for i in range(width)]
    return joined(code, numbers)


def joined(code: Code, numbers: Sequence[Lanes]) -> Lanes:
    """Single numbers, side by side."""
    if len(numbers) == 1:
        return numbers[0]
    width, found = len(numbers), "poison"
    for i, x in enumerate(numbers):
        found = code.value(f"insertelement <{width} x double> {found}, double {x.name}, i64 {i}")
    return Lanes(code, found, width)


def write(code: Code, x: Lanes, start: Index, stride: int, index: Index) -> None:
    """Write numbers along an axis, from an index on."""
    at = code.plus(start, code.times(index, stride))
    if x.width == 1 or stride == 1:
        store(x, at)
        return
    for i in range(x.width):
        store(x.lane(i), code.plus(at, str(stride * i)))
