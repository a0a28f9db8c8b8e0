"""Trainings whose numbers are no longer finite: said at once, by plain steps and compiled ones."""

import io
import math
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value
from nn.history import History
from nn.saving import load

ROWS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
TARGETS = [0.0, 1.0, 1.0, 0.0]
JIT = [False, True, None]


def run(lr: float = 1e6, **options: Any) -> tuple[History, nn.MLP]:
    model = options.pop("model", None) or nn.MLP(2, [3, 1], rng=0)
    options = {"loss": nn.mean_squared_error, "epochs": 40, "train": (ROWS, TARGETS), **options}
    history = nn.fit(model, optimizer=nn.SGD(model.parameters(), lr=lr), **options)
    return history, model


def diverging(message: str) -> Any:
    return pytest.warns(RuntimeWarning, match=message)


@pytest.mark.parametrize("jit", JIT)
@pytest.mark.parametrize("batch_size", [None, 2, 3])
@pytest.mark.parametrize("lr", [1e6, 1e30, 1e200])
def test_it_is_said_once_and_the_training_ends(
    lr: float, batch_size: int | None, jit: bool | None
) -> None:
    with diverging(r"fit: the loss of epoch \d+, step \d, is (inf|nan)") as told:
        history, _ = run(lr, jit=jit, batch_size=batch_size, rng=0, metrics=["accuracy"])
    warning = told[0]
    assert len(told) <= 2  # where it goes on for a while, its end is said too
    assert "and ends here" in str(told[-1].message)
    assert warning.filename == __file__
    for words in ("diverged", "smaller learning rate", "clip_gradient_norm"):
        assert words in str(warning.message)
    assert history.diverged is not None
    assert history.diverged <= len(history) < 40
    assert not math.isfinite(history["loss"][-1])
    assert f"diverged in epoch {history.diverged}" in repr(history)
    assert math.isfinite(sum(history["loss"][: history.diverged - 1]))


@pytest.mark.parametrize("jit", JIT)
def test_a_healthy_training_is_quiet(jit: bool | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history, _ = run(0.1, jit=jit, validation=(ROWS, TARGETS))
    assert history.diverged is None
    assert "diverged" not in repr(history)


@pytest.mark.parametrize("jit", JIT)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_of_the_data_are_blamed(bad: float, jit: bool | None) -> None:
    rows = [[0.5, 1.0], [bad, 1.0]]
    with diverging(rf"It is the data: inputs\[1\]\[0\] is {bad!r}"):
        run(0.1, train=(rows, [1.0, 0.0]), jit=jit)
    with diverging(rf"It is the data: targets\[0\] is {bad!r}"):
        run(0.1, train=(ROWS[:2], [bad, 0.0]), jit=jit)


@pytest.mark.parametrize("jit", JIT)
def test_before_the_first_update_the_learning_rate_is_not_to_blame(jit: bool | None) -> None:
    with diverging("No parameter had moved yet: the data or the first parameters are too large"):
        run(0.1, train=(ROWS[:2], [1e200, 0.0]), jit=jit)


@pytest.mark.parametrize("jit", JIT)
def test_validation_data_that_are_not_finite(jit: bool | None) -> None:
    with diverging("the validation loss of epoch 1 is nan.*validation inputs\\[0\\]\\[1\\] is nan"):
        history, _ = run(
            0.1,
            jit=jit,
            validation=([[0.0, math.nan]], [1.0]),
            early_stopping=nn.EarlyStopping(patience=3),
        )
    assert history.diverged == 1
    assert len(history) == 3  # nan is never an improvement


def test_early_stopping_gives_back_the_best_parameters() -> None:
    with diverging("diverged"):
        history, model = run(
            1e200, validation=(ROWS, TARGETS), early_stopping=nn.EarlyStopping(patience=30)
        )
    assert len(history) < 30
    finite = math.isfinite(history["val_loss"][0])
    assert all(math.isfinite(p.data) for p in model.parameters()) is finite
    assert math.isnan(history["val_loss"][-1])


class Cliff(nn.Module):
    """A loss that is infinite now and then, with a gradient that is 0 there."""

    def __init__(self) -> None:
        self.w = Value(1.0)

    def __call__(self, row: Any) -> Any:
        return self.w * row[0] if row[0] < 5 else self.w * 0.0 + math.inf


def test_a_loss_that_recovers_goes_on() -> None:
    with diverging(
        "the loss of epoch 1, step ., is inf, not finite: the training has diverged"
    ) as t:
        history, model = run(
            0.01,
            model=Cliff(),
            train=([[1.0], [9.0], [2.0]], [0.0] * 3),
            loss=lambda outputs, targets: outputs[0],
            batch_size=1,
            rng=2,
            epochs=6,
            jit=False,
        )
    assert "and ends" not in str(t[0].message)
    assert (len(history), history.diverged) == (6, 1)
    assert math.isfinite(model.parameters()[0].data)


def test_a_parameter_alone() -> None:
    class Jump(nn.SGD):
        def step(self) -> None:
            super().step()
            if self.steps == 3:
                self.parameters[4].data = math.inf

    model = nn.MLP(2, [3, 1], rng=0)
    with diverging(r"fit: after epoch 3 parameters\[4\] of the optimizer is inf"):
        history = nn.fit(
            model,
            (ROWS, TARGETS),
            loss=nn.mean_squared_error,
            optimizer=Jump(model.parameters(), lr=0.1),
            epochs=9,
        )
    assert (len(history), history.diverged) == (3, 3)


@pytest.mark.parametrize("jit", JIT)
def test_the_checkpoint_stays_that_of_the_epoch_before(tmp_path: Path, jit: bool | None) -> None:
    path = tmp_path / "training.json"
    with diverging("diverged"):
        history, _ = run(1e200, jit=jit, checkpoint=path)
    model = nn.MLP(2, [3, 1], rng=1)
    if len(history) > 1:
        load(path, model)
        assert all(math.isfinite(p.data) for p in model.parameters())
    else:
        assert not path.exists()


def test_a_resumed_training_knows_when_it_diverged(tmp_path: Path) -> None:
    path = tmp_path / "training.json"
    options: dict[str, Any] = {"validation": ([[math.inf, 0.0]], [1.0]), "checkpoint": path}
    with diverging("the validation loss of epoch 1 is nan"):
        run(0.1, epochs=2, **options)
    history, _ = run(0.1, epochs=4, resume=True, **options)  # it has been said
    assert (history.diverged, len(history)) == (1, 4)


def test_callbacks_see_the_last_epoch() -> None:
    seen: list[Any] = []
    with diverging("diverged"):
        history, _ = run(callbacks=[lambda epoch: seen.append(epoch.history.diverged)])
    assert len(seen) == len(history)
    assert seen[-1] == history.diverged


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_and_the_plot_show_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("tqdm")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with diverging("diverged"):
        history, _ = run()
    assert "diverged" in stream.getvalue()
    pytest.importorskip("matplotlib")
    picture = history.plot(tmp_path / "history.svg")
    assert "diverged" in picture.read_text()
    History([{"epoch": 1.0, "loss": math.nan}], diverged=1).plot(tmp_path / "nan.svg")
