"""The graph of a recording is made and listed once, and has the numbers of each moment."""

from __future__ import annotations

import random
from typing import Any

import pytest

from autograd import Value, dot, grad, sin
from autograd.draw import record
from autograd.draw.scene.plan import Plan, plan
from autograd.draw.training_graph import TrainingGraph
from nn import MLP, mean_squared_error

ROWS = ((0.5, -1.0), (1.5, 0.25), (-0.75, 2.0))


def a_network(rng: random.Random) -> tuple[Any, Any]:
    model = MLP(2, [2, 1], activation="tanh", rng=1)
    return model.parameters(), lambda: mean_squared_error([model(row) for row in ROWS], [1, 0, 1])


def a_chain_of_sums(rng: random.Random) -> tuple[Any, Any]:
    weights = [Value(rng.uniform(-1, 1)) for _ in range(4)]
    return weights, lambda: 0.1 + weights[0] * 3 + weights[1] + sin(weights[2]) - weights[3] + 1e16


def dot_products(rng: random.Random) -> tuple[Any, Any]:
    weights = [Value(rng.uniform(-1, 1)) for _ in range(4)]
    return weights, lambda: dot(weights, [0.1, 0.2, 0.3, 0.7]) * dot(weights, weights[::-1])


def a_slope(rng: random.Random) -> tuple[Any, Any]:
    x = Value(0.5)
    return [x], lambda: grad(grad(lambda y: sin(y) * y * y))(x)


GRAPHS = (a_network, a_chain_of_sums, dot_products, a_slope)


@pytest.mark.parametrize("unfold", [False, True])
@pytest.mark.parametrize("make", GRAPHS)
def test_each_moment_has_the_numbers_of_a_graph_made_for_it(make: Any, unfold: bool) -> None:
    rng = random.Random(3)
    leaves, loss = make(rng)

    def graph() -> TrainingGraph:
        return TrainingGraph(first, plan([first], caller="record", unfold=unfold), None)

    first = loss()
    kept = graph()
    moments = []
    for epoch in range(4):
        moments.append(kept.read(loss(), epoch))
        for leaf in leaves:
            leaf.data += rng.uniform(-0.5, 0.5)
    for moment in (*moments, *reversed(moments)):
        with kept.at(moment) as frame, graph().at(moment) as other:
            assert repr(frame) == repr(other)  # NaN is not equal to itself
            assert frame.loss == loss_of(leaves, moment, loss)


def loss_of(leaves: Any, moment: Any, loss: Any) -> float:
    """What the program gives with the numbers of a moment, which the leaves hold now."""
    assert sorted(leaf.data for leaf in leaves) == sorted(moment.leaves)
    return float(loss().data)


def test_a_graph_is_listed_once_for_all_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[int] = []
    monkeypatch.setattr(Plan, "order", _counting(Plan.order, listed))
    _, loss = a_network(random.Random(0))
    recording = record()
    for _ in range(6):
        recording(loss())
    recording._page()
    assert len(listed) == 1


def _counting(order: Any, listed: list[int]) -> Any:
    def counted(self: Plan, *values: Value, **rest: Any) -> list[Value]:
        listed.append(1)
        return list(order(self, *values, **rest))

    return counted
