"""The npm package of Pyodide, for tests that run Python as a browser does: nothing is fetched here.

`npm pack pyodide@314.0.7`, unpacked, has it in the folder `package`, which the environment variable
CHAINRULE_PYODIDE names. The gate fetches it where npm can be reached.
"""

import os
import shutil
from pathlib import Path

import pytest

VARIABLE = "CHAINRULE_PYODIDE"


def pyodide_package() -> Path:
    """The folder of the package; a test that needs it is skipped where there is none."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"{VARIABLE} does not name the folder of the npm package pyodide, unpacked")
    return Path(named)


def node() -> str:
    """The path of Node."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("there is no node on the PATH (Debian: nodejs)")
    return path
