"""A scene written in DOT, the language of Graphviz.

A Value is an HTML-like table and not a `record`: in a record, braces, bars, angle brackets and
spaces of a label are syntax; in HTML-like text few characters are, and all of them can be
escaped. Whatever a label says is thus shown as written.
"""

from __future__ import annotations

import html
import unicodedata
from typing import Any, Literal, NamedTuple, TypeVar

from autograd.draw.scene import ConstantNode, Edge, OperationNode, Role, Scene, ValueNode
from autograd.errors import RenderError

Direction = Literal["LR", "RL", "TB", "BT"]

FONT = "Helvetica,Arial,sans-serif"
INK = "#1F2933"
FAINT = "#66717D"  # captions and edges; 5:1 on white
LONGEST_LINE = 60  # characters of a label that are shown; the whole of it is the tooltip
MOST_LINES = 8


class Look(NamedTuple):
    """How a table is painted."""

    fill: str
    border: str
    width: int
    style: str


# Hues of the palette of Okabe and Ito (2008), which the colour-blind can tell apart; corners and
# widths say the same again without colour.
LOOKS = {
    Role.LEAF: Look(fill="#E1EFF9", border="#0072B2", width=1, style=""),
    Role.INTERMEDIATE: Look(fill="#F6F6F4", border="#8A939C", width=1, style="ROUNDED"),
    Role.OUTPUT: Look(fill="#FDEBDA", border="#D55E00", width=2, style="ROUNDED"),
}

ROUND = {"shape": "circle", "width": "0.4", "fixedsize": "true", "fontsize": "14"}
WIDE = {"shape": "ellipse", "width": "0", "height": "0.4", "margin": "0.04,0.02"}
PLAIN = {
    "shape": "box",
    "style": "rounded,filled",
    "color": "#E4E7EB",  # of filling and border
    "height": "0.25",
    "width": "0.25",
    "margin": "0.07,0.03",
}


def to_dot(scene: Scene, *, direction: Direction, precision: int, gradients: bool) -> str:
    """Write a scene in DOT.

    Args:
        scene: what to draw.
        direction: where edges lead: `"LR"`, `"RL"`, `"TB"` or `"BT"`.
        precision: how many significant digits numbers have.
        gradients: show the gradients.

    Returns:
        The DOT text, the same for the same scene.

    Raises:
        RenderError: the package `graphviz` is not installed.
    """
    try:
        from graphviz import Digraph
    except ImportError as error:
        raise RenderError(
            'drawing needs the package graphviz: pip install "chainrule[draw]"'
        ) from error

    graph = Digraph("computation")
    graph.attr(
        "graph",
        rankdir=direction,
        bgcolor="white",
        fontname=FONT,
        nodesep="0.25",
        ranksep="0.45",
    )
    graph.attr("node", fontname=FONT, fontsize="12", fontcolor=INK, color=FAINT, penwidth="0.8")
    graph.attr(
        "edge",
        color=FAINT,
        penwidth="0.8",
        arrowsize="0.6",
        fontname=FONT,
        fontsize="9",
        fontcolor=FAINT,
        labeldistance="1.7",
        labelangle="-22",
    )
    for node in scene.nodes:
        graph.node(node.name, **_attributes(node, f".{precision}g", gradients))
    for edge in scene.edges:
        graph.edge(edge.tail, edge.head, **_edge_attributes(edge))
    source: str = graph.source
    return source


def _attributes(
    node: ValueNode | OperationNode | ConstantNode, spec: str, gradients: bool
) -> dict[str, Any]:
    match node:
        case ValueNode():
            return {
                "label": _table(node, spec, gradients),
                "shape": "plain",
                "tooltip": _tooltip(_description(node, gradients)),
            }
        case OperationNode():
            symbol = visible(node.symbol)
            return {
                "label": f"<{_text(node.symbol)}>",
                "tooltip": _tooltip(symbol),
                **(ROUND if len(symbol) <= 2 else WIDE),
            }
        case ConstantNode():
            return {
                "label": format(node.data, spec),
                "tooltip": _tooltip(repr(node.data)),
                **PLAIN,
            }


def _edge_attributes(edge: Edge) -> dict[str, str]:
    # At the head: for a label in the middle the layout would make room, in ranks of its own.
    return {"headlabel": edge.operand} if edge.operand else {}


def _table(node: ValueNode, spec: str, gradients: bool) -> str:
    """The three cells of a Value as an HTML-like label."""
    look = LOOKS[node.role]
    cells = [f"<B>{_text(node.label)}</B>"] if node.label else []
    cells.append(_captioned("data", format(node.data, spec)))
    if gradients:
        cells.append(_captioned("grad", "none" if node.grad is None else format(node.grad, spec)))
    row = "<VR/>".join(f"<TD>{cell}</TD>" for cell in cells)
    style = f' STYLE="{look.style}"' if look.style else ""
    return (
        f'<<TABLE BORDER="{look.width}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="5"'
        f' COLOR="{look.border}" BGCOLOR="{look.fill}"{style}><TR>{row}</TR></TABLE>>'
    )


def _captioned(caption: str, number: str) -> str:
    return f'<FONT POINT-SIZE="8" COLOR="{FAINT}">{caption}</FONT><BR/>{number}'


def _description(node: ValueNode, gradients: bool) -> str:
    """All there is to say of a Value: the whole label and all digits."""
    lines = [visible(node.label)] if node.label else []
    lines.append(f"data = {node.data!r}")
    if gradients:
        lines.append(f"grad = {'none' if node.grad is None else repr(node.grad)}")
    return "\n".join(lines)


def visible(text: str) -> str:
    r"""The text with all that no XML document can hold, or nobody can see, as Python escapes.

    Those are control characters, lines apart, and code points that are no characters.

    >>> print(visible("tab\tnull\0"))
    tab\tnull\x00
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if character != "\n"
        and (unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff")
        else character
        for character in text
    )


def _text(text: str) -> str:
    """Any text as HTML-like text that shows it as written, shortened if it is very long."""
    lines = _shortened(visible(text).split("\n"), MOST_LINES, ["⋮"])
    return "<BR/>".join(_line(_shortened(line, LONGEST_LINE, "…")) for line in lines)


def _line(line: str) -> str:
    # Backslashes are doubled because Graphviz reads \N, \G and so on in HTML-like text, too. Its
    # version 2.43 loses a bracket before a tag unless it is an entity. Viewers drop spaces at the
    # ends unless they are such that do not break.
    body = line.strip(" ")
    leading = len(line) - len(line.lstrip(" ")) if body else len(line)
    trailing = len(line) - leading - len(body)
    return (
        "&#160;" * leading
        + html.escape(body.replace("\\", "\\\\"), quote=False).replace("]", "&#93;")
        + "&#160;" * trailing
    )


S = TypeVar("S", str, "list[str]")


def _shortened(items: S, most: int, ellipsis: S) -> S:
    """A string or list with its middle left out if it has more items than `most`."""
    if len(items) <= most:
        return items
    head = most // 2
    return items[:head] + ellipsis + items[len(items) - (most - head - 1) :]


def _tooltip(text: str) -> Any:
    """Any text as the value of the attribute `tooltip`."""
    from graphviz import nohtml

    # Graphviz replaces escapes in a tooltip twice, one after the other.
    escaped = html.escape(text, quote=False).replace("\\", "\\" * 4).replace("\n", "\\n")
    return nohtml(escaped)
