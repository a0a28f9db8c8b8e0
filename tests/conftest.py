"""Hypothesis: the same examples at each run in CI, fresh ones at a developer's desk."""

import os

from hypothesis import settings

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

collect_ignore_glob = ["**/conftest.py"]  # they hold no doctests, and all have the same name
