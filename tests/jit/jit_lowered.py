"""What is asked of a program that has been lowered to NumPy."""

from collections.abc import Sequence

import numpy as np

from autograd.jit.arrays.lower import NumpyLowered, lower
from autograd.jit.arrays.source import render
from autograd.jit.programs.program import Program


def assert_agrees(
    program: Program, numbers: Sequence[float], tolerance: float = 1e-12
) -> NumpyLowered:
    """The program lowered, after it and its source gave what `evaluate` gives."""
    expected = np.array(program.evaluate(numbers))
    lowered = lower(program)
    scale = np.abs(expected).max(initial=1e-300)
    runs = [lowered.run(numbers), lowered.run(np.array(numbers)), run_source(lowered, numbers)]
    for found in runs:
        assert np.abs(np.array(found) - expected).max(initial=0.0) <= tolerance * scale
    return lowered


def run_source(lowered: NumpyLowered, numbers: Sequence[float]) -> list[float]:
    """The outputs of the printed function."""
    source = render(lowered.plan)
    namespace = dict(source.namespace)
    exec(source.text, namespace)
    returned = namespace["run"](np.array(numbers))
    returned = returned if isinstance(returned, tuple) else (returned,)
    return [float(np.ravel(returned[place])[index]) for place, index in source.outputs]
