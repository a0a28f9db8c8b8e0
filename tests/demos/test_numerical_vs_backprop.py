"""Numerical differentiation beside backpropagation: the pieces, and the program."""

import random
from pathlib import Path

import pytest
from commands import caller

from autograd.testing import numerical_gradient
from demos import numerical_vs_backprop
from demos.numerical_vs_backprop import TEST, TRAINING, compare, report
from demos.two_gradients import (
    backprop,
    central_difference,
    growth,
    make_data,
    new_network,
    plain_logits,
    plain_loss,
)
from nn import cross_entropy

call = caller("numerical_vs_backprop")


@pytest.mark.parametrize(("count", "padding"), [TRAINING, TEST])
def test_the_data_follow_the_tutorials_rule(count: int, padding: int) -> None:
    data = make_data(count, padding, 16, random.Random(5))
    assert len(data.rows) == len(data.labels) == count
    for i, (row, label) in enumerate(zip(data.rows, data.labels, strict=True), start=1):
        assert len(row) == 16
        if i % 2 == 0:
            assert label == 0
            assert len(set(row)) == 16
        else:
            assert label == 1
            assert row == [((i + padding) % 100) / 10] * 16
    assert (TRAINING, TEST) == ((300, 0), (200, 257))
    noise = [x for row, label in zip(data.rows, data.labels, strict=True) if not label for x in row]
    assert sum(noise) / len(noise) == pytest.approx(0, abs=0.1)
    assert sum(x * x for x in noise) / len(noise) == pytest.approx(1, abs=0.1)


def test_the_plain_network_is_the_network() -> None:
    rng = random.Random(2)
    network, data = new_network(5, 3, rng), make_data(6, 1, 5, rng)
    for parameter in network.parameters():
        parameter.data += rng.uniform(-1, 1)
    numbers, sizes = [p.data for p in network.parameters()], (5, 3, 2)
    for row, logits in zip(data.rows, plain_logits(numbers, sizes, data.rows), strict=True):
        assert logits == pytest.approx([x.data for x in network(row)])
    loss = cross_entropy([network(row) for row in data.rows], data.labels)
    assert plain_loss(numbers, sizes, data) == pytest.approx(loss.data)


def test_the_gradients_are_the_same_three_ways() -> None:
    rng = random.Random(3)
    network, data, sizes = new_network(4, 3, rng), make_data(8, 0, 4, rng), (4, 3, 2)
    numbers = [p.data + rng.uniform(-0.5, 0.5) for p in network.parameters()]
    exact = backprop(network, numbers, data)
    loss = lambda moved: plain_loss(moved, sizes, data)
    ours = [central_difference(numbers, i, loss) for i in range(len(numbers))]
    other = numerical_gradient(lambda *moved: loss(moved), numbers)
    assert ours == pytest.approx(exact, abs=1e-7)
    assert list(other) == pytest.approx(exact, abs=1e-8)


def test_both_ways_train_alike() -> None:
    result = compare(4, 2, steps=3, lr=1.0, seed=0)
    numerical, backward = result.ways["numerical"], result.ways["backpropagation"]
    assert numerical.losses == pytest.approx(backward.losses, abs=1e-8)
    assert numerical.numbers == pytest.approx(backward.numbers, abs=1e-7)
    assert len(backward.losses) == len(backward.test) == len(backward.train) == 4
    assert len(result.compared) == len(result.names) == 4 * 2 + 2 + 2 * 2 + 2
    assert result.difference < 1e-7
    assert min(result.each) > 0


def test_a_few_derivatives_may_stand_for_all() -> None:
    result = compare(8, 4, steps=1, lr=1.0, seed=0, both=False)
    assert list(result.ways) == ["backpropagation"]
    assert len(result.compared) == 12 < len(result.names)
    assert result.difference < 1e-7
    text = report(result, growth([(2, 2)], seed=0))
    assert f"reckoned from 12 of {len(result.names)} parameters" in text
    assert "they were not run" in text


def test_the_cost_of_numerical_derivatives_grows_with_the_parameters() -> None:
    small, large = growth([(2, 2), (64, 32)], seed=0)
    assert (small.parameters, large.parameters) == (12, 2146)
    assert large.numerical / large.backprop > 5 * small.numerical / small.backprop


@pytest.mark.slow
def test_the_program_says_when_it_has_not_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numerical_vs_backprop, "GROWTH", [(2, 2), (8, 8)])
    done = call("--steps", "1", "--inputs", "2", "--hidden", "1", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "Not reached" in done.stderr
