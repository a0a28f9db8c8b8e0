"""Kernels of reductions and matrix products.

They are bound like the other kernels (`kernels`). A reduction turns each row of an array into one
number; a sum of many rows is a product with ones, since BLAS is faster at that.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.jit.arrays.kernels import Call, Kernel
from autograd.jit.arrays.views import Numbers, Positions
from autograd.jit.tuning import THREADED

FUNCTIONS: dict[str, Any] = {
    "sum": np.add,
    "prod": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
}
"""What joins two numbers of a row, for the reductions that are done so."""


def _reduction(function: Any) -> Kernel:
    def bind(out: Numbers, x: Numbers) -> list[Call]:
        axes = tuple(range(out.ndim, x.ndim))
        return [partial(function.reduce, x, axes, None, out)]

    return bind


def _sum(out: Numbers, x: Numbers) -> list[Call]:
    """Sums, of many rows as a product with ones: BLAS is faster than a reduction."""
    rows = _as_rows(x, out.size)
    if _is_for_blas(rows, x):
        return product(out.reshape(-1, 1), rows, np.ones((1, rows.shape[1])))
    return _reduction(np.add)(out, x)


def _is_for_blas(rows: Numbers, x: Numbers) -> bool:
    is_plain = x.itemsize in rows.strides and min(rows.strides) > 0
    return min(rows.shape) > 1 and is_plain and np.may_share_memory(rows, x)


def _as_rows(x: Numbers, count: int) -> Numbers:
    return x.reshape(count, x.size // max(count, 1))


def _logsumexp(out: Numbers, x: Numbers) -> list[Call]:
    """As the value rule: the largest aside, the others relative to it."""
    count = out.size
    rows = _as_rows(x, count)
    calls: list[Call] = []
    if not (np.may_share_memory(rows, x) and rows.flags.c_contiguous):
        rows = np.empty(rows.shape)
        calls.append(partial(np.copyto, rows.reshape(x.shape), x))
    length = rows.shape[1]
    rest = np.empty((count, length))
    top, column = np.empty(count), np.empty(count, np.intp)
    first = np.arange(count) * length
    index, flat = np.empty(count, np.intp), rest.reshape(-1)
    result = np.empty(count)
    return [
        *calls,
        partial(rows.argmax, 1, column),
        partial(np.add, first, column, index),
        partial(rows.reshape(-1).take, index, None, top, "clip"),
        partial(np.subtract, rows, top[:, None], rest),
        partial(np.exp, rest, rest),
        partial(flat.__setitem__, index, 0.0),
        *_sum(result, rest),
        partial(np.log1p, result, result),
        partial(np.add, top.reshape(out.shape), result.reshape(out.shape), out),
    ]


def ragged(name: str, out: Numbers, x: Numbers, starts: Positions) -> list[Call]:
    """The calls that reduce each span of an array to one number."""
    return [partial(FUNCTIONS[name].reduceat, x, starts, 0, None, out)]


REDUCTIONS: dict[str, Kernel] = {
    "sum": _sum,
    **{name: _reduction(FUNCTIONS[name]) for name in ("prod", "max", "min")},
    "logsumexp": _logsumexp,
}
"""The primitives of any number of operands, but for `dot`, by name."""

JOINS = {"sum": "add", "prod": "mul", "max": "maximum", "min": "minimum"}
"""What makes the result for a whole row of the results for its parts."""


def take(out: Numbers, index: Numbers, rows: Positions, buffer: Numbers) -> list[Call]:
    """The calls that take of each row of positions the number that an index says.

    They raise what the value rule raises: ValueError for an index that is not whole, IndexError
    where there is no such number.
    """
    count, length = rows.shape
    twice = np.concatenate([rows, rows], axis=1).reshape(-1)  # for indexes counted from the end
    first = 2 * length * np.arange(count)
    whole, shifted, at = (np.empty(count, np.intp) for _ in range(3))
    again, one, two = np.empty(count), np.array(length), np.array(2 * length, np.uintp)
    unsigned = shifted.view(np.uintp)  # in which a negative number is very large
    flags = bytearray(2 * count)  # searched for a 0 faster than an array is
    is_whole, is_inside = np.frombuffer(flags, np.bool_).reshape(2, count)

    def find() -> None:
        np.copyto(whole, index, "unsafe")
        np.copyto(again, whole)
        np.equal(again, index, is_whole)
        np.add(whole, one, shifted)
        np.less(unsigned, two, is_inside)
        if 0 in flags:
            error = IndexError if is_whole.all() else ValueError
            raise error("take: an index is not whole, or there is no such number in its row")
        np.add(shifted, first, shifted)
        twice.take(shifted, None, at, "clip")

    return [find, partial(buffer.take, at, None, out.reshape(-1), "clip")]


def product(out: Numbers, left: Numbers, right: Numbers) -> list[Call]:
    """The calls for `out = left @ right.T`."""
    calls: list[Call] = [partial(np.matmul, left, right.swapaxes(-1, -2), out)]
    if out.size * left.shape[-1] >= THREADED:
        calls.append(finite_check(out, "a matrix product"))  # threads of BLAS raise nothing
    return calls


def zero_check(out: Numbers, operands: Sequence[Numbers]) -> Call:
    """Raises if a result is zero and operands are zeros of both signs: the first one is unknown."""

    def check() -> None:
        if not out.all():
            found = {bool(sign) for x in operands for sign in np.signbit(x[x == 0.0])}
            if len(found) > 1:
                raise FloatingPointError("the sign of a zero is not known")

    return check


def signs_of_products(out: Numbers, left: Numbers, right: Numbers) -> Call:
    """What makes -0.0 of the zeros in `out = left @ right.T` that are sums of -0.0 alone."""

    def correct() -> None:
        if not out.all():
            *stack, row, column = at = np.nonzero(out == 0.0)
            terms = left[(*stack, row)] * right[(*stack, column)]
            out[at] = np.where(np.signbit(terms).all(axis=-1), -0.0, 0.0)

    return correct


def signs_of_sums(out: Numbers, x: Numbers) -> Call:
    """What makes -0.0 of zeros that are sums of -0.0 alone."""
    axes = tuple(range(out.ndim, x.ndim))

    def correct() -> None:
        if not out.all():
            np.copyto(out, -0.0, where=(out == 0.0) & np.signbit(x).all(axis=axes))

    return correct


def finite_check(x: Numbers, what: str) -> Call:
    """The call that raises if a number is not finite."""
    flags = bytearray(x.size)  # searched for a 0 faster than an array is
    finite = np.frombuffer(flags, np.bool_).reshape(x.shape)

    def check() -> None:
        np.isfinite(x, finite)
        if 0 in flags:
            raise FloatingPointError(f"{what} is not finite")

    return check
