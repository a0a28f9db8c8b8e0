"""The perceptron demo, and the figures of the tutorial it stands beside."""

import pytest

import nn
from autograd import Value, dot, log, softmax
from autograd.graph import topological_order
from demos.perceptron import (
    AND,
    BY_HAND,
    NAND,
    OR,
    TABLES,
    XOR,
    StepNeuron,
    errors,
    labelled_graph,
    learn,
    report,
    step,
    tables_of_one_neuron,
    two_layers,
)
from demos.xor import INPUTS


@pytest.mark.parametrize("name", ["AND", "OR", "NAND"])
def test_one_neuron_answers_its_table(name: str) -> None:
    assert errors(BY_HAND[name], TABLES[name]) == 0
    learning = learn(TABLES[name])
    assert learning.learned
    assert errors(learning.neurons[-1], TABLES[name]) == 0
    assert learning.cycle == []


def test_two_layers_answer_xor() -> None:
    assert tuple(two_layers(row) for row in INPUTS) == XOR


def test_a_step_is_1_only_above_0() -> None:
    assert [step(x) for x in (-1.0, 0.0, 1e-300, 3.0)] == [0.0, 0.0, 1.0, 1.0]
    x = Value(0.5)
    step(x).backward()
    assert x.grad == 0.0


def test_no_single_neuron_answers_xor() -> None:
    found = tables_of_one_neuron()
    assert {AND, OR, NAND} < found
    assert len(found) == 14
    missing = {tuple(map(int, f"{i:04b}")) for i in range(16)} - found
    assert missing == {XOR, (1, 0, 0, 1)}
    assert errors(BY_HAND["OR"], XOR) == 1


def test_the_rule_goes_round_in_a_circle_on_xor() -> None:
    learning = learn(XOR)
    assert not learning.learned
    cycle = learning.cycle
    assert len(cycle) % 4 == 0
    neuron = cycle[0]
    for expected, ((x1, x2), t) in zip(
        [*cycle[1:], cycle[0]], zip(INPUTS, XOR, strict=True), strict=True
    ):
        error = t - neuron((x1, x2))
        neuron = StepNeuron(neuron.bias + error, neuron.w1 + error * x1, neuron.w2 + error * x2)
        assert neuron == expected


def test_the_graph_has_no_gradient_behind_a_step() -> None:
    output = labelled_graph()
    assert output.data == 1.0
    values = {value.label: value for value in topological_order(output)}
    assert values["XOR"].grad == 1.0
    behind = [f"{gate}: {part}" for gate in BY_HAND for part in ("bias", "w1", "w2")]
    assert [values[name].grad for name in ["x1", "x2", "NAND", "OR", *behind]] == [0.0] * 13


def test_the_report_has_the_truth_tables() -> None:
    rows = [line.split() for line in report({n: learn(t) for n, t in TABLES.items()}).splitlines()]
    first = rows.index(["x1", "x2", "AND", "OR", "NAND"])
    assert rows[first + 1 : first + 5] == [
        ["0", "0", "0", "0", "1"],
        ["0", "1", "0", "1", "1"],
        ["1", "0", "0", "1", "1"],
        ["1", "1", "1", "1", "0"],
    ]
    second = rows.index(["x1", "x2", "NAND", "OR", "XOR"])
    assert [row[-1] for row in rows[second + 1 : second + 5]] == ["0", "1", "1", "0"]


def test_the_affine_layer_of_the_tutorial() -> None:
    x, columns, biases = [2.0, 3.0], [[4.0, 6.0], [5.0, 7.0]], [0.0, 1.0]
    assert [dot(x, w) + b for w, b in zip(columns, biases, strict=True)] == [26.0, 32.0]
    layer = nn.Layer(2, 2, activation="identity", rng=0)
    for neuron, weights, bias in zip(layer.neurons, columns, biases, strict=True):
        for parameter, number in zip(neuron.parameters(), [*weights, bias], strict=True):
            parameter.data = number
    assert [output.data for output in layer(x)] == [26.0, 32.0]


def test_the_softmax_of_the_tutorial() -> None:
    found = [f"{p:.8f}" for p in softmax([0.5, 1.5, 2.5])]
    assert found == ["0.09003057", "0.24472847", "0.66524096"]
    assert softmax([1000.5, 1001.5, 1002.5]) == softmax([0.5, 1.5, 2.5])


@pytest.mark.parametrize(
    ("y", "squares", "entropy"),
    [
        ([0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0], "0.097500", "0.510825"),
        ([0.1, 0.05, 0, 0, 0.05, 0, 0.8, 0, 0, 0], "0.827500", "16.118096"),
    ],
)
def test_the_losses_of_the_tutorial(y: list[float], squares: str, entropy: str) -> None:
    t = [1.0 if i == 2 else 0.0 for i in range(10)]
    assert f"{nn.half_sum_squared_error(y, t):.6f}" == squares
    assert f"{-dot(t, [log(p + 1e-7) for p in y]):.6f}" == entropy
