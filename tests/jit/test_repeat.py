"""`repeat`: many calls by one call of machine code are the calls one by one, to the last bit."""

from __future__ import annotations

from typing import Any

import pytest

from autograd import Value, exp, grad, scan, sin
from autograd.jit import jit
from autograd.random import fold_in, key, uniform

np = pytest.importorskip("numpy")
pytest.importorskip("llvmlite")


def one_by_one(f: Any, args: Any, rows: Any) -> list[list[float]]:
    """Each call by itself; all of its arguments, and results, are flat lists."""
    state, _, *same = args
    found = []
    for row in rows.tolist():
        results = f(state, row, *same)
        state = results[0]
        found.append([*state, *results[1]])
    return found


def chaotic(state: Any, row: Any, same: Any) -> Any:
    x, y = state
    moved = [sin(3.0 * x + row[0]) * same[0], x - row[1] * y]
    return moved, [x * x + y, exp(-x)]


def handing_on(state: Any, row: Any, same: Any) -> Any:
    """What is swapped, handed on, always the same, given twice."""
    x, y, z, u = state
    v = x + row[0] * same[1]
    return [y, v, 2.5, z], [v, u, row[1], same[0]]


def differentiated(state: Any, row: Any, same: Any) -> Any:
    slopes = grad(lambda s: sum(sin(x * row[0]) * same[0] for x in s) ** 2)(state)
    return [x - 0.1 * g for x, g in zip(state, slopes, strict=True)], slopes


def with_a_loop(state: Any, row: Any, same: Any) -> Any:
    last, left = scan(lambda c, x: (0.5 * c + sin(x * same[0]), c), state[0], [*row, *row])
    return [last, state[1] + last], left


def of_rows(state: Any, row: Any, same: Any) -> Any:
    """So many numbers that they are array operations."""
    products = [sum(a * b for a, b in zip(state, row[k:], strict=False)) for k in range(30)]
    return [sin(p) for p in products[: len(state)]], [*products, same[1]]


def drawing(state: Any, row: Any, same: Any) -> Any:
    draws = uniform(fold_in(key(1), row[0]), 3)
    return [x * u for x, u in zip(state, draws, strict=False)], draws


SHAPES: dict[Any, tuple[int, int]] = {
    chaotic: (2, 2),
    handing_on: (4, 2),
    differentiated: (3, 1),
    with_a_loop: (2, 4),
    of_rows: (8, 60),
    drawing: (2, 1),
}


@pytest.mark.parametrize("f", SHAPES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("turns", [1, 2, 50])
def test_repeated_calls_are_single_calls(f: Any, turns: int) -> None:
    carried, width = SHAPES[f]
    compiled = jit(f, backend="native", fallback="raise")
    rng = np.random.default_rng(0)
    rows = rng.integers(1, 9, (turns, width)) / (1.0 if f is drawing else 8.0)
    args = rng.uniform(0.5, 1.0, carried).tolist(), rows[0].tolist(), [0.75, 2.0]
    compiled(*args)
    expected = one_by_one(compiled, args, rows)
    found = compiled.repeat(args, carried, rows)
    assert found.tolist() == expected
    again = compiled.repeat(args, carried, np.asfortranarray(rows))  # nothing of before is left
    assert again.tolist() == expected


def test_what_cannot_be_computed_ends_it_before() -> None:
    inverse = jit(lambda state, row: ([state[0] + 1 / row[0]], []), backend="native")
    args = [1.0], [0.5]
    inverse(*args)
    rows = np.array([[2.0], [4.0], [0.0], [8.0]])
    assert inverse.repeat(args, 1, rows).tolist() == [[1.5], [1.75]]
    assert inverse.repeat(args, 1, rows[2:]).shape == (0, 1)
    assert inverse.repeat(args, 1, rows[:0]).shape == (0, 1)
    assert inverse([1.75], [8.0]) == ([1.875], [])


def test_another_branch_ends_it_before() -> None:
    @jit(backend="native")
    def step(state: Any, row: Any) -> Any:
        return [state[0] + row[0] if state[0] < 3 else state[0] - 7 * row[0]], []

    args = [0.0], [1.0]
    step(*args)
    rows = np.ones((10, 1))
    assert step.repeat(args, 1, rows).tolist() == [[1.0], [2.0], [3.0]]
    step([3.0], [1.0])  # the last call says which branch
    assert step.repeat(([9.0], [1.0]), 1, rows).tolist() == [[2.0]]


def test_a_change_of_captured_state_is_noticed() -> None:
    factor = [2.0]
    grown = jit(lambda state, row: ([state[0] * factor[0] + row[0]], []), backend="native")
    args = [1.0], [0.0]
    grown(*args)
    assert grown.repeat(args, 1, np.zeros((2, 1))).tolist() == [[2.0], [4.0]]
    factor[0] = 3.0
    assert len(grown.repeat(args, 1, np.zeros((2, 1)))) == 0


@pytest.mark.parametrize("backend", ["python", "numpy"])
def test_nothing_without_machine_code(backend: str) -> None:
    step = jit(lambda state, row: ([2 * state[0]], [row[0]]), backend=backend)
    step([1.0], [1.0])
    assert len(step.repeat(([1.0], [1.0]), 1, np.ones((3, 1)))) == 0


def test_nothing_where_values_are_read_or_nothing_is_computed() -> None:
    w = Value(2.0)
    reading = jit(lambda state, row: ([w * state[0]], [row[0]]), backend="native")
    handing = jit(lambda state, row: (row, state), backend="native")
    for step in (reading, handing):
        step([1.0], [1.0])
        assert len(step.repeat(([1.0], [1.0]), 1, np.ones((3, 1)))) == 0
    given = [Value(1.0)], [1.0]
    double = jit(lambda state, row: ([2 * state[0]], [row[0]]), backend="native")
    double(*given)
    assert len(double.repeat(given, 1, np.ones((3, 1)))) == 0


@pytest.mark.parametrize(("carried", "width"), [(1, 2), (2, 1), (3, 0), (1, None)])
def test_numbers_that_do_not_fit_are_refused(carried: int, width: int | None) -> None:
    step = jit(lambda state, row: ([2 * state[0]], [row[0] + 1.0]), backend="native")
    step([1.0], [1.0])
    rows = np.ones(3) if width is None else np.ones((3, width))
    with pytest.raises(ValueError, match=r"repeat: .* numbers are carried"):
        step.repeat(([1.0], [1.0]), carried, rows)


def test_the_example() -> None:
    grow = jit(lambda state, row: ([2 * state[0] + row[0]], state[0]), backend="native")
    grow([1.0], [0.0])
    rows = np.array([[0.0], [1.0], [2.0]])
    found = grow.repeat(([1.0], [0.0]), 1, rows)
    assert found.tolist() == [[2.0, 1.0], [5.0, 2.0], [12.0, 5.0]]


@pytest.mark.parametrize(
    "rows",
    [np.ones((4000, 1))[::2000][:1], np.ones((3, 0)), np.ones((5, 2))[:, 1:], np.ones((0, 1))],
)
def test_rows_that_lie_anywhere(rows: Any) -> None:
    """One row is contiguous whatever its stride; a row of no numbers has one, too."""
    f = lambda state, row, same: ([2 * state[0] + same[0] + sum(row)], [state[0]])
    grow = jit(f, backend="native")
    grow([1.0], [0.0] * rows.shape[1], [3.0])
    found = grow.repeat(([1.0], [0.0] * rows.shape[1], [3.0]), 1, rows)
    assert found.tolist() == one_by_one(f, ([1.0], [], [3.0]), rows)
