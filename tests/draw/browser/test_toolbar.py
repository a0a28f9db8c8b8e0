"""Finding a node, and saving a picture of a step."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphs import xor_loss, xor_network
from opened import PATIENCE, Opened, in_both_browsers
from PIL import Image
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from test_large_layouts import sum_of_sines

from autograd import Value, pause_gc
from autograd.draw import draw

Open = Callable[[Path], Opened]
SVG = "{http://www.w3.org/2000/svg}"


def in_boxes(open_page: Open, folder: Path) -> Opened:
    network = xor_network()
    return open_page(draw(xor_loss(network), model=network, detail="nodes").save(folder / "x.html"))


def find(opened: Opened, asked: str) -> list[str]:
    box = opened.find("#finder input")
    box.clear()
    box.send_keys(asked)
    found: list[str] = opened.run(
        "return [...document.querySelectorAll('#finder li')].map((li) => li.textContent)"
    )
    return found


@in_both_browsers
def test_a_node_is_found_in_a_folded_box(open_page: Open, tmp_path: Path) -> None:
    opened = in_boxes(open_page, tmp_path)
    opened.click("#fold-all")
    opened.press("/")
    assert opened.run("return document.activeElement.closest('#finder') !== null")
    (only,) = find(opened, "layers.0.neurons.2.BIAS")
    assert only.startswith("layers.0.neurons.2.bias")
    opened.press(Keys.ENTER, on="#finder input")
    nodes = opened.page_data()["nodes"]
    name = next(n["name"] for n in nodes if n["path"] == "layers.0.neurons.2.bias")
    shown = opened.find(f"g.node[data-name='{name}']")
    assert shown.get_attribute("aria-pressed") == "true"
    opened.wait_for(
        """const view = document.querySelector("svg.graph").getBoundingClientRect();
           const node = arguments[0].getBoundingClientRect();
           return node.left >= view.left && node.right <= view.right
               && node.top >= view.top && node.bottom <= view.bottom;""",
        shown,
    )
    assert opened.text("#chosen h2") == "layers.0.neurons.2.bias"
    assert not opened.find("#finder").is_displayed()
    assert opened.run("return document.activeElement.dataset.name") == name
    opened.press("/")
    assert opened.find("#finder").is_displayed()
    opened.press(Keys.ESCAPE)
    assert not opened.find("#finder").is_displayed()


def test_the_best_match_is_first_and_many_are_counted(open_page: Open, tmp_path: Path) -> None:
    opened = in_boxes(open_page, tmp_path)
    opened.click("#find-button")
    assert find(opened, "dot")[0].startswith("dot")
    weights = find(opened, "weights")
    assert len(weights) == 9
    assert weights == sorted(weights)
    assert find(opened, "nothing has this name") == []
    assert "0 found" in opened.text("#finder")
    assert find(opened, "") == []
    opened.click("#legend-button")
    assert not opened.find("#finder").is_displayed()


def test_a_parameter_is_found_in_its_neuron(open_page: Open, tmp_path: Path) -> None:
    network = xor_network()
    network.layers[0].neurons[2].bias.label = "the threshold"
    page = draw(xor_loss(network), model=network, detail="neurons").save(tmp_path / "x.html")
    opened = open_page(page)
    opened.click("#find-button")
    for asked in ("neurons.2.weights.1", "THRESHOLD", "layers.0.neurons.2.bias"):
        (only,) = find(opened, asked)
        assert only.startswith("layers.0.neurons.2 ")
    assert len(find(opened, "bias")) == 4
    find(opened, "threshold")
    opened.press(Keys.ENTER, on="#finder input")
    assert opened.count("#chosen [data-parameter]") == 3


def test_a_node_far_away_is_found(open_page: Open, tmp_path: Path) -> None:
    out = sum_of_sines(300)
    out.label = "the very end"
    with pause_gc():
        page = draw(out, detail="nodes").save(tmp_path / "page.html")
    opened = open_page(page)
    opened.click("#fit")
    opened.click("#find-button")
    assert len(find(opened, "sin")) == 12
    assert "288 not listed" in opened.text("#finder")
    find(opened, "very end")
    opened.press(Keys.ENTER, on="#finder input")
    assert "the very end" in str(opened.find("[aria-pressed=true]").get_attribute("aria-label"))


def saved(opened: Opened, kind: str, folder: Path) -> Path:
    """The file that the browser saves."""
    opened.driver.download_to(folder)
    opened.click("#save-button")
    opened.click(f"#save-{kind}")
    WebDriverWait(opened.driver, PATIENCE, 0.05).until(lambda _: list(folder.glob(f"*.{kind}")))
    (file,) = folder.glob(f"*.{kind}")
    opened.click("#save-button")
    return file


@in_both_browsers
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_svg_of_a_step_stands_by_itself(scheme: str, open_page: Open, tmp_path: Path) -> None:
    opened = in_boxes(open_page, tmp_path)
    opened.driver.prefer(color_scheme=scheme)
    opened.click("#unfold-all")
    opened.set_slider("#position", 3)
    file = saved(opened, "svg", tmp_path)
    assert file.name == "loss-step-3.svg"
    text = file.read_text("utf8")
    for page_only in ("class=", "var(", "color-mix", "oklab", "tabindex", "url("):
        assert page_only not in text
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    names = {g.get("data-name") for g in root.iter(f"{SVG}g")} - {None}
    assert names == {node["name"] for node in opened.page_data()["nodes"]}
    shown = opened.nodes()
    for group in root.iter(f"{SVG}g"):
        if name := group.get("data-name"):
            assert group.get("data-data") == shown[name].data
    colours = {e.get(a) for e in root.iter() for a in ("fill", "stroke")} - {None, "none"}
    assert all(re.fullmatch("#[0-9a-f]{6}", str(colour)) for colour in colours)
    paper = next(root.iter(f"{SVG}rect")).get("fill")
    assert paper == ("#ffffff" if scheme == "light" else "#14181d")


def test_the_svg_of_a_large_graph_is_all_of_it(open_page: Open, tmp_path: Path) -> None:
    with pause_gc():
        page = draw(sum_of_sines(150), detail="nodes").save(tmp_path / "page.html")
    opened = open_page(page)
    nodes = opened.page_data()["nodes"]
    before = set(opened.nodes())
    root = ET.fromstring(saved(opened, "svg", tmp_path).read_text("utf8"))
    names = [g.get("data-name") for g in root.iter(f"{SVG}g") if g.get("data-name")]
    assert names == [node["name"] for node in nodes]
    assert set(opened.nodes()) == before
    opened.click("#save-button")
    opened.click("#save-png")  # is too wide, and says so
    opened.wait_for("return document.querySelector('#save-menu p').textContent !== ''")
    said = opened.text("#save-menu p")
    assert re.match(r"Save: a PNG of [0-9]+,[0-9]{3} . [0-9,]+ pixels is too large", said)
    assert "at most 16,000 on each side would do" in said
    assert list(tmp_path.glob("*.png")) == []


@in_both_browsers
def test_the_png_has_two_pixels_for_each_of_the_svg(
    open_page: Open, tmp_path: Path, driver: Any
) -> None:
    x = Value(3.0, "x")
    opened = open_page(draw(x * x).save(tmp_path / "page.html"))
    root = ET.fromstring(saved(opened, "svg", tmp_path).read_text("utf8"))
    with Image.open(saved(opened, "png", tmp_path)) as picture:
        for side, name in zip(picture.size, ("width", "height"), strict=True):
            assert abs(side - 2 * float(root.get(name) or 0)) <= 2
        colours = picture.convert("RGB").getcolors(1 << 24) or []
        assert len(colours) > 10
        assert max(colours)[1] == (255, 255, 255)


def test_a_long_png_has_as_many_pixels_as_there_can_be(open_page: Open, tmp_path: Path) -> None:
    with pause_gc():
        drawing = draw(sum_of_sines(60), detail="nodes", direction="TB")
    opened = open_page(drawing.save(tmp_path / "page.html"))
    root = ET.fromstring(saved(opened, "svg", tmp_path).read_text("utf8"))
    width, height = (float(root.get(side) or 0) for side in ("width", "height"))
    assert 8000 < height < 16_000
    with Image.open(saved(opened, "png", tmp_path)) as picture:
        assert picture.size[1] == 16_000
        assert picture.size[0] == pytest.approx(width * 16_000 / height, abs=2)
