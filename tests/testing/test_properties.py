"""`derivative_property`: what pytest sees of it, when it passes and when it fails."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from autograd import GradientError, Value, exp, log, primitive, relu
from autograd.testing.properties import derivative_property

ROOT = Path(__file__).parent.parent.parent


@derivative_property(domain=(0.1, 5.0))
def test_entropy(p: Any) -> Any:
    """The entropy of one outcome."""
    return -p * log(p)


@pytest.mark.parametrize("power", [2, 3])
@settings(max_examples=20)
@derivative_property(domain={"x": (-1.0, 1.0), "w": [(0.5, 2.0)] * 2}, order=2)
def test_composes_with_settings_and_parametrize(x: Any, w: Any, power: int) -> Any:
    return w[0] * exp(w[1] * x) ** power


@derivative_property(domain={"at": st.lists(st.floats(0.5, 2), min_size=1, max_size=3)})
@settings(max_examples=20)
def test_takes_strategies_and_settings_below(at: Any, scale: float = 2.0) -> Any:  # noqa: PT028
    return scale * log(sum(at, 0.0))


@derivative_property(domain={"p": {"a": (0.5, 2.0), "b": (1, 2)}}, examples=[[{"a": 1.0, "b": 1}]])
def test_takes_dicts_and_examples(p: Any) -> Any:
    return p["a"] / p["b"]


@derivative_property(domain=(-2.0, 2.0), derivative=lambda x, y: (2 * x * y, x * x))
def test_takes_a_derivative_by_hand(x: float, y: float) -> float:
    return x * x * y


@derivative_property(domain=st.sampled_from([0.0, 1.0, -1.0]), examples=[[0.0]])
def test_leaves_out_what_is_inconclusive(x: Any) -> Any:
    return relu(x)


def test_keeps_name_and_docstring() -> None:
    assert test_entropy.__name__ == "test_entropy"
    assert test_entropy.__doc__ == "The entropy of one outcome."


def test_a_wrong_derivative_fails_at_a_simple_point() -> None:
    drawn: list[float] = []

    @primitive(lambda g, out, x: g * (2 * x if x < 1 else 3 * x))
    def square(x: float) -> float:
        return x * x

    @settings(database=None)
    @derivative_property(domain=(-4.0, 4.0))
    def wrong(x: Any) -> Any:
        drawn.append(x.data if isinstance(x, Value) else x)
        return square(x)

    with pytest.raises(GradientError) as caught:
        wrong()
    notes = "\n".join(caught.value.__notes__)
    assert "wrong(" in notes
    assert "x=" in notes
    assert "args[0]" in str(caught.value)
    assert any(x < 0.5 for x in drawn)


def test_examples_are_always_tested() -> None:
    @settings(database=None, max_examples=1)
    @derivative_property(domain=(0.0, 1.0), derivative=lambda x: 2 * x, examples=[[3.0]])
    def wrong_at_three(x: float) -> float:
        return x * x if x < 2 else x

    with pytest.raises(GradientError):
        wrong_at_three()


@pytest.mark.parametrize(
    ("domain", "error", "message"),
    [
        ((0.0,), TypeError, r"the domain of x must be a pair of floats.*got tuple \(0.0,\)"),
        ([(0.0, "1")], TypeError, r"the domain of x\[0\]"),
        ((2.0, 1.0), ValueError, r"must be a finite interval, got \(2.0, 1.0\)"),
        ((0.0, float("inf")), ValueError, "must be a finite interval"),
        ({"y": (0.0, 1.0)}, ValueError, r"no argument named 'y' among \['x'\]"),
    ],
)
def test_wrong_domains_are_refused(domain: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        derivative_property(domain=domain)(lambda x: x)


def test_what_has_no_derivative_is_refused() -> None:
    async def later(x: float) -> float:
        return x

    with pytest.raises(TypeError, match="a coroutine has no derivative"):
        derivative_property()(later)
    with pytest.raises(TypeError, match="must have arguments"):
        derivative_property()(lambda: 1.0)
    with pytest.raises(TypeError, match="must have arguments"):
        derivative_property()(lambda *xs: 1.0)
    with pytest.raises(ValueError, match="in 1 arguments, and an example has 2"):
        derivative_property(examples=[[1.0, 2.0]])(lambda x: x)


MODULE = '''
from autograd import log
from autograd.testing.properties import derivative_property


@derivative_property(domain=(0.1, 5.0))
def test_right(x):
    """Right."""
    return x * log(x)


@derivative_property(domain=(0.5, 2.0), derivative=lambda x, y: (y, -x))
def test_wrong_sign(x, y):
    return x * y


@derivative_property(domain=(-1.0, 1.0))
def test_outside(x):
    return log(x)
'''


# `test_a_wrong_derivative_fails_at_a_simple_point` is of shrinking.
FEW = """
from hypothesis import Phase, settings

settings.register_profile("few", max_examples=10, phases=[Phase.generate])
settings.load_profile("few")
"""


@pytest.mark.slow
def test_pytest_collects_passes_and_explains(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(FEW)
    (tmp_path / "test_mine.py").write_text(MODULE)
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-v",
            "--rootdir",
            tmp_path,
            ".",
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    assert "test_mine.py::test_right PASSED" in run.stdout
    assert "test_mine.py::test_wrong_sign FAILED" in run.stdout
    assert "test_mine.py::test_outside FAILED" in run.stdout
    assert "1 passed" in run.stdout.replace("2 failed, ", "")
    assert "args[1]" in run.stdout  # the table
    assert "test_wrong_sign(" in run.stdout  # the falsifying example
    assert "log(0.0): " in run.stdout
