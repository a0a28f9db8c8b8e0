"""What goes into a compiled function and comes out of it: structures of all kinds, as in the plain.

    pytest tests/jit/test_structures.py --hypothesis-profile=full

runs each property with 10,000 random structures; without the profile there are a hundred.
"""

from __future__ import annotations

import math
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jit_transforms import BACKENDS

from autograd import Value, tanh
from autograd.jit import jit
from autograd.testing.agreement.judge import same_number

backends = st.sampled_from(BACKENDS)
fillings = st.lists(st.integers(-16, 16).map(lambda k: k / 8), min_size=7, max_size=7)


class Pair(NamedTuple):
    left: Any
    right: Any


class Array(NamedTuple):
    """Stands for an array, in a shape: its own shape, and what its items are."""

    shape: tuple[int, ...]
    kind: str


NUMBERS: dict[str, Callable[[float], Any]] = {
    "float": float,
    "Value": Value,
    "np.float64": np.float64,
    "int": lambda x: int(8 * x),
}
FIXED = [None, True, False, "text", b"bytes"]

shapes = st.recursive(
    st.sampled_from([*NUMBERS, *FIXED])
    | st.builds(
        Array,
        st.lists(st.integers(0, 3), min_size=1, max_size=2).map(tuple),
        st.sampled_from(["float", "Value"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from("abc") | st.integers(0, 2), inner, max_size=3)
        | st.builds(Pair, inner, inner)
    ),
    max_leaves=8,
)
"""Structures with the names of numbers where numbers are to be."""


def mapped(f: Callable[[Any], Any], x: Any) -> Any:
    """A structure like this with a function applied to whatever is in it."""
    if isinstance(x, dict):
        return {key: mapped(f, item) for key, item in x.items()}
    if isinstance(x, tuple) and hasattr(x, "_make") and not isinstance(x, Array):
        return x._make([mapped(f, item) for item in x])
    if isinstance(x, list):
        return [mapped(f, item) for item in x]
    if isinstance(x, tuple) and not isinstance(x, Array):
        return tuple([mapped(f, item) for item in x])
    return f(x)


def filled(shape: Any, numbers: Iterator[float]) -> Any:
    """The structure of a shape, around numbers."""

    def leaf(x: Any) -> Any:
        if isinstance(x, Array):
            items = [NUMBERS[x.kind](next(numbers)) for _ in range(math.prod(x.shape))]
            array = np.empty(len(items), dtype=float if x.kind == "float" else object)
            array[:] = items
            return array.reshape(x.shape)
        is_number = isinstance(x, str) and x in NUMBERS
        return NUMBERS[x](next(numbers)) if is_number else x

    return mapped(leaf, shape)


def numbers_of(x: Any) -> list[Any]:
    """The numbers in a structure."""
    found: list[Any] = []

    def leaf(item: Any) -> None:
        if isinstance(item, np.ndarray):
            found.extend(item.ravel())
        elif isinstance(item, float | int | Value):
            found.append(item)

    mapped(leaf, x)
    return found


def is_number(x: Any) -> bool:
    return isinstance(x, float | int)


def assert_same(expected: Any, found: Any) -> None:
    """Both are the same structure, of the same numbers."""
    if is_number(expected) and is_number(found):  # an integer or a bool may have become a float
        assert same_number(float(expected), float(found))
        return
    if isinstance(expected, np.bool_):
        expected = bool(expected)
    assert type(found) is type(expected), f"{found!r} instead of {expected!r}"
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        assert_same(list(expected.values()), list(found.values()))
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(expected, found, strict=True):
            assert_same(one, other)
    elif isinstance(expected, np.ndarray):
        assert found.shape == expected.shape
        if expected.size:  # else there is nothing in it that says what it is an array of
            assert found.dtype == expected.dtype
        assert_same(expected.tolist(), found.tolist())
    elif isinstance(expected, Value):
        assert same_number(expected.data, found.data)
    else:
        assert found == expected


def report(x: Any, w: Value) -> Any:
    """Everything that can become of what is in a structure."""
    numbers = numbers_of(x)
    total = sum((tanh(n) * w for n in numbers), 0.0)
    double = mapped(lambda n: n * 2 if isinstance(n, np.ndarray | Value) or is_number(n) else n, x)
    return {
        "as it is": x,
        "double": double,
        "total": total,
        "twice": [total, (total,)],
        "constants": [7.0, None, "text", Value(1.5)],
        "nothing": [[], (), {}],
        "decision": bool(numbers) and numbers[0] > 0,
        0: w,
    }


@given(shapes, st.lists(fillings, min_size=2, max_size=2), backends)
@example(["float", Pair("float", "float"), Array((2,), "float")], [[0.0] * 7] * 2, "numpy")
def test_any_structure_goes_in_and_comes_out(
    shape: Any, numbers: list[list[float]], backend: str
) -> None:
    w = Value(0.5)
    compiled = jit(lambda x: report(x, w), backend=backend)
    for fill in (*numbers, numbers[0]):
        x = filled(shape, cycle(fill))
        expected, found = report(x, w), compiled(x)
        assert_same(expected, found)
        assert type(found["decision"]) is bool
        assert found[0] is w
        given_values = [v for v in numbers_of(x) if isinstance(v, Value)]
        returned = [v for v in numbers_of(found["as it is"]) if isinstance(v, Value)]
        assert all(a is b for a, b in zip(given_values, returned, strict=True))


@given(shapes, fillings, backends)
def test_gradients_reach_every_value_in_a_structure(
    shape: Any, numbers: list[float], backend: str
) -> None:
    w = Value(0.5)
    plain = lambda x: report(x, w)["total"]
    compiled = jit(plain, backend=backend)
    x = filled(shape, cycle(numbers))
    leaves = [v for v in numbers_of(x) if isinstance(v, Value)]
    gradients = []
    for f in (plain, compiled, compiled):
        for leaf in (*leaves, w):
            leaf.grad = 0.0
        out = f(x)
        if isinstance(out, Value):
            out.backward()
        gradients.append([leaf.grad for leaf in (*leaves, w)])
    for found in gradients[1:]:
        assert found == pytest.approx(gradients[0], rel=1e-12, abs=1e-15)


# Arguments


def test_defaults_and_keywords() -> None:
    def f(x: Any, *more: Any, scale: Any = 2.0, mode: str = "times", **others: Any) -> Any:
        total = x + sum(more) + sum(others.values())
        return total * scale if mode == "times" else total + scale

    compiled = jit(f)
    calls: list[tuple[tuple[float, ...], dict[str, Any]]] = [
        ((1.0,), {}),
        ((1.0,), {"scale": 3.0}),
        ((1.0,), {"scale": 3.0, "mode": "plus"}),
        ((1.0, 2.0, 3.0), {"mode": "plus"}),
        ((1.0, 2.0), {"a": 4.0}),
        ((1.0, 2.0), {"b": 4.0, "a": 1.0}),
    ]
    for _ in range(2):
        for args, options in calls:
            assert compiled(*args, **options) == f(*args, **options)
    assert compiled.stats["plain"] == 0


def test_missing_and_unknown_arguments() -> None:
    def f(x: Any, y: Any) -> Any:
        return x * y

    compiled = jit(f)
    for args, options in (((1.0,), {}), ((1.0, 2.0, 3.0), {}), ((1.0, 2.0), {"z": 1.0})):
        with pytest.raises(TypeError) as expected:
            f(*args, **options)
        with pytest.raises(TypeError) as found:
            compiled(*args, **options)
        assert str(found.value) == str(expected.value)


def test_one_value_given_twice_gets_both_gradients() -> None:
    v = Value(3.0)
    compiled = jit(lambda a, b: a * b + v)
    for _ in range(2):
        v.grad = 0.0
        compiled(v, v).backward()
        assert v.grad == 7.0


@pytest.mark.parametrize("x", [deque([1.5]), np.array([1.5], np.float32), np.array([1.5 + 0j])])
def test_other_containers_run_as_they_are(x: Any) -> None:
    plain = lambda x: x[0] * 2
    compiled = jit(plain)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(3):
            found = compiled(x)
            assert (found, type(found)) == (plain(x), type(plain(x)))
    assert len(warned) == 1
    assert "is given" in str(warned[0].message)


# Numbers


@pytest.mark.parametrize("backend", BACKENDS)
def test_keys_that_are_equal_and_of_other_kinds_are_other_keys(backend: str) -> None:
    def f(d: dict[Any, Any]) -> Any:
        key = next(iter(d))
        return (2.0 if isinstance(key, int) else math.copysign(1.0, key)) * d[key]

    compiled = jit(f, backend=backend)
    for _ in range(2):
        for d in ({1: 3.0}, {1.0: 3.0}, {True: 3.0}, {0.0: 3.0}, {-0.0: 3.0}):
            assert compiled(d) == f(d), d
