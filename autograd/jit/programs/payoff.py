"""Where a loop that is recovered from a trace is better than all its turns.

It runs number by number. What is alike in a program becomes arrays, in whatever turn it is: rows,
units of a layer, diagonals of a table. What is left for loops are chains of single numbers, and
turns and rows that are so many that making arrays of them would take seconds, or minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograd.jit.programs.periods import Carried, Line, Own, Region
from autograd.jit.programs.program import Program
from autograd.jit.tuning import (
    LARGE_PART,
    LEAST_ROLLED,
    LONG_SEQUENCE,
    MOST_ALIKE,
    MOST_ALIKE_IF_LONG,
    MOST_WRITTEN_OUT,
)
from autograd.primitives import TABLE

ADDING = frozenset({TABLE["add"], TABLE["sub"]})
_TURNS_SEEN = 50  # by `breadth`


def is_narrow(program: Program) -> bool:
    """Whether much of a program may be chains: found sooner than that there are no turns in it."""
    depths = [0] * len(program)
    groups = set()
    skipped = ADDING if program.size > LONG_SEQUENCE else ()  # as rows are added up
    for node, operation in enumerate(program.operations):
        if operation is not None:
            depths[node] = 1 + max([depths[i] for i in program.operands[node]], default=0)
            if operation not in skipped:
                groups.add((operation, depths[node]))
    return len(groups) * most_alike(program) >= LARGE_PART * program.size


def most_alike(program: Program) -> float:
    """How many operations of a turn may be alike, on average, for it to be in a loop."""
    return MOST_ALIKE if program.size <= LONG_SEQUENCE else MOST_ALIKE_IF_LONG


def is_broad(program: Program) -> bool:
    """Whether making arrays of all that is alike in a program takes too long."""
    return program.size > MOST_WRITTEN_OUT


def pays(program: Program, line: Line, region: Region) -> bool:
    """Whether a loop is faster than what becomes of all its turns: arrays, or single numbers.

    Turns that do not need those before them are lifted together, as arrays, unless there are very
    many, and so are operations of a turn that are alike. What is left are chains of single numbers,
    most of the program.
    """
    part = slice(region.start, region.start + region.period)
    adding = {i for i, node in enumerate(line.nodes[part]) if program.operations[node] in ADDING}
    if region.period * region.turns < max(LEAST_ROLLED, LARGE_PART * len(line.nodes)):
        return False
    if is_sequence(region, adding):
        return breadth(region, line.kinds[part]) < most_alike(program)
    return is_broad(program)


def is_sequence(region: Region, sums: Collection[int]) -> bool:
    """Whether turns need those before them for more than to add to what is added up.

    Args:
        region: the region.
        sums: the places in a turn of additions.
    """
    chained: set[int] = set()  # what depends on a number that is carried
    for place, row in enumerate(region.operands):
        after = [
            x for x in row if isinstance(x, Carried) or (isinstance(x, Own) and x.place in chained)
        ]
        if len(after) > 1 or (after and place not in sums):
            return True
        if after:
            chained.add(place)
    return False


def breadth(region: Region, kinds: Sequence[int]) -> float:
    """How many operations are alike on average: the same, of the same depth, in whatever turn.

    Args:
        region: the region.
        kinds: those of the operations of a turn.
    """
    turns = min(region.turns, _TURNS_SEEN)
    depths: list[list[int]] = []
    for turn in range(turns):
        found: list[int] = []
        depths.append(found)
        for row in region.operands:
            deepest = 0
            for x in row:
                if isinstance(x, Own):
                    deepest = max(deepest, found[x.place])
                elif isinstance(x, Carried) and turn >= len(x.first):
                    deepest = max(deepest, depths[turn - len(x.first)][x.place])
            found.append(deepest + 1)
    groups = {pair for found in depths for pair in zip(kinds, found, strict=True)}
    return region.period * turns / len(groups)
