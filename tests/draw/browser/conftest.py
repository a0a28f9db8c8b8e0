"""Real browsers without a window, driven from outside as a person would drive them."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import Chromium
from firefox import Firefox
from opened import PATIENCE, Opened
from pyodide_package import pyodide_package
from served import Playground, fragment_of, serving

from playground import building

WINDOW = (1280, 900)
os.environ["no_proxy"] = "localhost,127.0.0.1"  # selenium and its driver talk without one


def programs(**packages: str) -> list[str]:
    """The paths of programs, by the packages of Debian that they are in."""
    found = []
    for name, package in packages.items():
        path = shutil.which(name.replace("_", "-"))
        if path is None:
            pytest.skip(f"there is no {name.replace('_', '-')} on the PATH (Debian: {package})")
        found.append(path)
    return found


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests; it may be slow to start."""
    paths = programs(chromium="chromium", chromedriver="chromium-driver")
    driver = Chromium(*paths, tmp_path_factory.mktemp("chromium"))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """The other, for the tests that are `in_both_browsers`."""
    driver = Firefox(*programs(firefox_esr="firefox-esr"), tmp_path_factory.mktemp("firefox"))
    yield driver
    driver.quit()


@pytest.fixture
def driver(request: pytest.FixtureRequest) -> Any:
    """The browser of a test: Chromium, unless it says otherwise."""
    driver = request.getfixturevalue(getattr(request, "param", "chromium"))
    driver.reset(*WINDOW)
    driver.set_script_timeout(PATIENCE)
    return driver


@pytest.fixture
def open_page(driver: Any) -> Iterator[Callable[[Path], Opened]]:
    """A function that opens a page; afterwards it must have written no error to the console."""
    opened: list[Opened] = []

    def open_(path: Path) -> Opened:
        opened.append(Opened(driver, path))
        return opened[-1]

    yield open_
    for page in opened[-1:]:
        assert page.complaints() == []


@pytest.fixture
def listening(driver: Any) -> None:
    """For a test that asks what pages ask for."""
    driver.listen()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = pyodide_package()
    folder = tmp_path_factory.mktemp("playground") / "site"
    building.build(folder, package)
    return folder


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    with serving(site) as found:
        yield found


@pytest.fixture(scope="session")
def address_without_python(site: Path) -> Iterator[str]:
    """Where Python is asked for, and does not come: its loading has neither an end nor a cost."""
    with serving(site, held="/pyodide/") as found:
        yield found


@pytest.fixture
def editor(address_without_python: str, driver: Any) -> Iterator[Playground]:
    """The page on its first example, newly opened; Python is still loading, and will be."""
    found = Playground(driver, address_without_python)
    yield found
    assert found.driver.complaints() == []


@pytest.fixture(scope="session")
def shared() -> dict[Any, tuple[Playground, Any]]:
    """The page with Python that a browser has opened, and how one looks that is new."""
    return {}


@pytest.fixture
def somebody_elses(
    address: str, address_without_python: str, driver: Any, shared: Any
) -> tuple[Playground, str]:
    """A page that was opened on a program of somebody else, once Python was there; the program."""
    looks = Playground(driver, address_without_python).looks()
    program = "print('theirs')"
    found = Playground(driver, address, fragment_of(program))
    found.wait_until_ready()
    shared[driver] = found, looks
    return found, program


@pytest.fixture
def playground(request: pytest.FixtureRequest, driver: Any, shared: Any) -> Iterator[Playground]:
    """The page on its first example, with Python, which takes seconds to load: tests share it."""
    if driver not in shared or not shared[driver][0].is_open():
        request.getfixturevalue("somebody_elses")
    found, looks = shared[driver]
    found.renew()
    assert found.looks() == looks
    yield found
    assert driver.complaints() == []
