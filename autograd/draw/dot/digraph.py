r"""A graph in the DOT language: nodes, edges and clusters, written line by line.

A name or an attribute may hold any text, and is quoted here. A label of the form `<...>` is
HTML-like text from `labels`; anything else is text between quotation marks, in which Graphviz
expands `\N`, `\n` and the like, but which no text can close.

Source: "The DOT Language", https://graphviz.org/doc/info/lang.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

BARE = re.compile(
    r"(?!(?:node|edge|graph|digraph|subgraph|strict)\Z)[a-z_][a-z0-9_]*"
    r"|-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)",
    re.IGNORECASE | re.ASCII,
)
MARKUP = ("label", "headlabel")  # attributes that may be HTML-like


class Digraph:
    r"""A directed graph, or a cluster of one, written line by line.

    Args:
        name: of the graph; Graphviz draws a cluster whose name begins with `cluster` as a box.
        attributes: of the graph itself.

    >>> graph = Digraph("example")
    >>> graph.node("a", label="one \"or\" two", shape="box")
    >>> graph.edge("a", "b")
    >>> print(graph.source.expandtabs(4), end="")
    digraph example {
        a [label="one \"or\" two" shape=box]
        a -> b
    }
    """

    def __init__(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        self._name = name
        self._lines: list[str] = []
        if attributes:
            self.attr("graph", **attributes)

    def attr(self, kind: str, **attributes: str) -> None:
        """Set attributes of the graph, or the defaults of what follows: `"node"` or `"edge"`."""
        self._add(kind, attributes)

    def node(self, name: str, **attributes: str) -> None:
        """Add a node."""
        self._add(quoted(name), attributes)

    def edge(self, tail: str, head: str, **attributes: str) -> None:
        """Add an edge."""
        self._add(f"{quoted(tail)} -> {quoted(head)}", attributes)

    def subgraph(self, graph: Digraph) -> None:
        """Add a cluster, in its current state."""
        self._lines += [f"\t{line}" for line in graph._text("subgraph")]

    @property
    def source(self) -> str:
        """The graph as DOT text."""
        return "\n".join([*self._text("digraph"), ""])

    def _text(self, kind: str) -> Iterable[str]:
        name = f" {quoted(self._name)}" if self._name else ""
        return [f"{kind}{name} {{", *self._lines, "}"]

    def _add(self, what: str, attributes: Mapping[str, str]) -> None:
        pairs = [_pair(key, attributes[key]) for key in sorted(attributes, key=_rank)]
        self._lines.append(f"\t{what} [{' '.join(pairs)}]" if pairs else f"\t{what}")


def quoted(text: str) -> str:
    r"""A name or a value, quoted for DOT.

    >>> print(quoted("a"), quoted("node"), quoted('say "a"'), quoted("ends in \\"), quoted("<b>"))
    a "node" "say \"a\"" "ends in \\" "<b>"
    """
    if BARE.fullmatch(text):
        return text
    # A backslash before a quotation mark, or at the end, would escape the mark.
    body = re.sub(r'(\\*)"', lambda found: f'{_even(found[1])}\\"', text)
    return f'"{_even(body)}"'


def _even(text: str) -> str:
    """The text with an even number of backslashes at its end."""
    count = len(text) - len(text.rstrip("\\"))
    return text + "\\" * (count % 2)


def _rank(key: str) -> tuple[bool, str]:
    return key != "label", key


def _pair(key: str, value: str) -> str:
    is_markup = key in MARKUP and value.startswith("<") and value.endswith(">")
    return f"{key}={value if is_markup else quoted(value)}"
