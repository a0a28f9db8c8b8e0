"""Functions that change what they are given: nothing of that may be lost."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from test_structures import assert_same

from autograd.jit import jit


def _assigns(x: Any) -> Any:
    x[0] = x[0] * 2
    return x[0] + x[1]


def _appends(x: Any) -> Any:
    x.append(x[0] * 3)
    return x[-1]


def _clears(x: Any) -> Any:
    total = sum(x)
    x.clear()
    return total


def _adds_a_key(x: Any) -> Any:
    x["sum"] = x["a"] + x["b"]
    return x["sum"]


def _swaps(x: Any) -> Any:
    x[0], x[1] = x[1], x[0]
    return x[0]


def _scales(x: Any) -> Any:
    x *= 2
    return x.sum()


def _of_inner_list(x: Any) -> Any:
    x[0][0] = 0.0
    return x[0][1]


MUTATIONS: dict[Callable[[Any], Any], Callable[[], Any]] = {
    _assigns: lambda: [1.0, 2.0],
    _appends: lambda: [1.0, 2.0],
    _clears: lambda: [1.0, 2.0],
    _adds_a_key: lambda: {"a": 1.0, "b": 2.0},
    _swaps: lambda: [1.0, 2.0],
    _scales: lambda: np.array([1.0, 2.0]),
    _of_inner_list: lambda: [[1.0, 2.0]],
}


@pytest.mark.parametrize("f", MUTATIONS, ids=lambda f: f.__name__)
def test_changes_to_arguments_are_not_lost(f: Callable[[Any], Any]) -> None:
    expected, found = MUTATIONS[f](), MUTATIONS[f]()
    compiled = jit(f)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(3):
            if len(expected):
                assert compiled(found) == f(expected)
            assert_same(expected, found)
    assert len(warned) == 1
    assert "chang" in str(warned[0].message)
