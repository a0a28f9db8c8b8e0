"""What a notebook shows of a drawing, and what `show` opens where there is none."""

import os
import subprocess
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd import RenderError, Value
from autograd.draw import Drawing, Recording, draw, draw_model, record
from autograd.draw.dot.pictures import inches, inline
from nn import MLP

pytestmark = pytest.mark.usefixtures("without_process")

KINDS = {"text/plain", "image/svg+xml", "image/png"}
ROOT = Path(__file__).parents[2]


def example() -> Value:
    a = Value(2.0, "a")
    b = a * 3
    c = b * b
    c.backward()
    return c


def drawings() -> list[Drawing]:
    return [draw(example()), draw_model(MLP(2, [3, 1], rng=0))]


def bundle_of(drawing: Any, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a notebook is given, and what is said of it."""
    found = drawing._repr_mimebundle_(**options)
    return found if isinstance(found, tuple) else (found, {})


def recording() -> Recording:
    made = record()
    made(example())
    return made


@pytest.mark.usefixtures("engine")
def test_a_notebook_shows_the_picture() -> None:
    for drawing in drawings():
        bundle, said = bundle_of(drawing)
        assert set(bundle) == KINDS
        assert bundle["text/plain"] == repr(drawing)
        assert len(repr(drawing)) < 100
        assert "\n" not in repr(drawing)
        svg = drawing.render("svg")
        assert bundle["image/svg+xml"] == inline(svg)
        assert bundle["image/png"] == drawing.render("png")
        assert said == {
            "image/png": {"width": pytest.approx(96 * inches(svg)[0], abs=4)}
        }  # in pixels of CSS
        assert str(drawing) == drawing.source


@pytest.mark.usefixtures("engine")
def test_a_huge_picture_has_its_size_in_a_notebook_and_warns_of_nothing() -> None:
    x = Value(1.0)
    for _ in range(60):
        x = -x
    drawing = draw(x, detail="nodes")
    _, said = bundle_of(drawing)
    whole = 96 * inches(drawing.render("svg"))[0]
    assert said["image/png"]["width"] == pytest.approx(whole, rel=0.01)


@pytest.mark.usefixtures("engine")
def test_tooltips_and_the_size_are_in_the_svg_of_a_notebook() -> None:
    svg = bundle_of(draw(example()))[0]["image/svg+xml"]
    assert isinstance(svg, str)
    assert svg.startswith('<svg style="max-width: 100%; height: auto" class="chainrule-drawing"')
    assert 'xlink:title="a&#10;data = 2.0&#10;grad = 36.0"' in svg
    assert 'viewBox="0.00 0.00' in svg  # without it, a picture cannot be narrower


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (None, None, KINDS),
        (["image/png"], None, {"image/png"}),
        ({"image/svg+xml", "text/plain"}, ["text/plain"], {"image/svg+xml"}),
        (None, {"image/png", "image/svg+xml"}, {"text/plain"}),
        (["application/pdf"], None, set()),
        ([], None, set()),
    ],
)
def test_a_notebook_says_what_it_wants(include: Any, exclude: Any, expected: set[str]) -> None:
    bundle, said = bundle_of(draw(example()), include=include, exclude=exclude)
    assert set(bundle) == expected
    assert set(said) == expected & {"image/png"}


@pytest.mark.usefixtures("no_engine")
def test_a_notebook_without_graphviz_shows_the_page_and_says_why() -> None:
    for drawing in drawings():
        bundle = drawing._repr_mimebundle_(include=None, exclude=None)
        assert isinstance(bundle, dict)  # nothing is said of what there is
        assert set(bundle) == {"text/plain", "text/html"}
        assert bundle["text/plain"] == repr(drawing)
        shown = bundle["text/html"]
        assert isinstance(shown, str)
        assert "pip install -e &quot;.[draw]&quot;" in shown
        assert shown.count('<iframe sandbox="allow-scripts') == (drawing._page is not None)
        plain = drawing._repr_mimebundle_(include=["text/plain"])
        assert plain == {"text/plain": repr(drawing)}
        assert drawing._repr_mimebundle_(exclude=["text/html"]) == plain


@pytest.mark.usefixtures("engine")
def test_what_ipython_makes_of_it() -> None:
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython is not installed")
    for drawing in drawings():
        data, said = formatters.DisplayFormatter().format(drawing)
        assert set(data) == KINDS
        assert data["text/plain"] == repr(drawing)
        assert said["image/png"]["width"] > 0
        data, _ = formatters.DisplayFormatter().format(drawing, include={"text/plain"})
        assert data == {"text/plain": repr(drawing)}


@pytest.mark.parametrize("height", [0, 3.5, "tall"])
@pytest.mark.parametrize("made", [lambda: draw(example()), recording])
def test_a_height_that_is_none(made: Callable[[], Any], height: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"\.show: height must be"):
        made().show(height=height)


# Outside of a notebook: the browser of this system is a program that says what it was given.

needs_programs = pytest.mark.skipif(sys.platform == "win32", reason="a shell script is a browser")
SHOW = """
from test_showing import *
if sys.argv[1] == "IPython":
    from IPython.terminal.interactiveshell import TerminalInteractiveShell
    TerminalInteractiveShell.instance()
{"page": lambda: draw(example()), "model": lambda: drawings()[1], "training": recording}[
    sys.argv[2]
]().show()
"""


def shown(
    folder: Path, what: str, *, browser: str, shell: str = "Python"
) -> subprocess.CompletedProcess[str]:
    """What a program writes that shows something, where this is the only browser."""
    program = folder / "browser"
    program.write_text(f"#!/bin/sh\n{browser}\n")
    program.chmod(0o755)
    (folder / "files").mkdir()
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    surroundings = {"PYTHONPATH": paths, "PATH": "/nowhere", "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", SHOW, shell, what],
        env=surroundings | {"TMPDIR": str(folder / "files"), "BROWSER": f"{program} %s"},
        capture_output=True,
        text=True,
    )


@needs_programs
@pytest.mark.parametrize("what", ["page", "training"])
@pytest.mark.parametrize("shell", ["Python", pytest.param("IPython", marks=pytest.mark.slow)])
def test_a_terminal_opens_the_page_in_the_browser(shell: str, what: str, tmp_path: Path) -> None:
    if shell == "IPython":
        pytest.importorskip("IPython", reason="IPython is not installed")
    done = shown(tmp_path, what, browser='echo "$1"', shell=shell)
    assert done.returncode == 0, done.stderr
    [file] = (tmp_path / "files").glob("*/*")
    assert done.stdout.strip() == file.as_uri()
    assert file.read_text("utf8").startswith("<!DOCTYPE html>")


@needs_programs
def test_a_terminal_opens_a_picture_where_there_is_no_page(tmp_path: Path) -> None:
    pytest.importorskip("pygraphviz", reason="pygraphviz is not installed")
    done = shown(tmp_path, "model", browser='echo "$1"')
    assert done.returncode == 0, done.stderr
    [file] = (tmp_path / "files").glob("*/*.svg")
    assert done.stdout.strip() == file.as_uri()
    assert b"chainrule-drawing" in file.read_bytes()


@needs_programs
def test_without_a_browser_the_error_says_where_the_page_is(tmp_path: Path) -> None:
    done = shown(tmp_path, "page", browser="exit 1")
    [file] = (tmp_path / "files").glob("*/*.html")
    said = f"Drawing.show: no browser could be started; the file to open is {file}"
    assert done.stderr.rstrip().endswith(said)


def test_where_opening_a_browser_fails_as_in_a_worker_of_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def open_(url: str) -> None:
        from js import window  # noqa: F401  what Pyodide's webbrowser begins with

    monkeypatch.setattr(webbrowser, "open", open_)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RenderError, match="no browser could be started; the file to open is"):
        draw(Value(2.0) * 3.0).show()
