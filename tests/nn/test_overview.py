"""The table of a model, and what a model says about rows."""

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, is_recording
from nn.overview import summary
from nn.prediction import METRICS, accuracy, metric_functions, predict, sign_accuracy


def test_of_a_network() -> None:
    table = summary(nn.MLP(20, [16, 16, 1], bias=False))
    assert [" ".join(line.split()) for line in table.splitlines()] == [
        "path kind shape parameters",
        "layers.0 Layer weights 16 x 20 320",
        "layers.1 Layer weights 16 x 16 256",
        "layers.2 Layer weights 1 x 16 16",
        "total 592",
    ]
    assert len({len(line) for line in table.splitlines()}) == 1


class Mixed(nn.Module):
    def __init__(self) -> None:
        self.scale = Value(2.0)
        self.table = [[Value(1.0), Value(2.0)], [Value(3.0)]]
        self.parts = {"neuron": nn.Neuron(3), "layer": nn.Layer(2, 2, activation=Slope())}
        self.again = self.parts
        self.me = self


class Slope(nn.Module):
    def __init__(self) -> None:
        self.slope = Value(0.1)

    def __call__(self, x: Value) -> Value:
        return x.leaky_relu(self.slope)


def test_of_any_module() -> None:
    assert [" ".join(line.split()) for line in summary(Mixed()).splitlines()] == [
        "path kind shape parameters",
        "(itself) Mixed scale, table 3 4",
        "parts.neuron Neuron weights 3, bias 4",
        "parts.layer Layer weights 2 x 2, bias 2, activation.slope 1 7",
        "total 15",
    ]
    assert len(Mixed().parameters()) == 15


def test_of_a_module_without_parameters() -> None:
    assert summary(nn.Module()).splitlines()[-1].split() == ["total", "0"]
    wrong: Any = 3
    with pytest.raises(TypeError, match="expected a Module, got int"):
        summary(wrong)


def test_predictions_are_plain_numbers() -> None:
    rows = np.array([[0.5, 1.0], [2.0, -1.0]])
    single, several = nn.MLP(2, [3, 1], rng=0), nn.MLP(2, [3, 2], rng=0)
    outputs = predict(single, rows)
    assert outputs == [single(row).data for row in rows]
    assert {type(x) for x in outputs} == {float}
    assert predict(several, rows) == [[x.data for x in several(row)] for row in rows]
    assert predict(lambda x: 2 * x, [1, 2]) == [2.0, 4.0]
    assert predict(single, []) == []


def test_predictions_build_no_graph() -> None:
    recorded = []

    def model(row: Any) -> Value:
        recorded.append(is_recording())
        return Value(1.0) * row

    assert predict(model, [1.0]) == [1.0]
    assert recorded == [False]
    assert is_recording()


@pytest.mark.parametrize(
    ("predictions", "targets", "expected"),
    [
        ([0.9, 0.1, 0.5], [1, 0, 0], 1.0),
        ([0.9, 0.1, 0.5], [1, 1, 1], 1 / 3),
        ([[1.0, 2.0, 0.0]], [1], 1.0),
        ([[1.0, 1.0]], [0], 1.0),
        ([[1.0, 2.0], [2.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]], 0.5),
        (np.array([[1.0, 2.0]]), np.array([1]), 1.0),
        ([Value(0.9), Value(0.2)], [1.0, 1.0], 0.5),
    ],
)
def test_accuracy(predictions: Any, targets: Any, expected: float) -> None:
    assert accuracy(predictions, targets) == expected


def test_sign_accuracy() -> None:
    assert sign_accuracy([0.1, -2.0, 3.0], [1, -1, -1]) == 2 / 3
    assert sign_accuracy([0.1, -2.0], [1, 0]) == 1.0


def test_accuracy_refuses() -> None:
    with pytest.raises(ValueError, match="accuracy: expected a target for each row"):
        accuracy([1.0], [])
    with pytest.raises(ValueError, match=r"predictions\[0\]: expected at least one number"):
        accuracy([[]], [0])
    with pytest.raises(TypeError, match=r"predictions\[0\]: expected a number or a row"):
        accuracy([None], [0])


def test_metrics_by_name() -> None:
    assert metric_functions(METRICS) == METRICS
    assert metric_functions({"mine": accuracy}) == {"mine": accuracy}
    with pytest.raises(ValueError, match="unknown metric 'auc': expected one of accuracy, sign_"):
        metric_functions(["auc"])
    for taken in ("loss", "val_loss", "epoch"):
        with pytest.raises(ValueError, match=f"the name '{taken}' is taken"):
            metric_functions({taken: accuracy})
    wrong: Any
    for wrong in ("accuracy", 3, {"a": 3}):
        with pytest.raises(TypeError, match="metrics: "):
            metric_functions(wrong)
