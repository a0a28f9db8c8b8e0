"""The ranks of a scene: which nodes come before which, and how large that makes a picture."""

from __future__ import annotations

from collections import Counter, defaultdict

from autograd.draw.scene.parts import Scene


def ranks_of(scene: Scene) -> dict[str, int]:
    """The rank of each node: after all its operands; of a leaf, just before its first use."""
    tails: dict[str, set[str]] = defaultdict(set)
    for edge in scene.edges:
        tails[edge.head].add(edge.tail)
    ranks: dict[str, int] = {}
    nearest: dict[str, int] = {}
    for node in scene.nodes:
        rank = ranks[node.name] = 1 + max((ranks[t] for t in tails[node.name]), default=0)
        for tail in tails[node.name]:
            nearest[tail] = min(nearest.get(tail, rank), rank)
    ranks |= {name: rank - 1 for name, rank in nearest.items() if not tails[name]}
    return ranks


def breadth_of(scene: Scene) -> int:
    """The number of nodes in the largest rank.

    >>> breadth_of(Scene("nodes", (), ()))
    0
    """
    return max(Counter(ranks_of(scene).values()).values(), default=0)


def length_of(scene: Scene) -> int:
    """The number of nodes on the longest path.

    >>> from autograd.draw.scene.parts import Role, ValueNode
    >>> length_of(Scene("nodes", (ValueNode("n0", Role.INPUT, "", "", (0,)),), ()))
    1
    """
    return max(ranks_of(scene).values(), default=0)
