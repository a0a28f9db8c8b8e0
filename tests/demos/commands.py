"""Running a demo as a person does, and looking at the pictures it wrote."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch
from xml.etree import ElementTree

import pytest
from PIL import Image

from demos import planes

ROOT = Path(__file__).parents[2]
TERMINAL = {"COLUMNS": "120", "NO_COLOR": "1"}


def runner(demo: str) -> Callable[..., CompletedProcess[str]]:
    """A function that runs `python -m demos.DEMO` with its arguments."""

    def run(*arguments: str) -> CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", f"demos.{demo}", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,  # so long only if it hangs
            env={**os.environ, **TERMINAL},
        )

    return run


def caller(demo: str) -> Callable[..., CompletedProcess[str]]:
    """As `runner`, within this process: it has imported what takes another one a second.

    Planes are painted coarsely. One run of each demo, the one that succeeds, is left to `runner`.
    """
    spread = planes.spread

    def call(*arguments: str) -> CompletedProcess[str]:
        app = import_module(f"demos.{demo}").app
        with (
            patch.dict(os.environ, TERMINAL),
            patch.object(planes, "spread", lambda low, high, count: spread(low, high, 20)),
            redirect_stdout(StringIO()) as out,
            redirect_stderr(StringIO()) as err,
            pytest.raises(SystemExit) as end,
        ):
            app(arguments)
        return CompletedProcess(arguments, int(end.value.code or 0), out.getvalue(), err.getvalue())

    return call


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
