"""What can be read of a picture: so many nodes, so many edges, and so many nodes in a row."""

from __future__ import annotations

from typing import NamedTuple

from autograd.draw.scene.joined import joined
from autograd.draw.scene.parts import Scene
from autograd.draw.scene.ranks import length_of

EDGES_PER_NODE = 2  # with more edges, no eye can follow a picture


class Limits(NamedTuple):
    """How large a scene may be.

    Attributes:
        nodes: the most nodes.
        length: the most nodes on a path, in a picture.
        is_strict: whether nothing longer can be read; else only repetitions are folded for it.
    """

    nodes: int
    length: int
    is_strict: bool = True

    @staticmethod
    def of(nodes: int) -> Limits:
        """The limits of a picture of any size.

        >>> Limits.of(60)
        Limits(nodes=60, length=30, is_strict=False)
        """
        return Limits(nodes, max(nodes // 2, 1), is_strict=False)

    def hold(self, scene: Scene) -> bool:
        """Whether a scene is within the limits."""
        return self._has_room(scene) and length_of(joined(scene)) <= self.length

    def accept(self, scene: Scene) -> bool:
        """Whether a scene can do, where nothing is within the limits."""
        return not self.is_strict and self._has_room(scene)

    def _has_room(self, scene: Scene) -> bool:
        return len(scene.nodes) <= self.nodes and len(scene.edges) <= EDGES_PER_NODE * self.nodes
