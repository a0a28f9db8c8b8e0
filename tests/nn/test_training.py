"""`fit` against loops written by hand, and everything that can end it."""

import gc
import io
import math
import random
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import nn
from nn.data import batches
from nn.formats import CheckpointError
from nn.history import History
from nn.prediction import predict, sign_accuracy
from nn.saving import load, save
from nn.schedules import ExponentialDecay, ReduceOnPlateau
from nn.stopping import EarlyStopping
from nn.training import Epoch, fit

SOURCE = random.Random(0)
ROWS = [[SOURCE.uniform(-1, 1), SOURCE.uniform(-1, 1)] for _ in range(20)]
LABELS = [1.0 if x * y > 0 else -1.0 for x, y in ROWS]
TRAIN, TEST = (ROWS[:14], LABELS[:14]), (ROWS[14:], LABELS[14:])


def network() -> nn.MLP:
    return nn.MLP(2, [3, 1], activation="tanh", rng=0)


def data(model: nn.Module) -> list[float]:
    return [p.data for p in model.parameters()]


def run(model: nn.MLP, optimizer: Any = None, epochs: int = 5, **options: Any) -> History:
    options.setdefault("loss", nn.mean_squared_error)
    options.setdefault("rng", 0)
    if optimizer is None:
        optimizer = nn.SGD(model.parameters(), lr=0.1, momentum=0.5)
    return fit(model, TRAIN, optimizer=optimizer, epochs=epochs, **options)


def test_all_rows_at_once() -> None:
    model, twin = network(), network()
    history = run(model)
    optimizer = nn.SGD(twin.parameters(), lr=0.1, momentum=0.5)
    losses = []
    for _ in range(5):
        loss = nn.mean_squared_error([twin(row) for row in TRAIN[0]], TRAIN[1])
        losses.append(loss.data)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert data(model) == data(twin)
    assert history["loss"] == losses
    assert history["epoch"] == [1, 2, 3, 4, 5]
    assert history.columns == ["epoch", "lr", "loss"]
    assert not history.interrupted


def test_batches_metrics_and_validation() -> None:
    model, twin = network(), network()
    metrics = {"right": sign_accuracy, "count": lambda predictions, targets: len(predictions)}
    history = run(model, epochs=3, batch_size=4, validation=TEST, metrics=metrics)
    optimizer = nn.SGD(twin.parameters(), lr=0.1, momentum=0.5)
    rng = random.Random(0)
    for row in history.rows:
        losses, outputs, targets = 0.0, [], []
        for xs, ts in batches(*TRAIN, 4, rng=rng):
            predictions = [twin(x) for x in xs]
            loss = nn.mean_squared_error(predictions, ts)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses += len(xs) * loss.data
            outputs += [p.data for p in predictions]
            targets += ts
        held_out = predict(twin, TEST[0])
        assert row == {
            "epoch": row["epoch"],
            "lr": 0.1,
            "loss": pytest.approx(losses / 14, rel=1e-14),
            "right": sign_accuracy(outputs, targets),
            "count": 14,
            "val_loss": nn.mean_squared_error(held_out, TEST[1]),
            "val_right": sign_accuracy(held_out, TEST[1]),
            "val_count": 6,
        }
    assert data(model) == data(twin)


def test_metrics_by_name_and_rows_of_outputs() -> None:
    model = nn.MLP(2, [4, 2], activation="tanh", rng=0)
    history = fit(
        model,
        (ROWS, [int(label > 0) for label in LABELS]),
        loss=nn.cross_entropy,
        optimizer=nn.Adam(model.parameters(), lr=0.1),
        epochs=60,
        metrics=["accuracy"],
    )
    assert history["accuracy"][-1] >= 0.9 > history["accuracy"][0]


def test_a_schedule_scales_the_learning_rate() -> None:
    model = network()
    optimizer = nn.SGD(model.parameters(), lr=0.5)
    history = run(model, optimizer, epochs=3, schedule=ExponentialDecay(0.5))
    assert history["lr"] == [0.5, 0.25, 0.125]
    assert optimizer.lr == 0.5


class Seen:
    """A schedule that writes down what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, float | None]] = []

    def __call__(self, epoch: int, loss: float | None = None) -> float:
        self.calls.append((epoch, loss))
        return 1.0

    def state(self) -> dict[str, Any]:
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        pass


def test_a_schedule_sees_the_loss_of_the_epoch_before() -> None:
    for validation, column in ((None, "loss"), (TEST, "val_loss")):
        seen = Seen()
        history = run(network(), schedule=seen, validation=validation)
        assert seen.calls == list(enumerate([None, *history[column][:-1]]))


def test_early_stopping_gives_back_the_best() -> None:
    model = network()
    kept = []
    history = run(
        model,
        nn.SGD(model.parameters(), lr=0.9),
        epochs=500,
        validation=TEST,
        early_stopping=EarlyStopping(patience=4),
        callbacks=[lambda epoch: kept.append(data(model))],
    )
    best = min(range(len(history)), key=history["val_loss"].__getitem__)
    assert len(history) == best + 5 < 500
    assert data(model) == kept[best]


def test_early_stopping_at_the_largest_and_beyond_nan() -> None:
    numbers = iter([0.5, math.nan, 0.7, 0.75, 0.6, 0.71, 1.0])
    model = network()
    history = run(
        model,
        epochs=9,
        validation=TEST,
        metrics={"x": lambda predictions, targets: next(numbers) if len(targets) == 6 else 0.0},
        early_stopping=EarlyStopping(3, "val_x", maximize=True, min_delta=0.1),
    )
    assert history["val_x"][2:] == [0.7, 0.75, 0.6, 0.71]


def test_before_step_may_clip() -> None:
    model = network()
    before = data(model)
    run(
        model,
        nn.SGD(model.parameters(), lr=1.0),
        epochs=1,
        before_step=lambda parameters: nn.clip_gradient_norm(parameters, 0.01),
    )
    assert math.dist(data(model), before) == pytest.approx(0.01)


def test_a_callback_can_stop() -> None:
    epochs: list[Epoch] = []

    def callback(epoch: Epoch) -> None:
        epochs.append(epoch)
        if epoch.row["epoch"] == 3:
            epoch.stop()

    model = network()
    history = run(model, callbacks=[callback])
    assert len(history) == 3
    assert not history.interrupted
    assert [epoch.row for epoch in epochs] == history.rows
    assert epochs[0].history is history
    assert epochs[0].model is model


def test_the_collector_is_put_back() -> None:
    assert gc.isenabled()
    run(network(), callbacks=[lambda epoch: [gc.isenabled()].remove(True)])
    assert gc.isenabled()


class Pressing:
    """A loss during which Ctrl-C is pressed at the given calls, so and so often."""

    def __init__(self, *presses: int) -> None:
        self.presses = list(presses)

    def __call__(self, predictions: list[Any], targets: list[Any]) -> Any:
        for _ in range(self.presses.pop(0) if self.presses else 0):
            signal.raise_signal(signal.SIGINT)
        return nn.mean_squared_error(predictions, targets)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize(
    ("presses", "epochs", "done"),
    [((0, 0, 1), 9, 3), ((0, 0, 2), 9, 2), ((0, 1), 2, 2)],
    ids=["the step is finished", "a second leaves it undone", "in the last nothing is missing"],
)
def test_ctrl_c(presses: tuple[int, ...], epochs: int, done: int) -> None:
    model, twin = network(), network()
    history = run(model, epochs=epochs, loss=Pressing(*presses))
    assert history.interrupted == (done < epochs)
    assert history.rows == run(twin, epochs=done).rows
    assert data(model) == data(twin)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert gc.isenabled()


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_while_parameters_move() -> None:
    class Pressed(nn.SGD):
        def step(self) -> None:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            super().step()

    model, twin = network(), network()
    history = run(model, Pressed(model.parameters(), lr=0.1, momentum=0.5))
    assert history.interrupted
    assert history.rows == run(twin, epochs=1).rows
    assert data(model) == data(twin)


def test_outside_the_main_thread() -> None:
    histories = []
    thread = threading.Thread(target=lambda: histories.append(run(network())))
    thread.start()
    thread.join()
    assert histories[0].rows == run(network()).rows


def test_a_handler_of_ones_own_stays() -> None:
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(1))
    try:
        assert len(run(network(), loss=Pressing(1))) == 5
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [1]


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_that_is_ignored_stays_ignored() -> None:
    """As in a job that a shell started in the background: it is meant for another program."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    history = run(network(), loss=Pressing(2))
    assert len(history) == 5
    assert not history.interrupted
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.parametrize("make", [nn.SGD, nn.Adam, nn.RMSprop])
@pytest.mark.parametrize("stop", [1, 4, 7])
def test_resumed_to_the_last_bit(tmp_path: Path, make: Any, stop: int) -> None:
    def train(epochs: int, path: Path | None) -> Any:
        model, rng = network(), random.Random(3)
        optimizer = make(model.parameters(), lr=0.3)
        history = run(
            model, optimizer, epochs, batch_size=4, rng=rng, validation=TEST, checkpoint=path,
            resume=path is not None, schedule=ReduceOnPlateau(patience=1),
            early_stopping=EarlyStopping(patience=6),
        )  # fmt: skip
        return history.rows, data(model), optimizer.state(), rng.getstate()

    path = tmp_path / "training.json"
    train(stop, path)
    assert train(12, path) == train(12, None)
    assert train(12, path) == train(12, None)


@pytest.mark.usefixtures("ctrl_c")
def test_resuming_after_ctrl_c_repeats_the_epoch(tmp_path: Path) -> None:
    path = tmp_path / "training.json"
    options: dict[str, Any] = {"batch_size": 7, "checkpoint": path, "resume": True}
    assert run(network(), loss=Pressing(0, 0, 0, 0, 1), **options).interrupted
    model, twin = network(), network()
    assert run(model, **options).rows == run(twin, batch_size=7).rows
    assert data(model) == data(twin)


def test_checkpoints_of_another_training(tmp_path: Path) -> None:
    path = tmp_path / "training.json"
    run(network(), epochs=1, checkpoint=path, schedule=ExponentialDecay(0.5))
    for options, message in [
        ({}, "it was trained with schedule, now it is without"),
        ({"metrics": ["accuracy"]}, "its columns are epoch, lr, loss; now they are epoch, lr, lo"),
        ({"schedule": ReduceOnPlateau()}, "the state of the schedule does not fit"),
    ]:
        model = network()
        before = data(model)
        with pytest.raises(CheckpointError, match=f"cannot be resumed: {message}"):
            run(model, checkpoint=path, resume=True, **options)
        assert data(model) == before
    wide = nn.MLP(2, [4, 1])
    with pytest.raises(CheckpointError, match=r"lacks the parameter layers\.0\.neurons\.3"):
        run(wide, checkpoint=path, resume=True, schedule=ExponentialDecay(0.5))
    save(path, network())
    with pytest.raises(CheckpointError, match="it was saved outside of fit"):
        run(network(), checkpoint=path, resume=True)
    load(path, network())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_there_for_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, progress, shown in [
        (Terminal(), None, True),
        (io.StringIO(), None, False),
        (Terminal(), False, False),
        (io.StringIO(), True, True),
    ]:
        monkeypatch.setattr(sys, "stderr", stream)
        run(network(), progress=progress)
        assert ("5/5" in stream.getvalue()) is shown
        assert ("loss 0." in stream.getvalue()) is shown
    monkeypatch.setattr(sys, "stderr", None)
    assert len(run(network())) == 5


@pytest.mark.parametrize(
    ("slip", "error", "message"),
    [
        ({"validation": ([], [])}, ValueError, "fit: validation: expected at least one row"),
        ({"early_stopping": EarlyStopping(1)}, ValueError, "early_stopping needs validation data"),
        (
            {"early_stopping": EarlyStopping(1, "val_x"), "validation": TEST},
            ValueError,
            "watches 'val_x', but the columns are epoch, lr, loss, val_loss",
        ),
        ({"resume": True}, ValueError, "resume needs a checkpoint"),
        ({"checkpoint": "x.pkl"}, ValueError, r"fit: checkpoint: the name must end in one of"),
        ({"checkpoint": "none/x.json"}, FileNotFoundError, "There is no such folder"),
        ({"metrics": {"x": lambda p, t: "y"}}, TypeError, "fit: metric x: expected a number"),
        ({"model": abs}, TypeError, "model must be a Module that can be called, got"),
        ({"model": nn.Module()}, TypeError, "model must be a Module that can be called, got"),
        ((0,), ValueError, "patience must be at least 1, got 0"),
        ((1.5,), TypeError, "patience must be an integer, got float 1.5"),
        ((1, "loss"), ValueError, "named val_..., got 'loss'"),
        ((1, "val_loss", False, -1.0), ValueError, "min_delta must be at least 0 and finite"),
        ((1, "val_loss", False, math.nan), ValueError, "min_delta must be"),
    ],
)
def test_what_is_refused(slip: Any, error: type[Exception], message: str) -> None:
    model = network()
    usual: dict[str, Any] = {"model": model, "optimizer": nn.SGD(model.parameters(), lr=0.1)}
    call = (
        (lambda: EarlyStopping(*slip)) if isinstance(slip, tuple) else lambda: run(**usual | slip)
    )
    with pytest.raises(error, match=message):
        call()
