"""Pictures in the dark: as files, as images, and inside of a page that has a theme."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from contrast import LINES, TEXTS, contrast
from PIL import Image
from selenium.webdriver.common.by import By

from autograd import Value
from autograd.draw import draw
from autograd.draw.dot.pictures import inches, inline, themed

DECODED = "const done = arguments[0]; document.querySelector('img').decode().then(done)"
LIGHT, DARK = (255, 255, 255), (18, 18, 18)


@pytest.fixture
def show(driver: Any, tmp_path: Path) -> Callable[..., str]:
    """A function that opens a file, in a browser whose user prefers a scheme."""

    def show_(name: str, text: str, scheme: str) -> str:
        file = tmp_path / name
        file.write_text(text, "utf8")
        driver.prefer(color_scheme=scheme)
        driver.get(file.as_uri())
        return file.as_uri()

    return show_


def picture() -> bytes:
    x = Value(3.0, "x")
    y = x * 2
    y.backward()
    return draw(y).render("svg")


def colours(driver: Any, selector: str) -> list[tuple[int, ...]]:
    """The colours of an element on the screen, the most frequent first."""
    element = driver.find_element(By.CSS_SELECTOR, selector)
    with Image.open(BytesIO(element.screenshot_as_png)) as image:
        found = image.convert("RGB").getcolors(image.width * image.height)
    assert found is not None
    return [pixel for _, pixel in sorted(found, reverse=True)]


@pytest.mark.parametrize(("scheme", "expected"), [("light", LIGHT), ("dark", DARK)])
def test_a_file_follows_its_reader(
    show: Callable[..., str], driver: Any, scheme: str, expected: tuple[int, ...]
) -> None:
    address = show("graph.svg", picture().decode(), scheme)
    assert colours(driver, "svg")[0] == expected
    show("page.html", f'<!DOCTYPE html><img src="{address}">', scheme)
    driver.execute_async_script(DECODED)
    assert colours(driver, "img")[0] == expected


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("theme", "expected"),
    [
        ('data-jp-theme-light="true"', LIGHT),
        ('data-jp-theme-light="false"', DARK),
        ('class="vscode-light"', LIGHT),
        ('class="vscode-dark"', DARK),
        ('theme="light"', LIGHT),
        ('theme="dark"', DARK),
        ('class="light light-theme"', LIGHT),
        ('class="dark dark-theme"', DARK),
        ("", None),
    ],
)
def test_in_a_page_it_follows_the_theme_of_the_page(
    show: Callable[..., str],
    driver: Any,
    theme: str,
    expected: tuple[int, ...] | None,
    scheme: str,
) -> None:
    other = '<p class="node" style="width: 9px; height: 9px; background: #D55E00"></p>'
    page = f"<!DOCTYPE html><body {theme}>{other}{inline(picture())}</body>"
    show("page.html", page, scheme)
    assert colours(driver, "svg")[0] == (expected or {"light": LIGHT, "dark": DARK}[scheme])
    assert colours(driver, "p") == [(0xD5, 0x5E, 0x00)]


@pytest.mark.parametrize("as_image", [False, True])
@pytest.mark.parametrize("length", [1, 8])
@pytest.mark.parametrize("place", [120, 700])
def test_in_a_page_it_is_no_wider_than_its_place(
    show: Callable[..., str], driver: Any, place: int, length: int, as_image: bool
) -> None:
    """As an element, or as an image, which JupyterLab and nbconvert make of it."""
    x = Value(3.0, "x")
    for _ in range(length):
        x = x * 2
    svg = draw(x).render("svg")
    across, down = (96 * size for size in inches(svg))
    assert (across > 900) == (length == 8)
    element = inline(svg)
    if as_image:
        element = f'<img src="data:image/svg+xml,{quote(element)}">'
    show("page.html", f'<!DOCTYPE html><div style="width: {place}px">{element}</div>', "light")
    tag = "img" if as_image else "svg"
    if as_image:
        driver.execute_async_script(DECODED)
    box = driver.find_element(By.CSS_SELECTOR, tag).rect
    # An image that fits is as wide as it is; what makes it narrower is the notebook's.
    width = across if as_image and across <= 900 else min(place, across)
    assert box["width"] == pytest.approx(width, abs=1)
    assert box["height"] == pytest.approx(width * down / across, abs=1)


def test_text_can_be_read_and_lines_be_seen_in_the_dark(
    show: Callable[..., str], driver: Any
) -> None:
    """The browser paints each colour as in a picture; what meets there differs enough."""
    known = sorted({colour for pair in (*TEXTS, *LINES) for colour in pair})
    size = f'width="{8 * len(known)}" height="8"'
    squares = "".join(
        f'<rect x="{8 * i}" width="8" height="8" fill="{x}"/>' for i, x in enumerate(known)
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{squares}</svg>'
    show("page.html", f"<!DOCTYPE html>{themed(svg.encode()).decode()}", "dark")
    element = driver.find_element(By.CSS_SELECTOR, "svg")
    with Image.open(BytesIO(element.screenshot_as_png)) as image:
        pixels = [image.convert("RGB").getpixel((8 * i + 4, 4)) for i in range(len(known))]
    dark = {
        colour: f"#{bytes(pixel).hex().upper()}"
        for colour, pixel in zip(known, pixels, strict=True)
    }
    assert dark["#FFFFFF"] == f"#{bytes(DARK).hex().upper()}"
    faint = {pair: x for pair in TEXTS if (x := contrast(*map(dark.__getitem__, pair))) < 4.5}
    faint |= {pair: x for pair in LINES if (x := contrast(*map(dark.__getitem__, pair))) < 3}
    assert faint == {}
