"""A page in the browser: what a person can do with it, and what there is to see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 300.0  # seconds; the machine may be busy
in_both_browsers = pytest.mark.parametrize("driver", ["chromium", "firefox"], indirect=True)


class Shown(NamedTuple):
    """What a node shows: exact numbers, as text, and whether the walk has reached it."""

    data: str | None
    grad: str | None
    state: str


class Opened:
    """A page that is open and has drawn itself."""

    def __init__(self, driver: Any, path: Path) -> None:
        self.driver = driver
        driver.get("about:blank")  # a page that is left may complain
        driver.forget()
        self.url = path.resolve().as_uri()
        driver.get(self.url)
        self.wait_for("return document.body.dataset.ready === 'true'")

    # What a person does

    def click(self, selector: str) -> None:
        self.find(selector).click()

    def press(self, *keys: str, on: str = "body") -> None:
        for key in keys:
            self.find(on).send_keys(key)

    def set_slider(self, selector: str, value: int) -> None:
        """Move a slider by its keys: Home, and the arrow as often as it takes."""
        self.find(selector).send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * value)

    def steps_to_the_end(self) -> int:
        return int(self.find("#position").get_attribute("max") or 0)

    # What there is to see

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> WebElement:
        element: WebElement = self.driver.find_element(By.CSS_SELECTOR, selector)
        return element

    def count(self, selector: str) -> int:
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    @property
    def position(self) -> int:
        return int(self.run("return document.querySelector('#position').value"))

    def nodes(self) -> dict[str, Shown]:
        rows = self.run(
            """return [...document.querySelectorAll("g.node[data-name]")].map((node) => [
                node.dataset.name, node.getAttribute("data-data"),
                node.getAttribute("data-grad"), node.getAttribute("data-state")])"""
        )
        return {name: Shown(data, grad, state) for name, data, grad, state in rows}

    def page_data(self) -> Any:
        return json.loads(self.text("#page-data"))

    def wait_for(self, script: str, *arguments: Any) -> None:
        WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: self.run(script, *arguments))

    # What went on behind

    def complaints(self) -> list[str]:
        """What the browser has written to its console since the last look."""
        said: list[str] = self.driver.complaints()
        return said

    def requests(self) -> list[str]:
        """The addresses asked for since the last look, but those that the policy stopped."""
        asked: dict[str, str] = {}
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            parameters = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                asked[parameters["requestId"]] = parameters["request"]["url"]
            elif parameters.get("blockedReason") == "csp":
                asked.pop(parameters["requestId"], None)
        return list(asked.values())
