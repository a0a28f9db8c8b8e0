"""What is too large to be drawn node by node is folded from the inside out, and keeps its names."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import assert_ordered, assert_sound

from autograd import Value, erf, exp, log, record_scopes, scope, sin, sqrt, tanh
from autograd import sum as total
from autograd.draw import draw
from autograd.draw.scene.assembly import Grouping
from autograd.draw.scene.blocks import Blocks
from autograd.draw.scene.coarser import formulas, steps
from autograd.draw.scene.details import Parts, folded, scene_of
from autograd.draw.scene.joined import joined
from autograd.draw.scene.numbers import measure, numbers_of_backward
from autograd.draw.scene.parts import Scene, UnitNode, ValueNode
from autograd.draw.scene.paths import Names
from autograd.draw.scene.plan import MAX_NODES, Plan, Rewrites, plan
from autograd.draw.scene.ranks import breadth_of
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.turns import NUMBER, Run, Sequences, runs_of
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions
from nn import Layer


def price_of_an_option() -> Value:
    spot, strike = Value(100.0, "spot"), Value(105.0, "strike")
    rate, sigma, maturity = Value(0.03, "rate"), Value(0.2, "sigma"), Value(0.5, "maturity")
    upper = (log(spot / strike) + (rate + sigma * sigma / 2) * maturity) / (sigma * sqrt(maturity))
    upper.label = "upper"
    lower = upper - sigma * sqrt(maturity)
    lower.label = "lower"

    def normal(x: Value) -> Value:
        return (1 + erf(x / math.sqrt(2))) / 2

    call = spot * normal(upper) - strike * exp(-rate * maturity) * normal(lower)
    call.label = "call"
    return call


def pendulum(turns: int) -> Value:
    angle, speed, gravity = Value(1.0, "angle"), Value(0.0, "speed"), Value(9.8, "gravity")
    for _ in range(turns):
        speed = speed - 0.01 * gravity * sin(angle)
        angle = angle + 0.01 * speed
    angle.label = "end"
    return angle


def newton(turns: int) -> Value:
    a, x = Value(2.0, "a"), Value(1.0, "x")
    for _ in range(turns):
        x = x - (x * x - a) / (2 * x)
    return x


def recurrence(turns: int) -> Value:
    w, u, h = Value(0.5, "w"), Value(0.9, "u"), Value(0.0, "h0")
    for t in range(1, turns + 1):
        h = tanh(w * Value(math.sin(t), f"x{t}") + u * h)
        h.label = f"h{t}"
    return h


def loop_in_a_loop(turns: int) -> Value:
    x, rate = Value(0.5, "x"), Value(0.1, "rate")
    for _ in range(turns):
        for _ in range(5):
            x = x - rate * sin(x)
        x = exp(-x) * rate
    return x


def units(scene: Scene) -> list[UnitNode]:
    return [node for node in scene.nodes if isinstance(node, UnitNode)]


def named(scene: Scene) -> set[str]:
    """The labels that have a node of their own."""
    labels = {node.label for node in scene.nodes if isinstance(node, ValueNode)}
    return labels | {node.title for node in units(scene) if len(node.members) == node.repeats}


def groupings(*roots: Value) -> list[tuple[Structure, Grouping]]:
    structure = Structure.of(roots)
    parts = Parts.of(structure)
    found = []
    for start in (folded(parts, "neurons"), folded(parts, "layers", True)):
        for opened in (True, False):
            in_turns = steps(structure, start, opened, True)
            found.append((structure, in_turns))
            found += [
                (structure, formulas(Blocks(structure, in_turns), deepest, True))
                for deepest in (1, 2, math.inf)
            ]
    return found


def assert_every_grouping_is_sound(*roots: Value) -> None:
    for structure, grouping in groupings(*roots):
        scene = scene_of(structure, grouping, "folded", math.inf)
        assert scene is not None
        assert_sound(
            Plan(scene, structure, structure.outputs, Names(), Rewrites(True, False, True))
        )


# What holds of every graph


@given(expressions(inputs=3, smooth=True), st.integers(1, 5))
def test_every_value_is_in_one_node_however_a_graph_is_folded(
    program: Expression, turns: int
) -> None:
    """Of any expression, repeated so often that there are turns to find."""
    x, y = Value(0.5, "x"), Value(-0.5)
    for t in range(turns):
        x = tanh(program(x, y, Value(1.0, f"u{t}")))
    assert_every_grouping_is_sound(x)


@pytest.mark.parametrize("made", [pendulum, newton, recurrence, loop_in_a_loop])
@pytest.mark.parametrize("turns", [1, 2, 3, 4, 7])
def test_loops_of_any_length_are_drawn_whole(made: Callable[[int], Value], turns: int) -> None:
    result = made(turns)
    assert_every_grouping_is_sound(result)
    assert_every_grouping_is_sound(result * 2, result)


def test_outputs_inside_of_loops_are_drawn() -> None:
    x, outputs = Value(1.0, "x"), []
    for _ in range(6):
        x = sin(x) * 0.5
        outputs.append(x)
    assert_every_grouping_is_sound(*outputs)


# What people name stays


@pytest.mark.parametrize("most", [30, 34, 40, 60, 80])
def test_inputs_and_labels_of_a_formula_stay_themselves(most: int) -> None:
    scene = plan([price_of_an_option()], max_nodes=most).scene
    assert_ordered(scene)
    assert len(joined(scene).nodes) <= most
    labels = {"spot", "strike", "rate", "sigma", "maturity", "upper", "lower", "call"}
    assert labels <= named(scene)
    assert {n.repeats for n in units(scene)} <= {1}


def test_formulas_grow_only_as_far_as_they_must() -> None:
    sizes = [len(plan([price_of_an_option()], max_nodes=n).scene.nodes) for n in (60, 30, 14)]
    assert all(fine > coarse for fine, coarse in pairwise(sizes))
    drawn = plan([price_of_an_option()], max_nodes=14).scene
    upper = next(node for node in units(drawn) if node.title == "upper")
    assert len(upper.members) == 1
    assert len(upper.inside) > 1


@pytest.mark.parametrize("turns", [20, 200])
@pytest.mark.parametrize(
    ("made", "labels"),
    [(pendulum, {"angle", "speed", "gravity", "end"}), (newton, {"a", "x"})],
)
def test_turns_of_a_loop_are_one_step_and_the_last_is_open(
    made: Callable[[int], Value], labels: set[str], turns: int
) -> None:
    scene = plan([made(turns)]).scene
    assert scene.detail == "folded"
    [step] = [node for node in units(scene) if node.title == "step"]
    assert step.repeats == turns - 1
    assert [(box.title, box.use) for box in scene.boxes] == [("step", f"{turns} of {turns}")]
    assert labels <= named(scene)


def test_an_input_of_each_turn_is_a_node_and_what_is_labelled_is_said() -> None:
    scene = plan([recurrence(30)]).scene
    [step] = [node for node in units(scene) if node.title == "step"]
    assert step.lines == ("h = tanh(w * x + u * h)",)
    labels = {node.label for node in scene.nodes if isinstance(node, ValueNode)}
    [box] = scene.boxes
    opened = [node.label for node in scene.nodes if isinstance(node, ValueNode) and node.box]
    assert (box.use, opened[-1]) == ("29 of 29", "h30")  # a turn ends with what it was named for
    assert {"w", "u", "h0", "x1", "x2 … x29", "x30", "h30"} <= labels


def test_uses_of_a_scope_that_follow_each_other_are_one() -> None:
    cell = Layer(3, 2, activation="tanh", rng=1)

    def run() -> Value:
        h: list[Value | float] = [0.0, 0.0]
        with scope("run"):
            for t in range(40):
                h = list(cell([math.sin(t), *h]))
        assert isinstance(h[0], Value)
        return h[0]

    source = draw(run).source
    assert "operation" not in source
    assert "cell" not in source
    assert "neurons" in source


def test_gradients_of_what_is_shown_are_those_of_the_graph() -> None:
    for made in (price_of_an_option(), pendulum(50), recurrence(30)):
        drawn = plan([made])
        order = drawn.structure.order
        numbers = numbers_of_backward(order, *(order[i] for i in drawn.outputs))
        assert numbers.failure is None
        made.backward()
        for node, shown in zip(drawn.scene.nodes, measure(drawn.scene, numbers).nodes, strict=True):
            if isinstance(node, ValueNode | UnitNode):
                grads = [order[i].grad for i in node.members]
                assert shown.grad == (min(grads), max(grads))


# Finding turns


@given(st.integers(1, 6), st.integers(3, 9), st.integers(0, 3), st.integers(0, 3))
def test_a_repeated_piece_is_found(period: int, count: int, before: int, after: int) -> None:
    """Whatever stands before and after, every turn of a chain of different operations."""
    body = [f"op{k}" for k in range(period)]
    kinds = [*(f"a{k}" for k in range(before)), *body * count, *(f"z{k}" for k in range(after))]
    tails = [(-2 if i == 0 else i - 1, NUMBER) for i in range(len(kinds))]
    [run] = runs_of(Sequences(kinds, [""] * len(kinds), tails, {-2: "x"}))
    assert run == Run(before, period, count)


@pytest.mark.parametrize("kinds", [["a", "b", "c", "d"], ["a", "a"], ["a", "b", "a", "b"], []])
def test_what_happens_twice_is_no_loop(kinds: list[str]) -> None:
    tails = [(-2 if i == 0 else i - 1,) for i in range(len(kinds))]
    assert runs_of(Sequences(kinds, [""] * len(kinds), tails, {-2: "x"})) == []


def test_plain_numbers_are_left_out_of_pictures_for_other_numbers() -> None:
    """A recorded training has one scene, and its constants may be others in each epoch."""
    x = price_of_an_option()
    texts = [
        [
            text
            for node in units(plan([x], caller=caller, max_nodes=30).scene)
            for text in (node.title, *node.lines)
        ]
        for caller in ("draw", "record")
    ]
    assert any("/ 2" in text for text in texts[0])
    assert not any("2" in text for text in texts[1])


def heads(count: int) -> Value:
    """So many parts beside each other, with eight leaves each."""
    outs = []
    for head in range(count):
        with scope(f"head {head}"):
            leaves = [Value(0.1 * k, f"w{head}_{k}") for k in range(8)]
            outs.append(total([x * x for x in leaves]))
    return total(outs)


@pytest.mark.parametrize("count", [4, 6])
def test_what_is_wide_is_folded_where_it_is_repeated(count: int) -> None:
    with record_scopes() as scopes:
        out = heads(count)
    scene = joined(plan([out], scopes=scopes.of).scene)
    assert breadth_of(scene) <= MAX_NODES // 2
    repeats = {node.title: node.repeats for node in scene.nodes if isinstance(node, UnitNode)}
    assert repeats["head"] == count - 1


def test_what_is_wide_without_repetition_stays() -> None:
    names = [chr(ord("a") + k // 26) + chr(ord("a") + k % 26) for k in range(40)]
    scene = joined(plan([total([Value(1.0, name) for name in names])]).scene)
    assert breadth_of(scene) == 40
    assert {node.label for node in scene.nodes if isinstance(node, ValueNode)} >= set(names)
