"""A scene written in DOT, the language of Graphviz.

`styles` says how each kind of node is drawn, `labels` how text is written, `scale` how a gradient
is shown on an edge. Boxes are nested clusters.
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
from autograd.draw.dot.labels import TIMES, WARNING, is_finite, spoken, tooltip, within, written
from autograd.draw.dot.legend import add_legend
from autograd.draw.dot.marks import (
    entering,
    leaving,
    packed,
    row_cluster,
    said_of,
    stacked,
)
from autograd.draw.dot.operands import port, with_operands
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
    ALARM,
    BOX,
    BOX_FILLS,
    CAPTION_SIZE,
    DISTANCES,
    EDGE,
    FAINT,
    GRAPH,
    NODE,
    STYLES,
    TABLE,
    UNIT_BAR,
    UNIT_FILL,
)
from autograd.draw.scene.numbers import EdgeNumbers, NodeNumbers, Reading, Span
from autograd.draw.scene.parts import (
    Box,
    Edge,
    Mark,
    Node,
    NumberNode,
    OperationNode,
    Role,
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
        self.captions = {
            box.name: _named(box, self._within(box.title, box.parent)) for box in scene.boxes
        }
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
                cluster.node(node.name, **self._node(node, numbers), **order)
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

    def _within(self, path: str, box: str | None) -> str:
        return path if box is None else within(path, self.titles[box])

    def _node(self, node: Node, numbers: NodeNumbers) -> dict[str, str]:
        if found := self.scene.marks.get(node.name):
            return self._mark(found, node, numbers)
        match node:
            case ValueNode():
                return self._value(node, numbers)
            case OperationNode():
                raise ValueError(f"draw: an operation without its result: {node.symbol}")
            case NumberNode():
                return self._number(node, numbers)
            case UnitNode():
                return self._unit(node, numbers)

    def _value(self, node: ValueNode, numbers: NodeNumbers) -> dict[str, str]:
        style = STYLES[node.role]
        name = node.label or self._within(node.path, node.box)
        head = [f"<B>{written(name)}</B>"] if name else []
        if node.operation:
            head.append(_operation(node.operation, equals="= " if name else ""))
        head += _badge(len(node.members))
        cells = ["<BR/>".join(head)] if head else []
        cells += self._numbers(numbers)
        rows = with_operands(cells, self.operands.get(node.name, ()), self.direction)
        table = TABLE.format(color=style.border)
        return {
            "label": f"<{table}{rows}</TABLE>>",
            "tooltip": self._tooltip(
                [node.label, node.path, node.operation], len(node.members), numbers
            ),
            **style.attributes(alarm=not self._is_finite(numbers)),
        }

    def _number(self, node: NumberNode, numbers: NodeNumbers) -> dict[str, str]:
        number = _coloured(numbers.data, self.spec)
        if node.role is not Role.CONSTANT:
            number = _captioned("data", number)
        text = "<BR/>".join([number, *_badge(len(node.members))])
        count = [f"{TIMES} {len(node.members)}"] if len(node.members) > 1 else []
        return {
            "label": f"<{text}>",
            "tooltip": tooltip("\n".join([spoken(numbers.data, "r"), *count])),
            **STYLES[node.role].attributes(alarm=not is_finite(numbers.data)),
            "margin": "0.07,0.03",
            "height": "0.25",
            "width": "0.25",
        }

    def _unit(self, node: UnitNode, numbers: NodeNumbers) -> dict[str, str]:
        title = written(self._within(node.title, node.box))
        count = "".join(f"&#160;&#160;{badge}" for badge in _badge(node.repeats, "white"))
        cells = self._numbers(numbers)
        span = f'COLSPAN="{2 * len(cells) - 1}"'  # the lines between cells count as columns
        rows = [
            f'<TR><TD {span} BGCOLOR="{UNIT_BAR}"><FONT COLOR="white"><B>{title}</B>{count}</FONT>'
            "</TD></TR>"
        ]
        lines = "<BR/>".join(written(line) for line in node.lines)
        if lines:
            rows.append(f'<TR><TD {span} CELLPADDING="6">{lines}</TD></TR><HR/>')
        rows.append("<TR>" + "<VR/>".join(f"<TD>{cell}</TD>" for cell in cells) + "</TR>")
        alarm = not self._is_finite(numbers)
        border, width = (ALARM, 3) if alarm else (UNIT_BAR, 1)
        return {
            "label": f'<<TABLE BORDER="{width}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4"'
            f' COLOR="{border}" BGCOLOR="{UNIT_FILL}">{"".join(rows)}</TABLE>>',
            "shape": "plain",
            "tooltip": self._tooltip([node.title, *node.lines], node.repeats, numbers),
        }

    def _mark(self, mark: Mark, node: Node, numbers: NodeNumbers) -> dict[str, str]:
        """Where an edge goes on; where one comes from, by its name, or else by its number."""
        name = (node.label or node.path) if isinstance(node, ValueNode) else ""
        told = self._tooltip([said_of(mark), name], 1, numbers)
        if not mark.is_entry:
            return {**leaving(mark), "tooltip": told}
        shown = written(name) if name else _coloured(numbers.data, self.spec)
        return {**entering(mark, shown), "tooltip": told}

    def _numbers(self, numbers: NodeNumbers) -> list[str]:
        cells = [_captioned("data", _coloured(numbers.data, self.spec))]
        if self.gradients:
            cells.append(_captioned("grad", _coloured(numbers.grad, self.spec)))
        return cells

    def _is_finite(self, numbers: NodeNumbers) -> bool:
        return is_finite(numbers.data) and (not self.gradients or is_finite(numbers.grad))

    def _tooltip(self, names: list[str], count: int, numbers: NodeNumbers) -> str:
        """The full description of a node: whole names and all digits."""
        lines = [name for name in names if name]
        lines += [f"{TIMES} {count}"] if count > 1 else []
        lines.append(f"data = {spoken(numbers.data, 'r')}")
        if self.gradients:
            lines.append(f"grad = {spoken(numbers.grad, 'r')}")
        return tooltip("\n".join(lines))

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


def _operation(text: str, equals: str) -> str:
    """The operation that a Value is the result of; large where it is but a symbol."""
    if equals:
        return f"{equals}{written(text)}"
    return f'<FONT POINT-SIZE="14">{written(text)}</FONT>'


def _badge(count: int, colour: str = FAINT) -> list[str]:
    """The number of things that a node stands for, if it is not one."""
    if count == 1:
        return []
    return [f'<FONT COLOR="{colour}"><B>{TIMES}&#160;{count:,}</B></FONT>']


def _captioned(caption: str, number: str) -> str:
    return f'<FONT POINT-SIZE="{CAPTION_SIZE}" COLOR="{FAINT}">{caption}</FONT><BR/>{number}'


def _coloured(span: Span | None, spec: str) -> str:
    """A number, or a range in two lines, which is narrower; one that is not finite is marked."""
    number = spoken(span, spec, "<BR/>to ")
    if is_finite(span):
        return number
    return f'<FONT COLOR="{ALARM}"><B>{WARNING}&#160;{number}</B></FONT>'
