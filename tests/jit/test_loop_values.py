"""The numbers of long loops in a trace, which machine code computes (`native.loop_values`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from strength import examples

from autograd import hessian, jit, relu, scan, sqrt, tanh, value_and_grad, vmap, where
from autograd.jit.programs import loops
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.primitives import TABLE
from autograd.testing.agreement.run import USES, compare

values = pytest.importorskip("autograd.jit.native.loop_values", exc_type=ImportError)

Found = list[list[Any] | None]


@pytest.fixture
def by_machine(monkeypatch: pytest.MonkeyPatch) -> Found:
    """Has machine code compute loops of any length; what it gave."""
    found: Found = []

    def noted(loop: Loop, operands: Sequence[Any], places: Sequence[int]) -> list[Any] | None:
        found.append(numbers_left(loop, operands, places))
        return found[-1]

    numbers_left = values.numbers_left
    monkeypatch.setattr(values, "numbers_left", noted)
    monkeypatch.setattr(loops, "LEAST_BY_MACHINE", 0)
    return found


def test_they_are_those_of_plain_execution(by_machine: Found) -> None:
    """Of random programs, with ordinary and extreme numbers, in values and all derivatives."""
    uses = [use for use in USES if use.startswith("jit(")]
    programs = examples(200, 12)
    result = compare(range(4000, 4000 + programs), ["python"], shrink=False, uses=uses)
    assert not result.differences, str(result.differences[0])
    assert sum(x is not None for x in by_machine) > programs


def test_a_trail_is_computed_when_it_is_read(by_machine: Found) -> None:
    """A second derivative reads what the turns of a first one began with."""

    def f(x: Any) -> Any:
        rows = [0.1 * k for k in range(5)]
        return scan(lambda c, r: (tanh(c * x[0] + r * x[1]), None), 0.5, rows)[0]

    at = [0.7, -0.3]
    found = jit(hessian(f), fallback="raise")(at)
    assert len([x for x in by_machine if x]) > 2
    for row, expected in zip(found, hessian(f)(at), strict=True):
        assert row == pytest.approx(expected, rel=1e-12)


def test_what_is_not_finite_is_left_to_python(by_machine: Found) -> None:
    """Nothing flows past the side that is not taken, though the slope there is infinite."""

    def f(x: Any) -> Any:
        rows = [1.0 + k for k in range(100)]
        return sum(vmap(lambda r: where(x * r > 0.0, sqrt(x) * r, x))(rows))

    for x in (math.inf, 4.0, 0.0):
        compiled = jit(value_and_grad(f))
        assert compiled(x) == pytest.approx(value_and_grad(f)(x), rel=1e-13)
    assert None in by_machine
    assert any(by_machine)


def test_a_loop_need_not_have_a_trail(by_machine: Found) -> None:
    """That of a program that has been simplified has not."""
    body = Program()
    a, b, x = body.input(), body.input(), body.input()
    total = body.apply(TABLE["add"], a, x)
    body.outputs = [total, body.apply(TABLE["mul"], b, x), total]
    loop = Loop(body, 3, 2, 1)
    first, second, row = loop.value(0.5, 2.0, [1.0, 2.0, 3.0])
    assert (first, second, [*row]) == (6.5, 12.0, [1.5, 3.5, 6.5])
    assert len(by_machine) == 2
    assert None not in by_machine


def test_so_are_loops_in_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a turn computes counts, that of the loops in it too."""

    def f(p: list[Any], rows: list[Any]) -> Any:
        def row_of(r: Any) -> Any:
            return scan(lambda c, k: (0.5 * c + tanh(r * p[0] + k), None), 0.0, [0.1, 0.2, 0.3])[0]

        return sum(vmap(row_of)(rows))

    found = []
    numbers_left = values.numbers_left
    monkeypatch.setattr(values, "numbers_left", lambda *x: found.append(y := numbers_left(*x)) or y)
    monkeypatch.setattr(loops, "LEAST_BY_MACHINE", 100 * 3 * 3)
    rows = [math.sin(k) for k in range(100)]
    plain = value_and_grad(lambda p: f(p, rows))
    value, gradient = jit(plain, fallback="raise")([0.7])
    assert (value, *gradient) == pytest.approx((plain([0.7])[0], *plain([0.7])[1]), rel=1e-13)
    assert len(found) == 2
    assert all(found)


def test_many_rows_take_the_first_call_little_time(by_machine: Found) -> None:
    """Of a mapped loop Python computes no turn, in the function or in its derivative."""

    def loss(p: list[Any], rows: list[Any]) -> Any:
        return sum(vmap(lambda r: relu(p[0] * r + p[1]), 0)(rows))

    rows = [math.sin(k) for k in range(300)]
    value, gradient = jit(value_and_grad(loss), fallback="raise")([1.5, 0.2], rows)
    expected = value_and_grad(loss)([1.5, 0.2], rows)
    assert value == pytest.approx(expected[0], rel=1e-13)
    assert gradient == pytest.approx(expected[1], rel=1e-13)
    assert by_machine
    assert None not in by_machine
