"""Numbers that are not what Values are: of other classes than float, and as keys."""

from __future__ import annotations

import enum
import operator
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, grad, jit, vmap
from autograd.errors import TraceError
from autograd.number import compares_as_float, reads_as_float


class Percent(float):
    """A float with products of its own."""

    def __mul__(self, other: Any) -> Any:
        return float(self) / 100.0 * other

    __rmul__ = __mul__


class Metres(float):
    """A float that a function may tell from others."""


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 3


class Clock(int):
    """An integer with sums of its own."""

    def __add__(self, other: Any) -> Any:
        return (int(self) + other) % 12


def product(x: Any, y: Any) -> Any:
    return x * y


ARGUMENTS: list[tuple[Callable[..., Any], Any]] = [
    (product, Percent(50.0)),
    (lambda x, y: y * x, Percent(50.0)),
    (lambda x, y: y[0] * x, [Percent(50.0), 2.0]),
    (lambda x, y: y["a"] * x, {"a": Percent(50.0)}),
    (lambda x, y: x if type(y) is Metres else 2.0 * x, Metres(1.0)),
    (lambda x, y: y + x, Clock(11)),
    (lambda x, y: y[0] + x, [Clock(11)]),
    (lambda x, y: x if y is Level.HIGH else 2.0 * x, Level.HIGH),
    (lambda x, y: x * y, Level.HIGH),
    (lambda x, y: x * y[0], (Level.LOW, 2)),
]


@pytest.mark.parametrize(("f", "y"), ARGUMENTS)
def test_arguments_of_other_classes_are_what_they_are(f: Callable[..., Any], y: Any) -> None:
    compiled = jit(f, backend="python")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for x in (3.0, 4.5, 3.0):
            assert compiled(x, y) == f(x, y)
            assert compiled(x, 2.0 if isinstance(y, float) else y) == f(
                x, 2.0 if isinstance(y, float) else y
            )


OTHERS = [
    np.float32(0.1),
    np.float16(0.1),
    np.array([0.1, 0.2], np.float32),
    np.array(0.1, np.float32),
    Decimal("0.1"),
]


@pytest.mark.parametrize("other", OTHERS, ids=repr)
@pytest.mark.parametrize(
    "f", [operator.mul, operator.add, lambda x, y: y - x, lambda x, y: x < y, operator.pow]
)
def test_numbers_of_other_precision_are_refused_beside_traced_ones(f: Any, other: Any) -> None:
    compiled = jit(lambda x: f(x, other))
    with pytest.raises((TraceError, TypeError)):  # a float and a Decimal do not add up
        compiled(0.1)


def test_what_is_refused_says_the_number_the_place_and_the_remedy() -> None:
    with pytest.raises(TraceError, match=r"number.py:\d+: float32 .*float\(\) makes"):
        jit(lambda x: x * np.float32(0.1))(3.0)
    with pytest.raises(TraceError, match=r"float32\) beside Value.*astype\(float\) makes"):
        jit(lambda x: x * np.ones(2, np.float32))(3.0)


@given(
    st.floats(-1e16, 1e16),
    st.one_of(
        st.integers(-(2**54), 2**54),
        st.fractions(-2, 2),
        st.floats(-2, 2).map(np.float64),
        st.integers(-(2**40), 2**40).map(np.int64),
        st.booleans(),
    ),
    st.sampled_from(["lt", "le", "gt", "ge", "eq", "ne"]),
)
def test_comparisons_are_those_of_python_or_refused(x: float, other: Any, name: str) -> None:
    compare = getattr(operator, name)
    f = lambda x: 2.0 * x if compare(x, other) else 3.0 * x
    for at in (x, float(other)):
        compiled = jit(f, backend="python")
        try:
            compiled(at)
        except TraceError:
            assert not compares_as_float(other)
            continue
        assert compiled(at) == f(at)


@given(
    st.floats(0.1, 10.0),
    st.one_of(
        st.integers(-(2**60), 2**60),
        st.fractions(-2, 2),
        st.floats(-2, 2).map(np.float64),
        st.sampled_from(Level),
        st.booleans(),
    ),
    st.sampled_from(["add", "sub", "mul"]),
)
def test_what_reads_as_a_float_computes_as_one(x: float, other: Any, name: str) -> None:
    apply = getattr(operator, name)
    assert reads_as_float(other)
    assert float(apply(x, other)) == apply(x, float(other))
    compiled = jit(lambda x: apply(x, other), backend="python")
    assert compiled(x) == compiled(x) == float(apply(x, other))


def test_a_float_with_operators_of_its_own_is_asked_first() -> None:
    """As Python asks the right operand first, if its class derives from the left one's."""
    assert (Value(3.0) * Percent(50.0)).data == 3.0 * Percent(50.0) == 1.5
    assert (Percent(50.0) * Value(3.0)).data == 1.5
    assert (Value(3.0) + Percent(50.0)).data == 53.0
    half = Percent(50.0)
    assert jit(lambda x: x * half)(3.0) == 1.5


def test_members_of_enums_are_numbers() -> None:
    assert (Value(2.0) * Level.HIGH).data == (Level.HIGH * Value(2.0)).data == 6.0
    third = Fraction(1, 3)
    assert (Value(2.0) * third).data == 2.0 * third


def test_what_contains_itself_runs_plain() -> None:
    row: list[Any] = [1.0]
    row.append(row)
    table: dict[str, Any] = {"a": 1.0}
    table["self"] = table
    deep: list[Any] = [1.0]
    for _ in range(3000):
        deep = [1.0, deep]
    for f, x in ((lambda x: 2.0 * x[0], row), (lambda x: 2.0 * x["a"], table), (len, deep)):
        compiled = jit(f)
        with pytest.warns(RuntimeWarning, match="contains itself"):
            assert compiled(x) == f(x)
        assert compiled(x) == f(x)


def by_class(labels: Any, xs: Any) -> Any:
    sums: Any = defaultdict(float)
    for label, x in zip(labels, xs, strict=True):
        sums[label] += x
    return list(sums.values())


def looked_up(k: Any, x: Any) -> Any:
    try:
        return {1.0: 5.0, 2.0: 6.0}[k] * x
    except KeyError:
        return x * 9.0


def whatever(k: Any, x: Any) -> Any:
    try:
        return x * 2.0 if k in {1.0, 2.0} else x
    except Exception:
        return x * 9.0


def squares_by_class(labels: Any, xs: Any) -> Any:
    sums: Any = {}
    for label, x in zip(labels, xs, strict=True):
        sums[label] = sums.get(label, 0.0) + x
    return sum(v * v for v in sums.values())


KEYS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "sums by class": (by_class, ([1.0, 1.0, 2.0], [1.0, 2.0, 3.0])),
    "get": (lambda k, x: {1.0: 5.0}.get(k, 0.0) * x, (1.0, 2.0)),
    "pop": (lambda k, x: {1.0: 5.0}.pop(k, 0.0) * x, (1.0, 2.0)),
    "in a set": (lambda k, x: x * 2 if k in {1.0, 2.0} else x, (1.0, 2.0)),
    "in a dict": (lambda k, x: x * 2 if k in {1.0: 2.0} else x, (1.0, 2.0)),
    "a key that may be missing": (looked_up, (1.0, 2.0)),
    "whatever happens": (whatever, (1.0, 2.0)),
    "in a tuple": (lambda k, x: {(1.0, 2): 5.0}.get((k, 2), 0.0) * x, (1.0, 2.0)),
    "distinct": (lambda xs: len(set(xs)) * 1.0, ([1.0, 1.0, 2.0],)),
    "intersection": (lambda xs: len({1.0}.intersection(xs)) * 1.0, ([1.0, 1.0, 2.0],)),
    "Counter": (lambda xs: Counter(xs)[1.0] * 1.0, ([1.0, 1.0],)),
    "fromkeys": (lambda xs: sum(dict.fromkeys(xs)), ([1.0, 1.0],)),
    "hash": (lambda x: hash(x) * 1.0, (1.0,)),
    "what is computed": (lambda k, x: {2.0: 5.0}.get(k + 1.0, 0.0) * x, (1.0, 2.0)),
    "integers": (lambda k, x: {1: 5.0}.get(k, 0.0) * x, (1, 2.0)),
    "under vmap": (vmap(lambda k, x: {1.0: 5.0}.get(k, 0.0) * x), ([1.0, 2.0], [1.0, 1.0])),
    "beside a gradient": (
        lambda k, x: grad(lambda y: y * y * {1.0: 5.0}.get(k, 1.0))(x),
        (1.0, 2.0),
    ),
    "in a gradient": (
        lambda labels, xs: grad(lambda xs: squares_by_class(labels, xs))(xs),
        ([1.0, 1.0, 2.0], [1.0, 2.0, 3.0]),
    ),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_number_is_the_same_key_as_in_plain_code(name: str) -> None:
    """In a trace it is a Value, which would be a key by its identity."""
    f, args = KEYS[name]
    compiled = jit(f, backend="python")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert compiled(*args) == compiled(*args) == f(*args)


def test_values_are_keys_by_identity_as_in_plain_code() -> None:
    a, b = Value(1.0), Value(1.0)
    f = lambda x, y: len({x, y, x * 1.0}) * x * y
    assert jit(f)(a, b).data == f(a, b).data == 3.0
    assert Value.__hash__ is object.__hash__


def test_code_that_merely_keeps_things_in_tables_is_compiled() -> None:
    def f(x: Any) -> Any:
        found = {"a": x, "b": 2.0 * x}
        found["c"] = found["a"] * found["b"]
        return sum(found.get(name, 0.0) for name in ("a", "b", "c"))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled = jit(f)
        assert compiled(3.0) == compiled(3.0) == f(3.0)
    assert compiled.stats["specialisations"] == 1


def test_what_the_values_of_a_trace_do_not_have_is_read_in_plain_code() -> None:
    v = Value(2.0, label="a")
    compiled = jit(lambda x, q: len(q.label) * x)
    with pytest.warns(RuntimeWarning, match="may read .label of an argument"):
        assert compiled(3.0, v) == 3.0
    v.label = "abc"
    assert compiled(3.0, v) == 9.0
