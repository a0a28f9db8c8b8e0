"""Branches, loops and errors: a compiled function goes the way that the plain one goes.

    pytest tests/jit/test_control_flow.py --hypothesis-profile=full

runs each property with 10,000 random functions; without the profile there are a hundred.
"""

from __future__ import annotations

from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from jit_sources import Source, any_numbers, numbers, sources, tame_numbers
from jit_transforms import (
    BACKENDS,
    CURVATURES,
    GRADIENTS,
    VALUES,
    backward,
    backward_analysed,
    compiler,
)
from test_random_programs import agree, listed, points

from autograd import Value
from autograd.testing.agreement.judge import check

backends = st.sampled_from(BACKENDS)


@given(sources(wild=True), points(2, any_numbers), backends)
def test_values_and_errors(f: Source, at: list[Any], backend: str) -> None:
    w = [Value(0.5), Value(-1.5)]
    agree(listed(f.function(w)), VALUES["jit(f)"], backend, at, message=True)


@given(sources(), points(2, numbers), backends, st.sampled_from([*GRADIENTS, *CURVATURES]))
def test_derivatives(f: Source, at: list[Any], backend: str, use: str) -> None:
    w = [Value(0.5), Value(-1.5)]
    agree(listed(f.function(w)), (GRADIENTS | CURVATURES)[use], backend, at)


@given(
    sources(wild=True), points(2, any_numbers), backends, st.sampled_from([*GRADIENTS, *CURVATURES])
)
def test_derivatives_and_errors(f: Source, at: list[Any], backend: str, use: str) -> None:
    w = [Value(0.5), Value(-1.5)]
    agree(listed(f.function(w)), (GRADIENTS | CURVATURES)[use], backend, at)


@given(sources(), points(4, tame_numbers), backends)
def test_parameters_decide_too(f: Source, at: list[Any], backend: str) -> None:
    w, box = [Value(0.0), Value(0.0)], [0.0, 0.0]
    plain = listed(f.function(w))
    made, analysed = compiler(backend)(plain), listed(f.function(box))
    for *x, w[0].data, w[1].data in (*at, at[0]):
        found = backward(plain, w), backward(made, w)
        event(check(*found, [x], analysed=backward_analysed(analysed, box, w)))


@given(
    sources(inputs=3), st.lists(st.tuples(*[any_numbers] * 3), min_size=2, max_size=12), backends
)
def test_many_points_go_many_ways(f: Source, at: list[Any], backend: str) -> None:
    plain = listed(f.function([Value(1.0), Value(-0.0)]))
    made = compiler(backend)(plain)
    for point in at:
        event(check(plain, made, [list(point)], message=True))
