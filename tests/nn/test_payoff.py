"""Which steps `fit` compiles: of every loss, where it pays, and alike when it is resumed."""

import math
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strength import examples, slowly

import nn
from autograd import Value
from nn.compiled_steps import CompiledSteps
from nn.payoff import Payoff

pytest.importorskip("numpy")

SOURCE = random.Random(0)
ROWS = [[SOURCE.gauss(0, 1), SOURCE.gauss(0, 1)] for _ in range(23)]
SIGNS = [1 if a * b > 0 else -1 for a, b in ROWS]
CLASSES = [(a > 0) + 2 * (b > 0) for a, b in ROWS]
SHARES = [[0.7 if k == c else 0.1 for k in range(4)] for c in CLASSES]


def with_penalty(penalty: Any) -> Callable[[nn.MLP], Any]:
    return lambda model: (
        lambda ys, ts: nn.mean_squared_error(ys, ts) + penalty(model.parameters(), 0.01)
    )


BITS, THIRDS = [t > 0 for t in SIGNS], [(0.0, 1.0, 0.5)[i % 3] for i in range(23)]
ONE_HOT = [nn.one_hot(c, 4) for c in CLASSES]
CASES: list[tuple[str, list[Any], str]] = [
    ("mean_squared_error", SIGNS, "identity"),
    ("half_sum_squared_error", SIGNS, "identity"),
    ("mean_absolute_error", SIGNS, "identity"),
    ("huber", SIGNS, "identity"),
    ("hinge", SIGNS, "identity"),
    ("hinge, floats", [float(t) for t in SIGNS], "identity"),
    ("binary_cross_entropy", BITS, "sigmoid"),
    ("binary_cross_entropy, shares", THIRDS, "sigmoid"),
    ("binary_cross_entropy_with_logits", [int(t) for t in BITS], "identity"),
    ("cross_entropy", CLASSES, "identity"),
    ("cross_entropy, two bools", BITS, "identity"),
    ("cross_entropy, shares", SHARES, "identity"),
    ("cross_entropy, one-hot", ONE_HOT, "identity"),
    ("cross_entropy_of_probabilities", CLASSES, "softmax"),
]
TRAININGS: dict[str, tuple[Callable[[nn.MLP], Any], list[Any], str]] = {
    name: (lambda model, name=name: getattr(nn, name.partition(",")[0]), *rest)  # type: ignore[misc]
    for name, *rest in CASES
}
TRAININGS |= {f.__name__: (with_penalty(f), SIGNS, "identity") for f in (nn.l1, nn.l2)}


def run(name: str, jit: bool | None, hidden: int = 3, **options: Any) -> tuple[nn.History, nn.MLP]:
    make, targets, output = TRAININGS[name]
    outputs = 4 if "cross_entropy" in name and "binary" not in name else 1
    model = nn.MLP(2, [hidden, outputs], activation="relu", output_activation=output, rng=0)
    history = nn.fit(
        model,
        (ROWS, targets),
        loss=make(model),
        optimizer=nn.SGD(model.parameters(), lr=0.05),
        **{"epochs": 10, "batch_size": 5, "rng": 0, "jit": jit, **options},
    )
    return history, model


def test_every_loss_is_here() -> None:
    assert set(nn.losses.__all__) <= set(TRAININGS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("batch_size", [slowly(1), 5, slowly(23)])
@pytest.mark.parametrize("name", TRAININGS)
def test_every_loss_is_compiled_once_for_each_size_of_batch(
    name: str, batch_size: int, steppers: list[CompiledSteps]
) -> None:
    metrics = ["accuracy", "sign_accuracy"] if "shares" not in name else []
    options: Any = {"batch_size": batch_size, "metrics": metrics, "epochs": 4}
    plain, one = run(name, False, **options)
    compiled, other = run(name, True, **options)  # a warning would be an error
    for column in plain.columns:
        assert compiled[column] == pytest.approx(plain[column], rel=1e-9)
    assert [p.data for p in other.parameters()] == pytest.approx(
        [p.data for p in one.parameters()], rel=1e-9, abs=1e-12
    )
    (stepper,) = steppers
    assert stepper.compiled == 4 * math.ceil(23 / batch_size)
    assert {len(known) for known in stepper.memory["specialisations"].values()} == {1}


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("wrong", [0, 0.5, 2, -1.5, math.nextafter(1.0, 0.0), math.nan])
def test_a_target_of_hinge_that_is_no_sign_is_an_error(wrong: float, jit: bool) -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    with pytest.raises(ValueError, match=r"hinge: targets\[\d\] must be -1 or 1, got"):
        nn.fit(
            model,
            (ROWS, [*SIGNS[:-1], wrong]),
            loss=nn.hinge,
            optimizer=nn.SGD(model.parameters(), lr=0.1),
            epochs=3,
            batch_size=5,
            rng=3,
            jit=jit,
        )


# What it goes by


def payoff(rows: int = 100, epochs: int = 100, batch: int | None = 10, **more: Any) -> Payoff:
    data = more.get("data") or [[0.0, 1.0]] * rows
    steps = 1 if batch is None else math.ceil(len(data) / batch)
    return Payoff(data, [0.0] * len(data), epochs, batch, steps, more.get("parameters", 30))


def test_steps_of_a_shape_are_counted_from_the_data() -> None:
    found = payoff(rows=95, epochs=7)
    assert found.steps([[0.0, 1.0]] * 10, [0.0] * 10) == 9 * 7
    assert found.steps([[0.0, 1.0]] * 5, [0.0] * 5) == 7
    mixed = payoff(data=[[0.0]] * 3 + [[0.0, 1.0]], epochs=8, batch=1)
    assert mixed.steps([[0.0]], [0.0]) == 8 * 4 * 0.75
    assert mixed.steps([[0.0, 1.0]], [0.0]) == 8 * 4 * 0.25
    whole = payoff(data=[[0.0]] * 3 + [[0.0, 1.0]], epochs=8, batch=None)
    assert whole.steps([[0.0]] * 3 + [[0.0, 1.0]], [0.0] * 4) == 8


def test_the_larger_the_graph_the_sooner_it_pays() -> None:
    found = payoff()
    least = [next(n for n in range(10**6) if found.pays(size, n)) for size in (10**3, 10**4, 10**6)]
    assert least == sorted(least, reverse=True)
    assert least[-1] <= 30 < least[0]


@pytest.mark.parametrize(
    ("sizes", "rows", "epochs", "compiled"),
    [((1,), 4, 100, 0), ((3, 1), 4, 100, 0), ((16, 16, 1), 60, 40, 39), ((16, 16, 1), 60, 20, 0)],
)
def test_unasked_steps_are_compiled_where_it_pays(
    sizes: tuple[int, ...], rows: int, epochs: int, compiled: int, steppers: list[CompiledSteps]
) -> None:
    data = [[SOURCE.gauss(0, 1), SOURCE.gauss(0, 1)] for _ in range(rows)]
    model = nn.MLP(2, sizes, activation="tanh", rng=0)
    nn.fit(
        model,
        (data, [x * y for x, y in data]),
        loss=nn.mean_squared_error,
        optimizer=nn.SGD(model.parameters(), lr=0.01),
        epochs=epochs,
    )
    assert sum(stepper.compiled for stepper in steppers) == compiled


@pytest.mark.slow
@pytest.mark.parametrize("stop", [slowly(1), 7, slowly(30)])
def test_what_is_compiled_unasked_is_resumed_to_the_last_bit(
    stop: int, tmp_path: Path, steppers: list[CompiledSteps]
) -> None:
    def train(path: Path | None, end: int) -> list[float]:
        history, model = run(
            "hinge",
            None,
            hidden=16,
            epochs=150,
            batch_size=10,
            checkpoint=path,
            resume=path is not None,
            callbacks=[lambda e: e.stop() if e.row["epoch"] == end else None],
        )
        return [p.data for p in model.parameters()] + history["loss"]

    path = tmp_path / "training.json"
    train(path, stop)
    resumed = train(path, 150)
    assert resumed == train(None, 150)
    assert 0 < steppers[-1].compiled < 3 * 150  # the last batch of an epoch comes too rarely


class Summed(nn.Module):
    """A model of rows of any length."""

    def __init__(self) -> None:
        self.w, self.b = Value(0.5), Value(0.0)

    def __call__(self, row: list[Any]) -> Any:
        return sum((self.w * x for x in row), self.b)


def branching(outputs: list[Any], targets: list[Any]) -> Any:
    """Another graph for each order of the signs."""
    return sum((y * y if t > 0 else y**4) for y, t in zip(outputs, targets, strict=True))


SCALE = Value(0.7)
LOSSES: dict[str, Any] = {
    "one program": nn.mean_squared_error,
    "many specialisations": branching,
    "a Value that is no parameter": lambda ys, ts: nn.mean_squared_error(ys, ts) * SCALE,
    "such a Value in one branch": lambda ys, ts: (
        nn.mean_squared_error(ys, ts) * (SCALE if ys[0] > 0.2 else 1.0)
    ),
}


@pytest.mark.slow
@settings(max_examples=examples(24, quick=8))
@given(
    loss=st.sampled_from(list(LOSSES)),
    clips=st.booleans(),
    metrics=st.sampled_from([[], ["sign_accuracy"]]),
    rows=st.integers(3, 12),
    is_ragged=st.booleans(),
    batch_size=st.none() | st.integers(1, 5),
    stop=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_a_resumed_training_is_the_same_to_the_last_bit(
    loss: str, clips: bool, is_ragged: bool, rows: int, stop: int, seed: int, **options: Any
) -> None:
    """Whatever part of its steps is compiled, and however many programs that takes."""
    inputs = [row[: 1 + i % 2] if is_ragged else row for i, row in enumerate(ROWS[:rows])]

    def train(path: Path, end: int) -> list[float]:
        model = Summed() if is_ragged else nn.MLP(2, [3, 1], activation="tanh", rng=0)
        history = nn.fit(
            model,
            (inputs, SIGNS[:rows]),
            loss=LOSSES[loss],
            optimizer=nn.Adam(model.parameters(), lr=0.02),
            before_step=(lambda ps: nn.clip_gradient_norm(ps, 0.5)) if clips else None,
            epochs=5,
            rng=seed,
            jit=True,
            checkpoint=path,
            resume=True,
            callbacks=[lambda e: e.stop() if e.row["epoch"] == end else None],
            **options,
        )
        return [p.data for p in model.parameters()] + history["loss"]

    with warnings.catch_warnings(), TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # told below
        whole = train(Path(folder) / "whole.json", 5)
        train(Path(folder) / "halves.json", stop)
        assert train(Path(folder) / "halves.json", 5) == whole


def test_reasons_are_given_once() -> None:
    def run_with(loss: Any, rows: Any = ROWS) -> None:
        model = nn.MLP(2, [3, 1], rng=0)
        nn.fit(
            model,
            (rows, SIGNS),
            loss=loss,
            optimizer=nn.SGD(model.parameters(), lr=0.01),
            epochs=9,
            batch_size=5,
            rng=0,
            jit=True,
        )

    def peeking(outputs: list[Any], targets: list[Any]) -> Any:
        return nn.mean_squared_error(outputs, targets) * (2 if outputs[0].data > 0 else 1)

    for loss, rows, reason in (
        (branching, ROWS, "more than 8 specialisations"),
        (peeking, ROWS, "TraceError: .*data of Value"),
    ):
        with pytest.warns(RuntimeWarning, match=f"fit: jit=True, but .*{reason}") as told:
            run_with(loss, rows)
        assert len(told) == 1
        assert told[0].filename == __file__


RAGGED = [[0.5] * (i % 7 + 2) for i in range(60)]


def test_batches_of_ever_other_shapes_are_compiled_for_a_while(
    steppers: list[CompiledSteps],
) -> None:
    def train(batch_size: int) -> int:
        model = Summed()
        targets = [float(len(row)) for row in RAGGED]
        optimizer = nn.SGD(model.parameters(), lr=0.001)
        options: Any = {"epochs": 4, "batch_size": batch_size, "rng": 0, "jit": True}
        nn.fit(model, (RAGGED, targets), loss=nn.mean_squared_error, optimizer=optimizer, **options)
        return steppers[-1].compiled

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert train(1) == 4 * 60
    with pytest.warns(RuntimeWarning, match="more than 16 shapes.*pad the rows") as told:
        assert train(6) == 16
    assert len(told) == 1


def test_a_setting_that_decays_is_named() -> None:
    model, penalty = Summed(), {"l2": 1.0}

    def loss(outputs: list[Any], targets: list[Any]) -> Any:
        return nn.mean_squared_error(outputs, targets) + penalty["l2"] * model.w**2

    with pytest.warns(RuntimeWarning, match=r"changed more than 8 times \(.*'penalty'.*a Value"):
        nn.fit(
            model,
            ([[0.5]], [1.0]),
            loss=loss,
            optimizer=nn.SGD(model.parameters(), lr=0.001),
            epochs=12,
            jit=True,
            callbacks=[lambda e: penalty.update(l2=0.9 * penalty["l2"])],
        )


@pytest.mark.slow
def test_limits_of_specialisations_are_the_same_for_a_resumed_training(
    tmp_path: Path, steppers: list[CompiledSteps]
) -> None:
    """Of two shapes, each with more branches than are compiled."""
    rng = random.Random(1)
    rows = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(19)]
    signs = [1.0 if a * b > 0 else -1.0 for a, b in rows]

    def loss(xs: list[Any], ys: list[Any]) -> Any:
        pairs = zip(xs, ys, strict=True)
        return sum((x - y) ** 2 if y > 0 else abs(x - y) for x, y in pairs)

    def train(path: Path, ends: list[int]) -> list[float]:
        found: list[float] = []
        for end in (*ends, 99):
            model = nn.MLP(2, [2, 1], activation="tanh", rng=0)
            history = nn.fit(
                model,
                (rows, signs),
                loss=loss,
                optimizer=nn.RMSprop(model.parameters(), lr=0.05),
                epochs=14,
                batch_size=5,
                rng=3,
                jit=True,
                checkpoint=path,
                resume=path.exists(),
                callbacks=[lambda e, end=end: e.stop() if e.row["epoch"] == end else None],
                progress=False,
            )
            found = [p.data for p in model.parameters()] + history["loss"]
        return found

    with pytest.warns(RuntimeWarning, match="more than 8 specialisations"):
        assert train(tmp_path / "a.json", [1, 2, 7]) == train(tmp_path / "b.json", [])
    assert [len(known) for known in steppers[-1].memory["specialisations"].values()] == [8, 8]


def test_a_parameter_that_a_callback_replaces_counts() -> None:
    """It is not moved, since the optimiser does not hold it."""

    def train(jit: bool) -> list[float]:
        model = nn.MLP(2, [4, 1], activation="tanh", rng=0)

        def replace(epoch: Any) -> None:
            if epoch.row["epoch"] == 3:
                model.layers[0].neurons[0].bias = Value(5.0)

        return nn.fit(
            model,
            (ROWS[:8], SIGNS[:8]),
            loss=nn.mean_squared_error,
            optimizer=nn.SGD(model.parameters(), lr=0.05),
            epochs=8,
            batch_size=4,
            rng=0,
            jit=jit,
            callbacks=[replace],
            progress=False,
        )["loss"]

    with pytest.warns(RuntimeWarning, match="does not hold the parameters of the model"):
        found = train(True)
    assert found == pytest.approx(train(False), rel=1e-12)
