"""From DOT text to a picture: Graphviz, wherever it can be found.

Two are tried in turn: `dot` on the PATH, run by the package `graphviz`, then the Graphviz inside
the package `pygraphviz`, whose wheels contain it. That runs in a separate process (`bundled`): C
code that runs out of stack on a deep graph would otherwise crash the user's session, nothing could
interrupt it, and its warnings would appear in the user's terminal. `pictures` finishes what they
write.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from autograd.draw.dot.pictures import inches, size_of, themed, with_resolution
from autograd.errors import RenderError
from autograd.extras import remedy

Format = Literal["svg", "png", "pdf"]
DPI = 192  # of PNG: twice what a screen shows, so that it can be enlarged on a slide
SIZE = re.compile(r'^\tgraph \[.*\bsize="([0-9.]+),([0-9.]+)"', re.MULTILINE)  # inches, in DOT
MOST_PIXELS = 8064  # of a PNG: beyond, it is drawn smaller, or would take a minute

REMEDY = (
    f"Install the package that contains Graphviz: {remedy('draw', ['pygraphviz'])};"
    " or Graphviz itself, https://graphviz.org/download, and the package graphviz."
    " Neither is needed for .save('graph.dot') and, for a graph of Values, .save('graph.html')"
    " and .show()"
)


def render(source: str, kind: str, smaller: str = "") -> bytes:
    """The picture of a graph written in DOT.

    A PNG has 192 pixels an inch, twice as many as a screen, and says so; if it would be wider or
    higher than 8,064 pixels, it has that many, which a warning tells. SVG and PDF have any size.

    Args:
        source: the DOT text.
        kind: `"svg"`, `"png"` or `"pdf"`.
        smaller: what would make a picture that is too large for a PNG smaller, if anything.

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
    if kind == "png":
        picture, dpi = png(source)
        if dpi < DPI:
            width, height = (round(side * DPI / dpi) for side in size_of(picture))
            warnings.warn(
                f"draw: the PNG has {dpi:.3g} pixels an inch in place of {DPI}, with which it would"
                f" be {width:,} by {height:,}, more than {MOST_PIXELS:,} on a side:"
                f" {smaller and f'{smaller} would do, and '}SVG and PDF can be enlarged at will",
                stacklevel=3,
            )
        return picture
    # A point of SVG and PDF is 1/72 inch.
    picture = _picture(source, kind, "dpi=72;")
    return themed(picture) if kind == "svg" else picture


def png(source: str) -> tuple[bytes, float]:
    """The PNG of a graph written in DOT, as `render` makes it, and its pixels an inch."""
    wanted = SIZE.search(source)
    sides = [min(float(side), MOST_PIXELS / DPI) for side in wanted.groups()] if wanted else []
    size = ",".join(f"{side:g}" for side in sides or [MOST_PIXELS / DPI])
    picture = _picture(source, "png", f'dpi={DPI}; size="{size}";')
    dpi = float(DPI)
    if max(size_of(picture)) > MOST_PIXELS - 8:  # margins are rounded
        whole = max(inches(_picture(source, "svg", "dpi=72;")))
        dpi = min(dpi, max(size_of(picture)) / whole)
    return with_resolution(picture, dpi), dpi


def _picture(source: str, kind: str, settings: str) -> bytes:
    """What the first Graphviz that succeeds makes of the text, with more attributes at its end."""
    body, brace, end = source.rpartition("}")
    text = (f"{body}  {settings}\n{brace}{end}" if brace else source).encode()
    failures = []
    for name, run in _found(kind, text):
        try:
            picture = run()
        except OSError as error:
            failures.append(f"{name} could not be started: {error}")
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()
            failures.append(f"{name} failed with exit status {error.returncode}: {said}")
        else:
            if picture:
                return picture
            failures.append(f"{name} failed with exit status 0: no picture")
    reason = "\n".join(failures) or (
        "there is neither dot on the PATH, with the package graphviz, nor the package pygraphviz"
    )
    raise RenderError(f"the drawing cannot be rendered: {reason}\n{REMEDY}")


def _found(kind: str, text: bytes) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The Graphvizes there are, by name, and how each makes the picture; the best first."""
    if find_spec("graphviz"):
        import graphviz

        if dot := shutil.which("dot"):
            yield dot, partial(graphviz.pipe, "dot", kind, text, quiet=True)
    found = find_spec("pygraphviz")
    if found and found.origin:
        program = Path(__file__).with_name("bundled.py")
        site = Path(found.origin).parent.parent
        # -P: the files beside the program must not be imported as top-level modules.
        command = [sys.executable, "-P", str(program), str(site), kind]
        yield "pygraphviz", partial(_output, command, text)


def _output(command: list[str], text: bytes) -> bytes:
    """What a program writes, given a text."""
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    return subprocess.run(
        command, input=text, capture_output=True, check=True, creationflags=hidden
    ).stdout
