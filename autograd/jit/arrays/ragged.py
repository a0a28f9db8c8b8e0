"""Rows of various lengths, such as attention scores, where each token attends to those before.

They are concatenated in one array, and a reduction turns each span into a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from autograd.jit.arrays.buffer_plan import Apply, Ragged, Reduce
from autograd.jit.arrays.groups import Group
from autograd.jit.arrays.layout import Layout, node_order
from autograd.jit.arrays.views import Positions, View
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive


def lift_ragged(layout: Layout, group: Group) -> View:
    """Add the steps for a reduction of rows of various lengths; where its numbers are."""
    rows, lengths = _flat(layout, group.operands)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    rows = rows[np.lexsort((rows, owner))]
    first = np.cumsum(lengths) - lengths
    order = node_order([rows[first], rows[first + lengths - 1]])
    index = rows_in_order(order, lengths)
    out = layout.place(np.array(group.members)[order])
    assert group.operation is not None
    _reduce(layout, group.operation, out, layout.read(rows[index]), lengths[order])
    return out


def lift_ragged_dots(
    layout: Layout,
    dots: Sequence[tuple[Positions, Positions, Positions]],
    is_constant: tuple[bool, bool],
) -> View:
    """Add the steps for dots of various lengths; where their numbers are.

    Args:
        layout: the layout.
        dots: the dots of each length, and the positions of their left and of their right tuples.
        is_constant: whether all on the left, and all on the right, are constants.
    """
    nodes = np.concatenate([found for found, _, _ in dots])
    lengths = np.concatenate([np.full(*x.shape) for _, x, _ in dots])
    pairs = [np.concatenate([x[side].reshape(-1) for x in dots]) for side in (1, 2)]
    first, second = sorted((0, 1), key=is_constant.__getitem__)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    within = np.lexsort((pairs[second], pairs[first], owner))
    starts = np.cumsum(lengths) - lengths
    order = node_order([pairs[side][within][starts] for side in (first, second)])
    index = within[rows_in_order(order, lengths)]
    out = layout.place(nodes[order])
    terms = layout.temporary((len(index),))
    operands = layout.read_all([side[index] for side in pairs], is_constant)
    layout.plan.steps.append(Apply(TABLE["mul"], terms, tuple(operands)))
    _reduce(layout, TABLE["sum"], out, terms, lengths[order])
    return out


def _reduce(
    layout: Layout, operation: Primitive, out: View, operand: View, lengths: Positions
) -> None:
    if (lengths == lengths[0]).all():
        table = operand.reshaped((len(lengths), int(lengths[0])))
        layout.plan.steps.append(Reduce(operation, out, table))
        return
    starts = np.cumsum(lengths) - lengths
    layout.plan.steps.append(Ragged(operation, out, operand, starts))


def rows_in_order(order: Positions, lengths: Positions) -> Positions:
    """Indexes of the entries of rows that lie one after the other, the rows in another order.

    >>> rows_in_order(np.array([1, 0]), np.array([3, 2])).tolist()
    [3, 4, 0, 1, 2]
    """
    first = np.cumsum(lengths) - lengths
    taken = lengths[order]
    start = np.cumsum(taken) - taken
    within = np.arange(taken.sum()) - np.repeat(start, taken)
    found: Positions = np.repeat(first[order], taken) + within
    return found


def _flat(layout: Layout, operands: Sequence[tuple[int, ...]]) -> tuple[Positions, Positions]:
    """The positions of operands one after the other, and how many each node has."""
    lengths = np.fromiter(map(len, operands), np.int64, len(operands))
    flat = np.fromiter(chain.from_iterable(operands), np.int64, int(lengths.sum()))
    return layout.position[flat], lengths
