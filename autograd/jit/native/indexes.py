"""Numbers taken by an index, and guards: decisions at run time."""

from __future__ import annotations

from typing import Protocol

from autograd.jit.arrays.buffer_plan import Check, Take
from autograd.jit.arrays.views import contiguous
from autograd.jit.native.code import Code, Index
from autograd.jit.native.finiteness import NOT_GUARDED, NOT_INSIDE, NOT_WHOLE, Findings
from autograd.jit.native.function_writer import Writer
from autograd.jit.native.loops import nest, over
from autograd.jit.native.simd import Lanes, load, store


class Written(Protocol):
    """What is being written, by whomever."""

    @property
    def code(self) -> Code:
        """The instructions."""

    @property
    def looks(self) -> Findings:
        """What they find."""


def take(writer: Writer, step: Take) -> None:
    """From each row of a table, the number at an index."""
    code = writer.code
    writer.looks.all_at(step.table.reshape(-1))
    writer.looks.all_at(step.index.positions().reshape(-1))
    writer.looks.calm(step.out.positions())
    length = step.table.shape[1]
    table = writer.table(step.table)
    axes = nest(step.out.shape, [step.out, step.index, contiguous(0, step.out.shape)])
    starts = [str(step.out.start), str(step.index.start), "0"]
    with over(code, axes.shape, starts, axes.strides) as (out, at, row):
        place = whole(writer, load(code, at), length)
        entry = writer.entry(table, code.plus(code.times(row, length), place))
        store(load(code, entry), out)


def whole(writer: Written, index: Lanes, length: int) -> Index:
    """The place of an index, counted from the end if it is negative.

    An index that is not whole, or out of range, is reported, and its place is valid all the same.
    """
    code, function = writer.code, "llvm.fptosi.sat.i64.f64"
    code.functions[function] = f"i64 @{function}(double)"
    number = code.value(f"call i64 @{function}(double {index.name})")
    again = code.value(f"sitofp i64 {number} to double")
    is_part = code.value(f"fcmp une double {again}, {index.name}")
    is_negative = code.value(f"icmp slt i64 {number}, 0")
    from_end = code.value(f"add i64 {number}, {length}")
    place = code.value(f"select i1 {is_negative}, i64 {from_end}, i64 {number}")
    is_outside = code.value(f"icmp uge i64 {place}, {length}")
    writer.looks.report(is_part, NOT_WHOLE)
    writer.looks.report(is_outside, NOT_INSIDE)
    return code.value(f"select i1 {is_outside}, i64 0, i64 {place}")


def check(writer: Writer, step: Check) -> None:
    """Conditions that must hold."""
    writer.looks.all_at(step.index)
    for position, required in zip(step.index.tolist(), step.required, strict=True):
        x = load(writer.code, str(position))
        writer.looks.report(x.compared("oeq" if required else "une", 0.0), NOT_GUARDED)
