"""What `fit` makes of a model with `BatchNorm`."""

from pathlib import Path
from typing import Any

import pytest
from batch_networks import ROWS, TARGETS, network, state, trained
from strength import slowly

import nn
from autograd import (
    no_grad,
)
from autograd import random as keys
from nn.batch_norm import batch_norms
from nn.compiled_steps import CompiledSteps


def by_hand(model: Any, epochs: int) -> None:
    optimizer = nn.SGD(model.parameters(), lr=0.05, momentum=0.5)
    for _ in range(epochs):
        loss = nn.mean_squared_error(model.on_batch(ROWS), TARGETS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def test_steps_are_those_of_a_loop() -> None:
    model, plain, compiled = network(), network(), network()
    by_hand(model, 20)
    trained(plain, jit=False)
    assert state(plain) == state(model)
    trained(compiled, jit=True)
    assert state(compiled) == pytest.approx(state(model), rel=1e-10, abs=1e-13)
    assert nn.accuracy(nn.predict(compiled, ROWS), [t > 0 for t in TARGETS], threshold=0.0) > 0.6


@pytest.mark.parametrize("options", [{"jit": False}, {"jit": True}, {"before_step": print}])
def test_one_that_is_in_two_places_is_moved_twice(options: Any) -> None:
    models = []
    for _ in range(2):
        norm = nn.BatchNorm(3, momentum=0.3)
        models.append(
            nn.Sequential(norm, nn.Layer(3, 3, rng=0), norm, nn.Layer(3, 1, False, rng=1))
        )
    model, twin = models
    by_hand(model, 8)
    trained(twin, 8, **options)
    assert state(twin) == pytest.approx(state(model), rel=1e-11, abs=1e-13)
    assert len(state(model)) == 4 * 3 + 12 + 4


@pytest.mark.parametrize(
    ("size", "rate"), [(4, 0.3), slowly(None, 0.3), slowly(4, 0.0), slowly(None, 0.0)]
)
def test_steps_are_compiled_whole(
    steppers: list[CompiledSteps], rate: float, size: int | None
) -> None:
    """Some epochs at once, step by step, with the update apart: the same running statistics."""
    key = keys.key(0) if rate else None
    models = []
    for options in (
        {"jit": True},
        {"jit": True, "callbacks": [lambda epoch: None]},
        {"jit": True, "before_step": lambda parameters: None},
        {"jit": False},
        {"jit": True, "metrics": {"sum": lambda found, _: sum(found)}},
    ):
        models.append(network(rate))
        trained(models[-1], 30, batch_size=size, key=key, **options)
    whole, by_steps, apart, plain, measured = map(state, models)
    assert whole == by_steps
    for found in (apart, plain, measured):
        assert whole == pytest.approx(found, rel=1e-9, abs=1e-11)
    assert [s.memory["separate"] for s in steppers] == [False, False, True, False]
    assert all(s.compiled == 30 * (1 if size is None else 3) for s in steppers)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_training_is_resumed_to_the_last_bit(tmp_path: Path, compiled: bool) -> None:
    options: Any = {"jit": compiled, "batch_size": 5, "steps_per_epoch": 2}
    whole = network()
    history = trained(whole, 8, checkpoint=tmp_path / "whole.json", **options)
    path = tmp_path / "parts.json"
    for epochs in (3, 8):
        part = network()
        found = trained(part, epochs, checkpoint=path, resume=True, rng=3, **options)
    assert state(part) == state(whole)
    assert found.rows == history.rows


def test_the_best_epoch_has_its_running_statistics() -> None:
    model = network()
    seen: list[dict[str, float]] = []
    history = trained(
        model,
        40,
        validation=(ROWS[:4], TARGETS[4:8]),
        early_stopping=nn.EarlyStopping(patience=3),
        callbacks=[lambda epoch: seen.append(state(epoch.model))],
    )
    losses = history["val_loss"]
    assert len(losses) < 40
    assert state(model) == seen[losses.index(min(losses))]
    with no_grad():
        again = nn.mean_squared_error([model(row) for row in ROWS[:4]], TARGETS[4:8])
    assert float(again) == min(losses)


class Within(nn.Module):
    def __init__(self) -> None:
        self.inner = network()

    def __call__(self, row: Any) -> Any:
        return self.inner(row)


class OfBatches(Within):
    def on_batch(self, rows: Any, key: Any = None) -> Any:
        return self.inner.on_batch(rows, key)


class Other(OfBatches):
    def __call__(self, row: Any) -> Any:
        return -self.inner(row)


hidden = nn.BatchNorm(3)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_call_with_one_row_is_none_of_a_training(compiled: bool) -> None:
    model = OfBatches()
    trained(model, jit=compiled)
    assert batch_norms(model)[0].running_mean[0].data != 0.0
    for module in (Within(), Other(), nn.Sequential(Within()), nn.Residual(Other())):
        before = state(module)
        with pytest.raises(TypeError, match=r"takes one row, but BatchNorm\(3, .* on_batch\(self"):
            trained(module, jit=compiled)
        assert state(module) == before
    with pytest.raises(TypeError, match="called with one row in a step of a training, where"):
        trained(nn.Sequential(lambda row: hidden(row), nn.Layer(3, 1, rng=0)), jit=compiled)

    class Outside(nn.Module):
        def __init__(self) -> None:
            self.norm = nn.BatchNorm(3)
            self.layer = nn.Layer(3, 1, False, rng=0)

        def __call__(self, row: Any) -> Any:
            return self.layer(self.norm(row))

        def on_batch(self, rows: Any, key: Any = None) -> Any:
            return [self.layer(row) for row in hidden.on_batch(self.norm.on_batch(rows))]

    with pytest.raises(TypeError, match="in no attribute of the model, where it needs"):
        trained(Outside(), jit=compiled)
    assert hidden._is_new()


class WithoutKey(Within):
    def on_batch(self, rows: Any) -> Any:
        return self.inner.on_batch(rows)


class ByName(Within):
    def on_batch(self, rows: Any, *, key: Any = None) -> Any:
        return self.inner.on_batch(rows, key)


def test_on_batch_takes_a_key_by_name() -> None:
    for module in (WithoutKey(), nn.Sequential(WithoutKey())):
        before = state(module)
        with pytest.raises(TypeError, match=r"WithoutKey.on_batch takes no key, .* key=None\)"):
            trained(module)
        assert state(module) == before
    for module in (ByName(), nn.Sequential(ByName())):
        trained(module, 2)
        assert state(module) != before


@pytest.mark.parametrize("compiled", [False, True])
def test_what_comes_after_the_training_began_is_named(compiled: bool) -> None:
    def unfreeze(epoch: nn.Epoch) -> None:
        epoch.model.unfreeze()

    def replace(epoch: nn.Epoch) -> None:
        epoch.model.layers[0] = nn.BatchNorm(3)  # type: ignore[attr-defined]

    for change in (unfreeze, replace):
        for model in (network(), nn.Sequential(nn.BatchNorm(3), nn.Layer(3, 1, False, rng=0))):
            if change is unfreeze:
                model.layers[0].freeze()
            with pytest.raises(
                TypeError, match="put into the model, or unfrozen, after the training"
            ):
                trained(model, jit=compiled, callbacks=[change])


@pytest.mark.parametrize("compiled", [False, True])
def test_a_row_alone_has_no_variance(compiled: bool) -> None:
    with pytest.raises(ValueError, match="at least 2 rows in a batch, got 1: choose a batch_size"):
        trained(network(), jit=compiled, batch_size=11)
    trained(network(), jit=compiled, batch_size=11, steps_per_epoch=1)
