"""The partial sums of a node's gradient during a backward pass: its value after each edge.

A backward pass goes through the operations from the last to the first. Each passes a contribution
to its operands, one after the other, and a Value used in several places adds them up. The page
shows every one of these additions. In a scene of every number they are made in the order of
`backward()`, so the last sum equals the gradient to the last bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from autograd.draw.scene.numbers import Numbers, Span
from autograd.draw.scene.parts import RESULT, Edge, Role, Scene, UnitNode, ValueNode


def running_totals(scene: Scene, numbers: Numbers, *parts: Scene) -> list[list[Span | None]]:
    """The gradient of the tail of each edge, right after the flow of that edge has been added.

    Args:
        scene: what is drawn.
        numbers: those of a backward pass, from `numbers_of_backward`.
        parts: the same scene with fewer members, for which only these count.

    Returns:
        For the scene, then for each of its parts: for each edge a span over the members of its
        tail, or `None` where there is no such gradient: for plain numbers, for results, and after a
        failure.

    >>> from autograd import Value
    >>> from autograd.draw.scene.details import every_number
    >>> from autograd.draw.scene.numbers import numbers_of_backward
    >>> x = Value(3.0)
    >>> y = x * x
    >>> scene = every_number([x, y], [y], {})
    >>> [totals] = running_totals(scene, numbers_of_backward([x, y], y))
    >>> [t and t.low for t in totals]
    [3.0, 6.0, None]
    """
    tails = [
        {node.name: node for node in one.nodes if isinstance(node, ValueNode | UnitNode)}
        for one in (scene, *parts)
    ]
    arriving: defaultdict[str, list[int]] = defaultdict(list)
    for e, edge in enumerate(scene.edges):
        arriving[edge.head].append(e)
    sums: dict[int, float | None] = {
        i: 1.0
        for node in scene.nodes
        if isinstance(node, ValueNode) and node.role is Role.OUTPUT
        for i in node.members
    }
    totals: list[list[Span | None]] = [[None] * len(scene.edges) for _ in tails]
    for node in reversed(scene.nodes):
        for e in arriving[node.name]:
            edge = scene.edges[e]
            if _add(edge, numbers, sums) and edge.tail in tails[0]:
                for total, those in zip(totals, tails, strict=True):
                    members: Sequence[int] = those[edge.tail].members
                    total[e] = Span.of(sums.get(i, 0.0) for i in members)
    return totals


def _add(edge: Edge, numbers: Numbers, sums: dict[int, float | None]) -> bool:
    """Add the flow of an edge to its operands; return whether any is known."""
    is_known = False
    for i, k in edge.members:
        tail = None if k == RESULT else numbers.tails[i][k]
        if tail is None:
            continue
        flow = numbers.flows[i][k]
        before = sums.get(tail, 0.0)
        sums[tail] = None if flow is None or before is None else before + flow
        is_known = is_known or flow is not None
    return is_known
