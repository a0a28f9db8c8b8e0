"""A real browser: Chromium without a window, driven from outside as a person would drive it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opened import Opened

WINDOW = (1280, 900)


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser for all tests; it may be slow to start."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    paths = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    for name, path in paths.items():
        if path is None:
            pytest.skip(f"there is no {name} on the PATH (Debian: chromium and chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = paths["chromium"]
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.set_capability("unhandledPromptBehavior", "ignore")
    # With both paths given, selenium looks for nothing and fetches nothing.
    service = webdriver.ChromeService(executable_path=paths["chromedriver"])
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture
def open_page(driver: Any) -> Iterator[Callable[[Path], Opened]]:
    """A function that opens a page; afterwards it must have written no error to the console."""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    driver.set_window_size(*WINDOW)
    opened: list[Opened] = []

    def open_(path: Path) -> Opened:
        opened.append(Opened(driver, path))
        return opened[-1]

    yield open_
    for page in opened[-1:]:
        assert page.complaints() == []
