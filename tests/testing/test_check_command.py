"""The command that checks a function: `python -m autograd.testing check`."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd.testing.__main__ import main

ROOT = Path(__file__).parent.parent.parent

MODULE = """
from autograd import log, where

def cube(x): return x**3
def slope(x): return 3 * x**2
def wrong(x): return 2 * x**2
def entropy(p): return -p * log(p)
def bowl(x, y, scale=2.0): return scale * (x * x + y * y)
def norm(row): return sum(x * x for x in row)
def never(x): return log(x - 100)
def steps(x): return where(x > 0, 1.0, x)
class Model:
    @staticmethod
    def loss(x): return x * x
number = 3
def nothing(): return 1.0

def silent(x):
    pass
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "curves.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "curves", raising=False)


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ("curves:cube", 0, "curves:cube: the derivatives agree at 20 points\n"),
        ("curves:cube --derivative curves:slope --points 5", 0, "agree at 5 points"),
        ("curves:cube --derivative curves:wrong", 1, "1 of 1 derivatives disagree"),
        ("curves:entropy --seed 1", 0, "outside of the domain)"),
        ("curves:entropy --domain 0.1 5", 0, "agree at 20 points\n"),
        ("curves:bowl --order 2", 0, "agree at 20 points\n"),
        ("curves:norm --at [[1.0,2.0]]", 0, "at ([1.0, 2.0]): all 2 derivatives agree"),
        ("curves:cube --at 2.0 --derivative curves:wrong", 1, "curves:cube at (2):\n1 of 1"),
        ("curves:never", 2, "no point could be judged"),
        ("curves:Model.loss", 0, "agree at 20 points"),
        ("autograd:sin", 0, "agree at 20 points"),
        ("curves:cube --domain -1e-3 -1e-9", 0, "agree at 20 points"),
        ("curves:cube --domain -.5 2e0 --points 1", 0, "agree at 1 point\n"),
        ("curves:cube --at -1e-3", 0, "at (-0.001): all 1 derivatives agree"),
    ],
)
def test_a_function_is_checked(
    arguments: str, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments.split()]) == status
    assert said in capsys.readouterr().out


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("cube", "expected MODULE:FUNCTION"),
        (".curves:cube", "expected MODULE:FUNCTION"),
        ("./curves.py:cube", "expected MODULE:FUNCTION"),
        ("curves.py:cube", "not a file, got 'curves.py:cube': write curves:cube"),
        ("a..b:cube", "expected MODULE:FUNCTION"),
        ("curves:cube --domain -inf 1", "expected two numbers"),
        ("nowhere:cube", "there is no module 'nowhere' here"),
        ("curves:square", "curves has no function 'square'"),
        ("curves:number", "curves:number is not a function"),
        ("curves:nothing", "no argument without a default"),
        ("curves:norm", "give arguments of another kind by --at"),
        ("curves:cube --at 2.0,", "--at: expected JSON"),
        ("curves:cube --domain 2 1", "the lower first"),
        ("curves:cube --points 0", "must be at least 1"),
        ("curves:cube --derivative curves:slope --order 2", "checked at order 1"),
    ],
)
def test_what_cannot_be_checked_is_named(
    arguments: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", *arguments.split()])
    assert ended.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("module")
def test_a_result_that_is_no_number_is_no_matter_of_arguments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["check", "curves:silent"])
    said = capsys.readouterr().err
    assert "curves:silent: the result of the function: expected a number" in said
    assert "--at JSON" in said  # of the usage
    assert "by --at" not in said


def test_an_error_inside_of_the_module_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_curves.py").write_text("import no_such_package")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        main(["check", "broken_curves:f"])


@pytest.mark.parametrize("text", ["import no_such_package", "def f(x): raise RuntimeError"])
def test_where_nothing_was_judged_the_status_is_not_that_of_a_wrong_derivative(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "failing.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "autograd.testing", "check", "failing:f"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_the_plugin_is_registered_under_the_name_of_its_module() -> None:
    import tomllib

    project: Any = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {
        "pytest_chainrule": "pytest_chainrule"  # `-p pytest_chainrule` does not load it twice
    }
    assert (
        "pytest_chainrule.py"
        in project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    )
