"""A model as a function of its parameters."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import pytest
from installed import BACKENDS

from autograd import Value, grad, hessian, jit, tanh, value_and_grad, vmap
from nn import MLP, Module, functional_call

ROW = [0.5, -1.5]


def values_of(model: Module) -> dict[str, float]:
    return {path: p.data for path, p in model.named_parameters()}


def moved(model: Module) -> dict[str, float]:
    return {path: x + 0.25 for path, x in values_of(model).items()}


def with_values(model: Any, values: dict[str, float], row: Any) -> float:
    """What a model returns when its parameters are set, and put back: the reference."""
    before = values_of(model)
    for path, p in model.named_parameters():
        p.data = values[path]
    out = model(row)
    for path, p in model.named_parameters():
        p.data = before[path]
    return float(out.data)


def test_it_is_the_model_with_other_parameters() -> None:
    model = MLP(2, [3, 1], rng=0)
    before, objects = values_of(model), model.parameters()
    values = moved(model)
    assert functional_call(model, values, ROW) == with_values(model, values, ROW)
    assert functional_call(model, before, ROW) == model(ROW).data
    assert values_of(model) == before
    assert all(a is b for a, b in zip(model.parameters(), objects, strict=True))


@pytest.mark.parametrize("backend", [None, *BACKENDS])
def test_its_derivatives_are_those_of_backward(backend: str | None) -> None:
    model = MLP(2, [3, 1], rng=1)
    f = lambda values, row: functional_call(model, values, row) ** 2
    derivative = value_and_grad(f)
    if backend is not None:
        derivative = jit(derivative, backend=backend)
    for shift in (0.0, 0.5):
        values = {path: x + shift for path, x in values_of(model).items()}
        for p, x in zip(model.parameters(), values.values(), strict=True):
            p.data = x
        model.zero_grad()
        loss = model(ROW) ** 2
        loss.backward()
        for p in model.parameters():
            p.data -= shift
        found, slopes = derivative(values, ROW)
        assert float(found) == pytest.approx(loss.data, rel=1e-12)
        expected = [p.grad for p in model.parameters()]
        assert list(map(float, slopes.values())) == pytest.approx(expected, rel=1e-12)


def test_under_vmap_and_second_derivatives() -> None:
    model = MLP(1, [2, 1], rng=2)
    values = values_of(model)
    rows = [[0.5], [-1.0], [2.0]]
    mapped = vmap(lambda row: functional_call(model, values, row))(rows)
    assert mapped == [model(row).data for row in rows]
    other = vmap(lambda values, row: functional_call(model, values, row), in_axes=(None, 0))
    assert other(values, rows) == mapped
    found = hessian(lambda values: functional_call(model, values, [0.5]))(values)
    assert list(found) == list(values)


def test_values_may_be_results_of_operations() -> None:
    """Parameters may be computed: a layer whose weights are those of a smaller model."""
    model = MLP(2, [1], rng=0)
    z = Value(0.5)
    out = functional_call(model, {path: tanh(z) for path in values_of(model)}, [1.0, 2.0])
    out.backward()
    f = lambda z: functional_call(model, dict.fromkeys(values_of(model), tanh(z)), [1.0, 2.0])
    assert z.grad == pytest.approx(grad(f)(0.5), rel=1e-15)
    assert z.grad == pytest.approx(float(f(0.5 + 1e-6) - f(0.5 - 1e-6)) / 2e-6, rel=1e-6)
    assert out.data == f(0.5)


class Pair(NamedTuple):
    a: Value
    b: Any


def test_one_parameter_in_two_places_and_in_tuples() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            self.w = Value(2.0)
            self.again = [self.w]
            self.pair = Pair(Value(3.0), (self.w, Value(5.0)))

        def __call__(self, x: float) -> Any:
            first, (second, third) = self.pair
            return x * self.w * self.again[0] + first * second + third

    model = Tied()
    kept = model.pair
    assert list(values_of(model)) == ["w", "pair.0", "pair.1.1"]
    assert functional_call(model, {"w": 10.0, "pair.0": 1.0, "pair.1.1": 0.5}, 2.0) == 210.5
    assert model.pair is kept
    assert model(2.0).data == 2.0 * 4.0 + 6.0 + 5.0


def test_the_model_is_unchanged_after_an_error() -> None:
    model = MLP(2, [1], rng=0)
    objects = model.parameters()
    with pytest.raises((TypeError, ValueError)):
        functional_call(model, moved(model), [1.0, 2.0, 3.0])
    assert all(a is b for a, b in zip(model.parameters(), objects, strict=True))


def test_threads_do_not_see_each_others_values() -> None:
    model = MLP(2, [3, 1], rng=0)
    expected = {k: with_values(model, dict.fromkeys(values_of(model), k), ROW) for k in (0.1, 0.9)}
    wrong = []

    def run(k: float) -> None:
        for _ in range(50):
            if functional_call(model, dict.fromkeys(values_of(model), k), ROW) != expected[k]:
                wrong.append(k)

    threads = [threading.Thread(target=run, args=(k,)) for k in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_is_missing_or_unknown_is_named() -> None:
    model = MLP(2, [1], rng=0)
    values: dict[str, Any] = dict(values_of(model))
    last = list(values)[-1]
    del values[last]
    with pytest.raises(KeyError, match=f"no value for '{last}'"):
        functional_call(model, values, ROW)
    with pytest.raises(KeyError, match="'bias' is no parameter"):
        functional_call(model, values_of(model) | {"bias": 1.0}, ROW)
    with pytest.raises(TypeError, match="expected a Module"):
        functional_call(len, {}, ROW)
    with pytest.raises(TypeError):
        functional_call(model, dict.fromkeys(values_of(model), "one"), ROW)
