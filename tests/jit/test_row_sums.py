"""Whether a function of rows is a sum over them, against what its numbers say."""

import random
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import pytest

from autograd import TraceError, Value, clip, dot, exp, logsumexp, maximum, prod, tanh, where
from autograd import sum as total
from autograd.jit.row_sums import why_coupled

F = Callable[[list[Any]], Any]
SHARED = Value(0.7)


def costs(rng: random.Random) -> Callable[[Any, Any], Any]:
    """What a row costs: some of these, one of the other."""
    made: list[Callable[[Any, Any], Any]] = [
        lambda y, t: (y - t) ** 2,
        lambda y, t: t * tanh(y),
        lambda y, t: maximum(0.0, 1.0 - y * t) + 0.5,
        lambda y, t: clip(y, -1.0, 1.0) * (y - t),
        lambda y, t: exp(-SHARED) * (y - t) ** 2 + SHARED,
        lambda y, t: 3.0 * y if t > 0.5 else y * y,
        lambda y, t: where(t > 0, 2.0, 1.0) * y,
        lambda y, t: dot([y, t, 2.0], [t, y, y]),
    ]
    one, other = rng.sample(made, 2)
    return lambda y, t: one(y, t) + 0.3 * other(y, t)


def sums(rng: random.Random) -> F:
    """A sum over rows, as one may write it."""
    cost = costs(rng)
    each = lambda rows: [cost(y, t) for y, t in rows]
    made: list[F] = [
        lambda rows: sum(each(rows)),
        lambda rows: total(each(rows)) / len(rows) + 0.1 * SHARED * SHARED,
        lambda rows: dot(each(rows), [1.0 / len(rows)] * len(rows)) - SHARED,
        lambda rows: -total([-x * SHARED for x in each(rows)]) / (SHARED + 1.0),
        lambda rows: sum(x / len(rows) for x in each(rows)),
        lambda rows: total(each(rows)) - 0.5 * total([y * t for y, t in rows]),
    ]
    return rng.choice(made)


def coupled(rng: random.Random) -> F:
    """One in which rows meet, or their places count."""
    cost, other = costs(rng), sums(rng)
    each = lambda rows: [cost(y, t) for y, t in rows]
    made: list[F] = [
        lambda rows: exp(total(each(rows)) * 0.1),
        lambda rows: total(each(rows)) / (sum(t * t for _, t in rows) + 1.0),
        lambda rows: total([y * rows[i - 1][0] for i, (y, _) in enumerate(rows)]),
        lambda rows: total(sorted(each(rows))[1:]),
        lambda rows: max(each(rows)),
        lambda rows: logsumexp(each(rows)),
        lambda rows: prod([y for y, _ in rows]),
        lambda rows: dot([y for y, _ in rows], [t for _, t in rows[1:] + rows[:1]]),
        lambda rows: (
            total(each(rows)) if sum(t for _, t in rows) > 0 else total([y for y, _ in rows])
        ),
        lambda rows: each(rows)[0],
        lambda rows: dot(each(rows), [1.0 + (i == 2) for i in range(len(rows))]),
        lambda rows: maximum(total(ys := [y for y, _ in rows]), -total(ys)),
    ]
    found = rng.choice(made)
    return lambda rows: found(rows) + 0.1 * other(rows)


def drawn(rng: random.Random) -> list[tuple[float, float]]:
    return [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(5)]


def is_sum(f: F, rng: random.Random) -> bool:
    """Whether numbers say so: rows add up, and may change their places."""
    value = lambda rows: float(f([(Value(y), t) for y, t in rows]))

    def swapped(rows: Sequence[Any], *places: int) -> float:
        return value([moved[i] if i in places else row for i, row in enumerate(rows)])

    for _ in range(8):
        rows, moved = drawn(rng), drawn(rng)
        for i, j in combinations(range(5), 2):
            both = swapped(rows, i) + swapped(rows, j) - swapped(rows, i, j)
            exchanged = [*rows]
            exchanged[i], exchanged[j] = rows[j], rows[i]
            if max(abs(both - value(rows)), abs(value(exchanged) - value(rows))) > 1e-9:
                return False
    return True


@pytest.mark.parametrize("seed", range(36))
def test_what_is_a_sum_is_found_to_be_one(seed: int) -> None:
    rng = random.Random(seed)
    f = sums(rng)
    assert is_sum(f, rng)
    assert why_coupled(f, drawn(rng)) is None


@pytest.mark.parametrize("seed", range(36))
def test_what_couples_rows_is_not(seed: int) -> None:
    rng = random.Random(seed)
    f = coupled(rng)
    assert not is_sum(f, rng)
    assert why_coupled(f, drawn(rng)) is not None


def test_a_row_may_be_any_structure_of_numbers() -> None:
    rows = [({"y": [0.1 * i, 2.0]}, i) for i in range(4)]
    assert why_coupled(lambda rows: sum(y["y"][0] * t for y, t in rows), rows) is None
    assert why_coupled(lambda rows: sum(rows[0][0]["y"][1] * t for _, t in rows), rows)


def test_rows_that_are_left_out_have_no_term() -> None:
    rows = [(0.5, 1.0), (0.5, float("nan")), (0.5, 2.0)]
    kept = lambda rows: total([y * t for y, t in rows if t == t])
    assert why_coupled(kept, rows) is None


def test_what_takes_numbers_out_is_no_program() -> None:
    with pytest.raises(TraceError, match=r"float\(\)"):
        why_coupled(lambda rows: sum(Value(float(y)) for y, _ in rows), [(1.0, 2.0)] * 3)
