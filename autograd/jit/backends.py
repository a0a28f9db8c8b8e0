"""Which backend compiles a program: the table of them, and the choice that `"auto"` makes.

A backend is a function `lower(program) -> Lowered` in a module of its own, imported when it is
first needed, since one of them imports NumPy.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import cast

from autograd.jit.program import Lowered, Program

BACKENDS = {"python": "autograd.jit.lower_python", "numpy": "autograd.jit.lower_numpy"}

LARGE = 400
"""From this many operations on arrays are faster than single numbers, and worth planning."""


def check_backend(backend: str) -> str:
    """The name of a backend, or `"auto"`.

    Raises:
        ValueError: it is neither.
    """
    if backend not in ("auto", *BACKENDS):
        raise ValueError(f"jit: backend must be 'auto', 'python' or 'numpy', got {backend!r}")
    return backend


def lower(program: Program, backend: str) -> Lowered:
    """The program, compiled."""
    if backend == "auto":
        large = len(program) - len(program.inputs) - len(program.constants) >= LARGE
        backend = "numpy" if large and find_spec("numpy") else "python"
    return cast(Lowered, import_module(BACKENDS[backend]).lower(program))
