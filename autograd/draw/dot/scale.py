"""One scale for signed numbers on edges: width and strength of colour show the size, hue the sign.

Both grow with the square root of the magnitude relative to the largest finite one of the picture,
so that a hundredth of it can still be seen; in a picture full of lines, with the magnitude itself,
and small ones fade, so that large ones can be seen. Negative is blue and dashed, positive is
vermillion and solid: hues that the colour-blind can distinguish, and a stroke for pictures without
colour. A number that is not finite is outside the scale, a double line. `writer` uses it for
gradients, `diagram` for weights too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from autograd.draw.dot.styles import ALARM, FAINT, PAPER
from autograd.draw.scene.numbers import Span

NEGATIVE = "#0072B2"
POSITIVE = "#D55E00"
PALEST = 0.35  # the share of its hue that the smallest number has: enough to see its sign
FADED = "#C3CBD3"


class Range(NamedTuple):
    """The strokes at the ends of a scale, and how it grows between them.

    Attributes:
        thinnest: the width for 0, in points.
        widest: the width for the largest magnitude.
        ground: the colour for 0.
        power: the exponent of the relative magnitude.
    """

    thinnest: float
    widest: float
    ground: str
    power: float


AMPLE = Range(0.8, 3.6, FAINT, 0.5)
DENSE = Range(0.4, 2.4, FADED, 1.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """From numbers to strokes.

    Attributes:
        largest: the magnitude that has the widest stroke; 0 if there is none.
        range: the strokes.

    >>> scale = Scale.of([Span(-4.0, 2.0), None, Span(0.0, math.inf)])
    >>> scale.largest
    4.0
    >>> scale.width(4.0), scale.width(0.0), scale.colour(-4.0), scale.colour(0.0)
    (3.6, 0.8, '#0072B2', '#5B6672')
    """

    largest: float
    range: Range = AMPLE

    @staticmethod
    def of(spans: Iterable[Span | None], range: Range = AMPLE) -> Scale:  # noqa: A002
        """The scale on which the largest finite magnitude among the spans is the widest."""
        finite = (abs(x) for span in spans if span for x in span if math.isfinite(x))
        return Scale(max(finite, default=0.0), range)

    def strength(self, x: float) -> float:
        """The place of a finite number on the scale, from 0 to 1."""
        return min(abs(x) / self.largest, 1.0) ** self.range.power if self.largest else 0.0

    def width(self, x: float) -> float:
        """The width of the stroke of a finite number, in points."""
        share = self.strength(x)
        return (1 - share) * self.range.thinnest + share * self.range.widest

    def colour(self, x: float) -> str:
        """The colour of a finite number."""
        if not self.strength(x):
            return self.range.ground
        share = PALEST + (1 - PALEST) * self.strength(x)
        return _mixed(self.range.ground, NEGATIVE if x < 0 else POSITIVE, share)

    def stroke(self, span: Span | None) -> dict[str, str]:
        """The attributes of an edge for some numbers; none for zero, or if they are unknown.

        Numbers of both signs are two lines side by side, each in its colour.

        >>> Scale(1.0).stroke(Span(-1.0, 1.0))
        {'penwidth': '3.6', 'color': '#0072B2:#D55E00'}
        """
        if span is None:
            return {}
        if not span.is_finite:
            return {"penwidth": "1.6", "color": f"{ALARM}:{PAPER}:{ALARM}"}  # a double line
        if not self.largest or span == (0.0, 0.0):
            return {}
        largest = max(span, key=abs)
        stroke = {"penwidth": f"{self.width(largest):.3g}"}
        if span.low < 0 < span.high:
            stroke["color"] = f"{self.colour(span.low)}:{self.colour(span.high)}"
            return stroke
        stroke["color"] = self.colour(largest)
        if largest < 0:
            stroke["style"] = "dashed"
        return stroke


def _mixed(one: str, other: str, share: float) -> str:
    """A mixture of two colours, as #RRGGBB; `share` is that of the second."""
    parts = (
        round(int(one[k : k + 2], 16) * (1 - share) + int(other[k : k + 2], 16) * share)
        for k in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in parts)
