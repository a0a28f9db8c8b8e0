"""`BatchNorm`: its numbers, alone and in a model, and what moves its running statistics."""

import copy
import math
from pathlib import Path
from typing import Any

import pytest
from batch_networks import ROWS, TARGETS, flat, network, state, trained

import nn
from autograd import (
    FallbackError,
    draw,
    grad,
    jit,
    record_scopes,
    tanh,
    vmap,
)
from autograd import random as keys
from autograd import sum as total
from autograd.testing import gradcheck
from nn.batch_norm import batch_norms, gathering, update

# One layer


def test_the_numbers_are_those_of_the_book() -> None:
    norm = nn.BatchNorm(2, eps=0.5, momentum=0.25)
    norm.load_state_dict(norm.state_dict() | {"weight": [2.0, 1.0], "bias": [0.0, 1.0]})
    found = norm.on_batch([[1.0, 0.0], [4.0, 6.0], [4.0, 0.0]])
    # means 3 and 2, variances 2 and 8 of the batch, 3 and 12 unbiased
    expected = [2 * x / 2.5**0.5 for x in (-2, 1, 1)], [1 + x / 8.5**0.5 for x in (-2, 4, -2)]
    assert flat(found) == pytest.approx(flat([*zip(*expected, strict=True)]), rel=1e-15)
    kept = norm.state_dict()
    assert kept["running_mean"] == [0.75, 0.5]
    assert kept["running_var"] == [0.75 + 0.75, 0.75 + 3.0]
    row = flat(norm([1.0, 1.0]))
    assert row == pytest.approx([2 * 0.25 / 2.0**0.5, 1 + 0.5 / 4.25**0.5], rel=1e-15)
    assert norm.state_dict() == kept


def test_derivatives_are_those_of_finite_differences() -> None:
    rows = [row[:2] for row in ROWS[:3]]
    for norm in (nn.BatchNorm(2), nn.BatchNorm(2, eps=0.1)):
        numbers = [0.5, -1.5, 0.3, 0.0]

        def outputs(rows: Any, numbers: Any, norm: nn.BatchNorm = norm) -> Any:
            norm.weight, norm.bias = list(numbers[:2]), list(numbers[2:])
            return norm.on_batch(rows)

        gradcheck(outputs, (rows, numbers))
        gradcheck(
            lambda row, numbers, f=outputs, n=norm: (f(rows, numbers), n(row)), (rows[0], numbers)
        )


def test_what_is_running_is_no_parameter() -> None:
    norm = nn.BatchNorm(2)
    assert [path for path, _ in norm.named_parameters()] == [
        "weight.0",
        "weight.1",
        "bias.0",
        "bias.1",
    ]
    assert len(norm.parameters()) == len(nn.flatten(norm)) == 4
    assert list(state(norm))[4:] == [f"running_{x}.{i}" for x in ("mean", "var") for i in (0, 1)]
    assert list(norm.state_dict()) == ["weight", "bias", "running_mean", "running_var"]
    norm.on_batch([[1.0, 2.0], [3.0, 5.0]])
    with pytest.raises(ValueError, match="lacks the parameter running_mean"):
        norm.load_state_dict({"weight": [1.0, 1.0], "bias": [0.0, 0.0]})
    assert "BatchNorm  weight 2, bias 2           4" in nn.summary(norm)
    assert repr(norm) == "BatchNorm(2, eps=1e-05, momentum=0.1)"


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_it_is_saved_and_loaded(tmp_path: Path, suffix: str) -> None:
    if suffix == "safetensors":
        pytest.importorskip("safetensors")
    model, twin = network(), network()
    model.on_batch(ROWS)
    nn.load(nn.save(tmp_path / f"model.{suffix}", model), twin)
    assert state(twin) == state(model) != state(network())
    assert state(copy.deepcopy(model)) == state(model)
    without = nn.save(tmp_path / f"other.{suffix}", nn.LayerNorm(3))
    with pytest.raises(nn.CheckpointError, match=r"lacks the parameter running_mean(.0)? \("):
        nn.load(without, nn.BatchNorm(3))


def test_compiled_it_is_the_same() -> None:
    model, twin = network(), network()
    norms = batch_norms(model)

    @jit(fallback="raise", compile_after=0)
    def step(rows: Any, targets: Any) -> Any:
        with gathering(norms) as found:
            return nn.mean_squared_error(model.on_batch(rows), targets), found

    for rows, targets in (ROWS, TARGETS), (ROWS[::-1], TARGETS), (ROWS, TARGETS[::-1]):
        loss, found = step(rows, targets)
        loss.backward()
        update(norms, found)
        plain = nn.mean_squared_error(twin.on_batch(rows), targets)
        plain.backward()
        assert loss.data == pytest.approx(plain.data, rel=1e-12)
        wanted = [p.grad for p in twin.parameters()]
        assert [p.grad for p in model.parameters()] == pytest.approx(wanted, rel=1e-10, abs=1e-13)
        assert state(model) == pytest.approx(state(twin), rel=1e-12)
    evaluated = jit(model, fallback="raise", compile_after=0)
    for _ in range(2):
        assert evaluated(ROWS[0]).data == pytest.approx(model(ROWS[0]).data, rel=1e-12)
        model.on_batch(ROWS)  # what is running is read anew
    assert evaluated.traces == 1


def test_compiled_code_moves_nothing_unseen() -> None:
    norm = nn.BatchNorm(3)
    for f, x in (norm.on_batch, ROWS), (vmap(norm.on_batch), [ROWS, ROWS[:12]]):
        with pytest.raises(FallbackError, match="moves its running statistics"):
            jit(f, fallback="raise")(x)
        assert norm._is_new()
    plain = copy.deepcopy(norm)
    with pytest.warns(RuntimeWarning, match="gathering"):
        found = jit(lambda rows: norm.on_batch(rows))(ROWS)
    assert flat(found) == flat(plain.on_batch(ROWS))
    assert state(norm) == state(plain)


def test_it_is_a_box_of_a_drawing() -> None:
    model = network()
    for call in (lambda: total(model.on_batch(ROWS[:3])), lambda: model(ROWS[0])):
        with record_scopes() as scopes:
            out = call()
        boxes = {scope.module for scope in scopes.of.values()}
        assert {model, *batch_norms(model)} <= boxes
        drawing = draw(out, scopes=scopes, model=model)
        assert "layers.0" in drawing.source
    assert "running_var.2" in drawing.source


# A model


def test_a_model_of_one_row_takes_a_batch_layer_by_layer() -> None:
    plain = nn.Sequential(nn.Layer(3, 4, rng=0), nn.Residual(nn.Layer(4, 4, rng=1)), tanh)
    assert [flat(x) for x in plain.on_batch(ROWS)] == [flat(plain(row)) for row in ROWS]
    one = nn.Sequential(nn.Layer(3, 1, False, rng=0), nn.BatchNorm(1))
    assert total([x for (x,) in one.on_batch(ROWS)]).data == pytest.approx(0.0, abs=1e-12)
    np = pytest.importorskip("numpy")
    assert flat(network().on_batch(np.array(ROWS))) == flat(network().on_batch(ROWS))


def test_a_key_reaches_dropout() -> None:
    model = nn.Sequential(nn.BatchNorm(3), nn.Dropout(0.5))
    found = model.on_batch(ROWS, keys.key(1))
    assert found == model.on_batch(ROWS, keys.key(1))
    zeros = [[i for i, x in enumerate(row) if x == 0.0] for row in found]
    assert 9 < sum(map(len, zeros)) < 27
    assert len(set(map(tuple, zeros))) > 3  # each row has its own


def test_without_a_training_it_is_affine() -> None:
    model = network()
    model.on_batch(ROWS)
    numbers = nn.functional_call(model, nn.flatten(model), ROWS[0])
    assert isinstance(numbers, float)
    assert numbers == model(ROWS[0]).data == nn.predict(model, ROWS)[0]
    assert [x.data for x in vmap(model)(ROWS)] == nn.predict(model, ROWS)
    values = state(model)
    path = "layers.0.running_mean.1"

    def at(x: Any) -> Any:
        return nn.functional_call(model, values | {path: x}, ROWS[0])

    assert at(values[path]) == numbers
    gradcheck(at, (values[path],))
    assert grad(at)(values[path]) != 0.0
    with pytest.raises(KeyError, match=r"'layers\.0\.running_mean\.9' is no parameter"):
        nn.functional_call(model, values | {"layers.0.running_mean.9": 1.0}, ROWS[0])


def test_a_frozen_one_stays_as_it_is() -> None:
    model = network()
    model.on_batch(ROWS)
    model.layers[0].freeze()
    assert len(batch_norms(model)) == 1
    before = state(model)
    for compiled in (False, True):
        trained(model, jit=compiled)
        after = state(model)
        same = [path for path in before if path.startswith("layers.0.")]
        assert [after[path] for path in same] == [before[path] for path in same]
        assert (
            after["layers.2.module.layers.1.running_mean.0"]
            != before["layers.2.module.layers.1.running_mean.0"]
        )
    model.freeze()
    assert not batch_norms(model)
    assert [x.data for x in model.on_batch(ROWS)] == nn.predict(model, ROWS)
    model.unfreeze()
    assert len(batch_norms(model)) == 2


def test_columns_of_a_long_batch_are_compiled_as_arrays() -> None:
    """A loop over rows leaves sums and shares of columns written out: LLVM's time is quadratic."""
    pytest.importorskip("llvmlite")
    model, rows = network(), [[math.sin(3.0 * i + k) for k in range(3)] for i in range(150)]
    norms = batch_norms(model)

    @jit(compile_after=0)
    def loss(rows: Any) -> Any:
        with gathering(norms) as found:
            outputs = model.on_batch(rows)
        return nn.mean_squared_error(outputs, [0.0] * len(rows)), found

    for _ in range(2):
        loss(rows)[0].backward()
    programs = loss.stats["programs"]
    assert [program["backend"] for program in programs] == ["native", "native"]
    assert all(10 < program["operations"] < 300 for program in programs)


def test_a_loop_row_by_row_is_warned_of() -> None:
    model = network()
    with pytest.warns(RuntimeWarning, match="no batch has moved its running statistics"):
        nn.mean_squared_error([model(row) for row in ROWS], TARGETS)
    nn.predict(model, ROWS)
    model.on_batch(ROWS)
    model(ROWS[0])


@pytest.mark.parametrize(
    ("use", "kind", "said"),
    [
        (lambda: nn.BatchNorm(0), ValueError, "BatchNorm: size must be at least 1"),
        (lambda: nn.BatchNorm(2.5), TypeError, "BatchNorm: size"),  # type: ignore[arg-type]
        (lambda: nn.BatchNorm(2, eps=-1.0), ValueError, "eps must be at least 0"),
        (lambda: nn.BatchNorm(2, momentum=1.5), ValueError, "momentum must be at least 0 and at"),
        (lambda: nn.BatchNorm(2, momentum=None), TypeError, "momentum: expected a number"),  # type: ignore[arg-type]
        (lambda: nn.BatchNorm(2).on_batch([]), ValueError, "at least 2 rows in a batch, got 0"),
        (lambda: nn.BatchNorm(1).on_batch([[1.0]]), ValueError, "at least 2 rows"),
        (lambda: nn.BatchNorm(2).on_batch(3), TypeError, "expected rows"),  # type: ignore[arg-type]
        (lambda: nn.BatchNorm(2).on_batch([[1.0, 2.0], [1.0]]), ValueError, r"rows\[1\]: .* got 1"),
        (
            lambda: nn.BatchNorm(2).on_batch([[1.0, 2.0], [1.0, "x"]]),
            TypeError,
            "expected a number",
        ),
        (lambda: nn.BatchNorm(2).on_batch([1.0, 2.0]), TypeError, "expected a row of inputs"),
        (lambda: nn.BatchNorm(2)([[1.0, 2.0]] * 2), TypeError, "a model takes one row at a time"),
        (
            lambda: nn.BatchNorm(2).on_batch([[[1.0]] * 2] * 2),
            TypeError,
            r"rows\[0\].* Flatten\(\)",
        ),
        (lambda: nn.BatchNorm(2)([1.0]), ValueError, "expected 2 inputs, got 1"),
        (lambda: network().on_batch(3), TypeError, "on_batch: rows: expected rows"),
    ],
)
def test_what_does_not_fit_is_named(use: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        use()
