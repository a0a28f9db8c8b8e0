"""The sigmoids of a number and of its negative, written together.

The derivative of the sigmoid at `x` is the product of the two, and so is that of tanh at `x / 2`;
both come from one exponential. The lines below are the value rule of the sigmoid, on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.jit.programs.one_exponential import SIGMOID, multiple
from autograd.jit.programs.program import Program

PAIR = """\
if {x} >= 0.0:
    _e = exp(-{x})
    {at_x} = 1.0 + _e
    {at_minus_x} = _e / {at_x}
    {at_x} = 1.0 / {at_x}
else:
    _e = exp({x})
    {at_minus_x} = 1.0 + _e
    {at_x} = _e / {at_minus_x}
    {at_minus_x} = 1.0 / {at_minus_x}"""


def sigmoid_pairs(program: Program, counts: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For a sigmoid of `x` and one of `-x`, both: the two of them, the earlier first.

    Args:
        program: where to look.
        counts: how often each node is read; those that are not have no pair.
    """
    sigmoids: dict[tuple[int, float], int] = {}
    found: dict[int, tuple[int, int]] = {}
    for node, operation in enumerate(program.operations):
        if operation is SIGMOID and counts[node]:
            base, factor = multiple(program, program.operands[node][0])
            other = sigmoids.get((base, -factor))
            if other is not None and other not in found:
                found[node] = found[other] = other, node
            sigmoids[base, factor] = node
    return found
