"""Finding matrix products: which dots of a group are rows times columns.

A dot takes a left and a right tuple of numbers. When every left tuple of a set meets every right
tuple of another, and each pair is one dot of the group, then the left tuples are the rows of a
matrix L, the right ones of a matrix R, and the dots are the entries of `L @ R.T`. A group may fall
apart into several such *blocks*, as the scores of attention do sample by sample. Blocks of one
size are a stack of matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from autograd.jit.arrays.views import Positions, Shape

_SEED = 20240229


@dataclass(frozen=True)
class Blocks:
    """The dots of a group as the entries of a stack of matrices.

    Attributes:
        shape: how many matrices, and their rows and columns.
        order: the dots, matrix by matrix and row by row.
        is_swapped: whether it is the right tuples that belong to the rows: they do where dots that
            were written one after the other share the right tuple.
    """

    shape: Shape
    order: Positions
    is_swapped: bool


def distinct_rows(table: Positions) -> Positions:
    """For each row the number of the first row that equals it.

    Rows are compared by a hash, and the result is verified.

    >>> distinct_rows(np.array([[7, 8], [1, 2], [7, 8]])).tolist()
    [0, 1, 0]
    """
    hashes = table @ _weights(table.shape[1])
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    found: Positions = first[inverse.reshape(-1)]
    if not np.array_equal(table[found], table):  # a collision: compare the rows themselves
        _, first, inverse = np.unique(table, axis=0, return_index=True, return_inverse=True)
        found = first[inverse.reshape(-1)]
    return found


@lru_cache(maxsize=64)
def _weights(count: int) -> Positions:
    """Random odd numbers."""
    random = np.random.default_rng(_SEED)
    return random.integers(1, 2**63, count, np.int64, endpoint=False) | 1


def find_classes(left: Positions, right: Positions) -> Positions:
    """For each dot of a group the class of its block, or -1 if it is in none.

    Blocks of one size are a class.

    Args:
        left: the number of each dot's left tuple.
        right: the number of its right tuple.

    >>> find_classes(np.array([0, 0, 2, 2, 4, 4, 6]), np.array([0, 1, 0, 1, 4, 5, 4])).tolist()
    [0, 0, 0, 0, -1, -1, -1]
    """
    count = len(left)
    is_product = _distinct(left) * _distinct(right) == count
    if is_product and len(np.unique(left * count + right)) == count:  # most often
        return np.zeros(count, np.int64)
    of_left, of_right = _labels(left, right)
    is_closed = np.ones(count + 1, np.bool_)
    differ = of_left != of_right
    is_closed[of_left[differ]] = is_closed[of_right[differ]] = False
    found = np.full(count, -1)
    inside = np.flatnonzero(is_closed[of_left])
    _, block = np.unique(of_left[inside], return_inverse=True)
    dots = np.bincount(block)
    rows, columns = (_count_distinct(block, side[inside], len(dots)) for side in (left, right))
    pairs = _count_distinct(block, left[inside] * count + right[inside], len(dots))
    is_full = (rows * columns == dots) & (pairs == dots)
    _, size = np.unique(np.stack([rows, columns]), axis=1, return_inverse=True)
    found[inside] = np.where(is_full, size.reshape(-1), -1)[block]
    return found


def _distinct(numbers: Positions) -> int:
    """How many tuples differ, by the number of the first one that equals each."""
    return int(np.count_nonzero(numbers == np.arange(len(numbers))))


def _labels(left: Positions, right: Positions) -> tuple[Positions, Positions]:
    """A number for the block of each dot, found from its left tuple and from its right one."""
    # In a full block every left tuple meets every right one, so two steps of spreading the least
    # left number reach all of it: both labels are equal. Where they differ there is no full block.
    count = len(left)
    of_right = np.full(count, count)
    np.minimum.at(of_right, right, left)
    of_left = np.full(count, count)
    np.minimum.at(of_left, left, of_right[right])
    return of_left[left], of_right[right]


def _count_distinct(block: Positions, numbers: Positions, count: int) -> Positions:
    """The number of different numbers in each block."""
    _, first = np.unique(numbers, return_index=True)
    return np.bincount(block[first], minlength=count)


def find_blocks(
    left: Positions, right: Positions, by: tuple[Positions, Positions], rank: Positions
) -> Blocks | None:
    """The blocks of a group of dots, or None where it has no such structure.

    Args:
        left: the number of each dot's left tuple.
        right: the number of its right tuple.
        by: for each dot, where its left and its right tuple come in the order of rows and columns.
        rank: where each dot would best be; blocks are sorted by that.

    >>> left, right = np.array([0, 0, 2, 2]), np.array([0, 1, 0, 1])
    >>> find_blocks(left, right, (left, right), np.arange(4)).shape
    (1, 2, 2)
    """
    count = len(left)
    blocks, of_right = _labels(left, right)
    if not np.array_equal(of_right, blocks):
        return None
    stack = len(np.unique(blocks))
    rows, columns = _distinct(left), _distinct(right)
    if rows % stack or columns % stack or rows * columns != count * stack:
        return None
    shape = (stack, rows // stack, columns // stack)
    is_swapped = rows == stack or (columns > stack and bool(right[0] == right[1]))
    major, minor = (by[1], by[0]) if is_swapped else by
    first_of_block = np.full(count, rank.max())
    np.minimum.at(first_of_block, blocks, rank)
    if is_swapped:
        left, right, shape = right, left, (stack, shape[2], shape[1])
    order = np.lexsort((right, minor, left, major, blocks, first_of_block[blocks]))
    lefts, rights = left[order].reshape(shape), right[order].reshape(shape)
    is_full = (lefts == lefts[:, :, :1]).all() and (rights == rights[:, :1]).all()
    return Blocks(shape, order, is_swapped) if is_full else None
