"""Watching `fit` at work."""

from typing import Any

import pytest

from nn.compiled_steps import CompiledSteps


@pytest.fixture
def steppers(monkeypatch: pytest.MonkeyPatch) -> list[CompiledSteps]:
    """All objects that make compiled steps."""
    made: list[CompiledSteps] = []
    start = CompiledSteps.__init__

    def keep(self: CompiledSteps, *args: Any) -> None:
        start(self, *args)
        made.append(self)

    monkeypatch.setattr(CompiledSteps, "__init__", keep)
    return made
