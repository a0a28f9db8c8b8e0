"""How hard the tests try: quick before each commit, at full strength in the gate.

| command | what it runs |
|---|---|
| `pytest` | what is not marked `slow`, `browser` or `peers`; 20 examples of each property |
| `pytest --full-strength` | everything; 30 examples of each property, or as many as it asks for |
| `pytest --hypothesis-profile=full` | the first, with 10,000 fresh examples of a property |
| `pytest --hypothesis-seed=7` | the first, or the second, with other examples |

Without a seed the examples of the first two are the same at each run. A test that is named on the
command line (`pytest tests/test_value.py::test_add`) runs, whatever its marks, and so does what
`-m` selects.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

MARKS = ("slow", "browser", "peers")
QUICK = 20

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
