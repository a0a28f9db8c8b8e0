"""`python -m benchmarks growth`: a line for each program and length."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

pytest.importorskip("matplotlib")

from benchmarks.__main__ import app

pytestmark = pytest.mark.peers


def test_the_command_prints_a_line_for_each_length() -> None:
    said = CliRunner().invoke(app, ["growth", "--only", "Lorenz", "--longest", "500"])
    assert said.exit_code == 0, said.output
    _, _, *rows = [line for line in said.output.splitlines() if line.startswith("|")]
    cells = [[x.strip() for x in row.strip("| ").split("|")] for row in rows]
    assert [row[:2] for row in cells] == [["Lorenz, steps", "250"], ["Lorenz, steps", "500"]]
    assert cells[0][2:4] == cells[1][2:4]  # a loop stays a loop


def test_what_is_not_there() -> None:
    said = CliRunner().invoke(app, ["growth", "--only", "Rossler"])
    assert said.exit_code == 2
    assert "there is none of Lorenz, steps" in " ".join(said.output.split())
