"""A number that is nudged in the page: what comes true beside what the gradient foretold."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from graphs import xor_loss, xor_network
from opened import Opened, in_both_browsers
from selenium.webdriver.common.keys import Keys
from test_contrast import PALE
from test_opening import LEAST, SMALL_TEXTS, long_names
from test_panel import TOO_WIDE

from autograd import Value, exp, log, sin, sqrt, tanh
from autograd.draw import draw
from autograd.draw.page.nudges import PLACES, moves_around

Open = Callable[[Path], Opened]
HALF = PLACES[0] // 2

CHOOSE = """
    const node = [...document.querySelectorAll("g.node")].find((node) =>
        node.getAttribute("aria-label").includes(arguments[0]));
    node.dispatchEvent(new MouseEvent("click", { bubbles: true }));
"""
# What the plot shows of each line: how many pieces, and whether all of it is inside of the frame.
LINES = """
    const plot = document.querySelector(".tangent-plot");
    const frame = plot.getBoundingClientRect();
    const axis = plot.querySelector(".axis").getBoundingClientRect();
    return Object.fromEntries([...plot.querySelectorAll("[class]")]
        .filter((part) => part.getTotalLength && part.getTotalLength() > 0).map((part) => {
            const { left, right, top, bottom } = part.getBoundingClientRect();
            const isInside = left >= frame.left && right <= frame.right
                && top >= frame.top && bottom <= axis.bottom + 1;
            const pieces = (part.getAttribute("d") ?? "").split("M").length - 1;
            return [part.getAttribute("class"), [pieces, isInside]];
        }));
"""
HIDDEN_TEXTS = """
    const texts = [...document.querySelectorAll(".tangent-plot text")];
    const frame = document.querySelector(".tangent-plot").getBoundingClientRect();
    const boxes = texts.map((text) => text.getBoundingClientRect());
    return [texts.length, boxes.filter((a, i) => a.left < frame.left - 1
        || a.right > frame.right + 1
        || boxes.some((b, k) => k < i && a.left < b.right && b.left < a.right
            && a.top < b.bottom - 4 && b.top < a.bottom - 4)).map((_, i) => texts[i].textContent)];
"""


def chosen(opened: Opened, name: str, place: int = HALF) -> None:
    """Choose a node, and move its slider to a place from the left."""
    opened.run(CHOOSE, name)
    opened.set_slider("#nudge", place)
    opened.wait_for("return document.querySelector('.tangent-plot .axis') !== null")


def rows(opened: Opened) -> dict[str, str]:
    names = opened.run(
        "return [...document.querySelectorAll('#nudged dt')].map(x => x.textContent)"
    )
    said = opened.run("return [...document.querySelectorAll('#nudged dd')].map(x => x.textContent)")
    return dict(zip(names, said, strict=True))


def written(x: float) -> str:
    return repr(x).removesuffix(".0")


def f(a: Any, b: Any) -> Any:
    return sin(a * 3.0) * b - a / (b + 2.0)


@in_both_browsers
def test_numbers_are_those_of_the_engine(open_page: Open, tmp_path: Path) -> None:
    a, b = Value(1 / 3, "a"), Value(-0.7, "b")
    out = f(a, b)
    out.label = "y"
    opened = open_page(draw(out).save(tmp_path / "page.html"))
    out.backward()
    graph = opened.nodes()
    for leaf, there in ((a, lambda h: f(a.data + h, b.data)), (b, lambda h: f(a.data, b.data + h))):
        moves = moves_around(leaf.data, PLACES[0])
        opened.run(CHOOSE, f" {leaf.label},")
        assert rows(opened)["h"] == "0"
        for place in (0, HALF - 1, HALF, HALF + 3, 2 * HALF):
            opened.set_slider("#nudge", place)
            h = moves[place]
            now, foretold = there(h), out.data + leaf.grad * h
            assert rows(opened) == {
                "h": written(h),
                "y now": written(now),
                "foretold": written(foretold),
                "difference": written(now - foretold),
            }
            heard = opened.find("#nudge").get_attribute("aria-valuetext")
            assert heard is not None
            for x in (h, now, foretold, now - foretold):
                assert f"{x:.4g}" in heard
            assert f"{foretold:.4g}" in opened.text(".nudge .reminder")
            assert (now == out.data and foretold == out.data) == (place == HALF)
    assert opened.nodes() == graph  # nothing in it moves


@in_both_browsers
def test_it_moves_by_keys_and_stays_through_the_steps(open_page: Open, tmp_path: Path) -> None:
    a = Value(0.5, "a")
    opened = open_page(draw(tanh(a) * 2).save(tmp_path / "page.html"))
    chosen(opened, " a,")
    opened.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, on="#nudge")
    assert opened.position == opened.steps_to_the_end()  # the keys have not moved the step
    said = rows(opened)
    assert said["h"] == written(moves_around(0.5, PLACES[0])[HALF + 2])
    opened.run("document.querySelector('#to-start').click()")
    for _ in range(opened.steps_to_the_end()):
        assert rows(opened) == said
        assert opened.run("return document.activeElement.id") == "nudge"  # it is not made again
        opened.run("document.querySelector('#step').click()")
    opened.press(Keys.ESCAPE, on="#nudge")
    opened.run(CHOOSE, " a,")
    assert rows(opened) == said
    assert opened.count("section.nudge") == 1


SCREENS = [(1440, 900), (900, 600), (390, 844)]


@in_both_browsers
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}x{screen[1]}")
def test_it_can_be_read(
    screen: tuple[int, int], open_page: Open, tmp_path: Path, driver: Any
) -> None:
    network = xor_network()
    far = Value(1.0, "x") * 1e6 + 1e9
    graphs = {
        "xor": (draw(xor_loss(network), model=network), "input x1,"),
        "long": (draw(long_names()), " the price"),
        "far": (draw(far), " x,"),
    }
    driver.resize(*screen)
    for name, (drawing, node) in graphs.items():
        opened = open_page(drawing.save(tmp_path / f"{name}.html"))
        for place in (0, HALF, 2 * HALF):
            chosen(opened, node, place)
            lines = opened.run(LINES)
            assert lines["curve"] == [1, True]
            assert lines["tangent"] == [1, True]
            assert lines["now"] == lines["foretold"] == [0, True]
            count, hidden = opened.run(HIDDEN_TEXTS)
            assert count >= 4
            assert hidden == []
            assert opened.run(SMALL_TEXTS, LEAST) == []
            assert opened.run(TOO_WIDE) == []
            for scheme in ("light", "dark"):
                driver.prefer(color_scheme=scheme)
                assert opened.run(PALE) == []
        assert not opened.find("#problem").is_displayed()
        assert opened.complaints() == []


def test_outside_of_the_domain_there_is_no_number(open_page: Open, tmp_path: Path) -> None:
    p = Value(0.9, "p")
    opened = open_page(draw(log(1 - p)).save(tmp_path / "page.html"))
    chosen(opened, " p,", 2 * HALF)
    assert "outside of the domain" in rows(opened)["L now"]
    assert rows(opened).keys() == {"h", "L now", "foretold"}
    assert "outside of the domain" in str(opened.find("#nudge").get_attribute("aria-valuetext"))
    assert opened.run(LINES).keys() >= {"curve", "tangent", "foretold"}
    assert "now" not in opened.run(LINES)
    opened.press(Keys.HOME, on="#nudge")
    assert rows(opened).keys() == {"h", "L now", "foretold", "difference"}


@pytest.mark.parametrize("place", [0, HALF, 2 * HALF])
def test_what_overflows_is_seen_as_far_as_it_goes(
    place: int, open_page: Open, tmp_path: Path
) -> None:
    x = Value(17.0, "x")
    opened = open_page(draw(x * 1e307).save(tmp_path / "product.html"))
    chosen(opened, " x,", place)
    lines = opened.run(LINES)
    assert lines["curve"] == [1, True]
    assert lines["tangent"] == [1, True]
    assert ("now" in lines) == (place < 2 * HALF)
    h = moves_around(17.0, PLACES[0])[place]
    said = {"h": written(h), "L now": written((17.0 + h) * 1e307)}
    said["foretold"] = written(1.7e308 + 1e307 * h)
    assert rows(opened) == said | ({"difference": "0"} if place < 2 * HALF else {})
    assert opened.complaints() == []
    opened = open_page(draw(exp(Value(600.0, "x"))).save(tmp_path / "exp.html"))
    chosen(opened, " x,", place)
    assert (rows(opened)["L now"] == "no number: too large") == (place == 2 * HALF)
    assert opened.complaints() == []


def test_it_says_why_nothing_is_foretold(open_page: Open, tmp_path: Path) -> None:
    y = Value(1.0, "y")
    for name, out, said in (
        ("infinite", y + Value(inf, "x"), "L is inf here"),
        ("none", y * Value(nan, "x"), "L is nan here"),
        ("steep", log(Value(1e-320, " y")), "The gradient is inf here"),
    ):
        opened = open_page(draw(out).save(tmp_path / f"{name}.html"))
        chosen(opened, " y,")
        assert opened.text(".nudge .reminder") == f"{said}, so nothing is foretold."
        assert opened.complaints() == []


def test_where_there_is_no_derivative_nothing_is_foretold(open_page: Open, tmp_path: Path) -> None:
    x, y = Value(0.0, "x"), Value(2.0, "y")
    opened = open_page(draw(sqrt(x) + y).save(tmp_path / "page.html"))
    chosen(opened, " x,", HALF + 10)
    assert rows(opened) == {"h": "0.25", "L now": "2.5"}
    assert "no derivative" in opened.text(".nudge")
    assert "tangent" not in opened.run(LINES)
    chosen(opened, " y,", HALF + 10)
    assert rows(opened)["difference"] == "0"


def test_a_pole_leaves_the_rest_to_be_seen(open_page: Open, tmp_path: Path) -> None:
    x = Value(1.0, "x")
    opened = open_page(draw(1 / (x - 1.2750000001)).save(tmp_path / "page.html"))
    chosen(opened, " x,")
    scale = opened.run(
        "return [...document.querySelectorAll('.tangent-plot text')].map((x) => x.textContent)"
    )
    assert max(abs(float(x)) for x in scale) < 1000


@pytest.mark.usefixtures("listening")
def test_only_what_can_be_moved_has_it(open_page: Open, tmp_path: Path) -> None:
    x = Value(2.0, "<img src=x onerror=alert(1)>")
    y = Value(3.0, "y")
    out = x * y + 5.0
    out.label = "<b>out</b>"
    opened = open_page(draw(out, y * 2).save(tmp_path / "page.html"))
    images = opened.count("img, b")
    for name in opened.nodes():
        opened.run(
            "document.querySelector(`g.node[data-name='${arguments[0]}']`)"
            ".dispatchEvent(new MouseEvent('click', { bubbles: true }))",
            name,
        )
        assert opened.count("#nudge") == (name in ("n0", "n1"))
    chosen(opened, " y,", 2 * HALF)
    assert rows(opened)["L now"] == written(2.0 * 4.0 + 5.0 + 4.0 * 2)  # the sum of the outputs
    chosen(opened, "onerror", 2 * HALF)
    assert x.label in opened.text(".nudge")
    assert opened.count("img, b") == images + 1  # the bold name of the result in the caption
    asked = opened.requests()
    assert [url for url in asked if not url.startswith("data:") and url != opened.url] == []
