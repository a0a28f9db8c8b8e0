"""The regression demo: its training as a function, and the program as a person runs it."""

import random

import pytest

from demos.regression import GRID, fit, make_data, report, true_curve


def test_the_data_lie_about_the_curve() -> None:
    data = make_data(2000, 0.1, random.Random(0))
    assert data.xs == sorted(data.xs)
    assert -1 <= data.xs[0] < data.xs[-1] <= 1
    errors = [y - true_curve(x) for x, y in zip(data.xs, data.ys, strict=True)]
    assert sum(errors) / len(errors) == pytest.approx(0, abs=0.01)
    assert sum(e * e for e in errors) / len(errors) == pytest.approx(0.01, rel=0.1)


def test_a_short_fit_comes_nearer() -> None:
    data = make_data(20, 0.0, random.Random(1))
    result = fit(data, random.Random(1), hidden=4, epochs=30)
    assert len(result.losses) == 31
    assert len(result.before) == len(result.after) == len(GRID)
    assert result.losses[-1] < 0.5 * result.losses[0]
    assert result.residual == result.losses[-1] ** 0.5
    assert result.losses == fit(data, random.Random(1), hidden=4, epochs=30).losses
    plain = fit(data, random.Random(1), hidden=4, epochs=30, jit=False)
    assert result.losses == pytest.approx(plain.losses, rel=1e-9)
    assert result.after == pytest.approx(plain.after, rel=1e-9)
    assert "30 epochs, 20 points" in report(result, 0.0)


def test_a_learning_rate_too_large_diverges() -> None:
    with pytest.raises(OverflowError, match="the loss is"):
        fit(make_data(5, 0.1, random.Random(0)), random.Random(0), epochs=300, lr=50.0)
