"""How a scene looks: shapes, colours, boxes, badges, ranges, gradients on edges, the legend."""

import math
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from contrast import LINES, TEXTS, contrast

from autograd.draw.arguments import Direction
from autograd.draw.dot import styles
from autograd.draw.dot.labels import TIMES, WARNING
from autograd.draw.dot.render import render
from autograd.draw.dot.scale import AMPLE, DENSE, NEGATIVE, POSITIVE
from autograd.draw.dot.writer import to_dot
from autograd.draw.scene.numbers import EdgeNumbers, NodeNumbers, Reading, Span
from autograd.draw.scene.parts import (
    Box,
    Edge,
    Node,
    NumberNode,
    Role,
    Scene,
    UnitNode,
    ValueNode,
)

pytestmark = pytest.mark.usefixtures("without_process")

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"
ONE = Span(1.0, 1.0)
Drawn = tuple[Node, Span | None, Span | None]


def source_of(
    nodes: Sequence[Drawn],
    edges: Sequence[tuple[Edge, Span | None]] = (),
    boxes: tuple[Box, ...] = (),
    **options: Any,
) -> str:
    """The DOT text of nodes with their data and gradients, and edges with their flows."""
    scene = Scene("nodes", tuple(n for n, *_ in nodes), tuple(e for e, _ in edges), boxes)
    reading = Reading(
        tuple(NodeNumbers(data, grad) for _, data, grad in nodes),
        tuple(EdgeNumbers(ONE, flow) for _, flow in edges),
    )
    settings: dict[str, Any] = {"direction": "LR", "precision": 3, "gradients": True} | options
    return to_dot(scene, reading, **settings)


def attributes_of(source: str, start: str) -> dict[str, str]:
    """The attributes, HTML-like labels left out, of the statement that starts so."""
    line = next(line for line in source.splitlines() if line.strip().startswith(f"{start} ["))
    bare = re.sub(r"label=<.*>(?= )", "", line)
    return {key: value.strip('"') for key, value in re.findall(r'(\w+)=("[^"]*"|[^\s\]]+)', bare)}


def texts(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def tooltips(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    groups = [g for g in root.iter(f"{SVG}g") if g.get("class") == "node"]
    return [next(a.get(TITLE) or "" for a in group.iter(f"{SVG}a")) for group in groups]


def value(name: str, role: Role = Role.INTERMEDIATE, count: int = 1, **more: Any) -> ValueNode:
    return ValueNode(
        name,
        role,
        more.get("label", ""),
        more.get("path", ""),
        tuple(range(count)),
        more.get("box"),
    )


# Roles


@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("line", "ground"), LINES)
def test_edges_can_be_seen(line: str, ground: str) -> None:
    assert contrast(line, ground) >= 3


def test_roles_differ_in_shape_and_in_colour() -> None:
    assert set(styles.STYLES) == set(Role)
    shapes = {(x.shape, x.style, x.borders) for x in styles.STYLES.values()}
    assert len(shapes) == len({x.fill for x in styles.STYLES.values()}) == len(Role)


@pytest.mark.parametrize("role", Role)
def test_the_look_of_a_role_is_that_of_its_node(role: Role) -> None:
    style = styles.STYLES[role]
    number = NumberNode("c", role, ((0, 0),))
    for node in (value("c", role), number):
        shown = attributes_of(source_of([(node, ONE, ONE)]), "c")
        assert (shown["shape"], shown["style"]) == (style.shape, style.style)
        assert (shown["fillcolor"], shown["peripheries"]) == (style.fill, str(style.borders))


# Names, numbers and boxes


@pytest.mark.usefixtures("engine")
def test_a_parameter_shows_its_label_or_else_its_path_as_far_as_its_box_does_not_say_it() -> None:
    boxes = (Box("b0", "layers.0"), Box("b1", "layers.0.neurons.2", "b0"))
    path = "layers.0.neurons.2.weights.1"
    nodes: list[Drawn] = [
        (value("n0", Role.PARAMETER, path=path, box="b1"), ONE, ONE),
        (value("n1", Role.PARAMETER, path=path, label="w", box="b1"), ONE, ONE),
        (value("n2", Role.PARAMETER, path=path, box="b0"), ONE, ONE),
        (value("n3", Role.PARAMETER, path=path), ONE, ONE),
        (UnitNode("u", "layers.0.neurons.3", ("2 weights",), (0,), 1, "b0"), ONE, ONE),
    ]
    svg = render(source_of(nodes, boxes=boxes), "svg")
    names = {text for text in texts(svg) if text not in ("data", "grad", "1")}
    frames = {"layers.0", "neurons.2"}
    assert names - frames == {
        *("weights.1", "w", "neurons.2.weights.1", path),
        *("neurons.3", "2 weights"),
    }
    assert frames < names
    numbers = "data = 1.0\ngrad = 1.0"
    assert tooltips(svg).count(f"{path}\n{numbers}") == 3  # n0, n2 and n3
    assert tooltips(svg).count(f"w\n{path}\n{numbers}") == 1
    assert tooltips(svg).count(f"layers.0.neurons.3\n2 weights\n{numbers}") == 1


def test_boxes_are_clusters_one_in_the_other() -> None:
    boxes = (Box("b0", "layers.0"), Box("b1", "layers.0.neurons.0", "b0"), Box("b2", "layers.1"))
    nodes = [(value(f"n{i}", box=f"b{i}"), ONE, ONE) for i in range(3)]
    source = source_of([*nodes, (value("n3"), ONE, ONE)], boxes=boxes)
    depths, depth = {}, 0
    for line in source.splitlines():
        if found := re.match(r"\s*(n\d) \[", line):
            depths[found[1]] = depth
        depth += line.strip().startswith("subgraph") - (line.strip() == "}")
    assert depths == {"n0": 1, "n1": 2, "n2": 1, "n3": 0}


@pytest.mark.usefixtures("engine")
def test_what_stands_for_many_says_how_many_and_shows_ranges() -> None:
    many = tuple((i, 0) for i in range(100))
    span = Span(-1.25, 0.7)
    nodes: list[Drawn] = [
        (NumberNode("c", Role.CONSTANT, many), span, None),
        (replace(value("n", count=100), operation="+"), span, ONE),
        (UnitNode("u", "layers.0", (), tuple(range(300)), 100), span, span),
    ]
    svg = render(source_of(nodes), "svg")
    shown = [text.replace("\u00a0", " ") for text in texts(svg)]
    assert sum(text.strip() == f"{TIMES} 100" for text in shown) == 3
    assert shown.count("-1.25") == shown.count("to 0.7") == 4
    assert sorted(tooltips(svg)) == sorted(
        [
            f"-1.25 to 0.7\n{TIMES} 100",
            f"+\n{TIMES} 100\ndata = -1.25 to 0.7\ngrad = 1.0",
            f"layers.0\n{TIMES} 100\ndata = -1.25 to 0.7\ngrad = -1.25 to 0.7",
        ]
    )


# Gradients


def flows(*spans: Span | None) -> list[dict[str, str]]:
    """How edges look that have these flows."""
    nodes = [(value(f"n{i}"), ONE, ONE) for i in range(len(spans) + 1)]
    edges = [(Edge(f"n{i}", f"n{i + 1}", "", ((0, 0),)), x) for i, x in enumerate(spans)]
    source = source_of(nodes, edges)
    return [attributes_of(source, f"n{i} -> n{i + 1}") for i in range(len(spans))]


def test_a_gradient_is_the_width_and_the_colour_of_its_edge() -> None:
    low, small, high, zero, unknown = flows(
        Span(-4.0, -4.0), Span(1.0, 1.0), Span(2.0, 4.0), Span(0.0, -0.0), None
    )
    assert low["color"] == NEGATIVE
    assert high["color"] == POSITIVE
    assert (low["style"], "style" in high) == ("dashed", False)
    assert float(low["penwidth"]) == float(high["penwidth"]) == AMPLE.widest
    assert AMPLE.thinnest < float(small["penwidth"]) < AMPLE.widest
    assert "color" not in zero | unknown
    assert "penwidth" not in zero | unknown


def test_many_lines_between_few_nodes_are_thin() -> None:
    few, many = (
        source_of(
            [(value(f"n{i}"), ONE, ONE) for i in range(10)],
            [(Edge(f"n{i}", f"n{j}", "", ()), ONE) for i in range(most) for j in range(i + 1, 10)],
        )
        for most in (1, 10)
    )
    widths = [float(attributes_of(source, "n0 -> n1")["penwidth"]) for source in (few, many)]
    assert widths == [AMPLE.widest, DENSE.widest]
    ranks = [float(re.findall(r"ranksep=([\d.]+)", source)[0]) for source in (few, many)]
    assert ranks[0] < ranks[1]


def test_no_gradient_flows_to_a_plain_number() -> None:
    nodes: list[Drawn] = [
        (NumberNode("c", Role.CONSTANT, ((0, 0),)), ONE, None),
        (value("a"), ONE, ONE),
        (replace(value("op"), operation="*"), ONE, ONE),
    ]
    edges = [(Edge("c", "op", "", ((0, 0),)), Span(100.0, 100.0)), (Edge("a", "op", "", ()), ONE)]
    source = source_of(nodes, edges)
    assert "\tc -> op\n" in source
    assert float(attributes_of(source, "a -> op")["penwidth"]) == AMPLE.widest


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
@pytest.mark.usefixtures("engine")
def test_what_is_not_finite_stands_out(x: float) -> None:
    bad = Span(x, x)
    ordinary, edge = flows(ONE, bad)
    assert edge["color"].startswith(styles.ALARM)
    assert edge["color"].count(":") == 2  # a double line
    assert styles.ALARM not in ordinary["color"]
    nodes: list[Node] = [
        value("n"),
        NumberNode("c", Role.INPUT, ((0, 0),)),
        UnitNode("u", "u", (), (0,)),
    ]
    for node in nodes:
        for data, grad in [(bad, ONE), (ONE, bad), (Span(0.0, x), ONE)]:
            if isinstance(node, NumberNode) and data is ONE:
                continue
            source = source_of([(node, data, grad)])
            assert styles.ALARM in source
            assert any(WARNING in text for text in texts(render(source, "svg")))
        assert styles.ALARM not in source_of([(node, ONE, ONE)])
        edge_to = Edge("m", node.name, "", ((0, 0),))
        drawn = [(value("m"), ONE, ONE), (node, ONE, bad)]
        quiet = source_of(drawn, [(edge_to, bad)], gradients=False)
        assert styles.ALARM not in quiet
        assert re.fullmatch(rf"m -> {node.name}( \[headport=w\])?", quiet.splitlines()[-2].strip())


# The legend


EVERYTHING: list[Drawn] = [
    (value("i", Role.INPUT), ONE, ONE),
    (value("p", Role.PARAMETER), ONE, ONE),
    (NumberNode("c", Role.CONSTANT, ((0, 0),)), ONE, None),
    (replace(value("op"), operation="+"), ONE, ONE),
    (value("m", Role.INTERMEDIATE, 2), Span(1.0, math.inf), ONE),
    (UnitNode("u", "neuron", (), (0,)), ONE, ONE),
    (value("o", Role.OUTPUT), ONE, ONE),
]
SAID = ["input", "parameter", "constant", "operation", f"{TIMES} n", "folded", "output"]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_the_legend_has_a_sample_of_all_there_is(direction: Direction) -> None:
    edges = [(Edge("i", "op", "", ((0, 0),)), Span(-0.125, -0.125))]
    source = source_of(EVERYTHING, edges, direction=direction, legend=True)
    shown = texts(render(source, "svg"))
    for words in [*SAID, "intermediate", "not finite", "gradient", "-0.125", "0.125", "0"]:
        assert any(words in text for text in shown), words


def test_the_legend_has_no_sample_of_what_there_is_not() -> None:
    assert "Legend" not in source_of(EVERYTHING)
    for (node, data, grad), words in zip(EVERYTHING, SAID, strict=True):
        only = source_of([(node, data, grad)], legend=True)
        assert words in only
        for other in {*SAID} - {words}:
            assert not re.search(rf"label=<?(<B>)?{other}", only), (words, other)
        assert "gradient" not in only


@pytest.mark.skipif(shutil.which("dot") is None, reason="there is no dot on the PATH")
@pytest.mark.parametrize("x", [0.001, 1.0])
def test_graphviz_has_nothing_to_complain_of(x: float) -> None:
    edges = [(Edge("i", "op", "", ((0, 0),)), Span(-x, x))]
    source = source_of(EVERYTHING, edges, (Box("b", "title"),), legend=True)
    done = subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=True)
    assert done.stderr == b""
