"""Strategies for numbers, points, perceptrons and rows: what they promise of what they draw."""

import math
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from strength import examples

from autograd import Value, grad
from autograd.primitives import TABLE
from autograd.testing.checking.gradcheck import gradcheck
from autograd.testing.domains import DOMAINS, differentiable, intervals
from autograd.testing.programs.perceptron import Perceptron
from autograd.testing.strategies import Dataset, away_from_corners, datasets, mlps, points, values


@given(values())
def test_values_are_finite_leaves(x: Value) -> None:
    assert math.isfinite(x.data)
    assert x.operands == ()
    assert x.label == ""


@given(values(-1.5, 2.5, labels=st.just("w")))
def test_values_keep_bounds_and_labels(x: Value) -> None:
    assert -1.5 <= x.data <= 2.5
    assert x.label == "w"


@pytest.mark.parametrize("wanted", [math.pi, 2.0**53, -0.0, math.ulp(0.0)])
def test_values_reach_what_is_interesting(wanted: float) -> None:
    found = find(
        values(),
        lambda x: x.data == wanted and math.copysign(1, x.data) == math.copysign(1, wanted),
        settings=settings(max_examples=5000, database=None),
    )
    assert found.data == wanted


@pytest.mark.parametrize("name", TABLE)
@settings(max_examples=20)
@given(data=st.data())
def test_points_are_in_the_domain(name: str, data: st.DataObject) -> None:
    at = data.draw(points(name))
    for x, (low, high) in zip(at, intervals(name, len(at)), strict=True):
        assert low < x <= high
    assert not DOMAINS[name].near_corner(*at)
    f, free = differentiable(name, at)
    assert f(*free) == TABLE[name](*at)


FAVOURITES = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 1.5, 3.0, math.ulp(0.0), 1e-300, -3.9999999999]


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_no_point_is_rejected_however_near_a_corner(name: str, data: st.DataObject) -> None:
    """Hypothesis draws such numbers often, and gives up where most of them are of no use."""
    around = intervals(name, TABLE[name].arity or data.draw(st.sampled_from([2, 4])))
    fitting = [[x for x in (*FAVOURITES, high) if low < x <= high] for low, high in around]
    drawn = [data.draw(st.sampled_from(xs)) for xs in fitting]
    at = away_from_corners(name, drawn)
    assert all(low < x <= high for x, (low, high) in zip(at, around, strict=True))
    assert not DOMAINS[name].near_corner(*at)
    if TABLE[name].arity is not None and not DOMAINS[name].near_corner(*drawn):
        assert at == drawn


def run(source: str) -> Any:
    names: dict[str, Any] = {}
    exec(source, names)
    return names["mlp"]


@given(mlps(), st.data())
def test_source_of_a_perceptron_computes_the_same(f: Perceptron, data: st.DataObject) -> None:
    row = data.draw(st.lists(st.floats(-2, 2), min_size=f.sizes[0], max_size=f.sizes[0]))
    out = f(f.parameters, row)
    assert run(f.source)(f.parameters, row) == out
    assert 1 if f.sizes[-1] == 1 else len(out) == f.sizes[-1]


@settings(max_examples=examples(30))
@given(mlps(outputs=1, activations=["tanh", "sigmoid", "gelu"]))
def test_gradient_of_a_perceptron_has_the_structure_of_its_parameters(f: Perceptron) -> None:
    row = [0.5] * f.sizes[0]
    gradient = grad(f)(f.parameters, row)
    sizes = [(len(weights), len(biases)) for weights, biases in gradient]
    assert sizes == [(size, size) for size in f.sizes[1:]]
    gradcheck(lambda parameters: f(parameters, row), [f.parameters])


@given(mlps(max_layers=2, max_size=3, inputs=5, outputs=2))
def test_options_of_mlps_are_kept(f: Perceptron) -> None:
    assert f.sizes[0] == 5
    assert f.sizes[-1] == 2
    assert len(f.sizes) <= 3
    assert all(size <= 3 for size in f.sizes[1:])


@given(datasets(inputs=3, min_rows=2, max_rows=5))
def test_rows_have_targets(data: Dataset) -> None:
    assert 2 <= len(data.rows) == len(data.targets) <= 5
    assert all(len(row) == 3 for row in data.rows)
    assert all(type(target) is float for target in data.targets)


@given(datasets("classification", inputs=1, classes=3, separable=True))
def test_separable_rows_lie_in_bands(data: Dataset) -> None:
    for (x,), target in zip(data.rows, data.targets, strict=True):
        assert 2 * target <= x <= 2 * target + 1


def separates(weight: list[float], data: Dataset) -> bool:
    scores = [sum(w * x for w, x in zip(weight, row, strict=True)) for row in data.rows]
    low = [s for s, target in zip(scores, data.targets, strict=True) if target == 0]
    high = [s for s, target in zip(scores, data.targets, strict=True) if target == 1]
    return not low or not high or max(low) < min(high)


@given(datasets("classification", inputs=2, separable=True))
def test_separable_rows_can_be_told_apart_by_a_line(data: Dataset) -> None:
    tilts = [k / 2 for k in range(-2, 3)]
    lines = [[1.0, t] for t in tilts] + [[t, 1.0] for t in tilts]
    assert any(separates(line, data) for line in lines)


@given(datasets("classification", classes=3, separable=False, max_rows=6))
def test_rows_that_are_not_separable_have_a_row_in_two_classes(data: Dataset) -> None:
    assert len(data.rows) <= 6
    pairs = {(tuple(row), target) for row, target in zip(data.rows, data.targets, strict=True)}
    assert len({row for row, _ in pairs}) < len(pairs)


@given(datasets(max_rows=3))
def test_rows_are_no_more_than_asked_for(data: Dataset) -> None:
    assert len(data.rows) <= 3


def test_wrong_kind_of_data_is_refused() -> None:
    with pytest.raises(ValueError, match="must be 'regression' or 'classification', got 'rows'"):
        find(datasets("rows"), lambda data: True)
