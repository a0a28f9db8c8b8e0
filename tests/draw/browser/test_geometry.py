"""Where things stand in the graph: in columns, clear of each other, and in view."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphs import xor_loss, xor_network
from opened import Opened

from autograd import Value, sin
from autograd.draw import draw
from nn import MLP

Open = Callable[[Path], Opened]

# Of each line and each card that it does not end at, how many pixels of the line lie on the card.
CROSSINGS = """
    const cards = [...document.querySelectorAll("g.node")].map((node) => {
        const [x, y] = node.getAttribute("transform").match(/[-\\d.]+/g).map(Number);
        const { width, height } = node.querySelector(".body").getBBox();
        return { node, left: x - width / 2, right: x + width / 2,
                 top: y - height / 2, bottom: y + height / 2 };
    });
    const isOn = ({ left, right, top, bottom }, { x, y }, by) =>
        x > left - by && x < right + by && y > top - by && y < bottom + by;
    return [...document.querySelectorAll("path.edge[data-edge]")].flatMap((line) => {
        const length = line.getTotalLength();
        const ends = [line.getPointAtLength(0), line.getPointAtLength(length)];
        const { x, y, width, height } = line.getBBox();
        const others = cards.filter((card) => x < card.right && x + width > card.left
            && y < card.bottom && y + height > card.top
            && !ends.some((end) => isOn(card, end, 12)));
        if (others.length === 0) return [];
        const points = Array.from({ length: length / 2 }, (_, i) => line.getPointAtLength(2 * i));
        return others
            .map((card) => [card.node.getAttribute("aria-label"), line.dataset.edge,
                            2 * points.filter((point) => isOn(card, point, -4)).length])
            .filter(([, , covered]) => covered > 0);
    });
"""


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("folding", ["#fold-all", "#unfold-all"])
def test_no_line_runs_under_a_card(
    direction: Any, folding: str, open_page: Open, tmp_path: Path
) -> None:
    network = xor_network()
    drawing = draw(xor_loss(network), model=network, detail="nodes", direction=direction)
    opened = open_page(drawing.save(tmp_path / "page.html"))
    opened.click(folding)
    assert opened.run(CROSSINGS) == []


def test_no_line_runs_under_a_card_where_samples_share_their_weights(
    open_page: Open, tmp_path: Path
) -> None:
    network = MLP(2, [4, 1], rng=1)
    outputs = [network([Value(0.1 * i), Value(0.9 - 0.2 * i)]) for i in range(4)]
    drawing = draw(sum((out - 1.0) ** 2 for out in outputs), model=network, detail="nodes")
    opened = open_page(drawing.save(tmp_path / "page.html"))
    opened.click("#fold-all")
    assert opened.run(CROSSINGS) == []


OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda a, b: a * b,
    lambda a, b: a - b,
    lambda a, b: a / (b * b + 1),
    lambda a, b: sin(a),
    lambda a, b: a**2 + 1.5,
]


def tangled(seed: int) -> Value:
    """Operations on what has been computed before, at random."""
    source = random.Random(seed)
    known = [Value(source.uniform(0.5, 2), f"x{i}") for i in range(4)]
    for _ in range(8 + 4 * seed):
        operation = source.choice(OPERATIONS)
        known.append(operation(source.choice(known[-8:]), source.choice(known)))
    return sum(known[-5:], Value(0.0))


# The pairs of names of operands that lie on each other. Their outlines, as light as the paper, may;
# to Firefox these are part of what an element takes up on the screen.
COLLISIONS = """
    const names = [...document.querySelectorAll("text.operand")]
        .map((name) => [name.textContent, name.getBBox()]);
    const meet = (a, b) => a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1
        && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1;
    return [names.length, names.flatMap(([text, a], n) => names.slice(0, n)
        .filter(([, b]) => meet(a, b)).map(([other]) => `${text} on ${other}`))];
"""


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", ["LR", "BT"])
def test_lines_and_names_of_operands_keep_clear(
    direction: Any, seed: int, open_page: Open, tmp_path: Path
) -> None:
    drawing = draw(tangled(seed), detail="nodes", direction=direction)
    opened = open_page(drawing.save(tmp_path / "page.html"))
    assert opened.run(CROSSINGS) == []
    named, collisions = opened.run(COLLISIONS)
    assert named > 0
    assert collisions == []


def test_no_line_runs_under_a_card_of_a_batch(open_page: Open, tmp_path: Path) -> None:
    network = MLP(2, [4, 1], rng=0)
    rows = [[Value(0.1 * i - 0.3), Value(0.2 * i)] for i in range(8)]
    loss = sum((network(row) - 0.5) ** 2 for row in rows)
    opened = open_page(draw(loss, model=network, detail="nodes").save(tmp_path / "page.html"))
    opened.click("#fold-all")
    assert opened.run(CROSSINGS) == []


def rectangles(opened: Opened, selector: str) -> list[dict[str, float]]:
    found: list[dict[str, float]] = opened.run(
        "return [...document.querySelectorAll(arguments[0])].map((element) => {"
        " const { left, right, top, bottom } = element.getBoundingClientRect();"
        " return { left, right, top, bottom }; })",
        selector,
    )
    return found


def test_the_neurons_of_a_layer_stand_in_a_column(open_page: Open, tmp_path: Path) -> None:
    network = MLP(2, [5, 1], rng=0)
    out = network([1.0, -2.0])
    folded = draw(out, model=network, detail="neurons")
    unfolded = draw(out, model=network, detail="nodes")
    for drawing, selector in ((folded, "g.node.unit .body"), (unfolded, "rect.frame.depth-1")):
        opened = open_page(drawing.save(tmp_path / "page.html"))
        opened.click("#unfold-all")
        first = rectangles(opened, selector)[:5]
        assert max(r["left"] for r in first) - min(r["left"] for r in first) < 0.5
        assert max(r["right"] for r in first) - min(r["right"] for r in first) < 0.5


def test_a_number_that_is_not_finite_leaves_its_caption_free(
    open_page: Open, tmp_path: Path
) -> None:
    out = Value(float("nan"), "n") * 2 + Value(float("-inf"), "i")
    opened = open_page(draw(out).save(tmp_path / "page.html"))
    opened.click("#to-end")
    captions, shown = (rectangles(opened, f".row .{part}") for part in ("caption", "number"))
    captioned = [n for n in shown if any(abs(n["bottom"] - c["bottom"]) < 9 for c in captions)]
    assert len(captions) == len(captioned) > 0
    for caption in captions:
        for number in shown:
            beside = number["left"] >= caption["right"] or number["right"] <= caption["left"]
            assert beside or number["top"] > caption["bottom"] - 4 or (
                number["bottom"] < caption["top"] + 4
            )  # fmt: skip


def test_what_is_under_way_is_in_view_and_the_view_moves_seldom(
    open_page: Open, tmp_path: Path
) -> None:
    network = MLP(2, [4, 3, 1], rng=0)
    drawing = draw(network([1.0, -2.0]), model=network, detail="nodes")
    opened = open_page(drawing.save(tmp_path / "page.html"))
    opened.driver.prefer(reduced_motion="reduce")
    opened.click("#unfold-all")
    opened.click("#to-start")
    opened.click("#zoom-in")
    opened.click("#zoom-in")
    steps = opened.steps_to_the_end()
    world = "return document.querySelector('.world').style.transform"
    moves, before = 0, opened.run(world)
    for _ in range(steps):
        opened.click("#step")
        moves += opened.run(world) != before
        before = opened.run(world)
        view = rectangles(opened, "svg.graph")[0]
        for node in rectangles(opened, "g.node.active .body"):
            assert view["left"] <= node["left"] < node["right"] <= view["right"]
            assert view["top"] <= node["top"] < node["bottom"] <= view["bottom"]
    assert 0 < moves < steps / 3
