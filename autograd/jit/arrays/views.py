"""Views: a rectangle of numbers in a buffer, described by a start, a shape and strides.

All numbers of a program live in one flat buffer. An operand of an array operation is a list of
positions in it, and in code that came from loops those positions are regular: 8, 9, 10, 11, or 8,
8, 8, 20, 20, 20. Such a list is *affine*: the position moves by a fixed stride along each of a few
axes. NumPy reads an affine list in place, without copying, as a *strided view*; a stride of 0 is
what broadcasting is. `factors` finds the axes of a list of positions, `common_shape` the axes that
several lists share, and `strided` the view.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from autograd.jit.tuning import MOST_AXES

Positions = NDArray[np.int64]
Numbers = NDArray[np.float64]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle of numbers in a buffer.

    Attributes:
        start: the position of its first number.
        shape: its length along each axis.
        strides: how far the position moves along each axis, in numbers.
    """

    start: int
    shape: Shape
    strides: Shape

    @property
    def size(self) -> int:
        """How many numbers it shows, repeated ones counted."""
        return prod(self.shape)

    def on(self, buffer: Numbers) -> Numbers:
        """The NumPy array that shows this part of a buffer.

        >>> View(1, (2, 3), (0, 2)).on(np.arange(8.0)).tolist()
        [[1.0, 3.0, 5.0], [1.0, 3.0, 5.0]]
        """
        width = buffer.itemsize
        return np.ndarray(
            self.shape, buffer.dtype, buffer, width * self.start, [width * s for s in self.strides]
        )

    def positions(self) -> Positions:
        """The position of each number, in the view's shape.

        >>> View(1, (2, 3), (0, 2)).positions().tolist()
        [[1, 3, 5], [1, 3, 5]]
        """
        found = np.full(self.shape, self.start, np.int64)
        for axis, stride in enumerate(self.strides):
            steps = stride * np.arange(self.shape[axis])
            found += steps.reshape([-1 if i == axis else 1 for i in range(len(self.shape))])
        return found

    def reshaped(self, shape: Shape) -> View:
        """This view, if it is contiguous, in another shape."""
        return contiguous(self.start, shape)

    def normalised(self) -> View:
        """This view with a stride of 0 along axes of length 1: equal for the same numbers."""
        strides = tuple(0 if n == 1 else s for n, s in zip(self.shape, self.strides, strict=True))
        return View(self.start, self.shape, strides)

    def trimmed(self) -> View:
        """The smallest view that NumPy broadcasts to this one.

        >>> View(4, (100, 16), (0, 1)).trimmed()
        View(start=4, shape=(16,), strides=(1,))
        """
        axes = [(n, s) if s else (1, 0) for n, s in zip(self.shape, self.strides, strict=True)]
        while axes and axes[0] == (1, 0):
            del axes[0]
        return View(self.start, tuple(n for n, _ in axes), tuple(s for _, s in axes))


def view_of(x: Numbers, buffer: Numbers) -> View | None:
    """What part of a buffer an array shows, normalised; None if it is of another one.

    >>> view_of((buffer := np.arange(8.0))[2:8].reshape(2, 3).T, buffer)
    View(start=2, shape=(3, 2), strides=(1, 3))
    """
    if not np.may_share_memory(x, buffer):
        return None
    width = buffer.itemsize
    start = (x.ctypes.data - buffer.ctypes.data) // width
    return View(start, x.shape, tuple([s // width for s in x.strides])).normalised()


_FIXED: WeakValueDictionary[int, Any] = WeakValueDictionary()


def fixed(array: Any) -> Any:
    """The array, noted as one that nothing writes to; NumPy would copy read-only indexes."""
    _FIXED[id(array)] = array
    return array


def is_fixed(array: Any) -> bool:
    """Whether an array was noted so."""
    return _FIXED.get(id(array)) is array


def contiguous(start: int, shape: Shape) -> View:
    """The view of contiguous numbers, the last axis fastest.

    >>> contiguous(5, (2, 3))
    View(start=5, shape=(2, 3), strides=(3, 1))
    """
    strides = tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))
    return View(start, shape, strides)


def transposed(view: View) -> View:
    """The view with its last two axes exchanged.

    >>> transposed(View(0, (2, 3), (3, 1)))
    View(start=0, shape=(3, 2), strides=(1, 3))
    """
    if len(view.shape) < 2:
        return view
    *shape, rows, columns = view.shape
    *strides, down, along = view.strides
    return View(view.start, (*shape, columns, rows), (*strides, along, down))


def rolled(view: View, axes: int) -> View:
    """The view with its first N axes moved to the end.

    >>> rolled(View(0, (2, 3), (3, 1)), 1)
    View(start=0, shape=(3, 2), strides=(1, 3))
    """
    shape, strides = view.shape, view.strides
    return View(view.start, shape[axes:] + shape[:axes], strides[axes:] + strides[:axes])


def without(view: View, axis: int) -> View:
    """The first numbers of a view along an axis.

    >>> without(View(0, (2, 3), (3, 1)), 0)
    View(start=0, shape=(3,), strides=(1,))
    """
    shape, strides = list(view.shape), list(view.strides)
    del shape[axis], strides[axis]
    return View(view.start, tuple(shape), tuple(strides))


def strided(positions: Positions) -> View | None:
    """The view of these positions, in their shape, or None where they are not affine.

    >>> strided(np.array([[1, 2], [5, 6]]))
    View(start=1, shape=(2, 2), strides=(4, 1))
    >>> strided(np.array([1, 2, 4])) is None
    True
    """
    if positions.ndim == 1 and len(positions) > 1:  # most often
        start, stride = int(positions[0]), int(positions[1] - positions[0])
        is_affine = (positions[1:] - positions[:-1] == stride).all()
        return View(start, positions.shape, (stride,)) if is_affine else None
    origin = (0,) * positions.ndim
    start = int(positions[origin])
    strides = []
    for axis, length in enumerate(positions.shape):
        beside = (*origin[:axis], 1, *origin[axis + 1 :])
        strides.append(int(positions[beside]) - start if length > 1 else 0)
    found = View(start, positions.shape, tuple(strides))
    return found if (found.positions() == positions).all() else None


def factors(positions: Positions) -> Shape | None:
    """The shape in which a flat list of positions is affine, or None if there is none.

    >>> factors(np.array([8, 9, 10, 11]))
    (4,)
    >>> factors(np.array([8, 8, 8, 20, 20, 20]))
    (2, 3)
    >>> factors(np.array([1, 2, 4])) is None
    True
    """
    shape: list[int] = []
    while len(positions) > 1:
        if len(shape) == MOST_AXES:
            return None
        breaks = np.flatnonzero(positions[1:] - positions[:-1] != positions[1] - positions[0])
        length = int(breaks[0]) + 1 if len(breaks) else len(positions)
        if len(positions) % length:
            return None
        rows = positions.reshape(-1, length)
        if not (rows - rows[:, :1] == rows[0] - rows[0, 0]).all():
            return None
        shape.insert(0, length)
        positions = rows[:, 0]
    return tuple(shape) or (1,)


def common_shape(size: int, shapes: Iterable[Shape | None]) -> Shape:
    """The shape with the fewest axes in which lists of these shapes are all affine.

    A shape that does not fit the earlier ones is ignored.

    >>> common_shape(12, [(12,), (4, 3), None, (2, 6)])
    (2, 2, 3)
    >>> common_shape(12, [(4, 3), (3, 4)])
    (4, 3)
    """
    cuts = [1, size]
    for shape in shapes:
        proposed = sorted({*cuts, *_cuts(shape or ())})
        if all(b % a == 0 for a, b in pairwise(proposed)):
            cuts = proposed
    return tuple(b // a for a, b in pairwise(cuts))[::-1]


def _cuts(shape: Sequence[int]) -> list[int]:
    """The numbers of elements after which an axis ends, the last axis first."""
    return [prod(shape[axis:]) for axis in range(len(shape))]
