"""The perceptron demo, and the figures of the tutorial it stands beside."""

import pytest

from autograd import Value
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
