"""How long the nodes of a scene will be along the ranks, in points: estimated, not laid out.

So it is known without Graphviz whether a picture is too long for one row, and where the rows end.
"""

from __future__ import annotations

from autograd.draw.arguments import Direction
from autograd.draw.dot.labels import LONGEST_LINE, spoken
from autograd.draw.dot.styles import SIZE
from autograd.draw.dot.writer import gap_of
from autograd.draw.scene.numbers import NodeNumbers, Reading, Span
from autograd.draw.scene.parts import Node, NumberNode, Scene, UnitNode, ValueNode

CHARACTER = 0.6 * SIZE  # points: in Helvetica and the like, on average
BOLD = 1.2  # times as wide
LINE = 1.25 * SIZE
PADDING = 8.0  # points of a cell, on both sides
OPERANDS = 14.0  # points of the cell with the names of operands
POINTS = 72  # an inch


def lengths_of(
    scene: Scene, reading: Reading, direction: Direction, precision: int, gradients: bool
) -> dict[str, float]:
    """The length of each node with the gap to the next rank, in inches.

    Args:
        scene: what is drawn.
        reading: its numbers.
        direction: of the picture.
        precision: the number of significant digits of numbers.
        gradients: whether nodes have them.
    """
    named = {edge.head for edge in scene.edges if edge.operand}
    gap, spec = gap_of(scene, direction), f".{precision}g"
    across = direction in ("LR", "RL")
    return {
        node.name: gap
        + (_width if across else _height)(node, numbers, spec, gradients, node.name in named)
        / POINTS
        for node, numbers in zip(scene.nodes, reading.nodes, strict=True)
    }


def _text(*lines: str) -> float:
    longest = max((len(part) for line in lines for part in line.split("\n")), default=0)
    return CHARACTER * min(longest, LONGEST_LINE)


def _number(span: Span | None, spec: str) -> float:
    return _text(spoken(span, spec, "\nto ")) + PADDING


def _width(
    node: Node, numbers: NodeNumbers, spec: str, gradients: bool, has_operands: bool
) -> float:
    cells = _number(numbers.data, spec)
    if isinstance(node, NumberNode):
        return cells
    if gradients:
        cells += _number(numbers.grad, spec)
    if isinstance(node, UnitNode):
        return max(cells, _text(node.title, *node.lines) + PADDING)
    if isinstance(node, ValueNode):
        name = node.label or node.path
        operation = _text(f"= {node.operation}" if name else node.operation)
        cells += max(BOLD * _text(name), operation) + PADDING
    return cells + OPERANDS * has_operands


def _height(
    node: Node, numbers: NodeNumbers, spec: str, gradients: bool, has_operands: bool
) -> float:
    if isinstance(node, NumberNode):
        return LINE
    spans = [numbers.data, numbers.grad] if gradients else [numbers.data]
    is_range = any(span and span.low != span.high for span in spans)
    lines = 2.0 + is_range
    if isinstance(node, UnitNode):
        lines += 1 + len(node.lines)
    return LINE * (lines + has_operands) + PADDING
