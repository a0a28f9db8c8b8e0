"""Programs as data: what they compute, what they print, how they are made and how they shrink."""

import pickle
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from autograd import Value, grad
from autograd.primitives import TABLE
from autograd.testing.domains import DOMAINS, SMOOTH
from autograd.testing.programs.expressions import Expression, Step
from autograd.testing.programs.generation import random_expression
from autograd.testing.strategies import expressions

EXP_OF_PRODUCT = Expression(2, (Step("mul", (0, 0)), Step("exp", (2,))))

coordinate = st.floats(-2, 2)
at = st.tuples(coordinate, coordinate)


def run(source: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names["f"]  # type: ignore[no-any-return]


@given(program=expressions(max_operations=20) | expressions(outputs=3), point=at)
def test_source_computes_the_same_numbers_to_the_last_bit(
    program: Expression, point: tuple[float, float]
) -> None:
    pasted = run(program.source)
    assert pasted(*point) == program(*point) == program(list(point))
    on_values = pasted(*map(Value, point))
    assert on_values == program(*map(Value, point)) == program(*point)


def test_source_of_every_primitive() -> None:
    for name, primitive in TABLE.items():
        count = primitive.arity or 4
        constant = DOMAINS[name].constant
        operands = tuple(2.0 if i == constant else i % 2 for i in range(count))
        program = Expression(2, (Step(name, operands),))
        point = (1.3, 1.7) if name == "acosh" else (0.3, 0.7)
        assert run(program.source)(*point) == program(*point), name
        made = run(program.source)(*map(Value, point))
        assert made.primitive is primitive, name


def test_a_name_is_given_to_what_is_used_twice_or_long() -> None:
    twice = Expression(1, (Step("exp", (0,)), Step("mul", (1, 1))))
    assert twice.source.endswith("t0 = exp(x0)\n    return t0 * t0")
    long = Expression(1, tuple(Step("softplus", (i,)) for i in range(30)))
    assert max(map(len, long.source.splitlines())) < 100
    assert run(long.source)(0.5) == long(0.5)


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([Step("neg", (0,)), Step("pow_number", (1, 2.0))], "(-x0) ** 2.0"),
        ([Step("pow_number", (0, -1.5)), Step("neg", (1,))], "-(x0 ** (-1.5))"),
        ([Step("sub", (0, 1.0)), Step("sub", (0, 1))], "x0 - (x0 - 1.0)"),
        ([Step("gelu_tanh", (0,))], 'gelu(x0, approximate="tanh")'),
        ([Step("dot", (0, 2.0, 0, 0))], "dot([x0, 2.0], [x0, x0])"),
        ([Step("identity", (0,))], "+x0"),
    ],
)
def test_source_as_written(steps: list[Step], text: str) -> None:
    assert Expression(1, tuple(steps)).source.endswith(f"return {text}")


def test_unused_steps_are_dropped() -> None:
    steps = (Step("exp", (0,)), Step("mul", (0, 1)), Step("sin", (2,)), Step("neg", (3,)))
    assert (
        Expression(2, steps, (5,))
        == Expression(2, (Step("mul", (0, 1)), Step("neg", (2,))))
        != Expression(2, steps, (4,))
    )
    assert Expression(2, steps, (0,)).steps == ()


@given(expressions(outputs=2))
def test_is_immutable_comparable_and_can_be_pickled_and_pasted(program: Expression) -> None:
    assert pickle.loads(pickle.dumps(program)) == program
    assert eval(repr(program)) == program
    assert len({program, Expression(program.inputs, program.steps, program.outputs)}) == 1
    with pytest.raises(AttributeError):
        program.steps = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("exp", (2,)), r"exp at index 2 needs floats, or indexes of numbers before it, got 2"),
        (Step("exp", (-1,)), r"got -1"),
        (Step("exp", (True,)), r"got True"),
        (Step("mul", (0,)), r"mul takes 2 operands, got 1"),
    ],
)
def test_a_step_that_cannot_be_done_is_refused(step: Step, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Expression(2, (step,))


def test_wrong_outputs_and_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"outputs must be from 0 to 3, got \(4,\)"):
        Expression(2, EXP_OF_PRODUCT.steps, (4,))
    with pytest.raises(TypeError, match="takes 2 numbers, got 3"):
        EXP_OF_PRODUCT(1.0, 2.0, 3.0)


def test_other_operations_may_be_given() -> None:
    table = {"mul": lambda a, b: f"{a}*{b}", "exp": lambda a: f"e^({a})"}
    assert EXP_OF_PRODUCT.evaluate("ab", table) == "e^(a*a)"


def test_corners_are_told() -> None:
    relu_of_log = Expression(1, (Step("log", (0,)), Step("relu", (1,))))
    assert relu_of_log.is_smooth_at([2.0])
    assert relu_of_log.is_smooth_at([Value(0.5)])
    assert not relu_of_log.is_smooth_at([1.01])


# How they are made


@given(program=expressions(inputs=3, max_operations=30), point=st.tuples(*[coordinate] * 3))
def test_programs_are_safe_and_their_numbers_tame(
    program: Expression, point: tuple[float, ...]
) -> None:
    def noted(name: str) -> Callable[..., float]:
        def call(*operands: float) -> float:
            result: float = TABLE[name](*operands)
            assert abs(result) < 5000
            return result

        return call

    program.evaluate(point, {name: noted(name) for name in TABLE})


@given(program=expressions(within=50.0), point=st.tuples(*[st.floats(-50, 50)] * 2))
def test_programs_are_safe_for_the_inputs_asked_for(
    program: Expression, point: tuple[float, float]
) -> None:
    program(*point)
    grad(program, (0, 1))(*point)


@given(program=expressions(smooth=True), point=at)
def test_smooth_programs_are_smooth_everywhere(
    program: Expression, point: tuple[float, float]
) -> None:
    assert {name for name, _ in program.steps} <= set(SMOOTH)
    assert program.is_smooth_at(point)


@given(data=st.data(), outputs=st.integers(1, 4), inputs=st.integers(1, 4))
def test_options_are_kept(data: st.DataObject, outputs: int, inputs: int) -> None:
    program = data.draw(expressions(inputs, 3, ["sub", "neg"], outputs=outputs, within=1.0))
    assert program.inputs == inputs
    assert len(program.outputs) == outputs
    assert len(program.steps) <= 3
    assert {name for name, _ in program.steps} <= {"sub", "neg"}


def test_random_programs_reach_every_primitive_and_size() -> None:
    rng = random.Random(0)
    programs = [random_expression(rng) for _ in range(3000)]
    assert {name for program in programs for name, _ in program.steps} == set(TABLE)
    assert len({len(program.steps) for program in programs}) > 15
    shared = [program for program in programs if "t0" in program.source]
    assert len(shared) > 300
    assert programs[0] == random_expression(random.Random(0)) != programs[1]


def test_most_random_programs_are_smooth_at_a_random_point() -> None:
    rng = random.Random(1)
    smooth = sum(
        random_expression(rng).is_smooth_at([rng.uniform(-2, 2), rng.uniform(-2, 2)])
        for _ in range(1000)
    )
    assert smooth > 800


def test_large_programs_can_be_made() -> None:
    program = random_expression(random.Random(5), max_operations=2000, outputs=50)
    assert len(program.steps) > 100
    assert run(program.source)(0.5, -0.5) == program(0.5, -0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"operations": ["log", "nolog"]}, "no primitive named 'nolog'"),
        ({"operations": ["abs"], "smooth": True}, "0 operations to choose from"),
        ({"inputs": 0}, "inputs=0"),
        ({"max_operations": 0}, "max_operations=0"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        random_expression(random.Random(0), **options)


# How they shrink


def applies(program: Expression, outer: str, inner: str) -> bool:
    """Whether one operation is somewhere applied to the result of another."""
    names = [None] * program.inputs + [step.operation for step in program.steps]
    return any(
        names[x] == inner
        for name, operands in program.steps
        for x in operands
        if name == outer and type(x) is int
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_shrinks_to_the_smallest_program(seed: int) -> None:
    found = find(
        expressions(operations=["add", "mul", "exp", "sin", "tanh", "maximum"]),
        lambda program: applies(program, "exp", "mul"),
        settings=settings(max_examples=5000, database=None),
        random=random.Random(seed),
    )
    by_constant = Expression(2, (Step("mul", (0, 2.0)), Step("exp", (2,))))
    assert found in (EXP_OF_PRODUCT, by_constant)


@pytest.mark.parametrize("operations", [["tanh", "sin", "silu"], ["silu", "sin", "tanh"]])
def test_shrinks_to_the_operation_that_comes_first(operations: list[str]) -> None:
    found = find(
        expressions(operations=operations),
        lambda program: len(program.steps) >= 2,
        settings=settings(max_examples=2000, database=None),
        random=random.Random(0),
    )
    assert {name for name, _ in found.steps} == {operations[0]}
    assert len(found.steps) == 2
