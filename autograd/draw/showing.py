"""A page or a picture, shown where one works: in the cell of a notebook, else in the browser.

In a notebook a page gets a frame of its own, which may run scripts and save files, and reach
nothing of the notebook. Only a kernel that is running shows something there: IPython in a terminal
is a terminal.
"""

from __future__ import annotations

import html
import sys
import webbrowser
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from autograd.errors import RenderError

HEIGHT = 560  # pixels of a frame: what fits on a screen below the code of its cell
UNTRUSTED = "The page is not shown here. In a notebook that is not trusted, run the cell again."


def framed(page: str, height: int = HEIGHT) -> str:
    """A page as an element of another, as wide as that.

    A browser never shows what stands inside of the element; a notebook that removes it does.
    """
    style = f"width: 100%; height: {height}px; border: 1px solid #A9B4BF; box-sizing: border-box"
    return (
        f'<iframe sandbox="allow-scripts allow-downloads" style="{style}"'
        f' srcdoc="{html.escape(page)}">{UNTRUSTED}</iframe>'
    )


@dataclass(frozen=True)
class Cell:
    """What a notebook shows of a page: the page in a frame.

    >>> Cell("<!DOCTYPE html>", "a page", 400)
    a page
    """

    page: str
    text: str
    height: int

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return framed(self.page, self.height)


def show(owner: str, name: str, content: str | bytes, cell: Any) -> None:
    """Show something in the cell that is running, or open it in the browser.

    Args:
        owner: the function that errors name.
        name: of the file that the browser opens. It lies in a new folder of the system's folder
            for temporary files, where a browser finds it when this process has ended.
        content: of the file.
        cell: what a notebook shows.

    Raises:
        RenderError: there is no browser.
    """
    if display := _display():
        display(cell)
        return
    file = Path(mkdtemp(prefix="chainrule-")) / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        is_open = webbrowser.open(file.as_uri())
    except ImportError:  # Pyodide's, outside of a window
        is_open = False
    if not is_open:
        raise RenderError(f"{owner}: no browser could be started; the file to open is {file}")


def _display() -> Any:
    """The function that shows an object in the cell that is running; `None` outside of one."""
    marimo: Any = sys.modules.get("marimo")
    if marimo and marimo.running_in_notebook():
        return marimo.output.append
    ipython: Any = sys.modules.get("IPython")
    # Of the shells of IPython, those of a terminal have no kernel.
    if ipython and getattr(ipython.get_ipython(), "kernel", None):
        return import_module("IPython.display").display
    return None
