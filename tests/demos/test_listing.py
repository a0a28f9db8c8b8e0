"""`python -m demos`: what there is, how to run it, and what is not there."""

import subprocess
import sys
from subprocess import CompletedProcess

import pytest
from commands import ROOT

from demos.__main__ import demos, main


def run(*arguments: str, hidden: tuple[str, ...] = ()) -> "CompletedProcess[str]":
    code = (
        f"import runpy, sys; sys.modules.update(dict.fromkeys({hidden}));"
        "runpy.run_module('demos', run_name='__main__', alter_sys=True)"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True
    )


def test_every_demo_is_listed() -> None:
    programs = {x.stem for x in (ROOT / "demos").glob("*.py") if "\n    app()\n" in x.read_text()}
    assert set(demos()) == programs
    assert len(programs) == 13
    done = run(hidden=("typer", "tqdm", "matplotlib", "numpy", "graphviz"))
    assert (done.returncode, done.stderr) == (0, "")
    for name, what in demos().items():
        assert len(what) > 20
        assert any(line.split() == [name, *what.split()] for line in done.stdout.splitlines())
    assert "python -m demos.NAME" in done.stdout
    assert 'pip install -e ".[demos]"' in done.stdout


@pytest.mark.parametrize("name", demos())
def test_every_demo_has_a_test_and_a_line_in_the_docs(name: str) -> None:
    assert (ROOT / "tests" / "demos" / f"test_{name}.py").exists()
    page = (ROOT / "docs" / "demos.md").read_text(encoding="utf-8")
    assert f"**{name}**:" in page
    assert f"![{name}](images/demos/{name}.png)" in page


@pytest.mark.parametrize("name", ["bogus", "perceptrons", "__main__", "program", "\x1b[31m", ""])
def test_what_is_not_there(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"There is no demo {name!a}." in err
    assert ("Did you mean perceptron?" in err) == (name == "perceptrons")
    assert "numerical_vs_backprop" in err
    assert "\x1b" not in err


def test_the_exit_code_tells_that_it_is_not_there() -> None:
    assert run("bogus").returncode == 2


@pytest.mark.slow
def test_a_demo_by_its_name() -> None:
    for name in ("perceptron", "demos.perceptron", "perceptron.py"):
        done = run(name, "--passes", "0")
        assert done.returncode == 2
        assert "Usage: " in done.stderr
        assert "--passes" in done.stderr
