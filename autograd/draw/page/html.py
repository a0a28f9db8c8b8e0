"""A graph as a page that plays: one file of HTML, which needs no server and makes no request.

The page is a template, styles, and modules of JavaScript, all in the folder `files`. A browser must
be able to open the file from a disk, where modules cannot be found by their paths. So each becomes
a `data:` URL in an import map, under the name by which the others import it: `chainrule/steps.js`.
The scene is included as JSON (`page_data`). A policy in the page's head forbids every request.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

STYLES = ("palette.css", "style.css", "panel.css", "network.css", "compact.css")
MARKER = re.compile(r"\{\{(\w+)\}\}")


def page(data: dict[str, Any]) -> str:
    """Write a scene as a page that steps through it.

    Args:
        data: what the page shows, from `page_data`.

    Returns:
        The page, the same text for the same data.

    >>> from autograd import Value
    >>> from autograd.draw.page.frames import Frame
    >>> from autograd.draw.page.page_data import page_data
    >>> from autograd.draw.scene.details import every_number
    >>> from autograd.draw.scene.numbers import numbers_of_backward
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> scene = every_number([x, y], [y], {})
    >>> frame = Frame.of(scene, numbers_of_backward([x, y], y))
    >>> page(page_data(scene, [frame], title="A square", direction="LR", precision=4))[:15]
    '<!DOCTYPE html>'
    """
    folder = files("autograd.draw.page") / "files"
    imports = _as_script_text({"imports": _modules(folder)})
    boot = _text(folder / "boot.js")
    parts = {
        "title": html.escape(data["title"]).encode("ascii", "xmlcharrefreplace").decode(),
        "policy": html.escape(_policy(imports, boot)),
        "style": "\n".join(_text(folder / name) for name in STYLES),
        "data": _as_script_text(data),
        "imports": imports,
        "boot": boot,
    }
    # All markers at once, so that replacements are not searched for other markers.
    return MARKER.sub(lambda marker: parts[marker[1]], _text(folder / "page.html"))


def _modules(folder: Traversable) -> dict[str, str]:
    """The import map: from the names of the modules to their source."""
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".js"))
    sources = {f"chainrule/{name}": _text(folder / name) for name in names if name != "boot.js"}
    vendor = folder / "vendor"
    sources["dagre"] = f"/*!\n{_text(vendor / 'LICENSE')}*/\n{_text(vendor / 'dagre.esm.js')}"
    return {
        name: f"data:text/javascript;base64,{b64encode(source.encode()).decode()}"
        for name, source in sources.items()
    }


def _policy(*scripts: str) -> str:
    """The content security policy: these scripts and the modules, no others, and no requests."""
    allowed = " ".join(
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {allowed} data:; style-src 'unsafe-inline';"
        " img-src data: blob:; worker-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _as_script_text(data: Any) -> str:
    """JSON that is safe inside a `script` element: nothing in it can end the element."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return re.sub("[<>&]", lambda character: f"\\u{ord(character[0]):04x}", text)


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")
