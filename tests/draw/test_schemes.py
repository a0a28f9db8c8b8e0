"""Light and dark: pages differ by their colours alone, so that a measure of one holds for both."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DARK = re.compile(r"@media[^{]*prefers-color-scheme[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
RULE = re.compile(r"[^{}]*\{([^{}]*)\}")
COLOUR = re.compile(r"--[\w-]+: (#[0-9a-f]{6}|\d+ \d+ \d+)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
FILES = sorted(
    [*(ROOT / "autograd/draw/page/files").glob("*.css"), *(ROOT / "playground/page").glob("*.css")]
)


def declarations(style: str) -> list[str]:
    """What a style sheet says of one scheme."""
    plain = COMMENT.sub("", style)
    found = DARK.findall(plain)
    assert len(found) == plain.count("prefers-color-scheme")
    bodies = [body for block in found for body in RULE.findall(block)]
    return [said.strip() for body in bodies for said in body.split(";") if said.strip()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_scheme_is_colours_and_nothing_else(file: Path) -> None:
    for said in declarations(file.read_text("utf8")):
        assert COLOUR.fullmatch(said), said


def test_there_is_a_dark_scheme() -> None:
    assert sum(len(declarations(file.read_text("utf8"))) for file in FILES) > 30
    assert declarations("@media (prefers-color-scheme: dark) { a { b: c; } d { e: f } }") == [
        "b: c",
        "e: f",
    ]
