"""Machine code that is called as Python calls its own functions in C: from floats to floats."""

import gc
import itertools
import math
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("llvmlite")

from autograd.jit.native.lower_native import NativeLowered, lower
from autograd.jit.programs.program import Program
from autograd.primitives import TABLE


def lowered(inputs: int = 3) -> NativeLowered:
    """The sums of each input and the next one, and the exponential of the first."""
    program = Program()
    xs = [program.input(f"x{i}") for i in range(inputs)]
    sums = [program.apply(TABLE["add"], x, y) for x, y in itertools.pairwise(xs)]
    program.outputs += [*sums, program.apply(TABLE["exp"], xs[0])]
    return lower(program)


def called(made: NativeLowered) -> Callable[..., tuple[float, ...]]:
    assert made.straight is not None
    compute: Any = made.straight.namespace["compute"]
    assert type(compute) is type(math.sin), "this Python's floats and tuples are not known"
    return compute  # type: ignore[no-any-return]


def expected(xs: Any) -> tuple[float, ...]:
    return (*[x + y for x, y in itertools.pairwise(xs)], math.exp(xs[0]))


@given(st.integers(1, 40), st.data())
def test_it_computes_what_the_program_does(inputs: int, data: st.DataObject) -> None:
    one = st.floats(-100.0, 100.0)
    xs = data.draw(st.lists(one, min_size=inputs, max_size=inputs))
    compute = called(lowered(inputs))
    for _ in range(2):
        found = compute(*xs)
        assert {type(y) for y in found} == {float}
        assert found == pytest.approx(expected(xs), rel=1e-14)


class Half(float):
    """A float of another class."""


@given(
    st.lists(
        st.one_of(
            st.integers(), st.booleans(), st.none(), st.text(), st.just(Half(0.5)), st.floats()
        ),
        max_size=5,
    )
)
def test_anything_but_so_many_finite_floats_gives_nothing(xs: list[Any]) -> None:
    compute = called(lowered())
    is_meant = len(xs) == 3 and all(type(x) is float and abs(x) < 1e300 for x in xs)
    is_meant = is_meant and xs[0] < 700.0
    assert len(compute(*xs)) == (3 if is_meant else 0)
    assert compute(0.0, 1.0, 2.0, 3.0) == compute(0.0, 1.0) == compute() == ()
    assert compute(0.0, 1.0, 2.0) == (1.0, 3.0, 1.0)  # nothing is left over


def test_it_keeps_no_object_and_loses_none() -> None:
    compute = called(lowered())
    given = [0.25 * 3, 1.5 * 3, "text", math.inf]
    counts = [sys.getrefcount(x) for x in given]

    def calls() -> None:
        for _ in range(1000):
            compute(given[0], given[1], given[0])
            compute(*given[:3])
            compute(given[3], given[0], given[1])
            compute()

    calls()
    tracemalloc.start()
    try:
        calls()
        before = tracemalloc.take_snapshot()
        calls()
        after = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    grown = sum(entry.size_diff for entry in after.compare_to(before, "filename"))
    assert grown < 4000  # a tuple or a float each would be 24,000 and more
    assert [sys.getrefcount(x) for x in given] == counts


@pytest.fixture
def eager_collector() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("eager_collector")
def test_a_finaliser_may_call_it_in_the_middle_of_a_call() -> None:
    compute = called(lowered(30))  # Python keeps smaller tuples, and does not collect for them
    ones, is_called, inside = [1.0] * 30, False, []
    right = pytest.approx(expected(ones))

    class Again:
        """Calls it when it is collected, in a cycle of its own."""

        def __init__(self) -> None:
            self.cycle = self

        def __del__(self) -> None:
            inside.append(is_called)
            assert compute(*ones) == right

    for i in range(20):
        xs = (*[i / 10] * 30,)
        gc.disable()
        Again()
        is_called = True
        gc.enable()  # the next object that the collector knows has it come by
        found = compute(*xs)
        is_called = False
        assert found == pytest.approx(expected(xs))
    assert sys.version_info >= (3, 12) or any(inside)  # which collects between two instructions


def test_threads_share_it() -> None:
    compute = called(lowered())
    wrong = []

    def run(k: int) -> None:
        xs = (k / 10, float(k), 1.0)
        right = pytest.approx(expected(xs), rel=1e-14)
        wrong.extend(k for _ in range(1000) if compute(*xs) != right)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_it_keeps_all_that_it_needs() -> None:
    made = [called(lowered(3 + i % 3)) for i in range(20)]  # what they were made of is gone
    gc.collect()
    for i, compute in enumerate(made):
        xs = [0.5] * (3 + i % 3)
        assert compute(*xs) == pytest.approx(expected(xs))
        holder: list[Any] = [compute]
        holder.append(holder)  # and goes in a cycle
    del made, compute, holder
    gc.collect()


def missing() -> Any:
    raise RuntimeError("no such function")


@pytest.mark.parametrize(
    ("name", "other"),
    [("lower_native.knows_objects", lambda: False), ("object_calls._methods", missing)],
)
def test_where_python_is_not_known_floats_are_packed(
    name: str, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"autograd.jit.native.{name}", other)
    straight = lowered().straight
    assert straight is not None
    assert straight.namespace["compute"] is None
    assert not straight.checks_floats
