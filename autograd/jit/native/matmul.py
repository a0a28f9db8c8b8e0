"""Matrix products: tiles of results held in registers during the loop along the inner axis.

A tile is a few rows and a few vectors of columns. Each turn of the loop loads a vector of the right
matrix once for all rows, and a number of the left one once for all vectors (the scheme of K. Goto
and R. van de Geijn, "Anatomy of high-performance matrix multiplication", 2008, section 4, for
matrices that stay in the cache). A right matrix whose columns are not contiguous is copied first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from autograd.jit.arrays.buffer_plan import Product
from autograd.jit.native.code import Index
from autograd.jit.native.formulas import ADD, joining
from autograd.jit.native.function_writer import Writer
from autograd.jit.native.loops import cuts, over, read, strips, widths, write
from autograd.jit.native.row_reductions import joined_cells
from autograd.jit.native.simd import Cell, load, store
from autograd.jit.native.vector_math import fma
from autograd.jit.tuning import MOST_STRIPS, SPARE_REGISTERS


@dataclass(frozen=True)
class Matrix:
    """The place of a matrix: its first number, and the strides of rows and columns."""

    start: Index
    down: int
    along: int

    def transposed(self) -> Matrix:
        """The same numbers, rows for columns."""
        return replace(self, down=self.along, along=self.down)


def product(writer: Writer, step: Product) -> None:
    """A matrix product, or a stack of them."""
    views = (step.out, step.left, step.right)
    axes = len(step.out.shape) - 2
    rows, columns = step.out.shape[axes:]
    starts = [str(x.start) for x in views]
    with over(writer.code, step.out.shape[:axes], starts, [x.strides[:axes] for x in views]) as at:
        out, left, right = (
            Matrix(start, *x.strides[axes:]) for start, x in zip(at, views, strict=True)
        )
        shape = (rows, columns, step.left.shape[-1])
        _product(writer, shape, out, left, right.transposed())
    writer.looks.all_at(writer.looks.unread(step.out.positions().reshape(-1)))


def _product(
    writer: Writer, shape: tuple[int, int, int], out: Matrix, left: Matrix, right: Matrix
) -> None:
    """`out = left @ right`; the shape is rows, columns and the length of the inner axis."""
    rows, columns, length = shape
    # (A B)^T = B^T A^T. Transposed, there is one row or `along` is 1, so this happens once.
    if columns == 1 < rows or (out.along != 1 == out.down and columns > 1 < rows):
        shape = (columns, rows, length)
        _product(writer, shape, out.transposed(), right.transposed(), left.transposed())
    elif columns == 1 or (rows == 1 and right.along != 1):
        _dots(writer, shape, out, left, right)
    else:
        if right.along != 1:
            right = _copied(writer, right, length, columns)
        _blocks(writer, shape, out, left, right)


def _dots(
    writer: Writer, shape: tuple[int, int, int], out: Matrix, left: Matrix, right: Matrix
) -> None:
    """One row times each column."""
    code, (_, columns, length) = writer.code, shape
    first, join = joining(ADD)
    starts, strides = [right.start, out.start], [(right.along,), (out.along,)]
    with over(code, (columns,), starts, strides) as (column, place):
        # Invariant: all numbers in the cells add up to the dot of what has been read so far.
        cells = {width: Cell(code, first, width) for width in widths(length, writer.width)}
        for start, width in strips(code, length, writer.width):
            a = read(code, left.start, left.along, start, width)
            b = read(code, column, right.down, start, width)
            cells[width].set(fma(a, b, cells[width].get()))
        store(joined_cells(cells.values(), join), place)


def _copied(writer: Writer, matrix: Matrix, rows: int, columns: int) -> Matrix:
    """The matrix with contiguous columns, each row padded to whole vectors."""
    code = writer.code
    down = -(-columns // writer.width) * writer.width
    start = str(writer.room(rows * down))
    starts, strides = [matrix.start, start], [(matrix.down,), (down,)]
    with over(code, (rows,), starts, strides) as (row, place):
        for at, width in strips(code, columns, writer.width):
            write(code, read(code, row, matrix.along, at, width), place, 1, at)
    return Matrix(start, down, 1)


def _blocks(
    writer: Writer, shape: tuple[int, int, int], out: Matrix, left: Matrix, right: Matrix
) -> None:
    """All tiles of a product."""
    # The cuts partition rows and columns, so each result is in one tile and is written once. A tile
    # has at most `room` vectors of results, so that they stay in registers.
    code, (rows, columns, length) = writer.code, shape
    width = writer.width
    room = writer.registers - SPARE_REGISTERS
    wide = min(MOST_STRIPS, room // 4) * width
    for first, count in _cut(columns, wide):
        strip = cuts(0, min(count, wide), width)
        high = max(1, min(room // len(strip), 12))
        with over(code, (count // min(count, wide),), [str(first)], [(wide,)]) as (column,):
            for top, lines in _cut(rows, high):
                size = min(lines, high)
                with over(code, (lines // size,), [str(top)], [(high,)]) as (row,):
                    _block(writer, size, strip, length, (row, column), out, left, right)


def _cut(count: int, size: int) -> list[tuple[int, int]]:
    """Whole pieces of a size, and the rest: the start and the total length of each."""
    whole = count // size * size
    return [(start, n) for start, n in ((0, whole), (whole, count - whole)) if n]


def _block(
    writer: Writer,
    rows: int,
    strip: list[tuple[int, int]],
    length: int,
    at: tuple[Index, Index],
    out: Matrix,
    left: Matrix,
    right: Matrix,
) -> None:
    """One tile of results."""
    code, (row, column) = writer.code, at
    here = code.plus(left.start, code.times(row, left.down))
    there = code.plus(right.start, column)
    # Invariant: after k turns cell (i, j) is the sum of the first k products of row i and the
    # columns of vector j, from -0.0, which unlike 0.0 keeps the sign of a sum of negative zeros.
    cells = [[Cell(code, -0.0, width) for _, width in strip] for _ in range(rows)]
    with code.loop(0, length) as k:
        a = code.plus(here, code.times(k, left.along))
        b = code.plus(there, code.times(k, right.down))
        columns = [load(code, code.plus(b, str(start)), width) for start, width in strip]
        for i in range(rows):
            number = load(code, code.plus(a, str(i * left.down)))
            for cell, x in zip(cells[i], columns, strict=True):
                cell.set(fma(number.spread(x.width), x, cell.get()))
    first = code.plus(code.times(row, out.down), code.times(column, out.along))
    place = code.plus(out.start, first)
    for i in range(rows):
        for cell, (start, _) in zip(cells[i], strip, strict=True):
            beside = code.plus(place, str(i * out.down + start * out.along))
            write(code, cell.get(), beside, out.along, "0")
