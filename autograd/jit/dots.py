"""Lifting a group of dots: to matrix products if it has that structure, or else row by row.

Where the operands of a dot come from several groups, and these are views one by one but not
together, it is computed in parts that are added up.
"""

from __future__ import annotations

import numpy as np

from autograd.jit.groups import CONSTANTS, Group
from autograd.jit.layout import Layout, axes_of, is_worth, node_order, runs
from autograd.jit.plan import Apply, Product, Reduce
from autograd.jit.products import Blocks, distinct_rows, find_blocks
from autograd.jit.views import Positions, Shape, View, common_shape, factors


def lift_dots(layout: Layout, group: Group) -> View:
    """Add the steps for a group of dots; where its numbers are."""
    table = layout.of(group.operands)
    half = table.shape[1] // 2
    left, right = table[:, :half], table[:, half:]
    sides = group.sources[:half], group.sources[half:]
    rows, columns = distinct_rows(left), distinct_rows(right)
    keys = [
        ids if CONSTANTS in side else tuples[:, 0]
        for ids, side, tuples in ((rows, sides[0], left), (columns, sides[1], right))
    ]
    blocks = find_blocks(rows, columns, (keys[0], keys[1]))
    parts = list(runs(list(zip(*sides, strict=True))))
    if blocks is None or blocks.shape[1] * blocks.shape[2] == 1:
        order = node_order(keys)
        blocks = Blocks((len(order), 1, 1), order, False)
    left, right = left[blocks.order], right[blocks.order]
    if blocks.is_swapped:
        left, right, sides = right, left, (sides[1], sides[0])
    if not is_worth(parts, left.size + right.size):
        parts = [slice(0, half)]
    shape = tuple(n for n in blocks.shape if n > 1)
    if len(left) == 1:
        shape = ()
    out = layout.place(np.array(group.members)[blocks.order], shape)
    for i, part in enumerate(parts):
        target = out if i == 0 else layout.temporary(out.shape)
        constant = [set(side[part]) == {CONSTANTS} for side in sides]
        slots = _slot_order(left[0, part], right[0, part], constant[0])
        pair = left[:, part][:, slots], right[:, part][:, slots]
        _multiply(layout, target, blocks.shape, pair, constant)
        if i:
            layout.plan.steps.append(Apply("add", out, (out, target)))
    return out


def _multiply(
    layout: Layout, out: View, shape: Shape, pair: tuple[Positions, Positions], constant: list[bool]
) -> None:
    """The products of rows and columns, or of each left tuple with its right one."""
    stack, rows, columns = shape
    length = pair[0].shape[1]
    if rows * columns == 1 and stack > 1:
        varying = [p for p, c in zip(pair, constant, strict=True) if not c]
        shape = (
            *common_shape(stack, [factors(p[:, 0]) for p in varying]),
            *common_shape(length, [factors(p[0]) for p in varying]),
        )
        views = [layout.read(p.reshape(shape), c) for p, c in zip(pair, constant, strict=True)]
        terms = layout.temporary(views[0].shape)
        layout.plan.steps.append(Apply("mul", terms, (views[0].trimmed(), views[1].trimmed())))
        layout.plan.steps.append(
            Reduce("sum", out.reshaped(terms.shape[: axes_of(terms.shape, stack)]), terms)
        )
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
    layout.plan.steps.append(Apply("identity", copy, (found,)))
    return copy


def _slot_order(left: Positions, right: Positions, is_left_constant: bool) -> Positions:
    """The order of the terms of a dot in which positions ascend."""
    return np.lexsort((left, right) if is_left_constant else (right, left))
