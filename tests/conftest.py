"""Hypothesis: the same examples at each run in CI, fresh ones at a developer's desk.

There is a third profile, `full`, with 10,000 fresh examples for each property. It is chosen by
`pytest --hypothesis-profile=full`, or by the environment variable `HYPOTHESIS_PROFILE`, for those
tests that are worth the hours: `pytest tests/jit/test_random_programs.py` above all.
"""

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "full", deadline=None, max_examples=10_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "desk")
)

collect_ignore_glob = ["**/conftest.py"]  # they hold no doctests, and all have the same name


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C is what it is at a terminal: who started the tests may have set it to be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector need not go through it again."""
    gc.collect()
    gc.freeze()
