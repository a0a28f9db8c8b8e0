"""What `show` puts into a cell, and a drawing where there is no Graphviz: the page, in a frame."""

from pathlib import Path
from typing import Any

import pytest
from graphs import xor_loss, xor_network
from opened import PATIENCE, in_both_browsers
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from autograd import Value
from autograd.draw import draw
from autograd.draw.showing import HEIGHT, framed
from autograd.errors import RenderError


@in_both_browsers
def test_the_page_plays_inside_a_cell(
    driver: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> bytes:
        raise RenderError("there is no Graphviz: <install it>")

    monkeypatch.setattr("autograd.draw.picture.render", fail)
    x = Value(3.0, "</iframe><script>alert(1)</script>")
    bundle = draw(x * x)._repr_mimebundle_()
    assert isinstance(bundle, dict)
    cell = bundle["text/html"]
    assert isinstance(cell, str)
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body>{cell}</body>', "utf8")
    driver.get(notebook.as_uri())
    assert "<install it>" in driver.find_element(By.TAG_NAME, "pre").text
    frame = driver.find_element(By.TAG_NAME, "iframe")
    driver.switch_to.frame(frame)
    ready = "return document.body.dataset.ready === 'true'"
    WebDriverWait(driver, PATIENCE, 0.05).until(lambda _: driver.execute_script(ready))
    driver.find_element(By.CSS_SELECTOR, "#to-end").click()
    nodes = driver.find_elements(By.CSS_SELECTOR, "g.node[data-name]")
    assert "9" in {node.get_attribute("data-data") for node in nodes}
    # An address that follows the steps does so once they rest.
    rested = "const done = arguments[0]; setTimeout(() => done(document.body.innerText), 1000)"
    driver.set_script_timeout(PATIENCE)
    assert "does not work" not in driver.execute_async_script(rested)
    driver.switch_to.default_content()
    assert len(driver.find_elements(By.TAG_NAME, "script")) == 0


@in_both_browsers
@pytest.mark.parametrize("height", [300, HEIGHT])
@pytest.mark.parametrize("width", [560, 820, 1400])
def test_in_a_cell_the_graph_has_the_room(
    width: int, height: int, driver: Any, tmp_path: Path
) -> None:
    """The bars above and below it are one line each, and nothing of them is cut off."""
    page = draw(xor_loss(xor_network())).save(tmp_path / "page.html").read_text("utf8")
    cell = f'<!DOCTYPE html><body style="width: {width}px">{framed(page, height)}</body>'
    (tmp_path / "cell.html").write_text(cell, "utf8")
    driver.set_window_size(1600, 900)
    driver.get((tmp_path / "cell.html").as_uri())
    driver.switch_to.frame(driver.find_element(By.TAG_NAME, "iframe"))
    ready = "return document.body.dataset.ready === 'true'"
    WebDriverWait(driver, PATIENCE, 0.05).until(lambda _: driver.execute_script(ready))
    bars = driver.execute_script(
        """return ["header", "#player"].map((bar) => {
            const {height, right} = document.querySelector(bar).getBoundingClientRect();
            const parts = [...document.querySelectorAll(`${bar} :is(h1, button, select, input)`)];
            const ends = parts.map((part) => part.getBoundingClientRect().right);
            return [height, right - Math.max(...ends)];
        })"""
    )
    driver.switch_to.default_content()
    for bar, left_over in bars:
        assert bar <= 42
        assert left_over >= 0
