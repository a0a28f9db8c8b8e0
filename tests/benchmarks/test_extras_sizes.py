"""What an extra takes is what its packages, and those that these need, have installed."""

import re
import sys
from pathlib import Path

import pytest

from benchmarks import sizes
from benchmarks.environment import ROOT


def install(folder: Path, name: str, content: int, *needs: str) -> None:
    """A package as pip leaves it: its files, and the lists of them and of what it needs."""
    (folder / f"{name}.py").write_bytes(b"#" * content)
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    needed = "".join(f"Requires-Dist: {need}\n" for need in needs)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needed}")
    (info / "RECORD").write_text(f"{name}.py,,\ngone.py,,\n")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(
        tmp_path, "cr-first", 100, "cr-second>=1", "CR_Third[more]", 'cr-none; python_version<"3"'
    )
    install(tmp_path, "cr-second", 20, "cr-first")  # they need each other
    install(tmp_path, "cr-third", 3, 'cr-fourth; extra == "more"', 'cr-fifth; extra == "others"')
    install(tmp_path, "cr-fourth", 5000)
    install(tmp_path, "cr-lacking", 1, "cr-nowhere")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    listed = {"a": ["cr-second"], "b": ["chainrule[a]", "cr-third"], "c": ["cr-lacking>=1"]}
    monkeypatch.setattr(sizes, "extras", lambda: listed)


@pytest.mark.usefixtures("installed")
def test_everything_that_is_needed_counts_once(capsys: pytest.CaptureFixture[str]) -> None:
    names = {"cr-first", "cr-second", "cr-third", "cr-fourth"}
    assert sizes.packages(["cr-first"]) == sizes.packages(["chainrule[b]"]) == names
    assert sizes.packages(["cr.third"]) == {"cr-third"}
    assert [sizes.size(name) for name in sorted(names)] == [100, 5000, 20, 3]
    with pytest.raises(sizes.MissingError, match="cr-nowhere"):
        sizes.packages(["cr-lacking"])
    sizes.main()
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(" +", " ", line) for line in lines] == [
        "a 0 MB, 4 packages: cr-fourth 0, cr-first 0, cr-second 0",
        "b 0 MB, 4 packages: cr-fourth 0, cr-first 0, cr-second 0",
        "c cr-nowhere is not installed",
    ]


def test_every_extra_has_its_size_in_the_docs() -> None:
    page = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*) \|.*\| (.+) \|$", page, re.MULTILINE)
    named = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    assert named == {*sizes.extras()}
    assert all(re.search(r"\d|and more", size) for _, size in rows)
