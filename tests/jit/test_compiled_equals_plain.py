"""A compiled function does what the plain one does: programs, uses and backends, in one table.

    pytest tests/jit/test_compiled_equals_plain.py --hypothesis-profile=full

runs each case with 10,000 examples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from jit_layers import layered
from jit_sources import Source, any_numbers, numbers, sources, tame_numbers
from jit_transforms import (
    BACKENDS,
    COMPOSED,
    CURVATURES,
    GRADIENTS,
    VALUES,
    agree,
    backward,
    backward_analysed,
    compiler,
    listed,
)
from smooth_programs import smooth_programs
from strength import slowly

from autograd import Value
from autograd.testing import expressions
from autograd.testing.agreement.judge import check

backends = st.sampled_from(BACKENDS)
DERIVATIVES = GRADIENTS | CURVATURES

Sample = tuple[Callable[[Any], Any], list[Any]]
"""A function of a list of numbers, and the lists that it is given."""


def points(
    of: st.SearchStrategy[float], inputs: int = 2, least: int = 3, most: int = 3
) -> st.SearchStrategy[list[list[float]]]:
    row = st.lists(of, min_size=inputs, max_size=inputs)
    return st.lists(row, min_size=least, max_size=most)


def at_points(
    programs: st.SearchStrategy[Any], numbers: st.SearchStrategy[float]
) -> st.SearchStrategy[Sample]:
    return st.tuples(programs, points(numbers)).map(
        lambda pair: (listed(function(pair[0])), pair[1])
    )


def function(program: Any) -> Callable[..., Any]:
    """A program that is drawn, with Values that it reads from outside."""
    w = [Value(0.5), Value(-1.5)]
    return program.function(w) if isinstance(program, Source) else program


@st.composite
def rows_and_units(draw: st.DrawFn, by_weights: bool = False) -> Sample:
    """Loops over the rows of a table and the units of a layer."""
    f = draw(layered())
    at = [list(draw(f.arguments())) for _ in range(2)]
    if by_weights:
        return lambda weights: f.loss(at[0][0], weights), [at[0][1]]
    return listed(f.loss), at


class Case(NamedTuple):
    """What is compared: programs with their points, uses of them, and how closely."""

    samples: st.SearchStrategy[Sample]
    uses: dict[str, Any]
    options: Sequence[str] = ()


EXACTLY = ("message", "kinds")
branching = st.tuples(sources(inputs=3), points(any_numbers, inputs=3, least=2, most=12))
CASES = {
    "primitives": Case(at_points(expressions(), any_numbers), VALUES, EXACTLY),
    "gradients of primitives": Case(at_points(expressions(), tame_numbers), GRADIENTS),
    "curvatures of primitives": Case(at_points(expressions(), tame_numbers), CURVATURES),
    "derivatives of smooth programs": Case(
        smooth_programs(points=3).map(lambda found: (listed(found[0]), [*map(list, found[1:])])),
        DERIVATIVES,
    ),
    "formulas that raise": Case(
        at_points(sources(branches=False, wild=True), any_numbers), VALUES, EXACTLY
    ),
    "derivatives of formulas that raise": Case(
        at_points(sources(branches=False, wild=True), numbers), DERIVATIVES
    ),
    "branches that raise": Case(at_points(sources(wild=True), any_numbers), VALUES, ["message"]),
    "derivatives of branches": Case(at_points(sources(), numbers), DERIVATIVES),
    "derivatives of branches that raise": Case(
        at_points(sources(wild=True), any_numbers), DERIVATIVES
    ),
    "many points": Case(
        branching.map(lambda pair: (listed(function(pair[0])), pair[1])), VALUES, ["message"]
    ),
    "compiled functions in each other": Case(at_points(sources(), tame_numbers), COMPOSED),
    "rows and units": Case(rows_and_units(), VALUES),
    "gradients of rows and units": Case(rows_and_units(by_weights=True), GRADIENTS),
}


@pytest.mark.parametrize("name", CASES)
@given(data=st.data(), backend=backends)
def test_compiled_equals_plain(name: str, data: st.DataObject, backend: str) -> None:
    samples, uses, options = CASES[name]
    f, at = data.draw(samples)
    use = uses[data.draw(st.sampled_from([*uses]))]
    agree(f, use, backend, at, **dict.fromkeys(options, True))


@pytest.mark.parametrize("branches", [False, True])
@given(data=st.data(), at=points(tame_numbers, inputs=4), backend=backends)
def test_parameters_are_read_afresh(
    branches: bool, data: st.DataObject, at: list[Any], backend: str
) -> None:
    f = data.draw(sources(branches=branches))
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


@pytest.mark.parametrize("backend", [BACKENDS[0], *map(slowly, BACKENDS[1:])])
@pytest.mark.parametrize("name", FOUND)
def test_programs_that_were_wrong_once(name: str, backend: str) -> None:
    text, at = FOUND[name]
    f = listed(Source(text, 2).function())
    for use in (VALUES | GRADIENTS | CURVATURES).values():
        agree(f, use, backend, at)
        agree(f, use, backend, at[::-1])
