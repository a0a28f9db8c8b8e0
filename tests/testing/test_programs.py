"""Random programs: forward mode against reverse mode, and both against arithmetic of 50 digits.

No tolerance here is guessed. Two bounds are used, both of the kind that Higham, *Accuracy and
Stability of Numerical Algorithms* (2002), section 3.3, calls running error analysis: the bound is
computed beside the number it is for.

The first is for two computations that differ only in the order of the same operations
(`reordering`), the second for a number's distance from the truth (`running_error`).
"""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import derivative_values
from smooth_programs import Point, smooth_programs

from autograd import Value, grad, hvp, jvp, vjp
from autograd.graph import topological_order
from autograd.testing.numerical.rounding import (
    UNIT,
    absolute_adjoints,
    running_error,
)
from autograd.testing.programs.expressions import Expression
from autograd.testing.programs.generation import random_expression
from autograd.testing.strategies import expressions

at = st.tuples(st.floats(-2, 2), st.floats(-2, 2))

IN_A_RULE = 4
"""The most factors that a derivative rule multiplies its `g` with, one after the other."""


def reordering(program: Expression, point: Sequence[float]) -> list[float]:
    """How far forward and reverse mode may be apart, by input.

    A derivative is the sum over all paths from the input to the output of the product of the local
    derivatives on the path. Both modes compute this sum from the same local derivatives, in another
    order. On a path of no more than `n` nodes each mode rounds no more than `IN_A_RULE + 1` times
    a node, and adds up no more often than there are edges; so each is within
    `((IN_A_RULE + 1) n + edges) u` of the sum of the absolute values of the paths' products.
    """
    leaves = [Value(x) for x in point]
    root = program(leaves)
    order = topological_order(root)
    edges = sum(len(node.operands) for node in order)
    sizes = absolute_adjoints(order, root)
    rounds = (IN_A_RULE + 1) * len(order) + edges
    return [2 * rounds * UNIT * sizes.get(leaf, 0.0) for leaf in leaves]


@given(program=expressions(max_operations=12), point=at, along=at)
def test_forward_mode_agrees_with_reverse_mode(
    program: Expression, point: tuple[float, float], along: tuple[float, float]
) -> None:
    gradient = grad(program, (0, 1))(*point)
    directional = jvp(program, point, along)[1]
    allowed = reordering(program, point)
    expected = math.fsum(g * v for g, v in zip(gradient, along, strict=True))
    bound = sum(abs(v) * e for v, e in zip(along, allowed, strict=True))
    size = sum(abs(v * g) for v, g in zip(along, gradient, strict=True))
    assert abs(directional - expected) <= bound + 4 * UNIT * size + 1e-290


@given(
    program=expressions(outputs=3), point=at, along=at, weights=st.tuples(*[st.floats(-1, 1)] * 3)
)
def test_jacobian_and_its_transpose_agree(
    program: Expression,
    point: tuple[float, float],
    along: tuple[float, float],
    weights: tuple[float, ...],
) -> None:
    moved = jvp(program, point, along)[1]
    pulled = vjp(program, *point)[1](list(weights))
    parts = [Expression(2, program.steps, (place,)) for place in program.outputs]
    bound = sum(
        2 * abs(w * v) * e
        for w, part in zip(weights, parts, strict=True)
        for v, e in zip(along, reordering(part, point), strict=True)
    )
    left = math.fsum(w * m for w, m in zip(weights, moved, strict=True))
    right = math.fsum(v * p for v, p in zip(along, pulled, strict=True))
    size = sum(abs(w * m) for w, m in zip(weights, moved, strict=True))
    size += sum(abs(v * p) for v, p in zip(along, pulled, strict=True))
    assert abs(left - right) <= bound + 8 * UNIT * size + 1e-290


def hessian_with_bounds(
    program: Callable[..., Any], point: Sequence[float]
) -> tuple[list[list[float]], list[list[float]]]:
    """Second derivatives by reverse mode twice, and bounds on their errors."""
    leaves = [Value(x) for x in point]
    rows, bounds = [], []
    for i in range(len(leaves)):
        first = derivative_values(program(leaves), leaves)[i]
        second = derivative_values(first, leaves)
        rows.append([float(x) for x in second])
        bounds.append([running_error(x) for x in second])
    return rows, bounds


@given(smooth_programs())
def test_second_derivatives_agree_in_all_orders_of_modes(drawn: tuple[Expression, Point]) -> None:
    program, point = drawn
    rows, bounds = hessian_with_bounds(program, point)
    for i in range(2):
        unit = [float(j == i) for j in range(2)]

        def forward(*xs: Any, unit: list[float] = unit) -> Any:
            return jvp(program, xs, unit)[1]

        mixed = hvp(program, point, unit, (0, 1))
        twice = [jvp(forward, point, [float(j == k) for j in range(2)])[1] for k in range(2)]
        for j in range(2):
            assert abs(mixed[j] - rows[i][j]) <= 2 * bounds[i][j]
            assert abs(twice[j] - rows[i][j]) <= 2 * bounds[i][j]
            assert abs(rows[j][i] - rows[i][j]) <= bounds[i][j] + bounds[j][i]


@given(smooth_programs())
def test_value_and_derivatives_match_fifty_digits(drawn: tuple[Expression, Point]) -> None:
    program, point = drawn
    mpmath = pytest.importorskip("mpmath")
    from autograd.testing.accuracy.references import REFERENCES

    leaves = [Value(x) for x in point]
    root = program(leaves)
    gradient = derivative_values(root, leaves)
    rows, bounds = hessian_with_bounds(program, point)
    with mpmath.workdps(80):
        h = mpmath.mpf(10) ** -20  # truncation is of order h ** 2, rounding of order 1e-80 / h ** 2
        quotient = 1e-25  # more than both, and nothing beside a unit in the last place

        def truth(*moves: int) -> Any:
            moved = [mpmath.mpf(x) + k * h for x, k in zip(point, moves, strict=True)]
            return program.evaluate(moved, REFERENCES)

        assert abs(truth(0, 0) - float(root)) <= running_error(root)
        for i, (a, b) in enumerate([(1, 0), (0, 1)]):
            up, down = truth(a, b), truth(-a, -b)
            assert abs((up - down) / (2 * h) - float(gradient[i])) <= (
                running_error(gradient[i]) + quotient
            )
            curvature = (up - 2 * truth(0, 0) + down) / h**2
            assert abs(curvature - rows[i][i]) <= bounds[i][i] + quotient
        cross = (truth(1, 1) - truth(1, -1) - truth(-1, 1) + truth(-1, -1)) / (4 * h**2)
        assert abs(cross - rows[0][1]) <= bounds[0][1] + quotient


def test_the_bounds_are_small_enough_to_find_errors() -> None:
    rng = random.Random(7)
    bounds = []
    while len(bounds) < 300:
        program, point = random_expression(rng), [rng.uniform(-2, 2) for _ in range(2)]
        if program.is_smooth_at(point):
            leaves = [Value(x) for x in point]
            for x in derivative_values(program(leaves), leaves):
                bounds.append(running_error(x) / max(1.0, abs(float(x))))
    assert sum(bound < 1e-9 for bound in bounds) > 0.9 * len(bounds)
