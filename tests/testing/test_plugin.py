"""The pytest plugin in a project of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    "@mark(domian=(0.1, 5.0))\ndef test_f(x): return x": "unexpected keyword argument 'domian'",
    "@mark()\n@pytest.mark.parametrize('x', [1.0])\ndef test_f(x): return x": "arguments",
    "class TestIt:\n    @mark()\n    def test_f(self, x): return x": "functions of a module",
}


def test_a_failure_shows_the_line_that_asked(tmp_path: Path) -> None:
    source = (
        "def test_f(gradcheck):\n    gradcheck(lambda x: x * x, (3.0,), derivative=lambda x: x)"
    )
    (tmp_path / "test_f.py").write_text(source)
    found = pytest_in(tmp_path, "-p", "no:hypothesispytest")
    assert "E       autograd.errors.GradientError: 1 of 1 derivatives disagree" in found, found
    assert "test_f.py:2: GradientError" in found
    assert "gradcheck.py" not in found


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
