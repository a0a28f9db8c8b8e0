"""Sigmoids and softpluses that share an exponential are those that do not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from installed import BACKENDS
from strength import examples

from autograd import jit, scan, value_and_grad
from autograd.jit import backends
from autograd.jit.lowerings import difference
from autograd.jit.programs.one_exponential import (
    EXP_MINUS_ABS,
    SIGMOID_BY,
    with_one_exponential,
)
from autograd.jit.programs.program import Program
from autograd.primitives import TABLE

ARRAYS = [name for name in BACKENDS if name != "python"]
USED = ("sigmoid", "softplus")
numbers = st.floats(-750.0, 750.0) | st.floats(-3.0, 3.0) | st.sampled_from([0.0, -0.0])


def program_of(uses: Sequence[tuple[str, float]], count: int) -> Program:
    """These functions of so many numbers, each times one of these factors first."""
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(count)]
    for name, factor in uses:
        for x in xs:
            if factor == -1.0:
                x = program.apply(TABLE["neg"], x)
            elif factor != 1.0:
                x = program.apply(TABLE["mul"], program.constant(factor), x)
            program.outputs.append(program.apply(TABLE[name], x))
    return program


@pytest.mark.parametrize("backend", ARRAYS)
@given(
    uses=st.lists(
        st.tuples(st.sampled_from(USED), st.sampled_from([1.0, -1.0, 2.0, -2.0])), min_size=1
    ),
    xs=st.lists(numbers, min_size=1, max_size=9),
)
@settings(max_examples=examples(100))
def test_each_is_what_it_is_by_itself(
    backend: str, uses: list[tuple[str, float]], xs: list[float]
) -> None:
    together = backends.lower(program_of(uses, len(xs)), backend).run(xs)
    alone = [backends.lower(program_of([use], len(xs)), backend).run(xs) for use in uses]
    assert [*map(float.hex, together)] == [x.hex() for row in alone for x in row]


def test_there_is_one_exponential_for_each_size() -> None:
    uses = [(name, factor) for name in USED for factor in (1.0, -1.0, 2.0, -2.0)]
    made = with_one_exponential(program_of([*uses, ("sigmoid", 3.0)], 1))
    counts = made.counts()
    assert counts["exp_minus_abs"] == counts["log1p"] == 2
    assert counts["sigmoid"] == 1
    assert "softplus" not in counts
    assert with_one_exponential(one := program_of([("sigmoid", 1.0)], 3)) is one


@pytest.mark.parametrize("backend", ARRAYS)
@pytest.mark.parametrize("operation", [EXP_MINUS_ABS, SIGMOID_BY], ids=lambda made: made.name)
def test_lowerings_are_value_rules(operation: Any, backend: str) -> None:
    assert difference(operation, backend, relative=4e-15) is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_not_finite_is_left_to_the_plain_function(backend: str) -> None:
    def f(xs: list[Any]) -> Any:
        return sum(x.sigmoid() + (-x).softplus() if x > -1.0 else x.sigmoid() for x in xs)

    def looped(xs: list[Any]) -> Any:
        return scan(lambda c, x: (c + x.sigmoid() * (-x).sigmoid(), None), 0.0, xs)[0]

    for g in (f, looped):
        plain = value_and_grad(g)
        compiled: Callable[..., Any] = jit(plain, backend=backend)
        for xs in ([0.5, 2.0, 3.0, 800.0], [-0.0, math.inf, 2.0, 3.0], [1.0, -800.0, 0.1, 0.2]):
            for _ in range(2):
                value, gradient = compiled(xs)
                expected = plain(xs)
                assert value == pytest.approx(expected[0], rel=1e-13)
                assert gradient == pytest.approx(expected[1], rel=1e-13)
