"""A picture in rows: where they stand, and the marks at both ends of an edge that is cut.

Each row is laid out by itself. Graphviz packs them one below the other, or side by side where the
computation goes up or down, as wide as each is alone. The marks are the connectors of flowcharts.

Source: ISO 5807 (1985), 9.4.1 (connector).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from autograd.draw.arguments import Direction
from autograd.draw.dot.digraph import Digraph
from autograd.draw.dot.styles import MARK_FILL, PAPER
from autograd.draw.scene.parts import Mark

T = TypeVar("T")

GAP = 36  # points between rows


def packed(direction: Direction) -> dict[str, str]:
    """The attributes of a graph whose rows begin at the same line, in the order of the text.

    >>> packed("LR")
    {'pack': '36', 'packmode': 'array_ict1'}
    """
    start = "b" if direction == "BT" else "t"
    return {"pack": f"{GAP}", "packmode": f"array_ic{start}1"}


def stacked(rows: Sequence[T], direction: Direction) -> Sequence[T]:
    """The rows in the order in which Graphviz packs them: from below, or from the left.

    >>> stacked(["first", "last"], "LR")
    ['last', 'first']
    """
    return rows[::-1] if direction in ("LR", "RL") else rows


def row_cluster(name: str) -> Digraph:
    """A row: no box, but what keeps its parts together."""
    return Digraph(f"cluster_{name}", {"style": "invis", "label": "", "margin": "0"})


def said_of(mark: Mark) -> str:
    """What the tooltip of a mark says first.

    >>> said_of(Mark(3, 2, is_entry=False))
    '3: goes on in row 2'
    """
    return f"{mark.number}: {'comes from' if mark.is_entry else 'goes on in'} row {mark.row}"


def leaving(mark: Mark) -> dict[str, str]:
    """The node in which an edge ends, to go on in another row."""
    return {
        "label": f"<<B>{mark.number}</B>>",
        "shape": "box",
        "style": "rounded,filled",
        "fillcolor": MARK_FILL,
        "color": MARK_FILL,
        "fontcolor": PAPER,
        "margin": "0.06,0.02",
        "width": "0.25",
        "height": "0.25",
    }


def entering(mark: Mark, name: str) -> dict[str, str]:
    """The node in which an edge from another row begins, with what comes from there."""
    number = f'<FONT COLOR="{PAPER}"><B>{mark.number}</B></FONT>'
    return {
        "label": '<<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4"'
        f' COLOR="{MARK_FILL}"><TR><TD BGCOLOR="{MARK_FILL}">{number}</TD><TD>{name}</TD></TR>'
        "</TABLE>>",
        "shape": "plain",
    }
