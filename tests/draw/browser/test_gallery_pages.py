"""The pages of the gallery as they open: wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opened import Opened, in_both_browsers
from test_geometry import COLLISIONS, CROSSINGS
from test_opening import LEAST, SMALL_TEXTS, WINDOWS

from autograd.draw.sizes import SLIDE
from demos.gallery import hang, index
from demos.gallery_graphs import GALLERY

Open = Callable[[Path], Opened]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that draws a graph, and gives the folder where it is."""
    out = tmp_path_factory.mktemp("gallery")

    def drawn(name: str) -> Path:
        if not (out / f"{name}.html").exists():
            assert hang(name, out) == []
        return out

    return drawn


@in_both_browsers
@pytest.mark.parametrize("name", GALLERY)
def test_a_page_of_the_gallery_opens_clear_and_large_enough(
    name: str, open_page: Open, folder: Any, driver: Any
) -> None:
    path = folder(name) / f"{name}.html"
    for (width, height), scheme in zip(WINDOWS, ("light", "dark"), strict=True):
        driver.resize(width, height)
        driver.prefer(color_scheme=scheme)
        opened = open_page(path)
        assert opened.count("g.node") > 2
        assert opened.run(SMALL_TEXTS, LEAST) == []
        assert opened.run(COLLISIONS)[1] == []
        assert opened.run(CROSSINGS) == []
        assert opened.complaints() == []


SHOWN = "return [...document.images].map((image) => [image.complete, image.naturalWidth])"


def test_the_index_shows_the_stills(open_page: Open, folder: Any, driver: Any) -> None:
    names = ["neuron", "second_derivative"]
    for name in names:
        out = folder(name)
    (out / "index.html").write_text(index(names), encoding="utf-8")
    driver.get((out / "index.html").as_uri())
    for complete, width in driver.execute_script(SHOWN):
        assert complete
        assert 0 < width <= SLIDE
    assert len(driver.execute_script(SHOWN)) == len(names)
