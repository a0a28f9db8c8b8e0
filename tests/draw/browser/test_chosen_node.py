"""A node that is chosen: all digits, its uses, and the way to its steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opened import Opened
from selenium.webdriver.common.keys import Keys
from test_large_layouts import sum_of_sines
from test_opening import trained

from autograd import Value, pause_gc, sin
from autograd.draw import draw

Open = Callable[[Path], Opened]


def graph() -> tuple[Value, Value]:
    a, b = Value(1 / 3, "a"), Value(-0.7, "b")
    return a, a * b + sin(a) * 2


def node(label: str) -> str:
    return f"g.node[aria-label*=' {label},']"


def jumps(opened: Opened) -> list[int]:
    found = opened.run(
        "return [...document.querySelectorAll('[data-jump]')].map((b) => b.dataset.jump)"
    )
    return [int(position) for position in found]


def test_a_click_tells_all_digits_and_uses(open_page: Open, tmp_path: Path) -> None:
    a, out = graph()
    opened = open_page(draw(out).save(tmp_path / "page.html"))
    out.backward()
    assert not opened.find("#inspector").is_displayed()
    opened.click(node("a"))
    said = opened.text("#chosen")
    assert repr(a.data) in said
    assert repr(a.grad) in said
    assert "Its 2 uses" in said
    assert opened.find(node("a")).get_attribute("aria-pressed") == "true"
    for position in jumps(opened):
        opened.click(f"[data-jump='{position}']")
        assert opened.position == position
        active = opened.run("return document.querySelector('g.node.active').dataset.name")
        assert active in {"op2", "op3"}
        assert opened.find("#inspector").is_displayed()
    opened.click("#to-start")
    assert repr(a.grad) not in opened.text(".digits")  # it is not known yet
    opened.press(Keys.ESCAPE)
    assert not opened.find("#inspector").is_displayed()
    assert opened.count("[aria-pressed=true]") == 0


def test_it_is_chosen_by_key_and_let_go(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(graph()[1]).save(tmp_path / "page.html"))
    opened.press(Keys.ENTER, on=node("b"))
    assert opened.text("#chosen h2") == "b"
    opened.press(Keys.SPACE, on=node("a"))
    assert opened.text("#chosen h2") == "a"
    assert opened.position == opened.steps_to_the_end()  # Space has not played
    opened.click("#close-inspector")
    assert not opened.find("#inspector").is_displayed()


def test_every_node_can_be_chosen_at_every_step(open_page: Open, tmp_path: Path) -> None:
    x = Value(2.0, "x")
    opened = open_page(draw((x * 3 - x) ** 2 / 5).save(tmp_path / "page.html"))
    names = list(opened.nodes())
    opened.click("#to-start")
    for _ in range(opened.steps_to_the_end()):
        said = set()
        for name in names:
            opened.run(
                "document.querySelector(`g.node[data-name='${arguments[0]}']`)"
                ".dispatchEvent(new MouseEvent('click', { bubbles: true }))",
                name,
            )
            said.add((opened.text("#chosen h2"), opened.text("#chosen")))
        assert len(said) >= len(names) - 1  # but the two plain numbers that are alike
        opened.click("#step")


def test_many_uses_are_shown_when_asked_for(open_page: Open, tmp_path: Path) -> None:
    x = Value(0.5, "x")
    out = sum((x * i for i in range(1, 30)), Value(0.0))
    opened = open_page(draw(out, detail="nodes").save(tmp_path / "page.html"))
    opened.click("#fit")
    opened.run(
        "document.querySelector(arguments[0])"
        ".dispatchEvent(new MouseEvent('click', { bubbles: true }))",
        node("x"),
    )
    assert opened.count(".uses > li") < 29
    opened.click("#chosen .more")
    assert opened.count(".uses > li") == 29


def test_a_chosen_node_that_comes_back_into_view_stands_out(
    open_page: Open, tmp_path: Path
) -> None:
    with pause_gc():
        page = draw(sum_of_sines(300), detail="nodes").save(tmp_path / "page.html")
    opened = open_page(page)
    opened.click("#to-start")
    opened.run(
        "document.querySelector(\"g.node[data-name='n1']\")"
        ".dispatchEvent(new MouseEvent('click', { bubbles: true }))"
    )
    (position, _) = jumps(opened)
    opened.run(
        "const s = document.querySelector('#position'); s.value = 250;"
        "s.dispatchEvent(new Event('input'))"
    )
    assert opened.count("g.node[data-name='n1']") == 0
    opened.click(f"[data-jump='{position}']")
    opened.wait_for("return document.querySelector(\"g.node[data-name='n1']\") !== null")
    assert opened.find("g.node[data-name='n1']").get_attribute("aria-pressed") == "true"


def test_beside_a_training_it_is_above_the_explanation(
    open_page: Open, tmp_path: Path, driver: Any
) -> None:
    driver.resize(1920, 1080)
    opened = open_page(trained(tmp_path / "page.html"))
    opened.click("#show-graph")
    opened.press(Keys.ENTER, on="g.node")
    training, chosen, title = (
        opened.find(selector).rect for selector in ("#training", "#inspector", "#step-title")
    )
    assert training["x"] + training["width"] <= chosen["x"]
    assert chosen["x"] + chosen["width"] <= 1920
    assert chosen["y"] + chosen["height"] <= title["y"]
    assert chosen["x"] == title["x"]


@pytest.mark.parametrize("calls", [0, 1, 2, 3])
def test_what_grad_holds_is_said_where_it_is_not_the_pass(
    calls: int, open_page: Open, tmp_path: Path
) -> None:
    x = Value(3.0, "x")
    out = x * x * 2
    for _ in range(calls):
        out.backward()
    opened = open_page(draw(out).save(tmp_path / "page.html"))
    assert opened.count(".warning") == (calls > 1)
    if calls > 1:
        assert f"x {x.grad:g}" in opened.text(".warning")
        opened.click(node("x"))
        assert f".grad now{x.grad:g}" in opened.text(".digits")
