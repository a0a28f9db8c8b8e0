"""What can be read of a picture: so many nodes, so many edges, so many in a row or side by side."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from autograd.draw.scene.joined import joined
from autograd.draw.scene.parts import Scene
from autograd.draw.scene.ranks import breadth_of, length_of

EDGES_PER_NODE = 2  # with more edges, no eye can follow a picture


class Limits(NamedTuple):
    """How large a scene may be.

    Attributes:
        nodes: the most nodes.
        length: the most nodes on a path, in a picture.
        is_strict: whether nothing longer can be read; else only repetitions are folded for it.
        breadth: the most nodes of one rank.
    """

    nodes: int
    length: int
    is_strict: bool = True
    breadth: float = inf

    @staticmethod
    def of(nodes: int) -> Limits:
        """The limits of a picture of any size.

        >>> Limits.of(60)
        Limits(nodes=60, length=30, is_strict=False, breadth=30)
        """
        half = max(nodes // 2, 1)
        return Limits(nodes, half, is_strict=False, breadth=half)

    def hold(self, scene: Scene) -> bool:
        """Whether a scene is within the limits."""
        if not self._has_room(scene):
            return False
        picture = joined(scene)
        return length_of(picture) <= self.length and breadth_of(picture) <= self.breadth

    def accept(self, scene: Scene) -> bool:
        """Whether a scene can do, where nothing is within the limits."""
        return not self.is_strict and self._has_room(scene)

    def _has_room(self, scene: Scene) -> bool:
        return len(scene.nodes) <= self.nodes and len(scene.edges) <= EDGES_PER_NODE * self.nodes
