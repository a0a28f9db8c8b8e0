"""Pages of documentation whose code is run, and whose output is compared with what they print.

A block of Python is executed by itself, as a reader has it who copies it; those of a chapter of the
tutorial are one session. One that begins with a comment such as `# test_huber.py` is written to a
file of that name instead. A `diff` block of
lines without context changes the block of Python before it, which is executed again. A `bash` block
is run if a `text` block follows it; one that writes machine code, where LLVM is installed, and one
that imports a library of another kind, where that is.

What a `text` block shows is what the block before it has to print, where `...` stands for anything,
and the estimated errors of numerical derivatives may differ in their digits.
"""

import doctest
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from autograd.jit import backends

JAX = r"import jax|\"jax\"|devices=\"all\"|sweep\((?!.*backend=)"
NEEDS = {"native": r"autograd\.jit\.native", "jax": JAX}
"""The backends that a block needs which mentions these."""

ROOT = Path(__file__).parent.parent
OPTIONAL = ("onnx", "onnxruntime", "pandas", "scipy", "sklearn", "tensorboardX", "torch", "wandb")
ERROR = re.compile(r"(?<= )\de[+-]\d\d(?= )")


class Block(NamedTuple):
    """A block of code, or of what code prints."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(*pair) for pair in found]


def run(page: Path, folder: Path) -> None:
    """Run the code of a page, as if in a folder, which has to be the current one.

    Raises:
        AssertionError: something else is printed than the page says.
    """
    source, session = "", {"__name__": "__main__"}
    goes_on = page.parent.name == "tutorial"
    for block, following in pairwise([*blocks(page), Block("", "")]):
        expected = following.text if following.language == "text" else ""
        if block.language in ("python", "diff"):
            source = changed(source, block.text) if block.language == "diff" else block.text
            needed = [name for name, sign in NEEDS.items() if re.search(sign, source)]
            if any(backends.BACKENDS[name].missing for name in needed):
                continue
            if any(find_spec(name) is None for name in imported(source) & {*OPTIONAL}):
                continue
            printed = run_python(source, folder, session if goes_on else {**session})
        elif block.language == "bash" and expected:
            printed = run_command(block.text, folder)
        else:
            continue
        assert_printed(expected, printed)


def imported(source: str) -> set[str]:
    """The libraries that a block imports, or the module of this project for one that needs it."""
    return set(re.findall(r"^(?:from|import) (?:nn\.|autograd\.)?(\w+)", source, re.MULTILINE))


def changed(source: str, difference: str) -> str:
    """The source with each line after a `-` replaced by those after the `+` that follow it.

    Raises:
        AssertionError: the source has not that line, once.
    """
    for old, new in re.findall(r"^-(.*\n)((?:^\+.*\n)*)", difference, re.MULTILINE):
        assert source.count(old) == 1, old
        source = source.replace(old, re.sub(r"^\+", "", new, flags=re.MULTILINE))
    return source


def run_python(source: str, folder: Path, names: dict[str, object]) -> str:
    """What a block prints; one that names a file is written there."""
    if name := re.match(r"# (\w+\.py)\n", source):
        (folder / name[1]).write_text(source, encoding="utf-8")
        return ""
    with redirect_stdout(StringIO()) as out:
        exec(source, names)
    return out.getvalue()


def run_command(command: str, folder: Path) -> str:
    """What a command `python -m ...` prints, whether or not it succeeds."""
    program, *arguments = command.split()
    assert program == "python", command
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "CI": "true", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout + done.stderr


def assert_printed(expected: str, printed: str) -> None:
    """Compare what is printed with what a page says."""
    wanted, got = (ERROR.sub("~", text) for text in (expected, printed))
    same = doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS)
    assert same, f"the page says\n{expected}\nand this is printed\n{printed}"
