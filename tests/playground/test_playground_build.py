"""`python -m playground` writes a folder that a static server can serve, and nothing else."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from autograd import Value, draw
from playground import building
from playground.__main__ import main

ROOT = Path(building.ROOT)


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def a_package(folder: Path) -> Path:
    """What has the names of the files of Pyodide's package, and more."""
    folder.mkdir()
    for name in (*building.INTEGRITY, "README.md"):
        (folder / name).write_text(f"text of {name}")
    return folder


def test_two_builds_are_the_same_to_the_byte(tmp_path: Path) -> None:
    for name in ("one", "two"):
        building.build(tmp_path / name)
    assert content_of(tmp_path / "one") == content_of(tmp_path / "two")


def test_python_gets_every_file_of_the_packages_and_no_other() -> None:
    with zipfile.ZipFile(BytesIO(building.archive())) as packed:
        found = {name: packed.read(name) for name in packed.namelist()}
    assert found.pop("running.py") == (building.HERE / "page" / "running.py").read_bytes()
    assert found == {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for package in ("autograd", "nn")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_example_is_offered_by_a_title_of_its_own() -> None:
    files = {path.stem for path in (building.HERE / "examples").glob("*.py")}
    assert sorted(building.EXAMPLES) == sorted(files)
    titles = [building.example(name)["title"] for name in building.EXAMPLES]
    assert len(set(titles)) == len(titles)
    assert all(10 < len(title) < 90 for title in titles), titles


NAMED = {  # how a file names another one of the folder
    ".html": r'(?:src|href)="([^"#]+)"',
    ".js": r'(?:from "\./|new Worker\("|fetch\("|new URL\(")([^"]+)"',
    ".css": r"url\(([^)]+)\)",
}


def test_what_the_page_names_is_in_the_folder_and_nothing_comes_from_elsewhere() -> None:
    files = building.contents()
    named = {"index.html"}
    for name, text in files.items():
        assert "://" not in text.decode(errors="replace") or name in (
            "python.zip",
            building.SETTINGS,
        )
        named |= set(
            re.findall(NAMED.get(Path(name).suffix, "(?!)"), text.decode(errors="replace"))
        )
    assert named - {"data:,"} == files.keys()


def colours(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The names that a style sheet gives to colours and fonts, in light and in dark."""
    dark = "".join(re.findall(r"dark\) \{\s*:root \{([^}]*)\}", text))
    light = "".join(re.findall(r"^:root \{([^}]*)\}", text, re.MULTILINE))
    pairs = re.compile(r"(--[\w-]+):\s*([^;]+);")
    return dict(pairs.findall(light)), dict(pairs.findall(dark))


def test_the_palette_is_that_of_the_page_of_a_graph(tmp_path: Path) -> None:
    files = building.contents()
    shared, own = files["palette.css"].decode(), files["style.css"].decode()
    assert shared in draw(Value(1.0) * 2.0).save(tmp_path / "graph.html").read_text("utf-8")
    palette, more = colours(shared), colours(own)
    assert len(palette[0]) > 20
    assert palette[1].keys() < palette[0].keys()  # a font is the same in both
    for told, again in zip(palette, more, strict=True):
        assert not set(told.items()) & set(again.items()), "said twice"
    used = set(re.findall(r"var\((--[\w-]+)", own)) - {"--share"}  # which divider.js sets
    assert used <= palette[0].keys() | more[0].keys()


def test_by_default_pyodide_is_the_pinned_version_checked_by_the_browser() -> None:
    settings = json.loads(building.contents()[building.SETTINGS])
    assert settings["pyodide"].startswith("https://")
    assert settings["pyodide"].endswith(f"@{building.VERSION}/")
    assert settings["integrity"] == building.INTEGRITY
    assert len(set(building.INTEGRITY.values())) == 5


def test_a_copy_of_pyodide_is_served_and_checked_too(tmp_path: Path) -> None:
    package = a_package(tmp_path / "package")
    files = building.build(tmp_path / "site", package)
    settings = json.loads(files[building.SETTINGS])
    assert settings["pyodide"] == "pyodide/"
    for name in building.INTEGRITY:
        assert files[f"pyodide/{name}"] == (package / name).read_bytes()
        assert settings["integrity"][name] == building.integrity(files[f"pyodide/{name}"])
    assert "pyodide/README.md" not in files


def test_a_folder_that_was_built_before_is_replaced(tmp_path: Path) -> None:
    building.build(tmp_path / "site", a_package(tmp_path / "package"))
    files = building.build(tmp_path / "site")
    assert content_of(tmp_path / "site") == files


def with_other_files(folder: Path) -> list[str]:
    (folder / "letter.txt").write_text("dear")
    return ["--out", str(folder)]


def with_a_file_in_its_place(folder: Path) -> list[str]:
    (folder / "letter.txt").write_text("dear")
    return ["--out", str(folder / "letter.txt")]


def with_no_package(folder: Path) -> list[str]:
    return ["--out", str(folder / "site"), "--pyodide", str(folder)]


def with_a_part_of_the_package(folder: Path) -> list[str]:
    (a_package(folder / "package") / "pyodide.asm.wasm").unlink()
    return ["--out", str(folder / "site"), "--pyodide", str(folder / "package")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (with_other_files, "holds other files"),
        (with_a_file_in_its_place, "letter.txt"),
        (with_no_package, "npm pack"),
        (with_a_part_of_the_package, "it has no pyodide.asm.wasm "),
    ],
)
def test_what_cannot_be_built_ends_with_1_and_leaves_all_as_it_was(
    arguments: Callable[[Path], list[str]],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = arguments(tmp_path)
    before = content_of(tmp_path)
    assert main(given) == 1
    assert said in capsys.readouterr().err
    assert content_of(tmp_path) == before


def test_other_arguments_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--port", "8000"])
    assert end.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_the_command_as_the_page_of_the_docs_gives_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "playground", "--out", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"--directory {tmp_path / 'site'}" in done.stdout
    assert (tmp_path / "site" / "index.html").is_file()
