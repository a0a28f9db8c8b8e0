"""Pictures as they are looked at: what is where, and what crosses what, measured in the SVG."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import LARGEST, Measured
from strength import examples, slowly

from autograd import Value, dot, exp, logsumexp, scope, tanh
from autograd import sum as total
from autograd.draw import draw
from autograd.draw.dot.render import _output, render
from autograd.draw.picture import Drawing
from autograd.draw.scene.joined import joined
from autograd.draw.scene.parts import NumberNode, OperationNode, ValueNode
from autograd.draw.scene.plan import plan
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions
from demos.gallery_graphs import GALLERY
from nn import MLP

pytestmark = pytest.mark.usefixtures("without_process")

Engines = Callable[[], Iterator[str]]
MIRRORED = ("RL", "BT")


def measured(drawing: Drawing) -> Measured:
    return Measured(render(drawing.source, "svg"))


@pytest.mark.parametrize("name", ["micrograd", "black_scholes", "xor"])
def test_pygraphviz_draws_in_this_process_as_in_its_own(
    name: str, each_engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = GALLERY[name]()
    for engine in each_engine():
        with monkeypatch.context() as patch:
            patch.setattr("autograd.draw.dot.render._output", _output)
            expected = render(drawing.source, "svg")
        assert render(drawing.source, "svg") == expected, engine


# What crosses what


@pytest.mark.parametrize(
    ("make", "direction"),
    [
        slowly(make, direction) if name in LARGEST or direction in MIRRORED else (make, direction)
        for name, make in GALLERY.items()
        for direction in ("LR", "TB", *(() if name in LARGEST else MIRRORED))
    ],
)
def test_lines_and_names_of_operands_keep_clear(
    make: Callable[..., Drawing], direction: str, each_engine: Engines
) -> None:
    drawing = make(direction=direction)
    for engine in each_engine():
        picture = measured(drawing)
        assert len(picture.lines) > 3
        assert (engine, picture.crossings(), picture.collisions()) == (engine, [], [])


SCOPES = (
    *((), ("a",), ("softmax",), ("queries, keys, values",), ("layer", "in"), ("layer",)),
    *(("head 0",), ("head 1",), ("block", "attention", "scores"), ("step 1",), ("step 2",)),
)
STEPS: tuple[Callable[[Value, Value, Value], Value], ...] = (
    lambda a, b, c: a + b,
    lambda a, b, c: a - b,
    lambda a, b, c: a / (b * b + 1),
    lambda a, b, c: tanh(a * 0.5),
    lambda a, b, c: dot([a, b], [c, a]),
    lambda a, b, c: 2 - a,
    lambda a, b, c: exp(-b * b),
    lambda a, b, c: total([a, b, c]),
    lambda a, b, c: logsumexp([a, b, c]),
    lambda a, b, c: (a * a + 1) ** 0.5,
)


def in_scopes(rng: random.Random) -> Value:
    """A random program with operations in scopes, which are boxes, some of them inside others."""
    values = [Value(0.5 + k, name) for k, name in enumerate("xyz")]
    names = SCOPES[1]
    for _ in range(rng.randint(2, 18)):
        names = names if rng.random() < 0.6 else rng.choice(SCOPES)
        with ExitStack() as scopes:
            for name in names:
                scopes.enter_context(scope(name))
            operands = (values[-1 - int(rng.expovariate(0.3)) % len(values)] for _ in range(3))
            values.append(rng.choice(STEPS)(*operands))
    return values[-1]


@pytest.mark.parametrize("direction", ["TB", "LR", slowly("BT"), slowly("RL")])
def test_lines_of_a_random_program_pass_its_captions_and_numbers(
    direction: Any, each_engine: Engines
) -> None:
    drawings = [
        draw(partial(in_scopes, random.Random(seed)), direction=direction)
        for seed in range(examples(12, 4))
    ]
    for engine in each_engine():
        pictures = map(measured, drawings)
        found = [k for k, one in enumerate(pictures) if one.crossings() or one.collisions()]
        assert (engine, found) == (engine, [])


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
    svg = svg.replace("0,0 20,0 20,20 0,20", "20,8 6,8 6,0 0,0 0,20 20,20 20,8")  # with a tab
    svg = svg.replace("a&#45;", "c&#45;").replace("M20,10C22,10 24,10", "M8,{y}C22,{y} 24,{y}")
    assert Measured(svg.format(end=39, y=5).encode()).crossings() == []  # beside the tab
    assert len(Measured(svg.format(end=39, y=15).encode()).crossings()) == 1


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


TREES = st.recursive(st.none(), lambda part: st.tuples(part, part), min_leaves=2, max_leaves=8)


@settings(deadline=None, max_examples=examples(30))
@given(TREES)
def test_operands_of_a_formula_are_in_their_order_from_the_top(tree: Any) -> None:
    def built(tree: Any) -> Value:
        return Value(1.0) if tree is None else built(tree[0]) - built(tree[1])

    drawing = draw(built(tree), detail="nodes")
    picture = measured(drawing)
    tops: dict[str, list[float]] = {}
    for tail, head in re.findall(r"^\t(\w+) -> (\w+)", drawing.source, re.MULTILINE):
        tops.setdefault(head, []).append(picture.nodes[tail].top)
    assert all(first < second for first, second in tops.values())


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
