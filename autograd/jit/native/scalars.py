"""Operations on single numbers, one instruction after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from autograd.jit.arrays.buffer_plan import Entry
from autograd.jit.native.formulas import KERNELS
from autograd.jit.native.function_writer import Writer
from autograd.jit.native.indexes import whole
from autograd.jit.native.row_reductions import JOINS
from autograd.jit.native.simd import Lanes, splat, store
from autograd.jit.native.vector_math import exp
from autograd.jit.programs.rewrites import BUILT_IN


def has_formula(entry: Entry) -> bool:
    """Whether an operation is a built-in one, for which there is a formula."""
    name, rule, _, _ = entry
    return name in FORMULAS and rule is RULES.get(name, rule)  # a fused one has no rule


def scalars(writer: Writer, entries: Sequence[Entry]) -> None:
    """Write operations that all have a formula.

    Results that only these operations read stay in registers: LLVM takes long for many stores.
    """
    looks = writer.looks
    here = Counter(i for _, _, _, operands in entries for i in operands)
    made: dict[int, Lanes] = {}  # need not be loaded
    for name, _, out, operands in entries:
        numbers = [made.get(i) or writer.number(i) for i in operands]
        for i, x in zip(operands, numbers, strict=True):
            if looks.before(name, np.array([i])):
                looks.at(x)
        look = looks.after(name, np.array([out]), [np.array(operands, np.int64)])
        made[out] = result = FORMULAS[name](writer, *numbers)
        if look:
            looks.at(result)
        if looks.reads[out] > here[out]:
            store(result, str(out))


def _dot(writer: Writer, *xs: Lanes) -> Lanes:
    half = len(xs) // 2
    products = [a * b for a, b in zip(xs[:half], xs[half:], strict=True)]
    return _joined("sum")(writer, *products)


def _joined(name: str) -> Callable[..., Lanes]:
    first, join = JOINS[name]
    return lambda writer, *xs: reduce(join, xs) if xs else splat(writer.code, first)


def _logsumexp(writer: Writer, *xs: Lanes) -> Lanes:
    top = _joined("max")(writer, *xs)
    others = [x.like(0.0).where(x.compared("oeq", top), exp(x - top)) for x in xs]
    tops = [x.like(1.0).where(x.compared("oeq", top), 0.0) for x in xs]
    total = _joined("sum")
    return top + (total(writer, *others) + (total(writer, *tops) - 1.0)).each("log1p")


def _take(writer: Writer, index: Lanes, *xs: Lanes) -> Lanes:
    place, found = whole(writer, index, len(xs)), xs[0]
    for i, x in enumerate(xs[1:], 1):
        here = writer.code.value(f"icmp eq i64 {place}, {i}")
        found = found.made(f"select i1 {here}, double {x.name}, double {found.name}")
    return found


def _fixed(name: str) -> Callable[..., Lanes]:
    return lambda _, *xs: KERNELS[name](*xs)


FORMULAS: dict[str, Callable[..., Lanes]] = {
    **{name: _fixed(name) for name in KERNELS},
    **{name: _joined(name) for name in JOINS},
    "dot": _dot,
    "accumulate": _dot,
    "logsumexp": _logsumexp,
    "take": _take,
}
"""The operations on single numbers, by name; the first argument is the function being written."""

RULES = {name: made.value for name, made in BUILT_IN.items()}
"""The value rules of built-in operations, by name."""
