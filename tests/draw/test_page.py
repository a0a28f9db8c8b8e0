"""The page as a file: what it says, what it holds, and that nothing in it can do harm."""

import base64
import json
import math
import re
import struct
from collections.abc import Sequence
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, sqrt, tanh
from autograd.draw.page.frames import Frame
from autograd.draw.page.html import page
from autograd.draw.page.page_data import MOST_VISIBLE, Boundary, folded_at_first, page_data
from autograd.draw.page.totals import running_totals
from autograd.draw.scene.details import every_number
from autograd.draw.scene.numbers import Numbers, measure, numbers_now, numbers_of_backward
from autograd.draw.scene.parts import (
    RESULT,
    Box,
    Edge,
    NumberNode,
    OperationNode,
    Role,
    Scene,
    UnitNode,
    ValueNode,
)
from autograd.graph import topological_order
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions
from autograd.text import visible, visible_lines

COLUMNS = {"data": "nodes", "grad": "nodes", "local": "edges", "flow": "edges", "total": "edges"}


def scene_and_numbers(*outputs: Value) -> tuple[Scene, Numbers]:
    order = topological_order(*outputs)
    return every_number(order, outputs, {}), numbers_of_backward(order, *outputs)


def written(*outputs: Value, title: str = "A graph") -> str:
    scene, numbers = scene_and_numbers(*outputs)
    frames = [Frame.of(scene, numbers)]
    return page(page_data(scene, frames, title=title, direction="LR", precision=4))


def told(scene: Scene, *frames: Frame, boundary: Boundary | None = None) -> dict[str, Any]:
    """What the page is told, as the page would read it."""
    data = page_data(scene, frames, title="", direction="LR", precision=4, boundary=boundary)
    read: dict[str, Any] = json.loads(json.dumps(data))
    return read


def columns(data: dict[str, Any]) -> list[dict[str, tuple[list[float], list[float]]]]:
    """For each frame its columns, each as lows and highs."""
    raw = base64.b64decode(data["frames"]["numbers"])
    numbers = iter(struct.unpack(f"<{len(raw) // 8}d", raw))
    frames = []
    for _ in range(data["frames"]["count"]):
        frame = {}
        for name, of in COLUMNS.items():
            low = [next(numbers) for _ in data[of]]
            has_spans = data["frames"]["spans"]
            frame[name] = (low, [next(numbers) for _ in data[of]] if has_spans else low)
        frames.append(frame)
    assert next(numbers, None) is None
    return frames


class Elements(HTMLParser):
    """The elements of a page, as a browser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.is_inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.texts.append("")
        self.is_inside = True

    def handle_endtag(self, tag: str) -> None:
        self.is_inside = False

    def handle_data(self, data: str) -> None:
        if self.is_inside:
            self.texts[-1] += data

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        pairs = zip(self.found, self.texts, strict=True)
        return [(attributes, text) for (name, attributes), text in pairs if name == tag]


def bits(x: float) -> bytes:
    return struct.pack("<d", x)


# Running totals


@given(expressions(), st.lists(st.floats(-2, 2, allow_nan=False), min_size=2, max_size=2))
def test_the_last_total_of_each_tail_is_the_gradient_of_the_engine(
    program: Expression, inputs: Sequence[float]
) -> None:
    result = program([Value(x) for x in inputs])
    scene, numbers = scene_and_numbers(result)
    result.backward()
    assert numbers.failure is None
    order = topological_order(result)
    values = {
        node.name: order[node.members[0]] for node in scene.nodes if isinstance(node, ValueNode)
    }
    last: dict[str, float] = {}
    operations = [node.name for node in scene.nodes if isinstance(node, OperationNode)]
    [totals] = running_totals(scene, numbers)
    for name in reversed(operations):
        for edge, total in zip(scene.edges, totals, strict=True):
            if edge.head == name and edge.tail in values:
                assert total is not None
                assert total.low == total.high or math.isnan(total.low)
                last[edge.tail] = total.low
    assert last.keys() == values.keys() - {f"n{len(order) - 1}"}
    assert {name: bits(x) for name, x in last.items()} == {
        name: bits(values[name].grad) for name in last
    }


@given(st.integers(0, 3), st.floats(0.1, 10))
def test_what_the_values_hold_is_told_where_it_is_not_the_pass(calls: int, x: float) -> None:
    leaf = Value(x)
    out = leaf * leaf + leaf
    for _ in range(calls):
        out.backward()
    scene, numbers = scene_and_numbers(out)
    now = measure(scene, numbers_now(topological_order(out), numbers))
    frame = Frame.of(scene, numbers)
    data = page_data(scene, [frame], title="", direction="LR", precision=4, now=now)
    if calls < 2:
        assert data["stored"] is None
    else:
        raw = base64.b64decode(data["stored"])
        low = struct.unpack(f"<{len(raw) // 8}d", raw)[: len(scene.nodes)]
        told = {node.name: x for node, x in zip(scene.nodes, low, strict=True) if x == x}
        assert told == {"n0": leaf.grad}


def test_an_operand_used_twice_grows_twice() -> None:
    x = Value(3.0)
    scene, numbers = scene_and_numbers(x * x)
    assert running_totals(scene, numbers) == [[(3.0, 3.0), (6.0, 6.0), None]]


def test_an_output_that_is_used_further_starts_at_one() -> None:
    x = Value(2.0)
    y = x * 5
    z = y * 3
    scene, numbers = scene_and_numbers(y, z)
    by_edge = {
        (edge.tail, edge.head): total
        for edge, total in zip(scene.edges, *running_totals(scene, numbers), strict=True)
    }
    assert by_edge["n1", "op2"] == (4.0, 4.0)
    assert by_edge["n0", "op1"] == (20.0, 20.0)


def test_nothing_grows_after_a_failure() -> None:
    x = Value(0.0)
    scene, numbers = scene_and_numbers(sqrt(x) + x * 2)
    totals = dict(
        zip([(e.tail, e.head) for e in scene.edges], *running_totals(scene, numbers), strict=True)
    )
    assert totals["n0", "op1"] is None
    assert totals["n2", "op3"] == (1.0, 1.0)
    assert told(scene, Frame.of(scene, numbers))["frames"]["failures"][0][1] == numbers.failure[1]  # type: ignore[index]


def merged_batch() -> tuple[Scene, Numbers, list[Value]]:
    """Two samples of `w * x`, drawn once: the operation and its result stand for two."""
    w = Value(2.0, "w")
    first, second = w * 3.0, w * 5.0
    out = first * 10 + second
    order = topological_order(out)
    index = {value: i for i, value in enumerate(order)}
    at = (index[first], index[second])
    scaled, last = index[out.operands[0]], index[out]
    nodes = (
        ValueNode("w", Role.PARAMETER, "w", "w", (index[w],)),
        NumberNode("x", Role.CONSTANT, tuple((i, 1) for i in at)),
        OperationNode("times", "*", at),
        ValueNode("products", Role.INTERMEDIATE, "", "", at),
        UnitNode("rest", "the rest", ("* and +",), (last,)),
        ValueNode("out", Role.OUTPUT, "", "", (last,)),
    )
    edges = (
        Edge("w", "times", "", tuple((i, 0) for i in at)),
        Edge("x", "times", "", tuple((i, 1) for i in at)),
        Edge("times", "products", "", tuple((i, RESULT) for i in at)),
        Edge("products", "rest", "", ((scaled, 0), (last, 1))),
        Edge("rest", "out", "", ((last, RESULT),)),
    )
    return Scene("layers", nodes, edges), numbers_of_backward(order, out), order


def test_merged_nodes_show_spans() -> None:
    scene, numbers, _ = merged_batch()
    data = told(scene, Frame.of(scene, numbers))
    (frame,) = columns(data)
    assert data["frames"]["spans"] is True
    assert [node["count"] for node in data["nodes"]] == [1, 2, 2, 2, 1, 1]
    assert [edge["result"] for edge in data["edges"]] == [False, False, True, False, True]
    spans = {
        (name, i): (low, high)
        for name, (lows, highs) in frame.items()
        for i, (low, high) in enumerate(zip(lows, highs, strict=True))
        if not math.isnan(low)
    }
    assert spans["data", 3] == (6.0, 10.0)
    assert spans["grad", 3] == (1.0, 10.0)
    assert spans["local", 0] == (3.0, 5.0)
    assert spans["flow", 0] == (5.0, 30.0)
    assert spans["total", 0] == (35.0, 35.0)
    assert spans["total", 3] == (1.0, 10.0)
    for operation in (("data", 2), ("grad", 2), ("total", 1), ("local", 2), ("total", 2)):
        assert operation not in spans


# What the page is told


@given(expressions(), st.lists(st.floats(-2, 2), min_size=2, max_size=2))
def test_the_numbers_are_those_of_the_engine_to_the_last_bit(
    program: Expression, inputs: Sequence[float]
) -> None:
    scene, numbers = scene_and_numbers(program([Value(x) for x in inputs]))
    data = told(scene, Frame.of(scene, numbers))
    (frame,) = columns(data)
    assert data["frames"]["spans"] is False
    for node, shown, grad in zip(scene.nodes, frame["data"][0], frame["grad"][0], strict=True):
        if isinstance(node, ValueNode):
            (i,) = node.members
            assert bits(shown) == bits(numbers.data[i])
            known = numbers.grad[i]
            assert math.isnan(grad) if known is None else bits(grad) == bits(known)
    for edge, local, flow in zip(scene.edges, frame["local"][0], frame["flow"][0], strict=True):
        ((i, k),) = edge.members
        if k != RESULT:
            for shown, of in ((local, numbers.locals), (flow, numbers.flows)):
                known = of[i][k]
                assert math.isnan(shown) if known is None else bits(shown) == bits(known)


def test_structure_of_a_small_page() -> None:
    x = Value(3.0, "x")
    scene, numbers = scene_and_numbers(tanh(x * 2))
    data = told(scene, Frame.of(scene, numbers, 7, 0.5))
    assert [(n["name"], n["kind"], n["role"], n["label"], n["symbol"]) for n in data["nodes"]] == [
        ("n0", "value", "input", "x", ""),
        ("c1_1", "number", "constant", "", ""),
        ("op1", "operation", None, "", "*"),
        ("n1", "value", "intermediate", "", ""),
        ("op2", "operation", None, "", "tanh"),
        ("n2", "value", "output", "", ""),
    ]
    assert [(e["tail"], e["head"], e["result"]) for e in data["edges"]] == [
        (0, 2, False),
        (1, 2, False),
        (2, 3, True),
        (3, 4, False),
        (4, 5, True),
    ]
    assert data["frames"]["epochs"] == [7]
    assert data["frames"]["losses"] == [0.5]
    assert data["frames"]["failures"] == [None]
    assert data["boundary"] is None


def test_losses_that_are_no_numbers_are_gaps() -> None:
    scene, numbers = scene_and_numbers(Value(1.0) + 1)
    losses = [0.5, math.nan, math.inf, None]
    frames = [Frame.of(scene, numbers, i, loss) for i, loss in enumerate(losses)]
    assert told(scene, *frames)["frames"]["losses"] == [0.5, None, None, None]
    assert told(scene, Frame.of(scene, numbers))["frames"]["losses"] is None


def test_a_failure_inside_a_unit_is_told_of_the_unit() -> None:
    x = Value(0.0)
    root = sqrt(x)
    out = root * 2 + 1
    order = topological_order(out)
    nodes = (
        ValueNode("x", Role.INPUT, "", "", (0,)),
        UnitNode("unit", "all of it", (), (len(order) - 1,)),
        ValueNode("out", Role.OUTPUT, "", "", (len(order) - 1,)),
    )
    edges = (Edge("x", "unit", "", ((1, 0),)), Edge("unit", "out", "", ((len(order) - 1, RESULT),)))
    numbers = numbers_of_backward(order, out)
    assert numbers.failure is not None
    scene = Scene("layers", nodes, edges)
    failure = told(scene, Frame.of(scene, numbers))["frames"]["failures"][0]
    assert failure == [1, numbers.failure[1]]


def boxed(neurons: int, inside: int) -> Scene:
    """Layers of one box around some neurons, each with Values in it."""
    boxes = [Box("layer", "layer")]
    nodes = []
    for n in range(neurons):
        boxes.append(Box(f"neuron{n}", f"neuron{n}", "layer"))
        nodes += [
            ValueNode(f"v{n}_{i}", Role.INPUT, "", "", (0,), f"neuron{n}") for i in range(inside)
        ]
    return Scene("nodes", tuple(nodes), (), tuple(boxes))


@pytest.mark.parametrize(
    ("neurons", "inside", "folded"),
    [
        (2, MOST_VISIBLE // 2, 0),
        (2, MOST_VISIBLE // 2 + 1, 2),
        (MOST_VISIBLE, 2, MOST_VISIBLE),
        (MOST_VISIBLE + 1, 2, MOST_VISIBLE + 2),
    ],
)
def test_boxes_are_folded_until_the_rest_can_be_seen(
    neurons: int, inside: int, folded: int
) -> None:
    assert len(folded_at_first(boxed(neurons, inside))) == folded


def test_boundary() -> None:
    scene, numbers = scene_and_numbers(Value(1.0) + 1)
    boundary = Boundary(
        grids=[[[0.0, 1.0], [math.nan, 100.0]]],
        x=(-1.0, 1.0),
        y=(-2.0, 2.0),
        points=[(0.5, 0.5, 0.0), (-0.5, 1.5, 1.0)],
    )
    data = told(scene, Frame.of(scene, numbers), boundary=boundary)["boundary"]
    assert (data["size"], data["x"], data["y"]) == (2, [-1.0, 1.0], [-2.0, 2.0])
    assert (data["low"], data["high"]) == (0.0, 2.0)  # 100 is cut off: as far out as the targets
    assert list(base64.b64decode(data["pixels"])) == [0, 128, 128, 255]
    assert data["points"] == [[0.5, 0.5, 0.0], [-0.5, 1.5, 1.0]]


@pytest.mark.parametrize(
    ("grids", "message"),
    [
        ([], "expected a grid of the boundary for each of 1 frames, got 0"),
        ([[[0.0, 1.0]]], "every grid of the boundary must be as wide as it is high"),
    ],
)
def test_grids_must_fit(grids: list[list[list[float]]], message: str) -> None:
    scene, numbers = scene_and_numbers(Value(1.0) + 1)
    with pytest.raises(ValueError, match=message):
        told(scene, Frame.of(scene, numbers), boundary=Boundary(grids, (0.0, 1.0), (0.0, 1.0)))


def test_there_must_be_a_frame() -> None:
    scene, _ = scene_and_numbers(Value(1.0) + 1)
    with pytest.raises(ValueError, match="at least one frame"):
        page_data(scene, [], title="", direction="LR", precision=4)


# The file


HOSTILE = [
    '</script><script>alert("x")</script>',
    "<!-- <script>",
    "]]> & < > \" ' \\ ` ${x} {{data}} {{boot}}",
    "\u2028\u2029\x00\ud800\U0001f600 漢字\n\t",
    "x" * 10_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_of_users_is_data(text: str) -> None:
    x = Value(1.0, text)
    plain = Elements(written(Value(1.0, "x") * 2, title="x"))
    whole = written(x * 2, title=text)
    elements = Elements(whole)
    assert [tag for tag, _ in elements.found] == [tag for tag, _ in plain.found]
    [(_, data)] = [(a, t) for a, t in elements.of("script") if a.get("id") == "page-data"]
    assert not re.search("[<>&\u2028\u2029]", data)
    read = json.loads(data)
    assert read["nodes"][0]["label"] == visible_lines(text)
    assert read["title"] == visible(text)
    whole.encode()


def test_the_policy_names_every_script_and_no_other_source() -> None:
    elements = Elements(written(Value(1.0) * 2))
    [policy] = [
        a["content"]
        for a, _ in elements.of("meta")
        if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    scripts = [text for a, text in elements.of("script") if a.get("type") != "application/json"]
    digests = [base64.b64encode(sha256(text.encode()).digest()).decode() for text in scripts]
    assert rules["script-src"].split() == [*(f"'sha256-{digest}'" for digest in digests), "data:"]
    assert not re.search(r"https?:|\*|unsafe-eval|'self'", policy)


def test_nothing_is_loaded_from_anywhere() -> None:
    elements = Elements(written(Value(1.0) * 2))
    for tag, attributes in elements.found:
        assert tag not in ("link", "img", "iframe", "object", "embed")
        assert not {"src", "href", "srcset", "onclick", "onload"} & attributes.keys()
    styles = "".join(text for _, text in elements.of("style"))
    assert styles
    assert not re.search(r"@import|url\(", styles)


def modules() -> dict[str, str]:
    elements = Elements(written(Value(1.0) * 2))
    [imports] = [text for a, text in elements.of("script") if a.get("type") == "importmap"]
    prefix = "data:text/javascript;base64,"
    found = json.loads(imports)["imports"]
    assert all(url.startswith(prefix) for url in found.values())
    return {name: base64.b64decode(url[len(prefix) :]).decode() for name, url in found.items()}


def test_every_module_that_is_imported_is_there_and_is_imported() -> None:
    sources = modules()
    imported = {"chainrule/main.js"}
    for name, source in sources.items():
        if name.startswith("chainrule/"):
            imported |= set(re.findall(r'^(?:import|export)[^;]*?from "([^"]+)";', source, re.M))
    assert imported == sources.keys()


def test_the_license_of_the_layout_library_goes_along() -> None:
    assert "Permission is hereby granted, free of charge" in modules()["dagre"]


def test_every_marker_is_filled() -> None:
    text = re.sub(r"<script.*?</script>", "", written(Value(1.0) * 2), flags=re.S)
    assert "{{" not in text
