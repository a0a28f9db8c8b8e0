"""The command lines of the demos: bad options are refused, and `--help` tells the good ones."""

from itertools import pairwise
from pathlib import Path

import pytest
from commands import ROOT, TERMINAL, caller

BAD = {
    "delta_rule": "--epochs 0 | --lr -1 | --lr inf | --seed x | --what",
    "digits": "--lr 0 | --batch 0 | --rows 0 | --mnist no/such/folder",
    "gallery": "--only nothing | --only , | --format gif | --what",
    "gpt": "--steps 0 | --lr nan | --samples -1 | --temperature 0 | --temperature inf | --seed x",
    "hidden_layer": "--activation step | --alpha 0 | --what",
    "learning_rate": "--right 0 | --large 1e9 | --small nan | --steps 0 | --what",
    "moons": "--steps 0 | --rows 3 | --noise -1 | --noise nan | --what",
    "numerical_vs_backprop": "--lr 0 | --inputs 0 | --steps x",
    "perceptron": "--passes 0 | --passes x | --what",
    "regression": "--lr 0 | --noise -1 | --noise inf | --points 1 | --hidden 0",
    "trajectory": "--intervals 1 | --seconds 0 | --seconds inf | --iterations 0 | --what",
    "xor": "--epochs -5 | --epochs 0 | --lr 0 | --lr -1 | --lr nan | --lr inf | --seed x | --what",
    "xor_matrix": "--epochs 0 | --lr 0 | --lr nan | --seed x | --what",
}
"""Options of each demo that are errors."""

OPTIONS = {
    "delta_rule": "seed epochs lr out",
    "digits": "seed mnist hidden epochs rows batch lr no-jit",
    "gallery": "only format out",
    "gpt": "seed steps lr samples temperature no-jit compare out",
    "hidden_layer": "activation alpha out",
    "learning_rate": "right large small steps out",
    "moons": "seed rows noise steps no-jit out",
    "numerical_vs_backprop": "seed inputs hidden steps lr full out",
    "perceptron": "passes out",
    "regression": "seed points noise hidden epochs lr no-jit out",
    "trajectory": "intervals seconds iterations out",
    "xor": "seed epochs lr no-jit out",
    "xor_matrix": "seed epochs lr out",
}
"""Those that it has."""


def test_every_demo_is_here() -> None:
    demos = {
        path.stem for path in (ROOT / "demos").glob("*.py") if "= program()\n" in path.read_text()
    }
    assert set(BAD) == set(OPTIONS) == demos


@pytest.mark.parametrize(
    ("demo", "arguments"),
    [(demo, arguments) for demo, bad in BAD.items() for arguments in bad.split(" | ")],
)
def test_bad_options_are_usage_errors(demo: str, arguments: str) -> None:
    done = caller(demo)(*arguments.split())
    assert done.returncode == 2
    assert arguments.split()[0] in done.stderr
    assert "Traceback" not in done.stderr


SHORT: dict[str, tuple[str, ...]] = {
    "digits": ("--rows", "120", "--test-rows", "40", "--hidden", "8", "--epochs", "2"),
    "moons": ("--rows", "20", "--steps", "8"),
    "regression": ("--points", "10", "--epochs", "60"),
    "xor": ("--seed", "3", "--epochs", "200"),
}


@pytest.mark.slow
@pytest.mark.parametrize("demo", SHORT)
def test_compiled_and_plain_trainings_print_the_same_figures(demo: str, tmp_path: Path) -> None:
    printed = {}
    for option, way in (("--jit", "compiled: "), ("--no-jit", "plain: ")):
        done = caller(demo)(*SHORT[demo], option, "--out", str(tmp_path))
        lines = done.stdout.splitlines()
        (clock,) = [line for line in lines if line.startswith(way)]
        printed[option] = (done.returncode, [line for line in lines if line != clock])
    assert printed["--jit"] == printed["--no-jit"]


@pytest.mark.parametrize("demo", OPTIONS)
def test_help(demo: str) -> None:
    done = caller(demo)("--help")
    assert done.returncode == 0
    for option in OPTIONS[demo].split():
        assert f"--{option} " in done.stdout


@pytest.mark.parametrize("demo", OPTIONS)
def test_paragraphs_of_help_are_as_wide_as_the_terminal(
    demo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TERMINAL, "COLUMNS", "80")
    lines = caller(demo)("--help").stdout.partition("Options")[0].splitlines()
    for line, after in pairwise(lines):
        word = after.split()[:1]
        assert not line.strip() or not word or len(f"{line.rstrip()} {word[0]}") > 78
