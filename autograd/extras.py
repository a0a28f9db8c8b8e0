"""Packages that are not installed: which, what for, and how to install them.

Code that needs a third-party package reports through this file that it is missing. The remedy works
in a clone of this project, and without one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.util import find_spec
from types import TracebackType

from autograd.errors import RenderError

IN_BROWSER = sys.platform == "emscripten"  # Pyodide: there is no pip
DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # where pip's name is not the one to import


def remedy(extra: str, packages: Iterable[str]) -> str:
    """How to install the packages, which belong to an extra of this project.

    >>> remedy("demos", ["typer", "sklearn"])
    'pip install -e ".[demos]" in the clone of chainrule, or pip install typer scikit-learn'
    """
    names = " ".join(DISTRIBUTIONS.get(name, name) for name in packages)
    if IN_BROWSER:
        return f"what runs in a browser goes without; outside of it, pip install {names}"
    return f'pip install -e ".[{extra}]" in the clone of chainrule, or pip install {names}'


def missing(owner: str, extra: str, packages: Iterable[str]) -> str:
    """The message of an ImportError.

    Args:
        owner: what needs the packages.
        extra: the extra of this project that installs them.
        packages: their import names.

    >>> print(missing("jit: backend 'numpy'", "jit", ["numpy"]))
    jit: backend 'numpy' needs numpy, not installed here:
    pip install -e ".[jit]" in the clone of chainrule, or pip install numpy
    """
    names = list(packages)
    return f"{owner} needs {' and '.join(names)}, not installed here:\n{remedy(extra, names)}"


def explain_missing(owner: str, extra: str, packages: Iterable[str]) -> None:
    """If a missing package ends the program, print which, without a traceback.

    Where all of them are installed, this does nothing.
    """
    absent = [name for name in packages if find_spec(name) is None]
    if not absent:
        return
    before = sys.excepthook

    def explain(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        name = (getattr(error, "name", None) or "").partition(".")[0]
        if isinstance(error, ImportError) and name in absent:
            print(missing(owner, extra, [name]), file=sys.stderr)  # noqa: T201
        elif isinstance(error, RenderError):  # Graphviz is not a Python package
            print(error, file=sys.stderr)  # noqa: T201
        else:
            before(kind, error, trace)

    sys.excepthook = explain
