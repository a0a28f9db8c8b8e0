"""Running a demo as a person does, and looking at the pictures it wrote."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

ROOT = Path(__file__).parents[2]


def runner(demo: str, timeout: float = 60) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs `python -m demos.DEMO` with its arguments."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", f"demos.{demo}", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1"},
        )

    return run


def check_pictures(out: Path, *names: str) -> None:
    """These files and no others are in the folder, and each is a picture or a page that opens."""
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    for name in names:
        if name.endswith(".png"):
            with Image.open(out / name) as picture:
                picture.load()
                assert picture.format == "PNG"
                assert picture.width >= 800
        elif name.endswith(".html"):
            assert (out / name).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
        else:
            assert ElementTree.parse(out / name).getroot().tag.endswith("svg")
