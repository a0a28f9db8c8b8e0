"""The hidden layer demo: every figure of the worked example, digit by digit."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import caller, check_pictures, runner

from autograd import value_and_grad
from autograd.testing import numerical_gradient
from demos.hidden_layer import (
    INPUTS,
    PRINTED,
    SIGNAL,
    WEIGHTS,
    Matrix,
    agrees,
    report,
    run_layer,
    worked_example,
)
from nn import ACTIVATIONS

run = runner("hidden_layer")
call = caller("hidden_layer")


PICTURES = ("activations.png", "graph.svg")
FIGURES = {
    "outputs": """
        0.55220471 0.39775986 0.49302505
        0.53405061 0.43003027 0.49579003""",
    "deltas": """
        0.02472747 0.04790939 0.07498541
        0.04976811 0.02451042 0.02499823""",
    "signal upwards": """
        -0.00620493 0.00080899
        0.00043092 -0.00032779""",
    "new weights": """
        0.08573555 -0.01529588 -0.02497321
        -0.13459342 -0.00161752 -0.01670577
        -0.02958099 0.01402044 0.02005270""",
}


def digits(matrix: Matrix) -> list[list[str]]:
    return [[f"{number:.8f}" for number in row] for row in matrix]


@pytest.mark.parametrize("name", ["outputs", "deltas", "signal upwards"])
def test_every_printed_digit(name: str) -> None:
    expected = [line.split() for line in FIGURES[name].split("\n")[1:]]
    assert digits(worked_example()[name]) == expected
    assert digits(PRINTED[name]) == expected


def test_the_new_weights() -> None:
    # They start from weights that are printed rounded, by up to 0.5e-8, and are rounded again.
    found = worked_example()["new weights"]
    printed = [line.split() for line in FIGURES["new weights"].split("\n")[1:]]
    assert digits(PRINTED["new weights"]) == printed
    differing = []
    for i, (row, figures) in enumerate(zip(found, printed, strict=True)):
        for j, (number, figure) in enumerate(zip(row, figures, strict=True)):
            assert abs(number - float(figure)) <= 1e-8
            if f"{number:.8f}" != figure:
                differing.append((i, j))
    assert differing == [(0, 2), (2, 0)]


def test_a_wrong_digit_is_noticed() -> None:
    for name, matrix in PRINTED.items():
        assert agrees(name, matrix)
        assert not agrees(name, [[x + 2e-8 for x in row] for row in matrix])


def test_the_sigmoid_and_its_derivative() -> None:
    assert value_and_grad(ACTIVATIONS["sigmoid"])(1.0) == (0.7310585786300049, 0.19661193324148185)
    text = report("sigmoid", 0.01, worked_example())
    assert "sigmoid(1) = 0.7310585786300049, its derivative 0.19661193324148185" in text


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_layer_by_finite_differences(activation: str) -> None:
    def loss(inputs: Matrix, weights: Matrix) -> float:
        return run_layer(inputs, weights, SIGNAL, activation).loss.data

    upwards, slopes = numerical_gradient(loss, (INPUTS, WEIGHTS))
    found = worked_example(activation, alpha=1.0)
    for row, expected in zip(found["signal upwards"], upwards, strict=True):
        assert row == pytest.approx(expected, abs=1e-8)
    for row, before, slope in zip(found["new weights"], WEIGHTS, slopes, strict=True):
        moved = [w - d for w, d in zip(before, slope, strict=True)]
        assert row == pytest.approx(moved, abs=1e-8)


@pytest.mark.slow
def test_the_program(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "hidden_layer"
    done = run("--out", str(out))
    assert done.returncode == 0
    assert done.stderr == ""
    for name in PICTURES:
        assert str(out / name) in done.stdout
    assert done.stdout.count("The same to the last printed digit.") == 3
    assert done.stdout.count("The same to 1 in the last digit") == 1
    check_pictures(out, *PICTURES)
    text = " ".join(ElementTree.parse(out / "graph.svg").getroot().itertext())
    for label in ("row 1: x1", "n3: bias", "row 1: sum of n2", "sigmoid"):
        assert label in text


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_other_activations(tmp_path: Path, activation: str) -> None:
    done = call("--activation", activation, "--alpha", "0.1", "--out", str(tmp_path))
    assert done.returncode == 0
    assert f"{activation}(1) = " in done.stdout
    assert "in the tutorial" not in done.stdout
    check_pictures(tmp_path, *PICTURES)
