"""`sweep`: what is run, what comes back, what is refused; on JAX: jit/on_jax/test_jax_sweep."""

import csv
import math
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from strength import slowly

from autograd import FallbackError, exp, fori_loop, random, scan, value_and_grad
from nn import MLP, SGD, Sweep, fit, mean_squared_error, sweep

XS = [-1.0, 0.5, 2.0]
BACKENDS = ("jit", "plain")


def train(key: Any, lr: Any, momentum: Any = 0.0, power: int = 2) -> Any:
    """A line fitted to a power, from weights that are drawn."""

    def loss(w: Any) -> Any:
        return sum((w[0] * x + w[1] - x**power) ** 2 for x in XS) / len(XS)

    def epoch(state: Any, _: Any) -> Any:
        w, velocity = state
        value, slopes = value_and_grad(loss)(w)
        velocity = [momentum * v + d for v, d in zip(velocity, slopes, strict=True)]
        return ([a - lr * v for a, v in zip(w, velocity, strict=True)], velocity), value

    (w, _), losses = scan(epoch, (random.normal(key, 2), [0.0, 0.0]), length=12)
    return {"loss": losses, "slope": w[0]}, {"w": w}


def close(x: Any, y: Any) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y)) or abs(x - y) <= 1e-12 * abs(y)


@pytest.fixture(scope="module", params=BACKENDS)
def result(request: pytest.FixtureRequest) -> Sweep:
    return sweep(train, seeds=3, lr=[0.05, 0.3], momentum=[0.0, 0.5], backend=request.param)


def test_runs_are_the_product_of_the_settings_and_equal_single_trainings(result: Sweep) -> None:
    wanted = [*product(range(3), [0.05, 0.3], [0.0, 0.5])]
    assert [tuple(run.settings.values()) for run in result] == wanted
    assert list(result.axes) == ["seed", "lr", "momentum"]
    for run, (seed, lr, momentum) in zip(result, wanted, strict=True):
        measures, rest = train(random.key(seed), lr, momentum)
        assert list(run.measures) == ["loss", "slope"]
        assert all(map(close, run.measures["loss"], measures["loss"]))
        assert close(run.measures["slope"], measures["slope"])
        assert all(map(close, run.rest["w"], rest["w"]))
        assert run.diverged is None


def test_a_table_has_a_row_for_each_run_or_for_each_combination_of_other_settings(
    result: Sweep, tmp_path: Path
) -> None:
    rows = result.rows()
    assert [row["loss"] for row in rows] == [run.final("loss") for run in result]
    assert list(rows[0]) == ["seed", "lr", "momentum", "loss", "slope", "diverged"]
    grouped = result.rows(over="seed")
    assert [(row["lr"], row["momentum"]) for row in grouped] == [*product([0.05, 0.3], [0.0, 0.5])]
    for row in grouped:
        ends = sorted(
            run.final("loss")
            for run in result
            if (run.settings["lr"], run.settings["momentum"]) == (row["lr"], row["momentum"])
        )
        assert (row["runs"], row["diverged"]) == (3, 0)
        assert [row["smallest loss"], row["loss"], row["largest loss"]] == ends
    assert len(str(result).splitlines()) == 13
    with open(result.to_csv(tmp_path / "runs.csv"), newline="") as file:
        read = [float(row["loss"]) for row in csv.DictReader(file)]
    assert read == [row["loss"] for row in rows]
    with pytest.raises(KeyError, match="setting str 'rate': expected one of seed, lr"):
        result.rows(over="rate")


def test_the_best_run(result: Sweep) -> None:
    ends = [run.final("loss") for run in result]
    assert result.best() is result[ends.index(min(ends))]
    slopes = [run.final("slope") for run in result]
    assert result.best("slope", largest=True) is result[slopes.index(max(slopes))]
    assert f"best loss {min(ends):.4g} at seed=" in repr(result)
    with pytest.raises(KeyError, match="measure str 'auc': expected one of loss, slope"):
        result.best("auc")


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), slowly("pdf", b"%PDF"), slowly("svg", b"<?")]
)
def test_pictures(result: Sweep, tmp_path: Path, suffix: str, start: bytes) -> None:
    pytest.importorskip("matplotlib")
    path = result.plot(tmp_path / f"runs.{suffix}")
    assert path.read_bytes().startswith(start)
    with pytest.raises(ValueError, match="no run has 'slope' for several epochs"):
        result.plot(path, "slope")
    with pytest.raises(ValueError, match=r"Sweep\.plot: the name must end in one of"):
        result.plot(tmp_path / "runs.xyz")


def test_a_picture_of_many_settings_names_the_best(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rates = [0.01 * k for k in range(1, 31)]
    many = sweep(train, seeds=2, lr=rates, backend="jit")
    text = many.plot(tmp_path / "many.svg").read_text(encoding="utf-8")
    assert "best 12 of 30" in text
    ends = sorted(many.rows(over="seed"), key=lambda row: row["loss"])
    for row in ends[:12]:
        assert f"lr={row['lr']!r}" in text
    assert f"lr={ends[-1]['lr']!r}" not in text


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_training_that_diverges_is_reported_and_the_others_are_as_ever(
    backend: str, tmp_path: Path
) -> None:
    def steep(start: Any, lr: Any) -> Any:
        def step(w: Any, _: Any) -> Any:
            return w - lr * w * w * w, w * w

        return scan(step, start, length=15)[1]

    found = sweep(steep, start=[1.0, 2.0], lr=[0.1, 3.0], backend=backend)
    assert [run.diverged is not None for run in found] == [False, True, False, True]
    for run in found:
        losses = steep(**run.settings)
        assert all(map(close, run.measures["loss"], losses))
        first = [i for i, x in enumerate(losses, 1) if not math.isfinite(x)]
        assert run.diverged == (first[0] if first else None)
    assert found.best().settings["lr"] == 0.1
    assert [row["diverged"] for row in found.rows(over="start")] == [0, 2]
    assert math.isnan(found.rows(over="start")[1]["loss"])
    assert str(found).count("epoch ") == 2
    if pytest.importorskip("matplotlib"):
        assert "diverged" in found.plot(tmp_path / "x.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_training_that_raises_an_arithmetic_error_has_diverged(backend: str) -> None:
    found = sweep(lambda x: [exp(x), exp(2.0 * x)], x=[1.0, 1000.0], backend=backend)
    assert [run.diverged for run in found] == [None, 0]
    assert "OverflowError: exp(1000.0)" in found[1].error
    assert found[1].measures == {}
    assert math.isnan(found.rows()[1]["loss"])
    assert str(found).splitlines()[2].endswith("error")
    assert found.best() is found[0]
    with pytest.raises(ValueError, match="all 1 runs diverged"):
        sweep(lambda x: exp(x), x=[1000.0], backend=backend).best()


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_no_number_varies_too_and_so_does_a_number_that_is_static(backend: str) -> None:
    def deep(name: str, depth: int, betas: Any, x: float = 0.5) -> Any:
        for _ in range(depth):
            x = exp(-x) if name == "exp" else x * x
        return fori_loop(0, depth, lambda i, y: y * betas[0] + betas[1], x)

    betas = [(0.5, 0.25), (1.5, -0.5)]
    names = ["exp", "square"]
    found = sweep(deep, name=names, depth=(1, 3), betas=betas, static="depth", backend=backend)
    assert len(found) == 8
    for run in found:
        assert close(run.measures["loss"], deep(**run.settings))
        assert run.diverged is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_measures_are_floats(backend: str) -> None:
    found = sweep(lambda x: {"a": True, "b": [1, x]}, x=[2], backend=backend)
    measures = found[0].measures
    assert [type(x) for x in (measures["a"], *measures["b"])] == [float] * 3
    assert measures == {"a": 1.0, "b": [1.0, 2.0]}


@pytest.mark.parametrize("backend", BACKENDS)
def test_seeds_are_keys_or_integers(backend: str) -> None:
    by_key = sweep(lambda key: random.normal(key), seeds=[3, -1, 2**60], backend=backend)
    by_seed = sweep(
        lambda seed: random.normal(random.key(seed)), seeds=[3, -1, 2**60], backend=backend
    )
    for run, seed in zip(by_key, [3, -1, 2**60], strict=True):
        assert run.measures["loss"] == random.normal(random.key(seed))
        assert run.settings == {"seed": seed}
    assert [run.measures for run in by_seed] == [run.measures for run in by_key]


def test_values_come_from_arrays_and_ranges_and_what_is_one_value_is_the_same_for_all() -> None:
    numpy = pytest.importorskip("numpy")

    def f(x: float, n: float, key: Any, scale: dict[str, float]) -> float:
        return x * n * scale["by"] + random.uniform(key)

    found = sweep(
        f,
        x=numpy.array([1.0, 2.0]),
        n=range(2),
        key=random.key(1),
        scale={"by": 3.0},
        backend="jit",
    )
    assert [run.settings for run in found] == [{"x": x, "n": n} for x in (1.0, 2.0) for n in (0, 1)]
    assert all(type(x) in (int, float) for run in found for x in run.settings.values())
    once = sweep(lambda x: x + 1.0, x=2.0, backend="jit")
    assert [run.measures for run in once] == [{"loss": 3.0}]
    assert repr(once) == "<Sweep: 1 runs, 0 diverged; best loss 3 at once>"


def test_plain_trainings_may_call_fit() -> None:
    def with_fit(seed: int, lr: float) -> Any:
        model = MLP(1, [1], rng=seed)
        data = ([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
        optimizer = SGD(model.parameters(), lr=lr)
        history = fit(model, data, loss=mean_squared_error, optimizer=optimizer, epochs=5)
        return history, model

    found = sweep(with_fit, seeds=2, lr=[0.01, 0.1], backend="plain")
    for run in found:
        history, _ = with_fit(run.settings["seed"], run.settings["lr"])
        assert run.measures == {"loss": history["loss"]}
        assert isinstance(run.rest, MLP)
    with pytest.raises((FallbackError, TypeError)) as caught:
        sweep(with_fit, seeds=2, lr=[0.01, 0.1], backend="jit")
    assert "backend='plain'" in "".join(caught.value.__notes__)


def test_a_number_that_is_needed_as_such_is_refused_with_the_remedy() -> None:
    def long(n: int) -> Any:
        return [1.0 / (k + 1) for k in range(n)]

    with pytest.raises((FallbackError, TypeError)) as caught:
        sweep(long, n=[2, 3], backend="jit")
    assert "the trainings differ in n" in "".join(caught.value.__notes__)
    found = sweep(long, n=[2, 3], static=["n"], backend="jit")
    assert [len(run.measures["loss"]) for run in found] == [2, 3]


def no_key(lr: float) -> float:
    return lr


ERRORS: list[tuple[type[Exception], str, Any]] = [
    (TypeError, "expected a function, got int 3", lambda: sweep(3, x=[1])),  # type: ignore[arg-type]
    (ValueError, "backend must be one of 'jax'", lambda: sweep(no_key, backend="x")),
    (TypeError, "no_key has no argument 'rate'; it takes lr", lambda: sweep(no_key, rate=[1], **P)),
    (TypeError, "no_key needs 'lr': give its value", lambda: sweep(no_key, **P)),
    (TypeError, "train needs 'key': .*or seeds=", lambda: sweep(train, lr=[1.0], **P)),
    (ValueError, "lr has no values, got list", lambda: sweep(no_key, lr=[], **P)),
    (TypeError, "lr must be a value, or a list", lambda: sweep(no_key, lr=iter([1.0]), **P)),
    (TypeError, "key or seed, but it takes lr", lambda: sweep(no_key, seeds=2, **P)),
    (TypeError, "key= is given too", lambda: sweep(train, seeds=2, key=[1], lr=1.0, **P)),
    (TypeError, "seeds must be integers, or how many", lambda: sweep(train, seeds=0.5, lr=1, **P)),
    (ValueError, "there are no seeds", lambda: sweep(train, seeds=0, lr=1, **P)),
    (ValueError, "key: seed must be from", lambda: sweep(train, seeds=[2**64], lr=1, **P)),
    (ValueError, "static= names 'n'", lambda: sweep(no_key, lr=[1], static="n", **P)),
    (TypeError, "expected the training to return.*None", lambda: sweep(lambda x: None, x=[1], **P)),
    (ValueError, "a measure is called 'x'", lambda: sweep(lambda x: {"x": x}, x=[1], **P)),
    (ValueError, "called 'smallest'", lambda: sweep(lambda x: {"smallest": x}, x=[1], **P)),
    (ValueError, "'largest a'", lambda: sweep(lambda x: {"a": x, "largest a": 1}, x=[1], **P)),
    (ValueError, "a setting is called 'runs'", lambda: sweep(lambda runs: runs, runs=[1], **P)),
    (TypeError, "seeds must be integers.* got bool", lambda: sweep(train, seeds=True, lr=1, **P)),
    (TypeError, "seeds must be integers.* got list", lambda: sweep(train, seeds=[True], lr=1, **P)),
    (TypeError, "static must be names.* got int 3", lambda: sweep(no_key, lr=[1], static=3, **P)),
    (TypeError, "lr must be a value, or a list", lambda: sweep(no_key, lr={1.0: 2}.keys(), **P)),
    (TypeError, "dict of such by name.*list", lambda: sweep(lambda x: {"a": [[x]]}, x=[1], **P)),
]  # fmt: skip
P: Any = {"backend": "plain"}


@pytest.mark.parametrize(("kind", "says", "call"), ERRORS, ids=lambda x: getattr(x, "__name__", ""))
def test_errors(kind: type[Exception], says: str, call: Any) -> None:
    with pytest.raises(kind, match=says):
        call()
