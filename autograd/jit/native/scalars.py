"""Operations on single numbers, one instruction after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce

from autograd.jit.arrays.buffer_plan import Entry
from autograd.jit.native.formulas import NATIVE, joining
from autograd.jit.native.function_writer import Writer
from autograd.jit.native.indexes import Written, whole
from autograd.jit.native.simd import Lanes, splat, store
from autograd.jit.programs.rewrites import OPERATIONS
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from autograd.primitives.tracing import ACCUMULATE

SUM, TAKE = TABLE["sum"], OPERATIONS["take"]
_DOTS = (TABLE["dot"], ACCUMULATE)


def has_formula(operation: Primitive) -> bool:
    """Whether machine code computes an operation."""
    return operation in NATIVE or operation in _DOTS or operation is TAKE


def scalars(writer: Writer, entries: Sequence[Entry]) -> None:
    """Write operations that all have a formula.

    Results that only these operations read stay in registers: LLVM takes long for many stores.
    """
    looks = writer.looks
    here = Counter(i for _, _, operands in entries for i in operands)
    made: dict[int, Lanes] = {}  # need not be loaded
    for operation, out, operands in entries:
        numbers = [made.get(i) or writer.number(i) for i in operands]
        for i, x in zip(operands, numbers, strict=True):
            if looks.before_one(operation, i):
                looks.at(x)
        look = looks.after_one(operation, out, operands)
        made[out] = x = result(writer, operation, numbers)
        if look:
            looks.at(x)
        if looks.reads_at[out] > here[out]:
            store(x, str(out))


def result(writer: Written, operation: Primitive, xs: Sequence[Lanes]) -> Lanes:
    """Write an operation on numbers; what it gives."""
    if operation is TAKE:
        return _taken(writer, *xs)
    if operation in _DOTS:
        half = len(xs) // 2
        operation, xs = SUM, [a * b for a, b in zip(xs[:half], xs[half:], strict=True)]
    if operation.arity is not None:
        return NATIVE[operation](*xs)

    def row(join: Primitive, formula: Callable[[Lanes], Lanes] = lambda x: x) -> Lanes:
        first, joined = joining(join)
        return reduce(joined, map(formula, xs)) if xs else splat(writer.code, first)

    return NATIVE[operation](row)


def _taken(writer: Written, index: Lanes, *xs: Lanes) -> Lanes:
    place, found = whole(writer, index, len(xs)), xs[0]
    for i, x in enumerate(xs[1:], 1):
        here = writer.code.value(f"icmp eq i64 {place}, {i}")
        found = found.made(f"select i1 {here}, double {x.name}, double {found.name}")
    return found
