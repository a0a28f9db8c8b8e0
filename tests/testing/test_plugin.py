"""The pytest plugin in a project of its own, and the command that checks a function."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd.testing.__main__ import main

ROOT = Path(__file__).parent.parent.parent
WITHOUT = """
import sys
import pytest

def pytest_collection_finish():
    print("imported", *{"autograd", "nn", "numpy"} & set(sys.modules))
"""
TESTS = """
import pytest
from autograd import log
from autograd.testing import derivative_property, gradcheck as real

def test_fixture(gradcheck):
    assert gradcheck is real
    gradcheck(lambda x: x * x, (3.0,), derivative=lambda x: 2 * x)

def test_fixture_finds(gradcheck):
    gradcheck(lambda x: x * x, (3.0,), derivative=lambda x: 3 * x)

@pytest.mark.derivative_property(domain=(0.1, 5.0))
def test_entropy(p):
    return -p * log(p)

@pytest.mark.derivative_property(domain={"x": (1.0, 2.0)}, derivative=lambda x: 3 * x)
def test_square(x):
    return x * x

@pytest.mark.derivative_property({"x": (1.0, 2.0)})
@pytest.mark.parametrize("power", [2, 3])
def test_power(x, power):
    return x**power

@pytest.mark.parametrize(("power", "scale"), [(2, 1.0), (3, 2.0)])
@pytest.mark.derivative_property(domain=(1.0, 2.0))
def test_scaled_power(x, power, scale):
    assert isinstance(power, int)
    return scale * x**power

@derivative_property(domain=(1.0, 2.0))
@pytest.mark.parametrize("power", [2, 3])
def test_decorated_power(power, x):
    assert isinstance(power, int)
    return x**power

@derivative_property(domain=(1.0, 2.0))
def test_decorated(x):
    return x * x

def test_other():
    pass
"""


# On continuous integration pytest does not shorten its summary, for one.
ITS_OWN = {"CI", "BUILD_NUMBER", "PYTEST_ADDOPTS"}


FEW = """
from hypothesis import Phase, settings

settings.register_profile("few", max_examples=10, phases=[Phase.generate])
settings.load_profile("few")
"""


def pytest_in(folder: Path, *arguments: str) -> str:
    own = {name: value for name, value in os.environ.items() if name not in ITS_OWN}
    command = [sys.executable, "-m", "pytest", "-p", "pytest_chainrule", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-p", "no:xdist", "--strict-markers", "-q", *arguments],
        cwd=folder,
        env={**own, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout + done.stderr


def test_a_project_that_does_not_ask_imports_nothing(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(WITHOUT)
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass")
    found = pytest_in(tmp_path, "-s", "-p", "no:hypothesispytest")
    assert "imported\n" in found, found
    assert "1 passed" in found


@pytest.mark.slow
def test_fixture_and_marker(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(FEW)
    (tmp_path / "test_derivatives.py").write_text(TESTS)
    found = pytest_in(tmp_path, "--tb=line")
    assert "2 failed, 10 passed" in found, found
    assert "FAILED test_derivatives.py::test_fixture_finds" in found
    assert "FAILED test_derivatives.py::test_square" in found
    assert found.count("1 of 1 derivatives disagree") >= 2
    chosen = pytest_in(tmp_path, "-m", "derivative_property", "--collect-only")
    assert "9/12 tests collected (3 deselected)" in chosen, chosen
    assert "derivative_property(domain" in pytest_in(tmp_path, "--markers")


WRONG = {
    "@mark(domain=3)\ndef test_f(x): return x": "the domain of x must be a pair",
    "@mark(domain={'y': (0.0, 1.0)})\ndef test_f(x): return x": "no argument named 'y'",
    "@mark()\n@pytest.mark.parametrize('x', [1.0])\ndef test_f(x): return x": "arguments",
    "class TestIt:\n    @mark()\n    def test_f(self, x): return x": "functions of a module",
}


@pytest.mark.slow
def test_a_wrong_marker_is_an_error_of_collection(tmp_path: Path) -> None:
    start = "import pytest\nmark = pytest.mark.derivative_property\n"
    for i, source in enumerate(WRONG):
        (tmp_path / f"test_wrong_{i}.py").write_text(start + source)
    found = pytest_in(tmp_path)
    assert f"{len(WRONG)} errors" in found
    parts = re.split(r"^_+ ERROR collecting test_wrong_\d.py _+$", found, flags=re.MULTILINE)[1:]
    assert len(parts) == len(WRONG), found
    for said, part in zip(WRONG.values(), parts, strict=True):
        assert said in part, found


NOT_CHECKED = """
import unittest
import pytest

mark = pytest.mark.derivative_property(domain=(0.5, 1.0))

@mark
class TestClass:
    def test_class(self):
        pass

class TestCase(unittest.TestCase):
    @mark
    def test_case(self):
        pass

class TestStatic:
    @staticmethod
    @mark
    def test_static(x):
        return x
"""


@pytest.mark.slow
def test_a_marker_that_makes_no_property_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "test_not.py").write_text(NOT_CHECKED)
    (tmp_path / "test_module.py").write_text(
        "import pytest\npytestmark = pytest.mark.derivative_property()\n"
        "def test_no_argument(): pass\ndef test_argument(x): return x\n"
        "from hypothesis import given, strategies as st\n"
        "@given(st.floats(0, 1))\ndef test_own_property(x): pass\n"
    )
    found = pytest_in(tmp_path, "--tb=short")
    assert "1 passed, 5 errors" in found, found  # the property of Hypothesis's own is selected only
    assert found.count("the marker derivative_property is for functions of a module, each") == 5


# The command

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
