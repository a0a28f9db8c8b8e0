"""Groups: nodes that one array operation can compute together.

Two nodes belong together if they have the same operation on operands that belong together: the
*signature* of a node is its operation with the groups of its operands, and nodes of one signature
are a group. A loop over samples and neurons makes thousands of nodes with a handful of signatures.
`schedule` finds the groups, operands first.

Inputs are grouped by name: `layers.0.neurons.3.weights.1` and `layers.0.neurons.0.weights.2` are
both `layers.0.neurons.*.weights.*`. Commutative operands are sorted, so that `a * b` and `b * a`
get one signature.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import BUILT_IN
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

Operands = tuple[int, ...]
Sources = tuple[int, ...]
Signature = tuple[Primitive, Sources]

CONSTANTS = 0
"""The number of the group of all constants."""

MIXED = -1
"""In place of the number of a group: these operands are from several groups."""

UNKNOWN = -2
"""In place of the number of a group: it has not been found yet."""


@dataclass(slots=True)
class Group:
    """Nodes that are computed together.

    Attributes:
        operation: their operation; None for inputs and constants.
        sources: the group of each of their operands; None if they differ in number.
        stem: for inputs, the name they share.
        members: the nodes.
        operands: the operands of each node.
        below: all groups of the operands.
    """

    operation: Primitive | None
    sources: Sources | None = ()
    stem: str = ""
    members: list[int] = field(default_factory=list)
    operands: list[Operands] = field(default_factory=list)
    below: set[int] = field(default_factory=set)


def input_groups(program: Program) -> tuple[list[Group], list[int]]:
    """The groups of constants and inputs, and for each node the number of its group.

    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(3)]
    >>> ys = [program.apply(TABLE["exp"], x) for x in xs]
    >>> groups, group_of = input_groups(program)
    >>> [group.members for group in groups], group_of
    ([[], [0, 1, 2]], [1, 1, 1, -2, -2, -2])
    """
    groups = [Group(None, members=list(program.constants))]
    group_of = [UNKNOWN] * len(program)
    for node in program.constants:
        group_of[node] = CONSTANTS
    numbers: dict[str, int] = {}
    for node in program.inputs:
        stem = _stem(program.names.get(node, ""))
        number = numbers.setdefault(stem, len(groups))
        if number == len(groups):
            groups.append(Group(None, stem=stem))
        groups[number].members.append(node)
        group_of[node] = number
    return groups, group_of


_COUNTERS = re.compile(r"\[\d+\]|(?<![^.])\d+(?=(\.\d+)*$|(\.[^\W\d]\w*)+(\.\d+)?$)")
"""An index; a number at the end; and the last one before the name of a number or of a vector, which
counts what has such a name. What has a matrix is a whole layer, and not one of many alike."""


def _stem(name: str) -> str:
    """An input's name without the numbers that count rows, entries and what is alike.

    >>> _stem("layers.0.neurons.3.weights.1"), _stem("x[2][0]")
    ('layers.0.neurons.*.weights.*', 'x')
    >>> _stem("blocks.0.query.3.5"), _stem("cells.3.gate.bias")
    ('blocks.0.query.*.*', 'cells.*.gate.bias')
    """
    return _COUNTERS.sub(lambda found: "" if found[0].startswith("[") else "*", name)


def _sorted(operands: Operands, sources: Sources) -> tuple[Operands, Sources]:
    """The operands of a commutative operation, sorted by group."""
    if len(sources) == 2:
        return (operands, sources) if sources[0] <= sources[1] else (operands[::-1], sources[::-1])
    if sources.count(sources[0]) == len(sources):  # most often
        return operands, sources
    order = sorted(range(len(sources)), key=sources.__getitem__)
    return tuple([operands[i] for i in order]), tuple([sources[i] for i in order])


def _sorted_pairs(operands: Operands, sources: Sources) -> tuple[Operands, Sources]:
    """The operands of a dot: each pair with the older group first, the pairs sorted by group."""
    half = len(operands) // 2
    left, right = sources[:half], sources[half:]
    if left.count(left[0]) == right.count(right[0]) == half:
        if left[0] <= right[0]:
            return operands, sources
        return operands[half:] + operands[:half], right + left
    pairs = sorted(
        (a, b, i, i + half) if a <= b else (b, a, i + half, i)
        for i, (a, b) in enumerate(zip(left, right, strict=True))
    )
    lefts, rights, firsts, seconds = zip(*pairs, strict=True)
    return tuple([operands[i] for i in firsts + seconds]), lefts + rights


ARRANGEMENTS: dict[Primitive, Callable[[Operands, Sources], tuple[Operands, Sources]]] = {
    **{
        made: _sorted
        for made in BUILT_IN.values()
        if "commutative" in made.facts and made is not TABLE["prod"]
    },
    TABLE["dot"]: _sorted_pairs,
}
"""How the operands of commutative operations are sorted. Those of a product stay in their order: in
another it may meet a 0 before it overflows."""
