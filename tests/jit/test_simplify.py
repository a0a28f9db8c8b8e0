"""Simplification: each rule by itself on the edges of floats, and whole programs."""

import builtins
import itertools
import math
import operator
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jit_programs import EDGES, bits, index_programs, outcome, program_of, rounding, with_gradient
from smooth_programs import Point, smooth_programs

from autograd import Value, primitive
from autograd.jit import jit
from autograd.jit.programs import rewrites
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import (
    ALWAYS,
    FINITE,
    NORMAL,
    OPERATIONS,
    SIGNLESS,
    SQUARES,
    Apply,
    Bound,
    Constant,
    Node,
    Number,
    Pattern,
    parse,
)
from autograd.jit.programs.simplify import simplify
from autograd.primitives import TABLE
from autograd.testing import Expression

# The table


def letters(pattern: Pattern) -> set[str]:
    match pattern:
        case Apply(_, operands):
            return set().union(*map(letters, operands))
        case Node(name) | Constant(name):
            return {name}
    return set()


def value(pattern: Pattern, bound: Bound) -> float:
    match pattern:
        case Apply(operation, operands):
            return operation.value(*[value(x, bound) for x in operands])
        case Node(name):
            return float(bound[name])
        case Number(number):
            return number
        case Constant():
            return rewrites.computed(pattern, bound)


def node_of(program: Program, pattern: Any, bound: Any) -> int:
    """The node that a pattern is in a program, with these nodes and constants."""
    match pattern:
        case Apply(operation, operands):
            return program.apply(operation, *[node_of(program, x, bound) for x in operands])
        case Node(name):
            return int(bound[name])
        case Number(number):
            return program.constant(number)
        case Constant():
            return program.constant(rewrites.computed(pattern, bound))


@pytest.mark.parametrize("line", [*ALWAYS, *SQUARES, *SIGNLESS, *NORMAL])
def test_rule_leads_somewhere(line: str) -> None:
    """What a rule fits is simplified, and that ends: no rules pass it on in a circle."""
    rule = parse(line)
    for a, b in itertools.product((0.0, 2.0, 0.3), repeat=2):
        program = Program()
        bound = {"a": a, "b": b} | {name: program.input(name) for name in "xyz"}
        program.outputs.append(node_of(program, rule.pattern, bound))
        assert len(simplify(program)) <= len(program) + 2, bound


def test_a_line_that_is_no_rule_is_named() -> None:
    for line in ("fabs(x) -> x", "neg(neg(x))->x", "neg(x -> x"):
        with pytest.raises(ValueError, match="^" + re.escape(f"rule {line!r}")):
            parse(line)


@pytest.mark.parametrize("line", [*ALWAYS, *SQUARES, *SIGNLESS, *NORMAL])
def test_rule_holds_for_floats(line: str) -> None:
    rule = parse(line)
    names = sorted(letters(rule.pattern))
    tried = 0
    for numbers in itertools.product([*EDGES, 0.3, -4.0, 1e-3], repeat=len(names)):
        bound = dict(zip(names, numbers, strict=True))
        if not rule.condition(bound):
            continue
        tried += 1
        before = outcome(value, rule.pattern, bound)
        after = outcome(value, rule.result, bound)
        if line in SQUARES:
            after = outcome(FINITE.value, after) if before is OverflowError else after
        if not isinstance(before, float):
            assert not isinstance(after, float), bound
        elif line in SQUARES:
            assert after == pytest.approx(before, rel=1e-15, nan_ok=True)
        elif line in SIGNLESS:
            assert after == before or (after != after and before != before), bound
        elif "shifts" in line and abs(before) < 1e-300:
            assert abs(after - before) < 1e-300
        else:
            assert bits(after) == bits(before), bound
    assert tried


def test_a_rule_changes_only_signs_of_zeros_where_it_is_said_to() -> None:
    assert value(parse("add(x, 0.0) -> x").pattern, {"x": -0.0}) == 0.0


# Whole programs


def agrees(program: Program, simplified: Program, numbers: list[float]) -> None:
    """What the simplified program does is what the program does, but for rounding."""
    before = outcome(program.evaluate, numbers)
    after = outcome(simplified.evaluate, numbers)
    if not isinstance(before, list):
        assert not isinstance(after, list)
    elif not isinstance(after, list):
        assert FINITE in simplified.operations
    else:
        for x, y, error in zip(before, after, rounding(program, numbers), strict=True):
            if not math.isfinite(x):
                assert bits(y) == bits(x)
            elif error < math.inf:
                assert abs(x - y) <= 1e-12 * abs(x) + error + 1e-300


@given(smooth_programs(within=3.0))
def test_programs_and_gradients_stay_what_they_are(drawn: tuple[Expression, Point]) -> None:
    program, at = drawn
    inputs = [Value(x) for x in at]
    try:
        traced = with_gradient(inputs, program(*inputs))
    except (ArithmeticError, ValueError):
        return
    agrees(traced, simplify(traced), list(at))


UNGATHERED = [name for name in OPERATIONS if name not in {"add", "sum", "pow", "pow_number"}]


@given(program=index_programs(UNGATHERED), numbers=st.tuples(*[st.sampled_from(EDGES)] * 2))
def test_the_same_bits_where_nothing_is_gathered(
    program: Program, numbers: tuple[float, float]
) -> None:
    before = outcome(program.evaluate, numbers)
    after = outcome(simplify(program).evaluate, numbers)
    if isinstance(before, list):
        assert isinstance(after, list)
        if all(x == 0 or not 0 < abs(x) < 1e-290 for x in before if x == x):
            assert list(map(bits, after)) == list(map(bits, before))
    else:
        assert not isinstance(after, list)


ARITHMETIC = ["add", "sub", "mul", "neg", "sum", "dot", "pow_number", "div", "where", "less"]


@given(
    program=index_programs([*ARITHMETIC, *OPERATIONS]),
    numbers=st.lists(st.sampled_from(EDGES) | st.floats(-10, 10), min_size=2, max_size=2),
)
def test_edges_stay_what_they_are(program: Program, numbers: list[float]) -> None:
    agrees(program, simplify(program), numbers)


# What the lifter counts on


def test_scalar_neurons_and_their_gradients_become_dots() -> None:
    rows, width, nin = 5, 4, 3
    weights = [[Value(0.1 * i - 0.2 * j, f"w[{i}][{j}]") for j in range(nin)] for i in range(width)]
    xs = [[Value(0.3 * r - 0.1 * j, f"x[{r}][{j}]") for j in range(nin)] for r in range(rows)]
    biases = [Value(0.5, f"b[{i}]") for i in range(width)]
    loss: Any = 0.0
    for x in xs:
        for w, b in zip(weights, biases, strict=True):
            activation = (builtins.sum((wi * xi for wi, xi in zip(w, x, strict=True)), b)).exp()
            loss = loss + activation * activation
    inputs = [p for row in (*weights, biases) for p in row]
    leaves = [*inputs, *(number for x in xs for number in x)]
    found = simplify(with_gradient(leaves, loss)).counts()
    forward, gradient = rows * width + 1, width * nin + rows * nin
    assert found["dot"] == forward + gradient
    assert found["add"] == rows * width  # the biases
    assert found["sum"] == width  # their derivatives
    assert found["exp"] == rows * width


def test_constant_inputs_become_dots_too() -> None:
    weights = [Value(0.1 * i) for i in range(3)]
    rows = [[1.0, 0.25, 2.0], [0.5, 1.0, -1.0]]
    loss: Any = 0.0
    for row in rows:
        products: list[Any] = [w * x for w, x in zip(weights, row, strict=True)]
        loss = loss + builtins.sum(products).exp()
    assert simplify(with_gradient(weights, loss)).counts() == {
        "inputs": 3,
        "constants": 5,
        "dot": 5,
        "exp": 2,
        "add": 1,
    }


def test_a_product_by_a_constant_stays_a_term() -> None:
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    found = simplify(program_of([a, b, c], [a * b + b * c + 3.0 * c])).counts()
    assert found == {"inputs": 3, "constants": 1, "dot": 1, "mul": 1, "add": 1}


# Small things


def built(*steps: tuple[str, int, int] | tuple[str, int]) -> Program:
    """A program of two inputs, 0 and 1, and constants 2 to 4: 0.0, 1.0 and 2.0."""
    program = Program()
    program.input("x")
    program.input("y")
    for number in (0.0, 1.0, 2.0):
        program.constant(number)
    for name, *operands in steps:
        program.apply(OPERATIONS[name], *operands)
    program.outputs = [len(program) - 1]
    return program


def test_what_could_raise_is_not_dropped() -> None:
    program = built(("log", 0), ("neg", 1))
    assert simplify(program).counts() == {"inputs": 2, "constants": 0, "log": 1, "neg": 1}
    with pytest.raises(ValueError, match=r"math domain error|expected a "):
        simplify(program).evaluate([-1.0, 1.0])
    assert simplify(built(("exp2", 2), ("neg", 1))).counts()["neg"] == 1


def test_what_cannot_raise_is_dropped_and_inputs_stay() -> None:
    program = built(("tanh", 0), ("div", 0, 4), ("neg", 1))
    assert simplify(program).counts() == {"inputs": 2, "constants": 0, "neg": 1}


def test_products_by_zero_and_differences_of_equals_stay() -> None:
    assert simplify(built(("mul", 0, 2))).counts()["mul"] == 1
    assert simplify(built(("sub", 0, 0))).counts()["sub"] == 1


def test_a_constant_that_raises_stays_and_raises() -> None:
    simplified = simplify(built(("div", 3, 2)))
    with pytest.raises(ZeroDivisionError):
        simplified.evaluate([0.0, 0.0])


def test_a_square_too_large_raises_as_the_power_does() -> None:
    program = built(("pow_number", 0, 4), ("pow_number", 1, 4), ("add", 5, 6), ("div", 3, 7))
    simplified = simplify(program)
    assert "pow_number" not in simplified.counts()
    assert simplified.counts()["dot"] == 1
    assert simplified.evaluate([3.0, 4.0]) == [0.04]
    with pytest.raises(OverflowError):
        simplified.evaluate([1e200, 1.0])


def test_signs_of_zeros_are_kept_where_they_can_be_told() -> None:
    program = built(("add", 0, 2), ("atan2", 5, 1))
    assert simplify(program).evaluate([-0.0, -1.0]) == [math.pi]
    assert simplify(built(("add", 0, 2))).evaluate([-0.0, -1.0]) == [0.0]
    assert simplify(built(("add", 0, 2), ("exp", 5))).counts() == {
        "inputs": 2,
        "constants": 0,
        "exp": 1,
    }


def test_an_operation_of_a_users_own_is_neither_folded_nor_shared() -> None:
    calls = []

    @primitive(lambda g, out, x: g)
    def noisy(x: float) -> float:
        calls.append(x)
        return x

    program = built()
    program.outputs = [program.apply(noisy.primitive, 3), program.apply(noisy.primitive, 3)]
    simplified = simplify(program)
    assert not calls
    assert simplified.evaluate([0.0, 0.0]) == [1.0, 1.0]
    assert len(calls) == 2


def test_guards_that_hold_for_constants_go_and_others_stay_once() -> None:
    program = built(("less", 3, 4), ("less", 0, 1), ("less", 0, 1), ("less", 4, 3))
    program.guards = [(5, True), (6, True), (7, True), (8, True)]
    simplified = simplify(program)
    assert len(simplified.guards) == 2
    assert [node in simplified.constants for node, _ in simplified.guards] == [False, True]


@pytest.mark.parametrize(
    "term",
    [
        lambda a: a / 4,
        lambda a: a / -0.5,
        lambda a: a / 3,
        lambda a: 0.3 * a,
        lambda a: -a,
        lambda a: a * a / 8,
        lambda a: a.exp() / 2,
    ],
)
@pytest.mark.parametrize("combine", [operator.sub, operator.add])
def test_simplifying_twice_is_simplifying_once(term: Any, combine: Any) -> None:
    xs = [Value(0.1 * i) for i in range(1, 7)]
    loss: Any = 0.0
    for a, b in itertools.pairwise(xs):
        loss = combine(loss + (a * b).sigmoid() * 2, term(a))
    traced = with_gradient(xs, loss**2)
    traced.suspects = list(traced.outputs)  # the signs of their zeros do not count
    once = simplify(traced)
    assert simplify(once).counts() == once.counts()


@pytest.mark.slow
def test_deep_programs_are_no_problem() -> None:
    program = Program()
    x = y = program.input("x")
    for _ in range(100_000):
        y = program.apply(TABLE["add"], y, program.apply(TABLE["neg"], x))
    program.outputs = [y]
    simplified = simplify(program)
    assert simplified.counts()["sum"] == 1
    assert simplified.evaluate([1.0]) == program.evaluate([1.0])


def test_a_long_chain_of_subtractions_is_a_difference_of_sums() -> None:
    """One accumulator with `-=` is array code, as with `+=`."""

    def f(x: Any) -> Any:
        total = 1.0
        for a in x:
            total = total - a * a + 2.0 * a
        return total * total

    compiled = jit(f, backend="python")
    x = [0.5, -1.25, 2.0, 3.0, 0.75, -0.5]
    compiled(x)
    assert compiled(x) == pytest.approx(f(x), rel=1e-15)
    [program] = compiled.stats["programs"]
    assert program["passes"]["prune"] < 20  # 6 inputs, two dots, and what joins them
