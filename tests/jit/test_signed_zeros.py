"""The sign of a zero that a compiled function returns is that of the plain function's."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit_transforms import BACKENDS
from strength import examples

import autograd as ag
from autograd import atan2
from autograd.jit import jit
from autograd.primitives import TABLE
from autograd.testing import DOMAINS
from autograd.testing.agreement.judge import Raised, result_of

MANY = 24  # so many that arrays are used

EXACT = st.sampled_from([0.0, -0.0, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0])
"""Numbers whose sums are the same in every order, and where Python compensates for rounding."""

SMALL = EXACT | st.sampled_from([1e-310, -1e-310])


def signs(out: Any) -> Any:
    """The numbers of a result, zeros told apart."""
    if isinstance(out, Raised):
        return out.kind
    return [(x, math.copysign(1.0, x)) for x in out]


def assert_same(f: Callable[[Any], Any], first: Any, x: Any, backend: str) -> None:
    """A function gives zeros of the same signs when it is compiled, as its result and inside it."""
    turned = lambda x: [atan2(y, -1.0) for y in f(x)]
    for g in (f, turned):
        made = jit(g, backend=backend)
        result_of(made, first)
        for _ in range(2):
            expected, found = result_of(g, x), result_of(made, x)
            if g is turned and not isinstance(expected, Raised):
                assert found == pytest.approx(expected, rel=1e-12)
            else:
                zeros = [y == 0.0 for y in expected] if isinstance(expected, list) else []
                if any(zeros):
                    assert [s for s, z in zip(signs(found), zeros, strict=True) if z] == [
                        s for s, z in zip(signs(expected), zeros, strict=True) if z
                    ]


ELEMENTWISE = [name for name, p in TABLE.items() if p.arity is not None]


@pytest.mark.parametrize("name", ELEMENTWISE)
@given(data=st.data(), backend=st.sampled_from(BACKENDS))
@settings(max_examples=examples(20, quick=4))
def test_of_each_operation(name: str, data: st.DataObject, backend: str) -> None:
    arity, constant = TABLE[name].arity, DOMAINS[name].constant
    assert arity is not None
    exponent = data.draw(st.sampled_from([2.0, 3.0, 1.0, 0.5]))
    count = data.draw(st.sampled_from([1, MANY]))

    def f(x: Any) -> list[Any]:
        rows = [x[i : i + arity] for i in range(0, len(x), arity)]
        for row in rows:
            if constant is not None:
                row[constant] = exponent
        return [TABLE[name](*row) for row in rows]

    x = data.draw(st.lists(SMALL, min_size=arity * count, max_size=arity * count))
    assert_same(f, [0.5] * arity * count, x, backend)


def running(x: Any) -> Any:
    total = x[0]
    for term in x[1:]:
        total = total + term
    return total


def differing(x: Any) -> Any:
    total = x[0]
    for term in x[1:]:
        total = total - term
    return total


ZEROS = ([0.0], [-0.0], [-0.0, 0.0], [0.0, -0.0])

SUMS: dict[str, Callable[[Any], list[Any]]] = {
    "sum": lambda x: [ag.sum(x)],
    "built-in sum": lambda x: [sum(x)],
    "dot": lambda x: [ag.dot(x, x[::-1])],
    "running sum": lambda x: [running(x)],
    "running sum of products": lambda x: [running([a * b for a, b in itertools.pairwise(x)])],
    "sums of rows": lambda x: [running([t, t * 2.0, t * 3.0]) for t in x],
    "dots of rows": lambda x: [ag.dot([t, t, x[0]], x[:3]) for t in x],
    "product with a matrix": lambda x: [running([a * b for b in x]) for a in (1.5, 2.5, -3.5)],
    "product of matrices": lambda x: [
        running([a * b for a, b in zip(x[i : i + 5], x[j : j + 5], strict=True)])
        for i in range(0, len(x) - 5, 5)
        for j in range(0, len(x) - 5, 5)
    ],
    "sums of various lengths": lambda x: [running(x[i:]) for i in range(len(x))],
    "a bias": lambda x: [ag.dot(x, x) + t for t in x],
    "sum and more": lambda x: [ag.sum(x) + x[0] + -0.0, 0.0 - x[0], -1 * x[1], x[0] * 0.0],
    "differences": lambda x: [t - x[0] for t in x] + [-(t - x[0]) for t in x],
    "a running difference": lambda x: [differing(x), differing([t * x[0] for t in x])],
    "differences in sums": lambda x: [
        differing([ag.sum(x[:2]), x[1] - x[2], ag.dot(x[:2], x[1:3]), 0.0, -0.0, *x]),
        differing([0.0, *x, ag.sum(x)]),
        1.0 + (-0.0 - differing(x)),
    ],
    "differences and sums subtracted": lambda x: (
        [t - (a - (b - (c - (d - a)))) for t in x for a, b, c, d in [(x * 4)[:4]]]
        + [t - x[0] - (1.0 - x[-1] - 1.0) - (x[0] + (x[-1] - x[0])) for t in x]
    ),
    "0.0 added": lambda x: [0.0 + t * 2.0 for t in x] + [t + 0.0 for t in x],
    "max": lambda x: [ag.max(x), ag.min(x), max(x), min(x)],
    "max of rows": lambda x: [ag.max([t, *x[:3]]) for t in x] + [ag.min([t, *x[:3]]) for t in x],
    "max of various lengths": lambda x: [ag.max(x[i:]) for i in range(len(x))],
    "max of some twice": lambda x: [
        ag.max([x[1], x[0], x[2], x[0], 0.0, x[0]]),
        ag.min([x[1], x[1], x[0], 0.0, x[1], -0.0]),
        ag.min([ag.dot([x[0], x[1]], [x[0], x[1]]), x[0], x[2]]),
    ],
    "max with constants": lambda x: [
        f([t, t, zero, t, *also]) for t in x for f in (ag.max, ag.min) for zero, *also in ZEROS
    ],
    "a choice of equals": lambda x: [
        t + ag.where(u, 0.0, 0.0) for t, u in zip(x, x[::-1], strict=True)
    ],
    "prod": lambda x: [ag.prod(x[:7])],
    "nothing": lambda x: [ag.sum([]) * x[0], ag.dot([], []) + x[0]],
    "softened": lambda x: [ag.relu(ag.dot(x, x[::-1])) - 0.0, ag.where(x[0], x[1], x[2])],
}


@pytest.mark.parametrize("name", SUMS)
@given(data=st.data(), backend=st.sampled_from(BACKENDS))
@settings(max_examples=examples(30, quick=10))
def test_of_sums_and_products(name: str, data: st.DataObject, backend: str) -> None:
    count = data.draw(st.sampled_from([3, 7, MANY]))
    zeros = st.sampled_from([0.0, -0.0])
    of = data.draw(st.sampled_from([st.just(-0.0), zeros, EXACT]))
    x = data.draw(st.lists(of, min_size=count, max_size=count))
    assert_same(SUMS[name], [0.5] * count, x, backend)


@settings(max_examples=examples(30))
@given(
    st.lists(st.tuples(st.sampled_from("+-*"), EXACT), min_size=5, max_size=20),
    st.sampled_from([None, 0.0, -0.0]),
    st.sampled_from(BACKENDS),
)
def test_of_chains_with_differences(
    chain: list[tuple[str, float]], start: float | None, backend: str
) -> None:
    def total(xs: Any) -> Any:
        found = xs[0] if start is None else start
        for (kind, _), x in zip(chain, xs, strict=True):
            found = found + x if kind == "+" else found - (x if kind == "-" else x * xs[0])
        return [found]

    assert_same(total, [1.5] * len(chain), [x for _, x in chain], backend)


def test_where_signs_cannot_be_told_programs_are_as_small() -> None:
    def told(x: Any) -> Any:
        return ag.sum([a * b for a, b in itertools.pairwise(x)])

    def lost(x: Any) -> Any:
        return 1.0 + told(x)

    sizes = []
    for f in (told, lost):
        g = jit(f, backend="python")
        g([0.5] * 5)
        sizes.append(g.stats["nodes"]["simplified"])
    assert sizes[0] == sizes[1]  # 0.0 is added to the one, 1.0 to the other
