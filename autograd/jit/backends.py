"""Which backend compiles a program: the table of them, and the choice that `"auto"` makes.

A backend is a function `lower(program) -> Lowered` in a module of its own, imported when it is
first needed, since one of them imports NumPy.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import cast

from autograd.jit.programs.program import Lowered, Program

BACKENDS = {"python": "autograd.jit.python.lower", "numpy": "autograd.jit.arrays.lower"}


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
        backend = "numpy" if suits_arrays(program) and find_spec("numpy") else "python"
    return cast(Lowered, import_module(BACKENDS[backend]).lower(program))


def suits_arrays(program: Program) -> bool:
    """Whether operations on arrays are faster than single numbers.

    Python takes about 8 ns for each operand of an operation. NumPy takes about 0.85 us for each
    level of the program, that is for operations which wait for those of the level below, and 8 us
    besides (measured for networks of many shapes, long sums and long chains).
    """
    operands = sum(map(len, program.operands))
    if operands <= 1000:
        return False
    levels = [0] * len(program)
    for node, nodes in enumerate(program.operands):
        if nodes:
            levels[node] = 1 + max([levels[i] for i in nodes])
    return operands > 100 * max(levels) + 1000
