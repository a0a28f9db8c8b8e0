"""What Graphviz is told of each node: a table of its name and numbers, and a tooltip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd.draw.arguments import Direction
from autograd.draw.dot.labels import TIMES, WARNING, is_finite, spoken, tooltip, within, written
from autograd.draw.dot.marks import entering, leaving, said_of
from autograd.draw.dot.operands import with_operands
from autograd.draw.dot.styles import (
    ALARM,
    CAPTION_SIZE,
    FAINT,
    STYLES,
    TABLE,
    UNIT_BAR,
    UNIT_FILL,
)
from autograd.draw.scene.numbers import NodeNumbers, Span
from autograd.draw.scene.parts import (
    Mark,
    Node,
    NumberNode,
    OperationNode,
    Role,
    UnitNode,
    ValueNode,
)


@dataclass(frozen=True)
class NodeWriter:
    """Writes the nodes of one scene.

    Attributes:
        titles: of its boxes, by name.
        marks: its nodes that say where an edge goes on, by name.
        operands: the names of the operands of each node that has some.
        direction: where edges lead.
        spec: the format of numbers.
        gradients: whether gradients are shown.
    """

    titles: Mapping[str, str]
    marks: Mapping[str, Mark]
    operands: Mapping[str, Sequence[str]]
    direction: Direction
    spec: str
    gradients: bool

    def attributes(self, node: Node, numbers: NodeNumbers) -> dict[str, str]:
        """Its label, shape, colours and tooltip."""
        if found := self.marks.get(node.name):
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
        name = node.label or self.within(node.path, node.box)
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
        count = [f"{TIMES} {len(node.members):,}"] if len(node.members) > 1 else []
        return {
            "label": f"<{text}>",
            "tooltip": tooltip("\n".join([spoken(numbers.data, "r"), *count])),
            **STYLES[node.role].attributes(alarm=not is_finite(numbers.data)),
            "margin": "0.07,0.03",
            "height": "0.25",
            "width": "0.25",
        }

    def _unit(self, node: UnitNode, numbers: NodeNumbers) -> dict[str, str]:
        title = written(self.within(node.title, node.box))
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
        lines += [f"{TIMES} {count:,}"] if count > 1 else []
        lines.append(f"data = {spoken(numbers.data, 'r')}")
        if self.gradients:
            lines.append(f"grad = {spoken(numbers.grad, 'r')}")
        return tooltip("\n".join(lines))

    def within(self, path: str, box: str | None) -> str:
        """A path, without what the title of its box says already."""
        return path if box is None else within(path, self.titles[box])


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
