"""What a picture shows, measured in its SVG: boxes, captions, lines, and how large text is."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from autograd.draw.dot.labels import TIMES
from autograd.draw.dot.pictures import inches
from autograd.draw.dot.styles import FAINT, SIZE

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
CHARACTER, ASCENT, DESCENT = 0.62, 0.75, 0.2  # of the size of a font, in Helvetica and the like
NARROW, THIN = 0.4, frozenset(" .,:;'|!()[]/\\-fijlrt")  # characters that are narrower
PIXELS, POINTS = 96, 72  # an inch
TAB = 7  # points of a rectangle with a tab, back to the first
SAMPLES = [k / 24 for k in range(25)]  # of a piece of a curve
WEIGHTS = [((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3) for t in SAMPLES]
EDGE = 1.5  # points: lines end at the border of their node, and may touch that of another

LARGEST = ("gpt", "moons")
"""Of the drawings of the gallery; they are drawn at full strength."""

Place = tuple[float, float]


@dataclass(frozen=True)
class Area:
    """A rectangle; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, place: Place) -> bool:
        x, y = place
        return self.left + EDGE < x < self.right - EDGE and self.top + EDGE < y < self.bottom - EDGE

    def meets(self, other: Area) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Measured:
    """An SVG of Graphviz."""

    def __init__(self, svg: bytes) -> None:
        root = ElementTree.fromstring(svg)
        self.width, self.height = (72 * side for side in inches(svg))
        paper = _around(_pairs(next(root.iter(f"{SVG}polygon")).attrib["points"]))
        self.scale = self.width / (paper.right - paper.left)
        self.nodes: dict[str, Area] = {}
        self.bodies: dict[str, Area] = {}  # of nodes: without the tab above a parameter
        self.described: dict[str, Area] = {}  # nodes and captions, by the first line of the tooltip
        self.captions: list[tuple[str, Area]] = []
        self.lines: list[tuple[str, str, list[Place]]] = []
        self.operands: list[tuple[str, Area]] = []
        self.numbers: list[float] = []  # how high they are in pixels, alone and in other texts
        self.words: list[float] = []  # how high all other texts are
        for text in root.iter(f"{SVG}text"):
            said = "".join(text.itertext())
            sizes = self.numbers if any(map(str.isdigit, said)) else self.words
            if said.strip():
                sizes.append(float(text.attrib["font-size"]) * self.scale * PIXELS / POINTS)
        for group in root.iter(f"{SVG}g"):
            kind = group.get("class")
            title = group.findtext(f"{SVG}title") or ""
            if kind == "node":
                self.nodes[title] = area = _around(list(_places(group)))
                self.bodies[title] = _body(group, area)
                self._describe(group, area)
                self.operands += self._operands(group) if title[:6] != "legend" else []
            elif kind == "cluster":
                self.captions += _texts(group)
                for _, area in _texts(group):
                    self._describe(group, area)
            elif kind == "edge":
                tail, head = (end.partition(":")[0] for end in title.split("->"))
                for path in group.iter(f"{SVG}path"):
                    self.lines.append((tail, head, list(_curve(path.attrib["d"]))))
                self.operands += _texts(group)

    def _operands(self, group: ElementTree.Element) -> list[tuple[str, Area]]:
        """The names of the operands of a node: in the colour of captions, but larger."""
        return [
            found
            for found, text in zip(_texts(group), group.iter(f"{SVG}text"), strict=True)
            if text.get("fill", "").lower() == FAINT.lower()
            and float(text.attrib["font-size"]) == SIZE
            and not found[0].startswith(TIMES)
        ]

    def _describe(self, group: ElementTree.Element, area: Area) -> None:
        for link in group.iter(f"{SVG}a"):
            self.described[link.get(TITLE, "").partition("\n")[0]] = area

    def crossings(self) -> list[str]:
        """The lines that cross a node which they do not join, or the caption of a box."""
        found = []
        for tail, head, line in self.lines:
            around = _around(line)
            for name, area in self.bodies.items():
                if name not in (tail, head) and area.meets(around) and any(map(area.holds, line)):
                    found.append(f"{tail} -> {head} crosses {name}")
            for text, area in self.captions:
                if area.meets(around) and any(map(area.holds, line)):
                    found.append(f"{tail} -> {head} crosses the caption {text!r}")
        return found

    def collisions(self) -> list[str]:
        """The names of operands that cover each other."""
        return [
            f"{a!r} covers {b!r}"
            for (a, one), (b, other) in combinations(self.operands, 2)
            if one.meets(other)
        ]


def _texts(group: ElementTree.Element) -> Iterator[tuple[str, Area]]:
    for text in group.iter(f"{SVG}text"):
        said = "".join(text.itertext())
        size, x, y = (float(text.attrib[key]) for key in ("font-size", "x", "y"))
        width = sum(NARROW if c in THIN else CHARACTER for c in said) * size
        left = x - {"start": 0, "middle": width / 2, "end": width}[text.get("text-anchor", "start")]
        yield said, Area(left, y - ASCENT * size, left + width, y + DESCENT * size)


def _places(group: ElementTree.Element) -> Iterator[Place]:
    """The corners of all that is drawn of a node."""
    for shape in group.iter():
        if shape.tag in (f"{SVG}polygon", f"{SVG}polyline"):
            yield from _pairs(shape.attrib["points"])
        elif shape.tag == f"{SVG}path":
            yield from _pairs(shape.attrib["d"])
        elif shape.tag == f"{SVG}ellipse":
            x, y, rx, ry = (float(shape.attrib[key]) for key in ("cx", "cy", "rx", "ry"))
            yield from ((x - rx, y - ry), (x + rx, y + ry))
    yield from (
        corner
        for _, area in _texts(group)
        for corner in ((area.left, area.top), (area.right, area.bottom))
        if not any(shape.tag == f"{SVG}polygon" for shape in group.iter())
    )


def _body(group: ElementTree.Element, area: Area) -> Area:
    """The rectangle of a node: what has a tab is drawn from the corner beside it, in 7 points."""
    points = [_pairs(shape.attrib["points"]) for shape in group.iter(f"{SVG}polygon")]
    return replace(area, top=points[0][0][1]) if points and len(points[0]) == TAB else area


def _around(places: list[Place]) -> Area:
    xs, ys = zip(*places, strict=True)
    return Area(min(xs), min(ys), max(xs), max(ys))


def _pairs(text: str) -> list[Place]:
    numbers = [float(x) for x in NUMBER.findall(text)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _curve(path: str) -> Iterator[Place]:
    """Points of a path of cubic Bezier curves."""
    start, *rest = _pairs(path)
    for i in range(0, len(rest), 3):
        a, b, end = rest[i : i + 3]
        for s, u, v, w in WEIGHTS:
            yield (
                s * start[0] + u * a[0] + v * b[0] + w * end[0],
                s * start[1] + u * a[1] + v * b[1] + w * end[1],
            )
        start = end
