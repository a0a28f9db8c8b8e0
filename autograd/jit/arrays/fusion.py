"""Fusion: a step that only the next one reads is done together with it.

A derivative of `relu` compares numbers with 0 and chooses by the outcome. NumPy chooses by a mask
of booleans, which a comparison makes directly; so if nothing else reads the outcome, it is never
stored as numbers.
"""

from __future__ import annotations

import numpy as np

from autograd.jit.arrays.buffer_plan import Apply, Plan, Step, reads
from autograd.jit.arrays.views import contiguous
from autograd.jit.programs.rewrites import CHOICES
from autograd.primitives import TABLE


def fuse(plan: Plan) -> None:
    """Fuse comparisons with the choices by them."""
    made = {
        step.out.start: step
        for step in plan.steps
        if isinstance(step, Apply) and step.operation in CHOICES
    }
    chosen = {
        place: made[step.operands[0].start]
        for place, step in enumerate(plan.steps)
        if isinstance(step, Apply) and step.operation is TABLE["where"] and _fits(step, made)
    }
    if not chosen:
        return
    read = np.zeros(plan.size, np.bool_)
    read[plan.outputs] = True
    for place, step in enumerate(plan.steps):
        for positions in reads(step)[place in chosen :]:
            read[positions] = True
    gone = {id(x) for x in chosen.values() if not read[x.out.positions()].any()}
    steps: list[Step] = []
    for place, step in enumerate(plan.steps):
        if place in chosen and isinstance(step, Apply):
            comparison = chosen[place]
            operands = (*comparison.operands, *step.operands[1:])
            steps.append(Apply(CHOICES[comparison.operation], step.out, operands))
        elif id(step) not in gone:
            steps.append(step)
    plan.steps[:] = steps


def _fits(choice: Apply, made: dict[int, Apply]) -> bool:
    """Whether the condition is the whole outcome of a comparison, in its order."""
    condition = choice.operands[0]
    comparison = made.get(condition.start)
    return comparison is not None and condition == comparison.out == contiguous(
        condition.start, choice.out.shape
    )
