"""Each demo as a person runs it: what it says, the pictures that it leaves, and how it fails."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import caller, check_pictures, runner
from strength import slowly

PICTURES = {
    "delta_rule": ("check.png", "errors.png", "graph.svg"),
    "digits": ("confusion.png", "misread.png", "training.png"),
    "learning_rate": ("descents.png", "field.png", "graph.svg"),
    "moons": ("boundary.png", "training.png"),
    "numerical_vs_backprop": ("training.png", "growth.png"),
    "perceptron": ("circle.png", "gates.png", "graph.svg", "xor.png"),
    "regression": ("fit.png", "loss.png"),
    "trajectory": ("convergence.png", "path.png", "pattern.png"),
    "xor": ("graph.svg", "loss.png", "network.svg", "step.html", "training.html"),
    "xor_matrix": ("cost.png", "plane.png", "products.png"),
}
LABELS = {
    "delta_rule": ("x1", "h1: w1", "sum of h3", "sum of y", "loss"),
    "learning_rate": ("-6", "8"),  # 2 w0 and 2 w1
    "perceptron": ("x1", "NAND: w1", "OR: bias", "XOR", "sign", "maximum"),
    "xor": ("x1", "x2", "h1.w1", "h3.bias", "y.w3", "loss", "sigmoid", "grad"),
}
"""What stands in `graph.svg`."""

SUCCEED = {
    "delta_rule": (
        "--seed 3 --lr 1 --epochs 1000",
        "slip two: wrong derivatives: h1: bias, h2: bias, h3: bias",
        "right: wrong derivatives: none",
    ),
    "digits": (
        "--rows 700 --test-rows 200 --hidden 16",
        "700 of 1348 training rows and 200 of 449 test rows are used",
    ),
    "learning_rate": ("", "gets there", "diverges", "hardly moves"),
    "moons": ("", "100%"),
    "numerical_vs_backprop": ("--hidden 3 --lr 3 --steps 11",),
    "perceptron": ("",),
    "regression": ("",),
    "trajectory": ("--intervals 10", "40 x 47"),
    "xor": ("--seed 3",),
    "xor_matrix": ("--seed 3",),
}
"""Options with which a demo succeeds, and what it says then."""

FAIL = [
    slowly("delta_rule", "--epochs 1", "Not learned"),
    slowly(
        "learning_rate", "--right 100 --large 0.5 --steps 5", r"right diverges.*large gets there"
    ),
    slowly("moons", "--steps 1 --rows 20", "of 20 rows on the wrong side"),
    slowly("perceptron", "--passes 1", "Not learned: AND, OR, NAND. Try more --passes."),
    slowly("regression", "--epochs 1 --points 5", "Not learned"),
    slowly("trajectory", "--intervals 6 --iterations 2", "Not solved: after 2 iterations"),
    ("xor", "--epochs 1", "Not learned"),
    slowly("xor_matrix", "--epochs 1", "Not learned"),
]
DIVERGE = [
    slowly("digits", "--lr 1e200 --rows 60 --test-rows 20 --epochs 3"),
    ("regression", "--lr 1e200 --points 5"),
    ("xor", "--lr 1e6"),
    ("xor_matrix", "--lr 1e6"),
]


def check_files(demo: str, out: Path) -> None:
    check_pictures(out, *PICTURES[demo])
    if demo in LABELS:
        text = " ".join(ElementTree.parse(out / "graph.svg").getroot().itertext())
        assert [label for label in LABELS[demo] if label not in text] == []


@pytest.mark.slow
@pytest.mark.parametrize("demo", SUCCEED)
def test_a_demo_shows_what_it_promises(demo: str, tmp_path: Path) -> None:
    options, *says = SUCCEED[demo]
    out = tmp_path / "deep" / demo
    done = runner(demo)(*options.split(), "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")  # no progress bar, where there is no terminal
    expected = [*says, *(str(out / name) for name in PICTURES[demo])]
    assert [text for text in expected if text not in done.stdout] == []
    check_files(demo, out)


@pytest.mark.parametrize(("demo", "options", "message"), FAIL)
def test_a_demo_says_what_it_has_not_reached(
    demo: str, options: str, message: str, tmp_path: Path
) -> None:
    done = caller(demo)(*options.split(), "--out", str(tmp_path))
    assert done.returncode == 1
    assert re.search(message, done.stderr.replace("\n", " "))
    assert "Warning" not in done.stderr
    check_files(demo, tmp_path)


@pytest.mark.parametrize(("demo", "options"), DIVERGE)
def test_a_demo_says_when_its_training_diverges(demo: str, options: str, tmp_path: Path) -> None:
    done = caller(demo)(*options.split(), "--out", str(tmp_path))
    assert done.returncode == 1
    assert "diverged; try a smaller --lr" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
