"""Elementwise operations, and copies of scattered numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from autograd.jit.arrays.buffer_plan import Apply, Gather
from autograd.jit.arrays.views import Positions, Shape, View, contiguous
from autograd.jit.native.finiteness import stretches
from autograd.jit.native.formulas import NATIVE, doubt, larger, sign_of_zero, smaller
from autograd.jit.native.function_writer import Writer
from autograd.jit.native.loops import joined, nest, over, read, strips, write
from autograd.jit.native.simd import Lanes, load, splat
from autograd.jit.tuning import FEW_STRETCHES


def apply(writer: Writer, step: Apply) -> None:
    """An operation on whole arrays."""
    operands = [x.positions() for x in step.operands]
    looks = [writer.looks.before(step.operation, x) for x in operands]
    looks.insert(0, writer.looks.after(step.operation, step.out.positions(), operands))
    formula = NATIVE[step.operation]

    def told(*operands: Lanes) -> Lanes:
        result = formula(*operands)
        signs = [sign_of_zero(x) for x in operands]
        writer.looks.at(doubt(result, reduce(smaller, signs), reduce(larger, signs)))
        return result

    used = told if writer.tells_zeros(step) else formula
    each(writer, step.out.shape, [step.out, *step.operands], used, looks)


def each(
    writer: Writer,
    shape: Shape,
    views: Sequence[View],
    formula: Callable[..., Lanes],
    looks: Sequence[bool],
) -> None:
    """A formula for all numbers of some views.

    Args:
        writer: the function.
        shape: the shape to which the views are broadcast.
        views: the place of the results, and that of each operand.
        formula: computes a result from the operands.
        looks: which of these numbers are checked to be finite.
    """
    code, axes = writer.code, nest(shape, views)
    steps = [strides[-1] for strides in axes.strides]
    constants = [writer.constant(x) for x in views]
    starts = [str(x.start) for x in views]
    with over(code, axes.shape[:-1], starts, [s[:-1] for s in axes.strides]) as at:
        held: list[Lanes | None] = [None] * len(views)
        for i in range(1, len(views)):
            if steps[i] == 0 and constants[i] is None:
                held[i] = one = load(code, at[i])
                if looks[i]:
                    writer.looks.at(one)
        for start, width in strips(code, axes.shape[-1], writer.width):
            operands = []
            for i in range(1, len(views)):
                constant, kept = constants[i], held[i]
                if constant is not None:
                    operands.append(splat(code, constant, width))
                elif kept is not None:
                    operands.append(kept.spread(width))
                else:
                    operands.append(read(code, at[i], steps[i], start, width))
                    if looks[i]:
                        writer.looks.at(operands[-1])
            result = formula(*operands)
            if looks[0]:
                writer.looks.at(result)
            write(code, result, at[0], steps[0], start)


def gather(writer: Writer, step: Gather) -> None:
    """Scattered numbers, copied to consecutive positions."""
    writer.looks.moved(step.out.positions().reshape(-1), step.index)
    copy(writer, step.index, step.out.start)


def copy(writer: Writer, index: Positions, start: int, look: bool = False) -> None:
    """Copy the numbers at some positions to consecutive ones, and check them if asked."""
    code, found = writer.code, stretches(index)
    if len(found) <= FEW_STRETCHES:
        for origin, length in found:
            views = [contiguous(start, (length,)), contiguous(origin, (length,))]
            each(writer, (length,), views, lambda x: x, [look, False])
            start += length
        return
    table = writer.table(index)
    for at, width in strips(code, len(index), writer.width):
        entries = [writer.entry(table, code.plus(at, str(i))) for i in range(width)]
        x = joined(code, [load(code, entry) for entry in entries])
        if look:
            writer.looks.at(x)
        write(code, x, str(start), 1, at)
