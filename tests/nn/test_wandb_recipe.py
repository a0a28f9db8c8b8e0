"""The recipe for W&B, with an object that has the documented interface of `wandb`.

Where wandb itself is installed, `tests/test_docs.py` runs the recipe against it, offline.
"""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest
from markdown import ROOT, blocks


class Run:
    """A run of wandb: what is logged, by step."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.summary: dict[str, Any] = {}
        self.logged: list[dict[str, Any]] = []
        self.is_finished = False

    def log(
        self, data: dict[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        """As wandb does, without the rows that are not ahead of the last one."""
        if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
            raise TypeError("Data must be a dict with string keys")
        if not self.logged or step is None or step > self.logged[-1]["_step"]:
            self.logged.append({**data, "_step": step})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.is_finished = True


class Stand(ModuleType):
    def __init__(self) -> None:
        super().__init__("wandb")
        self.runs: list[Run] = []
        self.options: dict[str, Any] = {}

    def init(self, **options: Any) -> Run:
        self.options = options
        self.runs.append(Run(dict(options["config"])))
        return self.runs[-1]


def test_every_epoch_is_logged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (recipe,) = [
        block.text
        for block in blocks(ROOT / "docs" / "recipes.md")
        if block.language == "python" and "import wandb" in block.text
    ]
    stand = Stand()
    monkeypatch.setitem(sys.modules, "wandb", stand)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(recipe, names)
    (run,) = stand.runs
    assert stand.options["mode"] == "offline"
    assert [row["_step"] for row in run.logged] == [row["epoch"] for row in run.logged]
    assert [row["epoch"] for row in run.logged] == [*range(1, 21)]
    assert {"epoch", "lr", "loss", "_step"} == set(run.logged[0])
    assert run.logged[-1]["loss"] < run.logged[0]["loss"]
    assert run.summary == {"parameters": len(names["model"].parameters())}
    assert run.is_finished
