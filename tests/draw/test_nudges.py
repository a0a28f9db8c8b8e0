"""What becomes of the output if one leaf is moved: as if the function had been called there."""

from __future__ import annotations

import base64
import json
import math
import re
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd import Value, exp, jit, log, primitive, record_scopes, sin, sqrt
from autograd.draw import draw, record
from autograd.draw.page import nudges as module
from autograd.draw.page.nudges import OUTSIDE, PLACES, TOO_LARGE, moves_around, nudges
from autograd.draw.picture import Drawing
from autograd.draw.scene.limits import Limits
from autograd.draw.scene.numbers import numbers_of_values
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.summary import summary
from autograd.graph import topological_order
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions
from nn import MLP, mean_squared_error

Moved = dict[str, tuple[Sequence[float], Sequence[float]]]
"""By the label or the path of a leaf: by how much it is moved, and the outputs there."""


def told(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', text, re.S)
    assert found is not None
    return json.loads(found[1])


def moved(drawing: Drawing) -> Moved:
    """What the page of a drawing is told of nudges."""
    assert drawing._page is not None
    data = told(drawing._page())
    if data["nudges"] is None:
        return {}
    nodes, places = data["nudges"]["nodes"], data["nudges"]["places"]
    raw = base64.b64decode(data["nudges"]["numbers"])
    flat = struct.unpack(f"<{2 * len(nodes) * places}d", raw)
    found = {}
    for k, n in enumerate(nodes):
        node = data["nodes"][n]
        assert node["role"] in ("input", "parameter", "output")
        assert node["count"] == 1
        column = flat[2 * k * places : 2 * (k + 1) * places]
        found[node["label"] or node["path"] or node["name"]] = column[:places], column[places:]
    return found


def bits(numbers: Sequence[float]) -> list[bytes | None]:
    return [None if math.isnan(x) else struct.pack("<d", x) for x in numbers]


def called(f: Callable[..., Any], *arguments: Any) -> float:
    """The number that a function gives, or NaN where it raises: the sum of several."""
    try:
        results = f(*arguments)
        results = results if isinstance(results, list) else [results]
        first, *others = [float(x) for x in results]
    except Exception:
        return math.nan
    for x in others:
        first += x
    return first


# The numbers


@given(
    st.integers(1, 3).flatmap(lambda outputs: expressions(outputs=outputs)),
    st.lists(st.floats(-2, 2) | st.sampled_from([0.0, 1.0, -1.0]), min_size=2, max_size=2),
    st.booleans(),
)
def test_every_number_is_that_of_the_function_called_there(
    program: Expression, inputs: list[float], is_unfolded: bool
) -> None:
    def outputs(xs: list[Value]) -> list[Any]:
        results = program(xs)
        return list(dict.fromkeys(results if isinstance(results, list) else [results]))

    leaves = [Value(x, f"x{i}") for i, x in enumerate(inputs)]
    drawn = outputs(leaves)
    assume(all(isinstance(out, Value) for out in drawn))
    order = topological_order(*drawn)
    before = [(*bits([x.data, x.grad]), x.label) for x in order]
    found = moved(draw(*drawn, detail="nodes", unfold=is_unfolded))
    assert [(*bits([x.data, x.grad]), x.label) for x in order] == before
    read = {x for value in order for x in value.operands if isinstance(x, Value)}
    assert found.keys() == {x.label for x in leaves if x in read}
    for i, leaf in enumerate(leaves):
        if leaf.label in found:
            moves, numbers = found[leaf.label]
            assert moves[len(moves) // 2] == 0.0
            there = [[x + h if k == i and h else x for k, x in enumerate(inputs)] for h in moves]
            assert bits(numbers) == bits([called(outputs, list(map(Value, at))) for at in there])


@given(st.integers(0, 100), st.sampled_from(["nodes", "auto"]), st.integers(1, 3))
def test_parameters_of_a_network(seed: int, detail: Any, rows: int) -> None:
    network = MLP(2, [3, 1], rng=seed)
    data = [[0.3 * i, 1.0 - i] for i in range(rows)]

    def loss() -> Value:
        return mean_squared_error([network(row) for row in data], [1.0] * rows)

    with record_scopes() as scopes:
        out = loss()
    parameters = dict(network.named_parameters())
    for found in (
        moved(draw(out, model=network, detail=detail)),
        moved(draw(out, detail=detail, scopes=scopes)),
    ):
        assert set(found) <= set(parameters)
        assert found or detail == "auto"
        for path, (moves, numbers) in list(found.items())[::4]:
            parameter = parameters[path]
            held = parameter.data
            expected = []
            for h in moves:
                parameter.data = held + h
                expected.append(loss().data)
            parameter.data = held
            assert bits(numbers) == bits(expected)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(PLACES))
def test_moves_are_round_even_and_in_proportion(x: float, places: int) -> None:
    moves = moves_around(x, places)
    assert len(moves) == places
    assert moves == sorted(set(moves))
    assert moves == [-h for h in reversed(moves)]
    assert all(math.isfinite(h) for h in moves)
    size = abs(x) if abs(x) >= module.SMALLEST else 1.0
    assert size / 5 * (1 - 1e-9) <= moves[-1] <= size / 2
    assert re.sub(r"e.*|\D", "", repr(moves[-1])).strip("0") in ("1", "2", "5")
    assert all(len(re.sub(r"e.*|\D", "", repr(h)).strip("0")) <= 4 for h in moves)


# Where there is no number


@primitive(lambda g, out, x: g)
def awkward(x: float) -> Any:
    """What a user's rule may do: raise anything, or give what is no number."""
    if x > 1.2:
        raise LookupError("no such number")
    return x if x > 0.9 else 1j if x > 0.7 else int(x * 1e17) + 1


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (log, 0.3),
        (sqrt, 0.0),
        (lambda x: 1 / (x - 1.2), 1.0),
        (lambda x: x**0.5, 0.0),
        (lambda x: log(x - 0.9) * 0.0 + abs(x), 1.0),
        (lambda x: 1.0 ** log(x - 0.9), 1.0),  # which is 1 for NaN too
        (awkward, 1.0),
        (lambda x: awkward(x) - awkward(x * 0.5), 1.0),  # whole numbers are exact, floats are not
        (lambda x: x * 1.0, -0.0),
        (lambda x: x * math.inf, 0.5),
        (lambda x: 10.0 ** (x * 300), 1.0),
    ],
)
def test_what_cannot_be_computed_is_a_gap(f: Callable[[Any], Any], x: float) -> None:
    leaf = Value(x, "x")
    moves, numbers = moved(draw(f(leaf)))["x"]
    expected = [called(lambda at: f(Value(at)), x + h if h else x) for h in moves]
    assert bits(numbers) == bits(expected)


def test_a_number_that_is_not_finite_is_not_moved() -> None:
    x, y = Value(math.inf, "x"), Value(2.0, "y")
    assert moved(draw(x * y)).keys() == {"y"}


# Which there are


def test_only_inputs_and_parameters_that_stand_alone() -> None:
    w = Value(0.5, "w")
    rows = [Value(0.1 * i) for i in range(40)]
    first, *others = [(w * x - 1) ** 2 for x in rows]
    assert moved(draw(sum(others, first))).keys() == {"w"}


def test_of_a_graph_computed_from_other_numbers_nothing_is_told() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    out = x * y + 1
    drawing = draw(out)
    whole = moved(drawing)
    assert whole.keys() == {"x", "y"}
    x.data = 5.0
    assert moved(drawing) == whole  # as it was drawn
    with pytest.warns(RuntimeWarning, match="mixes two moments"):
        assert moved(draw(out)) == {}


def test_recordings_summaries_and_compiled_functions_have_none() -> None:
    x = Value(0.5, "x")
    out = x * x
    recording = record()
    recording(out)
    assert told(recording._page())["nudges"] is None
    structure = Structure.of([out])
    numbers = numbers_of_values(structure.order)
    assert nudges(summary(structure, Limits.of(20)), structure.order, numbers, [out]) is None
    compiled = jit(lambda x: sin(x) * 2)
    assert moved(draw(compiled(x) + Value(1.0, "y"))).keys() == {"y"}


# How much is computed


@pytest.mark.parametrize("count", [1, 20, 25, 40, 50, 80, 91, 200])
def test_no_more_is_computed_than_is_allowed(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    @primitive(lambda g, out, x: g)
    def counted(x: float) -> float:
        nonlocal calls
        calls += 1
        return x + 1.0

    monkeypatch.setattr(module, "MOST", 1000)
    out = Value(1.0, "x")
    for _ in range(count):
        out = counted(out)
    drawing = draw(out, detail="nodes")
    calls = 0
    found = moved(drawing)
    fitting = [places for places in PLACES if places * count <= 1000]
    assert calls == (fitting[0] * count if fitting else 0)
    assert [len(moves) for moves, _ in found.values()] == fitting[:1]


@given(st.lists(st.booleans(), min_size=2, max_size=30), st.integers(100, 3000))
def test_what_has_a_name_comes_first(named: list[bool], most: int) -> None:
    leaves = [Value(0.1 * i, f"x{i}" if has else "") for i, has in enumerate(named)]
    out = leaves[0]
    for leaf in leaves[1:]:
        out = sin(out * leaf)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST", most)
        found = moved(draw(out, detail="nodes"))
    labels = {leaf.label for leaf in leaves if leaf.label}
    assert found.keys() >= labels or found.keys() <= labels


def test_why_there_is_no_output_is_told() -> None:
    x = Value(600.0)
    data = told(draw(log(x - 500.0) + exp(x))._page())  # type: ignore[misc]
    moves = moves_around(600.0, PLACES[0])
    outside = {str(k): OUTSIDE for k, h in enumerate(moves) if h <= -100.0}
    large = {str(k): TOO_LARGE for k, h in enumerate(moves) if h >= 110.0}
    assert outside
    assert large
    assert data["nudges"]["gaps"] == [outside | large]


@pytest.mark.parametrize("x", [1.1e308, -1.1e308, sys.float_info.max])
def test_a_number_is_never_moved_to_infinity(x: float) -> None:
    assert moved(draw(Value(x, "x") * 1e-300)) == {}
    assert moved(draw(Value(1e308, "x") * 1e-300)).keys() == {"x"}
