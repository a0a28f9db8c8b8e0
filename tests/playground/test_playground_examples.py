"""The examples of the playground: the five tutorial systems, each with its figures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from strength import slowly

from playground import building

# What each must print: figures of the systems that they follow.
PRINTED = {
    "first": [r"d loss / d a = -24\.0", r"d loss / d b = 16\.0", r"d loss / d c = 8\.0"],
    "xor": [r"\(0\.0, 0\.0\) -> 0\.0\d+ ", r"\(1\.0, 0\.0\) -> 0\.9\d+ "],
    "numerical": [
        r"68 parameters",
        r"largest difference: \d\.\de-(09|1\d)",
        r"\d\d+ times as long",
    ],
    "delta_rule": [r"^9 of 13 derivatives disagree", r"\['hidden'\]\[2\]\[2\] .* 7\.70246"],
    "descent": [
        r"AND   \[0, 0, 0, 1\]",
        r"XOR   \[0, 1, 1, 0\]",
        r"\[0\.09003057, 0\.24472847, 0\.66524096\]",
        r"\(6\.0, 8\.0\)",
        r"1\.05   after 50 steps: 3\.45e\+05",
    ],
    "layer": [
        r"\+0\.55220471 \+0\.39775986 \+0\.49302505",
        r"\+0\.04976811 \+0\.02451042 \+0\.02499823",
        r"-0\.00620493 \+0\.00080899",
        r"-0\.13459342 -0\.00161752 -0\.01670577",
    ],
}


@pytest.mark.parametrize("name", [x if x == "xor" else slowly(x) for x in building.EXAMPLES])
def test_an_example_prints_its_figures_and_draws(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, building.HERE / "examples" / f"{name}.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(building.ROOT)},
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    for pattern in PRINTED[name]:
        assert re.search(pattern, done.stdout, re.MULTILINE), (pattern, done.stdout)
    assert len(list(tmp_path.glob("*.html"))) == 1


def test_xor_by_formulas_and_by_the_engine_is_the_same(tmp_path: Path) -> None:
    text = (building.HERE / "examples" / "xor.py").read_text(encoding="utf-8")
    source = text.replace("EPOCHS = 600", "EPOCHS = 2").replace("every=25", "every=2")
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(building.ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    formulas, engine = re.findall(r": +(\[.*\])", done.stdout)[:2]
    assert formulas == engine


ONE, TWO = "d_m = w * m", "d_m * ROW[1], d_o]"
MENDED = {ONE: "d_m = d_o * w * m", TWO: "d_m * ROW[1], d_m]"}


@pytest.mark.parametrize(
    ("slips", "said"),
    [
        ([], "all 13 derivatives agree"),
        ([ONE], "9 of 13 derivatives disagree"),
        ([TWO], "3 of 13 derivatives disagree"),
        ([ONE, TWO], "9 of 13 derivatives disagree"),
    ],
)
def test_each_slip_of_the_delta_rule_is_found_until_it_is_mended(
    slips: list[str], said: str, tmp_path: Path
) -> None:
    text = (building.HERE / "examples" / "delta_rule.py").read_text(encoding="utf-8")
    for slip, mended in MENDED.items():
        assert slip in text
        text = text if slip in slips else text.replace(slip, mended)
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(building.ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.startswith(said)
