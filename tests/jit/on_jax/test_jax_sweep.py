"""`sweep` on JAX: all trainings in one call, each as it is alone; one that diverges or branches."""

from typing import Any

import pytest
from jax_here import close, jax

import nn.sweep_backends
from autograd import FallbackError, TraceError, log, random, scan, value_and_grad
from nn import MLP, SGD, fit, mean_squared_error, sweep

XS = [-1.0, 0.5, 2.0]


def train(seed: Any, lr: Any, betas: Any, doubled: bool = False) -> Any:
    """A line fitted to a square, from weights that are drawn; branches on its learning rate."""

    def loss(w: Any) -> Any:
        return sum((w[0] * x + w[1] - x * x) ** 2 for x in XS) / len(XS)

    def epoch(state: Any, _: Any) -> Any:
        w, velocity = state
        value, slopes = value_and_grad(loss)(w)
        velocity = [betas[0] * v + betas[1] * d for v, d in zip(velocity, slopes, strict=True)]
        return ([a - lr * v for a, v in zip(w, velocity, strict=True)], velocity), value

    start = random.normal(random.key(seed), 2), [0.0, 0.0]
    (w, _), losses = scan(epoch, start, length=12)
    if doubled:
        losses = [2.0 * x for x in losses]
    return {"loss": losses, "last": -losses[-1] if lr > 0.25 else losses[-1]}, {"w": w}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For each call of JAX how many trainings it has."""
    found: list[int] = []
    called = nn.sweep_backends._called

    def counted(function: Any, settings: Any) -> Any:
        found.append(len(settings))
        return called(function, settings)

    monkeypatch.setattr(nn.sweep_backends, "_called", counted)
    return found


def test_trainings_are_as_they_are_alone_though_some_branch_and_one_diverges(
    calls: list[int],
) -> None:
    """The first learning rate is too large, and those above 0.25 take another branch."""
    betas, rates = [(0.5, 1.0), (0.0, 0.5)], [1e30, 0.05, 0.1, 0.3]
    with jax.enable_x64(False):  # which is not needed
        found = sweep(train, seeds=[0, 7, 2**40], lr=rates, betas=betas)
        assert jax.numpy.zeros(1).dtype == "float32"
    assert len(found) == 24
    assert calls == [24, 12]
    for run, usual in zip(found, [found[i // 8 * 8 + 2 + i % 2] for i in range(24)], strict=True):
        assert list(run.measures) == ["loss", "last"]
        if run.settings["lr"] > 1.0:  # where the engine raises
            assert close(run.measures["loss"][:1], usual.measures["loss"][:1])
            assert run.diverged is not None
            continue
        measures, rest = train(**run.settings)
        assert run.diverged is None
        for one, other in zip(run.measures["loss"], measures["loss"], strict=True):
            assert close([one], [other])
        assert close([run.measures["last"]], [measures["last"]])
        assert close(run.rest["w"], rest["w"])
    assert str(found).count("epoch ") == 6


def test_what_is_no_number_is_compiled_for_each_value(calls: list[int]) -> None:
    def deep(name: str, depth: int, x: Any) -> Any:
        losses = []
        for _ in range(depth):
            x = x / 2.0 if name == "half" else x * x
            losses.append(x)
        return losses

    found = sweep(deep, name=["half", "square"], depth=[1, 3], x=[0.5, 3.0], static="depth")
    assert calls == [2, 2, 2, 2]
    for run in found:
        assert run.measures == {"loss": deep(**run.settings)}
    calls.clear()
    assert [run.measures for run in sweep(deep, name="half", depth=2, x=1.0)] == [
        {"loss": [0.5, 0.25]}
    ]


def test_what_cannot_be_compiled_says_what_else_there_is() -> None:
    def long(n: int) -> Any:
        return [1.0 / (k + 1) for k in range(n)]

    def read(lr: float) -> float:
        return float(lr)

    def with_fit(lr: float) -> Any:
        model = MLP(1, [1], rng=0)
        optimizer = SGD(model.parameters(), lr=lr)
        return fit(model, ([[0.0]], [1.0]), loss=mean_squared_error, optimizer=optimizer, epochs=1)

    for f, name in ((long, "n"), (read, "lr"), (with_fit, "lr")):
        with pytest.raises((FallbackError, TraceError, TypeError)) as caught:
            sweep(f, **{name: [2, 3]})
        assert f"the trainings differ in {name}" in "".join(caught.value.__notes__)


def test_trainings_that_raise_are_reported_wherever_they_stand() -> None:
    for rates in ([-1.0, 1.0, -2.0], [-1.0] * 20 + [2.0], [-1.0, -2.0]):
        found = sweep(lambda lr: log(lr), lr=rates)
        assert [run.diverged for run in found] == [0 if x < 0 else None for x in rates]
        for run in found:
            assert ("ValueError: log(" in run.error) == (run.settings["lr"] < 0)


def test_trainings_that_return_different_things_say_what_else_there_is() -> None:
    def either(n: float) -> dict[str, float]:
        return {"a": n} if n < 2 else {"b": n}

    with pytest.raises(
        ValueError, match=r"different structures.*\{'a': number\}.*\{'b': number\}"
    ) as e:
        sweep(either, n=[1, 3])
    assert "static= names those" in "".join(e.value.__notes__)
    assert [run.measures for run in sweep(either, n=[1, 3], static="n")] == [{"a": 1.0}, {"b": 3.0}]


def test_branches_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nn.sweep_backends, "MOST_BRANCHES", 2)

    def many(n: float) -> float:
        for k in range(4):
            if n < k:
                return k * n
        return n

    assert [run.measures["loss"] for run in sweep(many, n=[0, 1])] == [0.0, 2.0]
    with pytest.raises(ValueError, match="many takes more than 2 branches"):
        sweep(many, n=range(4))
