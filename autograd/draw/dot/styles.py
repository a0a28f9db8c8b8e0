"""The style of each kind of thing in a picture: tables of Graphviz attributes.

Hues are those of the palette of Okabe and Ito (2008), which the colour-blind can distinguish, as
pale fillings under dark text; a shape, a corner or a border says the same without colour. Blue and
vermillion at full strength are reserved for the signs of gradients (`scale`).

Source: M. Okabe and K. Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.draw.scene.parts import Role

FONT = "Helvetica,Arial,sans-serif"
SIZE = 12  # points: of what may have a number in it
CAPTION_SIZE = 10  # of a few words beside a number
INK = "#1F2933"
FAINT = "#5B6672"  # captions and edges; 5:1 on every filling
PAPER = "white"

ALARM = "#8E2C6B"  # reddish purple, dark enough for text: what is not finite
ALARM_FILL = "#F8E3F0"


class Style(NamedTuple):
    """The style of a box with numbers in it."""

    shape: str
    style: str
    fill: str
    border: str
    width: float
    borders: int = 1

    def attributes(self, *, alarm: bool) -> dict[str, str]:
        """The style in DOT; with `alarm`, that of a number that is not finite."""
        return {
            "shape": self.shape,
            "style": self.style,
            "fillcolor": ALARM_FILL if alarm else self.fill,
            "color": ALARM if alarm else self.border,
            "penwidth": "2.4" if alarm else f"{self.width:g}",
            "peripheries": str(max(self.borders, alarm)),
            "margin": "0",
            "width": "0",
            "height": "0",
        }


STYLES = {
    Role.INPUT: Style("box", "filled", "#E3F1FB", "#0072B2", 1.2),
    Role.PARAMETER: Style("tab", "filled", "#DDF3EA", "#00775A", 1.2),
    Role.CONSTANT: Style("box", "rounded,filled", "#E4E7EB", "#E4E7EB", 1, 0),
    Role.INTERMEDIATE: Style("box", "rounded,filled", "#F6F6F4", "#8A939C", 1),
    Role.OUTPUT: Style("box", "rounded,filled", "#FDF0D2", "#A86500", 1.2, 2),
}

TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4" COLOR="{color}">'

MARK_FILL = "#46505B"  # of the number that both ends of a cut edge have, in white

UNIT_FILL = "#F1EEF7"
UNIT_BAR = "#4B4570"

BOX_FILLS = ("#FAFBFC", "#F0F3F6")  # a layer, and a neuron in it; then in turn
BOX = {
    "style": "rounded,filled,dashed",
    "color": "#A9B4BF",
    "penwidth": "0.8",
    "labeljust": "l",
    "fontsize": f"{SIZE}",
    "fontcolor": FAINT,
    "margin": "10",
}

GRAPH = {"bgcolor": PAPER, "fontname": FONT}
NODE = {
    "fontname": FONT,
    "fontsize": f"{SIZE}",
    "fontcolor": INK,
    "color": FAINT,
    "penwidth": "0.8",
}
EDGE = {
    "color": FAINT,
    "penwidth": "0.8",
    "arrowsize": "0.6",
    "fontname": FONT,
    "fontsize": f"{SIZE}",
    "fontcolor": FAINT,
    "labelangle": "-22",
}

DISTANCES = ("1.7", "3.2", "4.7", "6.2")
"""How far the names of the operands of one node are from it, in turn, so that they keep apart."""
