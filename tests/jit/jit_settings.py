"""Cases of settings: a function that reads one, and what sets it, by the kind of holder."""

from __future__ import annotations

import warnings
from collections import namedtuple
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from textwrap import indent
from typing import Any

import numpy as np
import pytest
from installed import BACKENDS
from strength import slowly

from autograd import Value
from autograd.jit import jit

Row = tuple[str, str, str]
"""What is there before; what the function of `x` returns, unless `f` is there already; what sets
the setting to `v`."""

# Numbers reach compiled code as arguments of a function, or in a buffer.
ENTRIES = [slowly(name) for name in BACKENDS]
ENTRIES[0], ENTRIES[-1] = BACKENDS[0], BACKENDS[-1]

MODULES = """
abc array collections contextlib contextvars copy ctypes dataclasses datetime decimal enum
functools inspect io itertools operator os pickle pytest secrets statistics string sys threading
types typing weakref
"""
KNOWN: dict[str, Any] = {name: import_module(name) for name in MODULES.split()}
KNOWN |= {"np": np, "Value": Value, "RATE": 1.0, "RATES": [1.0]}
KNOWN["Pair"] = namedtuple("Pair", ["rate", "other"])  # noqa: PYI024 - as short as the cases


def later(x: Any, v: float) -> None:
    """Give an object its setting, or take it away where that is 1."""
    if v != 1.0:
        x.rate = v
    else:
        with suppress(AttributeError):
            del x.rate


AT_HAND = """
class A:
    rate = 1.0
    def by(self, x): return self.rate * x
class B(A): ...
class E: ...
a, b, e = A(), B(), E()
d, q = {"rate": 1.0}, [1.0]
m, w = types.ModuleType("settings"), Value(1.0)
def fails(*args): raise RuntimeError
"""
"""What is at hand in every case, made for it alone."""


def made_by(before: str, *results: str, **known: Any) -> Any:
    """What a function returns that runs some text first."""
    text = f"def make():\n{indent(before, '    ')}\n    return {', '.join(results)}"
    known = {"__name__": __name__, **known}
    exec(compile(text, "case.py", "exec", dont_inherit=True), known)
    return known["make"]()


def made(row: Row, **more: Any) -> tuple[Callable[..., Any], Callable[[float], object]]:
    """The function of a row, and what sets its setting."""
    before, reads, change = row
    change = f"def change(v):\n{indent(change or 'pass', '    ')}"
    case: Any = made_by(
        f"{AT_HAND}\n{before}\n{change}",
        f"lambda x: {reads}" if reads else "f",
        "change",
        **{**KNOWN, "later": later, **more},
    )
    return case


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


def never_missed(watched: Iterable[Row], refused: Iterable[Row], **known: Any) -> Any:
    """The test of all rows: a watched setting leads to no warning, a refused one to one."""
    rows = [(row, warned) for warned, table in enumerate((watched, refused)) for row in table]

    @pytest.mark.parametrize("backend", ENTRIES)
    @pytest.mark.parametrize(("row", "warnings_of"), rows, ids=[": ".join(r[:2]) for r, _ in rows])
    def test_row(row: Row, warnings_of: int, backend: str) -> None:
        expected = outcomes(*made(row, **known))
        f, change = made(row, **known)
        compiled = jit(f, backend=backend)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            found = outcomes(compiled, change)
        assert compiled.stats["specialisations"] <= 4  # one for each setting
        assert found == expected
        assert len(set(expected)) > 1 or warnings_of  # else nothing would be missed
        assert len(warned) == warnings_of, [str(w.message) for w in warned]
        assert all("such calls fall back to the plain function" in str(w.message) for w in warned)

    return test_row
