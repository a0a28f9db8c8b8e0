"""The Python side of the playground: runs a program inside Pyodide.

Each program has a module, a folder and warnings of its own, as if Python had been started for it;
only imported modules stay from one to the next. What it draws are pages, files `.html`: those that
it left in its folder, and those that `show()` would have opened in the browser.
"""

from __future__ import annotations

import ast
import builtins
import gc
import json
import linecache
import os
import sys
import traceback
import warnings
import webbrowser
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, ModuleType, TracebackType
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

PROGRAM = "program.py"

Show = Callable[[str, str], object]
"""Takes the name of a page and its text."""


def warm() -> None:
    """Import what the first drawing would have to wait for."""
    from autograd import Value, draw

    with TemporaryDirectory() as place:
        draw(Value(1.0) * 2.0).save(f"{place}/graph.html")


def run(source: str, show: Show) -> str:
    """Run a program to its end.

    Args:
        source: its text.
        show: called for each page, the last one first to be looked at.

    Returns:
        In JSON: `error`, the traceback as text, empty if there is none; and `line`, where in the
        program it happened, 0 if nowhere.
    """
    module = ModuleType("__main__")
    module.__file__ = PROGRAM
    before, folder = sys.modules["__main__"], os.getcwd()
    linecache.cache[PROGRAM] = (len(source), None, source.splitlines(keepends=True), PROGRAM)
    with TemporaryDirectory() as place, warnings.catch_warnings():
        os.chdir(place)
        sys.modules["__main__"] = module
        webbrowser.open = lambda url, *more, **options: _opened(url, show)
        builtins.input = _no_input
        try:
            error, line = _outcome(source, module)
        finally:
            os.chdir(folder)
            sys.modules["__main__"] = before
        for page in sorted(Path(place).rglob("*.html"), key=lambda page: page.stat().st_mtime_ns):
            show(page.relative_to(place).as_posix(), page.read_text("utf-8", errors="replace"))
    module.__dict__.clear()
    gc.collect()
    return json.dumps({"error": error, "line": line})


def _outcome(source: str, module: ModuleType) -> tuple[str, int]:
    try:
        for code in _compiled(source):
            value = eval(code, module.__dict__)
            picture = sys.modules.get("autograd.draw.picture")
            if picture is not None and isinstance(value, picture.Drawing):
                value.show()  # as a notebook shows what its last line is
    except SystemExit as end:
        if end.code is None or end.code == 0:
            return "", 0
        return f"The program ended with exit code {end.code}\n", 0
    except BaseException as error:
        return _told(error)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return "", 0


def _compiled(source: str) -> list[CodeType]:
    """The program, and by itself its last line, if that is an expression."""
    tree = ast.parse(source, PROGRAM)
    if not tree.body or not isinstance(last := tree.body[-1], ast.Expr):
        return [compile(tree, PROGRAM, "exec", dont_inherit=True)]
    tree.body.pop()
    return [
        compile(tree, PROGRAM, "exec", dont_inherit=True),
        compile(ast.Expression(last.value), PROGRAM, "eval", dont_inherit=True),
    ]


def _told(error: BaseException) -> tuple[str, int]:
    """The traceback from the first line of the program on, and the last line of it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != PROGRAM:
        trace = trace.tb_next
    last = trace
    while last is not None and last.tb_next is not None:
        if last.tb_next.tb_frame.f_code.co_filename == __file__:  # that of `input`
            last.tb_next = None
        last = last.tb_next
    lines = "".join(traceback.format_exception(type(error), error, trace))
    if isinstance(error, SyntaxError) and error.filename == PROGRAM:
        return lines, error.lineno or 0
    return lines, _last_line(trace)


def _last_line(trace: TracebackType | None) -> int:
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == PROGRAM:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _opened(url: str, show: Show) -> bool:
    """What stands for opening a file in the browser; whether it was a page."""
    parts = urlsplit(url)
    path = Path(unquote(parts.path))
    if parts.scheme != "file" or path.suffix != ".html":
        return False
    show(path.name, path.read_text("utf-8"))
    return True


def _no_input(prompt: Any = "") -> NoReturn:
    raise EOFError("the playground has no keyboard input: write what is asked for in the program")
