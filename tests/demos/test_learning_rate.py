"""The learning rate demo: the gradient of a bowl, and three ways to descend into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.graph import topological_order
from demos.learning_rate import START, descend, gradient, labelled_graph, report

numbers = st.floats(-1e6, 1e6)


@given(w0=numbers, w1=numbers)
def test_the_gradient_is_twice_the_point(w0: float, w1: float) -> None:
    assert gradient((w0, w1)) == (2 * w0, 2 * w1)


@pytest.mark.parametrize("lr", [0.001, 0.1, 0.4, 0.9, 1.05])
def test_each_step_multiplies_the_point(lr: float) -> None:
    points = descend(lr, 20).points
    assert points[0] == START
    for step, point in enumerate(points):
        factor = (1 - 2 * lr) ** step
        assert point == pytest.approx((factor * START[0], factor * START[1]))


@pytest.mark.parametrize(
    ("lr", "verdict"),
    [
        (0.1, "gets there"),
        (0.5, "gets there"),
        (1.05, "diverges"),
        (0.001, "hardly moves"),
        (0.01, "is on its way"),
    ],
)
def test_the_verdicts(lr: float, verdict: str) -> None:
    assert descend(lr, 30).verdict == verdict


def test_a_descent_that_leads_far_away_is_stopped() -> None:
    descent = descend(100.0, 1000)
    assert descent.verdict == "diverges"
    assert len(descent.points) < 10


def test_the_graph_has_the_gradients() -> None:
    height = labelled_graph()
    assert height.data == 25.0
    values = {value.label: value for value in topological_order(height)}
    assert (values["w0"].grad, values["w1"].grad) == (-6.0, 8.0)


def test_the_report() -> None:
    text = report({"right": descend(0.1, 30)})
    assert "( 6.0,  8.0)   ( 6.0,  8.0)" in text
    assert "gets there" in text
