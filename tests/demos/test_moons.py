"""The half-moons demo: its training as a function, and the program as a person runs it."""

import math
import random

import pytest

from demos.moons import Falling, make_moons, report, train


@pytest.mark.parametrize("count", [4, 7, 100])
def test_without_noise_the_rows_lie_on_two_half_circles(count: int) -> None:
    moons = make_moons(count, 0.0, random.Random(0))
    assert moons.labels == [i % 2 for i in range(count)]
    for (x, y), label in zip(moons.rows, moons.labels, strict=True):
        if label == 1:
            x, y = 1 - x, 0.5 - y
        assert math.hypot(x, y) == pytest.approx(1)
        assert y >= 0


def test_the_noise_comes_from_the_generator() -> None:
    assert make_moons(10, 0.1, random.Random(3)) == make_moons(10, 0.1, random.Random(3))
    assert make_moons(10, 0.1, random.Random(3)) != make_moons(10, 0.1, random.Random(4))


def test_the_learning_rate_is_micrograds() -> None:
    assert [Falling(100)(k) for k in range(100)] == [1.0 - 0.9 * k / 100 for k in range(100)]


@pytest.mark.slow
def test_a_few_steps_lower_the_loss() -> None:
    moons = make_moons(20, 0.05, random.Random(1))
    training = train(moons, random.Random(1), steps=8)
    assert len(training.losses) == len(training.accuracies) == 9
    assert training.losses[-1] < training.losses[0]
    assert len(training.network.parameters()) == 337
    assert training.losses == train(moons, random.Random(1), steps=8).losses
    plain = train(moons, random.Random(1), steps=8, jit=False)
    assert training.losses == pytest.approx(plain.losses, rel=1e-9)
    assert training.accuracies == plain.accuracies
    assert "2-16-16-1 network, 337 parameters, 20 rows" in report(training, 20)
