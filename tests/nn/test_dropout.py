"""Dropout: what it drops, and that a training with it is compiled and resumed as any other."""

import math
import random as standard
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strength import slowly

import nn
from autograd import Value, grad, random
from autograd.testing import gradcheck
from nn import training
from nn.dropout import Dropout
from nn.layers import MLP
from nn.prediction import predict

SOURCE = standard.Random(0)
ROWS = [[SOURCE.uniform(-1, 1), SOURCE.uniform(-1, 1)] for _ in range(12)]
LABELS = [1.0 if x * y > 0 else -1.0 for x, y in ROWS]
KEY = random.key(5)


@given(st.integers(0, 2**32), st.floats(0.0, 0.99), st.integers(0, 20))
def test_a_number_is_dropped_or_grows(seed: int, rate: float, count: int) -> None:
    row = [1.0 + i for i in range(count)]
    dropout, key = Dropout(rate), random.key(seed)
    found = dropout(row, key)
    assert len(found) == count
    for x, y in zip(row, found, strict=True):
        assert y in (0.0, x * (1 / (1 - rate)))
    assert found == dropout(row, key)
    assert dropout(row) == row == Dropout(0.0)(row, key)


def test_the_rate_is_met_and_the_mean_stays() -> None:
    for rate in (0.1, 0.5, 0.8):
        found = Dropout(rate)([1.0] * 4000, KEY)
        deviation = math.sqrt(4000 * rate * (1 - rate))
        assert abs(found.count(0.0) - 4000 * rate) < 5 * deviation
        assert abs(sum(found) - 4000) < 5 * deviation / (1 - rate)


def test_derivatives_are_those_of_what_is_kept() -> None:
    row = [math.cos(i) for i in range(12)]
    slopes = grad(lambda row: sum(Dropout(0.5)(row, KEY)))(row)
    assert slopes == Dropout(0.5)([1.0] * 12, KEY)
    assert {0.0, 2.0} == set(slopes)
    gradcheck(lambda row: sum(x * x for x in Dropout(0.3)(row, KEY)), (row,))


def test_one_number() -> None:
    found = [Dropout(0.5)(Value(3.0), random.key(i)).data for i in range(20)]
    assert set(found) == {0.0, 6.0}


# In a network


def network(rate: float = 0.3) -> MLP:
    return MLP(2, [6, 5, 1], activation="tanh", rng=0, dropout=rate)


def test_a_network_drops_outputs_of_hidden_layers_in_calls_with_a_key() -> None:
    model, plain = network(), network(0.0)
    assert model(ROWS[0]).data == plain(ROWS[0]).data == plain(ROWS[0], key=KEY).data
    assert model(ROWS[0], key=KEY).data == model(ROWS[0], key=KEY).data != model(ROWS[0]).data
    hidden: Any = ROWS[0]
    for i, layer in enumerate(model.layers[:-1]):
        hidden = Dropout(0.3)(layer(hidden), random.fold_in(KEY, i))
    assert model(ROWS[0], key=KEY).data == model.layers[-1](hidden).data
    assert repr(model).endswith(", output_activation='identity', dropout=0.3)")
    assert "dropout" not in repr(plain)
    assert len(model.parameters()) == len(plain.parameters()) > 0


def test_a_second_row_is_not_taken_for_a_key() -> None:
    with pytest.raises(TypeError, match="positional"):
        network()(ROWS[0], ROWS[1])  # type: ignore[misc]


def test_a_hidden_layer_of_one_neuron() -> None:
    model = MLP(1, [1, 1], activation="identity", rng=0, dropout=0.5)
    outputs = {model([2.0], key=random.key(i)).data for i in range(20)}
    assert len(outputs) == 2
    assert model.layers[1].neurons[0].bias is not None
    assert 0.0 in outputs  # the bias


# In a training


def train(jit: bool, epochs: int = 12, make: Any = network, **options: Any) -> Any:
    model = make()
    options = {"key": KEY, "loss": nn.mean_squared_error, "rng": 1, **options}
    optimizer = options.pop("optimizer", lambda ps: nn.Adam(ps, lr=0.01))(model.parameters())
    data = ROWS, LABELS
    history = training.fit(model, data, optimizer=optimizer, epochs=epochs, jit=jit, **options)
    slots = [x for column in optimizer.slots.values() for x in column]
    return history, [p.data for p in model.parameters()] + slots


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_size": 5},
        slowly({"batch_size": 4, "steps_per_epoch": 2, "validation": (ROWS, LABELS)}),
        slowly(
            {"optimizer": lambda ps: nn.SGD(ps, lr=0.1, momentum=0.9), "metrics": ["sign_accuracy"]}
        ),
        slowly({"before_step": lambda ps: nn.clip_gradient_norm(ps, 0.5)}),
    ],
    ids=["whole", "batches", "sampled", "metrics", "clipped"],
)
def test_compiled_steps_drop_what_plain_ones_do(options: dict[str, Any], steps: list[Any]) -> None:
    pytest.importorskip("numpy")
    plain_history, plain = train(False, **options)
    history, compiled = train(True, **options)
    assert compiled == pytest.approx(plain, rel=1e-10, abs=1e-12)
    for name in plain_history.rows[0]:
        assert history[name] == pytest.approx(plain_history[name], rel=1e-10)
    assert steps[-1].compiled == 12 * {5: 3, 4: 2}.get(options.get("batch_size", 12), 1)
    without = train(False, make=lambda: network(0.0), **options)[1]
    assert plain != pytest.approx(without, rel=1e-3)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The compiled steps of each training."""
    from nn import compiled_steps

    made: list[Any] = []

    class Watched(compiled_steps.CompiledSteps):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr(compiled_steps, "CompiledSteps", Watched)
    return made


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("stopped", [slowly(1), 7])
def test_a_training_that_is_resumed_is_the_same_to_the_last_bit(
    jit: bool, stopped: int, tmp_path: Path
) -> None:
    if jit:
        pytest.importorskip("numpy")
    whole = train(jit, batch_size=5)
    options: Any = {"batch_size": 5, "checkpoint": tmp_path / "a.json", "resume": True}
    train(jit, stopped, **options)
    history, found = train(jit, **options)
    assert found == whole[1]
    assert history.rows == whole[0].rows


def test_the_key_decides() -> None:
    assert train(False)[1] == train(False)[1] != train(False, key=random.key(6))[1]


class Recorded(nn.Module):
    """Keeps the keys that it is called with."""

    def __init__(self) -> None:
        self.weight = Value(0.5)
        self.keys: list[Any] = []

    def __call__(self, row: Any, key: Any = None) -> Any:
        self.keys.append(key)
        return self.weight * row[0]


def test_each_row_of_each_step_has_a_key_of_its_own_and_validation_none() -> None:
    model = Recorded()
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    data, options = (ROWS, LABELS), {"epochs": 3, "batch_size": 5, "jit": False}
    training.fit(
        model,
        data,
        loss=nn.mean_squared_error,
        optimizer=optimizer,
        validation=(ROWS[:4], LABELS[:4]),
        key=KEY,
        **options,  # type: ignore[arg-type]
    )
    keys = [key for key in model.keys if key is not None]
    assert len(model.keys) == 3 * (12 + 4)
    assert len(keys) == len(set(keys)) == 3 * 12
    assert keys[7] == random.fold_in(random.fold_in(random.fold_in(KEY, 0), 1), 2)
    predict(model, ROWS)
    assert model.keys[-12:] == [None] * 12


def test_numbers_that_are_not_finite_are_found_in_the_rows() -> None:
    rows = [[1.0, 2.0], [3.0, math.nan]]
    model = network()
    with pytest.warns(RuntimeWarning, match=r"It is the data: inputs\[1\]\[1\] is nan"):
        training.fit(
            model,
            (rows, [0.0, 1.0]),
            loss=nn.mean_squared_error,
            optimizer=nn.SGD(model.parameters(), lr=0.1),
            epochs=1,
            key=KEY,
        )


# Errors


def test_errors() -> None:
    for rate in (1.0, -0.1, math.nan):
        with pytest.raises(ValueError, match="Dropout: rate must be at least 0 and below 1"):
            Dropout(rate)
    with pytest.raises(TypeError, match="bernoulli: expected a key"):
        Dropout(0.5)([1.0], key=3)  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match=r"has Dropout\(0\.3\), which drops nothing .* key=autograd\.random\.key"
    ):
        train(False, key=None)
    with pytest.raises(TypeError, match=r"fit: key must be a key, got int 3: write key=autograd"):
        train(False, key=3)

    class Own(nn.Module):
        def __init__(self) -> None:
            self.weight = Value(1.0)

        def __call__(self, row: Any) -> Any:
            return self.weight * row[0]

    with pytest.raises(TypeError, match=r"Own.__call__ takes none: write def __call__"):
        train(False, make=Own)
    assert train(False, make=Own, key=None)[1]
