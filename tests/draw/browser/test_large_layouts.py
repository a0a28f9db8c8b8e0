"""Graphs of thousands of nodes: everything gets a place, none on another, chains straight."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opened import PATIENCE, Opened

from autograd import Value, pause_gc, sin
from autograd.draw import draw
from autograd.draw.arguments import Direction
from nn import MLP

Open = Callable[[Path], Opened]

# The layout of another page's graph, without drawing it: rectangles, links with their routes.
LAID_OUT = """
    const [text, done] = arguments;
    document.querySelector("#page-data").textContent = text;
    const load = (name) => import(`chainrule/${name}.js`);
    Promise.all(["data", "folds", "cards", "text", "layout"].map(load)).then((modules) => {
        const [{ readPage }, { visibleGraph }, { CardMaker }, { Ruler }, { layOut }] = modules;
        const page = readPage(document);
        const graph = visibleGraph(page, new Set());
        const ruler = new Ruler(document.querySelector("#graph"));
        const cards = new CardMaker(page, ruler).cards(graph.items);
        const { rectangles, routes } = layOut(graph, cards, page.boxes, page.direction);
        const links = graph.links.map(({ tail, head }, n) => [tail, head, routes[n]]);
        done({ rectangles, links });
    }).catch((error) => done(String(error)));
"""
# That of a graph of two nodes in a cycle, a third that follows, and a fourth read by all.
CYCLE = """
    const [direction, done] = arguments;
    Promise.all([import("dagre"), import("chainrule/layering.js")]).then(([dagre, { layer }]) => {
        const graph = new dagre.Graph();
        graph.setGraph({});
        for (const name of "abcd") graph.setNode(name, { width: 40, height: 20 });
        for (const [v, w] of ["ab", "ba", "bc", "da", "db", "dc"])
            graph.setEdge(v, w, { weight: 1, minlen: 1 });
        layer(graph, direction);
        done([graph.nodes().map((name) => graph.node(name)),
              graph.edges().map((edge) => [edge.v, graph.edge(edge).points[0]])]);
    }).catch((error) => done(String(error)));
"""


def sum_of_sines(terms: int) -> Value:
    total = Value(0.0)
    for i in range(terms):
        total = total + sin(Value(0.001 * i))
    return total


def pendulum(steps: int) -> Value:
    """A recurrence, whose one step width is read from the first step to the last."""
    angle, speed, width = Value(0.3, "angle"), Value(0.0, "speed"), Value(0.01, "width")
    for _ in range(steps):
        speed = speed - width * sin(angle)
        angle = angle + width * speed
    return angle


def tangle(operations: int) -> Value:
    source = random.Random(0)
    known = [Value(source.uniform(-1, 1)) for _ in range(20)]
    for _ in range(operations):
        known.append(sin(source.choice(known[-60:]) * source.choice(known[-60:])))
    total = known[-1]
    for value in known[-40:-1]:
        total = total + value
    return total


def laid_out(opened: Opened, out: Value, direction: Direction, folder: Path) -> Any:
    with pause_gc():
        page = draw(out, detail="nodes", direction=direction).save(folder / "large.html")
    text = page.read_text("utf8").partition('id="page-data">')[2].partition("</script>")[0]
    opened.driver.set_script_timeout(PATIENCE)
    return opened.driver.execute_async_script(LAID_OUT, text)


def overlapping(rectangles: list[dict[str, float]]) -> int:
    """How many pairs of rectangles lie on each other."""
    found = 0
    ordered = sorted(rectangles, key=lambda r: r["x"])
    for n, a in enumerate(ordered):
        for b in ordered[n + 1 :]:
            if b["x"] >= a["x"] + a["width"] - 0.01:
                break
            found += a["y"] < b["y"] + b["height"] - 0.01 and b["y"] < a["y"] + a["height"] - 0.01
    return found


@pytest.mark.parametrize("direction", ["LR", "BT"])
@pytest.mark.parametrize(
    ("make", "size", "widest"),
    [(sum_of_sines, 1500, 400), (pendulum, 400, 800), (tangle, 500, 4000)],
)
def test_thousands_of_nodes_have_places(
    make: Callable[[int], Value],
    size: int,
    widest: float,
    direction: Direction,
    open_page: Open,
    tmp_path: Path,
) -> None:
    opened = open_page(draw(Value(1.0) + 1).save(tmp_path / "small.html"))
    found = laid_out(opened, make(size), direction, tmp_path)
    assert isinstance(found, dict), found
    rectangles = found["rectangles"]
    assert len(rectangles) > 2 * size
    assert overlapping(rectangles) == 0
    across, wide, along, long, sign = (
        ("y", "height", "x", "width", 1) if direction == "LR" else ("x", "width", "y", "height", -1)
    )
    low = min(r[across] for r in rectangles)
    assert max(r[across] + r[wide] for r in rectangles) - low < widest
    for tail, head, route in found["links"]:
        start, end = (rectangles[n][along] + rectangles[n][long] / 2 for n in (tail, head))
        passed = [sign * at for at in (start, *(point[along] for point in route), end)]
        assert passed == sorted(passed)
        assert passed[0] < passed[-1]


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_a_cycle_of_boxes_is_broken(direction: str, open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(Value(1.0) + 1).save(tmp_path / "small.html"))
    opened.driver.set_script_timeout(PATIENCE)
    found = opened.driver.execute_async_script(CYCLE, direction)
    assert isinstance(found, list), found
    nodes, edges = found
    places = {name: (node["x"], node["y"]) for name, node in zip("abcd", nodes, strict=True)}
    assert len(set(places.values())) == 4
    for tail, start in edges:
        assert (start["x"], start["y"]) == places[tail]


def test_the_page_of_a_long_sum_opens(open_page: Open, tmp_path: Path) -> None:
    with pause_gc():
        page = draw(sum_of_sines(400), detail="nodes").save(tmp_path / "page.html")
    opened = open_page(page)
    opened.click("#to-end")
    assert opened.position == opened.steps_to_the_end()


def loss_of_rows(rows: int) -> Value:
    """The loss of a network all of whose operations are nodes: hundreds of long lines."""
    source = random.Random(2)
    model = MLP(4, [16, 16, 1], activation="tanh", rng=source)
    outputs = [model([source.uniform(-1, 1) for _ in range(4)]) for _ in range(rows)]
    return sum(((out - 1.0) ** 2 for out in outputs), Value(0.0))


@pytest.mark.parametrize(
    ("out", "is_crowded"), [(loss_of_rows(3), True), (-sum_of_sines(300), False)]
)
def test_dashes_are_left_out_where_a_browser_would_paint_thousands(
    out: Value, is_crowded: bool, open_page: Open, tmp_path: Path
) -> None:
    opened = open_page(draw(out, detail="nodes").save(tmp_path / "crowded.html"))
    dashes: Callable[[], list[str]] = lambda: opened.run(
        "return [...document.querySelectorAll('.links .link.negative .edge')]"
        ".map((e) => getComputedStyle(e).strokeDasharray)"
    )
    found = dashes()
    assert len(found) > 3
    assert set(found) == ({"none"} if is_crowded else {"7px, 4px"})
    opened.run("dispatchEvent(new Event('beforeprint'))")
    assert set(dashes()) == {"7px, 4px"}
    opened.run("dispatchEvent(new Event('afterprint'))")
    assert dashes() == found
