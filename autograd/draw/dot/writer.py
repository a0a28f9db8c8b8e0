"""A scene written in DOT, the language of Graphviz.

`nodes` writes each node, `styles` says how each kind of them is drawn, `labels` how text is
written, `scale` how a gradient is shown on an edge. Boxes are nested clusters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count, cycle
from math import inf

from autograd.draw.arguments import Direction
from autograd.draw.dot.captions import add_caption, beside
from autograd.draw.dot.digraph import Digraph
from autograd.draw.dot.effort import effort
from autograd.draw.dot.labels import TIMES, spoken, tooltip, written
from autograd.draw.dot.legend import add_legend
from autograd.draw.dot.marks import (
    packed,
    row_cluster,
    stacked,
)
from autograd.draw.dot.nodes import NodeWriter
from autograd.draw.dot.operands import port
from autograd.draw.dot.rows import (
    add_boxes,
    add_row,
    boxes_of,
    edges_out_of_rows,
    frames_of,
    heads_of_own,
    rows_of,
)
from autograd.draw.dot.scale import AMPLE, DENSE, Scale
from autograd.draw.dot.styles import (
    BOX,
    BOX_FILLS,
    DISTANCES,
    EDGE,
    GRAPH,
    NODE,
)
from autograd.draw.scene.numbers import EdgeNumbers, NodeNumbers, Reading
from autograd.draw.scene.parts import (
    Box,
    Edge,
    Node,
    NumberNode,
    Scene,
    UnitNode,
    ValueNode,
)
from autograd.draw.scene.ranks import length_of

FRONT: dict[Direction, str] = {"LR": "w", "RL": "e", "TB": "n", "BT": "s"}
BACK: dict[Direction, str] = {"LR": "e", "RL": "w", "TB": "s", "BT": "n"}
ANY_SIZE = (inf, inf)
UNLIMITED = 10_000.0  # inches: what Graphviz takes for no limit of a side
SHORT = 3  # ranks
CROWDED = 3  # edges for each node; beyond it, lines are thinner and ranks farther apart


def to_dot(
    scene: Scene,
    reading: Reading,
    *,
    direction: Direction,
    precision: int,
    gradients: bool,
    legend: bool = False,
    size: tuple[float, float] = ANY_SIZE,
) -> str:
    """Write a scene in DOT.

    Args:
        scene: what to draw.
        reading: its numbers.
        direction: where edges lead: `"LR"`, `"RL"`, `"TB"` or `"BT"`.
        precision: the number of significant digits of numbers.
        gradients: show the gradients: as numbers in nodes, and the flow along edges as width,
            colour and stroke.
        legend: add a sample of every kind of thing that is in the scene.
        size: the largest width and height, in inches; a picture that is larger is scaled down.

    Returns:
        The DOT text, the same for the same scene.
    """
    graph = digraph("computation")
    graph.attr(
        "graph",
        rankdir=direction,
        nodesep="0.25",
        ranksep=f"{gap_of(scene, direction):.2f}",
        **effort(scene),
    )
    if scene.marks:
        graph.attr("graph", **packed(direction))
    if size != ANY_SIZE:
        graph.attr("graph", size=",".join(f"{min(side, UNLIMITED):g}" for side in size))
    writer = _Writer(scene, reading, f".{precision}g", gradients, direction)
    parts: list[Callable[[], None]] = [lambda: writer.add_to(graph)]
    if legend:
        parts.append(lambda: add_legend(graph, scene, reading, writer.scale, writer.spec))
    for add in stacked(parts, direction) if scene.marks else parts:
        add()
    return graph.source


def _density(scene: Scene) -> float:
    """The number of edges for each node."""
    return len(scene.edges) / max(len(scene.nodes), 1)


def gap_of(scene: Scene, direction: Direction) -> float:
    """The inches between ranks: more where many edges have to cross, fewer where all are short.

    From left to right nodes are wider than high, and hold the names of their operands.
    """
    is_short = scene.detail == "summary" and length_of(scene) <= SHORT
    usual = 0.35 if direction in ("LR", "RL") else 0.43
    return (0.3 if is_short else usual) + min(max(_density(scene) - CROWDED, 0) * 0.3, 1.5)


def digraph(name: str) -> Digraph:
    """A graph with the defaults of all pictures."""
    graph = Digraph(name, GRAPH)
    graph.attr("node", **NODE)
    graph.attr("edge", **EDGE)
    return graph


class _Writer:
    """Writes the nodes, boxes and edges of one scene."""

    def __init__(
        self, scene: Scene, reading: Reading, spec: str, gradients: bool, direction: Direction
    ) -> None:
        self.scene = scene
        self.reading = reading
        self.spec = spec
        self.gradients = gradients
        self.direction = direction
        # A plain number has no gradient, so nothing flows back to it.
        self.numbers = {node.name for node in scene.nodes if isinstance(node, NumberNode)}
        flows = [
            numbers.flow
            for edge, numbers in zip(scene.edges, reading.edges, strict=True)
            if gradients and edge.tail not in self.numbers
        ]
        self.scale = Scale.of(flows, DENSE if _density(scene) > CROWDED else AMPLE)
        self.titles = {box.name: box.title for box in scene.boxes}
        self.beside = beside(scene)
        self.results = {
            node.name: len(node.members) for node in scene.nodes if isinstance(node, ValueNode)
        }
        self.units = {node.name for node in scene.nodes if isinstance(node, UnitNode)}
        self.boxes = frames_of(scene)
        # Boxes in a column would lose their order to ports of what leaves them, in one Graphviz.
        across = direction in ("LR", "RL")
        self.without_ports = edges_out_of_rows(scene) if across else frozenset()
        named: dict[str, list[str]] = defaultdict(list)
        for edge in scene.edges:
            if edge not in self.without_ports:
                named[edge.head].append(self._operand(edge))
        self.operands = {head: names for head, names in named.items() if any(names)}
        self.nodes = NodeWriter(self.titles, scene.marks, self.operands, direction, spec, gradients)
        self.captions = {
            box.name: _named(box, self.nodes.within(box.title, box.parent)) for box in scene.boxes
        }
        self.distances: dict[str, Iterator[str]] = defaultdict(lambda: cycle(DISTANCES))
        self.entries: dict[str, Iterator[int]] = defaultdict(count)

    def add_to(self, graph: Digraph) -> None:
        nodes: dict[str | None, list[tuple[Node, NodeNumbers]]] = defaultdict(list)
        for node, numbers in zip(self.scene.nodes, self.reading.nodes, strict=True):
            nodes[node.box].append((node, numbers))
        clusters: dict[str | None, Digraph] = {None: graph}
        depths: dict[str | None, int] = {None: 0}
        for box in self.scene.boxes:
            depths[box.name] = depths[box.parent] + (not box.is_row)
            clusters[box.name] = self._cluster(box, depths[box.parent])
        for box in self.scene.boxes:
            if row := self.beside.get(box.name):
                add_caption(
                    clusters[box.name],
                    box.name,
                    self._caption(box),
                    row,
                    self.direction,
                    in_rows=bool(self.scene.marks),
                )
        rows, boxes = rows_of(self.scene), boxes_of(self.scene)
        ordered = heads_of_own(self.scene)
        if rows:
            # The last step of Graphviz's ordering would undo the rows.
            graph.attr("graph", remincross="false")
        for name, cluster in clusters.items():
            for node, numbers in nodes[name]:
                order = {"ordering": "in"} if node.name in ordered else {}
                cluster.node(node.name, **self.nodes.attributes(node, numbers), **order)
            for row in rows[name]:
                add_row(cluster, row, self.direction, name is not None)
            for last in boxes[name]:
                add_boxes(cluster, last, self.direction, name is not None)
        inside: dict[str | None, list[str]] = defaultdict(list)
        for box in self.scene.boxes:
            inside[box.parent].append(box.name)
        for box in reversed(self.scene.boxes):  # a subgraph is copied in its current state
            for name in inside[box.name]:
                clusters[box.name].subgraph(clusters[name])
        for name in stacked(inside[None], self.direction) if self.scene.marks else inside[None]:
            graph.subgraph(clusters[name])
        if not self.without_ports:
            graph.attr("edge", **self._tailport())
        for edge, flow in zip(self.scene.edges, self.reading.edges, strict=True):
            graph.edge(edge.tail, edge.head, **self._edge(edge, flow))

    def _cluster(self, box: Box, depth: int) -> Digraph:
        if box.is_row:
            return row_cluster(box.name)
        return Digraph(
            f"cluster_{box.name}",
            {
                **self._caption(box),
                **({"label": ""} if box.name in self.beside else {}),
                "fillcolor": BOX_FILLS[depth % len(BOX_FILLS)],
                **BOX,
            },
        )

    def _caption(self, box: Box) -> dict[str, str]:
        return {
            "label": f"<{written(self.captions[box.name])}>",
            "tooltip": tooltip(_named(box, box.title)),
        }

    def _edge(self, edge: Edge, numbers: EdgeNumbers) -> dict[str, str]:
        attributes: dict[str, str] = {}
        front = FRONT[self.direction]
        if edge in self.without_ports:
            if said := self._operand(edge):
                distance = next(self.distances[edge.head])
                attributes |= {"headlabel": f"<{written(said)}>", "labeldistance": distance}
        else:
            if self.without_ports:
                attributes |= self._tailport()
            if edge.head in self.scene.marks:
                attributes["arrowhead"] = "none"
            elif edge.head in self.operands:
                attributes["headport"] = f"{port(next(self.entries[edge.head]))}:{front}"
            elif edge.head in self.units or self.boxes[edge.head]:
                attributes["headport"] = front  # from above it would cross the caption of its box
        if self.gradients and edge.tail not in self.numbers:
            attributes |= self.scale.stroke(numbers.flow)
            spans = {"flows back": numbers.flow, "local derivative": numbers.local}
            lines = [f"{what}: {spoken(x, 'r')}" for what, x in spans.items() if x is not None]
            attributes["tooltip"] = tooltip("\n".join(lines) or "what flows back is not known")
        return attributes

    def _tailport(self) -> dict[str, str]:
        """Edges leave at one point: from elsewhere one would lead along the next node."""
        return {"tailport": BACK[self.direction]}

    def _operand(self, edge: Edge) -> str:
        """Which operand of an operation it is; of one that is there several times, how often."""
        if edge.head in self.scene.marks:
            return ""
        times = len(edge.members) // self.results.get(edge.head, len(edge.members) or 1)
        if times < 2:
            return edge.operand
        often = f"{TIMES} {times:,}"
        return f"{edge.operand} ({often})" if edge.operand else often


def _named(box: Box, title: str) -> str:
    """The title of a box, with the use that it is."""
    return f"{title} ({box.use})" if box.use else title
