"""Which turns of a loop are computed together, each in a lane of a register."""

from __future__ import annotations

from autograd.jit.native.scalars import TAKE
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.mapped import is_mapped
from autograd.jit.tuning import LEAST_WIDE


def is_wide(loop: Loop, width: int) -> bool:
    """Whether the turns of a loop fill some registers, and need nothing of each other but sums.

    Each lane adds up its own turns, so a sum differs from that of single turns by rounding.
    """
    turns = loop.turns or 0
    is_long = width > 1 and turns >= LEAST_WIDE * width
    return is_long and is_mapped(loop) and TAKE not in loop.body.operations
