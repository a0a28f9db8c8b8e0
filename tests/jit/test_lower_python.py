"""Generated Python: each template against the value rule it stands for, and whole functions."""

import ast
import itertools
import keyword
import math
import random
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jit_programs import EDGES, bits, index_programs, outcome, with_gradient

from autograd import Value, primitive
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.programs.rewrites import OPERATIONS
from autograd.jit.programs.simplify import simplify
from autograd.jit.python.lower_python import lower
from autograd.jit.python.templates import LEVELS, PYTHON, filled, template
from autograd.jit.tuning import LINE
from autograd.primitives import TABLE
from autograd.testing import Expression, expressions
from nn import MLP

# Templates


def applied(name: str, at: list[float], constants: tuple[int, ...] = ()) -> Program:
    """One operation on numbers of which some are constants."""
    program = Program()
    nodes = [program.constant(x) if i in constants else program.input() for i, x in enumerate(at)]
    program.outputs = [program.apply(OPERATIONS[name], *nodes)]
    return program


@lru_cache(maxsize=256)
def generated(name: str, count: int, known: tuple[tuple[int, str], ...]) -> tuple[Program, Any]:
    """The program with some constants, each told by its text, and the function made of it."""
    at = [float(dict(known).get(i, "0.0")) for i in range(count)]
    program = applied(name, at, tuple(i for i, _ in known))
    return program, lower(program).run


def same(name: str, at: list[float], constants: tuple[int, ...] = ()) -> None:
    """The generated function gives what the rule gives, or raises what it raises."""
    numbers = [x for i, x in enumerate(at) if i not in constants]
    program, run = generated(name, len(at), tuple((i, repr(at[i])) for i in constants))
    expected = outcome(program.evaluate, numbers)
    found = outcome(run, numbers)
    if isinstance(expected, list):
        assert isinstance(found, tuple), (name, at)
        if name in {"sum", "dot"}:  # where nothing tells them apart, -0.0 may be 0.0
            assert bits(found[0] + 0.0) == bits(expected[0] + 0.0), (name, at)
        else:
            assert bits(found[0]) == bits(expected[0]), (name, at)
    else:
        assert found is expected, (name, at)


def test_every_operation_has_a_template_or_calls_its_rule() -> None:
    for name, operation in OPERATIONS.items():
        count = operation.arity or 4
        source = lower(applied(name, [1.0] * count)).source
        calls_rule = f"value_of_{name}(" in source
        assert calls_rule is not isinstance(PYTHON.get(operation), str), name


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_at_the_edges(name: str) -> None:
    arity = OPERATIONS[name].arity
    for count in [arity] if arity else [2, 4]:
        pool = EDGES if count < 3 else [0.0, -0.0, -1.5, math.inf, math.nan]
        for at in itertools.product(pool, repeat=count):
            for constants in ((), (0,), (count - 1,)):
                same(name, list(at), constants)


@pytest.mark.parametrize("name", ["pow_number", "number_pow"])
@given(data=st.data(), number=st.integers(-4, 4) | st.floats(-3, 3))
def test_power_of_or_by_a_constant(name: str, data: st.DataObject, number: float) -> None:
    x = data.draw(st.sampled_from(EDGES) | st.floats(-10, 10))
    at = [x, float(number)] if name == "pow_number" else [float(number), x]
    same(name, at, (at.index(float(number), name == "pow_number"),))


@pytest.mark.parametrize("name", ["sum", "prod", "dot"])
@pytest.mark.parametrize("count", [0, 2, 6, 60, 3000])
def test_chain_of_any_length(name: str, count: int) -> None:
    same(name, [random.Random(i).uniform(-2, 2) for i in range(count)])


@pytest.mark.parametrize("at", [[1e16, 1.0, -1e16], [1e16, 1.0, -1e16, 1.0, 1e-3, 3.0]])
def test_sums_that_cancel(at: list[float]) -> None:
    same("sum", at)
    same("dot", [*at, *at[::-1]])
    same("dot", [*at, *[1.0] * len(at)])


# Whole functions


def exactly(program: Program, numbers: Any) -> None:
    """The generated function gives the same bits as the program, or raises too."""
    expected = outcome(program.evaluate, numbers)
    found = outcome(lower(program).run, numbers)
    if isinstance(expected, list):
        assert isinstance(found, tuple)
        assert [bits(x + 0.0) for x in found] == [bits(x + 0.0) for x in expected]
    else:
        assert not isinstance(found, tuple)


@given(program=expressions(within=3.0), at=st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
def test_programs_and_gradients(program: Expression, at: tuple[float, float]) -> None:
    inputs = [Value(x) for x in at]
    try:
        traced = with_gradient(inputs, program(*inputs))
    except (ArithmeticError, ValueError):
        return
    exactly(traced, at)
    exactly(simplify(traced), at)


@given(program=index_programs(list(OPERATIONS)), numbers=st.tuples(*[st.sampled_from(EDGES)] * 2))
def test_edges(program: Program, numbers: tuple[float, float]) -> None:
    exactly(program, numbers)
    exactly(simplify(program), numbers)


def xor() -> tuple[list[Value], Value]:
    model = MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid", rng=0)
    rows = [((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0)]
    loss: Any = 0.0
    for x, y in rows:
        loss = loss + (model(x) - y) ** 2
    for name, parameter in model.named_parameters():
        parameter.label = name
    return model.parameters(), loss / 4


def test_xor_network_and_its_gradient() -> None:
    parameters, loss = xor()
    program = with_gradient(parameters, loss)
    loss.backward()
    found = lower(simplify(program)).run([p.data for p in parameters])
    assert found[0] == pytest.approx(loss.data, rel=1e-12)
    assert found[1:] == pytest.approx([p.grad for p in parameters], rel=1e-12)


def test_source_is_short_lines_with_names_of_parameters() -> None:
    parameters, loss = xor()
    lowered = lower(simplify(with_gradient(parameters, loss)))
    assert "layers_0_neurons_1_weights_0" in lowered.source
    assert max(map(len, lowered.source.splitlines())) < 2 * LINE
    assert lowered.stats["lines"] == lowered.source.count("\n")
    ast.parse(lowered.source)


@pytest.mark.parametrize("x", [*EDGES, 0.3, -0.3, 40.0, -40.0])
@pytest.mark.parametrize("factor", [None, 2.0, -2.0])
def test_sigmoids_of_a_number_and_of_its_negative(x: float, factor: float | None) -> None:
    program = Program()
    one = other = program.input("x")
    if factor is not None:
        one = program.apply(TABLE["mul"], program.constant(factor), other)
        other = program.apply(TABLE["mul"], program.constant(-factor), other)
    else:
        other = program.apply(TABLE["neg"], other)
    program.outputs = [program.apply(TABLE["sigmoid"], node) for node in (one, other)]
    lowered = lower(program)
    assert lowered.source.count("exp(") == 2  # of which one is computed
    assert list(map(bits, lowered.run([x]))) == list(map(bits, program.evaluate([x])))


def test_sigmoids_of_which_the_second_is_prepared_late_or_never_read() -> None:
    program = Program()
    x = program.input("x")
    for factor in (-2.0, 2.0):
        argument = program.apply(TABLE["mul"], program.constant(factor), x)
        program.outputs.append(program.apply(TABLE["sigmoid"], argument))
    exactly(program, [0.3])
    program.outputs.pop(0)
    exactly(program, [0.3])


def test_names_that_cannot_be_identifiers() -> None:
    program = Program()
    wanted = ["x[0]", "x.0", "lambda", "numbers", "exp", "run", "", "1", "größe", "inf", "float"]
    wanted += ["OverflowError", "GuardFailure", "exp_1"]
    nodes = [program.input(name) for name in wanted]
    program.outputs = [program.apply(TABLE["exp"], node) for node in nodes]
    lowered = lower(program)
    [assignment, *_] = ast.parse(lowered.source).body[0].body  # type: ignore[attr-defined]
    names = [name.id for name in assignment.targets[0].elts]
    assert len(set(names)) == len(wanted)
    assert not any(map(keyword.iskeyword, names))
    numbers = [0.1 * i for i in range(len(wanted))]
    assert list(lowered.run(numbers)) == [math.exp(x) for x in numbers]


# Errors and guards


def test_the_side_not_chosen_is_computed_too() -> None:
    program = Program()
    x = program.input("x")
    zero = program.constant(0.0)
    positive = program.apply(OPERATIONS["less"], zero, x)
    root = program.apply(TABLE["sqrt"], x)
    program.outputs = [program.apply(TABLE["where"], positive, root, zero)]
    lowered = lower(program)
    assert lowered.run([4.0]) == (2.0,)
    with pytest.raises(ValueError, match=r"math domain error|expected a "):
        lowered.run([-4.0])


@pytest.mark.parametrize("outcome_wanted", [True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_guards(outcome_wanted: bool, shared: bool) -> None:
    program = Program()
    x, y = program.input("x"), program.input("y")
    less = program.apply(OPERATIONS["less"], x, y)
    program.guards = [(less, outcome_wanted), (x, True)]
    program.outputs = [less if shared else y]
    lowered = lower(program)
    ordered = [1.0, 2.0] if outcome_wanted else [2.0, 1.0]
    assert list(lowered.run(ordered)) == program.evaluate(ordered)
    for numbers in (ordered[::-1], [0.0, 1.0 if outcome_wanted else -1.0]):
        with pytest.raises(GuardFailure):
            lowered.run(numbers)
    for unordered in ([math.nan, 1.0], [1.0, math.nan]):  # a comparison with nan does not hold
        if outcome_wanted:
            with pytest.raises(GuardFailure):
                lowered.run(unordered)
        else:
            assert list(map(bits, lowered.run(unordered))) == list(
                map(bits, program.evaluate(unordered))
            )


def test_what_nothing_reads_still_raises() -> None:
    program = Program()
    x = program.input("x")
    program.apply(TABLE["log"], x)
    program.outputs = [x]
    with pytest.raises(ValueError, match=r"math domain error|expected a "):
        lower(program).run([-1.0])


def test_an_operation_of_a_users_own_is_called() -> None:
    @primitive(lambda g, out, x, y: (g, g), name="add")
    def strange(x: float, y: float) -> float:
        return int(x + y + 1)

    program = Program()
    x = program.input("x")
    program.outputs = [program.apply(strange.primitive, x, x)]
    found = lower(program).run([2.0])
    assert found == (5.0,)
    assert type(found[0]) is float


def test_wrong_number_of_inputs_is_refused() -> None:
    program = Program()
    program.outputs = [program.input("x")]
    with pytest.raises(ValueError, match="unpack"):
        lower(program).run([1.0, 2.0])
    empty = Program()
    empty.outputs = [empty.constant(2.0), empty.constant(-math.inf)]
    assert lower(empty).run([]) == (2.0, -math.inf)


# Size


def test_deep_programs_are_no_problem() -> None:
    program = Program()
    x = y = program.input("x")
    for _ in range(5_000):
        power = program.apply(TABLE["exp"], program.apply(TABLE["neg"], y))
        y = program.apply(TABLE["div"], power, x)
    program.outputs = [y]
    exactly(program, [1.5])


def test_balanced_programs_do_not_nest_deeply() -> None:
    program = Program()
    level = [program.input(f"x[{i}]") for i in range(256)]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [program.apply(TABLE["sub"], a, b) for a, b in pairs]
    program.outputs = level
    exactly(program, [float(i * i) for i in range(256)])


OF_USERS = [
    "-a * b - -c",
    "(a - b) - (c - b)",
    "a if b <= c else b",
    "a < b < c",
    "abs(a) ** -b",
    "a and b or c",
    "a if b or c else b",
]
WRITTEN = {"a ** b", *OF_USERS, *(text for text in PYTHON.values() if isinstance(text, str))}


@pytest.mark.parametrize("outer", sorted(WRITTEN))
def test_parentheses_are_where_python_needs_them(outer: str) -> None:
    """A template in a place of another is read as it is in parentheses."""
    for place, level, _ in template(outer).places:
        if place in template(outer).repeated:  # these get names
            continue
        for inner in [*WRITTEN, "x", "0.5"]:
            operands = [f"y{k}" for k in range(6)]
            bare = inner if template(inner).level >= LEVELS[level] else f"({inner})"
            texts = [
                filled(outer, [*operands[:place], text, *operands[place + 1 :]])
                for text in (bare, f"({inner})")
            ]
            assert ast.dump(ast.parse(texts[0])) == ast.dump(ast.parse(texts[1])), texts
