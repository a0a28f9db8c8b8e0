"""Functions of NumPy arrays, written with NumPy: compiled, they do the same.

    pytest tests/jit/test_numpy_programs.py --hypothesis-profile=full

runs them with 10,000 random programs.
"""

from __future__ import annotations

import operator as op
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_structures import assert_same, backends, fillings

from autograd import Value
from autograd.jit import jit
from autograd.testing.agreement.judge import Raised, may_differ, result_of, rounding_errors

ARRAY_OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "a @ a.T": lambda a: a @ a.T,
    "tanh": np.tanh,
    "a.sum(axis=0)": lambda a: a.sum(axis=0),
    "a - a.mean()": lambda a: a - a.mean(),
    "a[::-1]": lambda a: a[::-1],
    "a.T": lambda a: a.T,
    "a[..., :2]": lambda a: a[..., :2],
    "concatenate": lambda a: np.concatenate([a, a * 2]),
    "exp(-a * a)": lambda a: np.exp(-a * a),
    "ravel": lambda a: a.ravel(),
    "where": lambda a: np.where(a > 0, a, a * 0.25),
    "sort": lambda a: np.sort(a, axis=None),
    "maximum": lambda a: np.maximum(a, 0.5),
    "a / (1 + a * a)": lambda a: a / (1 + a * a),
    "outer": lambda a: np.outer(a, a),
    "cumsum": lambda a: np.cumsum(a),
    "a[a >= a.max() - 1]": lambda a: a[a >= a.max() - 1],
    "scaled in place": lambda a: np.multiply(a, 2, out=a * 1),
    "a[None]": lambda a: a[None],
    "log": lambda a: np.log(a),
    "1 / a": lambda a: 1 / a,
    "a % 0.75": lambda a: a % 0.75,
    "a // 0.75": lambda a: a // 0.75,
    "a ** 3": lambda a: a**3,
    "abs": np.abs,
    "negative": np.negative,
    "sqrt": np.sqrt,
    "prod": lambda a: a.prod(axis=-1),
    "max": lambda a: a.max(axis=-1),
    "dot": lambda a: np.dot(a.ravel(), a.ravel()) * a,
    "rows": lambda a: np.array([row * 2 for row in a]),
}
"""What is done to arrays in programs that are written with NumPy."""

arrays = st.tuples(st.integers(1, 3), st.integers(1, 3), fillings).map(
    lambda drawn: np.resize(np.array(drawn[2]), drawn[:2])
)


@given(
    st.lists(st.sampled_from([*ARRAY_OPERATIONS]), min_size=1, max_size=4),
    st.lists(arrays, min_size=2, max_size=3),
    backends,
)
def test_programs_written_with_numpy(names: list[str], at: list[Any], backend: str) -> None:
    def plain(a: Any) -> Any:
        for name in names:
            a = ARRAY_OPERATIONS[name](a)
        return a

    compiled = jit(plain, backend=backend)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        for x in (*at, at[0]):
            given_x = x.copy()
            expected, found = result_of(plain, x), result_of(compiled, given_x)
            assert np.array_equal(given_x, x)
            if isinstance(expected, Raised):
                assert isinstance(found, Raised)
                assert found.kind is expected.kind
                continue
            assert not isinstance(found, Raised), f"{found} instead of {expected}"
            assert np.shape(found) == np.shape(expected)
            assert np.asarray(found).dtype == np.asarray(expected).dtype
            is_same = np.isclose(found, expected, rtol=1e-12, atol=0.0, equal_nan=True)
            errors = None if is_same.all() else rounding_errors(plain, [x])
            if errors is None:  # the same; or too near to where it goes another way
                continue
            pairs = zip(np.ravel(expected), np.ravel(found), errors, strict=True)
            assert all(y == z or may_differ(y, z, error) for y, z, error in pairs)


def test_numpy_goes_on_where_python_raises() -> None:
    """A NumPy number divides by 0, an array overflows: with a warning, not an error."""
    calls: list[tuple[Callable[..., Any], list[Any]]] = [
        (lambda x: 1 / x, [np.float64(2.0), np.float64(0.0), 0.0, np.float64(0.0)]),
        (np.exp, [np.array([1.0, 2.0]), np.array([1.0, 1000.0]), np.array([2.0, 1.0])]),
        (np.log, [np.array([0.0, 2.0]), np.array([1.0, 2.0]), np.array([-1.0, 1.0])]),
        (lambda x: x**2, [np.float64(1e200), np.float64(2.0), 1e200]),
    ]
    for plain, points in calls:
        compiled = jit(plain)
        for x in points:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                try:
                    expected = plain(x)
                except ArithmeticError as error:
                    with pytest.raises(type(error)):
                        compiled(x)
                else:
                    np.testing.assert_allclose(compiled(x), expected, rtol=1e-12)


def test_arrays_of_values_may_be_worked_on_in_place() -> None:
    """In place, on what the function itself made."""

    def f(x: Any) -> Any:
        y = x * 1
        y += 1
        y[0] = y[1] * 3
        y[1:] *= 2
        return y

    compiled = jit(f)
    for x in (np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 0.0])):
        for given_x in (x, np.array([Value(v) for v in x])):
            assert_same(f(given_x), compiled(given_x))
    assert compiled.stats["plain"] == 0


@pytest.mark.parametrize("compare", [op.lt, op.le, op.gt, op.ge, op.eq, op.ne])
@pytest.mark.parametrize("is_left", [False, True])
def test_an_array_is_compared_with_a_number_of_the_same_call(
    compare: Callable[[Any, Any], Any], is_left: bool
) -> None:
    def plain(a: Any) -> Any:
        middle = a.sum() / 2
        return a[compare(middle, a) if is_left else compare(a, middle)]

    compiled = jit(plain)
    for at in ([1.0, 2.0, 3.0], [3.0, 2.0, -1.0], [1.0, 1.0, 0.0], [1.0, 2.0, 3.0]):
        x = np.array(at)
        assert compiled(x).tolist() == plain(x).tolist()
