"""`scan`, `fori_loop` and `while_loop` beside the loops that they stand for."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, fori_loop, grad, hessian, jit, scan, sin, tree, where, while_loop
from autograd.graph import topological_order

numbers = st.floats(-2.0, 2.0)


class State(NamedTuple):
    x: Any
    v: Any


def step(state: State, row: dict[str, Any]) -> tuple[State, dict[str, Any]]:
    v = state.v * 0.9 + row["push"]
    x = state.x + where(v > 0, sin(v), row["drag"][0] * v)
    return State(x, v), {"x": x, "both": [v, x * v]}


def looped(init: State, rows: dict[str, Any], reverse: bool) -> tuple[State, dict[str, Any]]:
    """The loop as one would write it."""
    turns = list(zip(rows["push"], rows["drag"], strict=True))
    state, left = init, []
    for push, drag in turns[::-1] if reverse else turns:
        state, y = step(state, {"push": push, "drag": drag})
        left.append(y)
    left = left[::-1] if reverse else left
    return state, {"x": [y["x"] for y in left], "both": [y["both"] for y in left]}


@given(
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5),
    st.tuples(numbers, numbers),
    st.booleans(),
)
def test_scan_is_the_loop(
    turns: list[tuple[float, float]], init: tuple[float, float], reverse: bool
) -> None:
    rows = {"push": [push for push, _ in turns], "drag": [[drag] for _, drag in turns]}

    def total(loop: Any, values: Any) -> Any:
        first, given = values
        state, left = loop(first, given)
        return sum([*tree.leaves(left), *tree.leaves(state)], 0.0)

    def said(first: Any, given: Any) -> Any:
        return scan(step, first, given, reverse=reverse)

    def written(first: Any, given: Any) -> Any:
        return looped(first, given, reverse)

    given = State(*init), rows
    assert said(*given) == written(*given)
    for derivative in (grad, hessian):
        found, expected = (derivative(lambda v, f=f: total(f, v))(given) for f in (said, written))
        assert found == expected


def test_the_graph_is_that_of_the_loop() -> None:
    x = Value(0.5)
    last, left = scan(lambda c, w: (c * w, c + w), x, [2.0, 3.0, 4.0])
    expected = x * 2.0 * 3.0 * 4.0
    assert [node.primitive for node in topological_order(last)] == [
        node.primitive for node in topological_order(expected)
    ]
    assert [y.data for y in left] == [2.5, 4.0, 7.0]


def test_what_turns_leave_is_put_together_as_rows_are() -> None:
    np = pytest.importorskip("numpy")
    array = np.arange(6.0).reshape(3, 2)
    last, left = scan(lambda c, row: (c + row.sum(), (row * c, c)), 0.0, array)
    assert last == 15.0
    assert left[0].tolist() == [[0.0, 0.0], [2.0, 3.0], [24.0, 30.0]]
    assert left[1].tolist() == [0.0, 1.0, 6.0]
    assert scan(lambda c, _: (c + 1.0, None), 0.0, length=3) == (3.0, None)
    assert scan(lambda c, x: (c, x), 1.0, []) == (1.0, [])
    assert scan(lambda c, x: (c, x), 1.0, length=0) == (1.0, None)
    assert scan(lambda c, x: (c, x), (1.0, [2.0]), [[3.0], [4.0]])[1] == [[3.0], [4.0]]


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5), st.booleans())
def test_a_scan_that_carries_nothing_is_the_rows_one_by_one(
    rows: list[tuple[float, float]], reverse: bool
) -> None:
    def said(w: Any) -> Any:
        carry, left = scan(lambda c, x: (c, [sin(w * x[0]), x[1] * w]), None, [*map(list, rows)],
                           reverse=reverse)  # fmt: skip
        assert carry is None
        return left

    def written(w: Any) -> Any:
        return [[sin(w * a), b * w] for a, b in rows]

    assert said(0.7) == written(0.7)
    total = [grad(lambda w, f=f: sum(tree.leaves(f(w)), 0.0)) for f in (said, written)]
    assert total[0](0.7) == total[1](0.7)
    assert jit(total[0])(0.7) == pytest.approx(total[1](0.7), rel=1e-12, abs=1e-12)
    made = jit(said)
    for w in (0.7, -0.3, 0.7):
        assert tree.leaves(made(w)) == pytest.approx(tree.leaves(written(w)), rel=1e-12, abs=1e-12)
    assert made.stats["plain"] == 0


def test_fori_loop_and_while_loop_are_the_loops() -> None:
    assert fori_loop(2, 5, lambda i, c: [c[0] + i, c[1] * i], [0.0, 1.0]) == [9.0, 24.0]
    assert fori_loop(5, 2, lambda i, c: c + i, 0.5) == 0.5
    assert while_loop(lambda c: c[0] < 10, lambda c: (c[0] * 2, c[1] + 1), (1.0, 0)) == (16.0, 4)
    assert grad(lambda x: while_loop(lambda c: c < 10.0, lambda c: c * x, x))(2.0) == 4 * 2.0**3


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: scan(3, 0.0, [1.0]), TypeError, "step must be a function, got"),
        (lambda: scan(lambda c, x: c, 0.0, [1.0]), TypeError, "return a pair"),
        (lambda: scan(lambda c, x: (c, x), "a", [1.0]), TypeError, "scan: the carry"),
        (lambda: scan(lambda c, x: ([c], x), 0.0, [1.0]), ValueError, "scan: the carry"),
        (lambda: scan(lambda c, x: (c[:1], x), [0.0, 1.0], [1.0]), ValueError, "scan: the carry"),
        (lambda: scan(lambda c, x: (x, x), None, [1.0]), ValueError, "carry: expected None, got"),
        (lambda: scan(lambda c, x: x, None, [1.0]), TypeError, "return a pair"),
        (lambda: scan(lambda c, x: (None, x), 0.0, [1.0]), ValueError, "scan: the carry"),
        (lambda: scan(lambda c, x: (c, x), 0.0), TypeError, "length="),
        (lambda: scan(lambda c, x: (c, x), 0.0, 3.0), TypeError, "xs has no axis"),
        (lambda: scan(lambda c, x: (c, x), 0.0, [1.0], length=2), ValueError, "1 rows"),
        (lambda: scan(lambda c, x: (c, x), 0.0, length=-1), ValueError, "scan: length"),
        (lambda: scan(lambda c, x: (c, x), 0.0, ([1.0], [1.0, 2.0])), ValueError, "different"),
        (lambda: scan(lambda c, x: (c, None if x else x), 0.0, [1.0, 0.0]), TypeError, "leaves"),
        (lambda: fori_loop(0, 2.5, lambda i, c: c, 0.0), TypeError, "integer"),  # type: ignore[arg-type]
        (lambda: fori_loop(0, 2, None, 0.0), TypeError, "body must be a function"),  # type: ignore[arg-type]
        (lambda: while_loop(lambda c: c < 1, lambda c: [c], 0.0), ValueError, "while_loop: the"),
        (lambda: while_loop(None, lambda c: c, 0.0), TypeError, "condition must be"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
