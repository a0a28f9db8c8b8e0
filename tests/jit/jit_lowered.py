"""What is asked of a program that has been lowered to arrays, by each backend that does so."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.jit.arrays.executor import PlanLowered
from autograd.jit.arrays.lower_numpy import NumpyMachine
from autograd.jit.arrays.lower_numpy import lower as to_numpy
from autograd.jit.arrays.views import View, view_of
from autograd.jit.backends import BACKENDS
from autograd.jit.programs.program import Program

LOWERINGS = {"numpy": to_numpy}
if not BACKENDS["native"].missing:
    from autograd.jit.native.lower_native import lower as to_machine_code

    LOWERINGS["native"] = to_machine_code


def assert_agrees(
    program: Program, numbers: Sequence[float], tolerance: float = 1e-12
) -> PlanLowered:
    """The program lowered, after it and its source gave what `evaluate` gives.

    Up to the signs of zeros, which is what derivatives are held to.
    """
    program = replace(program, suspects=list(program.outputs))
    expected = np.array(program.evaluate(numbers))
    scale = np.abs(expected).max(initial=1e-300)
    for lower in LOWERINGS.values():
        lowered = lower(program)
        runs = [lowered.run(numbers), lowered.run(np.array(numbers)), run_source(lowered, numbers)]
        for found in runs:
            assert np.abs(np.array(found) - expected).max(initial=0.0) <= tolerance * scale
    return lowered


def run_source(lowered: PlanLowered, numbers: Sequence[float]) -> list[float]:
    """The outputs of the printed function: of the views that the text names, and no others."""
    machine = NumpyMachine(lowered.readable)
    text, given = lowered.source, machine.function.__globals__
    buffer = given["numbers"]

    def view(*numbers: Any) -> Any:
        return View(*numbers).on(buffer)

    own = {k for k, x in given.items() if isinstance(x, np.ndarray) and view_of(x, buffer)}
    own -= {"numbers"}
    namespace = {name: x for name, x in given.items() if name not in own}
    namespace["view"] = view
    exec(text, namespace)
    buffer[: len(numbers)] = numbers
    found: list[float] = namespace["run"]().tolist()
    return found
