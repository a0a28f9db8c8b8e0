"""The Python side of the playground: runs a program inside Pyodide.

Each program has a module, a folder and warnings of its own, and what it changes of the interpreter
is changed back, as if Python had been started for it; only imported modules stay from one to the
next. What it draws are pages, files `.html`: those that it left in its folder, and those that
`show()` would have opened in the browser.
"""

from __future__ import annotations

import ast
import builtins
import gc
import json
import linecache
import os
import random
import sys
import traceback
import warnings
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, ModuleType, TracebackType
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

PROGRAM = "program.py"
NOTES = [  # where an error says what is missing: its class, a part of its text, what to do about it
    (
        RuntimeError,
        "can't start new thread",
        "A browser has no threads for Python: call the function itself.",
    ),
    (
        RuntimeError,
        "Cannot stack switch",
        "The playground runs no event loop: write the program without asyncio.",
    ),
    (
        OSError,
        "does not support processes",
        "A browser has no other programs to run, and no processes.",
    ),
]

Show = Callable[[str, str], object]
"""Takes the name of a page and its text."""

Part = tuple[Callable[[], Any], Callable[[Any], object]]
"""How a part of the interpreter's state is read, and put back."""


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
    linecache.cache[PROGRAM] = (len(source), None, source.splitlines(keepends=True), PROGRAM)
    with TemporaryDirectory() as place:
        error, line = _told(_ended(source, module, place, show))
        for page in _pages(Path(place)):
            show(page.relative_to(place).as_posix(), page.read_text("utf-8", errors="replace"))
    module.__dict__.clear()
    gc.collect()
    return json.dumps({"error": error, "line": line})


def _ended(source: str, module: ModuleType, place: str, show: Show) -> BaseException | None:
    """Run a program in a folder; the error that ended it, if one did."""
    before = [(put, get()) for get, put in STATE]
    with warnings.catch_warnings():
        try:
            try:
                os.chdir(place)
                sys.modules["__main__"] = module
                sys.displayhook = _display
                webbrowser.open = lambda url, *more, **options: _opened(url, show)
                builtins.input = _no_input
                random.seed()
                for code in _compiled(source):
                    exec(code, module.__dict__)
            finally:  # within the other `try`: without builtins there is no `except`
                for put, found in before:
                    put(found)
                _forget(place)
                sys.stdout.flush()
                sys.stderr.flush()
        except BaseException as error:
            return error
    return None


def _display(value: object) -> None:
    """What becomes of the last line, if that is an expression: a drawing is shown."""
    picture = sys.modules.get("autograd.draw.picture")
    if picture is not None and isinstance(value, picture.Drawing):
        value.show()


def _pages(folder: Path) -> list[Path]:
    """The pages in a folder, the newest last."""
    found = [page for page in folder.rglob("*.html") if page.is_file()]
    return sorted(found, key=lambda page: page.stat().st_mtime_ns)


def _forget(place: str) -> None:
    """Forget the modules of this folder, and open the streams that were closed."""
    folder = os.path.realpath(place)
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream.closed:  # this is, not what it wrote to
            mode, buffering = ("w", 1) if number else ("r", -1)
            again = os.fdopen(number, mode, buffering, "utf-8", stream.errors, closefd=False)
            setattr(sys, name, again)


def _names(module: ModuleType) -> Part:
    """How the names of a module are read, and put back, by no function of `builtins`."""
    names = module.__dict__

    def put(before: dict[str, Any]) -> None:
        for name in names.keys() - before.keys():
            del names[name]
        names.update(before)

    return names.copy, put


def _put_environment(before: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)


STATE: list[Part] = [
    _names(builtins),  # first: what follows calls them
    _names(sys),
    (lambda: sys.modules["__main__"], lambda main: sys.modules.update(__main__=main)),
    (lambda: sys.path[:], lambda path: sys.path.__setitem__(slice(None), path)),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (sys.gettrace, sys.settrace),
    (sys.getprofile, sys.setprofile),
    (gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
    (lambda: dict(os.environ), _put_environment),
    (os.getcwd, os.chdir),
    (lambda: webbrowser.open, lambda opened: setattr(webbrowser, "open", opened)),
]


def _compiled(source: str) -> list[CodeType]:
    """The program, and by itself its last line, if that is an expression."""
    tree = ast.parse(source, PROGRAM)
    if not tree.body or not isinstance(last := tree.body[-1], ast.Expr):
        return [compile(tree, PROGRAM, "exec", dont_inherit=True)]
    tree.body.pop()
    return [
        compile(tree, PROGRAM, "exec", dont_inherit=True),
        compile(ast.Interactive([last]), PROGRAM, "single", dont_inherit=True),
    ]


def _told(error: BaseException | None) -> tuple[str, int]:
    """The traceback from the first line of the program on, and the last line of it."""
    if error is None:
        return "", 0
    if isinstance(error, SystemExit):
        return _told_exit(error.code), 0
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != PROGRAM:
        trace = trace.tb_next
    last = trace
    while last is not None and last.tb_next is not None:
        if last.tb_next.tb_frame.f_code.co_filename == __file__:  # that of `input`
            last.tb_next = None  # and of `_display`
        last = last.tb_next
    for note in _notes(error):
        error.add_note(note)
    lines = "".join(traceback.format_exception(type(error), error, trace))
    if isinstance(error, SyntaxError) and error.filename == PROGRAM:
        return lines, error.lineno or 0
    return lines, _last_line(trace)


def _told_exit(code: Any) -> str:
    if code is None or code == 0:
        return ""
    return f"The program ended with exit code {code}\n" if isinstance(code, int) else f"{code}\n"


def _notes(error: BaseException) -> Iterator[str]:
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package in sys.stdlib_module_names:
            yield f"A browser has no {package}: it is left out of Python's standard library there."
        elif package not in ("autograd", "nn"):
            yield (
                "The playground has autograd, nn and Python's standard library, and no other"
                " package. Programs that need one run where chainrule is installed."
            )
    for kind, text, note in NOTES:
        if isinstance(error, kind) and text in str(error):
            yield note


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
