"""Unrolling: array operations on few numbers become operations on single ones.

A loop over a handful of numbers costs more than it saves: LLVM takes as long for it as for dozens
of single operations, and its operands often have to be gathered first. Single operations read their
operands where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import (
    Apply,
    Entry,
    Gather,
    Plan,
    Product,
    Ragged,
    Reduce,
    Scalars,
    Step,
    is_few,
    reads,
)
from autograd.jit.arrays.views import Positions, View
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive


def unroll(plan: Plan) -> Plan:
    """The plan with small array operations unrolled, without gathers that only these read."""
    origin = np.arange(plan.size)
    for step in plan.steps:
        if isinstance(step, Gather):
            origin[step.out.positions().reshape(-1)] = origin[step.index]
    origin_at: Any = memoryview(origin)  # type: ignore[arg-type]  # one by one faster
    kept: list[Step] = []
    # Invariant: what is gathered is not written again, so a copy can be read at its origin.
    for step in plan.steps:
        entries = None if _start(step) in plan.told else _entries(step)
        if entries is not None:
            moved = [(*e[:2], tuple([origin_at[i] for i in e[2]])) for e in entries]
            if kept and isinstance(kept[-1], Scalars):
                kept[-1].entries.extend(moved)
            else:
                kept.append(Scalars(moved))
        elif isinstance(step, Gather):
            kept.append(Gather(step.out, origin[step.index]))
        else:
            kept.append(step)
    is_read = np.zeros(plan.size, np.bool_)
    for step in kept:
        for positions in () if isinstance(step, Gather) else reads(step):
            is_read[positions] = True
    return replace(
        plan,
        steps=[
            step
            for step in kept
            if not isinstance(step, Gather) or is_read[step.out.positions()].any()
        ],
    )


def _start(step: Step) -> int:
    """Where the results of an operation on arrays begin; -1 for other steps."""
    return step.out.start if isinstance(step, Apply | Reduce | Ragged | Product) else -1


def _entries(step: Step) -> list[Entry] | None:
    """The operations on single numbers that a step is; None if it is to stay as it is."""
    if isinstance(step, Scalars):
        return step.entries
    if not is_few(step):
        return None
    if isinstance(step, Apply):
        columns = [np.broadcast_to(x.positions(), step.out.shape) for x in step.operands]
        rows = np.stack([x.reshape(-1) for x in columns], axis=1)
        return list(_singles(step.operation, step.out, rows))
    if isinstance(step, Reduce):
        rows = step.operand.positions().reshape(step.out.size, -1)
        return list(_singles(step.operation, step.out, rows))
    if isinstance(step, Ragged):
        spans = np.split(step.operand.positions(), step.starts[1:])
        return list(_singles(step.operation, step.out, spans))
    if isinstance(step, Product):
        left, right = (
            step.left.positions()[..., :, None, :],
            step.right.positions()[..., None, :, :],
        )
        both = np.concatenate(np.broadcast_arrays(left, right), axis=-1)
        return list(_singles(TABLE["dot"], step.out, both.reshape(step.out.size, -1)))
    return None


def _singles(operation: Primitive, out: View, rows: Positions | list[Positions]) -> Iterator[Entry]:
    """One operation for each result, from its row of operands."""
    for place, row in zip(out.positions().reshape(-1).tolist(), rows, strict=True):
        yield operation, place, tuple(row.tolist())
