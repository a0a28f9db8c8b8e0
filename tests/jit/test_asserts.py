"""Functions with an `assert`, as pytest rewrites them: they are watched and compiled as written."""

import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from textwrap import dedent
from types import FunctionType, SimpleNamespace
from typing import Any

import pytest

from autograd import Value, grad, jit, sin
from autograd.jit.calls.named import mentioned

settings = SimpleNamespace(rate=2.0, names=("a", "b"), table={"a": 1.0})
limit = 3


def equality(x: Any) -> Any:
    assert limit == 3
    assert len([x, x]) == 2, "two"
    return x * settings.rate


def identity(x: Any, y: Any = None) -> Any:
    assert y is None
    assert x is not y, "the same"
    return sin(x)


def several(x: Any) -> Any:
    assert limit == 3
    assert settings.rate > 0 and (len(settings.names) == 2 or math.isfinite(limit))  # noqa: PT018
    assert not limit == 4  # noqa: SIM201
    assert 1 < limit < 4, ("between", limit)
    assert "a" in settings.names
    assert isinstance(limit, int)
    return x + limit


def computed(x: Any) -> Any:
    assert getattr(settings, "rate") == 2.0  # noqa: B009
    assert settings.table["a"] == 1.0
    assert [*map(str, settings.names)] == ["a", "b"]
    return x * settings.table["a"]


def in_parts(x: Any) -> Any:
    def inner(y: Any) -> Any:
        assert (lambda z: z)(limit) == limit
        return y * y

    for i in range(2):
        assert i < 2
        x = inner(x)
    return x


def catching(x: Any) -> Any:
    try:
        assert settings.rate == 2.0
    except AssertionError:
        return 0.0
    return x * settings.rate


FUNCTIONS: list[Any] = [equality, identity, several, in_parts, catching]


def as_written(function: Any) -> Any:
    """The same function from its source, not rewritten."""
    names: dict[str, Any] = {}
    exec(compile(dedent(inspect.getsource(function)), "written", "exec"), dict(globals()), names)
    return names[function.__name__]


@pytest.mark.parametrize("function", [*FUNCTIONS, computed])
def test_what_is_mentioned_is_what_the_source_says(function: FunctionType) -> None:
    written = as_written(function).__code__
    assert any(name.startswith("@") for name in function.__code__.co_varnames)
    assert not any(name.startswith("@") for name in written.co_varnames)
    found, expected = mentioned(function.__code__), mentioned(written)
    # An assert of the source raises by an instruction of its own.
    assert found.loads - {"AssertionError"} == expected.loads - {"AssertionError"}
    assert replace(found, loads=set()) == replace(expected, loads=set())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_they_are_compiled(function: Callable[..., Any]) -> None:
    made = jit(grad(function))
    for x in (0.5, 0.25, 0.75):
        assert made(x) == pytest.approx(grad(function)(x))
    assert made.stats["plain"] == 0
    assert made.stats["programs"]


def test_what_an_assert_reads_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    made = jit(equality)
    assert [made(2.0) for _ in range(3)] == [4.0] * 3
    monkeypatch.setattr(settings, "rate", 5.0)
    assert made(2.0) == 10.0
    monkeypatch.setitem(globals(), "limit", 4)
    with pytest.raises(AssertionError):
        made(2.0)
    monkeypatch.setitem(globals(), "limit", 3)
    assert made(2.0) == 10.0


def test_an_assert_of_an_argument_is_asked_at_each_call() -> None:
    def positive(x: Any) -> Any:
        assert x > 0, x
        return x * x

    made = jit(positive)
    assert [made(2.0), made(3.0), made(Value(2.0)).data] == [4.0, 9.0, 4.0]
    with pytest.raises(AssertionError):
        made(-2.0)
    assert made(4.0) == 16.0
