"""What Graphviz does not say in its pictures: dark colours in SVG, the resolution in PNG.

In the dark an SVG is inverted and its hues are turned back, so that orange stays orange. As a file,
and where it is an image, it follows the system. Where it stands in a page, as in the output of a
notebook, the style belongs to the whole page: so it names only drawings, and it follows the theme
that the page says it has.
"""

from __future__ import annotations

import re
import struct
from zlib import crc32

INCHES_OF_A_METRE = 1 / 0.0254
DRAWING = "chainrule-drawing"  # the class of each drawing

CELL = 900 / 96  # inches: no wider than the cell of a notebook on a laptop

# How a page says its theme: Jupyter and nbconvert, VS Code, Colab, marimo.
LIGHT = ('[data-jp-theme-light="true"]', ".vscode-light", '[theme="light"]', "body.light")
DARK = ('[data-jp-theme-light="false"]', ".vscode-dark", '[theme="dark"]', "body.dark")
INVERTED = "filter: invert(0.93) hue-rotate(180deg)"
STYLE = f"""\
<style>
svg.{DRAWING}:root {{ color-scheme: light dark }}
@media (prefers-color-scheme: dark) {{ .{DRAWING} {{ {INVERTED} }} }}
:is({", ".join(LIGHT)}) .{DRAWING} {{ filter: none }}
:is({", ".join(DARK)}) .{DRAWING} {{ {INVERTED} }}
@media print {{ .{DRAWING}.{DRAWING}.{DRAWING} {{ filter: none }} }}
</style>
"""


def themed(svg: bytes) -> bytes:
    """An SVG of Graphviz, light or dark as what it is shown in.

    >>> themed(b'<?xml version="1.0"?><svg width="8pt">')[:51]
    b'<?xml version="1.0"?><svg class="chainrule-drawing"'
    """
    before, start, tag, end, after = _parts(svg.decode())
    return f'{before}{start} class="{DRAWING}"{tag}{end}\n{STYLE}{after}'.encode()


def inline(svg: bytes) -> str:
    """An SVG as an element of a page, no wider than what it stands in.

    A wide one has no width of its own: JupyterLab and nbconvert make an image of it, which no style
    of the picture reaches, and which takes the width of the cell if it knows none.

    >>> inline(b'<?xml version="1.0"?><svg width="80pt" height="8pt">')
    '<svg style="max-width: 100%; height: auto" width="80pt" height="8pt">'
    >>> inline(b'<?xml version="1.0"?><svg width="800pt" height="80pt">')
    '<svg style="max-width: 100%; height: auto" width="100%">'
    """
    _, start, tag, end, after = _parts(svg.decode())
    if inches(svg)[0] > CELL:
        tag = re.sub(r' width="[^"]*"(\s+)height="[^"]*"', r' width="100%"', tag)
    return f'{start} style="max-width: 100%; height: auto"{tag}{end}{after}'


def _parts(svg: str) -> tuple[str, str, str, str, str]:
    """What is before the tag of the picture, its start, attributes and end, and what follows."""
    before, start, rest = svg.partition("<svg")
    tag, end, after = rest.partition(">")
    return before, start, tag, end, after


def inches(svg: bytes) -> tuple[float, float]:
    """The width and the height of an SVG of Graphviz.

    >>> inches(b'<svg width="144pt" height="36pt">')
    (2.0, 0.5)
    """
    width, height = re.findall(rb'(?:width|height)="([0-9.]+)pt"', svg)[:2]
    return float(width) / 72, float(height) / 72


def unscaled(svg: bytes) -> tuple[float, float]:
    """The width and the height in inches that an SVG of Graphviz has where no size was given.

    >>> unscaled(b'<svg width="72pt"><polygon points="-4,4 -4,-68 140,-68 140,4 -4,4"/></svg>')
    (2.0, 1.0)
    """
    corners = re.findall(rb"([-0-9.]+),([-0-9.]+)", re.findall(rb'points="([^"]+)"', svg)[0])
    xs, ys = ([float(x) for x in side] for side in zip(*corners, strict=True))
    return (max(xs) - min(xs)) / 72, (max(ys) - min(ys)) / 72


# PNG: https://www.w3.org/TR/png-3, sections 11.2.1 (IHDR, the first chunk) and 11.3.4.3 (pHYs).
HEADER_END = 8 + 25  # the signature, and the first chunk


def size_of(png: bytes) -> tuple[int, int]:
    """The width and the height of a PNG, in pixels."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def with_resolution(png: bytes, dpi: float) -> bytes:
    """A PNG that says how many pixels it has an inch, so that a document gives it its size.

    One that says so already is left as it is.
    """
    if b"pHYs" in png[: png.find(b"IDAT")]:
        return png
    metre = round(dpi * INCHES_OF_A_METRE)
    body = b"pHYs" + struct.pack(">IIB", metre, metre, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", crc32(body))
    return png[:HEADER_END] + chunk + png[HEADER_END:]
