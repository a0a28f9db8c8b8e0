"""Entries: code for one structure does what the general way does, or does not apply."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, jit
from autograd.definitions import kinds
from autograd.jit.calls.entry import entry_in_parts, entry_of_straight
from autograd.jit.calls.leaves import ARGUMENTS, Results
from autograd.jit.calls.reading import Entry
from autograd.jit.programs.program import GuardFailure
from autograd.jit.python.straight import Straight
from autograd.jit.unsupported import Unsupported
from autograd.tree import unflatten

floats = st.floats(allow_nan=False)
values = st.builds(Value, floats)
leaves = st.one_of(floats, values, st.integers(-9, 9), st.none(), st.booleans(), st.just("mode"))
arrays = st.builds(lambda n, x: np.full((n, 2), x), st.integers(0, 3), floats)
structures = st.recursive(
    st.one_of(leaves, arrays),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(floats, max_size=4),
        st.lists(st.lists(floats, min_size=2, max_size=2), max_size=4),
        st.lists(st.tuples(floats, floats), max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    ),
    max_leaves=10,
)


def described(x: Any) -> tuple[Any, list[Any]]:
    found: list[Any] = []
    return ARGUMENTS.define_call((x,), {}, found), found


def reader(definition: Any) -> Entry | None:
    """The entry that returns the parts themselves."""
    return entry_in_parts(definition, lambda parts, _: ([], [], [parts]), "value", [("input", 0)])


def parts_of(read: Entry, *args: Any, **options: Any) -> Any:
    """What it returns, or None if it does not apply."""
    try:
        return read(args, options)
    except (GuardFailure, ValueError):  # another length cannot be unpacked
        return None


def equal(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(
        x is y or (isinstance(x, type(y)) and x == y) for x, y in zip(one, other, strict=True)
    )


@given(structures, structures)
@example([Value(0.5), 0, 0, None], [Value(0.5), 0, False, None])
@example([Value(0.5), 0, 0], [Value(0.5), 0, False])
def test_a_reader_takes_its_own_structure_apart_and_no_other(x: Any, y: Any) -> None:
    description, found = described(x)
    read = reader(description)
    if read is None:
        return
    parts = parts_of(read, x)
    assert parts is not None
    assert equal([leaf for part in parts for leaf in part], found)
    other, theirs = described(y)
    read_other = parts_of(read, y)
    if read_other is not None:
        taken = [leaf for part in read_other for leaf in part]
        assert equal(taken, theirs)
        assert repr(unflatten(other, theirs)) == repr(unflatten(description, theirs))
    assert parts_of(read, x, x) is None
    assert parts_of(read, x, k=1.0) is None
    assert parts_of(read) is None


@pytest.mark.parametrize(
    ("x", "others"),
    [
        ([1.0, 2.0], [[1.0], [1.0, 2], (1.0, 2.0), [1.0, Value(2.0)], [1.0, None], None]),
        ([[1.0, 2.0]] * 3, [[[1.0, 2.0]] * 2, [[1.0, 2.0], [1.0], [1.0, 2.0, 3.0]], [1.0] * 6]),
        ([Value(1.0), 2.0], [[2.0, Value(1.0)], [Value(1.0), Value(2.0)], [1.0, 2.0]]),
        (np.ones((2, 3)), [np.ones((3, 2)), np.ones((2, 3), np.float32), [[1.0] * 3] * 2, None]),
        (3, [3.0, True, 2**60, None]),
        ([1, True], [[1, 2**60], [1, None], (1, True), [1, True, 0]]),
        ([(1, 0.5), (0.5, True)], [[(1, 0.5)], [(1, 0.5), (0.5, None)], [[1, 0.5], [0.5, 1]]]),
        ({"a": 1.0, "b": 2.0}, [{"b": 2.0, "a": 1.0}, {"a": 1.0}, [1.0, 2.0]]),
        ("mode", ["other", None, 1.0]),
    ],
)
def test_what_a_reader_refuses(x: Any, others: list[Any]) -> None:
    read = reader(described(x)[0])
    assert read is not None
    assert parts_of(read, x) is not None
    assert [parts_of(read, other) for other in others] == [None] * len(others)


def test_large_structures_are_left_to_the_general_way() -> None:
    assert reader(described([[float(i)] * i for i in range(200)])[0]) is None
    assert reader(described([[1.0, 2.0]] * 200)[0]) is not None


@given(structures)
def test_a_result_is_put_together_again(x: Any) -> None:
    found: list[Any] = []
    try:
        definition = Results().define(x, found)
    except Unsupported:
        return
    sources = [("float", i) for i in range(len(found))]
    for data in (tuple(range(len(found))), np.arange(float(len(found)))):
        entry = entry_in_parts(NOTHING, lambda *_, data=data: (data, (), ()), definition, sources)
        assert entry is not None
        again: list[Any] = []
        Results().define(entry((), {}), again)
        made = [float(y) for y in again] if list(kinds(definition)) else []
        assert made == [float(i) for i in range(len(made))]


NOTHING = ARGUMENTS.define_call((), {}, [])


def test_an_array_of_floats_is_an_array_that_shares_nothing_with_the_run() -> None:
    data = np.arange(7.0)
    result = (tuple, None, "value", ("array", (2, 3), *["value"] * 6))
    sources = [("float", i) for i in range(7)]
    entry = entry_in_parts(NOTHING, lambda *_: (data, (), ()), result, sources)
    assert entry is not None
    loss, matrix = entry((), {})
    assert (loss, type(loss)) == (0.0, float)
    np.testing.assert_array_equal(matrix, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert matrix.dtype == np.float64
    assert not np.shares_memory(matrix, data)


numbers = st.recursive(
    floats,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2),
        st.builds(lambda n, x: np.full((n, 2), x), st.integers(1, 3), floats),
    ),
    max_leaves=8,
)


@given(st.tuples(numbers, numbers), st.tuples(structures, structures))
def test_an_entry_with_straight_code_reads_all_in_order_and_nothing_of_another_structure(
    args: Any, others: Any
) -> None:
    found: list[Any] = []
    description = ARGUMENTS.define_call(args, {}, found)
    names = [f"x_{i}" for i in range(len(found))]
    result = (list, None, *["number"] * len(found))
    sources = [("float", i) for i in range(len(found))]
    call = entry_of_straight(description, Straight(names, [], names, {}), result, sources)
    assert call is not None
    assert equal(call(args, {}), found)
    assert parts_of(call, *args, k=1.0) is None
    theirs: list[Any] = []
    other = ARGUMENTS.define_call(others, {}, theirs)
    seen = parts_of(call, *others)
    assert seen is None or (other == description and equal(seen, theirs))


def test_an_entry_with_straight_code_may_return_a_number_twice_and_others_never() -> None:
    straight = Straight(["x", "type"], ["y = x * type"], ["y + 1.0", "1.0 / x", "x < y"], {})
    description, _ = described([3.0, 4.0])
    result = (dict, ("a", "b"), ("array", (2,), "number", "number"), "number")
    sources = [("float", 0), ("float", 0), ("bool", 2)]
    call = entry_of_straight(description, straight, result, sources)
    assert call is not None
    found = call(([2.0, 5.0],), {})
    assert found["a"].tolist() == [11.0, 11.0]
    assert found["b"] is True
    with pytest.raises(ZeroDivisionError):
        call(([0.0, 5.0],), {})


@pytest.mark.parametrize("x", [3, [Value(1.0)], [1, 2], np.array([1, 2])])
def test_what_no_entry_with_straight_code_is_written_for(x: Any) -> None:
    straight = Straight(["x", "y"], [], ["x"], {})
    assert entry_of_straight(described(x)[0], straight, "number", [("float", 0)]) is None


def test_calls_with_integers_have_an_entry_though_the_function_may_compare_values() -> None:
    def f(x: Any, steps: Any) -> Any:
        total = sum(a * k for a, k in zip(x, steps, strict=True))
        return total + len({"total": total})

    compiled = jit(f)
    for _ in range(3):
        assert compiled([1.0, 2.0], [3, 4]) == 12.0
    assert compiled._last is not None
    assert compiled._last.entries
