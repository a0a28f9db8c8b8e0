"""What the standard library writes for dataclasses: harmless, and watched where it is used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from autograd.jit import jit


@dataclass(frozen=True, order=True)
class Shape:
    """What a dataclass can do: all methods that the standard library writes for it."""

    rows: int = 2
    kind: str = "wide"


@dataclass
class Setting:
    rate: float


def of_a_shape(x: float) -> float:
    return Shape().rows * x if Shape().kind == "wide" and Shape().rows in (1, 2) else x


def of_an_order(x: float) -> float:
    return x if Shape() < Shape(3) else -x


@pytest.mark.parametrize("f", [of_a_shape, of_an_order])
def test_dataclasses_are_known_to_be_harmless(f: Callable[[float], float]) -> None:
    """A trace that need not be watched is made beside a profiler, and three times faster."""
    compiled = jit(f)
    sys.setprofile(lambda *_: None)
    try:
        found = compiled(3.0), compiled(4.0)
    finally:
        sys.setprofile(None)
    assert found == (f(3.0), f(4.0))
    assert compiled.stats["plain"] == 0


@pytest.mark.parametrize("show", [lambda a, b: a == b, lambda a, b: repr(a) == repr(b)])
def test_what_a_dataclass_compares_and_shows_is_watched(show: Callable[[Any, Any], bool]) -> None:
    one, other = Setting(1.0), Setting(1.0)
    compiled = jit(lambda x: x if show(one, other) else -x)
    assert [compiled(2.0), compiled(2.0)] == [2.0, 2.0]
    one.rate = 3.0
    assert compiled(2.0) == -2.0


@dataclass(frozen=True)
class Key:
    size: int
    kind: str = "wide"


def test_a_dataclass_that_is_a_key_is_watched() -> None:
    """A subscript calls `__hash__` and `__eq__` by no name."""
    table = {Key(1): 10.0, Key(2): 20.0}
    key = Key(1)
    compiled, got = jit(lambda x: x * table[key]), jit(lambda x: x * table.get(key, 0.0))
    assert [compiled(2.0), compiled(2.0), got(2.0)] == [20.0, 20.0, 20.0]
    key = Key(2)
    assert [compiled(2.0), got(2.0)] == [40.0, 40.0]
    assert compiled.stats["plain"] == got.stats["plain"] == 0


@pytest.mark.parametrize("is_dataclass", [True, False])
def test_a_comparison_that_is_replaced_is_seen(is_dataclass: bool) -> None:
    class Setting:
        rate: float = 1.0

        if not is_dataclass:

            def __eq__(self, other: object) -> bool:
                return True

            __hash__ = None  # type: ignore[assignment]

    kind: Any = dataclass(Setting) if is_dataclass else Setting
    one, other = kind(), kind()
    compiled = jit(lambda x: x if one == other else -x)
    assert [compiled(2.0), compiled(2.0)] == [2.0, 2.0]
    kind.__eq__ = lambda *_: False
    assert compiled(2.0) == -2.0


def test_a_dataclass_that_cannot_be_a_key_is_watched_by_name_only() -> None:
    """Its data may be large: it is not compared at each call, unless the function reads it."""

    @dataclass(frozen=True)
    class Problem:
        rate: float
        rows: list[float]

    problem, table = Problem(0.5, [1.0]), {"a": 2.0}
    compiled = jit(lambda x: x * problem.rate * table["a"])
    assert compiled(3.0) == 3.0
    problem.rows.append(2.0)
    assert compiled(3.0) == 3.0
    assert compiled.stats["specialisations"] == 1
