"""The XOR demo: its training as a function, and the program as a person runs it."""

import math
import signal
from collections.abc import Iterable, Iterator

import pytest

from autograd.testing import numerical_gradient
from demos.program import until_interrupted
from demos.xor import INPUTS, TARGETS, labelled_loss, new_network, report, train
from nn import binary_cross_entropy


@pytest.mark.parametrize("seed", [0, 1, 2, 42, 99])
def test_it_learns(seed: int) -> None:
    training = train(new_network(seed))
    assert training.learned
    assert len(training.losses) == 1501
    assert training.losses[0] == pytest.approx(math.log(2), abs=0.05)
    assert training.losses[-1] < 0.01
    assert training.losses[-1] == pytest.approx(binary_cross_entropy(training.predictions, TARGETS))


def test_the_same_seed_gives_the_same_training() -> None:
    losses = [train(new_network(seed), 20).losses for seed in (7, 7, 8)]
    assert losses[0] == losses[1] != losses[2]


def test_compiled_and_plain_trainings_are_the_same() -> None:
    compiled, plain = (train(new_network(5), 200, jit=jit) for jit in (True, False))
    assert compiled.losses == pytest.approx(plain.losses, rel=1e-9)
    assert compiled.predictions == pytest.approx(plain.predictions, rel=1e-9)


def test_each_epoch_is_one_step_down_the_gradient() -> None:
    before, after = train(new_network(3), 10), train(new_network(3), 11)
    network = before.network
    parameters = network.parameters()
    start = [p.data for p in parameters]

    def loss(*numbers: float) -> float:
        for parameter, number in zip(parameters, numbers, strict=True):
            parameter.data = float(number)
        predictions: list[float] = [network(row).data for row in INPUTS]
        return binary_cross_entropy(predictions, TARGETS)

    slopes = numerical_gradient(loss, start)
    expected = [x - 5.0 * slope for x, slope in zip(start, slopes, strict=True)]
    assert [p.data for p in after.network.parameters()] == pytest.approx(expected, abs=1e-6)


def test_a_watcher_sees_each_loss_with_its_gradients() -> None:
    network = new_network(0)
    seen: list[tuple[float, float]] = []
    training = train(
        network, 5, watch=lambda loss: seen.append((loss().data, network.parameters()[0].grad))
    )
    assert [loss for loss, _ in seen] == pytest.approx(training.losses[:-1], rel=1e-12)
    assert all(grad != 0.0 for _, grad in seen)


def test_the_report_and_the_drawn_loss() -> None:
    training = train(new_network(0))
    text = report(training)
    assert text.splitlines()[0].split() == ["x1", "x2", "target", "prediction", "error"]
    assert "in 1500 epochs" in text
    loss = labelled_loss(training.network, 1)
    assert loss.data == pytest.approx(-math.log(training.predictions[1]))
    assert all(p.label for p in training.network.parameters())


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_the_training_after_the_step() -> None:
    def steps() -> Iterator[int]:
        for step in range(100):
            if step == 5:
                for _ in range(3):
                    signal.raise_signal(signal.SIGINT)
            yield step

    handler = signal.getsignal(signal.SIGINT)

    def progress(_: Iterable[int]) -> Iterable[int]:
        return until_interrupted(steps())

    training = train(new_network(0), 100, progress=progress)
    assert len(training.losses) == 6 + 1
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_that_is_ignored_ends_nothing() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seen = []
    for step in until_interrupted(range(3)):
        seen.append(step)
        signal.raise_signal(signal.SIGINT)
    assert seen == [0, 1, 2]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
