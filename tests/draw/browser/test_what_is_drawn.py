"""Of a large graph only what is looked at is in the page, and it is up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opened import Opened
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from test_large_layouts import pendulum, sum_of_sines, tangle

from autograd import Value, pause_gc
from autograd.draw import draw

Open = Callable[[Path], Opened]
MOST_NODES = 400
MOST_ELEMENTS = 6000

LEAVES = """
    const view = document.querySelector("svg.graph").getBoundingClientRect();
    return [...document.querySelectorAll("g.node")].filter((node) => {
        const { left, right, top, bottom } = node.getBoundingClientRect();
        return right > view.left && left < view.right && bottom > view.top && top < view.bottom;
    }).map((node) => node.dataset.name);
"""


def large(open_page: Open, folder: Path, out: Value) -> Opened:
    with pause_gc():
        page = draw(out, detail="nodes").save(folder / "large.html")
    opened = open_page(page)
    opened.driver.prefer(reduced_motion="reduce")
    return opened


def in_view(opened: Opened) -> set[str]:
    """The names of the nodes of which something can be seen."""
    return set(opened.run(LEAVES))


@pytest.mark.parametrize(
    "make", [lambda: sum_of_sines(1000), lambda: pendulum(300), lambda: tangle(800)],
    ids=["sines", "pendulum", "tangle"],
)  # fmt: skip
def test_a_large_graph_is_drawn_where_it_is_looked_at(
    make: Callable[[], Value], open_page: Open, tmp_path: Path
) -> None:
    opened = large(open_page, tmp_path, make())
    total = len(opened.page_data()["nodes"])
    assert total > 2000

    def is_bounded() -> bool:
        return (
            opened.count("g.node") < MOST_NODES
            and opened.run("return document.querySelectorAll('#graph *').length") < MOST_ELEMENTS
        )

    assert is_bounded()
    assert in_view(opened)
    end = opened.steps_to_the_end()
    for position in (1, end // 3, end // 2 + 2, end - 1):
        opened.run(
            "const s = document.querySelector('#position'); s.value = arguments[0];"
            "s.dispatchEvent(new Event('input'))",
            position,
        )
        assert is_bounded()
        active = opened.run("return document.querySelector('g.node.active').dataset.name")
        assert active in in_view(opened)
    opened.click("#fit")
    assert is_bounded()
    assert opened.count("g.overview .body") > 0
    opened.click("svg.graph")  # comes nearer
    assert opened.count("g.overview .body") == 0
    assert is_bounded()


def test_what_comes_back_into_view_is_up_to_date(open_page: Open, tmp_path: Path) -> None:
    opened = large(open_page, tmp_path, sum_of_sines(600))
    opened.click("#to-start")
    at_start = opened.nodes()
    opened.click("#to-end")
    finished = opened.nodes()
    opened.press(Keys.HOME)
    opened.run(
        "const s = document.querySelector('#position'); s.value = 500;"
        "s.dispatchEvent(new Event('input'))"
    )
    elsewhere = opened.nodes()
    assert set(elsewhere) & set(at_start) == {"n0"}  # the stop of Tab
    opened.press(Keys.END)
    back = opened.nodes()
    both = set(back) & set(finished)
    assert both & set(at_start)
    assert {name: back[name] for name in both} == {name: finished[name] for name in both}


def test_arrows_go_on_beyond_the_view(open_page: Open, tmp_path: Path) -> None:
    opened = large(open_page, tmp_path, sum_of_sines(600))
    first = in_view(opened)
    opened.run("document.querySelector('g.node[tabindex=\"0\"]').focus()")
    for _ in range(60):
        ActionChains(opened.driver).send_keys(Keys.ARROW_RIGHT).perform()
    focused = opened.run("return document.activeElement.dataset.name")
    assert focused not in first
    assert focused in in_view(opened)
    opened.click("#fit")  # the stop of Tab stays in the page, however far away it is seen
    assert opened.run("return document.querySelector('g.node[tabindex=\"0\"]').dataset.name") == (
        focused
    )


def test_on_paper_there_is_all_of_it(open_page: Open, tmp_path: Path, driver: Any) -> None:
    opened = large(open_page, tmp_path, sum_of_sines(100))
    nodes = opened.page_data()["nodes"]
    assert opened.count("g.node") < len(nodes)
    opened.run("dispatchEvent(new Event('beforeprint'))")
    names = opened.run(
        "return [...document.querySelectorAll('g.node')].map((node) => node.dataset.name)"
    )
    assert names == [node["name"] for node in nodes]
    opened.run("dispatchEvent(new Event('afterprint'))")
    assert opened.count("g.node") < len(nodes)
