"""Lifting a group of contractions (dot products): to matrix products, or else row by row.

Contractions of one length are classified by the size of their block (`products`). A class of blocks
becomes a stack of matrix products. Contractions in no block, or in blocks too small for a separate
product, are multiplied number by number, and added up row by row.

Where the operands come from several groups that are views one by one but not together, a
contraction is computed in parts that are added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from autograd.jit.arrays.buffer_plan import Apply, Product, Reduce
from autograd.jit.arrays.groups import CONSTANTS, MIXED, Group
from autograd.jit.arrays.layout import Layout, is_worth, node_order, runs
from autograd.jit.arrays.products import Blocks, distinct_rows, find_blocks, find_classes
from autograd.jit.arrays.ragged import lift_ragged_dots
from autograd.jit.arrays.views import Positions, Shape, View, common_shape, factors, rolled, strided
from autograd.jit.tuning import SMALL_DOTS
from autograd.primitives import TABLE


@dataclass(eq=False)
class Dots:
    """Dots of one length.

    Attributes:
        nodes: the dots.
        left: the positions of the left tuple of each.
        right: and of the right one.
        sides: the groups that the operands on each side come from.
        rows: the number of the first dot with the same left tuple.
        columns: and with the same right one.
    """

    nodes: Positions
    left: Positions
    right: Positions
    sides: tuple[tuple[int, ...], tuple[int, ...]]
    rows: Positions = field(init=False)
    columns: Positions = field(init=False)

    def __post_init__(self) -> None:
        self.rows, self.columns = distinct_rows(self.left), distinct_rows(self.right)

    def keys(self) -> tuple[Positions, Positions]:
        """Where the tuples come in the order of rows and columns."""
        left, right = self.sides
        return (
            self.rows if CONSTANTS in left else self.left[:, 0],
            self.columns if CONSTANTS in right else self.right[:, 0],
        )


def lift_dots(layout: Layout, group: Group) -> list[View]:
    """Add the steps for a group of dots; where their numbers are."""
    classes = [found for dots in _by_length(layout, group) for found in _by_class(dots)]
    classes.sort(key=lambda dots: layout.rank[dots.nodes].min())  # gradients, as the parameters
    small = [dots for dots in classes if dots.left.size < SMALL_DOTS]
    if len(small) < 2:
        return [_lift_class(layout, dots) for dots in classes]
    views = [_lift_class(layout, dots) for dots in classes if dots not in small]
    left, right = ({i for x in small for i in x.sides[side]} == {CONSTANTS} for side in (0, 1))
    rows = [(x.nodes, x.left, x.right) for x in small]
    views.append(lift_ragged_dots(layout, rows, (left, right)))
    return views


def _by_length(layout: Layout, group: Group) -> Iterator[Dots]:
    lengths = np.fromiter(map(len, group.operands), np.int64, len(group.operands))
    nodes = np.array(group.members)
    for length in np.unique(lengths).tolist():
        which = np.flatnonzero(lengths == length)
        table = layout.of([group.operands[i] for i in which.tolist()])
        half = length // 2
        sources = group.sources or (MIXED,) * length
        sides = sources[:half], sources[half:]
        yield Dots(nodes[which], table[:, :half], table[:, half:], sides)


def _by_class(dots: Dots) -> Iterator[Dots]:
    """The dots of each class of blocks, and those that are in none: a partition of the group."""
    classes = find_classes(dots.rows, dots.columns)
    kinds = np.unique(classes).tolist()
    if len(kinds) == 1:
        yield dots
        return
    for kind in kinds:
        which = np.flatnonzero(classes == kind)
        yield Dots(dots.nodes[which], dots.left[which], dots.right[which], dots.sides)


def _lift_class(layout: Layout, dots: Dots) -> View:
    """Add the steps for dots that are a stack of matrix products, or alike in length only."""
    left, right, sides = dots.left, dots.right, dots.sides
    keys = dots.keys()
    blocks = find_blocks(dots.rows, dots.columns, keys, layout.rank[dots.nodes])
    # The parts cover the terms of a dot once, each a span of terms from one pair of groups.
    parts = list(runs(list(zip(*sides, strict=True))))
    if blocks is None or blocks.shape[1] * blocks.shape[2] == 1:
        order = node_order(keys)
        blocks = Blocks((len(order), 1, 1), order, False)
    # Now dot (s, r, c) of the stack has left tuple (s, r) and right tuple (s, c): column 0 holds
    # every left tuple, row 0 every right one. Swapping the sides changes no dot: it is symmetric.
    left, right = left[blocks.order], right[blocks.order]
    if blocks.is_swapped:
        left, right, sides = right, left, (sides[1], sides[0])
    if not is_worth(parts, _gathered(left, blocks, 0) + _gathered(right, blocks, 1)):
        parts = [slice(0, left.shape[1])]
    shape = tuple(n for n in blocks.shape if n > 1)
    out = layout.place(dots.nodes[blocks.order], shape)
    # Invariant: after part i, `out` is the sum of the terms in parts 0 to i.
    for i, part in enumerate(parts):
        target = out if i == 0 else layout.temporary(out.shape)
        constant = [set(side[part]) == {CONSTANTS} for side in sides]
        slots = _slot_order(left[0, part], right[0, part], constant[0])
        pair = left[:, part][:, slots], right[:, part][:, slots]
        _multiply(layout, target, blocks.shape, pair, constant)
        if i:
            layout.plan.steps.append(Apply(TABLE["add"], out, (out, target)))
    return out


def _gathered(tuples: Positions, blocks: Blocks, side: int) -> int:
    """How many numbers must be gathered to have one side of the products as a whole."""
    stack, rows, columns = blocks.shape
    tuples = tuples.reshape(stack, rows, columns, -1)
    distinct = tuples[:, :, 0] if side == 0 else tuples[:, 0]
    return 0 if strided(np.sort(distinct, axis=-1)) is not None else distinct.size


def _multiply(
    layout: Layout, out: View, shape: Shape, pair: tuple[Positions, Positions], constant: list[bool]
) -> None:
    """The products of rows and columns, or of each left tuple with its right one."""
    stack, rows, columns = shape
    length = pair[0].shape[1]
    if rows * columns == 1 and stack > 1:
        varying = [p for p, c in zip(pair, constant, strict=True) if not c]
        across = common_shape(stack, [factors(p[:, 0]) for p in varying])
        along = common_shape(length, [factors(p[0]) for p in varying])
        tables = [p.reshape(*across, *along) for p in pair]
        is_short = length < across[-1]  # NumPy is faster along the longer axis
        if is_short:
            tables = [np.moveaxis(x, range(-len(along), 0), range(len(along))) for x in tables]
        views = layout.read_all(tables, constant)
        terms = layout.temporary(views[0].shape)
        factors_of_terms = (views[0].trimmed(), views[1].trimmed())
        layout.plan.steps.append(Apply(TABLE["mul"], terms, factors_of_terms))
        if is_short:
            terms = rolled(terms, len(along))
        layout.plan.steps.append(Reduce(TABLE["sum"], out.reshaped(across), terms))
        return
    left = pair[0].reshape(stack, rows, columns, length)[:, :, 0]
    right = pair[1].reshape(stack, rows, columns, length)[:, 0]
    if stack == 1:
        left, right, shape = left[0], right[0], (rows, columns)
    operands = [_matrix(layout, p, c) for p, c in zip((left, right), constant, strict=True)]
    layout.plan.steps.append(Product(out.reshaped(shape), *operands))


def _matrix(layout: Layout, positions: Positions, is_constant: bool) -> View:
    """A view that BLAS can read: one of the last two axes is contiguous."""
    if is_constant:
        return layout.literal(positions)
    found = layout.read(positions, False)
    lengths, strides = found.shape[-2:], found.strides[-2:]
    is_plain = all(s > 0 or n == 1 for n, s in zip(lengths, strides, strict=True))
    if is_plain and (1 in strides or 1 in lengths):
        return found
    copy = layout.temporary(found.shape)
    layout.plan.steps.append(Apply(TABLE["identity"], copy, (found,)))
    return copy


def _slot_order(left: Positions, right: Positions, is_left_constant: bool) -> Positions:
    """An order of the terms by ascending positions, the same for all dots and both sides."""
    return np.lexsort((left, right) if is_left_constant else (right, left))
