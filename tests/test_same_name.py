"""HIPS autograd has the same import name: one installed over the other is noticed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HIPS = ("tracer.py", "core.py", "extend.py", "numpy/__init__.py", "scipy/__init__.py")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder in which this project is installed."""
    for package in ("autograd", "nn"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    return tmp_path


def run(site: Path, code: str, *flags: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-S", *flags, "-c", code],  # -S: nothing else is installed
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )


def install(site: Path, *names: str) -> None:
    for name in names:
        path = site / "autograd" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("def grad(fun, argnum=0): ...\n")


def test_alone_nothing_is_said(site: Path) -> None:
    done = run(site, "import autograd, nn; print(autograd.__file__)", "-W", "error")
    assert done.stderr == ""
    assert str(site) in done.stdout


def test_this_project_over_the_other(site: Path) -> None:
    install(site, *HIPS)
    done = run(site, "from autograd import Value; print(Value(2.0).data)")
    assert done.stdout == "2.0\n"
    assert "RuntimeWarning: chainrule and HIPS autograd" in done.stderr
    assert "pip uninstall autograd chainrule" in done.stderr
    assert str(site / "autograd") in done.stderr


def test_the_other_over_this_project(site: Path) -> None:
    install(site, "__init__.py", *HIPS)
    done = run(site, "import nn")
    assert done.returncode == 1
    assert "ImportError: nn needs the autograd of chainrule, and found another" in done.stderr
    assert "pip uninstall autograd chainrule" in done.stderr


def test_the_other_removed_again(site: Path) -> None:
    (site / "autograd" / "__init__.py").unlink()  # was in both, and belonged to both
    done = run(site, "import nn")
    assert "ImportError: nn needs the autograd of chainrule" in done.stderr
