"""From DOT text to a picture: Graphviz, wherever it can be found.

Two programs are tried in turn: `dot` on the PATH, then the Graphviz inside the package
`pygraphviz`, whose wheels contain it. The second runs in a separate process (`bundled`): C code
that runs out of stack on a deep graph would otherwise crash the user's session, nothing could
interrupt it, and its warnings would appear in the user's terminal.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from autograd.errors import RenderError
from autograd.extras import remedy

Format = Literal["svg", "png", "pdf"]
DPI = 192  # of PNG: twice what a screen shows, so that it can be enlarged on a slide
MOST_INCHES = 42  # of a PNG: 8,064 pixels; beyond, it is drawn smaller, or would take a minute

REMEDY = (
    f"Install the package that contains Graphviz: {remedy('draw', ['pygraphviz'])};"
    " or Graphviz itself, https://graphviz.org/download."
    " Neither is needed for .save('graph.dot') and, for a graph of Values, .save('graph.html')"
)


def render(source: str, kind: str) -> bytes:
    """The picture of a graph written in DOT.

    Args:
        source: the DOT text.
        kind: `"svg"`, `"png"` or `"pdf"`.

    Returns:
        The content of a file in that format.

    Raises:
        ValueError: the format is not one of these.
        RenderError: Graphviz is missing, or every one that was found failed.

    >>> render("digraph { a -> b }", "pdf")[:4]
    b'%PDF'
    """
    if kind not in get_args(Format):
        raise ValueError(f"render: expected one of {', '.join(get_args(Format))}, got {kind!r}")
    failures = []
    for name, command in _commands(kind):
        try:
            done = subprocess.run(
                command,
                input=source.encode(),
                capture_output=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            failures.append(f"{name} could not be started: {error}")
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
        said = done.stderr.decode(errors="replace").strip()
        failures.append(f"{name} failed with exit status {done.returncode}: {said}")
    reason = "\n".join(failures) or "there is neither dot on the PATH nor the package pygraphviz"
    raise RenderError(f"the drawing cannot be rendered: {reason}\n{REMEDY}")


def _commands(kind: str) -> Iterator[tuple[str, list[str]]]:
    """The programs that turn DOT on their input into a picture on their output, best first."""
    # A point of SVG and PDF is 1/72 inch.
    size = [f"-Gdpi={DPI}", f"-Gsize={MOST_INCHES}"] if kind == "png" else ["-Gdpi=72"]
    dot = shutil.which("dot")
    if dot:
        yield dot, [dot, f"-T{kind}", *size]
    found = find_spec("pygraphviz")
    if found and found.origin:
        program = Path(__file__).with_name("bundled.py")
        site = Path(found.origin).parent.parent
        # -P: the files beside the program must not be imported as top-level modules.
        yield "pygraphviz", [sys.executable, "-P", str(program), str(site), kind, *size]
