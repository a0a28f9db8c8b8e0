"""A compiled function does what the plain one does: random programs, at random and edgy numbers.

    pytest tests/jit/test_random_programs.py --hypothesis-profile=full

runs each property with 10,000 examples; without the profile there are a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import currently_in_test_context, event, given
from hypothesis import strategies as st
from jit_layers import Layered, layered
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

from autograd import Value
from autograd.testing import Expression, expressions
from autograd.testing.agreement.judge import check

backends = st.sampled_from(BACKENDS)


def agree(
    f: Callable[[Any], Any], use: tuple[Any, Any], backend: str, at: Sequence[Any], **options: Any
) -> None:
    """Both ways of a use do the same at each point, and at the first one again."""
    plain, made = use[0](f), use[1](f, compiler(backend))
    for point in (*at[:2], at[0], *at[2:]):
        how = check(plain, made, [point], **options)
        if currently_in_test_context():
            event(how)


def points(inputs: int, of: st.SearchStrategy[float]) -> st.SearchStrategy[list[list[float]]]:
    return st.lists(st.lists(of, min_size=inputs, max_size=inputs), min_size=3, max_size=3)


def listed(f: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda x: f(*x)


@given(expressions(), points(2, any_numbers), backends)
def test_every_primitive_has_its_value(f: Expression, at: list[Any], backend: str) -> None:
    agree(listed(f), VALUES["jit(f)"], backend, at, message=True, kinds=True)


@given(expressions(), points(2, tame_numbers), backends, st.sampled_from([*GRADIENTS]))
def test_every_primitive_has_its_gradient(
    f: Expression, at: list[Any], backend: str, use: str
) -> None:
    agree(listed(f), GRADIENTS[use], backend, at)


@given(expressions(), points(2, tame_numbers), backends, st.sampled_from([*CURVATURES]))
def test_every_primitive_has_its_second_derivative(
    f: Expression, at: list[Any], backend: str, use: str
) -> None:
    agree(listed(f), CURVATURES[use], backend, at)


@given(sources(branches=False, wild=True), points(2, any_numbers), backends)
def test_formulas_raise_what_they_raise(f: Source, at: list[Any], backend: str) -> None:
    w = [Value(0.5), Value(-1.5)]
    agree(listed(f.function(w)), VALUES["jit(f)"], backend, at, message=True, kinds=True)


@given(
    sources(branches=False, wild=True),
    points(2, numbers),
    backends,
    st.sampled_from([*GRADIENTS, *CURVATURES]),
)
def test_derivatives_of_formulas_raise_what_they_raise(
    f: Source, at: list[Any], backend: str, use: str
) -> None:
    w = [Value(0.5), Value(-1.5)]
    agree(listed(f.function(w)), (GRADIENTS | CURVATURES)[use], backend, at)


@given(sources(branches=False), points(4, tame_numbers), backends)
def test_parameters_are_read_afresh(f: Source, at: list[Any], backend: str) -> None:
    w, box = [Value(0.0), Value(0.0)], [0.0, 0.0]
    plain = listed(f.function(w))
    made, analysed = compiler(backend)(plain), listed(f.function(box))
    for *x, w[0].data, w[1].data in (*at, at[0]):
        found = backward(plain, w), backward(made, w)
        event(check(*found, [x], analysed=backward_analysed(analysed, box, w)))


CHANGES: dict[str, Callable[[list[Any], int, float], None]] = {
    "other data": lambda w, i, x: setattr(w[i], "data", x) if isinstance(w[i], Value) else None,
    "another Value": lambda w, i, x: w.__setitem__(i, Value(x)),
    "a plain number": lambda w, i, x: w.__setitem__(i, x),
    "an integer": lambda w, i, x: w.__setitem__(i, int(x)),
    "the same Value": lambda w, i, x: w.__setitem__(i, w[1 - i]),
    "nothing": lambda w, i, x: None,
}

changes = st.tuples(st.sampled_from([*CHANGES]), st.integers(0, 1), tame_numbers)


@given(sources(branches=False), st.lists(changes, min_size=2, max_size=5), backends)
def test_what_is_read_from_outside_may_become_something_else(
    f: Source, changes: list[tuple[str, int, float]], backend: str
) -> None:
    w: list[Any] = [Value(0.5), 1.5]
    plain = listed(f.function(w))
    made = compiler(backend)(plain)
    for kind, i, x in changes:
        CHANGES[kind](w, i, x)
        for at in ([0.5, -0.25], [1.5, 0.125]):
            event(check(plain, made, [at], kinds=True))


@given(layered(), backends, st.data())
def test_loops_over_rows_and_units(f: Layered, backend: str, data: st.DataObject) -> None:
    args = [data.draw(f.arguments()) for _ in range(2)]
    plain, made = f.loss, compiler(backend)(f.loss)
    for rows, weights in (*args, args[0]):
        event(check(plain, made, [rows, weights]))


@given(layered(), backends, st.sampled_from([*GRADIENTS]), st.data())
def test_gradients_of_loops_over_rows_and_units(
    f: Layered, backend: str, use: str, data: st.DataObject
) -> None:
    rows, weights = data.draw(f.arguments())
    plain, made = (
        GRADIENTS[use][0](lambda w: f.loss(rows, w)),
        GRADIENTS[use][1](lambda w: f.loss(rows, w), compiler(backend)),
    )
    for _ in range(2):
        event(check(plain, made, [weights]))


# What these properties have found

FOUND = {
    "products with an input that is completed by a factor of 1": (
        "def f(x0, x1): return prod([x0, 2.0, x1, x1])",
        [[0.0, 0.125], [0.5, 0.25]],
    ),
    "a parameter that is completed by a factor of 1": (
        "def f(x0, x1): return x0 * 1e200 + x1",
        [[0.5, 1.0], [0.0, 2.0]],
    ),
    "products of two constants": (
        "def f(x0, x1): t = tanh(8 * x1) * 2; return dot([t, t], [t, 0.0])",
        [[0.0, 0.0], [0.5, 0.125]],
    ),
    "a constant largest number that is replayed": (
        "def f(x0, x1): return softmax([x1, x1, x1])[1]",
        [[0.0, 0.0], [0.0, math.nan], [0.0, math.inf]],
    ),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", FOUND)
def test_programs_that_were_wrong_once(name: str, backend: str) -> None:
    text, at = FOUND[name]
    f = listed(Source(text, 2).function())
    for use in (VALUES | GRADIENTS | CURVATURES).values():
        agree(f, use, backend, at)
        agree(f, use, backend, at[::-1])
