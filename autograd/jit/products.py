"""Finding matrix products: which dots of a group are rows times columns.

A dot takes a left and a right tuple of numbers. When every left tuple of a set meets every right
tuple of another, and each pair is one dot of the group, then the left tuples are the rows of a
matrix L, the right ones of a matrix R, and the dots are the entries of `L @ R.T`. A group may fall
apart into several such *blocks* of one size, as the scores of attention do sample by sample; then
it is a stack of matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograd.jit.views import Positions, Shape

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

    Rows are told apart by a hash, and the hash is checked.

    >>> distinct_rows(np.array([[7, 8], [1, 2], [7, 8]])).tolist()
    [0, 1, 0]
    """
    random = np.random.default_rng(_SEED)
    weights = random.integers(1, 2**63, table.shape[1], np.int64, endpoint=False)
    _, first, inverse = np.unique(table @ (weights | 1), return_index=True, return_inverse=True)
    found: Positions = first[inverse.reshape(-1)]
    if not np.array_equal(table[found], table):  # a collision: compare the rows themselves
        _, first, inverse = np.unique(table, axis=0, return_index=True, return_inverse=True)
        found = first[inverse.reshape(-1)]
    return found


def find_blocks(
    left: Positions, right: Positions, by: tuple[Positions, Positions]
) -> Blocks | None:
    """The blocks of a group of dots, or None where it has no such structure.

    Args:
        left: the number of each dot's left tuple.
        right: the number of its right tuple.
        by: for each dot, where its left and its right tuple come in the order of rows and columns.

    >>> left, right = np.array([0, 0, 2, 2]), np.array([0, 1, 0, 1])
    >>> find_blocks(left, right, (left, right)).shape
    (1, 2, 2)
    """
    count = len(left)
    highest = np.full(count, count)
    block_of_right = highest.copy()
    np.minimum.at(block_of_right, right, left)
    block_of_left = highest.copy()
    np.minimum.at(block_of_left, left, block_of_right[right])
    blocks = block_of_left[left]
    if not np.array_equal(block_of_right[right], blocks):
        return None
    stack = len(np.unique(blocks))
    rows, columns = len(np.unique(left)), len(np.unique(right))
    if rows % stack or columns % stack or rows * columns != count * stack:
        return None
    shape = (stack, rows // stack, columns // stack)
    is_swapped = rows == stack or (columns > stack and bool(right[0] == right[1]))
    major, minor = (by[1], by[0]) if is_swapped else by
    first_of_block = highest.copy()
    np.minimum.at(first_of_block, blocks, major)
    if is_swapped:
        left, right, shape = right, left, (stack, shape[2], shape[1])
    order = np.lexsort((right, minor, left, major, blocks, first_of_block[blocks]))
    lefts, rights = left[order].reshape(shape), right[order].reshape(shape)
    is_full = (lefts == lefts[:, :, :1]).all() and (rights == rights[:, :1]).all()
    return Blocks(shape, order, is_swapped) if is_full else None
