"""DOT text that nothing in it can break out of."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strength import examples

from autograd.draw.dot.digraph import Digraph, quoted
from autograd.draw.dot.render import render

pytestmark = pytest.mark.usefixtures("without_process")

SVG = "{http://www.w3.org/2000/svg}"
TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z_0-9]*|-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)', re.S
)
WORDS = ("node", "Edge", "GRAPH", "digraph", "subgraph", "strict")
TEXT = st.text() | st.text(st.sampled_from('"\\<>[];a\n')) | st.sampled_from(WORDS)


@given(TEXT)
@example('\\"')
@example('\\\\"')
@example("a\\")
@example('"];evil[label="')
@example("1a")
@example("1.2.3")
@example("-")
@example("é")
@example("")
def test_whatever_is_quoted_is_one_token(text: str) -> None:
    """A token that an identifier, a numeral or a string makes by the grammar of DOT."""
    token = quoted(text)
    assert TOKEN.fullmatch(token)
    assert token.lower() not in {word.lower() for word in WORDS}
    if token.startswith('"'):  # in which DOT itself reads one escape only
        inside = token[1:-1].replace('\\"', '"')
        assert inside.replace("\\", "") == text.replace("\\", "")
        assert inside.count("\\") - text.count("\\") in range(text.count('"') + 2)
    else:
        assert token == text


def test_a_graph() -> None:
    graph = Digraph("a graph", {"rankdir": "LR", "label": "<<B>bold</B>>"})
    graph.attr("node", shape="box", label="<not markup")
    cluster = Digraph("cluster_1", {"label": "one"})
    cluster.node("x", tooltip="<text>", label="<x>")
    row = Digraph("", {"rank": "same"})
    row.edge("x", "-1.5", style="invis")
    cluster.subgraph(row)
    graph.subgraph(cluster)
    graph.edge("x", "x y")
    assert graph.source.replace("\t", "  ") == (
        'digraph "a graph" {\n'
        "  graph [label=<<B>bold</B>> rankdir=LR]\n"
        '  node [label="<not markup" shape=box]\n'
        "  subgraph cluster_1 {\n"
        "    graph [label=one]\n"
        '    x [label=<x> tooltip="<text>"]\n'
        "    subgraph {\n"
        "      graph [rank=same]\n"
        "      x -> -1.5 [style=invis]\n"
        "    }\n"
        "  }\n"
        '  x -> "x y"\n'
        "}\n"
    )


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(30))
@given(
    st.lists(
        st.text(
            st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=("Cc",)),
            min_size=1,
        ),
        min_size=1,
        max_size=5,
        unique=True,
    )
)
@example(['a"', "a\\", '\\"', "<a>", "&amp;", "node"])
@pytest.mark.usefixtures("engine")
def test_graphviz_reads_as_many_nodes_as_there_are(names: list[str]) -> None:
    names = [name.replace(":", "").replace("\\", "/") or "x" for name in names]
    graph = Digraph("names")
    for name in names:
        graph.node(name, label="", tooltip=name)
    root = ElementTree.fromstring(render(graph.source, "svg"))
    nodes = [g for g in root.iter(f"{SVG}g") if g.get("class") == "node"]
    assert len(nodes) == len(set(names))
