"""What a trace writes down, and what a Value refuses while it is traced."""

import contextlib
import math
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value, floor, jit, max, modes, no_grad, scan, softmax, take, where
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.tracing.differentiate import differentiate
from autograd.jit.tracing.tape import Tape
from autograd.jit.tracing.tracer import Traced, trace
from autograd.modes import tracing


def traced(f: Callable[..., Any], *at: Any) -> Traced:
    names = [f"x{i}" for i in range(len(at))]
    return trace(lambda xs: f(*xs), at, names, lambda out: [out], lambda p: p.label)


def program(f: Callable[..., Any], *at: Any) -> Program:
    return traced(f, *at).program


# Structures

# What is written down


def test_arguments_parameters_and_constants_are_told_apart() -> None:
    w = Value(3.0, label="w")
    found = program(lambda x: w * x + Value(2.0), 5.0)
    assert [found.names[i] for i in found.inputs] == ["x0", "w"]
    assert set(found.constants.values()) == {2.0}
    assert found.evaluate([5.0, 3.0]) == [17.0]
    assert found.evaluate([1.0, 10.0]) == [12.0]


@pytest.mark.parametrize("turns", [0, 2, 9])
def test_an_input_may_stand_for_a_value_from_outside(turns: int) -> None:
    """Wherever that is read, in a loop and in a condition too; others are parameters still."""
    w, other = Value(3.0), Value(4.0, label="other")

    def f(x: Any, stands: Any) -> Any:
        modes.stand_for([w], [stands])
        found, _ = scan(lambda c, row: (c * 0.5 + w * row, None), x, [1.0] * turns)
        return found + where(w > 2.0, w, other)

    made = program(f, 5.0, 3.0)
    assert [made.names[i] for i in made.inputs] == ["x0", "x1", "other"]
    for x, number in ((5.0, 3.0), (1.0, 7.0), (1.0, -2.0)):
        expected = x
        for _ in range(turns):
            expected = expected * 0.5 + number
        assert made.evaluate([x, number, 4.0]) == [expected + (number if number > 2.0 else 4.0)]


def test_a_result_from_before_is_a_parameter() -> None:
    w = Value(3.0)
    y = w * 2
    found = traced(lambda x: x * y, 1.0)
    assert found.parameters == (y,)


def test_a_branch_is_guarded() -> None:
    found = program(lambda x: x * 2 if x > 1 else x * 3, 2.0)
    assert found.evaluate([5.0]) == [10.0]
    with pytest.raises(GuardFailure):
        found.evaluate([0.5])


def test_a_condition_on_constants_is_none() -> None:
    found = program(lambda x: x * 2 if Value(2.0) > 1 else x, 2.0)
    assert not found.guards


def test_where_and_take_choose_without_a_guard() -> None:
    found = program(lambda x: where(x < 1, x * 3, x * 2), 2.0)
    assert not found.guards
    assert found.evaluate([0.5]) == [1.5]
    found = program(lambda x, i: take([x, 2 * x, 3 * x], i), 2.0, 0)
    assert not found.guards
    assert [found.evaluate([5.0, i]) for i in (0.0, 1.0, -1.0)] == [[5.0], [10.0], [15.0]]


@pytest.mark.parametrize(
    "stop",
    [lambda x: x.detach(), lambda x: Value(x), no_grad()(lambda x: x * 1)],
    ids=["detach", "Value", "no_grad"],
)
def test_what_stops_gradients_is_computed_anew_in_each_run(stop: Callable[[Value], Value]) -> None:
    found = program(lambda x: x * stop(x), Value(3.0))
    assert found.evaluate([5.0]) == [25.0]
    assert differentiate(found, [3.0]).evaluate([5.0]) == [25.0, 5.0]


def test_softmax_and_ties_are_not_baked_in() -> None:
    found = program(lambda x, y: softmax([x, y])[0], Value(0.0), Value(1.0))
    assert found.evaluate([800.0, 0.0])[0] == 1.0
    found = program(lambda x, y: max(x, y), Value(0.0), Value(1.0))
    slopes = differentiate(found, [0.0, 1.0])
    assert not slopes.guards
    assert slopes.evaluate([2.0, 1.0]) == [2.0, 1.0, 0.0]
    assert slopes.evaluate([1.0, 1.0]) == [1.0, 0.5, 0.5]


def test_whether_a_loop_carries_values_is_asked_in_each_turn_and_not_of_all_turns_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tape, asked = Tape(), 0
    operands = Value.operands.fget  # type: ignore[attr-defined]

    def counted(node: Value) -> Any:
        nonlocal asked
        asked += 1
        return operands(node)

    with tracing(tape):
        inner, outer = Value(1.0), Value(2.0)
        for x in (inner, outer):
            tape.values.remove(x)  # they stand for plain numbers
            tape.plain.add(x)
        carried = inner
        monkeypatch.setattr(Value, "operands", property(counted))
        for _ in range(100):
            carried = carried * 0.5
            assert not tape.is_value(carried)
        assert asked < 500
        tape.plain.remove(outer)
        tape.constants.add(outer)
        both = carried + outer
        for _ in range(2):
            assert not tape.is_value(both)
            assert tape.is_value(both, {outer})
            assert not tape.is_value(carried, {outer})
            assert tape.is_value(both + Value(3.0))


# What is refused


def test_tracing_holds_for_its_thread_alone() -> None:
    seen: list[Any] = []

    def elsewhere() -> None:
        x = Value(2.0)
        seen.extend([x > 1, x.data, (x * 2).data, float(x)])

    tape = Tape()
    with tracing(tape):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert seen == [True, 2.0, 4.0, 2.0]
    assert type(seen[0]) is bool
    assert tape.nodes == []
    assert not modes.is_tracing
    assert not modes.is_quiet


# The primitives of traces


def test_take_needs_a_whole_index_within_range() -> None:
    assert take([[1.0, 2.0], [3.0, 4.0]], Value(-1.0)) == [3.0, 4.0]
    with pytest.raises(ValueError, match="whole"):
        take([1.0, 2.0], 0.5)
    with pytest.raises(IndexError):
        take([1.0, 2.0], 2)
    assert floor(1.5) == 1.0


def _indexes(x: Any) -> Any:
    try:
        return x * [1.0, 2.0, 3.0][x]
    except TypeError:
        return -1.0


def _converts(x: Any) -> Any:
    try:
        return math.sqrt(x) * 2.0
    except Exception:
        return -1.0


def _asks(x: Any) -> Any:
    with contextlib.suppress(AttributeError):
        return x * x.bit_length()
    return -1.0


@pytest.mark.parametrize("f", [_indexes, _converts, _asks])
def test_an_error_that_only_a_trace_raises_is_not_caught(f: Callable[[Any], Any]) -> None:
    compiled = jit(f)
    for x in (2, 1, 2, 1, 2):
        assert compiled(x) == f(x) != -1.0


def test_what_catches_such_an_error_runs_plain() -> None:
    compiled = jit(_converts)
    with pytest.warns(RuntimeWarning, match="catches an exception"):
        assert compiled(2.25) == 3.0


def test_where_a_debugger_is_active_what_catches_errors_is_not_traced() -> None:
    def watch(frame: Any, event: str, arg: Any) -> Any:
        return None

    compiled = jit(_indexes)
    sys.settrace(watch)
    try:
        with pytest.warns(RuntimeWarning, match="debugger"):
            assert compiled(2) == 6.0
    finally:
        sys.settrace(None)
