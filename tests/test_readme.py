"""What the README says is true: its Python runs, and its commands are where they should be."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_python_blocks_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "readme"}
    for block in blocks("python"):
        exec(block, namespace)
    assert (tmp_path / "graph.svg").stat().st_size > 1000
    assert capsys.readouterr().out == "".join(blocks("text"))


def test_quick_start_is_two_commands_of_one_line() -> None:
    train, test = blocks("bash")
    for command in (train, test):
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv .venv && ")
    assert train.rstrip().endswith("-m demos.xor")
    assert test.rstrip().endswith("-m pytest")


def test_links_lead_somewhere() -> None:
    root = Path(__file__).parent.parent
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (root / target).exists(), target
