"""What a program of the playground meets: the Python side of the page, in this Python."""

import builtins
import importlib.util
import json
import os
import sys
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import building

PATH = building.HERE / "page" / "running.py"
spec = importlib.util.spec_from_file_location("running", PATH)
assert spec
assert spec.loader
running = importlib.util.module_from_spec(spec)
spec.loader.exec_module(running)


class Done(NamedTuple):
    """What came of a program."""

    error: str
    line: int
    pages: dict[str, str]


def run(source: str) -> Done:
    pages: dict[str, str] = {}
    found = json.loads(running.run(source, pages.__setitem__))
    return Done(found["error"], found["line"], pages)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The page has a Python to itself, the tests have not."""
    before = builtins.input, webbrowser.open
    yield
    builtins.input, webbrowser.open = before


FAILING = {
    "at the top": ("x = 1\n1 / 0\n", 2, "ZeroDivisionError"),
    "in a function": ("def f():\n    return [][1]\n\n\nf()\n", 2, "IndexError"),
    "in the library": ("from autograd import Value\nx = 1\nValue('a')\n", 3, "TypeError"),
    "in the last expression": ("x = 1\n(\n  1 +\n  None)", 3, "TypeError"),
    "syntax": ("x = 1\nif x:\ny = 2\n", 3, "IndentationError"),
    "an open bracket": ("x = 1\n\nprint((1, 2)\n", 3, "SyntaxError"),
    "a return at the top": ("x = 1\nreturn x\n", 2, "SyntaxError"),
    "in eval": ("x = 1\ny = 2\neval('1 +')\n", 3, "SyntaxError"),
    "raised again": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('no') from e\n",
        4,
        "direct cause",
    ),
    "a recursion": ("def f(n):\n    return f(n + 1)\n\n\nf(0)", 2, "RecursionError"),
    "an interruption": ("x = 1\nraise KeyboardInterrupt\n", 2, "KeyboardInterrupt"),
    "input": ("x = 1\nname = input('Name? ')\n", 2, "no keyboard input"),
    "an assertion": ("x = 1\nassert x == 2, 'not two'\n", 2, "not two"),
    "a null": ("x = 1\ny = '\0'\n", 0, "null bytes"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_traceback_begins_in_the_program_and_names_its_line(name: str) -> None:
    source, line, said = FAILING[name]
    found = run(source)
    assert found.line == line
    assert said in found.error
    assert "running.py" not in found.error
    if line:
        assert f'File "program.py", line {line}' in found.error


@given(st.lists(st.sampled_from(["x = 1", "", "# one", "for i in ():\n    pass"]), max_size=6))
def test_the_line_is_that_of_the_text(before: list[str]) -> None:
    text = "\n".join([*before, "raise LookupError('here')", "y = 2"])
    line = text[: text.index("raise")].count("\n") + 1
    found = run(text)
    assert found.line == line
    assert "raise LookupError('here')" in found.error


@pytest.mark.parametrize(
    ("end", "error"),
    [
        ("raise SystemExit", ""),
        ("import sys; sys.exit(0)", ""),
        ("raise SystemExit(3)", "The program ended with exit code 3\n"),
        ("import sys; sys.exit('no rows are left')", "no rows are left\n"),
    ],
)
def test_a_program_that_ends_itself(end: str, error: str) -> None:
    assert run(f"{end}\nprint('not reached')")[:2] == (error, 0)


def test_nothing_stays_from_one_program_to_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    before = os.getcwd(), sys.modules["__main__"]
    assert run("import builtins\nkept = 1\nopen('kept.txt', 'w').close()\n").error == ""
    found = run(
        "import os, sys, warnings\nprint('kept' in globals(), os.listdir(), __name__)\n"
        "print(sys.modules['__main__'].__dict__ is globals())\nwarnings.simplefilter('error')\n"
    )
    assert found == Done("", 0, {})
    assert capsys.readouterr().out == "False [] __main__\nTrue\n"
    for _ in range(2):  # a warning comes each time
        with pytest.warns(UserWarning, match="mind") as caught:
            assert run("import warnings\nwarnings.warn('mind')\n").error == ""
        assert [(x.filename, x.lineno) for x in caught] == [("program.py", 2)]
    assert (os.getcwd(), sys.modules["__main__"]) == before


# What a program may do to the interpreter. The next one finds it as if Python had been started.
CHANGED = {
    "exit closes the input": "exit()",
    "the input closed": "import sys\nsys.stdin.close()",
    "the output closed": "import sys\nsys.stdout.close()",
    "no streams": "import sys\nsys.stdin = sys.stdout = sys.stderr = None",
    "a builtin gone": "import builtins\ndel builtins.print",
    "no builtin left": "import builtins\nnames = builtins.__dict__\nnames.clear()",
    "a builtin added": "import builtins\nbuiltins.added = 1",
    "the hooks": "import sys\nsys.displayhook = sys.excepthook = None",
    "a name in sys": "import sys\nsys.ps1 = sys.argv = 'x'",
    "recursion": "import sys\nsys.setrecursionlimit(150)",
    "the path": "import sys\nsys.path.insert(0, '/nowhere')",
    "the environment": "import os\nos.environ['ADDED'] = '1'\nos.environ.pop('HOME', None)",
    "the folder": "import os\nos.chdir('/')",
    "the collector": "import gc\ngc.disable()",
    "a trace": "import sys\nsys.settrace(lambda *_: None)\nsys.setprofile(lambda *_: None)",
    "__main__": "import sys\nsys.modules['__main__'] = sys",
    "an error": "import sys, os\nos.environ['ADDED'] = '1'\nsys.path.clear()\n1 / 0",
}
STATE = """
import builtins, gc, os, sys
print(sorted(vars(builtins)), sorted(vars(sys)), sys.argv, sys.path, sys.getrecursionlimit())
print(dict(os.environ), gc.isenabled(), sys.gettrace(), sys.getprofile(), os.listdir())
print(sys.stdin.closed, sys.stdout.closed, sys.stderr.closed, sys.modules['__main__'].__name__)
print(len(os.getcwd()), sys.displayhook, sys.excepthook)
"""


@pytest.mark.parametrize("name", CHANGED)
def test_what_a_program_changes_is_changed_back(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    streams = sys.stdin, sys.stdout, sys.stderr
    try:
        with open(os.devnull) as sys.stdin:  # pytest's cannot be closed
            sys.stdout = os.fdopen(1, "w", 1, "utf-8", closefd=False)
            assert run(STATE) == Done("", 0, {})
            before = capfd.readouterr().out
            run(CHANGED[name])
            capfd.readouterr()
            assert run(STATE) == Done("", 0, {})
            assert capfd.readouterr().out == before
            assert before.count("\n") == 4
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams


def test_a_module_that_a_program_writes_is_not_that_of_the_program_before() -> None:
    for number in (1, 2):
        source = (
            "import os, sys\nsys.path.insert(0, os.getcwd())\n"
            f"with open('of_the_program.py', 'w') as file:\n    file.write('x = {number}')\n"
            f"import of_the_program\nassert of_the_program.x == {number}, of_the_program.x\n"
        )
        assert run(source) == Done("", 0, {})


def test_draws_without_a_seed_are_others_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert run("import random\nprint(random.random())\nrandom.seed(1)").error == ""
    one, two = capsys.readouterr().out.split()
    assert one != two


MISSING = {
    "a package": ("import numpy_of_nobody", 1, "no other package"),
    "a part of one": ("x = 1\nimport torch_of_nobody.nn as nn", 2, "no other package"),
    "within a function": ("def f():\n    import pandas_of_nobody\n\n\nf()", 2, "no other package"),
    "of the standard library": (
        "raise ModuleNotFoundError('', name='tkinter')",
        1,
        "A browser has no tkinter",
    ),
    "threads": ('raise RuntimeError("can\'t start new thread")', 1, "has no threads"),
    "processes": ("raise OSError(1, 'emscripten does not support processes.')", 1, "no processes"),
    "an event loop": ("raise RuntimeError('Cannot stack switch because')", 1, "without asyncio"),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_said_with_a_remedy(name: str) -> None:
    source, line, said = MISSING[name]
    found = run(source)
    assert found.line == line
    assert said in found.error.splitlines()[-1]


@pytest.mark.parametrize("missing", ["autograd.nothing", "nn.nothing"])
def test_a_part_of_the_packages_that_does_not_exist_is_no_missing_package(missing: str) -> None:
    error = run(f"import {missing}").error
    assert error.endswith(f"No module named '{missing}'\n")


DRAWN = "from autograd import Value, draw\nx = Value(3.0, 'x')\ny = x * x\ny.backward()\n"


@pytest.mark.parametrize(
    ("end", "names"),
    [
        ("draw(y).save('one.html')\ndraw(x).save('two.html')", ["one.html", "two.html"]),
        ("draw(y).show()", ["graph.html"]),
        ("draw(y)", ["graph.html"]),
        ("draw(y).show()\ndraw(y).save('saved.html')", ["graph.html", "saved.html"]),
        ("import os\nos.mkdir('a')\ndraw(y).save('a/deep.html')", ["a/deep.html"]),
        ("draw(y).save('broken.html')\n1 / 0", ["broken.html"]),
        ("import os\nos.mkdir('a.html')\ndraw(y).save('b.html')", ["b.html"]),
        ("print(y)", []),
        ("picture = draw(y)", []),
    ],
)
def test_pages_that_a_program_draws_are_shown(
    end: str, names: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # `show` leaves its page to the browser
    found = run(DRAWN + end)
    assert list(found.pages) == names
    assert all(page.startswith("<!DOCTYPE html>") for page in found.pages.values())
    assert ("ZeroDivisionError" in found.error) == ("1 / 0" in end)


@pytest.mark.parametrize("end", ["draw(y)", "(\n    draw(y)\n)", "[draw(y)][0]"])
def test_a_drawing_that_cannot_be_shown_fails_in_its_line(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("autograd.draw.picture.Drawing.show", show)
    found = run(DRAWN + end)
    assert f'File "program.py", line {found.line}, in <module>' in found.error
    assert found.error.endswith("OSError: no room\n")
    assert found.line == DRAWN.count("\n") + 1
    assert "running.py" not in found.error


def test_warming_up_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    running.warm()
    assert list(tmp_path.iterdir()) == []


def test_only_pages_are_opened() -> None:
    source = (
        "import webbrowser\nprint(webbrowser.open('https://example.org/a.html'))\n"
        "print(webbrowser.open('file:///etc/hostname'))\n"
    )
    assert run(source) == Done("", 0, {})


def test_lines_of_the_program_are_found_by_what_reads_them() -> None:
    source = "import inspect\n\n\ndef f():\n    return 7\n\n\nassert '7' in inspect.getsource(f)\n"
    assert run(source) == Done("", 0, {})


def test_definitions_may_be_run_again() -> None:
    source = (
        "from autograd import Value, primitive\n\n\n"
        "@primitive(lambda g, out, x: g * 2.0)\n"
        "def twice(x: float) -> float:\n    return 2.0 * x\n\n\n"
        "x = Value(3.0)\ntwice(x).backward()\nassert x.grad == 2.0\n"
    )
    for _ in range(3):
        assert run(source) == Done("", 0, {})


def test_what_a_program_made_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    freed: list[Any] = []
    monkeypatch.setattr(builtins, "freed", freed, raising=False)
    source = (
        "class Kept:\n    def __del__(self):\n        freed.append(1)\n\n\n"
        "kept = Kept()\nkept.itself = kept\n"
    )
    assert run(source).error == ""
    assert freed == [1]
