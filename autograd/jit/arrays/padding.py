"""Identity padding: an operation on a part of a group is applied to all of it, with identities.

A cross-entropy subtracts 1 from the probability of each row's right class, and leaves the others
unchanged. So a part of the group of probabilities becomes a separate group, readers of a row read
numbers of both groups, and rows differ: their nodes have as many signatures (`groups`) as there are
classes. If instead -0.0 is added to the other probabilities the group stays whole, and the matrix
of probabilities minus targets is one array.

Adding -0.0 changes no float, nor does subtracting 0.0 or multiplying or dividing by 1.0: these are
the *neutral* operands. A part is padded if nothing else reads its operands, and if both its results
and the others are read by operations of one kind, which then become one group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isfinite

from autograd.jit.arrays.groups import CONSTANTS, MIXED, Group
from autograd.jit.arrays.schedule import schedule
from autograd.jit.programs.program import Program
from autograd.jit.tuning import COMPLETIONS
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

_NEUTRAL: dict[Primitive, tuple[float, tuple[int, ...]]] = {
    made: (made.neutral, (0, 1) if "commutative" in made.facts else (1,))
    for made in TABLE.values()
    if made.neutral is not None and isfinite(made.neutral)
}
"""For each operation its neutral operand, and the places where it is neutral."""


def complete(program: Program) -> tuple[Program, list[Group]]:
    """The program with the parts of its groups padded, and its groups.

    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(3)]
    >>> exps = [program.apply(TABLE["exp"], x) for x in xs]
    >>> exps[1:] = [program.apply(TABLE["sub"], e, program.constant(2.0)) for e in exps[1:]]
    >>> program.outputs = [program.apply(TABLE["tanh"], e) for e in exps]
    >>> [len(group.members) for group in schedule(program)], len(complete(program)[1])
    ([2, 3, 3, 2, 1, 2], 5)
    """
    groups = schedule(program)
    for _ in range(COMPLETIONS):
        parts = _parts(program, groups)
        if not parts:
            break
        padded = _completed(program, parts)
        fewer = schedule(padded)
        if len(fewer) > len(groups):  # the parts were alike, and what they are in is not
            break
        program, groups = padded, fewer
    return program, groups


@dataclass
class _Part:
    """An operation, with a constant at one place, on some members of a group.

    Attributes:
        operation: the operation.
        place: the place of the constant among the operands.
        others: the members that it is not applied to.
    """

    operation: Primitive
    place: int
    others: list[int]


def _parts(program: Program, groups: Sequence[Group]) -> list[_Part]:
    """The parts to pad: at most one of a group, and none that depends on another."""
    candidates: list[tuple[Group, int, int]] = []
    for group in groups:
        place = _place(group)
        if place is not None:
            assert group.sources is not None
            source = group.sources[1 - place]
            if len(group.members) < len(groups[source].members):
                candidates.append((group, place, source))
    if not candidates:
        return []
    watched = {
        i for group, _, source in candidates for i in (*group.members, *groups[source].members)
    }
    uses, readers = _readers(program, watched)
    found: dict[int, _Part] = {}
    for group, place, source in candidates:
        taken = {operands[1 - place] for operands in group.operands}
        if source in found or any(uses[i] != 1 for i in taken):
            continue
        others = [i for i in groups[source].members if i not in taken and uses[i]]
        kinds = set[Primitive]().union(*[readers[i] for i in group.members])
        if any(not kinds.isdisjoint(readers[i]) for i in others):
            assert group.operation is not None
            found[source] = _Part(group.operation, place, others)
    return list(found.values())


def _place(group: Group) -> int | None:
    """The place of a constant where an operand can be neutral, if the others are not constant."""
    if group.operation not in _NEUTRAL or group.sources is None or MIXED in group.sources:
        return None
    for place in _NEUTRAL[group.operation][1]:
        if group.sources[place] == CONSTANTS != group.sources[1 - place]:
            return place
    return None


def _readers(
    program: Program, watched: Collection[int]
) -> tuple[Counter[int], dict[int, set[Primitive]]]:
    """How often nodes are read or returned, and by which operations they are read."""
    uses = Counter(i for i in program.outputs if i in watched)
    uses.update(i for i, _ in program.guards if i in watched)
    readers: dict[int, set[Primitive]] = {i: set() for i in watched}
    for operation, operands in zip(program.operations, program.operands, strict=True):
        if operation is not None:
            for i in operands:
                if i in watched:
                    uses[i] += 1
                    readers[i].add(operation)
    return uses, readers


def _completed(program: Program, parts: Sequence[_Part]) -> Program:
    part_of = {node: part for part in parts for node in part.others}
    made = Program()
    neutral = {part.operation: made.constant(_NEUTRAL[part.operation][0]) for part in parts}
    new: list[int] = []
    inputs: dict[int, int] = {}
    for node, operation in enumerate(program.operations):
        if operation is not None:
            new.append(made.apply(operation, *[new[i] for i in program.operands[node]]))
        elif node in program.constants:
            new.append(made.constant(program.constants[node]))
        else:
            new.append(made.input(program.names.get(node, "")))
            inputs[node] = new[node]
        part = part_of.get(node)
        if part is not None:
            pair = (new[node], neutral[part.operation])
            new[node] = made.apply(part.operation, *(pair if part.place else pair[::-1]))
    made.inputs = [inputs[node] for node in program.inputs]
    made.outputs = [new[node] for node in program.outputs]
    made.suspects = [new[node] for node in program.suspects]
    made.guards = [(new[node], outcome) for node, outcome in program.guards]
    return made
