"""The notebooks of the docs run, cell by cell, in a real kernel, and are stored without outputs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path: Path, tmp_path: Path) -> None:
    for name in ("nbconvert", "ipykernel"):
        pytest.importorskip(name, reason=f"{name} is not installed")
    kinds = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{kind}": str(tmp_path / kind) for kind in kinds}
    command = ["nbconvert", "--to", "notebook", "--execute", "--output-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", *command, str(path)],
        env={**os.environ, **own, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    cells = json.loads((tmp_path / path.name).read_text("utf8"))["cells"]
    outputs = [out for cell in cells for out in cell.get("outputs", [])]
    assert len(outputs) > 3
    assert not [out for out in outputs if out.get("name") == "stderr"]


def test_there_are_three() -> None:
    assert len(NOTEBOOKS) == 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_of_a_run_is_stored(path: Path) -> None:
    """What a notebook shows is made where it is opened: no figure in it can be out of date."""
    notebook = json.loads(path.read_text("utf8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_first_cell_says_what_to_install(path: Path) -> None:
    """Colab comes with HIPS autograd, which has the import name: it goes, or its files stay."""
    text = "".join(json.loads(path.read_text("utf8"))["cells"][0]["source"])
    assert 'pip install -e ".[draw,native]"' in text
    uninstall, install = text.index("%pip uninstall -y autograd"), text.index("%pip install ")
    assert uninstall < install
