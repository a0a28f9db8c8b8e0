"""Settings of Graphviz that keep the layout of any scene within seconds.

`dot` puts nodes in ranks, and splits an edge over many ranks into one piece for each. Its time
grows faster than the number of pieces: a leaf used 400 times along a chain has 160,000 of them and
takes minutes. The pieces are counted here before Graphviz sees the graph.
"""

from __future__ import annotations

from autograd.draw.scene.parts import Scene
from autograd.draw.scene.ranks import ranks_of

# The settings of a graph, by the number of pieces from which they hold.
EFFORTS: tuple[tuple[int, dict[str, str]], ...] = (
    # No ranks: forces between nodes; the time is nearly linear in the graph.
    (40_000, {"layout": "sfdp", "overlap": "scale", "splines": "line", "size": "40,40"}),
    # At most as many steps of improvement as there are nodes, or twice as many.
    (10_000, {"nslimit": "1", "nslimit1": "1", "mclimit": "0.1", "splines": "polyline"}),
    (1_500, {"nslimit": "2", "nslimit1": "2", "mclimit": "0.5"}),
    (0, {}),
)


def effort(scene: Scene) -> dict[str, str]:
    """The attributes of the graph that bound the time of its layout.

    A small graph has none: Graphviz lays it out as well as it can.

    >>> effort(Scene("nodes", (), ()))
    {}
    """
    length = pieces(scene)
    return next(attributes for least, attributes in EFFORTS if length >= least)


def pieces(scene: Scene) -> int:
    """The total number of ranks that the edges of a scene span."""
    ranks = ranks_of(scene)
    return sum(ranks[head] - ranks[tail] for tail, head in {(e.tail, e.head) for e in scene.edges})
