"""The table of backends, and the choice that `"auto"` makes.

A backend is a function `lower(program) -> Lowered` in a separate module, imported when it is first
needed, since it may import NumPy and LLVM.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from math import isfinite
from typing import NamedTuple, cast

from autograd.extras import missing
from autograd.jit.programs.program import Lowered, Program
from autograd.jit.tuning import LEAST_FOR_ARRAYS, MOST_FOR_PYTHON, MOST_UNROLLED, OPERANDS_A_LEVEL


class Backend(NamedTuple):
    """A backend, by where it is.

    Attributes:
        module: the module with its `lower`.
        needs: the packages that it imports.
        extra: the extra of this distribution that installs them.
    """

    module: str
    needs: tuple[str, ...] = ()
    extra: str = ""

    @property
    def missing(self) -> list[str]:
        """The needed packages that are not installed."""
        return [name for name in self.needs if find_spec(name) is None]


BACKENDS = {
    "python": Backend("autograd.jit.python.lower_python"),
    "numpy": Backend("autograd.jit.arrays.lower_numpy", ("numpy",), "jit"),
    "native": Backend("autograd.jit.native.lower_native", ("numpy", "llvmlite"), "native"),
}


def check_backend(name: str) -> str:
    """The name, checked to be that of an installed backend, or `"auto"`.

    Raises:
        ValueError: it is neither.
        ImportError: it needs a package that is not installed.
    """
    if name != "auto" and name not in BACKENDS:
        names = ", ".join(map(repr, ("auto", *BACKENDS)))
        raise ValueError(f"jit: backend must be one of {names}, got {name!r}")
    if name != "auto" and BACKENDS[name].missing:
        backend = BACKENDS[name]
        raise ImportError(missing(f"jit: backend {name!r}", backend.extra, backend.missing))
    return name


def lower(program: Program, backend: str) -> Lowered:
    """The program, compiled; to Python if a constant is not finite, on which array code relies."""
    if not all(map(isfinite, program.constants.values())):
        return _lower(program, "python")
    if backend != "auto":
        return _lower(program, backend)
    chosen = choose(program)
    try:
        return _lower(program, chosen)
    except (ImportError, OSError, RuntimeError):
        if chosen != "native":
            raise
        return _lower(program, choose(program, has_native=False))  # LLVM does not work here


def _lower(program: Program, backend: str) -> Lowered:
    return cast(Lowered, import_module(BACKENDS[backend].module).lower(program))


def choose(program: Program, has_native: bool | None = None) -> str:
    """The fastest installed backend for a program.

    Long code without loops goes to Python, since LLVM would take long.

    Args:
        program: the program.
        has_native: whether machine code is available; `None` to find out.
    """
    if has_native is None:
        has_native = not BACKENDS["native"].missing
    operands = sum(map(len, program.operands))
    if operands <= MOST_FOR_PYTHON or BACKENDS["numpy"].missing:
        return "python"
    is_broad = suits_arrays(program, operands)
    if (is_broad or operands <= MOST_UNROLLED) and has_native:
        return "native"
    return "numpy" if is_broad else "python"


def suits_arrays(program: Program, operands: int) -> bool:
    """Whether operations on arrays are faster than on single numbers.

    Python's time grows with the operands. NumPy's grows with the depth of the program: the
    operations of one level wait for those of the level below.
    """
    if operands <= LEAST_FOR_ARRAYS:
        return False
    levels = [0] * len(program)
    for node, nodes in enumerate(program.operands):
        if nodes:
            levels[node] = 1 + max([levels[i] for i in nodes])
    return operands > OPERANDS_A_LEVEL * max(levels) + LEAST_FOR_ARRAYS
