"""What is asked of a program that has been lowered to arrays, by each backend that does so."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd.jit.arrays.executor import PlanLowered
from autograd.jit.arrays.lower_numpy import lower as to_numpy
from autograd.jit.arrays.source import render
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
    """The outputs of the printed function."""
    source = render(lowered.plan)
    namespace = dict(source.namespace)
    exec(source.text, namespace)
    returned = namespace["run"](np.array(numbers))
    returned = returned if isinstance(returned, tuple) else (returned,)
    return [float(np.ravel(returned[place])[index]) for place, index in source.outputs]
