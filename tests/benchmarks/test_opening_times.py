"""The pages of `python -m benchmarks opening`: as large as is said, and the command prints each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("matplotlib")

from autograd.draw import draw
from benchmarks.__main__ import app
from benchmarks.opening import SHAPES


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_as_large_as_is_asked_for(name: str, tmp_path: Path) -> None:
    page = draw(SHAPES[name](600), detail="nodes").save(tmp_path / "page.html")
    text = page.read_text("utf8").partition('id="page-data">')[2].partition("</script>")[0]
    assert 450 < len(json.loads(text)["nodes"]) < 750


@pytest.mark.browser
def test_the_command_prints_a_line_for_each_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two, since each opens a browser of its own; what the pages show is the same for all."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("there is no chromium with its driver on the PATH")
    for name in [*SHAPES][2:]:
        monkeypatch.delitem(SHAPES, name)
    said = CliRunner().invoke(
        app, ["opening", "--size", "100", "--steps", "2", "--out", str(tmp_path)]
    )
    assert said.exit_code == 0, said.output
    rows = [line.split("|")[1].strip() for line in said.output.splitlines()[2:]]
    assert rows == [*SHAPES]
    assert {path.stem for path in tmp_path.iterdir()} == {*SHAPES}


def test_a_browser_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    said = CliRunner().invoke(app, ["opening", "--out", str(tmp_path)])
    assert said.exit_code == 2
    assert "no chromium" in said.output
