"""How a page opens: on the finished pass, legible, and one key away from the steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphs import ROWS, TARGETS, xor_loss, xor_network
from opened import Opened, in_both_browsers
from selenium.webdriver.common.keys import Keys

from autograd import Value, tanh
from autograd.draw import draw, record
from autograd.draw.arguments import Direction
from nn import MLP, SGD, binary_cross_entropy

Open = Callable[[Path], Opened]
WINDOWS = [(1440, 900), (390, 844)]
LEAST = 13  # pixels of a font, as it is seen

# All texts smaller than that, with their sizes on the screen.
SMALL_TEXTS = """
    const hasText = (element) => element.checkVisibility({ visibilityProperty: true })
        && [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    return [...document.body.querySelectorAll("*")].filter(hasText).flatMap((element) => {
        const size = parseFloat(getComputedStyle(element).fontSize);
        const seen = size * (element.getScreenCTM ? element.getScreenCTM().a : 1);
        return seen < arguments[0] - 0.01 ? [`${element.textContent.slice(0, 30)}: ${seen}`] : [];
    });
"""
OUTSIDE = """
    const view = document.querySelector("svg.graph").getBoundingClientRect();
    return [...document.querySelectorAll("g.node .body")]
        .map((body) => body.getBoundingClientRect())
        .filter(({ left, right, top, bottom }) => left < view.left || right > view.right
            || top < view.top || bottom > view.bottom).length;
"""


def neuron() -> Value:
    x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
    w1, w2, b = Value(-3.0, "w1"), Value(1.0, "w2"), Value(6.88, "b")
    out = tanh(x1 * w1 + x2 * w2 + b)
    out.label = "o"
    return out


def long_names() -> Value:
    x = Value(3.0, "the price of all that is in the basket of the customer")
    rate = Value(2.0, "learning_rate_of_the_second_optimizer_group")
    return (x * rate + 3.0) / rate


def trained(path: Path) -> Path:
    network = xor_network()
    optimizer = SGD(network.parameters(), lr=2.0)
    recording = record(model=network, boundary=(network, ROWS, TARGETS))
    for _ in range(4):
        loss = binary_cross_entropy([network(row) for row in ROWS], TARGETS)
        optimizer.zero_grad()
        loss.backward()
        recording(loss)
        optimizer.step()
    return recording.save(path)


def xor_in_boxes(path: Path) -> Path:
    network = xor_network()
    return draw(xor_loss(network), model=network).save(path)


PAGES: dict[str, Callable[[Path], Path]] = {
    "neuron": lambda path: draw(neuron()).save(path),
    "long names": lambda path: draw(long_names()).save(path),
    "xor": xor_in_boxes,
    "training": trained,
}


@in_both_browsers
@pytest.mark.parametrize("size", WINDOWS, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("make", PAGES.values(), ids=PAGES.keys())
def test_a_page_opens_on_the_finished_pass_and_can_be_read(
    make: Callable[[Path], Path],
    size: tuple[int, int],
    open_page: Open,
    tmp_path: Path,
    driver: Any,
) -> None:
    driver.resize(*size)
    opened = open_page(make(tmp_path / "page.html"))
    assert opened.position == opened.steps_to_the_end()
    assert all(node.state == "backward" for node in opened.nodes().values() if node.grad)
    assert opened.run(SMALL_TEXTS, LEAST) == []
    opened.press(Keys.HOME)
    for _ in range(opened.steps_to_the_end()):
        opened.press(Keys.ARROW_RIGHT)
        assert opened.run(SMALL_TEXTS, LEAST) == []


def test_a_small_graph_is_all_in_view(open_page: Open, tmp_path: Path, driver: Any) -> None:
    driver.set_window_size(1440, 1000)
    opened = open_page(draw(neuron()).save(tmp_path / "page.html"))
    driver.set_window_size(1440, 1000)
    opened.wait_for(OUTSIDE.replace(".length", ".length === 0"))


@pytest.mark.parametrize(
    ("direction", "terms", "edges"), [("LR", 7, ("top", "bottom")), ("BT", 6, ("left", "right"))]
)
def test_a_long_graph_is_all_in_view_across(
    direction: Direction, terms: int, edges: tuple[str, str], open_page: Open, tmp_path: Path
) -> None:
    total = Value(0.3, "start")
    for i in range(terms):
        total = total + tanh(Value(0.1 * i))
    drawing = draw(total, detail="nodes", direction=direction)
    opened = open_page(drawing.save(tmp_path / "page.html"))
    assert opened.run(OUTSIDE) > 0
    view = opened.run("return document.querySelector('svg.graph').getBoundingClientRect()")
    bodies = opened.run(
        "return [...document.querySelectorAll('g.node .body')]"
        ".map((body) => body.getBoundingClientRect())"
    )
    low, high = edges
    assert all(view[low] <= body[low] < body[high] <= view[high] for body in bodies)


def test_boxes_are_folded_until_all_can_be_read_at_once(open_page: Open, tmp_path: Path) -> None:
    network = MLP(2, [4, 1], rng=0)
    drawing = draw(network([1.0, -2.0]), model=network, detail="nodes")
    opened = open_page(drawing.save(tmp_path / "page.html"))
    assert opened.count("g.node.box") > 0
    assert opened.run(OUTSIDE) == 0
    assert opened.run(SMALL_TEXTS, LEAST) == []
    folded = opened.nodes()
    opened.click("#unfold-all")
    assert set(opened.nodes()) > set(folded)


# What there is right after a key, before anything can have played on.
AFTER_SPACE = """
    const labels = () => [...document.querySelectorAll("button")].map((b) => b.textContent);
    const before = labels();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
    return [before, labels(), document.querySelector("#position").value];
"""


def test_one_key_plays_from_the_start(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(neuron()).save(tmp_path / "page.html"))
    _, labels, position = opened.run(AFTER_SPACE)
    assert "Pause" in labels
    assert position == "0"
    opened.wait_for("return document.querySelector('#position').value > 0")


@pytest.mark.parametrize("name", ["neuron", "training"])
def test_there_is_one_button_that_plays(name: str, open_page: Open, tmp_path: Path) -> None:
    opened = open_page(PAGES[name](tmp_path / "page.html"))
    before, after, _ = opened.run(AFTER_SPACE)
    assert sum("Play" in label for label in before) == 1
    assert [label for label in after if "Play" in label] == []
    assert sum("Pause" in label for label in after) == 1
