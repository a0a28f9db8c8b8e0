"""The samples of a batch, one at a time: which part of a folded graph each of them is.

A drawing shows what is alike in all samples once, with the ranges of its numbers. `samples_of`
tells the Values apart again: those of one sample, and those that all share, such as parameters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from autograd.draw.scene.parts import Edge, Node, NumberNode, Scene, UnitNode, ValueNode
from autograd.draw.scene.structure import Structure

Owner: TypeAlias = int | Literal["all"] | None
"""Of which sample a Value is: of none of them in particular, or computed from several."""

MOST = 16
"""The most samples that a page opens one by one."""

TRIED = 3
"""How many of the last nodes are tried as outputs of the samples."""

NUMBERS_IN_A_FRAME = 4000
"""The most numbers of all samples together at each epoch of a training."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of a batch in a scene.

    Attributes:
        count: how many the batch has.
        scenes: for each one that can be opened, the scene with only its members: what belongs to
            other samples alone has none.
    """

    count: int
    scenes: tuple[Scene, ...]

    def absent(self) -> list[list[int]]:
        """For each scene, the nodes that have no part in the sample."""
        return [
            [n for n, node in enumerate(scene.nodes) if not node.members] for scene in self.scenes
        ]


def samples_of(structure: Structure, scene: Scene, *, is_training: bool = False) -> Samples | None:
    """The samples of a batch; `None` where nothing in the scene stands for several.

    Args:
        structure: that the scene was made of.
        scene: a drawing.
        is_training: whether there are many moments, so that each must be small.

    >>> from autograd import Value
    >>> from autograd.draw.scene.plan import plan
    >>> w = Value(2.0, "w")
    >>> made = plan([(w * 3.0 - 1.0) ** 2 + (w * 5.0 - 2.0) ** 2], detail="neurons")
    >>> found = samples_of(made.structure, made.scene)
    >>> found.count, [sum(len(node.members) for node in scene.nodes) for scene in found.scenes]
    (2, [12, 12])
    """
    count = _count(scene)
    if scene.detail == "summary" or count == 1:
        return None
    of_each = [node for node in scene.nodes if len(node.members) == count]
    units = [node.members for node in of_each if isinstance(node, UnitNode)]
    ends = units or [node.members for node in of_each if isinstance(node, ValueNode)]
    if not ends:
        return None
    size = 2 * len(scene.nodes) + 3 * len(scene.edges)
    most = min(MOST, max(1, NUMBERS_IN_A_FRAME // size)) if is_training else MOST
    if is_training and size > NUMBERS_IN_A_FRAME:
        return None
    # Of what follows the outputs, such as a penalty, samples are not computed: it owns the fewest.
    owners = max((_owners(structure, some) for some in ends[-TRIED:]), key=_owned)
    return Samples(count, tuple(_scene(scene, owners, s) for s in range(min(count, most))))


def _count(scene: Scene) -> int:
    """How many samples there are: as many as most units stand for, or else most nodes; or 1."""
    units = [node.repeats for node in scene.nodes if isinstance(node, UnitNode)]
    nodes = [len(node.members) for node in scene.nodes]
    for numbers in (units, nodes):
        counts = Counter(number for number in numbers if number > 1)
        if counts:
            return max(counts, key=lambda count: (counts[count], count))
    return 1


def _owners(structure: Structure, ends: Sequence[int]) -> list[Owner]:
    """Of which sample each Value is, if these are one Value of each."""
    owners: list[Owner] = [None] * len(structure.order)
    for sample, i in enumerate(ends):
        owners[i] = sample
    _own_operands(structure, owners)  # what only one sample is computed from
    for i, operands in enumerate(structure.tails):  # what is computed from that
        if owners[i] is None:
            found = {owners[tail] for tail in operands if tail is not None} - {None}
            owners[i] = None if not found else found.pop() if len(found) == 1 else "all"
    _own_operands(structure, owners)  # and what else that is computed from, such as targets
    return owners


def _owned(owners: Sequence[Owner]) -> int:
    """How many Values are of one sample."""
    return sum(isinstance(owner, int) for owner in owners)


def _own_operands(structure: Structure, owners: list[Owner]) -> None:
    """Give what is used for one sample alone to it."""
    users: list[set[Owner]] = [set() for _ in owners]
    for i in range(len(owners) - 1, -1, -1):
        if owners[i] is None and len(users[i]) == 1:
            owners[i] = next(iter(users[i]))
        of = users[i] if owners[i] is None else {owners[i]}
        for tail in structure.tails[i]:
            if tail is not None:
                users[tail] |= of


def _scene(scene: Scene, owners: Sequence[Owner], sample: int) -> Scene:
    """The scene without the members that are of other samples."""

    def is_part(i: int) -> bool:
        return owners[i] in (sample, None, "all")

    def node_of(node: Node) -> Node:
        if isinstance(node, NumberNode):
            return replace(
                node, members=tuple(place for place in node.members if is_part(place[0]))
            )
        return replace(node, members=tuple(filter(is_part, node.members)))

    def edge_of(edge: Edge) -> Edge:
        return replace(edge, members=tuple(place for place in edge.members if is_part(place[0])))

    return replace(
        scene, nodes=tuple(map(node_of, scene.nodes)), edges=tuple(map(edge_of, scene.edges))
    )
