"""Lowerings of a user's primitives, added to the tables of the backends.

Each backend has one table, from primitives to what it lowers them to: templates
(`python.templates`), kernels (`arrays.kernels`) and vector formulas (`native.formulas`). A
primitive without an entry is computed by its value rule, a call for each number. A lowering that is
another function would be wrong silently, so it is compiled and tried (`programs.trial`) first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.jit.backends import BACKENDS, check_backend, lower
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import PURE
from autograd.jit.programs.trial import said, trials
from autograd.jit.python.templates import PYTHON, known_template
from autograd.primitives.definition import Primitive


def register_lowering(operation: Any, backend: str, lowering: Any) -> None:
    """Say how a backend computes a primitive of yours, which it calls number by number otherwise.

    A `formula=` of the primitive is the first choice: one text for NumPy and machine code. A
    lowering is for what no formula says, such as a function of SciPy.

    Args:
        operation: the primitive, as `@primitive` returns it.
        backend: whose code it is for.
        lowering: for `"numpy"` a function of arrays: of one array for each operand, all of one
            dimension and one length, which it must not change; it returns an array of the results,
            each computed of its own operands. Machine code calls it too, unless it has a lowering.
            For `"python"` an expression, as text: operands are `a`, `b`, `c`, and functions those
            of `math` and built-in ones. For `"native"` a function of `Lanes`, numbers that are
            computed together (`autograd.jit.native.simd`): they have operators, `abs`, comparisons
            with `where`, LLVM's functions (`x.intrinsic("sqrt")`) and those of the C library
            (`x.each("j0")`). For `"jax"` a function of arrays of JAX, all of one shape, which JAX
            can trace.

    Raises:
        ValueError: the lowering differs from the value rule, beyond rounding or in the sign of a
            zero, at one of some ordinary and extreme operands; or it raises there, or does not
            where the value rule raises; or the primitive is built in, or has a formula.
        TypeError: there is no primitive, or no lowering.
        ImportError: the backend needs a package that is not installed.

    >>> import math
    >>> import numpy as np
    >>> from autograd import jit, primitive
    >>> from autograd.jit import register_lowering
    >>> @primitive(lambda g, out, x: g * math.log(3.0) * out)
    ... def power_of_three(x):
    ...     return 3.0**x
    >>> register_lowering(power_of_three, "numpy", lambda x: np.power(3.0, x))
    >>> register_lowering(power_of_three, "python", "3.0 ** a")
    >>> compiled = jit(lambda xs: [power_of_three(x) for x in xs], backend="numpy")
    >>> compiled([1.0, 2.0, 3.0, 4.0])
    [3.0, 9.0, 27.0, 81.0]
    """
    made: Any = getattr(operation, "primitive", operation)
    if not isinstance(made, Primitive):
        raise TypeError(f"register_lowering: {operation!r} is no primitive (see `primitive`)")
    if check_backend(backend) == "auto":
        raise ValueError(f"register_lowering: say which backend: {', '.join(BACKENDS)}")
    for is_so, problem in (
        (made in PURE, "is built in; define a primitive"),
        (made.arity is None, "takes any number of operands; give it a formula"),
        (made.formula and backend != "python", "has a formula, which other backends compute"),
    ):
        if is_so:
            raise ValueError(f"register_lowering: {made.name} {problem}")
    kind: Any
    kind, wanted = (str, "text") if backend == "python" else (Callable, "a function")
    if not isinstance(lowering, kind):
        raise TypeError(f"register_lowering: {backend} needs {wanted}, got {lowering!r}")
    entries = _entries(made, backend, lowering)
    before = [(table, table.get(made)) for table, _ in entries]
    try:
        for table, entry in entries:
            table[made] = entry
        why = difference(made, backend)
        if why:
            raise ValueError(f"register_lowering: the {backend} lowering of {made.name} {why}")
    except BaseException:
        for table, entry in before:
            table.pop(made, None)
            if entry is not None:
                table[made] = entry
        raise


def _entries(
    made: Primitive, backend: str, lowering: Any
) -> list[tuple[dict[Primitive, Any], object]]:
    """The tables, and what is entered there."""
    if backend == "python":
        return [(PYTHON, known_template(lowering, made))]
    if backend == "jax":
        from autograd.jit.jax import lax_table

        return [(lax_table.JAX, lax_table.of_arrays(lowering, made))]
    from autograd.jit.arrays.kernels import NUMPY, number_by_number, of_arrays

    if backend == "numpy":
        return [(NUMPY, of_arrays(lowering, made))]
    from autograd.jit.native.formulas import NATIVE, of_lanes

    lifted = [] if made in NUMPY else [(NUMPY, number_by_number(made))]  # else it is not lifted
    return [(NATIVE, of_lanes(lowering)), *lifted]


def difference(made: Primitive, backend: str, relative: float = 1e-12) -> str | None:
    """How compiled code differs from a value rule: in each trial, beside all of the ordinary ones.

    So a function of arrays that mixes their numbers is found too.
    """
    count = made.arity or 0
    try:
        tried = trials(made, count)
    except ValueError as error:
        return str(error)
    if backend == "jax":  # XLA counts what is below the normal range as 0
        tried = [trial for trial in tried if not trial.is_subnormal]
    ordinary = [trial for trial in tried if trial.is_ordinary]
    program = Program()
    for k in range(1 + len(ordinary)):
        operands = [program.input(f"x{i}[{k}]") for i in range(count)]
        program.outputs.append(program.apply(made, *operands))
    try:
        lowered = lower(program, backend)
    except (AttributeError, TypeError) as error:
        return said(error)
    found: Sequence[Any]
    for trial in tried:
        beside = [trial, *ordinary]
        try:
            found = lowered.run([x for one in beside for x in one.at])
        except (ArithmeticError, ValueError) as error:
            found = [error]  # of the first
        except Exception as error:
            return f"{said(error)} at {trial.at}"
        for one, number in zip(beside, found, strict=False):
            why = one.difference(number, relative)
            if why:
                return why
    return None
