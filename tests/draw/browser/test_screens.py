"""Narrow and wide windows, light and dark, large graphs."""

import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from graphs import xor_loss, xor_network
from opened import Opened, in_both_browsers
from PIL import Image, ImageStat
from selenium.webdriver.common.by import By

from autograd import pause_gc
from autograd.draw import draw
from nn import MLP, mean_squared_error

Open = Callable[[Path], Opened]


@in_both_browsers
@pytest.mark.parametrize("width", [390, 768, 1600])
def test_the_page_is_no_wider_than_the_window(
    width: int, open_page: Open, tmp_path: Path, driver: Any
) -> None:
    network = xor_network()
    path = draw(xor_loss(network), model=network).save(tmp_path / "page.html")
    driver.resize(width, 844)
    opened = open_page(path)
    opened.click("#to-end")
    assert opened.run("return innerWidth") == width
    assert opened.run("return document.documentElement.scrollWidth") <= width
    for selector in ("#step", "#play", "#position", "#explanation", "#fit", "#fold-all"):
        box = opened.find(selector).rect
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["width"] > 0


@in_both_browsers
def test_dark_and_light(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(xor_loss(xor_network())).save(tmp_path / "page.html"))

    def brightness(what: str) -> float:
        colour = opened.run(f"return getComputedStyle(document.body).{what}")
        channels = [float(x) for x in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        return sum(channels) / 3

    opened.driver.prefer(color_scheme="light")
    assert brightness("backgroundColor") > 200 > 100 > brightness("color")
    opened.driver.prefer(color_scheme="dark")
    assert brightness("backgroundColor") < 60 < 150 < brightness("color")


@in_both_browsers
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_scroll_bar_is_as_light_as_the_page(
    scheme: str, open_page: Open, tmp_path: Path, driver: Any
) -> None:
    driver.resize(1440, 700)
    driver.prefer(color_scheme=scheme)
    open_page(draw(xor_loss(xor_network()), detail="nodes").save(tmp_path / "page.html"))
    panel = driver.find_element(By.ID, "panel")
    assert panel.get_property("scrollHeight") > panel.get_property("clientHeight")
    with Image.open(BytesIO(panel.screenshot_as_png)) as image:
        bar = image.convert("L").crop((image.width - 8, 0, image.width - 4, image.height))
        assert (ImageStat.Stat(bar).mean[0] > 128) == (scheme == "light")


def test_a_batch_of_a_hundred_opens_and_steps(open_page: Open, tmp_path: Path) -> None:
    source = random.Random(0)
    rows = [[source.uniform(-1, 1), source.uniform(-1, 1)] for _ in range(100)]
    network = MLP(2, [16, 16, 1], rng=0)
    with pause_gc():
        loss = mean_squared_error([network(row) for row in rows], [x * y for x, y in rows])
        loss.backward()
        path = draw(loss, model=network).save(tmp_path / "page.html")
    opened = open_page(path)
    opened.click("#to-start")
    nodes = opened.page_data()["nodes"]
    assert any(node["count"] == 100 or node["repeats"] == 100 for node in nodes)
    end = opened.steps_to_the_end()
    for _ in range(min(end, 10)):
        opened.click("#step")
    opened.click("#to-end")
    shown = opened.nodes()
    output = next(node["name"] for node in nodes if node["role"] == "output")
    assert float(shown[output].data or "nan") == loss.data
    assert shown[output].grad == "1"
    ranges = [node.data for node in shown.values() if node.data and " to " in node.data]
    assert ranges
