"""Cases of settings: a function that reads one, and what sets it, by the kind of holder."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from textwrap import indent
from typing import Any

import pytest
from jit_transforms import BACKENDS as BACKENDS

from autograd.jit import jit

Case = tuple[Callable[..., Any], Callable[[float], object]]
"""A function of a number that reads a setting, and what sets it."""


class Cases(dict[str, tuple[Callable[[], Case], bool]]):
    """What makes each case, and whether its setting is watched: else it is refused."""

    def case(self, is_watched: bool = True) -> Callable[[Callable[[], Case]], Callable[[], Case]]:
        """A decorator that adds a case under its own name."""

        def add(make: Callable[[], Case]) -> Callable[[], Case]:
            self[make.__name__] = make, is_watched
            return make

        return add

    def test(self) -> Callable[[str, str], None]:
        """The test of all cases on all backends."""

        @pytest.mark.parametrize("backend", BACKENDS)
        @pytest.mark.parametrize("name", list(self))
        def test_case(name: str, backend: str) -> None:
            check(*self[name], backend)

        return test_case


def made_by(before: str, *results: str, **known: Any) -> Any:
    """What a function returns that runs some text first."""
    exec(f"def make():\n{indent(before, '    ')}\n    return {', '.join(results)}", known)
    return known["make"]()


def outcomes(f: Callable[..., Any], change: Callable[[float], object]) -> list[Any]:
    """What a function gives with each setting, twice; of an exception, its type."""
    found: list[Any] = []
    for setting in (1.0, 5.0, 2.0, 1.0):
        change(setting)
        for _ in range(2):
            try:
                found.append(float(f(3.0)))
            except Exception as error:
                found.append(type(error))
    return found


def check(make: Callable[[], Case], is_watched: bool, backend: str) -> None:
    """Compare the outcomes of the plain function and the compiled one.

    A watched setting leads to no warning, another to one.
    """
    expected = outcomes(*make())
    f, change = make()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = outcomes(jit(f, backend=backend), change)
    assert found == expected
    assert len(warned) == (0 if is_watched else 1), [str(w.message) for w in warned]
    assert all("such calls fall back to the plain function" in str(w.message) for w in warned)
