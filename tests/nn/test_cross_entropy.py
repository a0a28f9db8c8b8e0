"""The cross-entropies over classes: their definition, their derivatives, and their errors."""

from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, softmax
from autograd.testing import gradcheck

numbers = st.floats(-5, 5)


def exact_cross_entropy(logits: list[float], target: list[float]) -> Any:
    with mpmath.workdps(2000):
        powers = [mpmath.exp(mpmath.mpf(z)) for z in logits]
        total = mpmath.fsum(powers)
        return -mpmath.fsum(t * mpmath.log(x / total) for t, x in zip(target, powers, strict=True))


@given(
    logits=st.lists(numbers, min_size=1, max_size=4),
    weights=st.lists(st.floats(0.1, 1), min_size=4, max_size=4),
)
def test_cross_entropy_gradients(logits: list[float], weights: list[float]) -> None:
    kept = weights[: len(logits)]
    distribution = [w / sum(kept) for w in kept]
    gradcheck(lambda zs: nn.cross_entropy(zs, distribution), (logits,))
    gradcheck(lambda zs: nn.cross_entropy([zs, zs], [0, distribution]), (logits,))


@given(
    st.lists(st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3), min_size=1, max_size=3),
    st.lists(st.floats(0.1, 1), min_size=3, max_size=3),
    st.sampled_from([1e-7, 1e-3]),
)
def test_cross_entropy_of_probabilities(
    rows: list[list[float]], weights: list[float], epsilon: float
) -> None:
    t = [w / sum(weights) for w in weights]
    expected = np.mean([-(np.array(t) * np.log(np.array(row) + epsilon)).sum() for row in rows])
    targets = [t] * len(rows)
    found = nn.cross_entropy_of_probabilities(rows, targets, epsilon)
    assert found == pytest.approx(float(expected), rel=1e-13)
    gradcheck(lambda ps: nn.cross_entropy_of_probabilities(ps, targets, epsilon), (rows,))


def test_the_two_cross_entropies_agree() -> None:
    logits = [[0.5, -1.0, 2.0], [3.0, 0.0, 0.0]]
    rows = [softmax(row) for row in logits]
    expected = nn.cross_entropy(logits, [2, 1])
    assert nn.cross_entropy_of_probabilities(rows, [2, 1]) == pytest.approx(expected, abs=1e-5)


LOGITS = [[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1000.0], [40.0, 0.0, 1.0], [0.3, 0.2, 0.1]]


@pytest.mark.parametrize("logits", LOGITS)
@pytest.mark.parametrize("k", [0, 1, 2])
def test_cross_entropy_is_exact(logits: list[float], k: int) -> None:
    one_hot = [float(j == k) for j in range(3)]
    expected = float(exact_cross_entropy(logits, one_hot))
    assert nn.cross_entropy(logits, k) == pytest.approx(expected, rel=1e-14, abs=0)
    assert nn.cross_entropy(logits, one_hot) == nn.cross_entropy(logits, np.int64(k))
    values = [Value(z) for z in logits]
    nn.cross_entropy(values, k).backward()
    with mpmath.workdps(2000):
        powers = [mpmath.exp(mpmath.mpf(z)) for z in logits]
        softmax = [float(x / mpmath.fsum(powers)) for x in powers]
    assert [v.grad for v in values] == pytest.approx(
        [p - t for p, t in zip(softmax, one_hot, strict=True)], rel=1e-13, abs=2e-16
    )


@given(
    st.lists(st.lists(st.floats(-1000, 1000), min_size=3, max_size=3), min_size=1, max_size=3),
    st.lists(st.floats(0.1, 1), min_size=3, max_size=3),
)
def test_cross_entropy_of_a_batch_is_the_mean(
    rows: list[list[float]], weights: list[float]
) -> None:
    t = [w / sum(weights) for w in weights]
    expected = float(mpmath.fsum(exact_cross_entropy(row, t) for row in rows) / len(rows))
    given_as_array = nn.cross_entropy(np.array(rows), np.array([t] * len(rows)))
    assert given_as_array == pytest.approx(expected, rel=1e-12)


def test_cross_entropy_types() -> None:
    assert type(nn.cross_entropy([0.5, 0.25], 0)) is float
    assert type(nn.cross_entropy([Value(0.5), 0.25], 0)) is Value
    assert type(nn.cross_entropy([0.5, 0.25], [Value(0.5), 0.5])) is Value


@pytest.mark.parametrize(
    ("logits", "target", "error", "message"),
    [
        ([], 0, ValueError, "at least one logit, got none"),
        ([[]], [0], ValueError, r"at least one logit in logits\[0\], got none"),
        ([1.0, 2.0], 2, ValueError, "index of one of 2 classes, 0 to 1, got 2"),
        ([1.0, 2.0], -1, ValueError, "got -1"),
        ([[1.0, 2.0]] * 2, [0, 5], ValueError, r"target\[1\] must be the index .* got 5"),
        ([1.0, 2.0], [1.0], ValueError, "a probability for each of 2 classes, got 1"),
        ([1.0, 2.0], [0.5, 0.6], ValueError, "must add up to 1, got 1.1"),
        ([1.0, 2.0], [-1.0, 2.0], ValueError, r"target\[0\] must be between 0 and 1"),
        ([1.0, 2.0], 1.0, TypeError, r"a class index \(an integer\) or 2 probabilities"),
        ([[1.0, 2.0]], 1, ValueError, "one target for each of 1 rows of logits, got int 1"),
        ([[1.0, 2.0]], [0, 1], ValueError, "one target for each of 1 rows of logits, got 2"),
    ],
)
def test_errors_of_cross_entropy(
    logits: Any, target: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        nn.cross_entropy(logits, target)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f([], 0), ValueError, "at least one probability, got none"),
        (lambda f: f([[]], [0]), ValueError, r"one probability in probabilities\[0\], got none"),
        (lambda f: f([0.5, 1.5], 0), ValueError, r"probabilities\[1\] must be between 0 and 1"),
        (lambda f: f([[0.5, -0.5]], [0]), ValueError, r"probabilities\[0\]\[1\] must .* got -0.5"),
        (lambda f: f([0.5, 0.5], 2), ValueError, "index of one of 2 classes, 0 to 1, got 2"),
        (lambda f: f([[0.5, 0.5]], [0, 1]), ValueError, "each of 1 rows of probabilities, got 2"),
        (lambda f: f([[0.5, 0.5], 1], [0, 1]), TypeError, r"\[1\] must be a row of .* got int 1"),
        (lambda f: f([0.5, "a"], 0), TypeError, r"probabilities\[1\]: expected a number, got str"),
        (lambda f: f([0.5, 0.5], 0, 0.0), ValueError, "epsilon must be positive and finite, got 0"),
        (lambda f: f([0.5, 0.5], 0, "a"), TypeError, "epsilon: expected a number, got str 'a'"),
    ],
)
def test_errors_of_cross_entropy_of_probabilities(
    call: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"cross_entropy_of_probabilities: .*{message}"):
        call(nn.cross_entropy_of_probabilities)
