"""Reductions: each row of an array, or each span, becomes one number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from functools import reduce as fold

import numpy as np

from autograd.jit.arrays.buffer_plan import Ragged, Reduce
from autograd.jit.arrays.views import View
from autograd.jit.native.code import Index
from autograd.jit.native.finiteness import NOT_FINITE
from autograd.jit.native.formulas import (
    MAXIMUM,
    MINIMUM,
    NATIVE,
    Formula,
    doubt,
    joining,
    sign_of_zero,
)
from autograd.jit.native.function_writer import Writer
from autograd.jit.native.loops import Nest, nest, over, read, strips, widths, write
from autograd.jit.native.simd import Cell, Lanes, load, store
from autograd.primitives.definition import Primitive


def reduce(writer: Writer, step: Reduce) -> None:
    """A reduction of each row."""
    x, axes = step.operand, len(step.out.shape)
    numbers = x.positions().reshape(-1)
    writer.looks.all_before(step.operation, numbers)
    look = writer.looks.after(step.operation, step.out.positions(), [numbers])
    rows = nest(step.out.shape, [step.out, View(x.start, x.shape[:axes], x.strides[:axes])])
    along = nest(x.shape[axes:], [View(0, x.shape[axes:], x.strides[axes:])])
    starts = [str(step.out.start), str(x.start)]
    told = writer.tells_zeros(step)
    join = step.operation.joins
    if join and rows.strides[1][-1] == 1 != along.strides[0][-1] and not told:
        _beside(writer, join, starts, rows, along, look)
        return
    with over(writer.code, rows.shape, starts, rows.strides) as (out, row):
        found = NATIVE[step.operation](partial(_along, writer, row, along))
        if look:
            writer.looks.at(found)
        if told:
            _report_zeros(writer, found, row, along)
        store(found, out)


def _report_zeros(writer: Writer, found: Lanes, row: Index, along: Nest) -> None:
    """Report a result that is zero where operands are zeros of both signs: which came first?"""
    least = _along(writer, row, along, MINIMUM, sign_of_zero)
    most = _along(writer, row, along, MAXIMUM, sign_of_zero)
    writer.looks.at(doubt(found, least, most))


def _beside(
    writer: Writer, join: Primitive, starts: list[Index], rows: Nest, along: Nest, look: bool
) -> None:
    """Contiguous rows, several at a time."""
    code, (first, joined) = writer.code, joining(join)
    with over(code, rows.shape[:-1], starts, [s[:-1] for s in rows.strides]) as (out, row):
        for start, width in strips(code, rows.shape[-1], writer.width):
            cell = Cell(code, first, width)
            with over(code, along.shape, [code.plus(row, start)], along.strides) as (at,):
                cell.set(joined(cell.get(), load(code, at, width)))
            if look:
                writer.looks.at(cell.get())
            write(code, cell.get(), out, rows.strides[0][-1], start)


def _along(
    writer: Writer,
    row: Index,
    along: Nest,
    join: Primitive,
    formula: Callable[[Lanes], Lanes] = lambda x: x,
) -> Lanes:
    """What a row comes to, if a formula is taken of its numbers and what comes out is joined."""
    first, joined = joining(join)
    code, length, step = writer.code, along.shape[-1], along.strides[0][-1]
    cells = {width: Cell(code, first, width) for width in widths(length, writer.width)}
    with over(code, along.shape[:-1], [row], [along.strides[0][:-1]]) as (at,):
        for start, width in strips(code, length, writer.width):
            cell = cells[width]
            cell.set(joined(cell.get(), formula(read(code, at, step, start, width))))
    return joined_cells(cells.values(), joined)


def joined_cells(cells: Iterable[Cell], join: Formula) -> Lanes:
    """What all that some cells hold comes to."""
    return fold(join, [_folded(cell.get(), join) for cell in cells])


def _folded(x: Lanes, join: Formula) -> Lanes:
    """What the lanes come to if they are joined, half with half."""
    while x.width > 1:
        x = join(*x.halves())
    return x


def ragged(writer: Writer, step: Ragged) -> None:
    """A reduction of each span of an array."""
    assert step.operation.joins is not None
    code, (first, join) = writer.code, joining(step.operation.joins)
    numbers = step.operand.positions()
    writer.looks.all_before(step.operation, numbers)
    look = writer.looks.after(step.operation, step.out.positions(), [numbers])
    bounds = writer.table(np.append(step.starts, step.operand.size))
    with code.loop(0, len(step.starts)) as i:
        begin, end = writer.entry(bounds, i), writer.entry(bounds, code.plus(i, "1"))
        cell = Cell(code, first)
        with code.loop(begin, end) as k:
            at = code.plus(str(step.operand.start), code.times(k, step.operand.strides[0]))
            cell.set(join(cell.get(), load(code, at)))
        if look:
            writer.looks.at(cell.get())
        if writer.tells_zeros(step):
            writer.looks.report(cell.get().compared("oeq", 0.0), NOT_FINITE)
        write(code, cell.get(), str(step.out.start), step.out.strides[0], i)
