"""The sign of a zero that a compiled function returns is that of the plain function's."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
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


def assert_same(
    f: Callable[[Any], Any], first: Any, xs: Iterable[Any], backend: str, inside: bool
) -> None:
    """A function gives zeros of the same signs when it is compiled, as its result or inside it."""
    g = (lambda x: [atan2(y, -1.0) for y in f(x)]) if inside else f
    made = jit(g, backend=backend)
    result_of(made, first)
    for x in xs:
        expected = result_of(g, x)
        for _ in range(2):
            found = result_of(made, x)
            if inside and not isinstance(expected, Raised):
                assert found == pytest.approx(expected, rel=1e-12)
            else:
                zeros = [y == 0.0 for y in expected] if isinstance(expected, list) else []
                if any(zeros):
                    assert [s for s, z in zip(signs(found), zeros, strict=True) if z] == [
                        s for s, z in zip(signs(expected), zeros, strict=True) if z
                    ]


INPUTS = 4  # of one compiled function


ELEMENTWISE = [name for name, p in TABLE.items() if p.arity is not None]


@pytest.mark.parametrize("name", ELEMENTWISE)
@given(data=st.data(), backend=st.sampled_from(BACKENDS), inside=st.booleans())
@settings(max_examples=examples(10, quick=3))
def test_of_each_operation(name: str, data: st.DataObject, backend: str, inside: bool) -> None:
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

    xs = [data.draw(st.lists(SMALL, min_size=n, max_size=n)) for n in [arity * count] * INPUTS]
    assert_same(f, [0.5] * arity * count, xs, backend, inside)


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
@given(data=st.data(), backend=st.sampled_from(BACKENDS), inside=st.booleans())
@settings(max_examples=examples(15, quick=5))
def test_of_sums_and_products(name: str, data: st.DataObject, backend: str, inside: bool) -> None:
    count = data.draw(st.sampled_from([3, 7, MANY]))
    zeros = st.sampled_from([0.0, -0.0])
    of = data.draw(st.sampled_from([st.just(-0.0), zeros, EXACT]))
    xs = [data.draw(st.lists(of, min_size=n, max_size=n)) for n in [count] * INPUTS]
    assert_same(SUMS[name], [0.5] * count, xs, backend, inside)


@settings(max_examples=examples(30))
@given(
    st.lists(st.tuples(st.sampled_from("+-*"), EXACT), min_size=5, max_size=20),
    st.sampled_from([None, 0.0, -0.0]),
    st.sampled_from(BACKENDS),
    st.booleans(),
)
def test_of_chains_with_differences(
    chain: list[tuple[str, float]], start: float | None, backend: str, inside: bool
) -> None:
    def total(xs: Any) -> Any:
        found = xs[0] if start is None else start
        for (kind, _), x in zip(chain, xs, strict=True):
            found = found + x if kind == "+" else found - (x if kind == "-" else x * xs[0])
        return [found]

    assert_same(total, [1.5] * len(chain), [[x for _, x in chain]], backend, inside)


USUAL = (
    "add",
    "sub",
    "mul",
    "div",
    "neg",
    "sum",
    "dot",
    "max",
    "min",
    "where",
    "pow_number",
    "tanh",
)
CHANGED = (  # by rewriting: the sign of a zero
    lambda x, y: x + 0.0,
    lambda x, y: 0.0 - x,
    lambda x, y: -(x - y),
    lambda x, y: 0.0 + x + y,
    lambda x, y: 0.0 + x * y + x,
)


USES: tuple[Callable[[Any, Any, Any], Any], ...] = (
    lambda made, x, y: made,
    lambda made, x, y: x + made,
    lambda made, x, y: ag.sum([made, x]),
    lambda made, x, y: ag.dot([made, x], [y, x]),
    lambda made, x, y: x - made,
    lambda made, x, y: (x - y * y) + made,
    lambda made, x, y: made * y + x * y,
)


@pytest.mark.parametrize("inside", [False, True], ids=["returned", "inside"])
@pytest.mark.parametrize("name", USUAL)
def test_of_each_operand(name: str, inside: bool) -> None:
    """What rewriting may change is computed as it was in each place where its sign can be told."""
    operation = TABLE[name]
    width = operation.arity or 4

    def f(x: Any) -> list[Any]:
        found, uses = [], itertools.cycle(USES)
        besides = (
            [*x[1:], x[2], x[1]],
            [-0.0] * 4,
            [x[2], x[1], 1.0, -0.0],
            [1.0, -0.0, -0.0, 1.0],
        )
        for place, changed, beside in itertools.product(range(width), CHANGED, besides):
            for as_it_is in (True, False):  # sums of sums are gathered
                operands = beside[:width]
                operands[place] = changed(x[0], x[2])
                if not as_it_is:
                    operands[place] = ag.tanh(operands[place])
                if name in ("pow_number", "div"):
                    operands[1] = 3.0 if as_it_is else 2.0
                made = operation(*operands)
                found += [made, next(uses)(made, x[1], x[2])]
                found.append(next(uses)(operands[place], x[1], x[2]))
        return found

    xs = [*itertools.product([0.0, -0.0, 1.0], repeat=3)]
    assert_same(f, [0.5, 1.5, 2.5], xs, "python", inside)


def test_a_primitive_of_a_user_may_tell() -> None:
    rule = ag.primitive(lambda g, out, x: 0.0 * g, name="sign_of_zero")
    told: Any = rule(lambda x: math.copysign(1.0, x))

    def f(x: Any) -> list[Any]:
        return [2.0 + told(changed(x[0], x[2])) for changed in CHANGED]

    compiled = jit(f, backend="python", compile_after=0)
    for x in itertools.product([0.0, -0.0, 1.0], repeat=3):
        assert compiled(x) == f(x)


@settings(max_examples=examples(600, quick=100))
@given(data=st.data(), backend=st.sampled_from([*["python"] * 30, *BACKENDS]), inside=st.booleans())
def test_of_random_programs(data: st.DataObject, backend: str, inside: bool) -> None:
    """Each node is used in a way that may tell the sign of a zero, or that never has one."""
    steps: list[tuple[Any, list[Any], Any]] = []
    for count in range(3, data.draw(st.integers(4, 9))):
        operation = TABLE[data.draw(st.sampled_from(USUAL))]
        width = operation.arity or 2 * data.draw(st.integers(1, 2))
        operands: list[Any] = [
            data.draw(st.just(count - 1) | st.integers(0, count - 1) | EXACT) for _ in range(width)
        ]
        if operation is TABLE["pow_number"]:
            operands[1] = data.draw(st.sampled_from([2.0, 3.0]))
        if operation is TABLE["div"]:
            operands[1] = 2.0
        steps.append((operation, operands, data.draw(st.sampled_from(CHANGED))))

    def f(x: Any) -> list[Any]:
        made = list(x)
        for operation, operands, changed in steps:
            made[-1] = changed(made[-1], made[len(made) % 3])
            made.append(operation(*(made[i] if isinstance(i, int) else i for i in operands)))
        return made[-1:]

    xs = list(itertools.product([0.0, -0.0, 1.0], repeat=3))
    assert_same(f, [0.5, 1.5, 2.5], xs, backend, inside)


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
