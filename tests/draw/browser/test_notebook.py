"""What a notebook shows where there is no Graphviz: the page, in a frame of its own."""

from pathlib import Path
from typing import Any

import pytest
from opened import PATIENCE
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from autograd import Value
from autograd.draw import draw
from autograd.errors import RenderError


def test_the_page_plays_inside_a_cell(
    driver: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> bytes:
        raise RenderError("there is no Graphviz: <install it>")

    monkeypatch.setattr("autograd.draw.drawing.render", fail)
    x = Value(3.0, "</iframe><script>alert(1)</script>")
    cell = draw(x * x)._repr_mimebundle_()[0]["text/html"]
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
