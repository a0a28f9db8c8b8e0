"""How the playground loads: from what server, which files, and what it says where one lacks."""

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from opened import wait_until
from served import Playground, serving

STATE = "return document.querySelector('#state').textContent"


def test_opened_as_a_file_it_says_what_it_needs(site: Path, driver: Any) -> None:
    driver.get((site / "index.html").as_uri())
    wait_until(lambda: driver.execute_script(STATE) != "Starting ...")
    assert "python -m http.server" in driver.execute_script(STATE)
    driver.forget()  # what the browser has said of it


@pytest.mark.parametrize("missing", ["main.js", "editor.js", "playground.json", "worker.js"])
def test_a_folder_without_one_of_its_files_says_so(
    missing: str, site: Path, tmp_path: Path, driver: Any
) -> None:
    shutil.copytree(site, tmp_path / "site", ignore=shutil.ignore_patterns(missing))
    with serving(tmp_path / "site") as address:
        driver.get(address)
        said = re.compile("cannot start|could not be loaded")
        wait_until(lambda: said.search(driver.execute_script(STATE)))
    driver.forget()


@pytest.mark.usefixtures("listening")
def test_nothing_is_asked_of_any_other_server(address: str, driver: Any) -> None:
    found = Playground(driver, address)
    found.run()
    asked = [
        event["params"].get("request", {}).get("url", "")
        for event in driver.events()
        if "requestWillBeSent" in event["method"]
    ]
    hosts = {urlsplit(url).netloc for url in asked} - {""}
    assert hosts == {urlsplit(address).netloc}


def test_another_file_than_the_pinned_one_is_refused(
    site: Path, tmp_path: Path, driver: Any
) -> None:
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        copy = tmp_path / name
        shutil.copytree(site, copy)
        with (copy / "pyodide" / name).open("ab") as file:
            file.write(b"\n")
        with serving(copy) as address:
            found = Playground(driver, address)
            found.wait("return document.body.dataset.state === 'absent'")
            assert "Python could not be loaded" in found.printed


def test_without_pyodide_it_is_said_and_tried_again(
    site: Path, tmp_path: Path, driver: Any
) -> None:
    shutil.copytree(site, tmp_path / "site")
    (tmp_path / "site" / "pyodide").rename(tmp_path / "away")
    with serving(tmp_path / "site") as address:
        found = Playground(driver, address)
        found.wait("return document.body.dataset.state === 'absent'")
        assert f"Python could not be loaded: {address}pyodide/pyodide." in found.printed
        (tmp_path / "away").rename(tmp_path / "site" / "pyodide")
        found.run("print('there')")
        assert found.printed == "there\n"
