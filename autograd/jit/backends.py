"""The table of backends, and what compiles a program.

A backend is a function `lower(program) -> Lowered` in a separate module, imported when it is first
needed, since it may import NumPy and LLVM; `lower_plan` does the same for a program that has been
lifted. Which one `"auto"` takes is said in `choose`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from math import isfinite
from typing import Any, NamedTuple, Protocol, cast

from autograd.extras import IN_BROWSER, missing
from autograd.jit.calls.warnings import warn_user
from autograd.jit.choose import choose, is_small
from autograd.jit.programs.loops import has_loops
from autograd.jit.programs.mapped import is_written_out, turn_by_turn
from autograd.jit.programs.program import Lowered, Program
from autograd.jit.programs.simplify import simplify
from autograd.jit.stages import timed
from autograd.modes import pause_gc


class Backend(NamedTuple):
    """A backend, by where it is.

    Attributes:
        module: the module with its `lower`.
        needs: the packages that it imports.
        extra: the extra of this distribution that installs them.
        is_quick: whether a small program is compiled in milliseconds.
    """

    module: str
    needs: tuple[str, ...] = ()
    extra: str = ""
    is_quick: bool = True

    @property
    def missing(self) -> list[str]:
        """The needed packages that are not installed."""
        return [name for name in self.needs if find_spec(name) is None]


BACKENDS = {
    "python": Backend("autograd.jit.python.lower_python"),
    "numpy": Backend("autograd.jit.arrays.lower_numpy", ("numpy",), "jit"),
    "native": Backend("autograd.jit.native.lower_native", ("numpy", "llvmlite"), "native"),
    "jax": Backend("autograd.jit.jax.lower_jax", ("jax", "numpy"), "jax", is_quick=False),
}

DTYPES = ("float64", "float32", "bfloat16")
"""The types of numbers that JAX computes with; the other backends have the first."""


def check_backend(name: str, owner: str = "") -> str:
    """The name, checked to be that of an installed backend, or `"auto"`.

    In a browser, where nothing can be installed for it, a warning says so, and it is `"python"`:
    a program that is shared runs there too.

    Args:
        name: the backend.
        owner: what needs it, for errors.

    Raises:
        ValueError: it is neither.
        ImportError: it needs a package that is not installed.
    """
    if name != "auto" and name not in BACKENDS:
        names = ", ".join(map(repr, ("auto", *BACKENDS)))
        raise ValueError(f"jit: backend must be one of {names}, got {name!r}")
    if name != "auto" and BACKENDS[name].missing:
        backend, owner = BACKENDS[name], owner or f"jit: backend {name!r}"
        if not IN_BROWSER or name == "jax":
            raise ImportError(missing(owner, backend.extra, backend.missing))
        warn_user(
            f"{owner} needs {' and '.join(backend.missing)}, which the browser's Python does not"
            " have; functions are compiled to straight-line Python"
        )
        return "python"
    return name


def lower(program: Program, backend: str, dtype: str = "float64") -> Lowered:
    """The program, compiled; to Python if a constant is not finite, on which array code relies.

    Args:
        program: what to compile.
        backend: by what; JAX compiles all of it.
        dtype: the type of numbers that JAX computes with.
    """
    if backend == "jax":
        return cast(Lowered, import_module(BACKENDS[backend].module).lower(program, dtype))
    if not all(map(isfinite, program.constants.values())):
        return _module("python").lower(program)
    if has_loops(program):
        return _lower_loops(program, backend)
    if backend != "auto":
        return _module(backend).lower(program)
    if is_small(program) or BACKENDS["numpy"].missing:
        return _module("python").lower(program)
    seconds: dict[str, float] = {}
    with pause_gc(), timed(seconds, "lift"):
        is_native = not BACKENDS["native"].missing
        plan = import_module("autograd.jit.arrays.lift").lift(program, for_machine_code=is_native)
    for chosen in choose(program, plan):
        if BACKENDS[chosen].missing:
            continue
        if chosen == "python":
            break
        try:
            return _module(chosen).lower_plan(program, plan, seconds)
        except (ImportError, OSError, RuntimeError):
            if chosen != "native":  # LLVM does not work here
                raise
    return _module("python").lower(program)


def _lower_loops(program: Program, backend: str) -> Lowered:
    """A program with loops: arrays of all turns, if these are few; else machine code or Python."""
    is_wanted = backend == "native" or (backend == "auto" and not is_small(program))
    wanted = ["native", "numpy"] if is_wanted else [backend] if backend == "numpy" else []
    chosen = next((name for name in wanted if not BACKENDS[name].missing), "python")
    if is_written_out(program, chosen):
        return lower(simplify(turn_by_turn(program)), backend)
    if chosen == "native":
        module: Any = import_module("autograd.jit.native.lower_loops")
        if module.can_lower(program):
            try:
                return cast(Lowered, module.lower(program))
            except (ImportError, OSError, RuntimeError):
                if backend == "native":  # LLVM does not work here
                    raise
    return _module("python").lower(program)


class _Compiler(Protocol):
    def lower(self, program: Program) -> Lowered: ...

    def lower_plan(self, program: Program, plan: Any, seconds: dict[str, float]) -> Lowered: ...


def _module(backend: str) -> _Compiler:
    return cast(_Compiler, import_module(BACKENDS[backend].module))
