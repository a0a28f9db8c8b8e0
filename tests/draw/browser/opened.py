"""A page in the browser: what a person can do with it, and what there is to see."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

PATIENCE = 300.0  # seconds; the machine may be busy
in_both_browsers = pytest.mark.parametrize("driver", ["chromium", "firefox"], indirect=True)


def wait_until(is_so: Callable[[], object], patience: float = PATIENCE) -> None:
    """Look again and again, the less often the longer it takes: each look costs work, too."""
    begun = monotonic()
    while not is_so():
        waited = monotonic() - begun
        assert waited < patience, f"waited for {waited:.0f} s"
        sleep(0.02 + waited / 10)


# What WebDriver's own click, and its keys, do before them, in scripts of many times this size.
MIDDLE = """
    const element = document.querySelector(arguments[0]);
    const middle = () => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        const [l, r] = [Math.max(left, 0), Math.min(right, innerWidth)];
        const [t, b] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
        return [Math.floor((l + r) / 2), Math.floor((t + b) / 2)];
    };
    const isHit = () => element.contains(document.elementFromPoint(...middle()));
    if (!isHit()) element.scrollIntoView({ behavior: "instant", block: "nearest" });
    if (!isHit()) throw new Error(`${arguments[0]} cannot be clicked: it is hidden, or covered`);
    return middle();
"""
FOCUS = """
    const element = document.querySelector(arguments[0]);
    if (element === document.activeElement) return;
    if (!element.checkVisibility({ visibilityProperty: true }))
        throw new Error(`${arguments[0]} cannot be typed to: it is hidden`);
    document.activeElement?.blur();
    element.focus();
"""


# Where a slider is, and where its end is, counted from its beginning.
PLACES = """
    const { value, min, max } = document.querySelector(arguments[0]);
    return [value - min, max - min];
"""


class Shown(NamedTuple):
    """What a node shows: exact numbers, as text, and whether the walk has reached it."""

    data: str | None
    grad: str | None
    state: str


class Opened:
    """A page that is open and has drawn itself."""

    def __init__(self, driver: Any, path: Path) -> None:
        self.driver = driver
        if not driver.current_url.startswith("file:"):
            driver.get("about:blank")  # a page that is left while it loads something may complain
        driver.forget()
        self.url = path.resolve().as_uri()
        driver.get(self.url)
        self.wait_for("return document.body.dataset.ready === 'true'")

    # What a person does

    def click(self, selector: str) -> None:
        """Click in the middle of an element, which must not be covered there by another."""
        x, y = self.run(MIDDLE, selector)
        actions = ActionChains(self.driver, duration=0)
        actions.w3c_actions.pointer_action.move_to_location(x, y)
        actions.click().perform()

    def press(self, *keys: str, on: str = "body") -> None:
        """Press keys one by one on an element, which gets the focus."""
        for key in keys:
            self.run(FOCUS, on)
            ActionChains(self.driver, duration=0).send_keys(key).perform()

    def set_slider(self, selector: str, value: int) -> None:
        """Move a slider by its keys: by arrows from where it is, or from an end that is nearer."""
        now, most = self.run(PLACES, selector)
        starts = [([], now), ([Keys.HOME], 0), ([Keys.END], most)]
        keys, start = min(starts, key=lambda begun: abs(value - begun[1]))
        arrow = Keys.ARROW_RIGHT if value > start else Keys.ARROW_LEFT
        self.find(selector).send_keys(*keys, *[arrow] * abs(value - start))
        assert self.run(PLACES, selector)[0] == value

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
        wait_until(lambda: self.run(script, *arguments))

    # What went on behind

    def complaints(self) -> list[str]:
        """What the browser has written to its console since the last look."""
        said: list[str] = self.driver.complaints()
        return said

    def requests(self) -> list[str]:
        """The addresses asked for since the last look, but those that the policy stopped.

        A test that asks has the fixture `listening`.
        """
        asked: dict[str, str] = {}
        for message in self.driver.events():
            parameters = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                asked[parameters["requestId"]] = parameters["request"]["url"]
            elif parameters.get("blockedReason") == "csp":
                asked.pop(parameters["requestId"], None)
        return list(asked.values())
