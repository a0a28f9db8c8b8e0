"""A right gradient broken in a known way gets the diagnosis of that way."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import GradientError
from autograd.testing import gradcheck
from autograd.testing.strategies import on_from

N = 4
vectors = st.lists(st.floats(0.3, 3.0), min_size=N, max_size=N, unique=True)
WEIGHTS = [1.7, -2.3, 0.9, 3.1]


def f(x: list[float]) -> float:
    return sum(w * t**3 for w, t in zip(WEIGHTS, x, strict=True))


def right(x: list[float]) -> list[float]:
    return [3 * w * t * t for w, t in zip(WEIGHTS, x, strict=True)]


def kinds(wrong: Callable[[list[float]], Any], x: list[float], of: Any = f) -> list[str]:
    with pytest.raises(GradientError) as caught:
        gradcheck(of, (x,), derivative=wrong)
    return [diagnosis.kind for diagnosis in caught.value.result.diagnoses]


def vectors_apart(also: Any = right) -> st.SearchStrategy[list[float]]:
    """Vectors of which certain numbers are apart."""
    box = [(0.3, 3.0)] * N
    return vectors.map(lambda x: next(x for x in on_from(x, box) if apart(also(x))))


def apart(numbers: list[float]) -> bool:
    """Whether no two are nearly the same size, so that a slip is not taken for another."""
    sizes = sorted(map(abs, numbers))
    return all(b - a > 1e-2 for a, b in pairwise(sizes))


@given(vectors_apart(), st.sets(st.sampled_from(range(N)), min_size=1))
def test_sign(x: list[float], where: set[int]) -> None:
    assert (
        kinds(lambda x: [-d if i in where else d for i, d in enumerate(right(x))], x)[0] == "sign"
    )


@given(vectors, st.sampled_from([2.0, 0.5, 1 / 3, 1 + 1e-5, -2.0, 0.25]))
def test_factor(x: list[float], factor: float) -> None:
    assert "factor" in kinds(lambda x: [factor * d for d in right(x)], x)


@given(vectors_apart(lambda x: [*right(x), *x, 1.0]))
def test_missing_chain_factor(x: list[float]) -> None:
    missing = lambda x: [3 * w * t for w, t in zip(WEIGHTS, x, strict=True)]
    assert "chain factor" in kinds(missing, x)


@given(st.floats(-2, 2), st.floats(0.5, 2))
def test_missing_derivative_of_the_sigmoid(w: float, x: float) -> None:
    way = on_from([w, x], [(-2.0, 2.0), (0.5, 2.0)])
    w, x = next(point for point in way if apart([*point, 1.0, 0.0]))
    sigmoid = lambda p: 1 / (1 + math.exp(-p[0] * p[1]))
    with pytest.raises(GradientError) as caught:
        gradcheck(sigmoid, ([w, x],), derivative=lambda p: [p[1], p[0]])
    words = [d.words for d in caught.value.result.diagnoses if d.kind == "chain factor"]
    assert any("output * (1 - output)" in text and "is missing" in text for text in words)


@given(vectors)
def test_dropped(x: list[float]) -> None:
    assert kinds(lambda x: [0.0, *right(x)[1:]], x)[0] == "dropped"


@given(vectors_apart())
def test_swapped(x: list[float]) -> None:
    swap = lambda x: [right(x)[2], right(x)[1], right(x)[0], right(x)[3]]
    assert kinds(swap, x)[0] == "swapped"


@given(vectors_apart(), st.sampled_from([1, -1]))
def test_shifted(x: list[float], step: int) -> None:
    shift = lambda x: [*right(x)[1:], 0.123] if step == 1 else [0.123, *right(x)[:-1]]
    assert kinds(shift, x)[0] == "shifted"


@given(vectors_apart())
def test_the_derivative_of_another(x: list[float]) -> None:
    assert kinds(lambda x: [right(x)[2], *right(x)[1:]], x)[0] == "other entry"


@given(vectors_apart(lambda x: [x[2] / 5, x[1] / 2, x[1] / 5, x[2] * 0.3]))
def test_transposed_jacobian(x: list[float]) -> None:
    of = lambda x: [x[0] + 2 * x[1] * x[2], 5 * x[0] * x[1], x[2] * x[0] * 3 + x[3], x[1] + x[3]]
    rows = lambda x: [
        [1.0, 2 * x[2], 2 * x[1], 0.0],
        [5 * x[1], 5 * x[0], 0.0, 0.0],
        [3 * x[2], 0.0, 3 * x[0], 1.0],
        [0.0, 1.0, 0.0, 1.0],
    ]
    gradcheck(of, (x,), derivative=rows)
    transposed = lambda x: [list(column) for column in zip(*rows(x), strict=True)]
    assert "transposed" in kinds(transposed, x, of)


def test_transposed_matrix_of_weights() -> None:
    of = lambda w: sum((i + 1) * (3 * j + 1) * w[i][j] ** 2 for i in range(3) for j in range(3))
    at = [[0.5, 1.5, -0.7], [2.5, 0.3, 1.1], [-1.3, 0.9, 1.9]]
    rows = [[2 * (i + 1) * (3 * j + 1) * at[i][j] for j in range(3)] for i in range(3)]
    wrong = [list(column) for column in zip(*rows, strict=True)]
    assert "transposed" in kinds(lambda w: wrong, at, of)  # type: ignore[arg-type]
