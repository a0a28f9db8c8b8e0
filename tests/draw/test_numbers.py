"""The numbers of a graph, and what a scene shows of them."""

import math

from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, sqrt
from autograd.draw.scene.numbers import (
    Span,
    measure,
    numbers_now,
    numbers_of_backward,
    numbers_of_values,
)
from autograd.draw.scene.plan import plan
from autograd.graph import topological_order
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions


@given(st.lists(st.floats() | st.none(), max_size=5))
def test_a_span_covers_the_numbers_there_are(numbers: list[float | None]) -> None:
    span = Span.of(numbers)
    known = [x for x in numbers if x is not None]
    if span is None:
        assert not known
    elif any(math.isnan(x) for x in known):
        assert math.isnan(span.high)
        assert not span.is_finite
    else:
        assert (span.low, span.high) == (min(known), max(known))
        assert span.is_finite == all(math.isfinite(x) for x in known)


@given(expressions(smooth=True), st.floats(-2, 2), st.floats(-2, 2))
def test_a_fresh_pass_gives_the_gradients_of_backward(
    program: Expression, x: float, y: float
) -> None:
    result = program(Value(x), Value(y))
    order = topological_order(result)
    numbers = numbers_of_backward(order, result)
    assert [v.grad for v in order] == [0.0] * len(order)
    assert numbers.failure is None
    result.backward()
    assert [g and g.hex() for g in numbers.grad] == [v.grad and v.grad.hex() for v in order]


def test_a_failure_says_where_and_why_and_leaves_the_rest_open() -> None:
    x = Value(0.0)
    y = sqrt(x)
    z = y * 2
    numbers = numbers_of_backward([x, y, z], z)
    assert numbers.failure is not None
    assert numbers.failure[0] == 1
    assert "derivative of sqrt" in numbers.failure[1]
    assert numbers.grad == [None, 2.0, 1.0]
    assert numbers.flows == [(), (None,), [2.0, 2 * 0.0]]
    assert numbers.locals[1] == (None,)


def test_gradients_that_are_no_numbers() -> None:
    x = Value(3.0)
    y = x * x
    y.backward(create_graph=True)
    assert numbers_now([x, y]).grad == [6.0, 1.0]
    x.grad, y.grad = None, "text"
    now = numbers_now([x, y])
    assert now.grad == numbers_of_values([x, y]).grad == [None, None]
    assert now.flows[1] == (None, None)


def test_nothing_flows_before_a_backward_pass() -> None:
    """Also not where a local derivative is infinite, or there is none."""
    x = Value(1e-320)
    results = [1 / x, sqrt(Value(0.0))]
    for result in results:
        [*_, flows] = numbers_now(topological_order(result)).flows
        assert set(flows) <= {0.0}


def test_numbers_as_they_are_share_what_is_known() -> None:
    x = Value(3.0)
    y = x * x
    order = [x, y]
    fresh = numbers_of_backward(order, y)
    now = numbers_now(order, fresh)
    assert now == numbers_now(order)
    assert now.locals is fresh.locals
    assert (now.grad, fresh.grad) == ([0.0, 0.0], [6.0, 1.0])


def test_numbers_do_not_follow_the_graph() -> None:
    x = Value(1.0)
    made = plan([x * 2])
    numbers = numbers_now(made.structure.order)
    x.data = 5.0
    assert measure(made.scene, numbers).nodes[0].data == (1.0, 1.0)
