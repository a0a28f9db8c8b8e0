"""Of a compiled step of many rows one row is traced; it computes what the plain step does."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strength import examples, slowly

import nn
from autograd import Value, logsumexp, tanh
from autograd import random as draws
from nn import payoff, training
from nn.compiled_steps import CompiledSteps

pytest.importorskip("numpy")


class Named(nn.Module):
    """A model whose rows are dicts."""

    def __init__(self) -> None:
        self.inner = nn.MLP(2, [3, 1], activation="tanh", rng=0)

    def __call__(self, row: Any) -> Value:
        return self.inner([row["a"], row["b"][0]]) * row["b"][1]


class Branching(nn.Module):
    """A model whose rows do not all do the same."""

    def __init__(self) -> None:
        self.w = [Value(0.3), Value(-0.2)]

    def __call__(self, row: Any) -> Value:
        return tanh(self.w[0] * row[0]) if row[0] > 0.0 else self.w[1] * row[1]


MODELS: dict[str, Any] = {
    "mlp": lambda: nn.MLP(2, [3, 1], activation="tanh", rng=0),
    "relu": lambda: nn.MLP(2, [3, 1], rng=0),
    "dropout": lambda: nn.MLP(2, [3, 1], activation="tanh", rng=0, dropout=0.25),
    "dicts": Named,
    "branches": Branching,
}


def spread(outputs: list[Any], targets: list[Any]) -> Any:
    """No mean over rows: all predictions are compared with each other."""
    return logsumexp(
        [(p - t) * (p - q) for p, q, t in zip(outputs, outputs[1:], targets, strict=False)]
    )


class Classes(nn.Module):
    """A model of which each row gives two numbers."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, row: Any, **key: Any) -> Any:
        found = self.inner(row, **key)
        return [found, 0.5 * found - 1.0]


def by_hand(outputs: list[Any], targets: list[Any]) -> Any:
    return sum((p - t) ** 2 for p, t in zip(outputs, targets, strict=True)) / len(outputs)


def probable(outputs: list[Any], targets: list[Any]) -> Any:
    return nn.binary_cross_entropy([p.sigmoid() for p in outputs], targets)


LOSSES: dict[str, Any] = {
    "mse": nn.mean_squared_error,
    "half": nn.half_sum_squared_error,
    "absolute": nn.mean_absolute_error,
    "huber": nn.huber,
    "hinge": nn.hinge,
    "logits": nn.binary_cross_entropy_with_logits,
    "probable": probable,
    "classes": nn.cross_entropy,
    "by hand": by_hand,
    "spread": spread,
}
SHARES = {"logits", "probable", "classes"}


def trained(model: str, loss: str, count: int, batch: int | None, jit: bool) -> list[float]:
    source = random.Random(count)
    rows: list[Any] = [[source.uniform(-1, 1), source.uniform(-1, 1)] for _ in range(count)]
    targets: list[Any] = [1.0 if x * y > 0 else -1.0 for x, y in rows]
    if loss in SHARES:
        targets = [0.75 if t > 0.0 else 0.125 for t in targets]
    if loss == "classes":
        targets = [[t, 1.0 - t] for t in targets]
    if model == "dicts":
        rows = [{"a": x, "b": (y, 1.5)} for x, y in rows]
    network = nn.MLP(2, [3, 2], activation="tanh", rng=0) if model == "two" else MODELS[model]()
    if loss == "classes" and model != "two":
        network = Classes(network)
    history = training.fit(
        network,
        (rows, targets),
        loss=LOSSES[loss],
        optimizer=nn.SGD(network.parameters(), lr=0.01, momentum=0.9),
        epochs=2,
        batch_size=batch,
        rng=1,
        key=draws.key(0) if model == "dropout" else None,
        jit=jit,
    )
    return [*(p.data for p in network.parameters()), *history["loss"]]


@settings(max_examples=examples(30, quick=6))
@given(
    st.sampled_from(list(MODELS)),
    st.sampled_from(list(LOSSES)),
    st.sampled_from([(64, None), (80, 70), (40, 20)]),
)
def test_compiled_steps_are_those_of_plain(
    model: str, loss: str, sizes: tuple[int, int | None]
) -> None:
    found = [trained(model, loss, *sizes, jit) for jit in (True, False)]
    assert found[0] == pytest.approx(found[1], rel=1e-9, abs=1e-11)


def nodes(loss: Any, count: int, steppers: list[CompiledSteps]) -> int:
    """How many operations a step has that is compiled."""
    trained("two" if loss == "classes" else "mlp", loss, count, None, True)
    (function,) = steppers.pop()._functions.values()
    (program,) = function.stats["programs"]
    return int(program["nodes"]["simplified"]) - (4 if loss == "classes" else 3) * count  # inputs


@pytest.mark.parametrize(
    ("loss", "rows"),
    [
        ("mse", 150),
        slowly("mse", 400),
        slowly("half", 150),
        slowly("absolute", 150),
        slowly("huber", 150),
        ("hinge", 150),
        slowly("logits", 150),
        slowly("classes", 150),
    ],
)
def test_nodes_do_not_depend_on_the_rows(
    loss: str, rows: int, steppers: list[CompiledSteps]
) -> None:
    assert nodes(loss, 100, steppers) == nodes(loss, rows, steppers) < 250


def test_all_rows_are_traced_where_there_are_many_steps(
    steppers: list[CompiledSteps], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nodes("mse", 100, steppers) < 1000
    monkeypatch.setattr(payoff, "STEPS_A_ROW", 0.01)
    assert nodes("mse", 100, steppers) > 1000
    monkeypatch.setattr(payoff, "MANY_ROWS", 100)
    assert nodes("mse", 100, steppers) < 1000


def test_an_error_of_one_row_is_that_of_the_plain_step() -> None:
    rows = [[0.1, 0.2]] * 70
    targets = [1.0] * 69 + [3.0]
    for jit in (True, False):
        model = MODELS["mlp"]()
        with pytest.raises(ValueError, match=r"hinge: targets\[69\] must be -1 or 1, got 3.0"):
            training.fit(
                model,
                (rows, targets),
                loss=nn.hinge,
                optimizer=nn.SGD(model.parameters(), lr=0.1),
                epochs=2,
                jit=jit,
            )


@pytest.mark.slow
def test_a_training_that_is_resumed_ends_the_same(tmp_path: Any) -> None:
    source = random.Random(0)
    rows = [[source.uniform(-1, 1), source.uniform(-1, 1)] for _ in range(150)]
    targets = [1.0 if x * y > 0 else -1.0 for x, y in rows]

    def ends(name: str, *stops: int) -> list[float]:
        for epochs in (*stops, 6):
            model = MODELS["mlp"]()
            training.fit(
                model,
                (rows, targets),
                loss=nn.hinge,
                optimizer=nn.Adam(model.parameters(), lr=0.01),
                epochs=6,
                callbacks=[lambda e, last=epochs: e.stop() if len(e.history) == last else None],  # type: ignore[misc]
                batch_size=70,
                rng=random.Random(1),
                checkpoint=tmp_path / name,
                resume=True,
                jit=True,
            )
        return [p.data for p in model.parameters()]

    assert ends("whole.json") == ends("parts.json", 1, 4)
