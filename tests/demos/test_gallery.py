"""The gallery: the command, its folder, and that what the docs show of it is what it draws."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import ROOT, caller, check_pictures, runner
from pictures import assert_same_picture

from autograd import Value
from autograd.draw import Drawing, draw
from demos.gallery import hang, index, title_of
from demos.gallery_graphs import GALLERY

call = caller("gallery")
STILLS = ROOT / "docs" / "images" / "gallery"


@pytest.mark.slow
def test_everything_is_written_and_shown(tmp_path: Path) -> None:
    done = runner("gallery")("--out", str(tmp_path / "deep" / "folder"))
    assert (done.returncode, done.stderr) == (0, "")  # no bar, where there is no terminal
    files = [f"{name}.{suffix}" for name in GALLERY for suffix in ("svg", "html")]
    check_pictures(tmp_path / "deep" / "folder", "index.html", *files)


def test_some_are_written_as_png(tmp_path: Path) -> None:
    done = call("--only", "neuron, micrograd", "--format", "png", "--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    check_pictures(
        tmp_path, "index.html", "micrograd.html", "micrograd.png", "neuron.html", "neuron.png"
    )
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'src="([^"]+)"', page) == ["neuron.png", "micrograd.png"]


@pytest.mark.slow
def test_numbers_that_cannot_be_read_are_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chain(**options: object) -> Drawing:
        """Too long."""
        x = Value(1.0)
        for _ in range(300):
            x = -x
        return draw(x, detail="nodes", size="16:9")

    monkeypatch.setitem(GALLERY, "neuron", chain)
    assert len(hang("neuron", tmp_path)) == 1
    done = call("--only", "neuron", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "neuron: draw: numbers are" in done.stderr


def test_titles_are_written_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd() -> None:
        """A <b> & "c"."""

    monkeypatch.setitem(GALLERY, "odd", odd)  # type: ignore[arg-type]
    assert "A &lt;b&gt; &amp; &quot;c&quot;." in index(["odd"])


@pytest.mark.parametrize("name", GALLERY)
def test_the_docs_name_each(name: str) -> None:
    page = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert title_of(name).rstrip(".") in page


@pytest.mark.slow
@pytest.mark.parametrize("still", sorted(STILLS.glob("*.svg")), ids=lambda path: path.stem)
def test_the_stills_of_the_docs_are_what_is_drawn(still: Path) -> None:
    make: Callable[..., Drawing] = GALLERY[still.stem]
    assert_same_picture(make(size="16:9").render("svg"), still)
