"""How hard the tests try: quick before each commit, at full strength in the gate.

| command | what it runs |
|---|---|
| `pytest` | what is not marked `slow`, `browser`, `peers`; 20 examples a property; half a table |
| `pytest tests/test_value.py` | the same of a file, and its tables whole |
| `pytest --full-strength` | everything; 30 examples of each property, or as many as it asks for |
| `pytest --beyond-quick` | of that, what `pytest` does not run in just the same way |
| `pytest --hypothesis-profile=full` | the first, with 10,000 fresh examples of a property |
| `pytest --hypothesis-seed=7` | the first, or the second, with other examples |

Without a seed the examples of the first two are the same at each run. A test that is named on the
command line (`pytest tests/test_value.py::test_add`) runs, whatever its marks, and so does what
`-m` selects.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings

HERE = Path(__file__).parent
MARKS = ("slow", "browser", "peers")
QUICK = 20
MANY = 8
"""A table of cases is long from here on."""

settings.register_profile("quick", max_examples=QUICK, deadline=None, derandomize=True)
settings.register_profile("gate", max_examples=30, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "full", deadline=None, max_examples=10_000, suppress_health_check=[HealthCheck.too_slow]
)


def examples(number: int, quick: int = QUICK) -> int:
    """That many examples of a property, or terms of one, but no more than the quick tests take."""
    return min(number, quick) if settings().max_examples == QUICK else number


def slowly(*arguments: Any) -> Any:
    """One of the cases of a test, left to the gate."""
    return pytest.param(*arguments, marks=pytest.mark.slow)


def second_halves(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """The cases that the quick tests leave out: of each test with many, about half.

    Which ones depends on names alone, and not on their order, so that tests of one table take
    different halves of it, and each run takes the same.
    """
    tables: dict[str, list[pytest.Item]] = {}
    for item in items:
        tables.setdefault(item.nodeid.partition("[")[0], []).append(item)
    cases = [item for table in tables.values() if len(table) >= MANY for item in table]
    return {item for item in cases if crc32(item.nodeid.encode()) % 2}


def takes_examples(test: Any) -> bool:
    """Whether a test draws examples, itself or by what it calls: at full strength more."""
    pending, seen = [test], set[Any]()
    while pending:
        one = pending.pop()
        if one in (given, examples) or getattr(one, "is_hypothesis_test", False):
            return True
        if isinstance(one, FunctionType) and one not in seen:
            seen.add(one)
            if HERE in Path(one.__code__.co_filename).parents:
                used = map(one.__globals__.get, _names(one.__code__))
                pending += [x for x in used if isinstance(x, FunctionType)]
    return False


def _names(code: CodeType) -> Iterator[str]:
    """What a function reads, and the functions in it."""
    yield from code.co_names
    for x in code.co_consts:
        if isinstance(x, CodeType):
            yield from _names(x)
