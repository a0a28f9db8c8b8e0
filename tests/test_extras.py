"""What is missing is named, with a remedy that works from a clone."""

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd import RenderError, Value, extras
from autograd.draw import draw
from autograd.jit import jit
from nn import MLP, SGD, History, fit, mean_squared_error, save, sweep

ROOT = Path(__file__).parent.parent


def pip(extra: str) -> str:
    return f'pip install -e ".[{extra}]"'


def hide(names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the packages look as if they were not installed."""
    for name in names.split():
        for loaded in [x for x in sys.modules if x.partition(".")[0] == name]:
            monkeypatch.delitem(sys.modules, loaded)
        monkeypatch.setitem(sys.modules, name, None)


def with_a_bar(folder: Path) -> Any:
    model = MLP(1, [1], rng=0)
    return fit(
        model,
        ([[0.0]], [1.0]),
        loss=mean_squared_error,
        optimizer=SGD(model.parameters(), lr=0.1),
        epochs=1,
        progress=True,
    )


NEEDS: list[tuple[str, str, Callable[[Path], Any], str]] = [
    ("numpy", "jit", lambda folder: jit(lambda x: x, backend="numpy"), "jit: backend 'numpy'"),
    (
        "numpy llvmlite",
        "native",
        lambda folder: jit(lambda x: x, backend="native"),
        "jit: backend 'native' needs numpy and llvmlite",
    ),
    ("jax", "jax", lambda folder: sweep(lambda x: x, x=[1.0]), "sweep: backend 'jax'"),
    (
        "safetensors",
        "safetensors",
        lambda folder: save(folder / "model.safetensors", MLP(1, [1], rng=0)),
        "save: a file named .safetensors needs",
    ),
    (
        "matplotlib",
        "demos",
        lambda folder: History([{"epoch": 1, "loss": 1.0}]).plot(folder / "history.png"),
        "History.plot needs matplotlib",
    ),
    ("tqdm", "demos", with_a_bar, "fit: progress=True needs tqdm"),
]


@pytest.mark.parametrize(
    ("names", "extra", "use", "said"), NEEDS[2:], ids=[x[0] for x in NEEDS[2:]]
)
def test_in_a_browser_nobody_is_told_to_use_pip_there(
    names: str, extra: str, use: Callable[[Path], Any], said: str, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hide(names, patch)
        patch.setattr(extras, "IN_BROWSER", True)
        with pytest.raises(ImportError) as caught:
            use(tmp_path)
    assert said in str(caught.value)
    assert f"outside of it, pip install {names}" in str(caught.value)
    assert pip(extra) not in str(caught.value)


@pytest.mark.parametrize(("names", "extra", "use", "said"), NEEDS, ids=[x[0] for x in NEEDS])
def test_a_missing_package(
    names: str, extra: str, use: Callable[[Path], Any], said: str, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hide(names, patch)
        with pytest.raises(ImportError) as caught:
            use(tmp_path)
    assert said in str(caught.value)
    assert pip(extra) in str(caught.value)
    assert f"or pip install {names}" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "name", "extra", "pip_name"),
    [
        ("nn.sklearn", "sklearn", "sklearn", "scikit-learn"),
        ("autograd.scipy", "scipy", "scipy", "scipy"),
        ("nn.torch", "torch", "torch", "torch"),
        ("autograd.testing.torch", "torch", "torch", "torch"),
        ("nn.onnx", "onnx", "onnx", "onnx"),
    ],
)
def test_a_module_for_another_library(module: str, name: str, extra: str, pip_name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hide(name, patch)
        for loaded in [x for x in sys.modules if f"{x}.".startswith(f"{module}.")]:
            patch.delitem(sys.modules, loaded)
        with pytest.raises(ImportError, match=f"{module} needs {name}") as caught:
            importlib.import_module(module)
    assert pip(extra) in str(caught.value)
    assert f"or pip install {pip_name}" in str(caught.value)


def test_hypothesis_is_missing() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "for name in ('points', 'derivative_property'):\n"
        "    try: exec(f'from autograd.testing import {name}')\n"
        "    except ImportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "autograd.testing.points needs hypothesis, not installed here" in done.stdout
    assert "autograd.testing.derivative_property needs hypothesis" in done.stdout
    assert done.stdout.count(pip("test")) == 2


def test_graphviz_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(RenderError) as caught:
        draw(Value(1.0)).render("svg")
    assert pip("draw") in str(caught.value)


HIDING = """
import runpy, sys
sys.modules[sys.argv.pop(1)] = None
module = sys.argv.pop(1)
sys.argv[0] = module
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "program", "extra"),
    [
        *((name, "demos.xor", "demos") for name in ("typer", "tqdm", "matplotlib", "numpy")),
        ("sklearn", "demos.digits", "demos"),
        *((name, "benchmarks", "bench") for name in ("typer", "tqdm", "matplotlib", "numpy")),
        ("mpmath", "autograd.testing.accuracy", "test"),
    ],
)
def test_a_program_ends_with_the_remedy_and_no_traceback(
    package: str, program: str, extra: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HIDING, package, program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode in (1, 2)
    assert f"needs {package}, not installed here" in done.stderr
    assert pip(extra) in done.stderr
    assert "Traceback" not in done.stderr


def test_every_extra_that_is_named_exists() -> None:
    import re
    import tomllib

    extras = set(
        tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    )
    named = set()
    other = {x.parent for x in ROOT.glob("*/pyvenv.cfg")}  # environments, whatever they are called
    for pattern in ("*.md", "docs/**/*.md", "*.py", "*/**/*.py"):
        for file in ROOT.glob(pattern):
            if other.isdisjoint(file.parents):
                text = file.read_text("utf8")
                named |= set(re.findall(r'pip install -e "\.\[(\w+)\]"', text))
                named |= set(re.findall(r'(?:missing|remedy)\([^()]*"(\w+)", \[', text))
    assert named
    assert named <= extras
