r"""Any text as Graphviz text that shows it as written.

Labels, paths and titles come from the user and may hold anything. They are written as HTML-like
text and not as `record` labels: in a record, braces, bars, angle brackets and spaces are syntax; in
HTML-like text few characters are, and all of them can be escaped. `writer`, `legend` and `diagram`
write every text of a picture through this file.
"""

from __future__ import annotations

import html
from typing import TypeVar

from autograd.draw.scene.numbers import Span
from autograd.text import visible_lines

TIMES = "\N{MULTIPLICATION SIGN}"
WARNING = "⚠"  # marks a number that is not finite, without colour
LONGEST_LINE = 60  # characters of a label that are shown; the tooltip has all of it
MOST_LINES = 8

S = TypeVar("S", str, "list[str]")


def written(text: str) -> str:
    """Any text as HTML-like text that shows it as written, shortened if it is very long.

    >>> written("<b> & co")
    '&lt;b&gt; &amp; co'
    """
    lines = _shortened(visible_lines(text).split("\n"), MOST_LINES, ["⋮"])
    shown = "<BR/>".join(_line(_shortened(line, LONGEST_LINE, "…")) for line in lines)
    return shown or "&#160;"  # an empty tag is a syntax error


def tooltip(text: str) -> str:
    """Any text as the value of the attribute `tooltip`."""
    # Graphviz replaces escapes in a tooltip twice, one after the other.
    return (
        html.escape(visible_lines(text), quote=False).replace("\\", "\\" * 4).replace("\n", "\\n")
    )


def within(path: str, around: str) -> str:
    """A path as it is shown inside a frame whose title is the first part of it.

    >>> within("layers.0.neurons.2.weights.1", "layers.0.neurons.2")
    'weights.1'
    >>> within("layers.10", "layers.1")
    'layers.10'
    """
    return path.removeprefix(f"{around}.") or path


def spoken(span: Span | None, spec: str, joint: str = " to ") -> str:
    """A number, or the range of several; `spec` is a format specification, or `"r"` for all digits.

    >>> spoken(Span(0.5, 2.0), ".3g"), spoken(Span(1 / 3, 1 / 3), "r"), spoken(None, "r")
    ('0.5 to 2', '0.3333333333333333', 'none')
    """
    if span is None:
        return "none"
    low, high = (repr(x) if spec == "r" else format(x, spec) for x in span)
    return low if low == high else f"{low}{joint}{high}"


def is_finite(span: Span | None) -> bool:
    """Whether the span holds no NaN and no infinity; true for `None`."""
    return span is None or span.is_finite


def _line(line: str) -> str:
    # Backslashes are doubled because Graphviz expands \N, \G and so on in HTML-like text too. Its
    # version 2.43 loses a bracket before a tag unless it is an entity. Viewers drop spaces at the
    # ends unless they are non-breaking.
    body = line.strip(" ")
    leading = len(line) - len(line.lstrip(" ")) if body else len(line)
    trailing = len(line) - leading - len(body)
    return (
        "&#160;" * leading
        + html.escape(body.replace("\\", "\\\\"), quote=False).replace("]", "&#93;")
        + "&#160;" * trailing
    )


def _shortened(items: S, most: int, ellipsis: S) -> S:
    """A string or list with its middle left out if it has more items than `most`."""
    if len(items) <= most:
        return items
    head = most // 2
    return items[:head] + ellipsis + items[len(items) - (most - head - 1) :]
