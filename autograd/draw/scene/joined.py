"""A scene for a picture: an operation and its result are one node.

So a picture has half the ranks of the graph. A page keeps them apart, since it goes from one to the
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from autograd.draw.scene.formulas import ATOM, LEFT_OUT, MOST_OPERANDS, NEGATION, named, written
from autograd.draw.scene.parts import RESULT, Edge, Node, OperationNode, Scene, ValueNode

NOT_WRITTEN: Mapping[str, str] = MappingProxyType({})


def joined(scene: Scene, numbers: Mapping[str, str] = NOT_WRITTEN) -> Scene:
    """The scene with each operation in the node of its result.

    Args:
        scene: the scene.
        numbers: how plain numbers are written in formulas, by the names of their nodes.

    >>> from autograd import Value
    >>> from autograd.draw.scene.plan import plan
    >>> y = Value(2.0, "x") * 3
    >>> y.label = "y"
    >>> [node.operation for node in joined(plan([y]).scene).nodes if isinstance(node, ValueNode)]
    ['', 'x * …']
    """
    operations = {node.name: node for node in scene.nodes if isinstance(node, OperationNode)}
    results = {edge.tail: edge.head for edge in scene.edges if edge.tail in operations}
    made_by = {value: operations[name] for name, value in results.items()}
    labels = {node.name: node.label for node in scene.nodes if isinstance(node, ValueNode)}
    known = {name: named(label) for name, label in labels.items() if label}
    known |= {name: (x, NEGATION if x.startswith("-") else ATOM) for name, x in numbers.items()}
    read: dict[str, list[Edge]] = {}
    for edge in scene.edges:
        read.setdefault(edge.head, []).append(edge)
    nodes: list[Node] = []
    for node in scene.nodes:
        if isinstance(node, ValueNode) and (operation := made_by.get(node.name)):
            said = operation.symbol
            if node.label:
                said = _formula(operation, read[operation.name], known)
            nodes.append(replace(node, operation=said))
        elif node.name not in operations:
            nodes.append(node)
    edges = tuple(
        replace(edge, head=results.get(edge.head, edge.head))
        for edge in scene.edges
        if edge.tail not in operations
    )
    return replace(scene, nodes=tuple(nodes), edges=edges)


def _formula(
    operation: OperationNode, edges: list[Edge], known: Mapping[str, tuple[str, int]]
) -> str:
    """The operation of the first member, with what is known of its operands."""
    first = operation.members[0]
    tails = {k: edge.tail for edge in edges for i, k in edge.members if i == first and k != RESULT}
    operands = [known.get(tails[k], (LEFT_OUT, ATOM)) for k in sorted(tails)]
    return written(operation.symbol, operands[: MOST_OPERANDS + 1])[0]
