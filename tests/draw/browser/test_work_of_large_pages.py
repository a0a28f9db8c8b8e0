"""What a large page does: opening draws what is seen, a step touches what it changes, no more."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphs import xor_loss, xor_network
from opened import Opened, in_both_browsers
from selenium.webdriver.common.keys import Keys
from test_large_layouts import PATIENCE, pendulum, sum_of_sines, tangle
from test_what_is_drawn import large

from autograd import Value, dot, sin
from autograd import sum as total
from autograd.draw import draw
from autograd.draw.arguments import Direction
from nn import MLP

Open = Callable[[Path], Opened]
MOST_TOUCHED = 60  # elements, by one step of one operation with two operands
MADE = "Element.made = 0; const make = document.createElementNS.bind(document);" + (
    "document.createElementNS = (...names) => (Element.made += 1, make(...names));"
)
# How many elements of the graph a step changes, none of which are new.
TOUCHED = """
    const [key, done] = arguments;
    const graph = document.querySelector("#graph");
    const old = new Set(graph.querySelectorAll("*"));
    const what = { attributes: true, childList: true, characterData: true, subtree: true };
    const observer = new MutationObserver(() => {});
    observer.observe(graph, what);
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const seen = observer.takeRecords()
        .map(({ target }) => target.closest?.("*") ?? target.parentNode);
    done(new Set(seen.filter((element) => old.has(element))).size);
"""
# Curves inside of their rooms; and whether lines are clear, held against all cards one by one.
GEOMETRY = """
    const [text, direction, done] = arguments;
    document.querySelector("#page-data").textContent = text;
    const load = (name) => import(`chainrule/${name}.js`);
    Promise.all(["data", "plans", "obstacles"].map(load)).then((modules) => {
        const [{ readPage }, { Planner }, { Obstacles }] = modules;
        const page = { ...readPage(document), direction };
        const { graph, curves, layout } = new Planner(page, document.querySelector("#graph"))
            .plan(new Set());
        const outside = graph.links.filter((_, index) => {
            const room = curves.roomOf(index);
            const { x, y, width, height } = curves.at(index).bounds;
            return x < room.x || y < room.y || x + width > room.x + room.width ||
                y + height > room.y + room.height;
        }).length;
        let seed = 1;
        const draw = (most) => (seed = (seed * 16807) % 2147483647) / 2147483647 * most;
        const upright = direction === "TB" || direction === "BT";
        const { x, y, width, height } = layout.bounds;
        const obstacles = new Obstacles(layout.rectangles, upright);
        const isHit = (from, to) => layout.rectangles.some((r) => {
            const [along, across, long, wide] = upright
                ? [r.y, r.x, r.height, r.width] : [r.x, r.y, r.width, r.height];
            const [first, last] = [from.along, to.along].sort((a, b) => a - b);
            const start = Math.max(first, along - 5), stop = Math.min(last, along + long + 5);
            const at = (here) => {
                const t = (here - from.along) / (to.along - from.along);
                return from.across + t * t * (3 - 2 * t) * (to.across - from.across);
            };
            const sides = [at(start), at(stop)];
            return start < stop && Math.min(...sides) < across + wide + 5 &&
                Math.max(...sides) > across - 5;
        });
        const found = { outside, hits: 0, clear: 0, wrong: 0 };
        for (let n = 0; n < 600; n += 1) {
            const point = () => upright
                ? { along: y + draw(height), across: x + draw(width) }
                : { along: x + draw(width), across: y + draw(height) };
            const from = point();
            const to = point();
            to.along = from.along + (to.along - from.along) * draw(1) ** 3;
            to.across = from.across + (to.across - from.across) * draw(1) ** 3;
            const isClear = obstacles.isClear(from, to, []);
            found[isClear ? "clear" : "hits"] += 1;
            found.wrong += isClear === isHit(from, to);
        }
        done(found);
    }).catch((error) => done(String(error)));
"""


def tree(leaves: int) -> Value:
    row = [Value(0.01 * i) for i in range(leaves)]
    while len(row) > 1:
        row = [a + b for a, b in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def layer(inputs: int, units: int) -> Value:
    model = MLP(inputs, [units, 1], activation="tanh", rng=random.Random(0))
    out: Value = model([Value(0.1 * i, f"x{i}") for i in range(inputs)])
    return out


def web(operations: int) -> Value:
    """Each operation reads eight of all the numbers before it."""
    source = random.Random(1)
    known = [Value(source.uniform(-1, 1)) for _ in range(40)]
    for _ in range(operations):
        left, right = source.sample(known, 4), source.sample(known, 4)
        known.append(sin(dot(left, right)))
    return total(known[-60:])


SHAPES: dict[str, Callable[[], Value]] = {
    "chain": lambda: -sum_of_sines(600),
    "tree": lambda: tree(1024),
    "layer": lambda: layer(30, 40),
    "loop": lambda: pendulum(250),
    "tangle": lambda: tangle(600),
    "web": lambda: web(500),
}
shaped = pytest.mark.parametrize("make", SHAPES.values(), ids=SHAPES)


@pytest.fixture
def counting(driver: Any) -> Any:
    """Each page counts the elements of SVG that it makes, from its first on."""
    added = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": MADE})
    yield
    driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


@pytest.mark.usefixtures("counting")
@shaped
def test_opening_makes_no_element_in_vain(
    make: Callable[[], Value], open_page: Open, tmp_path: Path
) -> None:
    opened = large(open_page, tmp_path, make())
    made, present = opened.run(
        "return [Element.made, document.querySelectorAll('svg, svg *').length]"
    )
    assert opened.count("g.node") > 1
    assert made <= 1.1 * present + 200


@shaped
def test_a_step_touches_what_it_changes(
    make: Callable[[], Value], open_page: Open, tmp_path: Path
) -> None:
    opened = large(open_page, tmp_path, make())
    opened.press(Keys.END)

    def most_touched(key: str) -> int:
        return max(opened.driver.execute_async_script(TOUCHED, key) for _ in range(6))

    arity = max(map(len, inputs_of(opened)))
    near = most_touched("ArrowLeft")
    assert 0 < near < MOST_TOUCHED + 8 * arity
    opened.click("#fit")
    assert opened.count(".overview .body") > 4
    assert 0 < most_touched("ArrowLeft") < MOST_TOUCHED / 2
    assert most_touched("ArrowRight") < MOST_TOUCHED / 2


@shaped
def test_a_line_has_an_arrow_only_where_it_ends_in_view(
    make: Callable[[], Value], open_page: Open, tmp_path: Path
) -> None:
    opened = large(open_page, tmp_path, make())
    ends, astray = opened.run(
        """const view = document.querySelector("svg.graph").getBoundingClientRect();
        const ends = [...document.querySelectorAll(".link .arrow, .link .operand")];
        const astray = ends.filter((end) => {
            const { left, right, top, bottom } = end.getBoundingClientRect();
            const [dx, dy] = [view.width / 2, view.height / 2];
            return right < view.left - dx || left > view.right + dx ||
                bottom < view.top - dy || top > view.bottom + dy;
        });
        return [ends.length, astray.length];"""
    )
    assert ends > 0
    assert astray == 0


@in_both_browsers
def test_the_view_fills_its_room_by_pixels(driver: Any, open_page: Open, tmp_path: Path) -> None:
    """In percent, all texts in it would be laid out anew when something beside it changes."""
    opened = large(open_page, tmp_path, pendulum(30))
    for width, height in ((1280, 900), (700, 800), (1000, 600)):
        driver.resize(width, height)
        opened.wait_for(
            """const view = document.querySelector("svg.graph");
            const own = view.getBoundingClientRect();
            const room = view.parentElement.getBoundingClientRect();
            return ["width", "height"].every((side) => view.style[side].endsWith("px") &&
                Math.abs(own[side] - room[side]) < 0.1);"""
        )


def inputs_of(opened: Opened) -> list[list[int]]:
    """The operands of each operation."""
    data = opened.page_data()
    found: list[list[int]] = [[] for _ in data["nodes"]]
    for edge in data["edges"]:
        found[edge["head"]].append(edge["tail"])
    return found


def small_and_large() -> dict[str, Callable[[], Value]]:
    return {
        "xor": lambda: xor_loss(xor_network()),
        "zero": lambda: Value(0.0, "x") * Value(-0.0, "y") * 2.0 - 1.0,
        "tangle": lambda: tangle(30),
        "loop": lambda: pendulum(90),
    }


@pytest.mark.parametrize("is_far", [False, True], ids=["near", "far"])
@pytest.mark.parametrize("make", small_and_large().values(), ids=small_and_large())
def test_what_steps_leave_is_what_a_page_opened_there_shows(
    make: Callable[[], Value], is_far: bool, open_page: Open, tmp_path: Path
) -> None:
    opened = large(open_page, tmp_path, make())
    source = random.Random(3)
    end = opened.steps_to_the_end()
    walk = "const s = document.querySelector('#position'); s.value = arguments[0];"
    walk += "s.dispatchEvent(new Event('input'))"
    look: Callable[[], None] = lambda: opened.click("#fit") if is_far else None
    look()
    for _ in range(4):
        for position in source.sample(range(end + 1), 4):
            opened.run(walk, position)
            for _ in range(source.randrange(3)):
                opened.press(source.choice([Keys.ARROW_LEFT, Keys.ARROW_RIGHT]))
        walked, position = shown(opened), opened.position
        opened.driver.get("about:blank")
        opened.driver.get(f"{opened.url}#step={position}")
        opened.wait_for("return document.body.dataset.ready === 'true'")
        look()
        fresh = shown(opened)
        assert opened.position == position
        for part, expected in fresh.items():
            assert walked[part] == expected


def shown(opened: Opened) -> dict[str, dict[str, Any]]:
    """What each node, link and distant card looks like: near, all of them, as they are printed."""
    return opened.run(
        """const isFar = document.querySelector(".overview").children.length > 1;
        if (!isFar) dispatchEvent(new Event("beforeprint"));
        const whole = (element) => [element, ...element.querySelectorAll("*")].map((one) => [
            one.localName, one.children.length === 0 ? one.textContent : "",
            ...[...one.attributes]
                .filter(({ name, value }) => name !== "tabindex" && value !== "")
                .map(({ name, value }) => `${name}=${["class", "style"].includes(name)
                    ? value.split(/[ ;]+/).sort().join(" ") : value}`).sort()].join("|"));
        const all = (selector, keyOf) => Object.fromEntries(
            [...document.querySelectorAll(selector)].map((one) => [keyOf(one), whole(one)]));
        const far = {};
        for (const group of document.querySelectorAll(".overview .sample"))
            for (const path of group.querySelectorAll("path"))
                for (const outline of path.getAttribute("d").split("M").filter((part) => part))
                    (far[outline] ??= []).push(`${group.dataset.state} ${group.classList}`);
        Object.values(far).forEach((looks) => looks.sort());
        const found = { nodes: all(".nodes > .node", (one) => one.dataset.name), far,
            links: all(".links > .link", (one) => one.querySelector(".edge").dataset.edge) };
        if (!isFar) dispatchEvent(new Event("afterprint"));
        return found;"""
    )


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("make", [lambda: tangle(150), lambda: web(60)], ids=["tangle", "web"])
def test_lines_are_where_they_are_looked_for(
    make: Callable[[], Value], direction: Direction, open_page: Open, tmp_path: Path
) -> None:
    page = draw(make(), detail="nodes").save(tmp_path / "large.html")
    text = page.read_text("utf8").partition('id="page-data">')[2].partition("</script>")[0]
    opened = open_page(draw(Value(1.0) + 1).save(tmp_path / "small.html"))
    opened.driver.set_script_timeout(PATIENCE)
    found = opened.driver.execute_async_script(GEOMETRY, text, direction)
    assert isinstance(found, dict), found
    assert (found["outside"], found["wrong"]) == (0, 0)
    assert min(found["hits"], found["clear"]) > 20


def test_a_saved_picture_of_a_large_page_has_all_of_it(open_page: Open, tmp_path: Path) -> None:
    opened = large(open_page, tmp_path, tangle(250))
    data = opened.page_data()
    for is_far in (False, True):
        if is_far:
            opened.click("#fit")
        before = opened.run("return document.querySelectorAll('#graph *').length")
        opened.click("#save-button")
        saved = opened.driver.execute_async_script(
            """const done = arguments[0];
            URL.createObjectURL = (blob) => (blob.text().then(done), "data:,");
            document.querySelector("#save-svg").click();"""
        )
        assert saved.count("data-name=") == len(data["nodes"])
        assert saved.count("data-edge=") == len(data["edges"])
        opened.click("#save-button")
        assert opened.run("return document.querySelectorAll('#graph *').length") == before
