"""Whether a picture of the documentation is still what is drawn, on another machine too."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
BLOCK, FAR = 16, 24  # pixels that are one when pictures are compared, and how far grey may be off


def assert_same_picture(now: Path | bytes, then: Path) -> None:
    """Compare a picture that was drawn with that of the documentation.

    Of an SVG what stands in it is compared, for layouts differ between versions of Graphviz; of a
    PNG its size and its greys, blurred, since text differs a little between versions of its fonts.

    Args:
        now: what was drawn, a file or what would be in it.
        then: the file of the documentation.
    """
    drawn = now if isinstance(now, bytes) else now.read_bytes()
    (assert_same_texts if then.suffix == ".svg" else assert_same_greys)(drawn, then)


def assert_same_texts(drawn: bytes, then: Path) -> None:
    now, before = (sorted(texts(svg), key=shape) for svg in (drawn, then.read_bytes()))
    assert [*map(shape, now)] == [*map(shape, before)], then
    numbers = (
        sorted(float(x) for text in side for x in NUMBER.findall(text)) for side in (now, before)
    )
    for a, b in zip(*numbers, strict=True):
        assert a == pytest.approx(b, rel=2e-3, abs=1e-9), then


def texts(svg: bytes) -> list[str]:
    """What is written in an SVG."""
    tree = ElementTree.fromstring(svg)
    return ["".join(x.itertext()) for x in tree.iter() if x.tag.endswith("}text")]


def shape(text: str) -> str:
    """A text without its numbers."""
    return NUMBER.sub("#", text)


def assert_same_greys(drawn: bytes, then: Path) -> None:
    import io

    from PIL import Image, ImageChops

    now, before = (Image.open(source).convert("L") for source in (io.BytesIO(drawn), then))
    assert now.size == before.size, then
    small = [
        x.resize((x.width // BLOCK, x.height // BLOCK), Image.Resampling.BOX) for x in (now, before)
    ]
    farthest = ImageChops.difference(*small).getextrema()[1]
    assert farthest <= FAR, (then, farthest)
