"""What stands for several is true of each of them: formulas, and whether they are turns at all."""

import ast
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, cos, exp, grad, sin, tanh
from autograd.draw.scene.parts import Scene, UnitNode
from autograd.draw.scene.paths import without_digits
from autograd.draw.scene.plan import Plan, plan
from nn import MLP

SIZES = (60, 30, 14, 8)  # of pictures, from fine to coarse

# One operation of a turn: on what the turn has so far, its number, a shared weight, the state.
Step = Callable[[Value, int, Value, Value], Value]
STEPS: dict[str, Step] = {
    "sin": lambda y, t, w, h: sin(y),
    "tanh": lambda y, t, w, h: tanh(y),
    "times a number": lambda y, t, w, h: y * 0.5,
    "plus another in each turn": lambda y, t, w, h: y + (t + 1) / 10,
    "another in each turn minus": lambda y, t, w, h: (t + 1) - y,
    "weight": lambda y, t, w, h: y * w,
    "input": lambda y, t, w, h: y + Value(math.sin(t), f"x{t}"),
    "state": lambda y, t, w, h: y * (h + 1),
    "twice": lambda y, t, w, h: y + y,
}
bodies = st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=5)


def loop(body: Sequence[str], turns: int, label: str = "", rows: int = 1) -> Value:
    w = Value(0.3, "w")
    ends: list[Value] = []
    for row in range(rows):
        h = Value(0.5 + row, "start")
        for t in range(turns):
            y = h
            for name in body:
                y = STEPS[name](y, t + 100 * row, w, h)
            h = y
            h.label = label and f"{label}{t}"
        ends.append(h)
    return sum(ends[1:], ends[0])


def folded(*roots: Value) -> Iterable[Plan]:
    """The folded drawings, from fine to coarse."""
    made = [plan(roots, max_nodes=most) for most in SIZES]
    return [one for one in made if one.scene.detail == "folded"]


def units(scene: Scene) -> list[UnitNode]:
    return [node for node in scene.nodes if isinstance(node, UnitNode) and node.repeats > 1]


# Formulas, read back and held against the graph

SIGNS: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.USub: "-",
}
ANY = "anything"
INVERTS = {"+": False, "-": True, "*": False, "/": True}


def _signs(said: ast.BinOp) -> str:
    return "+-" if isinstance(said.op, ast.Add | ast.Sub) else "*/"


def _terms(said: ast.BinOp) -> list[tuple[bool, Any]]:
    """The terms of a sum, or factors, and whether each is subtracted, or divided by."""
    kind = (ast.Add, ast.Sub) if isinstance(said.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
    terms: list[tuple[bool, Any]] = []
    left: Any = said
    while isinstance(left, ast.BinOp) and isinstance(left.op, kind):
        terms.append((isinstance(left.op, ast.Sub | ast.Div), left.right))
        left = left.left
    return [(False, left), *reversed(terms)]


class Reading:
    """A formula against a Value: which operands have another name than is written."""

    def __init__(self) -> None:
        self.misnamed: list[Value] = []

    def is_true(self, text: str, value: Value) -> bool:
        return self._holds(ast.parse(text.replace("…", ANY), mode="eval").body, value)

    def _holds(self, said: Any, x: Any) -> bool:
        match said:
            case ast.Name(id="anything"):
                return True
            case ast.Constant(value=number):
                return not isinstance(x, Value) and float(format(x, ".4g")) == number
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=number)):
                return not isinstance(x, Value) and float(format(x, ".4g")) == -number
        if not isinstance(x, Value):
            return False
        match said:
            case ast.Name(id=name):
                if x.label != name and without_digits(x.label) != name:
                    self.misnamed.append(x)
                return True
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._is(x, "**", [left, right])
            case ast.BinOp():
                return self._holds_of_terms(_terms(said), x, False, _signs(said))
            case ast.UnaryOp(op=sign, operand=operand):
                return self._is(x, SIGNS[type(sign)], [operand])
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._is(x, name, arguments)
        raise AssertionError(ast.dump(said))

    def _holds_of_terms(
        self, terms: list[tuple[bool, Any]], x: Any, is_inverse: bool, signs: str
    ) -> bool:
        """A sum or product without brackets, of which `a + (b - c)` is as good as `(a + b) - c`."""
        if len(terms) == 1:
            return terms[0][0] == is_inverse and self._holds(terms[0][1], x)
        primitive = x.primitive if isinstance(x, Value) else None
        if primitive is None or primitive.symbol not in signs or len(x.operands) != 2:
            return False
        known = len(self.misnamed)
        after = is_inverse != INVERTS[primitive.symbol]
        for j in range(1, len(terms)):
            if self._holds_of_terms(
                terms[:j], x.operands[0], is_inverse, signs
            ) and self._holds_of_terms(terms[j:], x.operands[1], after, signs):
                return True
            del self.misnamed[known:]
        return False

    def _is(self, x: Value, symbol: str, operands: Sequence[Any]) -> bool:
        made = x.primitive is not None and x.primitive.symbol == symbol
        return made and all(map(self._holds, operands, x.operands))


def assert_true_of_each(made: Plan) -> None:
    """Each formula of a unit, of all its results that it is written for.

    Only the first turn may read something of another name: what the loop starts from.
    """
    order = made.structure.order
    index = {value: i for i, value in enumerate(order)}
    for unit in units(made.scene):
        inside = sorted(unit.members + unit.inside)
        results = [i for i in inside if order[i].primitive is not None]
        for line in unit.lines or (unit.title,):
            name, equals, text = line.partition(" = ")
            if not equals and line[0].isdigit():
                continue  # a count
            of = [i for i in results if not equals or without_digits(order[i].label) == name]
            text = text or line
            if not equals and len(unit.members) == unit.repeats and unit.turns == 1:
                of = list(unit.members)  # a formula of several operations
            assert len(of) >= unit.repeats
            for i in of:
                reading = Reading()
                assert reading.is_true(text, order[i]), (text, i)
                rows = len(of) // unit.repeats
                outside = [x for x in reading.misnamed if index[x] not in inside]
                assert len(reading.misnamed) == len(outside)
                assert not outside or i in of[:rows] or rows > 1, (text, i)


@given(bodies, st.integers(4, 9), st.sampled_from(["", "h"]), st.integers(1, 2))
def test_a_formula_is_true_of_every_turn(
    body: list[str], turns: int, label: str, rows: int
) -> None:
    for made in folded(loop(body, turns, label, rows)):
        assert_true_of_each(made)


@pytest.mark.parametrize(
    ("body", "label", "said"),
    [
        (["sin"], "", "sin(…)"),
        (["another in each turn minus"], "", "… - …"),
        (["times a number"], "", "… * 0.5"),
        (["weight", "plus another in each turn", "tanh"], "h", "h = tanh(h * w + …)"),
        (["weight", "times a number", "tanh"], "h", "h = tanh(h * w * 0.5)"),
        (["weight", "input", "tanh"], "h", "h = tanh(h * w + x)"),
        (["state", "sin"], "h", "h = sin(h * (h + 1))"),
    ],
)
def test_what_is_the_same_in_every_turn_is_written(body: list[str], label: str, said: str) -> None:
    [unit] = units(plan([loop(body, 40, label)], max_nodes=30).scene)
    assert (unit.lines or (unit.title,)) == (said,)
    assert unit.repeats in (38, 39)


def test_a_loop_that_reads_another_calls_what_that_carries_by_its_name() -> None:
    place, speed, drag = Value(100.0, "height"), Value(0.0, "velocity"), Value(0.1, "drag")
    for _ in range(40):
        pull = -9.81 - drag * speed
        place, speed = place + (speed + pull * 0.05) * 0.1, speed + pull * 0.1
        place.label, speed.label = "place", "speed"
    lines = [line for unit in units(plan([place]).scene) for line in unit.lines]
    assert [line[: line.index("(")] for line in lines] == ["speed = speed + ", "place = place + "]
    assert all("velocity" not in line and "height" not in line for line in lines)
    assert "(speed + " in lines[1]


def test_numbers_that_are_others_in_each_sample_are_left_out() -> None:
    w = Value(2.0, "w")
    rows = [(x / 7 + 0.1, x - 3.5) for x in range(6)]
    same = plan([sum((tanh(w * x) - 1.5) ** 2 for x, _ in rows)], max_nodes=4)
    other = plan([sum((tanh(w * x) - y) ** 2 for x, y in rows)], max_nodes=4)
    titles = [unit.title for made in (same, other) for unit in units(made.scene)]
    assert titles == ["(tanh(w * …) - 1.5) ** 2", "(tanh(w * …) - …) ** 2"]


# Turns, and parts beside each other


def pieces(made: Plan, unit: UnitNode) -> int:
    """How many parts of a unit read nothing of each other."""
    inside = {i for i in unit.members + unit.inside if made.structure.primitives[i] is not None}
    piece = {i: i for i in inside}
    for i in sorted(inside):
        for tail in made.structure.tails[i]:
            if tail in inside:
                old, new = piece[i], piece[tail]
                piece = {j: new if at == old else at for j, at in piece.items()}
    return len(set(piece.values()))


@pytest.mark.parametrize("widths", [(3, 4, 4, 1), (2, 5, 6, 1), (3, 8, 2)])
def test_neurons_beside_each_other_are_no_steps(widths: tuple[int, ...]) -> None:
    network = MLP(widths[0], list(widths[1:]), activation="tanh", rng=1)
    found = network([1.0 + x for x in range(widths[0])])
    outputs = found if isinstance(found, list) else [found]
    several = [(made, unit) for made in folded(*outputs) for unit in units(made.scene)]
    assert "part" in {unit.title for _, unit in several}
    for made, unit in several:
        assert unit.title != "step"
        assert unit.turns == 1
        assert unit.title != "part" or pieces(made, unit) == unit.repeats
        assert {box.title for box in made.scene.boxes} <= {"part"}


@given(bodies, st.integers(4, 9))
def test_turns_read_each_other(body: list[str], turns: int) -> None:
    for made in folded(loop(body, turns)):
        for unit in units(made.scene):
            assert unit.title != "part"
            assert unit.turns == unit.repeats
        assert {box.title for box in made.scene.boxes} <= {"step"}


# What operations are called


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_no_internal_name_is_shown(depth: int) -> None:
    def f(x: Value) -> Value:
        return exp(sin(x)) * x**3 - 2**x / cos(x)

    slope: Any = f
    for _ in range(depth):
        slope = grad(slope)
    result = slope(Value(0.7, "x"))
    for most in (1000, *SIZES, 4):
        scene = plan([result], max_nodes=most).scene
        texts = [
            text
            for node in scene.nodes
            for text in (getattr(node, "title", ""), *getattr(node, "lines", ()))
        ]
        texts += [getattr(node, "symbol", "") for node in scene.nodes]
        assert not any(
            word in text for text in texts for word in ("_number", "number_", "identity")
        )
        assert not any("1 others" in text for text in texts)
