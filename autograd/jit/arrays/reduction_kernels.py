"""Kernels of reductions and matrix products.

They are bound like the other kernels (`kernels`, where the table is). A reduction turns each row of
an array into one number; a sum of many rows is a product with ones, since BLAS is faster at that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import Any, TypeAlias

import numpy as np

from autograd.jit.arrays.views import Numbers, Positions, fixed
from autograd.jit.programs.program import GuardFailure
from autograd.jit.tuning import THREADED

Flags: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"

Call: TypeAlias = Callable[[], Any]
Kernel: TypeAlias = Callable[..., list[Call]]


def reduction(function: Any) -> Kernel:
    """The numbers of each row, joined by a function."""

    def bind(out: Numbers, x: Numbers) -> list[Call]:
        axes = tuple(range(out.ndim, x.ndim))
        return [partial(function.reduce, x, axes, None, out)]

    return bind


def sum_of_rows(out: Numbers, x: Numbers) -> list[Call]:
    """Sums, of many rows as a product with ones: BLAS is faster than a reduction."""
    rows = _as_rows(x, out.size)
    if _is_for_blas(rows, x):
        return _product(out.reshape(-1, 1), rows, fixed(np.ones((rows.shape[1], 1))))
    return reduction(np.add)(out, x)


def _is_for_blas(rows: Numbers, x: Numbers) -> bool:
    is_plain = x.itemsize in rows.strides and min(rows.strides) > 0
    return min(rows.shape) > 1 and is_plain and np.may_share_memory(rows, x)


def _as_rows(x: Numbers, count: int) -> Numbers:
    return x.reshape(count, x.size // max(count, 1))


def logsumexp(out: Numbers, x: Numbers) -> list[Call]:
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
    first = fixed(np.arange(count) * length)
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
        *sum_of_rows(result, rest),
        partial(np.log1p, result, result),
        partial(np.add, top.reshape(out.shape), result.reshape(out.shape), out),
    ]


def ragged(function: Any, out: Numbers, x: Numbers, starts: Positions) -> list[Call]:
    """The calls that reduce each span of an array to one number."""
    return [partial(function, x, fixed(starts), 0, None, out)]


def take(out: Numbers, index: Numbers, rows: Positions, buffer: Numbers) -> list[Call]:
    """The calls that take of each row of positions the number that an index says.

    They raise what the value rule raises: ValueError for an index that is not whole, IndexError
    where there is no such number.
    """
    count, length = rows.shape
    twice = fixed(np.concatenate([rows, rows], axis=1).reshape(-1))  # for indexes from the end
    first = fixed(2 * length * np.arange(count))
    whole, at = np.empty(count, np.intp), np.empty(count, np.intp)
    unsigned = at.view(np.uintp)  # in which a negative number is very large
    (is_whole, is_inside), flags = _flags((2, count))
    lengths = fixed(np.array(length)), fixed(np.array(2 * length, np.uintp))
    checks: tuple[Any, ...] = is_whole, is_inside, flags
    return [
        partial(find_in_rows, index, *lengths, whole, at, unsigned, np.empty(count), *checks),
        partial(np.add, at, first, at),
        partial(twice.take, at, None, whole, "clip"),
        partial(buffer.take, whole, None, out.reshape(-1), "clip"),
    ]


def find_in_rows(
    index: Numbers,
    length: Any,
    twice: Any,
    whole: Any,
    at: Any,
    unsigned: Any,
    again: Numbers,
    is_whole: Flags,
    is_inside: Flags,
    flags: bytearray,
) -> None:
    """The places of indexes in rows of some length, counted from one row before."""
    np.copyto(whole, index, "unsafe")
    np.copyto(again, whole)
    np.equal(again, index, is_whole)
    np.add(whole, length, at)
    np.less(unsigned, twice, is_inside)
    if 0 in flags:
        error = IndexError if is_whole.all() else ValueError
        raise error("take: an index is not whole, or there is no such number in its row")


def product(out: Numbers, left: Numbers, right: Numbers) -> list[Call]:
    """The calls for `out = left @ right.T`."""
    return _product(out, left, right.swapaxes(-1, -2))


def _product(out: Numbers, left: Numbers, right: Numbers) -> list[Call]:
    calls: list[Call] = [partial(np.matmul, left, right, out)]
    if out.size * left.shape[-1] >= THREADED:
        calls.append(finite_check(out, "a matrix product"))  # threads of BLAS raise nothing
    return calls


def check_signs(out: Numbers, operands: Sequence[Numbers]) -> None:
    """Raise if a result is zero and operands are zeros of both signs: the first one is unknown."""
    if not out.all():
        found = {bool(sign) for x in operands for sign in np.signbit(x[x == 0.0])}
        if len(found) > 1:
            raise FloatingPointError("the sign of a zero is not known")


def signs_of_products(out: Numbers, left: Numbers, right: Numbers) -> None:
    """Make -0.0 of the zeros in `out = left @ right.T` that are sums of -0.0 alone."""
    if not out.all():
        *stack, row, column = at = np.nonzero(out == 0.0)
        terms = left[(*stack, row)] * right[(*stack, column)]
        out[at] = np.where(np.signbit(terms).all(axis=-1), -0.0, 0.0)


def signed_sum(out: Numbers, x: Numbers) -> list[Call]:
    """Sums that are -0.0 if all terms are."""
    return [*sum_of_rows(out, x), partial(signs_of_sums, out, x)]


def signs_of_sums(out: Numbers, x: Numbers) -> None:
    """Make -0.0 of zeros that are sums of -0.0 alone."""
    if not out.all():
        axes = tuple(range(out.ndim, x.ndim))
        np.copyto(out, -0.0, where=(out == 0.0) & np.signbit(x).all(axis=axes))


def finite_check(x: Numbers, what: str) -> Call:
    """The call that raises if a number is not finite."""
    return partial(check_finite, x, *_flags(x.shape), what)


def check_finite(x: Numbers, outcome: Flags, flags: bytearray, what: str) -> None:
    """Raise if a number is not finite."""
    np.isfinite(x, outcome)
    if 0 in flags:
        raise FloatingPointError(f"{what} is not finite")


def guard(index: Positions, required: Flags, buffer: Numbers) -> list[Call]:
    """The calls that raise if a condition differs from what is required."""
    found = np.empty(len(index))
    return [
        partial(buffer.take, index, None, found, "clip"),
        partial(check_guard, found, required, *_flags(found.shape)),
    ]


def check_guard(found: Numbers, required: Flags, outcome: Flags, flags: bytearray) -> None:
    """Raise if a condition differs from what is required."""
    np.not_equal(found, 0.0, outcome)
    np.equal(outcome, required, outcome)
    if 0 in flags:
        raise GuardFailure("a guard failed: a condition differs from the trace")


def _flags(shape: tuple[int, ...]) -> tuple[Flags, bytearray]:
    """An array of bools, and its bytes, which are searched for a 0 faster than the array."""
    flags = bytearray(prod(shape))
    return np.frombuffer(flags, np.bool_).reshape(shape), flags
