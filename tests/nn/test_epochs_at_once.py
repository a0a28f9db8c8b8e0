"""Epochs by one call of machine code: the training of single steps, to the last bit."""

from __future__ import annotations

import math
import random
import signal
import warnings
from typing import Any

import pytest
from strength import slowly

import nn
from autograd import random as keys
from autograd import where
from nn.compiled_steps import CompiledSteps
from nn.epochs_at_once import EpochsAtOnce

pytest.importorskip("llvmlite")

SOURCE = random.Random(0)
ROWS: list[Any] = [[SOURCE.uniform(-1, 1), SOURCE.uniform(-1, 1)] for _ in range(12)]
LABELS: list[Any] = [1.0 if x * y > 0 else -1.0 for x, y in ROWS]

OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda ps: nn.SGD(ps, lr=0.1),
    "momentum": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, weight_decay=0.01),
    "adagrad": lambda ps: nn.Adagrad(ps, lr=0.1, lr_decay=0.1),
    "rmsprop": lambda ps: nn.RMSprop(ps, lr=0.01, momentum=0.5),
    "adam": lambda ps: nn.Adam(ps, lr=0.05),
    "adamw": lambda ps: nn.AdamW(ps, lr=0.05),
}
WAYS: dict[str, dict[str, Any]] = {
    "all rows": {},
    "batches": {"batch_size": 4},
    "batches of one": {"batch_size": 1},
    "one batch, shuffled": {"batch_size": 50},
    "drawn batches": {"batch_size": 5, "steps_per_epoch": 2},
    "cosine": {"schedule": nn.CosineAnnealing(60)},
    "warm-up": {"schedule": nn.WarmUp(5, then=nn.StepDecay(7)), "batch_size": 3},
    "key": {"key": keys.key(3), "dropout": 0.2},
    "key and batches": {"key": keys.key(3), "dropout": 0.2, "batch_size": 6},
}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many epochs each call made; they do not depend on a clock."""
    made: list[int] = []
    make = EpochsAtOnce.make

    def told(self: EpochsAtOnce, *args: Any) -> int:
        self._began, self._pace = None, 1e-6
        made.append(make(self, *args))
        return made[-1]

    monkeypatch.setattr(EpochsAtOnce, "make", told)
    return made


def trained(epochs: int = 60, optimizer: str = "momentum", data: Any = None, **more: Any) -> Any:
    """All that is left of a training."""
    dropout, model = more.pop("dropout", 0.0), more.pop("model", None)
    if model is None:
        model = nn.MLP(2, [8, 1], activation="tanh", rng=0, dropout=dropout)
    moves = OPTIMIZERS[optimizer](model.parameters())
    rng = random.Random(5)
    options = {"loss": nn.mean_squared_error, "rng": rng, "jit": True, **more}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        history = nn.fit(model, data or (ROWS, LABELS), optimizer=moves, epochs=epochs, **options)
    ends = [(p.data, p.grad) for p in model.parameters()]
    return repr((history, history.rows, ends, moves.state(), rng.getstate(), [*map(str, told)]))


def single(*args: Any, **options: Any) -> Any:
    """The same by single steps: a callback may ask anything."""
    return trained(*args, **options, callbacks=[lambda epoch: None])


@pytest.mark.parametrize(
    ("way", "optimizer"),
    [
        *((way, "momentum") for way in WAYS),
        *((way, name) for way in ("all rows", "batches") for name in OPTIMIZERS),
    ],
)
def test_the_same_to_the_last_bit(way: str, optimizer: str, at_once: list[int]) -> None:
    assert trained(optimizer=optimizer, **WAYS[way]) == single(optimizer=optimizer, **WAYS[way])
    assert sum(at_once) >= 50


class Reading(nn.Module):
    """A network that takes rows of a structure of its own."""

    def __init__(self, read: Any) -> None:
        self.inner = nn.MLP(2, [8, 1], activation="tanh", rng=0)
        self.read = read

    def __call__(self, row: Any) -> Any:
        return self.inner(self.read(row))


@pytest.mark.parametrize(
    ("row", "read"),
    [
        (lambda i: {"x": i % 2 == 0, "y": i}, lambda row: [row["x"], row["y"] / 12]),
        (lambda i: (i, (0.5, [i % 3])), lambda row: [row[0] / 12, row[1][1][0]]),
        slowly(lambda i: [i % 2 == 0, 1], lambda row: row),
        slowly(lambda i: i, lambda row: [row / 12, 1.0]),
    ],
    ids=["dicts", "nested", "integers", "numbers"],
)
def test_rows_of_any_structure(row: Any, read: Any, at_once: list[int]) -> None:
    data = [*map(row, range(12))], LABELS
    for size in (None, 4):
        found = trained(data=data, model=Reading(read), batch_size=size)
        assert found == single(data=data, model=Reading(read), batch_size=size)
    assert sum(at_once) >= 100


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 5},
        {"metrics": {"mine": lambda predictions, targets: 0.5}},
        {"validation": (ROWS, LABELS)},
        {"before_step": lambda parameters: nn.clip_gradient_norm(parameters, 0.1)},
        {"schedule": nn.ReduceOnPlateau()},
        {"schedule": nn.WarmUp(3, then=nn.ReduceOnPlateau())},
    ],
    ids=["a smaller last batch", "metric", "validation", "clipping", "plateau", "warm-up"],
)
def test_not_where_somebody_is_asked(options: dict[str, Any], at_once: list[int]) -> None:
    trained(**options)
    assert not sum(at_once)


def test_not_with_checkpoints_and_other_generators(tmp_path: Any, at_once: list[int]) -> None:
    class Mine(random.Random):
        pass

    trained(checkpoint=tmp_path / "a.json")
    trained(rng=Mine(5), batch_size=4)
    assert not sum(at_once)


@pytest.mark.parametrize("size", [None, 4])
def test_divergence_is_told_in_the_same_epoch(size: int | None, at_once: list[int]) -> None:
    def worse(outputs: list[Any], targets: list[Any]) -> Any:
        return -nn.mean_squared_error(outputs, targets)

    def run(train: Any) -> Any:
        model = nn.MLP(2, [8, 1], activation="relu", rng=0)
        return train(200, "sgd", loss=worse, model=model, batch_size=size)

    found = run(trained)
    assert found == run(single)
    assert "diverged" in found
    assert any(at_once)


def test_a_branch_that_goes_another_way_now_and_then(at_once: list[int]) -> None:
    def loss(outputs: list[Any], targets: list[Any]) -> Any:
        error = nn.mean_squared_error(outputs, targets)
        return error if outputs[0] > 0 else 2.0 * error

    for size in (None, 4):
        found = trained(300, "adam", loss=loss, batch_size=size)
        assert found == single(300, "adam", loss=loss, batch_size=size)


def test_where_it_is_in_vain_it_is_tried_less_and_less(
    at_once: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    monkeypatch.setattr(EpochsAtOnce, "_made", lambda *args: tried.append(1) or 0)
    trained(300)
    assert 3 <= len(tried) <= 10


def test_the_bar_counts_all_epochs(at_once: list[int], capsys: Any) -> None:
    pytest.importorskip("tqdm")
    trained(60, progress=True)
    assert "60/60" in capsys.readouterr().err
    assert max(at_once) > 1


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("presses", [1, 2])
@pytest.mark.parametrize("size", [None, 4])
def test_ctrl_c_leaves_whole_epochs(
    presses: int, size: int | None, at_once: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    repeat = CompiledSteps.repeat

    def pressed(self: CompiledSteps, *args: Any) -> Any:
        found = repeat(self, *args)
        calls.append(len(found))
        for _ in range(presses * (len(calls) == 3)):
            signal.raise_signal(signal.SIGINT)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(CompiledSteps, "repeat", pressed)
        found = trained(1000, batch_size=size)
    assert len(calls) == 3
    epochs = found.count("'epoch'")
    assert epochs < 1000
    assert (epochs - sum(at_once)) in (1, 2)  # those that were traced
    assert len([n for n in at_once if n]) == 4 - presses
    whole = single(epochs, batch_size=size)
    assert found.replace(", interrupted", "") == whole.replace(", interrupted", "")


def test_choices_are_compiled_too(at_once: list[int]) -> None:
    def loss(outputs: list[Any], targets: list[Any]) -> Any:
        errors = [(y - t) ** 2 for y, t in zip(outputs, targets, strict=True)]
        return sum(where(e > 0.5, e, math.sqrt(2.0) * e) for e in errors)

    assert trained(loss=loss, batch_size=4) == single(loss=loss, batch_size=4)
    assert sum(at_once) >= 50
