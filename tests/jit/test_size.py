"""Large functions: no stage recurses, and the work of each grows as the function does."""

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from autograd import Value
from autograd.jit import jit
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.programs.simplify import simplify
from autograd.jit.python.lower_python import lower
from autograd.jit.tracing.differentiate import differentiate
from autograd.jit.tracing.tracer import Traced, trace
from autograd.jit.tuning import MOST_LINES
from autograd.primitives import TABLE

Function = Callable[[Sequence[Any]], Any]


def chain(xs: Sequence[Any]) -> Any:
    """One operation after the other, all of them on the first number too."""
    y = xs[0]
    for _ in xs:
        y = (y * xs[0]).sin() + 0.5
    return y


def wide(xs: Sequence[Any]) -> Any:
    """A sum of many terms."""
    total: Any = 0.0
    for x in xs:
        total = total + x * x
    return total


def rows(xs: Sequence[Any]) -> Any:
    """Many numbers through one small layer, whose weights are used again and again."""
    total: Any = 0.0
    for x in xs[4:]:
        hidden = [(x * a + b).tanh() for a, b in (xs[:2], xs[2:4])]
        total = total + (hidden[0] - hidden[1]) ** 2
    return total / len(xs)


FUNCTIONS = [chain, wide, rows]
SIZES = [10, 100, 1_000]


def inputs(count: int) -> list[Value]:
    return [Value(0.3 + 0.4 * (i % 97) / 97, f"x[{i}]") for i in range(count)]


def traced(f: Function, count: int) -> Traced:
    given = inputs(count)
    return trace(f, given, [x.label for x in given], lambda out: [out], lambda p: p.label)


def derivative_of(program: Program) -> Program:
    return differentiate(program, [x.data for x in inputs(len(program.inputs))])


def operand_count(program: Program) -> int:
    return sum(map(len, program.operands))


def is_linear(first: float, second: float, third: float) -> bool:
    """Whether counts at one, ten and a hundred times the size lie on a line, nearly."""
    return third - second <= 10.5 * (second - first)


@pytest.mark.parametrize("f", FUNCTIONS)
def test_nodes_and_operands_after_each_stage_grow_as_the_function(f: Function) -> None:
    found: list[dict[str, int]] = []
    texts: list[int] = []
    for size in SIZES:
        program = traced(f, size).program
        derivative = derivative_of(program)
        counts = {"of the function": len(program)}
        simplified = simplify(derivative, counts)
        counts["differentiated"] = len(derivative)
        counts["operands"] = operand_count(derivative)
        counts["operands simplified"] = operand_count(simplified)
        texts.append(len(lower(simplified).source))
        found.append(counts)
    for stage, first in found[0].items():
        assert is_linear(first, found[1][stage], found[2][stage]), stage
    assert texts[2] < 15 * texts[1]  # numbers in names grow longer
    assert found[2]["differentiated"] <= 5 * found[2]["of the function"]


@pytest.mark.slow
@pytest.mark.parametrize("f", FUNCTIONS)
def test_work_grows_as_the_function(f: Function) -> None:
    """The work is what can be counted of it: how many functions are called, built-in ones too.

    A row is of as many operations as three numbers of the others.
    """

    def calls(size: int) -> int:
        count = 0

        def counted(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(counted)
        try:
            lower(simplify(derivative_of(traced(f, size).program)))
        finally:
            sys.setprofile(None)
        return count

    assert is_linear(*map(calls, (10, 40, 340) if f is rows else SIZES))


def slopes(f: Function, xs: Sequence[float]) -> tuple[float, list[float]]:
    """The value and the gradient, by the plain function."""
    given = [Value(x) for x in xs]
    out = f(given)
    out.backward()
    return out.data, [x.grad for x in given]


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["python", "numpy"])
@pytest.mark.parametrize(("f", "count"), [(chain, 2_000), (wide, 4_000), (rows, 500)])
def test_large_functions(f: Function, count: int, backend: str) -> None:
    compiled = jit(f, backend=backend)
    compiled(inputs(count))
    for shift in (0.0, 0.1):
        given = [Value(x.data + shift) for x in inputs(count)]
        out = compiled(given)
        out.backward()
        value, gradient = slopes(f, [x.data for x in given])
        assert out.data == pytest.approx(value, rel=1e-12)
        assert [x.grad for x in given] == pytest.approx(gradient, rel=1e-10, abs=1e-12)
    assert compiled.stats["plain"] == 0


@pytest.mark.slow
def test_a_deep_function_and_its_gradient() -> None:
    def deep(x: Any) -> Any:
        y = x
        for _ in range(8_000):
            y = (y * x).sin()
        return y

    compiled = jit(deep, backend="python")
    compiled(0.9)
    x, plain = Value(1.1), Value(1.1)
    out, expected = compiled(x), deep(plain)
    out.backward()
    expected.backward()
    assert out.data == pytest.approx(expected.data, rel=1e-12)
    assert x.grad == pytest.approx(plain.grad, rel=1e-10)
    assert compiled.stats["nodes"]["simplified"] >= 40_000


@pytest.mark.slow
def test_hundreds_of_thousands_of_nodes() -> None:
    program = Program()
    x = y = program.input("x")
    half = program.constant(0.5)
    for _ in range(100_000):
        y = program.apply(TABLE["mul"], program.apply(TABLE["cos"], y), x)
        y = program.apply(TABLE["sub"], y, half)
    program.outputs = [y]
    simplified = simplify(program)
    assert len(simplified) > 300_000
    assert list(lower(simplified).run([0.7])) == program.evaluate([0.7])


# Long code in several functions


@pytest.mark.parametrize("longest", [1, 7, 100, MOST_LINES])
def test_long_code_gives_what_the_program_gives(longest: int) -> None:
    program = Program()
    nodes = [program.input(f"x[{i}]") for i in range(7)]
    for i in range(400):
        operation = TABLE[("sub", "tanh", "sigmoid", "dot", "neg", "where", "sin")[i % 7]]
        operands = [nodes[-1 - i % 5], nodes[i * i % len(nodes)], nodes[i // 2], nodes[i % 7]]
        nodes.append(program.apply(operation, *operands[: operation.arity or 4]))
    program.outputs = nodes  # so that none is left out, and all are read by a later function
    program.guards = [(program.apply(TABLE["abs"], nodes[0]), True)]
    lowered = lower(program, longest)
    assert ("run_2(" in lowered.source) is (longest < MOST_LINES)
    numbers = [0.1 * i - 0.35 for i in range(7)]
    expected = program.evaluate(numbers)
    assert all(map(math.isfinite, expected))
    assert list(lowered.run(numbers)) == expected
    with pytest.raises(GuardFailure):
        lowered.run([0.0, *numbers[1:]])
    with pytest.raises(ValueError, match="unpack"):
        lowered.run(numbers[:-1])


def test_many_inputs_and_outputs() -> None:
    program = Program()
    nodes = [program.input(f"x[{i}]") for i in range(500)]
    program.outputs = [program.apply(TABLE["neg"], x) for x in nodes]
    numbers = [float(i) for i in range(500)]
    assert list(lower(program, 100).run(numbers)) == program.evaluate(numbers)
