"""Loops that are recovered from a trace beside the trace, and the functions beside plain ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jit_loops import mixed, numbers
from jit_programs import outcome
from jit_transforms import BACKENDS

from autograd import (
    Value,
    exp,
    grad,
    hessian,
    jit,
    jvp,
    log,
    scan,
    sin,
    tanh,
    tree,
    value_and_grad,
)
from autograd.jit.programs import payoff, roll
from autograd.jit.programs.loops import Loop, has_loops, written_out
from autograd.jit.programs.periods import MOST_BACK
from autograd.jit.programs.program import Program, required
from autograd.jit.programs.roll import recovered, rolled
from autograd.jit.programs.simplify import simplify
from autograd.jit.tracing import recovering
from autograd.jit.tracing.differentiate import differentiate
from autograd.jit.tracing.tracer import trace
from autograd.primitives.definition import Primitive

choices = st.lists(st.integers(0, 10**6), min_size=2, max_size=8)


Program_ = Callable[[list[Any], list[Any]], Any]


@st.composite
def functions(draw: st.DrawFn) -> Program_:
    """Functions with loops in loops, as people write them, and with what makes them none."""
    outer, inner = draw(choices), draw(choices)
    turns, carried = draw(st.integers(2, 9)), draw(st.integers(1, 3))
    lengths = draw(st.sampled_from([[0], [4], [3, 5], [2, 3, 4, 5], [6, 0]]))
    odd, how = draw(st.integers(-4, 8)), draw(st.sampled_from(["constant", "operation", "more"]))
    back, end = draw(st.integers(1, 3)), draw(st.sampled_from([math.inf, 0.5, 1.0]))
    reads = draw(st.sampled_from(["row", "reversed", "same", "twice"]))

    def f(p: list[Any], rows: list[Any]) -> Any:
        states = [[0.5, p[0], 1.0][:carried]]
        left = []
        for t in range(turns):
            row = {"row": rows[t], "reversed": rows[-1 - t], "same": rows[0]}.get(
                reads, rows[t // 2]
            )
            state = mixed(outer, [*p, *states[-min(back, len(states))], *row], carried)
            if t == odd and how == "constant":
                state[0] = state[0] * 0.75
            elif how == "constant":
                state[0] = state[0] * 0.5
            elif t == odd and how == "operation":
                state[0] = sin(state[0])
            elif how == "operation":
                state[0] = tanh(state[0])
            elif t == odd:
                state[-1] = state[-1] + p[1]
            for s in range(lengths[t % len(lengths)]):
                state = mixed(inner, [*p, *state, rows[s][0]], carried)
            states.append(state)
            left.append(state[-1] * (t + 1.0))
            if state[0] > end:
                break
        total = p[1] * 0.5
        for y in left:
            total = total + y
        return total * states[-1][0] + sum(left[:2])

    return f


P = st.lists(numbers, min_size=2, max_size=2)
ROWS = st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=9, max_size=9)


def traced(f: Program_, p: list[float], rows: list[list[float]]) -> tuple[Program, list[float]]:
    """The program of a function of Values and numbers, and its inputs."""
    given: list[Any] = [*map(Value, p), *[x for row in rows for x in row]]

    def call(leaves: list[Any]) -> Any:
        rest = iter(leaves[2:])
        return f(leaves[:2], [[next(rest), next(rest)] for _ in rows])

    names = [f"x[{i}]" for i in range(len(given))]
    program = trace(call, given, names, lambda out: [out], str).program
    return program, [*p, *[x for row in rows for x in row]]


class Node:
    """A number with its place among the operations that were made; who asks for it is noted."""

    def __init__(self, place: Any, number: float, asked: list[Any]) -> None:
        self.place, self.number, self.asked = place, number, asked

    def __bool__(self) -> bool:
        self.asked.append(self.place)
        return bool(self.number)


def lines(program: Program, numbers: list[float]) -> list[Any]:
    """All that a program does, one operation after the other, loops written out."""
    found: list[Any] = []
    asked: list[Any] = []

    def meaning(operation: Primitive) -> Callable[..., Any]:
        def made(*operands: Any) -> Node:
            places = [x.place if isinstance(x, Node) else repr(x) for x in operands]
            data = [x.number if isinstance(x, Node) else x for x in operands]
            found.append((operation, places))
            return Node(len(found), operation.value(*data), asked)

        return made

    given = [Node(f"input {i}", x, asked) for i, x in enumerate(numbers)]
    results = program.interpret(given, written_out(meaning), decide=required)
    outputs = [results[node] for node in program.outputs]
    ends = [x.place if isinstance(x, Node) else repr(x) for x in outputs]
    return [found, ends, asked]


@given(functions(), P, ROWS)
def test_written_out_it_is_the_trace(f: Program_, p: list[float], rows: list[list[float]]) -> None:
    """Operation for operation, with their operands and guards: what is no loop is none."""
    with suppress(ArithmeticError, ValueError):
        program, numbers = traced(f, p, rows)
        made = rolled(program)
        assert lines(made, numbers) == lines(program, numbers)
        assert made.evaluate(numbers) == program.evaluate(numbers)
        (found,), (expected,) = [simplify(x).evaluate(numbers) for x in (made, program)]
        assert math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)  # sums may be regrouped
        assert made.variables == program.variables


@given(functions(), P, ROWS)
def test_derivatives_of_recovered_loops(
    f: Program_, p: list[float], rows: list[list[float]]
) -> None:
    with suppress(ArithmeticError, ValueError):
        program, numbers = traced(f, p, rows)
        expected = differentiate(program, numbers).evaluate(numbers)
        found = differentiate(rolled(program), numbers).evaluate(numbers)
        for x, y in zip(found, expected, strict=True):
            assert math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)


def loops_of(f: Callable[[Any], Any], size: int = 1) -> list[tuple[int | None, int]]:
    """The turns and the sizes of the loops in a function of some Values."""
    given = [Value(0.5 + 0.125 * i) for i in range(size)]
    program = trace(lambda xs: f(xs), given, [""] * size, lambda out: [out], str).program
    made = rolled(program)
    return [(x.turns, x.body.size) for x in made.operations if isinstance(x, Loop)]


def test_an_odd_turn_is_between_two_loops() -> None:
    def f(xs: list[Any]) -> Any:
        x = xs[0]
        for t in range(20):
            x = tanh(x) * xs[1] if t == 8 else sin(x) * xs[1]
        return x

    assert loops_of(f, 2) == [(8, 2), (11, 2)]


def test_an_odd_constant_is_one_of_a_row() -> None:
    def f(xs: list[Any]) -> Any:
        x = xs[0]
        for t in range(20):
            x = sin(x) * (0.25 if t == 8 else 0.5)
        return x

    assert loops_of(f) == [(20, 2)]


def test_a_turn_that_reads_another_number_ends_a_loop() -> None:
    def f(xs: list[Any]) -> Any:
        x, before = xs[0], xs[1]
        for t in range(20):
            x, before = sin(before if t == 8 else x) * xs[1], x
        return x

    assert loops_of(f, 2) == [(8, 2), (12, 2)]  # the second begins with what is before it


def test_a_turn_that_reads_another_of_its_results_ends_a_loop() -> None:
    def f(xs: list[Any]) -> Any:
        x = xs[0]
        for t in range(20):
            a, b = sin(x), sin(x * xs[1])
            x = tanh(b if t == 8 else a) + a * b
        return x

    assert [turns for turns, _ in loops_of(f, 2)] == [8, 11]


def test_a_turn_that_decides_otherwise_ends_a_loop() -> None:
    def f(xs: list[Any]) -> Any:
        x = xs[0]
        for t in range(20):
            bool(x * x > (100.0 if t == 8 else -100.0))  # a guard, on which nothing depends
            x = sin(x) * xs[1]
        return x

    assert [turns for turns, _ in loops_of(f, 2)] == [8, 11]


@pytest.mark.parametrize("back", range(1, MOST_BACK))
def test_what_was_some_turns_before_is_carried(back: int) -> None:
    def f(xs: list[Any]) -> Any:
        found = list(xs)
        for _ in range(30):
            found.append(sin(found[-1]) * found[-1 - back])
        return found[-1]

    assert loops_of(f, 5) == [(30, 2)]


def test_loops_in_loops() -> None:
    def f(xs: list[Any]) -> Any:
        x = xs[0]
        for _ in range(10):
            for _ in range(20):
                x = sin(x) * xs[1]
            x = x + xs[2]
        return x

    assert loops_of(f, 3) == [(10, 3)]  # in the body: a loop, what it carries out, and a sum


def test_inner_loops_of_different_lengths_stay_apart() -> None:
    def f(xs: list[Any]) -> Any:
        x = xs[0]
        for t in range(4):
            for _ in range(10 + t):
                x = sin(x) * xs[1]
            x = tanh(x)
        return x

    assert [turns for turns, _ in loops_of(f, 2)] == [10, 11, 12, 13]


def test_guards_of_turns_are_guards_of_the_body() -> None:
    def f(xs: list[Any]) -> Any:
        x = xs[0]
        for _ in range(10):
            x = sin(x) * 0.5 if x > 0.0 else x * 2.0
        return x

    program = trace(lambda xs: f(xs), [Value(0.5)], ["x"], lambda out: [out], str).program
    made = rolled(program)
    (loop,) = [x for x in made.operations if isinstance(x, Loop)]
    assert len(loop.body.guards) == 1
    assert not made.guards
    assert loop.turns == 10


# In compiled functions


@pytest.fixture
def everything_rolls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loops are recovered in small programs too, and where they do not pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovering, "LEAST_ROLLED", 1)
        for name, number in {"LEAST_ROLLED": 1, "LEAST_TURN": 1, "LARGE_PART": 0.0}.items():
            patch.setattr(roll, name, number)
        patch.setattr(roll, "pays", roll.always)
        yield


def along(f: Program_) -> Program_:
    return lambda p, rows: jvp(lambda p: f(p, rows), (p,), ([1.0, -0.5],))


TRANSFORMS: list[Callable[[Any], Any]] = [lambda f: f, value_and_grad, grad, hessian, along]


@pytest.mark.usefixtures("everything_rolls")
@given(functions(), P, ROWS, st.sampled_from(TRANSFORMS), st.sampled_from(BACKENDS))
def test_compiled_equals_plain(
    f: Program_, p: list[float], rows: list[list[float]], transform: Any, backend: str
) -> None:
    f = transform(f)
    made = jit(f, backend=backend)
    for q in (p, p, [x + 0.125 for x in p], p):
        found, expected = outcome(made, q, rows), outcome(f, q, rows)
        if isinstance(expected, type):
            assert found is expected
            continue
        for x, y in zip(tree.leaves(found), tree.leaves(expected), strict=True):
            assert type(x) is type(y)
            assert math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9) or (x != x and y != y)


@pytest.mark.slow
@pytest.mark.usefixtures("everything_rolls")
@given(
    functions(),
    P,
    ROWS,
    st.lists(st.booleans(), min_size=20, max_size=20),
    st.sampled_from([lambda f: f, value_and_grad]),
    st.sampled_from(BACKENDS),
)
def test_what_is_a_value_is_one(
    f: Program_,
    p: list[float],
    rows: list[list[float]],
    which: list[bool],
    transform: Any,
    backend: str,
) -> None:
    """Values among plain numbers: the results are of the same kinds, and so are the gradients."""

    def given() -> tuple[list[Any], list[Any]]:
        kinds = iter(which)
        return tree.map_leaves(lambda x: Value(x) if next(kinds) else x, (p, rows))  # type: ignore[no-any-return]

    f = transform(f)
    made = jit(f, backend=backend)
    for _ in range(2):
        ours, its = given(), given()
        found, expected = outcome(made, *ours), outcome(f, *its)
        if isinstance(expected, type):
            assert found is expected
            continue
        numbers: list[list[float]] = []
        for results, arguments in ((found, ours), (expected, its)):
            for x in tree.leaves(results):
                if isinstance(x, Value):
                    with suppress(ArithmeticError, ValueError):
                        x.backward()
            leaves = [x for x in tree.leaves(arguments) if isinstance(x, Value)]
            numbers.append([*map(float, tree.leaves(results)), *[float(x.grad) for x in leaves]])
        if transform is not value_and_grad:  # a gradient that no Value moves may be a number
            assert list(map(type, tree.leaves(found))) == list(map(type, tree.leaves(expected)))
        for x, y in zip(*numbers, strict=True):
            assert math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9) or (x != x and y != y)


def garch(p: list[Any], returns: list[Any]) -> Any:
    variance, total = 1e-4, 0.0
    for r in returns:
        total = total + log(variance) + r * r / variance
        variance = p[0] + p[1] * r * r + p[2] * variance
    return 0.5 * total


@pytest.mark.parametrize("transform", [value_and_grad, grad, lambda f: f])
def test_nodes_do_not_depend_on_turns(transform: Any) -> None:
    same_nodes(transform(garch), [[1e-6, 0.08, 0.9], [2e-6, 0.07, 0.9]], (300, 600))


def units(weights: list[Any], xs: list[float]) -> Any:
    """A recurrent network of five units: what is alike in a turn would be arrays."""
    state = [0.0] * 5
    for x in xs:
        state = [
            tanh(sum(w * h for w, h in zip(weights[5 * k : 5 * k + 5], state, strict=True)) + x)
            for k in range(5)
        ]
    return sum(state)


def test_nodes_do_not_depend_on_turns_of_many_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where arrays of all turns would take seconds to make."""
    monkeypatch.setattr(payoff, "LONG_SEQUENCE", 6_000)
    weights = [0.3 * math.sin(i) for i in range(25)]
    same_nodes(value_and_grad(units), [weights, weights[::-1]], (150, 300))


def same_nodes(f: Program_, points: list[Any], lengths: tuple[int, int]) -> None:
    """Loops of both lengths are programs of as many operations, and right."""
    sizes = []
    for turns in lengths:
        xs = [0.01 * math.sin(i) for i in range(turns)]
        made = jit(f)
        for p in points:
            for _ in range(6):
                found = tree.leaves(made(p, xs))
            expected = tree.leaves(f(p, xs))
            assert all(map(partial(math.isclose, rel_tol=1e-12), found, expected))
        assert made.stats["plain"] == 0
        (path,) = made._paths()
        assert has_loops(path.compiled.program)
        operations = [x for x in path.compiled.program.operations if x is not None]
        sizes.append(len(operations))
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("transform", [value_and_grad, hessian, lambda f: f])
@pytest.mark.usefixtures("everything_rolls")
def test_powers_keep_the_derivatives_of_their_exponents(transform: Any) -> None:
    def f(p: list[Any]) -> Any:
        x = p[0]
        for _ in range(12):
            x = (1.5 + sin(x)) ** p[1] * 0.5 + p[0] * 0.01 - 1.25 ** (x * p[1]) * 0.1
        return x

    made = jit(transform(f))
    for p in ([0.5, 0.7], [0.25, 0.75]):
        for _ in range(6):
            found, expected = tree.leaves(made(p)), tree.leaves(transform(f)(p))
            assert all(map(partial(math.isclose, rel_tol=1e-9), found, expected))
    assert any(has_loops(path.compiled.program) for path in made._paths())


def test_rows_stay_arrays() -> None:
    """Turns that only add up are no loop: they are one operation on arrays."""

    def loss(w: list[Any], rows: list[Any]) -> Any:
        total = 0.0
        for a, b, y in rows:
            total = total + (tanh(w[0] * a + w[1] * b + w[2]) - y) ** 2 + exp(-a * w[0])
        return total

    rows = [[math.sin(i), math.cos(i), 0.5] for i in range(400)]
    made = jit(loss)
    made([0.1, 0.2, 0.3], rows)
    (path,) = made._paths()
    assert path.compiled.traced.size > roll.LEAST_ROLLED
    assert recovered(path.compiled.traced) is path.compiled.traced


def test_a_derivative_that_differs_in_one_turn_is_made_turn_by_turn() -> None:
    def f(x: Any) -> Any:
        for _ in range(500):
            x = abs(x) * 0.9 + 0.1 * sin(x) + tanh(x) * 0.01 - 0.02
        return x

    made = jit(value_and_grad(f))
    for x in (0.7, -0.3, 1.5):
        for _ in range(6):
            found = made(x)
        assert all(map(partial(math.isclose, rel_tol=1e-12), found, value_and_grad(f)(x)))
    assert made.stats["plain"] == 0


def test_aux_and_values_inside_are_those_of_the_function() -> None:
    def f(p: list[Any], returns: list[Any]) -> tuple[Any, Any]:
        variance, total = 1e-4, 0.0
        seen = []
        for r in returns:
            total = total + log(variance) + r * r / variance
            variance = p[0] + p[1] * r * r + p[2] * variance
            seen.append(variance)
        return 0.5 * total, (seen[7], total * 2.0, variance)

    returns = [0.01 * math.sin(i) for i in range(300)]
    p = [1e-6, 0.08, 0.9]
    plain = value_and_grad(f, has_aux=True)
    made = jit(plain)
    for _ in range(6):
        found, expected = tree.leaves(made(p, returns)), tree.leaves(plain(p, returns))
        assert all(map(partial(math.isclose, rel_tol=1e-12), found, expected))
    assert made.stats["plain"] == 0


@pytest.mark.slow
def test_a_said_loop_in_recovered_turns() -> None:
    def f(w: Any) -> Any:
        x = w
        for _ in range(400):
            x, _ = scan(lambda c, _: (sin(c) * w + 0.1, None), x, length=4)
            x = tanh(x) + w * 0.01
        return x

    for transform in (lambda f: f, value_and_grad):
        made = jit(transform(f))
        for w in (0.7, 0.8):
            for _ in range(6):
                found, expected = tree.leaves(made(w)), tree.leaves(transform(f)(w))
            assert all(map(partial(math.isclose, rel_tol=1e-12), found, expected))
        assert made.stats["plain"] == 0
