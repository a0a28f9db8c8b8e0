"""Graphs of derivatives: one node for each adjoint, and what the ordinary engine makes of them."""

import math
from typing import Any

import pytest

from autograd import Value, atan2, grad, jvp, primitive, softmax, take
from autograd.jit import jit
from autograd.jit.programs.program import Program
from autograd.jit.programs.simplify import simplify
from autograd.jit.tracing.differentiate import differentiate
from autograd.jit.tracing.tracer import trace
from autograd.primitives.tracing import ACCUMULATE


def derivative(f: Any, *given: Any) -> Program:
    names = [f"x[{i}]" for i in range(len(given))]
    program = trace(f, given, names, lambda out: [out], lambda p: "").program
    return differentiate(program, [x.data for x in given])


def test_an_adjoint_of_many_products_is_one_node() -> None:
    def f(xs: Any) -> Any:
        total: Any = 0.0
        for x in xs[1:]:
            total = total + (xs[0] * x).tanh()
        return total

    program = derivative(f, *[Value(0.1 * i) for i in range(1, 40)])
    assert program.operations.count(ACCUMULATE) == 1
    assert ACCUMULATE not in simplify(program).operations


def test_the_derivative_where_signs_of_zeros_can_be_told() -> None:
    def f(xs: Any) -> Any:
        x, y = xs
        return atan2(x * y, x) * x + y * (x * x)

    given = [Value(0.5), Value(-2.0)]
    program = derivative(f, *given)
    simplified = simplify(program)
    assert ACCUMULATE in program.operations
    assert ACCUMULATE not in simplified.operations
    f(given).backward()
    assert program.evaluate([0.5, -2.0])[1:] == pytest.approx([x.grad for x in given], rel=1e-14)
    assert simplified.evaluate([0.5, -2.0])[1:] == pytest.approx([x.grad for x in given], rel=1e-14)


@pytest.mark.parametrize("index", [0, 2, -1, -3])
def test_the_derivative_of_a_choice_by_index(index: int) -> None:
    f = jit(lambda i, xs: take([x * x for x in xs], i) * xs[0])
    slopes = grad(lambda xs: f(index, xs))
    f(1, [1.0, 2.0, 3.0])
    expected = [0.0, 0.0, 0.0]
    expected[index] += 2.0 * (index % 3 + 1)
    expected[0] += (index % 3 + 1.0) ** 2
    assert slopes([1.0, 2.0, 3.0]) == expected
    assert grad(grad(lambda x: f(index, [x, x, x])))(2.0) == 12.0


def test_an_infinite_adjoint_reaches_only_what_was_chosen() -> None:
    def f(i: Any, xs: Any) -> Any:
        return take(xs, i) * 1e200 * 1e200

    compiled = jit(f)
    compiled(0, [1.0, 1.0])
    slopes = [grad(lambda xs, g=g: g(1, xs))([0.0, 0.0]) for g in (compiled, f)]
    assert slopes[0] == slopes[1] == [0.0, math.inf]


def test_a_derivative_rule_that_reads_a_value_from_outside_runs_plain() -> None:
    w = Value(2.0)

    @primitive(lambda g, out, x: g * w)
    def doubled(x: float) -> float:
        return 2.0 * x

    slope = grad(jit(lambda x: doubled(x) * x))
    with pytest.warns(RuntimeWarning, match="derivative rule that reads a Value"):
        assert slope(3.0) == 12.0
    for number in (5.0, 7.0):
        w.data = number
        assert [slope(3.0) for _ in range(20)] == [6.0 + 3.0 * number] * 20


def test_what_is_constant_in_the_function_is_so_when_replayed() -> None:
    def f(x: Any) -> Any:
        return softmax([x + x] * 3)[1]

    def slope(f: Any) -> Any:
        return lambda x: jvp(lambda y: jvp(f, (y,), (1.0,))[1], (x,), (1.0,))

    compiled = jit(f, backend="python")
    slope(compiled)(0.0)
    assert all(map(math.isnan, slope(f)(math.nan)))
    assert all(map(math.isnan, slope(compiled)(math.nan)))
