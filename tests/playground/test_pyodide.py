"""The library under Pyodide, in Node: what needs no package does what it does in CPython.

A table of programs (`pyodide_programs`) and the examples of the playground run in one Pyodide, each
by the Python side of the page. `pytest -m browser` and the environment variable CHAINRULE_PYODIDE.
"""

import builtins
import importlib.util
import json
import re
import subprocess
import webbrowser
from pathlib import Path
from typing import Any

import pytest
from pyodide_package import node, pyodide_package
from pyodide_programs import DEEP, DRAWN, HEAD, SAID, SAME

from playground import building

pytestmark = pytest.mark.browser
NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")
PROGRAMS = {
    **{name: HEAD + text for name, text in (SAME | DRAWN | DEEP).items()},
    **{name: HEAD + text for name, (text, _, _) in SAID.items()},
    **{name: building.example(name)["program"] for name in building.EXAMPLES},
}


@pytest.fixture(scope="session")
def in_pyodide(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each program, by name; those after one that ended Python itself are missing."""
    program, package = node(), pyodide_package()
    folder = tmp_path_factory.mktemp("pyodide")
    building.build(folder / "site", package)
    (folder / "programs.json").write_text(json.dumps(PROGRAMS))
    script = Path(__file__).with_name("in_node.mjs")
    done = subprocess.run(
        [program, script, folder / "site", folder / "programs.json"],
        capture_output=True,
        encoding="utf-8",
        timeout=1500,
    )
    found = {x["name"]: x for x in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, f"after {list(found)[-1:]}: {done.stderr[-3000:]}"
    return found


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """A function that runs a program in this Python, as the page would."""
    monkeypatch.setattr(builtins, "input", input)
    monkeypatch.setattr(webbrowser, "open", webbrowser.open)
    path = building.HERE / "page" / "running.py"
    spec = importlib.util.spec_from_file_location("running", path)
    assert spec
    assert spec.loader
    running = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(running)

    def run(program: str) -> dict[str, Any]:
        pages: dict[str, str] = {}
        found = json.loads(running.run(program, pages.__setitem__))
        return found | {"pages": pages, "out": capsys.readouterr().out}

    return run


def test_the_pinned_hashes_are_those_of_the_package() -> None:
    files = building.package(pyodide_package())
    assert {name: building.integrity(content) for name, content in files.items()} == (
        building.INTEGRITY
    )


@pytest.mark.parametrize("name", SAME)
def test_it_computes_what_cpython_computes(name: str, in_pyodide: Any, here: Any) -> None:
    found, wanted = in_pyodide[name], here(PROGRAMS[name])
    assert (found["error"], found["warned"]) == ("", "")
    assert NUMBER.sub("#", found["out"]) == NUMBER.sub("#", wanted["out"])
    numbers = [[float(x) for x in NUMBER.findall(text["out"])] for text in (found, wanted)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", DRAWN)
def test_a_page_is_the_same_to_the_byte(name: str, in_pyodide: Any, here: Any) -> None:
    found, wanted = in_pyodide[name], here(PROGRAMS[name])
    assert (found["error"], found["warned"], wanted["error"]) == ("", "", "")
    assert len(found["pages"]) == 1
    assert found["pages"] == wanted["pages"]


@pytest.mark.parametrize("name", SAID)
def test_what_a_browser_lacks_is_said(name: str, in_pyodide: Any) -> None:
    found = in_pyodide[name]
    for said in SAID[name][1]:
        assert said in found["warned"]
    assert SAID[name][2] in found["error"]
    assert bool(found["error"]) == bool(SAID[name][2])
    assert "clone of chainrule" not in found["error"]  # there is none, and no pip


@pytest.mark.parametrize("name", DEEP)
def test_a_deep_graph_is_freed(name: str, in_pyodide: Any) -> None:
    assert in_pyodide[name]["error"] == ""


@pytest.mark.parametrize("name", building.EXAMPLES)
def test_an_example_is_what_it_is_in_cpython(name: str, in_pyodide: Any, here: Any) -> None:
    found, wanted = in_pyodide[name], here(PROGRAMS[name])
    assert (found["error"], found["warned"]) == ("", "")
    assert found["pages"].keys() == wanted["pages"].keys()
    assert len(found["pages"]) == 1
    if name != "numerical":  # which prints how long it takes
        assert found["out"] == wanted["out"]
