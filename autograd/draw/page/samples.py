"""The samples of a batch, one at a time: which part of a folded graph each of them is.

A drawing shows what is alike in all samples once, with the ranges of its numbers. `samples_of`
tells the Values apart again: those of one sample, and those that all share, such as parameters.

Samples are offered only where one of them is one throughout: all that is computed before they come
together is told apart. So the neurons of a layer are none, which read the same layer before them,
and neither are the turns of a loop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from autograd.draw.scene.parts import Edge, Node, NumberNode, Scene, UnitNode, ValueNode
from autograd.draw.scene.readings import readings
from autograd.draw.scene.structure import Structure

Owner: TypeAlias = int | Literal["all"] | None
"""Of which sample a Value is: of none of them in particular, or computed from several."""

MOST = 16
"""The most samples that a page opens one by one."""

TRIED = 3
"""How many of the last nodes are tried as outputs of the samples, and how many of the counts."""

NUMBERS_IN_A_FRAME = 4000
"""The most numbers of all samples together at each epoch of a training."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of a batch in a scene.

    Attributes:
        count: how many the batch has.
        scenes: for each one that can be opened, the scene with only its members: what belongs to
            other samples alone has none.
        word: what each is called: `"sample"` where parts of the model are used once for each, else
            empty: other things that are alike are no samples for certain.
    """

    count: int
    scenes: tuple[Scene, ...]
    word: str = ""

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
    size = 2 * len(scene.nodes) + 3 * len(scene.edges)
    if scene.detail == "summary" or (is_training and size > NUMBERS_IN_A_FRAME):
        return None
    most = min(MOST, max(1, NUMBERS_IN_A_FRAME // size)) if is_training else MOST
    several = _several(structure, scene)
    for count in _counts(structure, scene):
        # Of what follows the outputs, such as a penalty, samples are not computed.
        is_told = any(_is_used(structure, node, count) for node in scene.nodes)
        tried = (_owners(structure, ends) for ends in _ends(scene, count)[-TRIED:])
        fitting = [x for x in tried if _tells_apart(structure, several, x, is_told)]
        if fitting:
            owners = max(fitting, key=_owned)
            scenes = tuple(_scene(scene, owners, s) for s in range(min(count, most)))
            return Samples(count, scenes, "sample" if is_told else "")
    return None


def _counts(structure: Structure, scene: Scene) -> list[int]:
    """How many samples there may be, the likeliest first.

    As often as the model's parts are used; else as many as most units stand for, or most nodes.
    """
    units = [node for node in scene.nodes if isinstance(node, UnitNode)]
    kinds = (
        [u.repeats for u in units if _is_used(structure, u, u.repeats)],
        [u.repeats for u in units if u.turns == 1],
        [len(node.members) for node in scene.nodes if not isinstance(node, UnitNode)],
    )
    counted = [Counter(number for number in kind if number > 1) for kind in kinds]
    likely = (sorted(c, key=lambda count: (c[count], count), reverse=True) for c in counted)
    return list(dict.fromkeys(count for some in likely for count in some[:TRIED]))


def _is_used(structure: Structure, node: Node, count: int) -> bool:
    """Whether a node is a part of the model that is used so often."""
    if not isinstance(node, UnitNode) or node.turns > 1 or node.repeats != count:
        return False
    return any(i in structure.paths for i in node.inside)


def _ends(scene: Scene, count: int) -> Sequence[Sequence[int]]:
    """Values that may be one of each sample, in their order."""
    of_each = [node for node in scene.nodes if len(node.members) == count]
    alike = [x for x in of_each if isinstance(x, UnitNode) and x.turns == 1]
    units = [x.members for x in alike if x.repeats == count]
    return units or [x.members for x in of_each if isinstance(x, ValueNode)]


def _several(structure: Structure, scene: Scene) -> list[tuple[list[int], bool]]:
    """What is computed in each node that stands for several, and whether that is a unit."""
    fixed = readings(structure)[0]
    found = []
    for node in scene.nodes:
        inside: Sequence[int] = ()
        if isinstance(node, UnitNode):
            inside = (*node.members, *node.inside) if node.repeats > 1 else ()
        elif not isinstance(node, NumberNode):
            inside = node.members
        made = [i for i in inside if structure.primitives[i] is not None and not fixed[i]]
        if len(made) > 1:
            found.append((made, isinstance(node, UnitNode)))
    return found


def _tells_apart(
    structure: Structure,
    several: Sequence[tuple[list[int], bool]],
    owners: Sequence[Owner],
    is_told: bool,
) -> bool:
    """Whether all that is computed for samples is of one of them each.

    If the model tells that they are samples, there may be more of which several were made: what all
    have in common, and what none has a part in.
    """
    before = [isinstance(owner, int) for owner in owners]  # what one of them is computed from
    for i in range(len(owners) - 1, -1, -1):
        if before[i]:
            for tail in structure.tails[i]:
                if tail is not None:
                    before[tail] = True
    for members, is_unit in several:
        shares = Counter(owners[i] for i in members)
        if len(set(shares.values())) == 1 and shares.keys().isdisjoint(("all", None)):
            continue
        is_inside = any(before[i] for i in members) or (is_unit and "all" in shares)
        if is_inside or not is_told:
            return False
    return True


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
