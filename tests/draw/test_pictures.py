"""Pictures as they are looked at: what is where, and what crosses what, measured in the SVG."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import Measured
from strength import examples

from autograd import Value, erf, exp, log, sin, softmax, sqrt, tanh
from autograd.draw import draw
from autograd.draw.picture import Drawing
from autograd.draw.scene.joined import joined
from autograd.draw.scene.parts import NumberNode, OperationNode, ValueNode
from autograd.draw.scene.plan import plan
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions
from nn import MLP, mean_squared_error


def measured(drawing: Drawing) -> Measured:
    return Measured(drawing.render("svg"))


def with_gradients(result: Value, label: str = "", **options: Any) -> Drawing:
    result.label = label
    result.backward()
    return draw(result, **options)


# The graphs that people draw first


def neuron() -> Drawing:
    x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
    w1, w2, b = Value(-3.0, "w1"), Value(1.0, "w2"), Value(6.88, "b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    return with_gradients(n.tanh(), "o")


def micrograd() -> Drawing:
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = 1 + c + c - a
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    f = (c - d) ** 2
    return with_gradients(f / 2.0 + 10.0 / f, "g")


def black_scholes() -> Drawing:
    names = {"S": 100.0, "K": 105.0, "r": 0.03, "sigma": 0.2, "T": 1.0}
    s, k, r, sigma, t = (Value(x, name) for name, x in names.items())
    d1 = (log(s / k) + (r + sigma**2 / 2) * t) / (sigma * sqrt(t))
    d2 = d1 - sigma * sqrt(t)
    d1.label, d2.label = "d1", "d2"
    share, paid = ((1 + erf(d / math.sqrt(2))) / 2 for d in (d1, d2))
    return with_gradients(s * share - k * exp(-r * t) * paid, "call")


def one_row() -> Drawing:
    model = MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid", rng=0)
    return with_gradients(mean_squared_error(model([1.0, 0.0]), 1.0), model=model)


def four_rows() -> Drawing:
    model = MLP(3, [4, 4, 1], activation="tanh", rng=0)
    rows = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    return with_gradients(sum((model(row) - 1) ** 2 for row in rows), model=model)


def moons() -> Drawing:
    model = MLP(2, [8, 8, 1], activation="relu", rng=0)
    chance = random.Random(0)
    rows = [([chance.random(), chance.random()], (-1.0) ** k) for k in range(20)]
    return with_gradients(sum((1 - y * model(x)).relu() for x, y in rows) / 20, model=model)


def recurrence() -> Drawing:
    wx, wh, b, h = Value(0.5, "wx"), Value(0.8, "wh"), Value(0.1, "b"), Value(0.0, "h0")
    for k in range(20):
        h = tanh(wx * (0.1 * k) + wh * h + b)
    return with_gradients((h - 1) ** 2, "loss")


def pendulum() -> Drawing:
    angle, speed, gravity = Value(1.0, "angle"), Value(0.0, "speed"), Value(9.81, "gravity")
    for _ in range(200):
        speed = speed - gravity * sin(angle) * 0.01
        angle = angle + speed * 0.01
    return with_gradients(angle, "end")


def cross_entropy() -> Drawing:
    logits = [Value(x, f"z{k}") for k, x in enumerate([1.0, 2.0, 0.5])]
    return with_gradients(-log(softmax(logits)[1]), "loss")


GALLERY = [
    neuron,
    micrograd,
    black_scholes,
    one_row,
    four_rows,
    moons,
    recurrence,
    pendulum,
    cross_entropy,
]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("make", GALLERY)
def test_no_line_crosses_a_box_or_a_caption(make: Callable[[], Drawing]) -> None:
    picture = measured(make())
    assert len(picture.lines) > 3
    assert picture.crossings() == []


@settings(deadline=None, max_examples=examples(30))
@given(expressions(inputs=3, smooth=True))
def test_no_line_crosses_a_box(program: Expression) -> None:
    values = [Value(x, name) for x, name in ((0.5, "x"), (-0.5, "y"), (1.0, "z"))]
    assert measured(draw(program(*values))).crossings() == []


def test_a_crossing_is_found() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="99pt" height="99pt">'
        '<g class="node"><title>a</title><polygon points="0,0 20,0 20,20 0,20"/></g>'
        '<g class="node"><title>b</title><ellipse cx="50" cy="10" rx="9" ry="9"/></g>'
        '<g class="cluster"><title>c</title><text font-size="10" x="70" y="14">caption</text></g>'
        '<g class="edge"><title>a&#45;&gt;d</title>'
        '<path d="M20,10C22,10 24,10 {end},10"/></g></svg>'
    )
    assert Measured(svg.format(end=39).encode()).crossings() == []
    assert len(Measured(svg.format(end=58).encode()).crossings()) == 1
    assert len(Measured(svg.format(end=90).encode()).crossings()) == 2


# An operation and its result


@given(expressions(inputs=3, smooth=True))
def test_every_operation_is_in_the_node_of_its_result(program: Expression) -> None:
    made = plan([program(Value(0.5), Value(-0.5), Value(1.0))], detail="nodes")
    scene = joined(made.scene)
    assert not any(isinstance(node, OperationNode) for node in scene.nodes)
    primitives = [made.structure.primitives[node.members[0]] for node in scene.nodes
                  if isinstance(node, ValueNode)]  # fmt: skip
    said = [node.operation for node in scene.nodes if isinstance(node, ValueNode)]
    assert said == ["" if p is None else p.symbol for p in primitives]
    numbers = sum(isinstance(node, NumberNode) for node in scene.nodes)
    assert len(scene.nodes) == len(made.structure.order) + numbers
    assert len(scene.edges) == sum(map(len, made.structure.tails))
    names = {node.name for node in scene.nodes}
    assert all({edge.tail, edge.head} <= names for edge in scene.edges)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda x, y: x / y, "x / a + b"),
        (lambda x, y: x * 2, "x * …"),
        (lambda x, y: -y, "-(a + b)"),
        (lambda x, y: y**2, "(a + b) ** …"),
        (lambda x, y: x - (y - 1), "x - …"),
        (lambda x, y: tanh(y), "tanh(a + b)"),
    ],
)
def test_what_has_a_label_says_how_it_is_computed(
    make: Callable[[Value, Value], Value], said: str
) -> None:
    result = make(Value(2.0, "x"), Value(3.0, "a + b"))
    result.label = "result"
    last = joined(plan([result], detail="nodes").scene).nodes[-1]
    assert isinstance(last, ValueNode)
    assert last.operation == said.replace("/ a + b", "/ (a + b)")


# What is where


TREES = st.recursive(
    st.just("leaf"), lambda inner: st.tuples(inner, inner), min_leaves=2, max_leaves=8
)


@settings(deadline=None, max_examples=examples(30))
@given(TREES)
def test_operands_are_in_their_order_from_the_top(tree: Any) -> None:
    def built(tree: Any) -> Value:
        return Value(1.0) if tree == "leaf" else built(tree[0]) - built(tree[1])

    picture = measured(draw(built(tree), detail="nodes"))
    heights: dict[str, list[float]] = {}
    for tail, head, _ in picture.lines:
        heights.setdefault(head, []).append(picture.nodes[tail].top)
    assert all(high < low for tops in heights.values() for high, low in pairwise(tops))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("sizes", [(2, [3, 1]), (3, [4, 4, 1]), (2, [6, 2])])
@pytest.mark.parametrize("detail", ["nodes", "neurons"])
def test_neurons_and_outputs_are_in_their_order_from_the_top(
    sizes: tuple[int, list[int]], detail: Any
) -> None:
    model = MLP(*sizes, activation="tanh", rng=0)
    found = model([0.5] * sizes[0])
    outputs = found if isinstance(found, list) else [found]
    for k, output in enumerate(outputs):
        output.label = f"out{k}"
    picture = measured(draw(*outputs, model=model, detail=detail))
    rows = [[f"layers.{i}.neurons.{k}" for k in range(n)] for i, n in enumerate(sizes[1])]
    rows.append([output.label for output in outputs])
    for row in rows:
        tops = [picture.described[name].top for name in row]
        assert tops == sorted(tops)
        assert len(set(tops)) == len(row)
