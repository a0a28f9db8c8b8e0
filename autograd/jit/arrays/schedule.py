"""The schedule: which nodes are computed together, and in which order.

Nodes of one signature (`groups`) are one array operation. A loop over the positions of a text does
almost the same at each of them: the first has nothing to add up, and the sums of the others differ
in length. Everything that follows would then have different signatures. So groups are joined as
they become ready, as in batching neural networks of different shapes (Neubig, Goldberg and Dyer,
"On-the-fly operation batching in dynamic computation graphs", 2017):

- A group is *ready* when all its operands are computed. Of these, the one that is farthest from the
  end, by the longest path, comes first, so that groups ahead of the others wait for them.
- It is joined with the small ready groups of the same operation that are about as far from the end.
  They are one group, so what follows has one signature again.

Large groups are not joined: operands from several places must be gathered before the operation,
which is expensive for many, and one more operation is cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from autograd.jit.arrays.groups import (
    ARRANGEMENTS,
    CONSTANTS,
    MIXED,
    UNKNOWN,
    Group,
    Signature,
    input_groups,
)
from autograd.jit.programs.program import Program
from autograd.jit.tuning import FEW_OPERANDS, LARGE_GROUP, MANY_ALIKE, NEAR_IN_HEIGHT
from autograd.primitives import TABLE

DOT = TABLE["dot"]
_RAGGED = {DOT, *(made for made in TABLE.values() if made.joins is not None)}
"""The operations of which nodes of different numbers of operands may be in one group."""


def schedule(program: Program) -> list[Group]:
    """The groups of a program, sources first; the first is that of the constants.

    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(4)]
    >>> ys = [program.apply(TABLE["exp"], x) for x in xs]
    >>> ys[1:] = [program.apply(TABLE["neg"], y) for y in ys[1:]]
    >>> ys[:1] = [program.apply(TABLE["abs"], y) for y in ys[:1]]
    >>> program.outputs = [program.apply(TABLE["mul"], x, y) for x, y in zip(xs, ys)]
    >>> [len(group.members) for group in schedule(program)]
    [0, 4, 4, 3, 1, 4]
    """
    return _Agenda(program).groups


def heights(program: Program) -> list[int]:
    """The length of the longest path from each node to the end.

    A guard and all that it depends on are farther away than everything else.

    >>> program = Program()
    >>> x = program.input()
    >>> y = program.apply(TABLE["exp"], x)
    >>> program.outputs = [program.apply(TABLE["neg"], y)]
    >>> heights(program)
    [2, 1, 0]
    """
    found = [0] * len(program)
    for node, _ in program.guards:
        found[node] = len(program)
    # Readers come after operands, so here all readers of `node` have been, and its height is final.
    for node in reversed(range(len(program))):
        height = found[node] + 1
        for i in program.operands[node]:
            if found[i] < height:
                found[i] = height
    return found


def in_order(groups: Sequence[Group]) -> list[Group]:
    """The groups in the order in which their first nodes were written, as far as possible.

    Only the printed source depends on it.
    """
    # Kahn's algorithm: `waits_for` counts the groups below that are not in `ordered` yet, and the
    # heap holds those for which it is 0.
    waits_for = [len(group.below) for group in groups]
    readers: list[list[int]] = [[] for _ in groups]
    for number, group in enumerate(groups):
        for source in group.below:
            readers[source].append(number)
    heap = [(number - len(groups), number) for number, n in enumerate(waits_for) if not n]
    ordered = []
    while heap:
        _, number = heappop(heap)
        ordered.append(groups[number])
        for reader in readers[number]:
            waits_for[reader] -= 1
            if not waits_for[reader]:
                heappush(heap, (min(groups[reader].members), reader))
    return ordered


_Entry = tuple[int, int, Signature]
"""What a heap holds of a group: its height, negative; its first node; its signature."""


class _Agenda:
    """The groups that are ready, while the schedule is made."""

    def __init__(self, program: Program) -> None:
        self.groups, self._group_of = input_groups(program)
        self._first = len(self.groups)  # that is neither inputs nor constants
        self._program = program
        self._heights = heights(program)
        self._readers: list[list[tuple[int, int]]] = [[] for _ in range(len(program))]
        self._ready: dict[Signature, Group] = {}
        self._heap: list[_Entry] = []
        self._kinds: dict[Signature, object] = {}  # of the ready groups that are small
        self._small: dict[object, list[_Entry]] = {}  # heaps of these, by kind
        operands = program.operands
        nodes = [node for node, made in enumerate(program.operations) if made is not None]
        self._add(self._are_ready([(node, len(operands[node])) for node in nodes]))
        # Invariant: `_ready` holds each ready group once, so whichever is next, the order is valid.
        # An entry without its group in `_ready` is stale: the group was joined to another.
        while self._heap:
            height, _, signature = heappop(self._heap)
            if signature in self._ready:
                self._run(signature, -height)

    def _are_ready(self, waiting: Iterable[tuple[int, int]]) -> list[int]:
        """Those of the nodes whose operands are all in groups.

        Each of the others waits for one that is not, and is checked again when that is.

        Args:
            waiting: nodes, and for each the number of operands that are still to be checked.
        """
        found = []
        group_of, readers, operands_of = self._group_of, self._readers, self._program.operands
        for node, left in waiting:
            # Invariant: all operands from `left` on are in groups. A waiting node is listed at one
            # operand only, so it is found once, after linear work in its operands.
            operands = operands_of[node]
            while left:
                if group_of[operands[left - 1]] == UNKNOWN:
                    readers[operands[left - 1]].append((node, left - 1))
                    break
                left -= 1
                if left > FEW_OPERANDS:  # many at once, but not all, which might be in vain
                    known = [group_of[i] for i in operands[left - FEW_OPERANDS : left]]
                    left -= known[::-1].index(UNKNOWN) if UNKNOWN in known else FEW_OPERANDS
            else:
                found.append(node)
        return found

    def _add(self, nodes: Iterable[int]) -> None:
        """Put nodes that are ready into groups by their signatures."""
        made: dict[Signature, Group] = {}
        group_of, operations = self._group_of, self._program.operations
        operands_of, arrangements = self._program.operands, ARRANGEMENTS
        for node in sorted(nodes):  # as they were written
            operation, operands = operations[node], operands_of[node]
            assert operation is not None
            sources = tuple([group_of[i] for i in operands])
            if operation in arrangements and operands:
                operands, sources = arrangements[operation](operands, sources)
            signature = operation, sources
            group = made.get(signature)
            if group is None:
                group = made[signature] = Group(operation, sources)
            group.members.append(node)
            group.operands.append(operands)
        for signature, group in made.items():
            self._ready[signature] = group
            group.below = set(signature[1])
            height = max([self._heights[node] for node in group.members])
            entry = -height, group.members[0], signature
            heappush(self._heap, entry)
            if self._is_small(group):
                kind = self._kinds[signature] = self._kind(group)
                heappush(self._small.setdefault(kind, []), entry)

    def _run(self, signature: Signature, height: int) -> None:
        """Make a group of the ready nodes of this signature, joined with similar groups."""
        # All of them are ready, so none reads another, and joining makes no cycle. What becomes
        # ready reads the new group, whose number is in its signature: no ready group is replaced.
        group = self._ready.pop(signature)
        kind = self._kinds.pop(signature, None)
        for other in self._alike(group, height, kind) if kind else ():
            _join(group, self._ready.pop(other))
            del self._kinds[other]
        number = len(self.groups)
        self.groups.append(group)
        waiting: list[tuple[int, int]] = []
        for node in group.members:
            self._group_of[node] = number
            waiting += self._readers[node]
            self._readers[node] = []
        self._add(self._are_ready(waiting))

    # What goes together

    def _alike(self, group: Group, height: int, kind: object) -> list[Signature]:
        """The groups to join with this one."""
        small = self._small[kind]
        near = []
        while small and small[0][0] <= NEAR_IN_HEIGHT - height:
            entry = heappop(small)
            if entry[2] in self._ready:
                near.append(entry)
        if len(near) < MANY_ALIKE:
            own = group.below - {CONSTANTS}
            apart = [entry for entry in near if own.isdisjoint(entry[2][1])]
            near = [entry for entry in near if entry not in apart]
            for entry in apart:
                heappush(small, entry)
        return [signature for _, _, signature in near]

    def _kind(self, group: Group) -> object:
        """What groups must have in common to be joined."""
        last = max(group.below, default=CONSTANTS)
        length = 0 if group.operation in _RAGGED else len(group.operands[0])
        return group.operation, length, last < self._first, last == CONSTANTS

    def _is_small(self, group: Group) -> bool:
        """Whether it may be joined with others: if little has to be gathered then.

        Inputs are contiguous already.
        """
        count, sources = len(group.members), group.sources or ()
        if group.operation is DOT:  # which may be a matrix product of few operands
            return count <= LARGE_GROUP
        varying = len(sources)
        if count * varying > LARGE_GROUP:
            varying = sum(i >= self._first for i in sources)
        return count * varying <= LARGE_GROUP


def _join(group: Group, other: Group) -> None:
    """Add the other group to the first."""
    if group.sources is not None and other.sources is not None:
        if len(group.sources) == len(other.sources):
            pairs = zip(group.sources, other.sources, strict=True)
            group.sources = tuple([a if a == b else MIXED for a, b in pairs])
        else:
            group.sources = None
    group.members += other.members
    group.operands += other.operands
    group.below |= other.below
