"""The command: what it writes, what it says, and with which code it ends."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from benchmarks.environment import isolated_folder, process_environment, version
from benchmarks.pages import BEGIN, END, publish, replaced

pytestmark = pytest.mark.peers
ROOT = Path(__file__).parents[2]
PAIRS = ["hessian/jit", "hessian/numpy", "chain/eager"]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *options],
        cwd=ROOT,
        env={**process_environment([]), "COLUMNS": "120", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )


def said(*options: str) -> Result:
    """The same in this process, of what measures nothing."""
    pytest.importorskip("matplotlib")
    from benchmarks.__main__ import app

    return CliRunner().invoke(app, options, env={"COLUMNS": "120", "NO_COLOR": "1"})


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("out") / "deep"
    done = run("--quick", "--seed=3", *(f"--only={pair}" for pair in PAIRS), f"--out={folder}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith((folder / "report.md").read_text(encoding="utf-8"))
    return folder


def test_files(out: Path) -> None:
    names = {"benchmarks.json", "report.md"}
    names |= {f"{name}.{kind}" for name in ("steps", "growth") for kind in ("svg", "png")}
    assert {path.name for path in out.iterdir()} == names
    record = json.loads((out / "benchmarks.json").read_text(encoding="utf-8"))
    assert record["settings"]["seed"] == 3
    assert {f"{r['workload']}/{r['peer']}" for r in record["results"]} == set(PAIRS)


def test_pages_are_rewritten_between_their_markers(out: Path, tmp_path: Path) -> None:
    record = json.loads((out / "benchmarks.json").read_text(encoding="utf-8"))
    before, after = "# A page\n\nBefore. ", " After.\n\n```\ncode\n```\n"
    (tmp_path / "docs").mkdir()
    short, long = pages = [tmp_path / "README.md", tmp_path / "docs" / "benchmarks.md"]
    for page in pages:
        page.write_text(f"{before}{BEGIN}\nold\n{END}{after}", encoding="utf-8")
    publish(record, out, tmp_path)
    once = [page.read_text(encoding="utf-8") for page in pages]
    for text in once:
        assert text.startswith(before + BEGIN)
        assert text.endswith(END + after)
        assert "| **chainrule jit** |" in text
        assert "old" not in text
    assert "NumPy by hand" not in once[0]
    assert "NumPy by hand" in once[1]
    (picture,) = re.findall(r"!\[.*\]\((.*)\)", once[1])
    assert (long.parent / picture).read_bytes() == (out / "steps.svg").read_bytes()
    publish(record, out, tmp_path)
    assert [page.read_text(encoding="utf-8") for page in pages] == once
    assert {path.name for path in tmp_path.iterdir()} == {short.name, "docs"}


@pytest.mark.parametrize(
    "page", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}", f"{BEGIN}{BEGIN}{END}"]
)
@pytest.mark.parametrize("wrong", ["README.md", "docs/benchmarks.md"])
def test_pages_of_which_one_lacks_its_two_markers_are_refused_and_left_alone(
    wrong: str, page: str, out: Path, tmp_path: Path
) -> None:
    record = json.loads((out / "benchmarks.json").read_text(encoding="utf-8"))
    (tmp_path / "docs").mkdir()
    texts = dict.fromkeys(("README.md", "docs/benchmarks.md"), f"{BEGIN}{END}") | {wrong: page}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="once each and in order"):
        replaced(page, "new")
    with pytest.raises(ValueError, match="once each and in order"):
        publish(record, out, tmp_path)
    assert [*(tmp_path / "docs").iterdir()] == [tmp_path / "docs" / "benchmarks.md"]
    for name, text in texts.items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text


def test_from_json_writes_the_same_report_and_ends_with_1_after_an_error(
    out: Path, tmp_path: Path
) -> None:
    record = json.loads((out / "benchmarks.json").read_text(encoding="utf-8"))
    (tmp_path / "benchmarks.json").write_text(json.dumps(record), encoding="utf-8")
    assert said("--from-json", f"--out={tmp_path}").exit_code == 0
    assert (tmp_path / "report.md").read_bytes() == (out / "report.md").read_bytes()
    assert (tmp_path / "steps.svg").read_bytes() == (out / "steps.svg").read_bytes()
    record["errors"] = ["jax at xor computes other numbers: ..."]
    (tmp_path / "benchmarks.json").write_text(json.dumps(record), encoding="utf-8")
    done = said("--from-json", f"--out={tmp_path}", "--update-readme")
    assert done.exit_code == 1
    assert done.stderr.strip() == record["errors"][0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--only=xoor"], "there is no 'xoor'; there are xor, moons"),
        (["--only=xor/me"], "there is no 'me'; there are jit, jit_without_llvm"),
        (["--from-json", "--out=nowhere"], "cannot be read"),
    ],
)
def test_options_that_make_no_sense(options: list[str], says: str) -> None:
    done = said(*options)
    assert done.exit_code == 2
    assert says in re.sub(r"[\s│]+", " ", done.stderr)


def test_a_package_in_a_folder_of_its_own(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "autograd").mkdir(parents=True)
    (project / "autograd" / "__init__.py").write_text("", encoding="utf-8")
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        encoding="utf-8",
    )
    (project / "backend.py").write_text(WHEEL, encoding="utf-8")
    folder = isolated_folder(str(project), tmp_path / "cache", name="namesake")
    assert version("namesake", folder) == "1.2"
    done = subprocess.run(
        [sys.executable, "-P", "-c", "import autograd; print(autograd.__file__)"],
        env=process_environment([str(folder)]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(folder)
    assert (
        isolated_folder("cannot be asked for again", tmp_path / "cache", name="namesake") == folder
    )


def test_a_package_that_cannot_be_installed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"^ERROR: "):
        isolated_folder(str(tmp_path / "nothing"), tmp_path / "cache", name="nothing")
    assert list((tmp_path / "cache").iterdir()) == []


WHEEL = """
import zipfile

def build_wheel(folder, *_):
    name = "namesake-1.2-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as file:
        file.write("autograd/__init__.py")
        info, kind = "namesake-1.2.dist-info", "Root-Is-Purelib: true\\nTag: py3-none-any"
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: namesake\\nVersion: 1.2")
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\\n{kind}\\n")
        file.writestr(f"{info}/RECORD", "")
    return name
"""


def test_a_worker_starts_beside_another_package_of_the_name(tmp_path: Path) -> None:
    """HIPS autograd has the import name of this engine, and is measured in a process of its own."""
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").touch()
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    code = "import autograd, benchmarks.worker; print(autograd.__file__)"
    found = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == str(tmp_path / "autograd" / "__init__.py")
