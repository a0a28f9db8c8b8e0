"""Which way a compiled function goes, where it raises, and when it is run as it is."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import autograd
from autograd import grad, log, sqrt
from autograd.jit import jit

# Exceptions


def test_an_exception_that_the_function_catches() -> None:
    def safe(x: Any) -> Any:
        try:
            return log(x) + 1
        except ValueError:
            return -x

    def fallback(x: Any) -> Any:
        try:
            y = 1 / x
        except ZeroDivisionError:
            y = 100.0
        return y * 2

    def nested(x: Any) -> Any:
        return sum(safe(v) for v in (x, x - 1, -x))

    for f in (safe, fallback, nested):
        for first in (-1.0, 0.0, 2.0):
            compiled = jit(f)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                for x in (first, 2.0, -1.0, 0.0, 3.0, -2.0, 0.5):
                    assert compiled(x) == pytest.approx(f(x), rel=1e-12)
                    assert grad(compiled)(x) == pytest.approx(grad(f)(x), rel=1e-12)


def test_an_exception_of_the_function_itself_is_the_same_object_kind_and_text() -> None:
    class OddError(Exception):
        pass

    def f(x: Any) -> Any:
        if x > 1:
            raise OddError("more than one")
        return x * 2

    compiled = jit(f)
    for x in (2.0, 0.5, 3.0, 1.0, 2.0):
        if x > 1:
            with pytest.raises(OddError, match=r"^more than one$"):
                compiled(x)
        else:
            assert compiled(x) == 2 * x


def test_keyboard_interrupt_goes_through() -> None:
    def f(x: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jit(f)(1.0)
    assert jit(lambda x: x * 2)(2.0) == 4.0  # and leaves no trace open
    assert autograd.modes.is_tracing is False


# Ways through a function, and warnings


def test_one_warning_for_more_ways_than_are_compiled() -> None:
    def count(x: Any) -> Any:
        n = 0
        while x > 1:
            x = x / 2
            n += 1
        return x + n

    compiled = jit(count)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            for k in range(30):
                assert compiled(2.0**k) == count(2.0**k)
                assert grad(compiled)(2.0**k) == grad(count)(2.0**k)
    assert [str(w.message).partition(":")[0] for w in caught] == ["jit"]
    assert caught[0].filename == __file__
    assert compiled.stats["specialisations"] <= 16  # of plain numbers, and of Values


def test_sqrt_is_where_it_was() -> None:
    """A function that fails at its first call is traced at the next that does not."""
    f = jit(lambda x: sqrt(x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="sqrt"):
            f(-1.0)
        assert f(4.0) == 2.0
    assert f.stats["specialisations"] == 1
